/* SPDX-License-Identifier: Apache-2.0 */
/* loyalty_settings.h - what can be set of loyalty scoring, and the policy that follows from it. */
#ifndef TROTH_LOYALTY_SETTINGS_H
#define TROTH_LOYALTY_SETTINGS_H

#include <stdint.h>

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/runtime/settings.h"
#include "services/loyalty/points_plan.h"
#include "services/loyalty/score_policy.h"

struct loyalty_settings {
    char *intake_events;
    char *intake_key_file;
    int64_t batch_events;
    int64_t overall_window_us, process_window_us, recent_half_life_us;
    double weight_left;
    double broken_weight, word_weight;
    double cause_would_not, cause_could_not, cause_understood;
    double late_zero;
    double tier_silver, tier_gold, tier_slack;
    double churn_raised, churn_high, churn_slack;
    double trust_broken_below, trust_slack;
    double points_per_unit;
    char *points_currency;
    int64_t points_per_answer, points_last_us;
};
extern const struct setting loyalty_settings[];

/* Below this a forward weight would pass what a double holds within the century. */
#define LOYALTY_HALF_LIFE_DAYS_MIN 30

/* Settings that are each in range may still not go together: returns -1 with err naming the one to
 * change. */
MUST_CHECK int loyalty_settings_policy(const struct loyalty_settings *settings,
                                       struct score_policy *ret_policy, struct err *err);

/* What loyalty points are given for. */
struct points_policy loyalty_settings_points(const struct loyalty_settings *settings);

#endif
