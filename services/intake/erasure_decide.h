/* SPDX-License-Identifier: Apache-2.0 */
/*
 * erasure_decide.h - being forgotten: who goes, and what may still be said about who has gone.
 * Pure.
 *
 * An erasure is decided in a work of its own (intake_batch.c), in which everybody who is the same
 * person was read (erasure_read_store.h). What it removes is said by intake.erase_rows().
 */
#ifndef TROTH_INTAKE_ERASURE_DECIDE_H
#define TROTH_INTAKE_ERASURE_DECIDE_H

#include <stdbool.h>

#include "common/base/compiler.h"
#include "services/intake/intake_decide.h"

/* The customer was erased: read, and without a key. */
bool erasure_is_erased(const struct intake_work *w, int64_t customer);

/* How many of these records may be decided in one work: an erasure is a part of its own. */
size_t erasure_part(struct intake_record *const *records, size_t count);

/* Whether r says something new about who was erased, and names them by a number. What was done
 * about a case, and taking back, goes on: so that what is open can be ended. */
bool erasure_refuses(struct intake_work *w, const struct intake_record *r, struct err *err);

/* c says that calls are welcome: a wish that was kept of somebody erased who had the same number or
 * address ends. */
void erasure_allow_calls(struct intake_work *w, const struct work_customer *c);

/* Returns 0, or -1 with customer_unknown or customer_erased and no effect. */
MUST_CHECK int erasure_decide(struct intake_work *w, const struct intake_record *r,
                              struct intake_outcome *ret_outcome, struct err *err);

#endif
