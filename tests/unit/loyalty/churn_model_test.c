/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/churn_model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/duration.h"
#include "common/model/special_function.h"
#include "services/loyalty/purchase_timing.h"

#define NEAR(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))
#define NOW                   (INT64_C(20000) * DURATION_DAY)
#define AGO(days)             (NOW - (days)*DURATION_DAY)

static void add(struct account *a, enum measure m, int64_t at_us, double weight, double value)
{
    const struct share share = {.measure = m, .at_us = at_us, .weight = weight, .value = value};
    account_apply(a, &score_policy_default, &share, 1, 1);
}

static void bought(struct account *a, int64_t first_us, int64_t last_us, int32_t days)
{
    a->first_purchase_us = first_us;
    a->last_purchase_us = last_us;
    a->purchase_days = days;
    a->seen_us = last_us;
}

static double by_rule(const struct account *a)
{
    bool is_by_rule = false;
    double p = churn_probability(a, &score_policy_default, &fit_set_none, NOW, &is_by_rule);
    assert_true(is_by_rule);
    assert_true(p > 0 && p < 1);
    return p;
}

static void of_nobody_it_says_what_is_usual(void **state)
{
    double f[CHURN_FEATURE_COUNT];
    churn_features(&account_empty, &score_policy_default, &fit_set_none, NOW, f);
    for (size_t i = 0; i < CHURN_FEATURE_COUNT; i++) {
        NEAR(f[i], 0, 0);
    }
    NEAR(by_rule(&account_empty), 0.10, 0.005);
}

/* As the comments of the rule say. */
static void the_rule_weighs_what_it_says(void **state)
{
    const struct {
        enum churn_feature feature;
        double value, probability;
    } cases[] = {
        {CHURN_COMPLAINTS, 1,         0.22},
        {CHURN_SILENCE,    log1p(12), 0.24},
        {CHURN_GONE,       0.5,       0.45},
        {CHURN_GONE,       1,         0.86},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        double f[CHURN_FEATURE_COUNT] = {0};
        f[cases[i].feature] = cases[i].value;
        NEAR(churn_by_rule(f), cases[i].probability, 0.006);
    }
    for (size_t i = 0; i < CHURN_FEATURE_COUNT; i++) {
        assert_true(i == CHURN_VALUE ? churn_coefficient(&fit_set_none, i) < 0
                                     : churn_coefficient(&fit_set_none, i) > 0);
    }
}

static void each_bad_experience_raises_the_risk_and_fades(void **state)
{
    const struct {
        enum measure measure;
        double weight, value;
    } bad[] = {
        {MEASURE_COMPLAINTS, 1,    1 },
        {MEASURE_BROKEN,     1,    1 },
        {MEASURE_RECENT,     1,    1 },
        {MEASURE_TRUST,      2.25, -1},
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct account fresh = account_empty, old = account_empty;
        add(&fresh, bad[i].measure, AGO(1), bad[i].weight, bad[i].value);
        add(&old, bad[i].measure, AGO(1500), bad[i].weight, bad[i].value);
        assert_true(by_rule(&fresh) > by_rule(&old) + 0.001);
        assert_true(by_rule(&old) > by_rule(&account_empty) - 1e-9);
    }
}

static void good_experience_and_purchases_lower_it(void **state)
{
    struct account kept = account_empty, pleased = account_empty, buys = account_empty;
    add(&kept, MEASURE_TRUST, AGO(1), 1, 1);
    add(&pleased, MEASURE_RECENT, AGO(1), 1, 5);
    add(&buys, MEASURE_PURCHASES, AGO(1), 1, 1000);
    assert_true(by_rule(&kept) < by_rule(&account_empty));
    assert_true(by_rule(&pleased) < by_rule(&account_empty));
    assert_true(by_rule(&buys) < by_rule(&account_empty));
}

static double feature_of(const struct account *a, const struct fit_set *fits,
                         enum churn_feature feature)
{
    double f[CHURN_FEATURE_COUNT];
    churn_features(a, &score_policy_default, fits, NOW, f);
    return f[feature];
}

static void without_a_fit_gone_is_told_by_the_usual_interval(void **state)
{
    struct account a = account_empty;
    bought(&a, AGO(520), AGO(400), 4); /* every forty days */
    NEAR(feature_of(&a, &fit_set_none, CHURN_GONE), 1, 0);
    bought(&a, AGO(220), AGO(100), 4); /* two and a half of them ago */
    NEAR(feature_of(&a, &fit_set_none, CHURN_GONE), 0.5, 1e-12);
    bought(&a, AGO(140), AGO(20), 4);
    NEAR(feature_of(&a, &fit_set_none, CHURN_GONE), 0, 0);
    bought(&a, AGO(12), AGO(10), 3); /* three days in a row are no daily habit */
    NEAR(feature_of(&a, &fit_set_none, CHURN_GONE), 0, 0);
    bought(&a, AGO(77), AGO(75), 3);
    NEAR(feature_of(&a, &fit_set_none, CHURN_GONE), 0.5, 1e-12);
    bought(&a, AGO(500), AGO(500), 1); /* no habit */
    NEAR(feature_of(&a, &fit_set_none, CHURN_GONE), 0, 0);
    bought(&a, NOW + DURATION_DAY, NOW + 2 * DURATION_DAY, 2); /* asked about the past */
    NEAR(feature_of(&a, &fit_set_none, CHURN_GONE), 0, 0);
    NEAR(feature_of(&a, &fit_set_none, CHURN_SILENCE), 0, 0);
}

static void gone_stays_what_the_model_was_trained_with(void **state)
{
    struct fit_set fits = fit_set_none;
    struct account a = account_empty;
    fits.has_purchases = true;
    fits.purchases = (struct bg_nbd){0.243, 30.9, 0.793, 2.426};
    bought(&a, AGO(520), AGO(400), 4);
    double dead = 1 - bg_nbd_alive(&fits.purchases, purchase_timing_of(&a, NOW));
    NEAR(feature_of(&a, &fits, CHURN_GONE), dead, 1e-12);
    assert_true(dead > 0.1 && dead < 0.99);
    fits.has_churn = true;
    NEAR(feature_of(&a, &fits, CHURN_GONE), 1, 0);
    fits.is_churn_by_alive = true;
    NEAR(feature_of(&a, &fits, CHURN_GONE), dead, 1e-12);
}

static void a_model_in_force_counts_and_is_calibrated(void **state)
{
    struct fit_set fits = fit_set_none;
    struct account a = account_empty;
    bool is_by_rule = true;
    fits.has_churn = true;
    fits.churn_coefficients[0] = -1;
    fits.churn_coefficients[1 + CHURN_COMPLAINTS] = 2;
    fits.churn_calibration[0] = 0.5;
    fits.churn_calibration[1] = 0.25;
    add(&a, MEASURE_COMPLAINTS, NOW, 3, 1);
    double p = churn_probability(&a, &score_policy_default, &fits, NOW, &is_by_rule);
    assert_false(is_by_rule);
    NEAR(p, logistic_of_logit(0.5 + 0.25 * (-1 + 2 * 3)), 1e-9);
    NEAR(churn_coefficient(&fits, CHURN_COMPLAINTS), 0.5, 1e-15);
}

static void timing_is_that_of_the_purchase_model(void **state)
{
    struct purchase_history h = purchase_timing(AGO(30), AGO(10), 3, NOW);
    NEAR(h.x, 2, 0);
    NEAR(h.t_x, 20, 0);
    NEAR(h.t, 30, 0);
    h = purchase_timing(AGO(1) - 5, AGO(1) + 5, 1, NOW); /* twice on one day */
    NEAR(h.x, 0, 0);
    NEAR(h.t_x, 0, 0);
    h = purchase_timing(AGO(3), AGO(1), 2, AGO(2));
    NEAR(h.t, h.t_x, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_nobody_it_says_what_is_usual),
        cmocka_unit_test(the_rule_weighs_what_it_says),
        cmocka_unit_test(each_bad_experience_raises_the_risk_and_fades),
        cmocka_unit_test(good_experience_and_purchases_lower_it),
        cmocka_unit_test(without_a_fit_gone_is_told_by_the_usual_interval),
        cmocka_unit_test(gone_stays_what_the_model_was_trained_with),
        cmocka_unit_test(a_model_in_force_counts_and_is_calibrated),
        cmocka_unit_test(timing_is_that_of_the_purchase_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
