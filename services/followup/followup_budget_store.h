/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_budget_store.h - how often a person and a number were tried, by day (UTC).
 *
 * A person is counted under the number of the customer that a merge left over, a telephone number
 * or address under its handle, each in the bucket of its own low byte. Counting up locks the row
 * of the day until the end of the transaction, and what is counted then is read after that lock:
 * so two schedulers cannot both take the last place.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_BUDGET_STORE_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_BUDGET_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/domain/rulebook.h"
#include "common/runtime/db.h"

enum followup_budget_kind {
    FOLLOWUP_BUDGET_PERSON = 1,
    FOLLOWUP_BUDGET_NUMBER,
};

/* One order of a batch. */
struct followup_budget_order {
    int64_t person;
    int64_t handle; /* of the number or address that is used; 0: not known, not counted */
    int64_t at_us;  /* when it was ordered (business time): the day on which it counts */
};

bool followup_budget_is_limited(const struct rulebook_limits *limits);

/* Queues one statement without rows: counts each of these orders up on its day, or down again
 * (is_taken_back). Subjects are locked in one order. */
void followup_budget_store_put_count(struct db *db, const struct followup_budget_order *orders,
                                     size_t count, bool is_taken_back);

/* Queues one statement: what is counted by now_us of the persons and handles of these orders. */
void followup_budget_store_put_read(struct db *db, const struct followup_budget_order *orders,
                                    size_t count, int64_t now_us);

/* The orders, which are counted already, with the rows of that statement: ret_may[i] is whether
 * the i-th is within the limits, where the earlier ones go first. */
void followup_budget_store_get(const struct db_rows *r, const struct rulebook_limits *limits,
                               const struct followup_budget_order *orders, size_t count,
                               bool *ret_may);

#endif
