/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/score_words.h"

#include <math.h>

#include "common/base/duration.h"
#include "common/base/log.h"
#include "common/model/decay.h"
#include "services/loyalty/churn_model.h"
#include "services/loyalty/score_words_table.h"

#define CHURN_REASONS_MAX 3
#define DIMENSION_COUNT   5
#define MONTHS_PER_YEAR   12

static const struct measure_sum *sum_of(const struct score_explained *x, enum measure m)
{
    return &x->account->sums[m];
}

/* Fading takes from weight and value alike, so it cannot be seen in the mean. */
static double mean_of(const struct score_explained *x, enum measure m)
{
    const struct measure_sum *sum = sum_of(x, m);

    return sum->weight > 0 ? sum->value / sum->weight : 0;
}

static double faded_weight(const struct score_explained *x, enum measure m)
{
    return decay_of_sum(sum_of(x, m)->weight, x->policy->half_life_us[m], x->at_us);
}

static struct phrase_values values_of(const struct score_explained *x)
{
    return (struct phrase_values){.is_chinese = x->is_chinese};
}

static void say_plain(const struct score_explained *x, enum phrase phrase, struct text *to)
{
    struct phrase_values none = values_of(x);

    phrase_append(to, phrase, &none);
}

/* ---- contributions */

static void say_trust(const struct score_explained *x, struct text *to)
{
    struct phrase_values v = values_of(x);
    int64_t ended = sum_of(x, MEASURE_TRUST)->count;
    int64_t late = sum_of(x, MEASURE_LATE)->count;
    int64_t broken = sum_of(x, MEASURE_BROKEN)->count;

    if (ended == 0) {
        say_plain(x, PHRASE_TRUST_NONE, to);
        return;
    }
    phrase_put_count(&v, ended, UNIT_PROMISES);
    phrase_put_number(&v, ended - late - broken);
    phrase_put_number(&v, late);
    phrase_put_number(&v, broken);
    phrase_put_share(&v, x->score->trust);
    phrase_put_decimal(&v, x->score->trust_uncertainty, 2);
    phrase_append(to, PHRASE_TRUST, &v);
}

static void say_recommendation(const struct score_explained *x, struct text *to)
{
    struct phrase_values v = values_of(x);
    int64_t answers = sum_of(x, MEASURE_RECOMMENDATION)->count;
    int64_t promoters = sum_of(x, MEASURE_PROMOTERS)->count;
    int64_t detractors = sum_of(x, MEASURE_DETRACTORS)->count;

    if (answers == 0) {
        say_plain(x, PHRASE_RECOMMENDATION_NONE, to);
        return;
    }
    phrase_put_count(&v, answers, UNIT_RECOMMENDATION_ANSWERS);
    phrase_put_number(&v, promoters);
    phrase_put_number(&v, answers - promoters - detractors);
    phrase_put_number(&v, detractors);
    phrase_put_signed(&v, 100 * mean_of(x, MEASURE_RECOMMENDATION), 0);
    phrase_append(to, PHRASE_RECOMMENDATION, &v);
}

/* Contributions that are a mean of answers. */
struct mean_words {
    enum measure measure;
    enum phrase phrase, none;
    enum phrase_unit unit;
    bool is_signed;
};
static const struct mean_words satisfaction_words = {MEASURE_SATISFACTION, PHRASE_SATISFACTION,
                                                     PHRASE_SATISFACTION_NONE,
                                                     UNIT_SATISFACTION_ANSWERS, false};
static const struct mean_words experience_words = {MEASURE_EXPERIENCE, PHRASE_EXPERIENCE,
                                                   PHRASE_EXPERIENCE_NONE, UNIT_CASES, true};
static const struct mean_words effort_words = {MEASURE_EFFORT, PHRASE_EFFORT, PHRASE_EFFORT_NONE,
                                               UNIT_EFFORT_ANSWERS, false};

static void say_mean(const struct score_explained *x, const struct mean_words *w, struct text *to)
{
    struct phrase_values v = values_of(x);

    if (sum_of(x, w->measure)->count == 0) {
        say_plain(x, w->none, to);
        return;
    }
    phrase_put_count(&v, sum_of(x, w->measure)->count, w->unit);
    if (w->is_signed) {
        phrase_put_signed(&v, mean_of(x, w->measure), 2);
    } else {
        phrase_put_decimal(&v, mean_of(x, w->measure), 2);
    }
    phrase_append(to, w->phrase, &v);
}

static void say_service_gap(const struct score_explained *x, struct text *to)
{
    struct phrase_values v = values_of(x);
    int64_t items = 0;
    int asked = 0, worst = 0;
    double sum = 0, worst_gap = INFINITY;

    for (int i = 0; i < DIMENSION_COUNT; i++) {
        enum measure m = (enum measure)(MEASURE_GAP_TANGIBLES + i);

        if (sum_of(x, m)->count == 0) {
            continue;
        }
        items += sum_of(x, m)->count;
        asked++;
        sum += mean_of(x, m);
        if (mean_of(x, m) < worst_gap) {
            worst_gap = mean_of(x, m);
            worst = i;
        }
    }
    if (asked == 0) {
        say_plain(x, PHRASE_GAP_NONE, to);
        return;
    }
    phrase_put_count(&v, items, UNIT_ITEMS);
    phrase_put_decimal(&v, fabs(sum / asked), 2);
    phrase_put_phrase(&v, (enum phrase)(PHRASE_TANGIBLES + worst));
    phrase_put_signed(&v, worst_gap, 2);
    phrase_append(to, sum < 0 ? PHRASE_GAP_BELOW : PHRASE_GAP_ABOVE, &v);
}

static void say_purchases(const struct score_explained *x, struct text *to)
{
    struct phrase_values v = values_of(x);
    int64_t purchases = sum_of(x, MEASURE_PURCHASES)->count;

    if (purchases == 0) {
        say_plain(x, PHRASE_PURCHASES_NONE, to);
        return;
    }
    phrase_put_count(&v, purchases, UNIT_PURCHASES);
    if (x->score->has_alive) {
        phrase_put_decimal(&v, x->score->expected_purchases, 1);
        phrase_put_share(&v, x->score->alive);
        phrase_append(to, PHRASE_PURCHASES_EXPECTED, &v);
        return;
    }
    phrase_put_decimal(&v, faded_weight(x, MEASURE_PURCHASES), 1);
    phrase_append(to, PHRASE_PURCHASES_FADED, &v);
}

void score_words_because(const struct score_explained *x, enum contribution c, struct text *to)
{
    switch (c) {
    case CONTRIBUTION_BASE:
        say_plain(x, PHRASE_BASE, to);
        return;
    case CONTRIBUTION_TRUST:
        say_trust(x, to);
        return;
    case CONTRIBUTION_SATISFACTION:
        say_mean(x, &satisfaction_words, to);
        return;
    case CONTRIBUTION_EXPERIENCE:
        say_mean(x, &experience_words, to);
        return;
    case CONTRIBUTION_RECOMMENDATION:
        say_recommendation(x, to);
        return;
    case CONTRIBUTION_EFFORT:
        say_mean(x, &effort_words, to);
        return;
    case CONTRIBUTION_SERVICE_GAP:
        say_service_gap(x, to);
        return;
    case CONTRIBUTION_PURCHASES:
        say_purchases(x, to);
        return;
    case CONTRIBUTION_COUNT:
        break;
    }
    BUG("there is no such contribution");
}

/* ---- churn */

static void say_silence(const struct score_explained *x, struct text *to)
{
    struct phrase_values v = values_of(x);
    int64_t silent_us = x->at_us - x->account->seen_us;
    int64_t month_us = DECAY_YEAR_US / MONTHS_PER_YEAR;

    phrase_put_count(&v, silent_us < month_us ? silent_us / DURATION_DAY : silent_us / month_us,
                     silent_us < month_us ? UNIT_DAYS : UNIT_MONTHS);
    phrase_append(to, silent_us < month_us ? PHRASE_SILENT_DAYS : PHRASE_SILENT_MONTHS, &v);
}

static void say_gone(const struct score_explained *x, struct text *to)
{
    struct phrase_values v = values_of(x);

    if (x->score->has_alive) {
        phrase_put_share(&v, x->score->alive);
        phrase_append(to, PHRASE_HARDLY_ALIVE, &v);
        return;
    }
    phrase_put_count(&v, (x->at_us - x->account->last_purchase_us) / DURATION_DAY, UNIT_DAYS);
    phrase_append(to, PHRASE_OVERDUE, &v);
}

/* One feature with its figure; value as churn_features() gives it. */
static void say_feature(const struct score_explained *x, enum churn_feature feature, double value,
                        struct text *to)
{
    struct phrase_values v = values_of(x);
    enum phrase phrase;

    switch (feature) {
    case CHURN_SILENCE:
        say_silence(x, to);
        return;
    case CHURN_GONE:
        say_gone(x, to);
        return;
    case CHURN_COMPLAINTS:
        phrase_put_count(&v, sum_of(x, MEASURE_COMPLAINTS)->count, UNIT_COMPLAINTS);
        phrase = PHRASE_COMPLAINTS;
        break;
    case CHURN_BROKEN:
        phrase_put_count(&v, sum_of(x, MEASURE_BROKEN)->count, UNIT_BROKEN_PROMISES);
        phrase = PHRASE_BROKEN;
        break;
    case CHURN_FALLING:
        phrase_put_decimal(&v, value, 1);
        phrase = PHRASE_FALLING;
        break;
    case CHURN_DISSATISFACTION:
        phrase_put_decimal(&v, 3 - value, 1);
        phrase = PHRASE_DISSATISFIED;
        break;
    case CHURN_DISTRUST:
        phrase_put_share(&v, x->score->trust);
        phrase = PHRASE_DISTRUST;
        break;
    case CHURN_VALUE:
    default:
        phrase_put_count(&v, sum_of(x, MEASURE_PURCHASES)->count, UNIT_PURCHASES);
        phrase = PHRASE_VALUE;
        break;
    }
    phrase_append(to, phrase, &v);
}

/* What a feature adds to the log odds; what adds next to nothing is not a reason. */
#define REASON_MIN 0.05

static void say_reasons(const struct score_explained *x, struct text *to)
{
    double features[CHURN_FEATURE_COUNT], weights[CHURN_FEATURE_COUNT];
    int said = 0;

    churn_features(x->account, x->policy, x->fits, x->at_us, features);
    for (size_t i = 0; i < CHURN_FEATURE_COUNT; i++) {
        weights[i] = churn_coefficient(x->fits, i) * features[i];
    }
    while (said < CHURN_REASONS_MAX) {
        size_t most = 0;
        for (size_t i = 1; i < CHURN_FEATURE_COUNT; i++) {
            most = weights[i] > weights[most] ? i : most;
        }
        if (weights[most] < REASON_MIN) {
            break;
        }
        say_plain(x, said == 0 ? PHRASE_CHURN_BECAUSE : PHRASE_LIST_COMMA, to);
        say_feature(x, (enum churn_feature)most, features[most], to);
        weights[most] = 0;
        said++;
    }
    if (said == 0) {
        say_plain(x, PHRASE_CHURN_NOTHING, to);
    }
}

void score_words_churn(const struct score_explained *x, struct text *to)
{
    struct phrase_values v = values_of(x);

    phrase_put_share(&v, x->score->churn);
    phrase_append(to, x->score->is_churn_by_rule ? PHRASE_CHURN_RULE : PHRASE_CHURN_MODEL, &v);
    say_reasons(x, to);
}
