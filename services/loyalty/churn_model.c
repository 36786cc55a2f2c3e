/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/churn_model.h"

#include <math.h>

#include "common/base/duration.h"
#include "common/model/beta_reputation.h"
#include "common/model/decay.h"
#include "common/model/special_function.h"
#include "services/loyalty/purchase_timing.h"

#define MONTHS_PER_YEAR 12
#define OVERDUE_MAX     4.0 /* usual intervals without a purchase: as good as gone */
#define INTERVAL_MIN_US (30.0 * DURATION_DAY) /* two visits in a week are no weekly habit */
#define CSAT_MIDDLE     3.0

/*
 * The rule. It is policy until the company's own history speaks, and each number has a reason:
 *
 *   intercept -2.19     10 %: in the one published set of real customers with complaints and what
 *                       came of them (UCI 563, 3,150 telephone customers) 10.1 % of those left who
 *                       had not complained (295 of 2,909).
 *   complaints 0.9      Of those who had complained 83 % left there (log odds +3.8), but nobody
 *                       there answered a complaint and one telephone company is not every company:
 *                       a quarter of that. 10 % become 22 %.
 *   broken 0.7          The odds double with each broken promise.
 *   silence 0.4         Per ln(1 + months): a month 13 %, a year 24 %, of itself no alarm.
 *   gone 4.0            1 - P(alive) is itself the churn probability of a buyer without contract of
 *                       whom nothing else is known; the rule comes near: 10 % at 0, 45 % at 0.5,
 *                       86 % at 1.
 *   falling 0.5         Per point that the last answers are below the usual ones.
 *   dissatisfaction 0.4 Per point below the middle of the scale. Both together let two bad answers
 *                       weigh like a complaint.
 *   distrust 2.0        From believed (-0.5) to not believed at all (0.5) the odds grow by e^2, as
 *                       by two and a half broken promises; broken promises are counted in both.
 *   value -0.35         Per ln(1 + purchases): those who bought four times leave half as often.
 */
static const double rule[CHURN_FEATURE_COUNT + 1] = {
    -2.19, 0.9, 0.7, 0.4, 4.0, 0.5, 0.4, 2.0, -0.35,
};

static const char *const names[CHURN_FEATURE_COUNT] = {
    [CHURN_COMPLAINTS] = "complaints", [CHURN_BROKEN] = "broken",
    [CHURN_SILENCE] = "silence",       [CHURN_GONE] = "gone",
    [CHURN_FALLING] = "falling",       [CHURN_DISSATISFACTION] = "dissatisfaction",
    [CHURN_DISTRUST] = "distrust",     [CHURN_VALUE] = "value",
};

const char *churn_feature_name(size_t feature)
{
    return names[feature];
}

/* ---- features */

static double months_silent(const struct account *a, int64_t now_us)
{
    if (a->seen_us == INT64_MIN || a->seen_us >= now_us) {
        return 0;
    }
    return (double)(now_us - a->seen_us) / (double)DECAY_YEAR_US * MONTHS_PER_YEAR;
}

/* Days since the last purchase, in usual intervals, as a share of what is as good as gone. */
static double overdue(const struct account *a, int64_t now_us)
{
    double span = (double)(a->last_purchase_us - a->first_purchase_us);
    if (a->purchase_days < 2 || span <= 0 || a->last_purchase_us >= now_us) {
        return 0; /* one purchase shows no habit; silence tells what can be told */
    }
    double interval = fmax(span / (a->purchase_days - 1), INTERVAL_MIN_US);
    double intervals = (double)(now_us - a->last_purchase_us) / interval;
    return fmax(0, fmin(intervals, OVERDUE_MAX) - 1) / (OVERDUE_MAX - 1);
}

static double gone(const struct account *a, const struct fit_set *fits, int64_t now_us)
{
    /* A model that was trained on the one is not asked with the other. */
    bool is_by_alive = fits->has_churn ? fits->is_churn_by_alive : fits->has_purchases;
    if (a->purchase_days < 1) {
        return 0;
    }
    if (!is_by_alive || !fits->has_purchases) {
        return overdue(a, now_us);
    }
    return 1 - bg_nbd_alive(&fits->purchases, purchase_timing_of(a, now_us));
}

void churn_features(const struct account *a, const struct score_policy *policy,
                    const struct fit_set *fits, int64_t now_us,
                    double ret[static CHURN_FEATURE_COUNT])
{
    struct faded trust = account_fade(a, policy, MEASURE_TRUST, now_us);
    double overall =
        faded_shrunk(account_fade(a, policy, MEASURE_SATISFACTION, now_us), fits->average_csat);
    double recent =
        faded_shrunk(account_fade(a, policy, MEASURE_RECENT, now_us), fits->average_csat);
    double expectation = reputation_expectation(reputation_of_sums(trust.weight, trust.value));

    ret[CHURN_COMPLAINTS] = account_fade(a, policy, MEASURE_COMPLAINTS, now_us).weight;
    ret[CHURN_BROKEN] = account_fade(a, policy, MEASURE_BROKEN, now_us).weight;
    ret[CHURN_SILENCE] = log1p(months_silent(a, now_us));
    ret[CHURN_GONE] = gone(a, fits, now_us);
    ret[CHURN_FALLING] = fmax(0, overall - recent);
    ret[CHURN_DISSATISFACTION] = CSAT_MIDDLE - recent;
    ret[CHURN_DISTRUST] = 0.5 - expectation;
    ret[CHURN_VALUE] = log1p(account_fade(a, policy, MEASURE_PURCHASES, now_us).weight);
}

/* ---- probability */

static double logit_of(const double coefficients[static CHURN_FEATURE_COUNT + 1],
                       const double features[static CHURN_FEATURE_COUNT])
{
    double logit = coefficients[0];
    for (size_t i = 0; i < CHURN_FEATURE_COUNT; i++) {
        logit += coefficients[i + 1] * features[i];
    }
    return logit;
}

double churn_coefficient(const struct fit_set *fits, size_t feature)
{
    return fits->has_churn ? fits->churn_calibration[1] * fits->churn_coefficients[feature + 1]
                           : rule[feature + 1];
}

double churn_by_rule(const double features[static CHURN_FEATURE_COUNT])
{
    return logistic_of_logit(logit_of(rule, features));
}

double churn_probability(const struct account *a, const struct score_policy *policy,
                         const struct fit_set *fits, int64_t now_us, bool *ret_is_by_rule)
{
    double features[CHURN_FEATURE_COUNT];
    churn_features(a, policy, fits, now_us, features);
    *ret_is_by_rule = !fits->has_churn;
    if (!fits->has_churn) {
        return churn_by_rule(features);
    }
    return logistic_of_logit(fits->churn_calibration[0] +
                             fits->churn_calibration[1] *
                                 logit_of(fits->churn_coefficients, features));
}
