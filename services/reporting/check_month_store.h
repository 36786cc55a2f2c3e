/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_month_store.h - are the monthly rows the sum of the daily ones: counts, sums and histograms
 * of every measure and value. Of each branch the part with few values, over all branches both.
 *
 * Each month once, by its first day, whatever days of it the slices have.
 *
 * Compared by a checksum that is linear: of each number times a hash of what it is of, added up.
 */
#ifndef TROTH_REPORTING_CHECK_MONTH_STORE_H
#define TROTH_REPORTING_CHECK_MONTH_STORE_H

#include "common/runtime/db.h"
#include "services/reporting/check_compare.h"
#include "services/reporting/check_facts_store.h"

/* Queues one set of rows of the lane and sheet: those of the months that the days are of, and none
 * of the days of the slices before. */
void check_month_ask(struct db *db, const struct check_slice *slice);
void check_month_take(const struct db_rows *rows, const struct check_slice *slice,
                      struct check_compare *to);

#endif
