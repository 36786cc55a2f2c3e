/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sum_policy_store.h - what the sums in the database were made with (loyalty.sum_policy):
 * half-lives and weights. Sums of two policies cannot be added up.
 */
#ifndef TROTH_LOYALTY_SUM_POLICY_STORE_H
#define TROTH_LOYALTY_SUM_POLICY_STORE_H

#include "common/base/err.h"
#include "common/runtime/db.h"
#include "services/loyalty/score_policy.h"

#define SUM_POLICY_SETS 2 /* sets of rows of a reply */

/* In a batch, before it reads anything: queues the writing of ours where there is none, and the
 * comparison. Another process, or a start-over, may have written another one since we started. */
void sum_policy_store_hold(struct db *db, const struct score_policy *policy);

/* rows: the first set of the above. Returns 0, or -1 with err saying what differs and what to do.
 */
MUST_CHECK int sum_policy_store_take(const struct db_rows *const *rows, struct err *err);

/* At the start: waits for a connection and compares; writes nothing. Returns 0, or -1 with err. */
MUST_CHECK int sum_policy_store_check(struct db_pool *pool, int64_t timeout_us,
                                      const struct score_policy *policy, struct err *err);

#endif
