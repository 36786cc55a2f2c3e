/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/fit_models.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/duration.h"
#include "tests/unit/loyalty/chance.h"

#define NEAR(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))
#define NOW                   (INT64_C(20000) * DURATION_DAY)
#define BEGIN                 (NOW - 800 * DURATION_DAY)

/* Days. */
static const struct bg_nbd made_of = {.r = 0.9, .alpha = 45, .a = 0.8, .b = 3};

/* What a customer of that model buys from first_us on, and spends 100 to 300 on each day. */
static struct buyer_history live(struct chance *c, const struct fit_span *span, int64_t first_us)
{
    double rate = chance_gamma(c, made_of.r) / made_of.alpha;
    double leaves = chance_beta(c, made_of.a, made_of.b);
    double mean = 10000 + 20000 * chance_uniform(c);
    struct buyer_history h = {
        .first_us = first_us,
        .last_us = first_us,
        .last_before_us = first_us < span->held_from_us ? first_us : INT64_MIN,
        .days = 1,
        .days_before = first_us < span->held_from_us,
        .money_minor = mean,
        .is_in_main_currency = true,
    };
    for (;;) {
        int64_t at_us = h.last_us + (int64_t)(chance_exponential(c) / rate * (double)DURATION_DAY);
        if (at_us > span->now_us || at_us < h.last_us) {
            return h;
        }
        h.last_us = at_us;
        h.days++;
        h.money_minor += mean * (0.8 + 0.4 * chance_uniform(c));
        if (at_us < span->held_from_us) {
            h.last_before_us = at_us;
            h.days_before++;
        }
        if (chance_uniform(c) < leaves) {
            return h;
        }
    }
}

static struct buyers crowd(size_t count, const struct fit_span *span)
{
    struct chance c = {20261122};
    struct buyers b = {.count = 0};
    for (size_t i = 0; i < count; i++) {
        int64_t first_us = BEGIN + (int64_t)(400 * chance_uniform(&c) * (double)DURATION_DAY);
        struct buyer_history h = live(&c, span, first_us);
        buyers_add(&b, span, &h);
    }
    return b;
}

static double error_of(const struct fit_row *row, const char *name)
{
    for (size_t i = 0; i < row->error_count; i++) {
        if (strcmp(row->errors[i].name, name) == 0) {
            return row->errors[i].value;
        }
    }
    fail_msg("there is no %s", name);
    return NAN;
}

static void purchases_are_fitted_near_what_made_them(void **state)
{
    const struct fit_span span = fit_span_of(BEGIN, NOW);
    struct buyers b = crowd(4000, &span);
    struct fit_row row = fit_purchases(&b, &span);
    const struct bg_nbd *m = &row.set.purchases;
    assert_true(row.is_converged && row.is_in_force && row.why_not[0] == '\0');
    assert_int_equal(row.observations, 4000);
    NEAR(m->r, made_of.r, 0.1 * made_of.r);
    NEAR(m->alpha, made_of.alpha, 0.12 * made_of.alpha);
    NEAR(m->a / (m->a + m->b), made_of.a / (made_of.a + made_of.b), 0.03);
    assert_true(row.has_likelihood && row.log_likelihood < 0 && row.iterations > 0);
    /* A quarter of 800 days was kept aside, and was foretold. */
    NEAR(error_of(&row, "held_days"), 200, 1e-6);
    NEAR(error_of(&row, "held_customers"), 4000, 0);
    NEAR(error_of(&row, "mean_error"), 0, 0.05 * error_of(&row, "actual_mean"));
    assert_true(error_of(&row, "actual_mean") > 0.5);
    assert_true(error_of(&row, "correlation") > 0.7);
    buyers_free(&b);
}

static void spend_is_that_of_a_day_with_a_purchase(void **state)
{
    const struct fit_span span = fit_span_of(BEGIN, NOW);
    struct buyers b = crowd(2000, &span);
    struct fit_row row = fit_spend(&b, &span, "CNY");
    assert_true(row.is_converged && row.is_in_force);
    NEAR(gamma_gamma_mean(&row.set.spend, 0, 0), 20000, 1000);
    NEAR(gamma_gamma_mean(&row.set.spend, 50, 12000), 12000, 500);
    assert_string_equal(row.set.currency, "CNY");
    for (size_t i = 0; i < b.count; i++) {
        b.list[i].is_in_main_currency = i < 99;
    }
    row = fit_spend(&b, &span, "CNY");
    assert_false(row.is_in_force);
    assert_int_equal(row.observations, 99);
    buyers_free(&b);
}

static void quintiles_part_the_customers_into_five(void **state)
{
    const struct fit_span span = fit_span_of(BEGIN, NOW);
    struct buyers b = crowd(1000, &span);
    struct fit_row row = fit_rfm(&b, &span, "CNY");
    size_t below = 0;
    assert_true(row.is_in_force);
    for (size_t i = 0; i < b.count; i++) {
        below += b.list[i].t - b.list[i].t_x <= row.set.rfm_cuts[0][1];
    }
    NEAR((double)below, 400, 1);
    assert_true(row.set.rfm_cuts[1][3] > row.set.rfm_cuts[1][1]);
    assert_true(row.set.rfm_cuts[2][3] > row.set.rfm_cuts[2][0]);
    assert_string_equal(row.set.rfm_currency, "CNY");
    buyers_free(&b);
}

/* Whoever bought in another currency spent nothing that could be compared. */
static void money_is_ranked_among_those_of_the_main_currency(void **state)
{
    const struct fit_span span = fit_span_of(BEGIN, NOW);
    struct buyers b = crowd(1000, &span);
    struct fit_row all = fit_rfm(&b, &span, "CNY");
    for (size_t i = 0; i < 500; i++) {
        struct buyer other = b.list[i];
        other.money = 0;
        other.is_in_main_currency = false;
        b.list[b.count - 1 - i] = other;
    }
    struct fit_row half = fit_rfm(&b, &span, "CNY");
    assert_true(half.is_in_force);
    assert_true(half.set.rfm_cuts[2][0] > all.set.rfm_cuts[2][0] / 2);
    for (size_t i = 0; i < 401; i++) {
        b.list[i].is_in_main_currency = false;
    }
    half = fit_rfm(&b, &span, "CNY");
    assert_false(half.is_in_force);
    assert_non_null(strstr(half.why_not, "99 customers bought in one currency"));
    buyers_free(&b);
}

static void too_little_is_said_with_numbers(void **state)
{
    const struct fit_span span = fit_span_of(BEGIN, NOW);
    struct buyers b = crowd(99, &span);
    struct fit_row row = fit_purchases(&b, &span);
    assert_false(row.is_in_force || row.is_converged || row.has_likelihood);
    assert_non_null(strstr(row.why_not, "99 customers bought"));
    assert_non_null(strstr(row.why_not, "100 and 30 are needed"));
    assert_false(fit_rfm(&b, &span, "CNY").is_in_force);
    assert_false(fit_spend(&b, &span, "CNY").is_in_force);
    buyers_free(&b);
    row = fit_purchases(&b, &span);
    assert_non_null(strstr(row.why_not, "0 customers bought"));
}

/* Everybody buys every ten days for ever: there is no one optimum. */
static void what_does_not_converge_is_not_put_in_force_and_says_why(void **state)
{
    const struct fit_span span = fit_span_of(BEGIN, NOW);
    struct buyers b = {.count = 0};
    for (int i = 0; i < 200; i++) {
        const struct buyer_history h = {
            .first_us = BEGIN,
            .last_us = NOW,
            .last_before_us = span.held_from_us - 1,
            .days = 81,
            .days_before = 60,
            .money_minor = 100 * 81,
            .is_in_main_currency = true,
        };
        buyers_add(&b, &span, &h);
    }
    struct fit_row row = fit_purchases(&b, &span);
    assert_false(row.is_in_force || row.is_converged);
    assert_true(row.why_not[0] != '\0');
    row = fit_spend(&b, &span, "CNY");
    assert_false(row.is_in_force || row.is_converged);
    assert_true(row.why_not[0] != '\0');
    buyers_free(&b);
}

static void a_short_history_has_no_part_to_keep_aside(void **state)
{
    const struct fit_span span = fit_span_of(NOW - 20 * DURATION_DAY, NOW);
    struct buyers b = {.count = 0};
    struct chance c = {3};
    for (int i = 0; i < 500; i++) {
        struct buyer_history h = live(&c, &span, NOW - 20 * DURATION_DAY + i);
        buyers_add(&b, &span, &h);
    }
    assert_int_equal(fit_purchases(&b, &span).error_count, 0);
    buyers_free(&b);
}

static void averages_are_weighed_and_few_answers_keep_the_middle(void **state)
{
    struct measure_sum sums[MEASURE_END] = {0};
    struct fit_row row = fit_averages(sums, NOW);
    assert_false(row.is_in_force);
    assert_non_null(strstr(row.why_not, "30 are needed"));
    sums[MEASURE_SATISFACTION] = (struct measure_sum){30, 1e9, 4.25e9};
    sums[MEASURE_EFFORT] = (struct measure_sum){29, 10, 70};
    sums[MEASURE_GAP_EMPATHY] = (struct measure_sum){20, 2, -1};
    sums[MEASURE_GAP_TANGIBLES] = (struct measure_sum){20, 2, -3};
    sums[MEASURE_EXPERIENCE] = (struct measure_sum){40, 3, 3 + 1e-12}; /* rounding */
    row = fit_averages(sums, NOW);
    assert_true(row.is_in_force);
    assert_int_equal(row.observations, 139);
    NEAR(row.set.average_csat, 4.25, 1e-12);
    NEAR(row.set.average_ces, 4, 0);
    NEAR(row.set.average_gap, -1, 1e-12);
    NEAR(row.set.average_experience, 1, 0);
    NEAR(row.set.average_nps_share, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(purchases_are_fitted_near_what_made_them),
        cmocka_unit_test(spend_is_that_of_a_day_with_a_purchase),
        cmocka_unit_test(quintiles_part_the_customers_into_five),
        cmocka_unit_test(money_is_ranked_among_those_of_the_main_currency),
        cmocka_unit_test(too_little_is_said_with_numbers),
        cmocka_unit_test(what_does_not_converge_is_not_put_in_force_and_says_why),
        cmocka_unit_test(a_short_history_has_no_part_to_keep_aside),
        cmocka_unit_test(averages_are_weighed_and_few_answers_keep_the_middle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
