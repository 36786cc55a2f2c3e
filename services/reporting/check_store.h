/* SPDX-License-Identifier: Apache-2.0 */
/* check_store.h - what was compared, and what was different. */
#ifndef TROTH_REPORTING_CHECK_STORE_H
#define TROTH_REPORTING_CHECK_STORE_H

#include <stdint.h>

#include "common/runtime/db.h"
#include "services/reporting/check_compare.h"
#include "services/reporting/night_task.h"

/* What is compared, in this order; no day twice. */
struct check_days {
    const struct night_range *parts;
    size_t count;
};

/* Queues which days before that one are different: a set of rows of day, at most so many. */
void check_store_ask_older(struct db *db, int64_t before, int most);

/* Replaces the differences of these days and their months, and writes that they were checked. Sets
 * of rows: those that are new (day, figure, branch, counted, facts), and how many there are of all
 * days. */
enum {
    CHECK_STORE_ADDED = 1,
    CHECK_STORE_TOTAL = 3,
};
void check_store_put(struct db *db, const struct check_compare *c, const struct check_days *checked,
                     int64_t now_us);

#endif
