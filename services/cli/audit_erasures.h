/* SPDX-License-Identifier: Apache-2.0 */
/* audit_erasures.h - events of the record from which something was taken out: by an erasure that is
 * on record, or by somebody who hides an edit. */
#ifndef TROTH_SERVICES_CLI_AUDIT_ERASURES_H
#define TROTH_SERVICES_CLI_AUDIT_ERASURES_H

#include "common/audit/audit_check.h"
#include "common/audit/audit_redacted.h"
#include "common/runtime/db.h"

/* Each event of the record. */
void audit_erasures_note(struct audit_redacted *r, const struct audit_event *e);
/* Tells the check of what no erasure explains (event_redacted). One that is in the log and not yet
 * in the record explains it too: both were written at once. */
MUST_CHECK int audit_erasures_check(struct db *db, struct audit_redacted *r,
                                    struct audit_check *check, struct err *err);

#endif
