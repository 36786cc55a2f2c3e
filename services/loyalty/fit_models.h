/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fit_models.h - fits the models of purchases and the averages to what the company has seen. Pure.
 *
 * A fit is put in force when it converged and was made on enough: FIT_BUYERS_MIN customers who
 * bought (FIT_REPEAT_MIN of them on more than one day for `purchases`), FIT_ANSWERS_MIN answers of
 * one kind for `averages` (a kind with fewer keeps the middle of its scale). Else it is stored with
 * the reason, and what counts instead is said by fit_fallback().
 *
 * Customers who are one person by a merge count as those they were.
 */
#ifndef TROTH_LOYALTY_FIT_MODELS_H
#define TROTH_LOYALTY_FIT_MODELS_H

#include "services/loyalty/fit_buyers.h"
#include "services/loyalty/fit_row.h"
#include "services/loyalty/measure.h"

enum {
    FIT_BUYERS_MIN = 100,
    FIT_REPEAT_MIN = 30,
    FIT_HELD_DAYS_MIN = 7, /* of held history; with less there is no comparison */
    FIT_ANSWERS_MIN = 30,
};

/*
 * BG/NBD in days. First fitted on the history before its last quarter; what it expects of each
 * customer in that quarter stands beside what came, then it is fitted on everything. Errors:
 * held_days, held_customers, expected_mean, actual_mean (purchases of a customer), mean_error
 * (expected less actual), mean_absolute_error, correlation.
 */
struct fit_row fit_purchases(const struct buyers *buyers, const struct fit_span *span);

/* Gamma-Gamma on the spend per day with a purchase, of those who bought in that currency alone. No
 * errors. */
struct fit_row fit_spend(const struct buyers *buyers, const struct fit_span *span,
                         const char *currency);

/* Bounds of the quintiles of recency (days), frequency (days with a purchase) and money: all that
 * was spent, refunds taken off, by those who bought in that currency alone. */
struct fit_row fit_rfm(const struct buyers *buyers, const struct fit_span *span,
                       const char *currency);

/* Means of all customers from the sums of their sums; all faded alike. */
struct fit_row fit_averages(const struct measure_sum sums[static MEASURE_END], int64_t now_us);

#endif
