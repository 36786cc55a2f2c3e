/* SPDX-License-Identifier: Apache-2.0 */
/*
 * score_policy.h - what is policy about a score, not science: how long things count, what they
 * weigh, where tiers begin. Filled from the settings; each has a default that is documented there.
 */
#ifndef TROTH_LOYALTY_SCORE_POLICY_H
#define TROTH_LOYALTY_SCORE_POLICY_H

#include <stdint.h>

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "services/loyalty/measure.h"

enum tier {
    TIER_BRONZE = 1,
    TIER_SILVER,
    TIER_GOLD,
    TIER_END
};

enum churn_level {
    CHURN_LOW = 1,
    CHURN_RAISED,
    CHURN_HIGH,
    CHURN_END
};

/* Sums are made with the first five: who changes those has to make all sums again
 * (loyalty.start_over()). The others count from the next look at a customer on. */
struct score_policy {
    double half_life_us[MEASURE_END];
    double
        broken_weight;  /* a broken promise weighs that much more than a kept one: 2.25 (loss
                           aversion: A. Tversky, D. Kahneman, Advances in Prospect Theory, 1992) */
    double word_weight; /* a promise on which the customer gave a word weighs that much more: 2 */
    double cause_weight[4]; /* of a break, by BreakCause; [0]: not explained, 1 */
    double late_zero;       /* kept late by this share of the time given: half kept, half broken */
    double tier_from[TIER_END];   /* index at which a tier begins; bronze 0 */
    double tier_slack;            /* a tier is lost this far below its beginning */
    double churn_from[CHURN_END]; /* probability at which a level begins; low 0 */
    double churn_slack;
    double trust_broken_below; /* trust broken: the expectation fell below it */
    double trust_slack;        /* it is whole again this far above that */
};

/* The defaults: 4 years for overall satisfaction, 2 for the process, 10 % left; recent: 90 days. */
extern const struct score_policy score_policy_default;

/* Half-lives (microseconds, rounded to whole ones, so that SQL can use the same) of all measures:
 * overall is what a customer thinks of the company (trust, CSAT about no case, NPS, purchases),
 * process how single cases went (experience, effort, gaps, complaints, breaks), recent the recent
 * mood. */
void score_policy_set_half_lives(struct score_policy *policy, double overall_us, double process_us,
                                 double recent_us);

const char *tier_name(enum tier t);               /* "bronze", "silver", "gold" */
const char *churn_level_name(enum churn_level l); /* "low", "raised", "high" */

#endif
