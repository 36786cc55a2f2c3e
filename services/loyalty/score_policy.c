/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/score_policy.h"

#include <math.h>

#include "intake.pb-c.h"

/* 4 and 2 years / log2(10): after them 10 % are left (decay.h). 90 days. In whole microseconds. */
#define OVERALL_US 37999136764663.0
#define PROCESS_US 18999568382331.0
#define RECENT_US  7776000000000.0

const struct score_policy score_policy_default = {
    .half_life_us =
        {
                       [MEASURE_TRUST] = OVERALL_US,
                       [MEASURE_LATE] = PROCESS_US,
                       [MEASURE_BROKEN] = PROCESS_US,
                       [MEASURE_SATISFACTION] = OVERALL_US,
                       [MEASURE_EXPERIENCE] = PROCESS_US,
                       [MEASURE_RECOMMENDATION] = OVERALL_US,
                       [MEASURE_PROMOTERS] = OVERALL_US,
                       [MEASURE_DETRACTORS] = OVERALL_US,
                       [MEASURE_EFFORT] = PROCESS_US,
                       [MEASURE_GAP_TANGIBLES] = PROCESS_US,
                       [MEASURE_GAP_RELIABILITY] = PROCESS_US,
                       [MEASURE_GAP_RESPONSIVENESS] = PROCESS_US,
                       [MEASURE_GAP_ASSURANCE] = PROCESS_US,
                       [MEASURE_GAP_EMPATHY] = PROCESS_US,
                       [MEASURE_COMPLAINTS] = PROCESS_US,
                       [MEASURE_RECENT] = RECENT_US,
                       [MEASURE_PURCHASES] = OVERALL_US,
                       [MEASURE_REFUNDS] = OVERALL_US,
                       },
    .broken_weight = 2.25,
    .word_weight = 2,
    .cause_weight =
        {
                       [TROTH__V1__BREAK_CAUSE__BREAK_CAUSE_UNSPECIFIED] = 1,
                       [TROTH__V1__BREAK_CAUSE__BREAK_CAUSE_WOULD_NOT] = 1,
                       [TROTH__V1__BREAK_CAUSE__BREAK_CAUSE_COULD_NOT] = 0.5,
                       [TROTH__V1__BREAK_CAUSE__BREAK_CAUSE_UNDERSTOOD_DIFFERENTLY] = 0.75,
                       },
    .late_zero = 1,
    .tier_from = {[TIER_SILVER] = 60,     [TIER_GOLD] = 75     },
    .tier_slack = 5,
    .churn_from = {[CHURN_RAISED] = 0.3, [CHURN_HIGH] = 0.6},
    .churn_slack = 0.05,
    .trust_broken_below = 0.4,
    .trust_slack = 0.05,
};

/* What a measure belongs to is said by its default. */
static double half_life_of(double usual_us, double overall_us, double process_us, double recent_us)
{
    return usual_us == OVERALL_US ? overall_us : usual_us == RECENT_US ? recent_us : process_us;
}

void score_policy_set_half_lives(struct score_policy *policy, double overall_us, double process_us,
                                 double recent_us)
{
    for (size_t m = 1; m < MEASURE_END; m++) {
        policy->half_life_us[m] = round(
            half_life_of(score_policy_default.half_life_us[m], overall_us, process_us, recent_us));
    }
}

const char *tier_name(enum tier t)
{
    static const char *const names[TIER_END] = {"", "bronze", "silver", "gold"};

    return names[t];
}

const char *churn_level_name(enum churn_level l)
{
    static const char *const names[CHURN_END] = {"", "low", "raised", "high"};

    return names[l];
}
