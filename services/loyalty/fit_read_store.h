/* SPDX-License-Identifier: Apache-2.0 */
/* fit_read_store.h - what the jobs fit-models and train-churn read: each question is about one
 * bucket, and about some customers of it where there are many rows for each. */
#ifndef TROTH_LOYALTY_FIT_READ_STORE_H
#define TROTH_LOYALTY_FIT_READ_STORE_H

#include <stdint.h>

#include "common/runtime/db.h"
#include "services/loyalty/fit_buyers.h"
#include "services/loyalty/measure.h"

/* Customers of a bucket with numbers above after and not above upto. */
struct fit_slice {
    int16_t bucket;
    int64_t after, upto;
    int64_t customers; /* how many of them to take at most */
};

/* One row with upto of a slice that holds so many customers; none: they are all that are left. */
void fit_read_bound(struct db *db, const struct fit_slice *slice);

/* By currency: its name, how many customers bought in it, the first purchase of them. */
void fit_read_currencies(struct db *db, int16_t bucket);

struct fit_buyers_question {
    const struct fit_slice *slice;
    const struct fit_span *span;
    const char *currency;
};
void fit_read_buyers(struct db *db, const struct fit_buyers_question *q);
void fit_read_take_buyer(const struct db_rows *rows, size_t row, struct buyer_history *ret);

/* By measure: the sums of all sums. */
void fit_read_sums(struct db *db, int16_t bucket);
void fit_read_take_sum(const struct db_rows *rows, size_t row,
                       struct measure_sum to[static MEASURE_END]);

/* Every version of everything, in the order of evidence_compare_things(), then
 * version: rows for evidence_store_take(), from column 0 on. */
void fit_read_evidence(struct db *db, const struct fit_slice *slice);

/* Contacts of a bucket after an instant, by customer and time: the last of each customer in each
 * stretch of so many days. */
void fit_read_contacts(struct db *db, int16_t bucket, int64_t after_us, int64_t stretch_days);

#endif
