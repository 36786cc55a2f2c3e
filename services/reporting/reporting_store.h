/* SPDX-License-Identifier: Apache-2.0 */
/* reporting_store.h - the zone whose days are counted, the window of returns, and how a batch of
 * events begins. */
#ifndef TROTH_REPORTING_REPORTING_STORE_H
#define TROTH_REPORTING_REPORTING_STORE_H

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/runtime/db.h"

/* Waits for the answer: start-up only. Fails with code "time_zone_unknown" when PostgreSQL does not
 * know the zone, and with "time_zone_differs" or "return_window_differs" when figures stand there
 * that were folded with another. */
MUST_CHECK int reporting_store_check_zone(struct db_pool *pool, const char *time_zone,
                                          int64_t return_window_us, int64_t timeout_us,
                                          struct err *err);

/* Queues how the planner is to read the few rows that a batch names by key; no set of rows. */
void reporting_store_plan(struct db *db);

/* Queues that both are written with the first batch, also after a start-over, and that the batch
 * fails when another one stands there: two sets of rows. After the reading of what was looked at:
 * tables are taken in the order of reporting.start_over(). */
void reporting_store_put_zone(struct db *db, const char *time_zone, int64_t return_window_us);

#endif
