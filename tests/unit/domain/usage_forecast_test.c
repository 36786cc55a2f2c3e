/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/usage_forecast.h"

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
#include "common/base/xalloc.h"

#define DAY(n) ((n)*DURATION_DAY)

struct day_reading {
    int day;
    double total;
};

static int ask(const struct day_reading *days, size_t count, struct usage_question q,
               struct usage_forecast *ret, struct err *err)
{
    struct usage_reading readings[64];

    for (size_t i = 0; i < count; i++) {
        readings[i] = (struct usage_reading){DAY(days[i].day), days[i].total};
    }
    q.readings = readings;
    q.count = count;
    return usage_forecast_make(&q, ret, err);
}

static void assert_sane(const struct usage_forecast *f)
{
    assert_true(isfinite(f->rate_per_day) && f->rate_per_day > 0.0);
    assert_true(isfinite(f->rate_error) && f->rate_error >= 0.0);
    assert_true(isfinite(f->used) && isfinite(f->left) && f->left > 0.0);
    assert_true(f->newest_us <= f->early_us);
    assert_true(f->early_us <= f->likely_us && f->likely_us <= f->late_us);
    assert_true(f->service >= 1);
    assert_in_range(f->reading_count, 3, 64);
}

static void even_use_is_foretold_to_the_day(void **state)
{
    static const struct day_reading days[] = {
        {0,  0   },
        {30, 1500},
        {60, 3000},
        {90, 4500}
    };
    struct usage_forecast f;
    struct err err = ERR_NONE;

    assert_int_equal(
        ask(days, 4, (struct usage_question){.every = 10000, .now_us = DAY(95)}, &f, &err), 0);
    assert_sane(&f);
    assert_float_equal(f.rate_per_day, 50.0, 1e-9);
    assert_float_equal(f.left, 5500.0, 1e-9);
    assert_float_equal(f.used, 4500.0, 1e-9);
    assert_int_equal(f.service, 1);
    assert_true(f.likely_us == DAY(200) && f.early_us == DAY(200) && f.late_us == DAY(200));
    assert_true(f.newest_us == DAY(90));
    assert_int_equal(f.reading_count, 4);
    assert_false(f.is_replaced);
}

static void services_are_counted_from_the_base(void **state)
{
    static const struct day_reading days[] = {
        {0,   25000},
        {50,  30000},
        {100, 35000}
    };
    static const struct {
        double base;
        int64_t service, likely_day;
    } cases[] = {
        {0.0,     4, 150}, /* 40,000 */
        {28000.0, 1, 130}, /* 38,000 */
        {15000.0, 3, 200}, /* 35,000 is just reached: 45,000 is next */
        {40000.0, 1, 250}, /* said to lie ahead: the first one after it */
        {-2000.0, 4, 130},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct usage_forecast f;
        struct err err = ERR_NONE;
        const struct usage_question q = {
            .every = 10000, .base = cases[i].base, .base_us = INT64_MIN, .now_us = DAY(100)};

        assert_int_equal(ask(days, 3, q, &f, &err), 0);
        assert_sane(&f);
        assert_int_equal(f.service, cases[i].service);
        assert_true(f.likely_us == DAY(cases[i].likely_day));
    }
}

/* 40 km a day with one wrong reading in it. */
static void one_wrong_reading_does_not_move_the_date(void **state)
{
    static const struct day_reading rows[][6] = {
        {{0, 1000},   {20, 1800}, {40, 260000}, {60, 3400}, {80, 4200}, {100, 5000}  },
        {{0, 1000},   {20, 1800}, {40, 26},     {60, 3400}, {80, 4200}, {100, 5000}  },
 /* between its neighbours: not to be seen, but the median does not follow it */
        {{0, 1000},   {20, 1800}, {40, 3390},   {60, 3400}, {80, 4200}, {100, 5000}  },
 /* not in order; twice the same; from the future */
        {{100, 5000}, {0, 1000},  {60, 3400},   {60, 3400}, {30, 2200}, {400, 900000}},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct usage_forecast f;
        struct err err = ERR_NONE;

        assert_int_equal(
            ask(rows[i], 6, (struct usage_question){.every = 9000, .now_us = DAY(100)}, &f, &err),
            0);
        assert_sane(&f);
        assert_float_equal(f.rate_per_day, 40.0, 2.0);
        assert_float_equal(f.left, 4000.0, 1e-9);
        assert_in_range(f.likely_us / DURATION_DAY, 195, 205);
        assert_false(f.is_replaced);
    }
}

static void replaced_counter_goes_on_where_the_old_one_stood(void **state)
{
    static const struct day_reading days[] = {
        {0,   80000},
        {30,  83000},
        {60,  86000},
        {62,  10   },
        {82,  1010 },
        {102, 2010 },
        {122, 3010 }
    };
    struct usage_question q = {.every = 10000, .base_us = INT64_MIN, .now_us = DAY(122)};
    struct usage_forecast f;
    struct err err = ERR_NONE;

    assert_int_equal(ask(days, 7, q, &f, &err), 0);
    assert_sane(&f);
    assert_true(f.is_replaced);
    assert_float_equal(f.rate_per_day, 50.0, 1e-9); /* the 100 of the old one are not mixed in */
    assert_float_equal(f.used, 89000.0, 1e-9);
    assert_int_equal(f.service, 9);
    assert_true(f.likely_us == DAY(142));
    assert_int_equal(f.reading_count, 4);
    /* A service that the new counter has seen counts on the new counter. */
    q.base = 1010;
    q.base_us = DAY(82);
    assert_int_equal(ask(days, 7, q, &f, &err), 0);
    assert_float_equal(f.used, 2000.0, 1e-9);
    assert_int_equal(f.service, 1);
    /* Too little is known of the new one yet. */
    assert_int_equal(ask(days, 5, q, &f, &err), -1);
    assert_string_equal(err.code, "usage_replaced");
}

static void newest_year_tells_the_rate(void **state)
{
    struct day_reading days[40];
    struct usage_forecast f;
    struct err err = ERR_NONE;

    for (int i = 0; i < 40; i++) { /* 100 a day for two years, then 20 a day */
        const int day = i * 30;

        days[i] = (struct day_reading){day, day < 750 ? day * 100.0 : 75000.0 + (day - 750) * 20.0};
    }
    assert_int_equal(
        ask(days, 40, (struct usage_question){.every = 5000, .now_us = DAY(1170)}, &f, &err), 0);
    assert_sane(&f);
    assert_float_equal(f.rate_per_day, 20.0, 1e-9);
    assert_int_equal(f.reading_count, 14);
}

/* Every hour for half a year: 64 of them tell as much, and the slopes of all pairs stay few. */
static void dense_readings_are_thinned_evenly(void **state)
{
    enum {
        COUNT = 4320
    };
    struct usage_reading *readings = xcalloc(COUNT, sizeof(*readings));
    struct usage_question q = {
        .readings = readings, .count = COUNT, .every = 10000, .now_us = COUNT * DURATION_H};
    struct usage_forecast f;
    struct err err = ERR_NONE;

    for (int i = 0; i < COUNT; i++) {
        readings[i] = (struct usage_reading){i * DURATION_H, i * 2.0};
    }
    assert_int_equal(usage_forecast_make(&q, &f, &err), 0);
    assert_sane(&f);
    assert_in_range(f.reading_count, 60, 64);
    assert_float_equal(f.rate_per_day, 48.0, 1e-9);
    assert_true(f.newest_us == (COUNT - 1) * DURATION_H);
    assert_true(f.likely_us / DURATION_S == 5000 * DURATION_H / DURATION_S);
    free(readings);
}

static void what_cannot_be_foretold_is_refused_by_name(void **state)
{
    static const struct {
        const char *code;
        size_t count;
        int now_day;
        double every;
        struct day_reading days[4];
    } cases[] = {
        {"usage_too_few",      0, 100, 1000,  {{0, 0}}                                },
        {"usage_too_few",      2, 100, 1000,  {{0, 0}, {50, 100}}                     },
        {"usage_too_few",      3, 100, 1000,  {{0, 0}, {50, 100}, {101, 200}}         }, /* one is of tomorrow */
        {"usage_too_few",      3, 100, 1000,  {{0, 0}, {50, 90}, {50, 100}}           },
        {"usage_replaced",     4, 100, 1000,  {{0, 50}, {30, 90}, {60, 20}, {90, 40}} },
        {"usage_too_short",    3, 100, 1000,  {{90, 0}, {95, 100}, {99, 200}}         },
        {"usage_stands_still", 3, 100, 1000,  {{0, 500}, {50, 500}, {90, 500}}        },
        {"usage_stands_still", 3, 100, 1000,  {{0, 500}, {50, 500.001}, {90, 500.002}}},
        {"usage_too_old",      3, 491, 1000,  {{0, 0}, {50, 100}, {90, 200}}          },
        {"usage_invalid",      3, 100, 0,     {{0, 0}, {50, 100}, {90, 200}}          },
        {"usage_invalid",      3, 100, -1000, {{0, 0}, {50, 100}, {90, 200}}          },
        {"usage_invalid",      3, 100, NAN,   {{0, 0}, {50, 100}, {90, 200}}          },
        {"usage_invalid",      3, 100, 1000,  {{0, 0}, {50, NAN}, {90, 200}}          },
        {"usage_invalid",      3, 100, 1000,  {{0, 0}, {50, INFINITY}, {90, 200}}     },
        {"usage_invalid",      3, 100, 1000,  {{0, 0}, {50, -1}, {90, 200}}           },
        {"usage_invalid",      3, 100, 1000,  {{0, 0}, {50, 1e300}, {90, 200}}        },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct usage_forecast f = {.service = 77};
        struct err err = ERR_NONE;
        const struct usage_question q = {.every = cases[i].every, .now_us = DAY(cases[i].now_day)};

        assert_int_equal(ask(cases[i].days, cases[i].count, q, &f, &err), -1);
        assert_string_equal(err.code, cases[i].code);
        assert_int_equal(f.service, 77);
    }
}

/* ---- made-up devices */

static uint64_t random_state;

static double random_part(void)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return ((double)(random_state >> 11) + 0.5) / 9007199254740992.0;
}

/* A car of uneven use, read at irregular times for `known` days; when it passes the target after
 * them is told, too. */
static size_t drive(struct usage_reading *readings, int known, double target, int *ret_day)
{
    const double mean = 20.0 + 60.0 * random_part();
    size_t count = 0;
    double total = 0.0;

    *ret_day = -1;
    for (int day = 1; *ret_day < 0; day++) {
        /* exponential days: as uneven as a car's */
        total += -mean * log(random_part());
        if (day <= known && (day == known || random_part() < 0.08)) {
            readings[count++] = (struct usage_reading){DAY(day), total};
        }
        if (total >= target) {
            *ret_day = day;
        }
    }
    return count;
}

static void four_of_five_fall_between_early_and_late(void **state)
{
    struct usage_reading *readings = xcalloc(400, sizeof(*readings));
    int within = 0;
    int before = 0;
    int count = 0;

    random_state = 42;
    for (int n = 0; n < 3000; n++) {
        struct usage_question q = {.readings = readings, .base_us = INT64_MIN};
        struct usage_forecast f;
        struct err err = ERR_NONE;
        int day;

        q.every = 10000;
        q.count = drive(readings, 90, 10000, &day);
        q.now_us = DAY(90);
        if (day <= 90 || usage_forecast_make(&q, &f, &err) < 0) {
            continue;
        }
        assert_sane(&f);
        count++;
        within += DAY(day) >= f.early_us && DAY(day) <= f.late_us + DURATION_DAY;
        before += DAY(day) < f.likely_us;
    }
    assert_in_range(count, 2500, 3000);
    assert_in_range(within * 100 / count, 74, 88);
    assert_in_range(before * 100 / count, 40, 60);
    free(readings);
}

/* Whatever a device sends, the answer is a forecast of finite numbers or a named reason. */
static void nothing_that_a_device_sends_gives_nonsense(void **state)
{
    struct usage_reading readings[200];

    random_state = 7;
    for (int n = 0; n < 20000; n++) {
        struct usage_question q = {.readings = readings, .count = (size_t)(random_part() * 200.0)};
        struct usage_forecast f;
        struct err err = ERR_NONE;
        const double scale = pow(10.0, random_part() * 18.0 - 4.0);
        const double days = pow(10.0, random_part() * 5.0);
        double total = 0.0;

        for (size_t i = 0; i < q.count; i++) {
            total = random_part() < 0.02 ? 0.0 : total + scale * random_part();
            readings[i].total = random_part() < 0.05 ? scale * 9.0 * random_part() : total;
            readings[i].at_us = (int64_t)(days * random_part() * (double)DURATION_DAY);
        }
        q.every = scale * pow(10.0, random_part() * 8.0 - 2.0);
        q.base = scale * (random_part() - 0.5);
        q.base_us = random_part() < 0.5 ? INT64_MIN : DAY(5);
        q.now_us = (int64_t)(days * (double)DURATION_DAY);
        if (usage_forecast_make(&q, &f, &err) == 0) {
            assert_sane(&f);
        } else {
            assert_memory_equal(err.code, "usage_", 6);
        }
    }
}

static void times_at_the_edge_of_their_type_are_refused(void **state)
{
    struct usage_reading readings[] = {
        {0,         1.0},
        {DAY(20),   2.0},
        {INT64_MIN, 3.0}
    };
    struct usage_question q = {.readings = readings, .count = 3, .every = 10, .now_us = DAY(30)};
    struct usage_forecast f;
    struct err err = ERR_NONE;

    assert_int_equal(usage_forecast_make(&q, &f, &err), -1);
    assert_string_equal(err.code, "usage_invalid");
    q.count = 2;
    q.now_us = INT64_MAX;
    assert_int_equal(usage_forecast_make(&q, &f, &err), -1);
    assert_string_equal(err.code, "usage_invalid");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(even_use_is_foretold_to_the_day),
        cmocka_unit_test(services_are_counted_from_the_base),
        cmocka_unit_test(one_wrong_reading_does_not_move_the_date),
        cmocka_unit_test(replaced_counter_goes_on_where_the_old_one_stood),
        cmocka_unit_test(newest_year_tells_the_rate),
        cmocka_unit_test(dense_readings_are_thinned_evenly),
        cmocka_unit_test(what_cannot_be_foretold_is_refused_by_name),
        cmocka_unit_test(four_of_five_fall_between_early_and_late),
        cmocka_unit_test(nothing_that_a_device_sends_gives_nonsense),
        cmocka_unit_test(times_at_the_edge_of_their_type_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
