/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/score_model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/model/decay.h"

#define NOW_US INT64_C(1767225600000000) /* 2026-01-01 */

static const struct score_policy *const policy = &score_policy_default;

/* count things of one value, just now. */
static void add(struct account *a, enum measure m, int count, double value)
{
    const struct share share = {.measure = m, .at_us = NOW_US, .weight = 1, .value = value};

    for (int i = 0; i < count; i++) {
        account_apply(a, policy, &share, 1, 1);
    }
}

static struct score now(const struct account *a, const struct fit_set *fits)
{
    return score_at(a, policy, fits, NOW_US);
}

static void who_is_not_known_stands_in_the_middle(void **state)
{
    struct score s = now(&account_empty, &fit_set_none);

    assert_int_equal(s.index_hundredths, 5000);
    assert_true(score_index(&s) == 50);
    assert_true(s.trust == 0.5 && s.trust_uncertainty == 1);
    assert_true(s.is_churn_by_rule && !s.has_alive);
    for (int c = CONTRIBUTION_TRUST; c < CONTRIBUTION_COUNT; c++) {
        assert_int_equal(s.hundredths[c], 0);
    }
}

static void each_contribution_follows_its_formula(void **state)
{
    static const struct {
        enum contribution contribution;
        enum measure measure;
        int count;
        double value;
        int32_t hundredths;
    } cases[] = {
        {CONTRIBUTION_TRUST,          MEASURE_TRUST,          1, 1,    600  }, /* (2/3 - 1/2) 36 */
        {CONTRIBUTION_TRUST,          MEASURE_TRUST,          7, -1,   -1400},
        {CONTRIBUTION_TRUST,          MEASURE_TRUST,          4, 0,    0    },
        {CONTRIBUTION_SATISFACTION,   MEASURE_SATISFACTION,   2, 5,    400  }, /* (16/4 - 3) 4 */
        {CONTRIBUTION_EXPERIENCE,     MEASURE_EXPERIENCE,     1, -0.5, -100 },
        {CONTRIBUTION_RECOMMENDATION, MEASURE_RECOMMENDATION, 2, 1,    300  },
        {CONTRIBUTION_EFFORT,         MEASURE_EFFORT,         2, 7,    100  },
        {CONTRIBUTION_SERVICE_GAP,    MEASURE_GAP_EMPATHY,    2, -6,   -200 },
        {CONTRIBUTION_PURCHASES,      MEASURE_PURCHASES,      2, 900,  400  }, /* 2/3 of 6 */
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct account a = account_empty;
        add(&a, cases[i].measure, cases[i].count, cases[i].value);
        struct score s = now(&a, &fit_set_none);
        int32_t sum = 0;
        for (int c = 0; c < CONTRIBUTION_COUNT; c++) {
            sum += s.hundredths[c];
        }
        assert_int_equal(s.hundredths[cases[i].contribution], cases[i].hundredths);
        assert_int_equal(s.index_hundredths, sum);
        assert_int_equal(sum, 5000 + cases[i].hundredths);
    }
}

static void gaps_are_averaged_over_dimensions_not_items(void **state)
{
    struct account a = account_empty;

    add(&a, MEASURE_GAP_TANGIBLES, 20, -6); /* -120 / 22 */
    add(&a, MEASURE_GAP_EMPATHY, 1, 0);
    struct score s = now(&a, &fit_set_none);
    assert_int_equal(s.hundredths[CONTRIBUTION_SERVICE_GAP], lround(-12000.0 / 22 / 2 / 6 * 4));
}

static void small_samples_lean_on_the_mean_of_all_customers(void **state)
{
    struct fit_set fits = fit_set_none;
    struct account a = account_empty;

    fits.has_averages = true;
    fits.average_csat = 4;
    assert_int_equal(now(&a, &fits).hundredths[CONTRIBUTION_SATISFACTION], 400);
    add(&a, MEASURE_SATISFACTION, 2, 1);
    assert_int_equal(now(&a, &fits).hundredths[CONTRIBUTION_SATISFACTION], -200);
}

static void a_fitted_model_says_what_to_expect_of_a_buyer(void **state)
{
    struct fit_set fits = fit_set_none;
    struct account a = account_empty;

    fits.has_purchases = fits.has_spend = true;
    fits.purchases = (struct bg_nbd){.r = 0.243, .alpha = 30.9, .a = 0.793, .b = 2.426};
    fits.spend = (struct gamma_gamma){.p = 6.25, .q = 3.74, .gamma = 1544};
    memcpy(fits.currency, "CNY", 4);
    assert_false(now(&a, &fits).has_alive);
    add(&a, MEASURE_PURCHASES, 3, 5000);
    a.first_purchase_us = NOW_US - 300 * DURATION_DAY;
    a.last_purchase_us = NOW_US - 10 * DURATION_DAY;
    a.purchase_days = 3;
    account_add_currency(&a, "CNY");
    struct score s = now(&a, &fits);
    assert_true(s.has_alive && s.alive > 0.5 && s.alive < 1);
    assert_true(s.expected_purchases > 0.5 && s.expected_purchases < 5);
    double each = s.expected_value_minor / s.expected_purchases;
    assert_true(each > 3000 && each < 5000); /* between the mean of all, 3522, and the customer's */
    add(&a, MEASURE_REFUNDS, 3, 2500);
    double less = now(&a, &fits).expected_value_minor / s.expected_purchases;
    assert_true(less < each);
    account_add_currency(&a, "EUR");
    assert_true(now(&a, &fits).expected_value_minor == 0);
}

static void tiers_and_levels_remember_where_they_were(void **state)
{
    static const struct {
        enum tier tier;
        int32_t index_hundredths;
        enum tier then;
    } cases[] = {
        {TIER_BRONZE, 5999, TIER_BRONZE},
        {TIER_BRONZE, 6000, TIER_SILVER},
        {TIER_BRONZE, 7500, TIER_GOLD  },
        {TIER_SILVER, 5500, TIER_SILVER},
        {TIER_SILVER, 5499, TIER_BRONZE},
        {TIER_GOLD,   7000, TIER_GOLD  },
        {TIER_GOLD,   6999, TIER_SILVER},
        {TIER_GOLD,   5600, TIER_SILVER},
        {TIER_GOLD,   5400, TIER_BRONZE},
    };
    struct score s = {.trust = 0.5, .churn = 0.1};
    struct standing before = standing_first;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        before.tier = cases[i].tier;
        s.index_hundredths = cases[i].index_hundredths;
        assert_int_equal(standing_after(before, &s, policy).tier, cases[i].then);
    }
    s.churn = 0.62;
    before = standing_after(standing_first, &s, policy);
    assert_int_equal(before.churn_level, CHURN_HIGH);
    s.churn = 0.56;
    assert_int_equal(standing_after(before, &s, policy).churn_level, CHURN_HIGH);
    s.churn = 0.54;
    assert_int_equal(standing_after(before, &s, policy).churn_level, CHURN_RAISED);
    s.trust = 0.39;
    before = standing_after(before, &s, policy);
    assert_true(before.is_trust_broken);
    s.trust = 0.44;
    assert_true(standing_after(before, &s, policy).is_trust_broken);
    s.trust = 0.46;
    assert_false(standing_after(before, &s, policy).is_trust_broken);
}

/* ---- time alone */

/* Believed, praised, bought: gold for a while. */
static struct account golden(void)
{
    struct account a = account_empty;

    add(&a, MEASURE_TRUST, 12, 1);
    add(&a, MEASURE_SATISFACTION, 6, 5);
    add(&a, MEASURE_RECOMMENDATION, 4, 1);
    add(&a, MEASURE_PURCHASES, 8, 100);
    a.first_purchase_us = a.last_purchase_us = a.seen_us = NOW_US;
    a.purchase_days = 1;
    return a;
}

static bool is_same_standing(struct standing a, struct standing b)
{
    return a.tier == b.tier && a.churn_level == b.churn_level &&
           a.is_trust_broken == b.is_trust_broken;
}

static void the_next_change_is_found_to_the_minute(void **state)
{
    struct account a = golden();
    int64_t at_us = NOW_US;
    struct score s = now(&a, &fit_set_none);
    struct standing standing = standing_after(standing_first, &s, policy);
    int changes = 0;

    assert_int_equal(standing.tier, TIER_GOLD);
    for (int looks = 0; looks < 60; looks++) {
        int64_t next_us =
            score_next_change_us(&a, standing, policy, &fit_set_none, at_us, INT64_MAX);
        assert_true(next_us >= at_us + SCORE_NEXT_CHANGE_MIN_US &&
                    next_us <= at_us + 90 * DURATION_DAY);
        struct score before = score_at(&a, policy, &fit_set_none, next_us - DURATION_MIN);
        assert_true(is_same_standing(standing, standing_after(standing, &before, policy)));
        s = score_at(&a, policy, &fit_set_none, next_us);
        changes += !is_same_standing(standing, standing_after(standing, &s, policy));
        standing = standing_after(standing, &s, policy);
        at_us = next_us;
    }
    assert_int_equal(standing.tier, TIER_BRONZE);
    assert_int_equal(standing.churn_level, CHURN_RAISED); /* silent for years */
    assert_true(changes >= 3);
}

static void a_search_with_an_end_finds_the_same_or_nothing_before_it(void **state)
{
    struct account a = golden();
    struct score s = now(&a, &fit_set_none);
    struct standing standing = standing_after(standing_first, &s, policy);
    int64_t next_us = score_next_change_us(&a, standing, policy, &fit_set_none, NOW_US, INT64_MAX);

    for (int hours = 0; hours < 24 * 100; hours += 7) {
        int64_t until_us = NOW_US + hours * DURATION_H;
        int64_t found_us =
            score_next_change_us(&a, standing, policy, &fit_set_none, NOW_US, until_us);
        assert_true(next_us <= until_us ? found_us == next_us : found_us > until_us);
    }
}

static void who_has_nothing_never_changes(void **state)
{
    assert_int_equal(score_next_change_us(&account_empty, standing_first, policy, &fit_set_none,
                                          NOW_US, INT64_MAX),
                     INT64_MAX);
}

/* ---- whatever comes */

static double extreme_of(enum measure m, bool is_high)
{
    if (m == MEASURE_SATISFACTION || m == MEASURE_RECENT) {
        return is_high ? 5 : 1;
    }
    if (m == MEASURE_EFFORT) {
        return is_high ? 7 : 1;
    }
    if (m >= MEASURE_GAP_TANGIBLES && m <= MEASURE_GAP_EMPATHY) {
        return is_high ? 6 : -6;
    }
    if (m == MEASURE_PURCHASES || m == MEASURE_REFUNDS) {
        return is_high ? (double)EVIDENCE_AMOUNT_MAX_MINOR : 0;
    }
    return is_high ? 1 : -1;
}

static void fill_at_random(struct account *a, struct random_data *data)
{
    int32_t r[4];

    for (int i = 0; i < 40; i++) {
        for (size_t k = 0; k < ARRAY_LEN(r); k++) {
            (void)random_r(data, &r[k]);
        }
        enum measure m = (enum measure)(1 + r[0] % (MEASURE_END - 1));
        const struct share share = {
            .measure = m,
            .at_us = EVIDENCE_FIRST_US +
                     (int64_t)((double)(EVIDENCE_END_US - EVIDENCE_FIRST_US) * r[1] / 2147483648.0),
            .weight = 1 + r[2] % 5,
            .value = extreme_of(m, r[3] % 2 == 0),
        };
        account_apply(a, policy, &share, 1, 1);
    }
    a->first_purchase_us = EVIDENCE_FIRST_US;
    a->last_purchase_us = NOW_US;
    a->purchase_days = 1 + r[0] % 50;
    a->seen_us = r[1] % 2 ? INT64_MIN : NOW_US;
    memcpy(a->currency, "CNY", 4);
}

static void no_account_gives_anything_but_numbers_in_their_range(void **state)
{
    static const int64_t instants[] = {EVIDENCE_FIRST_US, 0, NOW_US, EVIDENCE_END_US};
    struct fit_set fits[2] = {fit_set_none, fit_set_none};
    struct random_data data = {.state = NULL};
    char memory[64];

    fits[1].has_purchases = fits[1].has_spend = true;
    fits[1].purchases = (struct bg_nbd){.r = 0.243, .alpha = 30.9, .a = 0.793, .b = 2.426};
    fits[1].spend = (struct gamma_gamma){.p = 6.25, .q = 3.74, .gamma = 1544};
    memcpy(fits[1].currency, "CNY", 4);
    (void)initstate_r(6, memory, sizeof(memory), &data);
    for (int i = 0; i < 3000; i++) {
        struct account a = account_empty;
        fill_at_random(&a, &data);
        for (size_t k = 0; k < 2 * ARRAY_LEN(instants); k++) {
            struct score s = score_at(&a, policy, &fits[k % 2], instants[k / 2]);
            assert_true(isfinite(s.churn) && s.churn >= 0 && s.churn <= 1);
            assert_true(s.index_hundredths >= 0 && s.index_hundredths <= 10000);
            assert_true(s.trust >= 0 && s.trust <= 1);
            assert_true(s.trust_uncertainty >= 0 && s.trust_uncertainty <= 1);
            assert_true(s.alive >= 0 && s.alive <= 1);
            assert_true(isfinite(s.expected_purchases) && s.expected_purchases >= 0);
            assert_true(isfinite(s.expected_value_minor) && s.expected_value_minor >= 0);
        }
    }
}

static void what_moved_most_is_named(void **state)
{
    struct account a = account_empty;
    struct score before = now(&a, &fit_set_none);

    add(&a, MEASURE_PURCHASES, 1, 100);
    add(&a, MEASURE_TRUST, 3, -1);
    struct score after = now(&a, &fit_set_none);
    assert_int_equal(score_moved_most(&before, &after), CONTRIBUTION_TRUST);
    assert_int_equal(score_moved_most(&after, &after), CONTRIBUTION_BASE);
    assert_string_equal(contribution_name(CONTRIBUTION_SERVICE_GAP), "service_gap");
}

static void the_usual_half_lives_leave_a_tenth_at_the_end_of_the_window(void **state)
{
    struct score_policy set = score_policy_default;

    score_policy_set_half_lives(&set, decay_half_life_us(4 * DECAY_YEAR_US, 0.1),
                                decay_half_life_us(2 * DECAY_YEAR_US, 0.1),
                                (double)(90 * DURATION_DAY));
    for (size_t m = 1; m < MEASURE_END; m++) {
        assert_true(set.half_life_us[m] == score_policy_default.half_life_us[m]);
    }
    assert_true(fabs(decay_factor(set.half_life_us[MEASURE_TRUST], 4 * DECAY_YEAR_US) - 0.1) <
                1e-9);
    assert_string_equal(tier_name(TIER_GOLD), "gold");
    assert_string_equal(churn_level_name(CHURN_RAISED), "raised");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_not_known_stands_in_the_middle),
        cmocka_unit_test(each_contribution_follows_its_formula),
        cmocka_unit_test(gaps_are_averaged_over_dimensions_not_items),
        cmocka_unit_test(small_samples_lean_on_the_mean_of_all_customers),
        cmocka_unit_test(a_fitted_model_says_what_to_expect_of_a_buyer),
        cmocka_unit_test(tiers_and_levels_remember_where_they_were),
        cmocka_unit_test(the_next_change_is_found_to_the_minute),
        cmocka_unit_test(a_search_with_an_end_finds_the_same_or_nothing_before_it),
        cmocka_unit_test(who_has_nothing_never_changes),
        cmocka_unit_test(no_account_gives_anything_but_numbers_in_their_range),
        cmocka_unit_test(what_moved_most_is_named),
        cmocka_unit_test(the_usual_half_lives_leave_a_tenth_at_the_end_of_the_window),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
