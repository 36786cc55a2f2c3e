/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit_absent.h - places of the record that have no event: removed on purpose, by a signed
 * statement, or taken away.
 *
 * Old events may be removed while a verification goes on, so places that no statement explains are
 * kept until the end, and the statements are read once more.
 */
#ifndef TROTH_SERVICES_CLI_AUDIT_ABSENT_H
#define TROTH_SERVICES_CLI_AUDIT_ABSENT_H

#include "common/audit/audit_check.h"
#include "common/runtime/db.h"

struct audit_absent;

/* check: borrowed; of the same key. */
struct audit_absent *audit_absent_new(struct audit_check *check, const struct audit_key *key);
void audit_absent_free(struct audit_absent *a); /* NULL is fine */

/* Reads the statements; before the first place. Those that are not to be believed are faults
 * (removal_changed). Returns 0, or -1 with err: they could not be read. */
MUST_CHECK int audit_absent_begin(struct audit_absent *a, struct db *db, struct err *err);
/* The next place of the check has no event. */
void audit_absent_add(struct audit_absent *a, const struct audit_place *place);
/* After the last place: what nothing explains is a fault (event_deleted). ret_removed: events that
 * were removed on purpose. Returns 0, or -1 with err as above. */
MUST_CHECK int audit_absent_end(struct audit_absent *a, struct db *db, uint64_t *ret_removed,
                                struct err *err);

#endif
