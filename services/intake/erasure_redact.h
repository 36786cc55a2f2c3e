/* SPDX-License-Identifier: Apache-2.0 */
/*
 * erasure_redact.h - takes out of an event of the log what identifies its customer. Pure.
 *
 * What is left says in Event.commitment what the tamper-evident record holds of it as it was, so
 * that its leaf can still be made (common/audit/audit_leaf.h). Facts stay: counts and figures that
 * are made from the log anew are the same.
 */
#ifndef TROTH_INTAKE_ERASURE_REDACT_H
#define TROTH_INTAKE_ERASURE_REDACT_H

#include "common/audit/audit_leaf.h"
#include "common/base/arena.h"

/* The kinds that hold something of the kind, as in SQL: IN (...). */
#define ERASURE_REDACT_KINDS "'customer_changed', 'device_signalled'"

/* The new body, in the arena; data NULL: nothing has to be taken out, or it cannot be read. key:
 * NULL: nothing is recorded, and there is nothing to commit to. */
struct bytes erasure_redact(const struct audit_event *e, const struct audit_key *key,
                            struct arena *arena);

#endif
