/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/report_formula.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"

/* What was counted: measure, count, sum. */
struct counted {
    uint16_t code;
    int64_t count, sum;
};

static const struct counted counted[] = {
    {MEASURE_CASES,                    10,   0      },
    {MEASURE_COMPLAINTS,               4,    0      },
    {MEASURE_FIRST_RESPONSE_IN_TARGET, 8,    6      },
    {MEASURE_PROMISES_KEPT,            9,    0      },
    {MEASURE_PROMISES_BROKEN,          1,    0      },
    {MEASURE_CSAT,                     4,    16     },
    {MEASURE_CSAT_SQUARES,             4,    68     },
    {MEASURE_NPS_PROMOTERS,            5,    0      },
    {MEASURE_NPS_PASSIVES,             3,    0      },
    {MEASURE_NPS_DETRACTORS,           2,    0      },
    {MEASURE_PURCHASES,                2000, 0      },
    {MEASURE_BACKLOG,                  -3,   0      },
    {MEASURE_BACKLOG + REPORT_EARLIER, 7,    0      },
    {MEASURE_PROMISE_FORECASTS,        4,    3      },
    {MEASURE_PROMISE_FORECAST_CHANCE,  4,    2000000},
    {MEASURE_WAITED_FOR_US,            2,    300    },
    {MEASURE_WAITED_FOR_CUSTOMER,      2,    100    },
    {MEASURE_REOPENINGS,               0,    0      },
};

#define UNKNOWN NAN /* no value, or no interval */

/* The columns are too wide for it. */
/* clang-format off */
static const struct {
    const char *name;
    struct report_formula formula;
    double value, low, high;
    int64_t count;
} cases[] = {
    {"a count",               {FORMULA_COUNT, {MEASURE_CASES, MEASURE_COMPLAINTS}, {0}, 0, 0},                                    14,   UNKNOWN, UNKNOWN, 14  },
    {"a sum by its scale",    {FORMULA_SUM, {MEASURE_WAITED_FOR_US}, {0}, 0, 0.5},                                                150,  UNKNOWN, UNKNOWN, 2   },
    {"Wilson, 9 of 10",       {FORMULA_SHARE, {MEASURE_PROMISES_KEPT}, {MEASURE_PROMISES_KEPT, MEASURE_PROMISES_BROKEN}, 0, 0},   0.9,  0.5958,  0.9821,  10  },
    {"Wilson, 6 of 8",        {FORMULA_SHARE_IN, {MEASURE_FIRST_RESPONSE_IN_TARGET}, {0}, 0, 0},                                  0.75, 0.4093,  0.9285,  8   },
    {"nothing to share",      {FORMULA_SHARE, {MEASURE_REOPENINGS}, {MEASURE_REOPENINGS}, 0, 0},                                  UNKNOWN, UNKNOWN, UNKNOWN, 0 },
    {"a share of time",       {FORMULA_SHARE_SUM, {MEASURE_WAITED_FOR_US}, {MEASURE_WAITED_FOR_US, MEASURE_WAITED_FOR_CUSTOMER}, 0, 0}, 0.75, UNKNOWN, UNKNOWN, 2},
    /* 5, 5, 3, 3: the deviation is sqrt(4 / 3) */
    {"a mean with squares",   {FORMULA_MEAN, {MEASURE_CSAT}, {MEASURE_CSAT_SQUARES}, 0, 0},                                       4,    2.8684,  5.1316,  4   },
    {"a spread",              {FORMULA_SPREAD, {MEASURE_CSAT}, {MEASURE_CSAT_SQUARES}, 0, 0},                                     1.1547, UNKNOWN, UNKNOWN, 4 },
    {"a mean of nothing",     {FORMULA_MEAN, {MEASURE_REOPENINGS}, {0}, 0, 0},                                                    UNKNOWN, UNKNOWN, UNKNOWN, 0 },
    {"NPS, 5 3 2",            {FORMULA_NPS, {MEASURE_NPS_PROMOTERS, MEASURE_NPS_PASSIVES, MEASURE_NPS_DETRACTORS}, {0}, 0, 0},    30,   -19.0506, 65.2045, 10 },
    /* exact Poisson limits of 4: 1.09 and 10.24 */
    {"a rate per 1,000",      {FORMULA_RATE, {MEASURE_COMPLAINTS}, {MEASURE_PURCHASES}, 0, 0},                                    2,    0.5379,  5.1210,  2000},
    {"a rate of none",        {FORMULA_RATE, {MEASURE_REOPENINGS}, {MEASURE_PURCHASES}, 0, 0},                                    0,    0,       1.8340,  2000},
    {"a stock",               {FORMULA_STOCK, {MEASURE_BACKLOG}, {0}, 0, 0},                                                      4,    UNKNOWN, UNKNOWN, 4   },
    {"too timid a forecast",  {FORMULA_CALIBRATION, {MEASURE_PROMISE_FORECAST_CHANCE}, {MEASURE_PROMISE_FORECASTS}, 0, 1e-6},     -0.25, UNKNOWN, UNKNOWN, 4  },
    {"a part of the total",   {FORMULA_PART, {MEASURE_CASES}, {0}, 0, 0},                                                         1,    0.7225,  1,       10  },
};
/* clang-format on */

static bool is_near(double want, bool has, double is)
{
    return isnan(want) ? !has : has && fabs(want - is) < 0.0005 * fmax(1, fabs(want));
}

static void fill(struct report_slots *slots, struct report_sums *sums)
{
    *slots = (struct report_slots){.count = 0};
    for (size_t i = 0; i < ARRAY_LEN(counted); i++) {
        slots->code[slots->count++] = counted[i].code;
    }
    for (size_t i = 0; i < ARRAY_LEN(counted); i++) {
        report_sums_at(sums, slots, i)->count = counted[i].count;
        report_sums_at(sums, slots, i)->sum = counted[i].sum;
    }
}

static void each_formula_says_what_its_figures_do(void **state)
{
    struct report_sums sums = {.list = NULL};
    struct report_slots slots;

    fill(&slots, &sums);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct report_estimate e = report_formula_of(&cases[i].formula, &slots, &sums, &sums);
        if (!is_near(cases[i].value, e.has_value, e.value) ||
            !is_near(cases[i].low, e.has_interval, e.interval.low) ||
            !is_near(cases[i].high, e.has_interval, e.interval.high) || e.count != cases[i].count) {
            fail_msg("%s: %f (%f to %f), %d", cases[i].name, e.value, e.interval.low,
                     e.interval.high, (int)e.count);
        }
    }
    report_sums_free(&sums);
}

static void quantiles_and_means_of_durations_come_from_the_histogram(void **state)
{
    struct report_sums sums = {.list = NULL};
    const struct report_slots slots = {.code = {MEASURE_RESOLUTION}, .count = 1};
    const struct report_formula median = {
        .kind = FORMULA_QUANTILE, .of = {MEASURE_RESOLUTION}, .quantile = 0.5};
    const struct report_formula mean = {.kind = FORMULA_MEAN, .of = {MEASURE_RESOLUTION}};

    struct report_sum *one = report_sums_at(&sums, &slots, 0);
    for (int64_t i = 1; i <= 100; i++) {
        log_histogram_add(&one->histogram, i * 1000, 1);
        one->count += 1;
        one->sum += (figure_total)i * 1000;
    }
    struct report_estimate e = report_formula_of(&median, &slots, &sums, NULL);
    assert_true(fabs(e.value - 50000) < 0.02 * 50000);
    assert_true(fabs(e.interval.low - 40000) < 0.03 * 40000);
    assert_true(fabs(e.interval.high - 60000) < 0.03 * 60000);
    e = report_formula_of(&mean, &slots, &sums, NULL);
    assert_true(fabs(e.value - 50500) < 1e-6);
    /* The deviation of 1 to 100 is 29.01. */
    assert_true(fabs(e.interval.high - (50500 + 1.96 * 2901)) < 0.002 * 50500);
    report_sums_free(&sums);
}

/* A sheet of a day again and again, as a report of years adds it up. */
static void a_mean_of_more_microseconds_than_an_int64_holds_is_right(void **state)
{
    struct report_sums sums = {.list = NULL}, all = {.list = NULL};
    struct figure_sums day = {.count = 0};
    struct buffer packed = {0};
    struct err err = ERR_NONE;
    const struct report_slots slots = {.code = {MEASURE_RESOLUTION}, .count = 1};
    const struct report_formula mean = {.kind = FORMULA_MEAN, .of = {MEASURE_RESOLUTION}};
    const struct report_formula sum = {.kind = FORMULA_SUM, .of = {MEASURE_RESOLUTION}, .scale = 1};
    const int64_t took = INT64_C(9300000000000); /* 107.6 days */

    figure_sums_of(&day, MEASURE_RESOLUTION)->count = 400000;
    figure_sums_of(&day, MEASURE_RESOLUTION)->sum = (figure_total)took * 400000;
    figure_sums_pack(&day, &packed);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(report_sums_add_sheet(&sums, &slots, REPORT_IN_RANGE,
                                               (struct bytes){packed.data, packed.len}, &err),
                         0);
    }
    report_sums_merge(&all, &slots, &sums);
    report_sums_merge(&all, &slots, &sums);
    assert_true(fabs(report_formula_of(&mean, &slots, &all, NULL).value - (double)took) < 1.0);
    assert_true(fabs(report_formula_of(&sum, &slots, &all, NULL).value / 7.44e19 - 1.0) < 1e-9);
    report_sums_free(&sums);
    report_sums_free(&all);
    figure_sums_free(&day);
    buffer_free(&packed);
}

static void every_column_of_the_book_has_measures_and_words(void **state)
{
    const struct report_kind *const *book;
    const size_t count = report_book_list(&book);

    for (size_t i = 0; i < count; i++) {
        struct report_slots slots;
        report_slots_of(book[i]->columns, &slots);
        assert_ptr_equal(report_book_find(book[i]->name), book[i]);
        for (const struct report_column *c = book[i]->columns; c->name != NULL; c++) {
            for (int language = 0; language < REPORT_LANGUAGE_COUNT; language++) {
                assert_non_null(c->label.text[language]);
                assert_non_null(c->help.text[language]);
            }
            assert_int_not_equal(c->unit, TROTH__V1__FIGURE_UNIT__FIGURE_UNIT_UNSPECIFIED);
        }
    }
    assert_null(report_book_find("nonsense"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_formula_says_what_its_figures_do),
        cmocka_unit_test(quantiles_and_means_of_durations_come_from_the_histogram),
        cmocka_unit_test(a_mean_of_more_microseconds_than_an_int64_holds_is_right),
        cmocka_unit_test(every_column_of_the_book_has_measures_and_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
