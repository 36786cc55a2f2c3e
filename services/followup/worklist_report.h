/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worklist_report.h - what people say about the conversations they took: a report becomes a fate
 * like that of any dialer, and its sender is told what became of it after COMMIT.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_WORKLIST_REPORT_H
#define TROTH_SERVICES_FOLLOWUP_WORKLIST_REPORT_H

#include "common/runtime/bus.h"
#include "dialer.pb-c.h"
#include "services/followup/followup_fates.h"

struct followup;

/* Takes a report; answers it at once where it is wrong. */
void worklist_report(struct followup *f, struct bus_socket *s, const struct bus_message *m,
                     const Troth__V1__WorklistReport *report);

/* Ends the wait of whoever reported that fate, if anybody did: with its code and text, which are
 * empty when it was done, */
void worklist_report_done(struct followup_fate *fate);
/* or with these. */
void worklist_report_fail(struct followup_fate *fate, const char *code, const char *text);

#endif
