/* SPDX-License-Identifier: Apache-2.0 */
/* loyalty_sweep_store.h - which customers have to be looked at though no event of theirs came. */
#ifndef TROTH_LOYALTY_SWEEP_STORE_H
#define TROTH_LOYALTY_SWEEP_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "common/runtime/db.h"

/* Queues the question for customers of these buckets (int2) whose instant has come or whom somebody
 * asked to be looked at, at most limit of each; two sets of rows with one number each. */
void loyalty_sweep_store_ask_due(struct db *db, const struct db_array *buckets, int64_t now_us,
                                 int64_t limit);

/* Queues the question for customers of a bucket whose score was made with other fits, after a
 * number, in the order of the numbers; one set of rows with one number each. */
void loyalty_sweep_store_ask_outdated(struct db *db, int16_t bucket, int64_t after, int64_t fit_id,
                                      int64_t limit);

/* In the transaction that looks at them, before it reads: their wishes are fulfilled. No set of
 * rows. customers: int8, buckets: int2. */
void loyalty_sweep_store_take_requests(struct db *db, const struct db_array *buckets,
                                       const struct db_array *customers);

#endif
