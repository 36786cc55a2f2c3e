/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/score_model.h"

#include <math.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/model/beta_reputation.h"
#include "services/loyalty/churn_model.h"
#include "services/loyalty/purchase_timing.h"

#define BASE_POINTS           50
#define TRUST_POINTS          36 /* from never to always believed */
#define SATISFACTION_POINTS   4  /* per point of CSAT */
#define EXPERIENCE_POINTS     6
#define RECOMMENDATION_POINTS 6
#define EFFORT_POINTS         2
#define GAP_POINTS            4
#define PURCHASE_POINTS       6
#define CSAT_MIDDLE           3
#define CES_MIDDLE            4
#define CES_REACH             3 /* from the middle to either end */
#define GAP_REACH             6
#define HORIZON_DAYS          365
#define PURCHASES_MAX         1e6  /* in the horizon: no model means more */
#define VALUE_MAX_MINOR       1e18 /* fits an int64_t */
#define HUNDREDTHS            100
#define INDEX_STEP_HUNDREDTHS 500 /* time alone moved the index that far: worth another look */
#define RESOLUTION_US         (INT64_C(60) * 1000000)

const struct standing standing_first = {.tier = TIER_BRONZE, .churn_level = CHURN_LOW};

const char *contribution_name(enum contribution c)
{
    static const char *const names[CONTRIBUTION_COUNT] = {
        [CONTRIBUTION_BASE] = "base",
        [CONTRIBUTION_TRUST] = "trust",
        [CONTRIBUTION_SATISFACTION] = "satisfaction",
        [CONTRIBUTION_EXPERIENCE] = "experience",
        [CONTRIBUTION_RECOMMENDATION] = "recommendation",
        [CONTRIBUTION_EFFORT] = "effort",
        [CONTRIBUTION_SERVICE_GAP] = "service_gap",
        [CONTRIBUTION_PURCHASES] = "purchases",
    };

    return names[c];
}

/* ---- sums as they are worth at an instant */

struct view {
    const struct account *account;
    const struct score_policy *policy;
    const struct fit_set *fits;
    int64_t now_us;
};

static struct faded fade(const struct view *v, enum measure m)
{
    return account_fade(v->account, v->policy, m, v->now_us);
}

static double shrunk(const struct view *v, enum measure m, double average)
{
    return faded_shrunk(fade(v, m), average);
}

/* Whatever a model says, no score holds what is no number. */
static double bounded(double x, double min, double max)
{
    return isfinite(x) ? fmin(fmax(x, min), max) : min;
}

/* ---- contributions, in points */

static double gap_of_service(const struct view *v)
{
    double sum = 0;
    int dimensions = 0;

    for (int m = MEASURE_GAP_TANGIBLES; m <= MEASURE_GAP_EMPATHY; m++) {
        if (v->account->sums[m].count > 0) {
            sum += shrunk(v, (enum measure)m, v->fits->average_gap);
            dimensions++;
        }
    }
    return dimensions == 0 ? v->fits->average_gap : sum / dimensions;
}

static void judge_trust(const struct view *v, struct score *s)
{
    struct faded f = fade(v, MEASURE_TRUST);
    struct reputation r = reputation_of_sums(f.weight, f.value);

    s->trust = reputation_expectation(r);
    s->trust_uncertainty = reputation_uncertainty(r);
}

static double spend_per_purchase_day(const struct view *v)
{
    const struct account *a = v->account;
    struct faded bought = fade(v, MEASURE_PURCHASES), back = fade(v, MEASURE_REFUNDS);

    if (bought.weight <= 0) {
        return 0;
    }
    double mean = fmax(0, bought.value - back.value) / bought.weight;
    return mean * (double)a->sums[MEASURE_PURCHASES].count / a->purchase_days;
}

static void judge_purchases(const struct view *v, struct score *s)
{
    const struct account *a = v->account;
    const struct fit_set *fits = v->fits;

    if (!fits->has_purchases) {
        s->expected_purchases = fade(v, MEASURE_PURCHASES).weight;
        return;
    }
    if (a->purchase_days < 1) {
        return;
    }
    struct purchase_history h = purchase_timing_of(a, v->now_us);
    s->has_alive = true;
    s->alive = bounded(bg_nbd_alive(&fits->purchases, h), 0, 1);
    s->expected_purchases =
        bounded(bg_nbd_expected(&fits->purchases, h, HORIZON_DAYS), 0, PURCHASES_MAX);
    if (fits->has_spend && strcmp(fits->currency, a->currency) == 0) {
        double mean = gamma_gamma_mean(&fits->spend, a->purchase_days, spend_per_purchase_day(v));
        s->expected_value_minor = bounded(s->expected_purchases * mean, 0, VALUE_MAX_MINOR);
    }
}

static int32_t hundredths_of(double points)
{
    return (int32_t)lround(HUNDREDTHS * points);
}

struct score score_at(const struct account *a, const struct score_policy *policy,
                      const struct fit_set *fits, int64_t now_us)
{
    const struct view v = {.account = a, .policy = policy, .fits = fits, .now_us = now_us};
    struct score s = {.index_hundredths = 0};

    judge_trust(&v, &s);
    judge_purchases(&v, &s);
    s.churn = bounded(churn_probability(a, policy, fits, now_us, &s.is_churn_by_rule), 0, 1);
    double csat = shrunk(&v, MEASURE_SATISFACTION, fits->average_csat);
    double ces = shrunk(&v, MEASURE_EFFORT, fits->average_ces);
    double experience = shrunk(&v, MEASURE_EXPERIENCE, fits->average_experience);
    double nps = shrunk(&v, MEASURE_RECOMMENDATION, fits->average_nps_share);
    double e = s.expected_purchases;
    const double points[CONTRIBUTION_COUNT] = {
        [CONTRIBUTION_BASE] = BASE_POINTS,
        [CONTRIBUTION_TRUST] = (s.trust - 0.5) * TRUST_POINTS,
        [CONTRIBUTION_SATISFACTION] = (csat - CSAT_MIDDLE) * SATISFACTION_POINTS,
        [CONTRIBUTION_EXPERIENCE] = experience * EXPERIENCE_POINTS,
        [CONTRIBUTION_RECOMMENDATION] = nps * RECOMMENDATION_POINTS,
        [CONTRIBUTION_EFFORT] = (ces - CES_MIDDLE) / CES_REACH * EFFORT_POINTS,
        [CONTRIBUTION_SERVICE_GAP] = gap_of_service(&v) / GAP_REACH * GAP_POINTS,
        [CONTRIBUTION_PURCHASES] = e / (e + 1) * PURCHASE_POINTS,
    };
    for (size_t c = 0; c < CONTRIBUTION_COUNT; c++) {
        s.hundredths[c] = hundredths_of(points[c]);
        s.index_hundredths += s.hundredths[c];
    }
    return s;
}

double score_index(const struct score *s)
{
    return (double)s->index_hundredths / HUNDREDTHS;
}

enum contribution score_moved_most(const struct score *from, const struct score *to)
{
    enum contribution most = CONTRIBUTION_BASE;
    int32_t most_moved = 0;

    for (int c = 0; c < CONTRIBUTION_COUNT; c++) {
        int32_t moved = to->hundredths[c] - from->hundredths[c];
        moved = moved < 0 ? -moved : moved;
        if (moved > most_moved) {
            most = (enum contribution)c;
            most_moved = moved;
        }
    }
    return most;
}

/* ---- standing */

/* The step of a ladder (1 to count - 1) on which a value stands, who stood on `before`. */
static int step_after(int before, double value, const double *from, int count, double slack)
{
    int step = before;

    while (step > 1 && value < from[step] - slack) {
        step--;
    }
    while (step < count - 1 && value >= from[step + 1]) {
        step++;
    }
    return step;
}

struct standing standing_after(struct standing before, const struct score *score,
                               const struct score_policy *policy)
{
    double whole_from =
        policy->trust_broken_below + (before.is_trust_broken ? policy->trust_slack : 0);

    return (struct standing){
        .tier = (enum tier)step_after((int)before.tier, score_index(score), policy->tier_from,
                                      TIER_END, policy->tier_slack),
        .churn_level =
            (enum churn_level)step_after((int)before.churn_level, score->churn, policy->churn_from,
                                         CHURN_END, policy->churn_slack),
        .is_trust_broken = score->trust < whole_from,
    };
}

/* ---- time alone */

struct outlook {
    struct view view;
    struct standing standing;
    int32_t index_hundredths; /* these two: now */
};

static bool is_changed_at(const struct outlook *o, int64_t at_us)
{
    const struct view *v = &o->view;
    struct score s = score_at(v->account, v->policy, v->fits, at_us);
    struct standing then = standing_after(o->standing, &s, v->policy);
    int32_t moved = s.index_hundredths - o->index_hundredths;

    return then.tier != o->standing.tier || then.churn_level != o->standing.churn_level ||
           then.is_trust_broken != o->standing.is_trust_broken || moved >= INDEX_STEP_HUNDREDTHS ||
           moved <= -INDEX_STEP_HUNDREDTHS;
}

static bool is_empty(const struct account *a)
{
    bool has_any = a->seen_us != INT64_MIN;

    for (size_t m = 1; m < MEASURE_END; m++) {
        has_any |= a->sums[m].count > 0;
    }
    return !has_any;
}

int64_t score_next_change_us(const struct account *a, struct standing standing,
                             const struct score_policy *policy, const struct fit_set *fits,
                             int64_t now_us, int64_t until_us)
{
    static const int step_days[] = {1, 2, 4, 8, 16, 32, 64, 90};
    const struct outlook o = {
        .view = {.account = a, .policy = policy, .fits = fits, .now_us = now_us},
        .standing = standing,
        .index_hundredths = score_at(a, policy, fits, now_us).index_hundredths,
    };
    int64_t same_us = now_us, other_us = now_us;

    if (is_empty(a)) {
        return INT64_MAX;
    }
    for (size_t i = 0; i < ARRAY_LEN(step_days); i++) {
        same_us = other_us;
        other_us = now_us + step_days[i] * DURATION_DAY;
        if (same_us >= until_us) {
            return other_us;
        }
        if (is_changed_at(&o, other_us)) {
            break;
        }
        if (i + 1 == ARRAY_LEN(step_days)) {
            return other_us; /* time to look again all the same */
        }
    }
    while (other_us - same_us > RESOLUTION_US) {
        int64_t middle_us = same_us + (other_us - same_us) / 2;
        if (is_changed_at(&o, middle_us)) {
            other_us = middle_us;
        } else if (middle_us >= until_us) {
            break;
        } else {
            same_us = middle_us;
        }
    }
    return other_us;
}
