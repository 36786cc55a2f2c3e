/* SPDX-License-Identifier: Apache-2.0 */
/* followup_worklist.h - answers which follow-ups there are: for people, the command line and
 * reporting. */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_WORKLIST_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_WORKLIST_H

#include "common/base/compiler.h"
#include "common/runtime/inquiry.h"
#include "dialer.pb-c.h"

/* Answers later. Returns 0, or -1 when too many are open already. */
MUST_CHECK int followup_worklist_ask(struct inquiry_desk *desk, struct bus_socket *s,
                                     const struct bus_message *m,
                                     const Troth__V1__WorklistRequest *request);

#endif
