/* SPDX-License-Identifier: Apache-2.0 */
/* check_store.h - what was compared, and what was different. */
#ifndef TROTH_REPORTING_CHECK_STORE_H
#define TROTH_REPORTING_CHECK_STORE_H

#include <stdint.h>

#include "common/runtime/db.h"
#include "services/reporting/check_compare.h"
#include "services/reporting/night_task.h"

/* The oldest day that is different; usual when there is none. */
void check_store_ask_oldest(struct db *db);
int64_t check_store_take_oldest(const struct db_rows *rows, int64_t usual);

/* Replaces the differences of these days and writes that they were checked. Sets of rows: those
 * that are new (day, figure, branch, counted, facts), and how many there are of all days. */
enum {
    CHECK_STORE_ADDED = 1,
    CHECK_STORE_TOTAL = 3,
};
void check_store_put(struct db *db, const struct check_compare *c, const struct night_range *range,
                     int64_t now_us);

#endif
