/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit_task.h - grows the Merkle tree over intake's events, signs its root, and copies what it
 * signed to where the database's operator cannot change it.
 *
 * One process at a time does it (lease audit/intake/0), beside the records: no record waits for it,
 * and what it has not seen yet stands in log.event. It looks each second, reads up to 2,048 events
 * behind its cursors (consumer intake.audit), and writes where they stand in the tree, the tiles
 * that changed and the cursors in one transaction.
 *
 * It signs nothing that contradicts the newest head, or the last one of a copy: then the database
 * was changed, or is an older one. That is logged as audit_inconsistent each time a head is due.
 */
#ifndef TROTH_INTAKE_AUDIT_TASK_H
#define TROTH_INTAKE_AUDIT_TASK_H

#include <stdbool.h>

#include "common/base/err.h"

struct audit_key;
struct intake;
struct audit_task;

/* NULL with err: code setting_invalid, audit_key_unreadable or audit_key_invalid. Without the
 * setting audit_key_file there is a task that does nothing. */
struct audit_task *audit_task_new(struct intake *in, struct err *err);
void audit_task_free(struct audit_task *t); /* NULL is fine */

/* Reads the key's file again before the next round: a key that was added to it signs from then on.
 * A file that cannot be read, or is of another record, changes nothing and is logged. */
void audit_task_reload(struct audit_task *t);

/* Gives the lease back; no further round is begun. NULL is fine. */
void audit_task_drain(struct audit_task *t);
bool audit_task_is_idle(const struct audit_task *t);

/* NULL: without the setting. Borrowed. */
const struct audit_key *audit_task_key(const struct audit_task *t);

#endif
