/* SPDX-License-Identifier: Apache-2.0 */
/*
 * churn_history.h - what was known of a customer at past dates, and who left after them: what the
 * churn model learns from. Pure.
 *
 * The dates are a quarter (91 days) apart; the last is CHURN_HORIZON_DAYS ago, so that of each it
 * is known what came. A customer is observed who was heard of in the 52 weeks before the date, and
 * left if there was no purchase, answer, word or contact within the horizon after it.
 */
#ifndef TROTH_LOYALTY_CHURN_HISTORY_H
#define TROTH_LOYALTY_CHURN_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "services/loyalty/account_at.h"
#include "services/loyalty/churn_model.h"

#define CHURN_STEP_DAYS 91
#define CHURN_DATES_MAX 12 /* three years */

struct churn_dates {
    int64_t at_us[CHURN_DATES_MAX]; /* the oldest first */
    int64_t after_us;               /* contacts before this matter to none of them */
};
struct churn_dates churn_dates_of(int64_t now_us);

struct churn_observation {
    float features[CHURN_FEATURE_COUNT];
    uint8_t part; /* of 5, by customer: what is learned from, calibrated on and told is not mixed */
    bool has_left;
};

/* Borrowed. Of contacts the last one in each step after dates.after_us is enough. */
struct churn_person {
    int64_t customer;
    const struct evidence *rows; /* as for account_at() */
    size_t row_count;
    const int64_t *contacts_us;
    size_t contact_count;
};

struct churn_observer {
    struct account_builder *builder;
    const struct score_policy *policy;
    const struct fit_set *fits; /* without a churn model */
    const struct churn_dates *dates;
};

/* Returns how many dates the customer was observed at. */
size_t churn_observe(const struct churn_observer *o, const struct churn_person *person,
                     struct churn_observation ret[static CHURN_DATES_MAX]);

#endif
