/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/warning_series.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/text.h"

enum {
    FROM = 1000,
    DAYS = 70
};

static const struct warning_rule usual = {.least = 3, .days = 1000};
static struct warning_series *series;
static struct {
    size_t count, for_person;
    struct early_alarm last;
    bool has[4]; /* C1, C2, C3, CUSUM */
} raised;

static void take(void *ctx, const struct early_alarm *a)
{
    static const char *const names[] = {"C1", "C2", "C3", "CUSUM"};

    raised.count++;
    raised.for_person += a->is_for_person;
    raised.last = *a;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        raised.has[i] |= strcmp(names[i], a->detector) == 0;
    }
}

static int set_up(void **state)
{
    series = warning_series_new(FROM, FROM + DAYS - 1);
    memset(&raised, 0, sizeof(raised));
    return 0;
}

static int tear_down(void **state)
{
    warning_series_free(series);
    return 0;
}

static void put(int day, int64_t count)
{
    warning_series_add(series, DIMENSION_CATEGORY, "brakes", MEASURE_CASES, FROM + day, count);
}

static void judge(int day)
{
    memset(&raised, 0, sizeof(raised));
    warning_series_judge(series, FROM + day, &usual, take, NULL);
}

/* Alarms of one day, added up so that no two lists of them are the same by chance. */
static void add_up(void *ctx, const struct early_alarm *a)
{
    *(double *)ctx += (double)a->count + a->mean * 3.0 + a->deviation * 7.0 + a->statistic * 11.0 +
                      a->threshold * 13.0 + (a->is_for_person ? 1e4 : 0.0) + a->detector[1];
}

static double alarms_of(const struct warning_series *s, int64_t day)
{
    double sum = 0.0;

    warning_series_judge(s, day, &usual, add_up, &sum);
    return sum;
}

static void days_that_are_forgotten_change_no_judgement(void **state)
{
    enum {
        MANY = 400
    };
    struct warning_series *whole = warning_series_new(FROM, FROM + MANY);
    struct warning_series *moved = warning_series_new(FROM - WARNING_DAYS_BEFORE, FROM);
    uint64_t chance = 7;
    int alarms = 0;

    warning_series_begin(whole, FROM + 5);
    warning_series_begin(moved, FROM + 5);
    for (int64_t day = FROM; day <= FROM + MANY; day++) {
        for (int i = 0; i < 8; i++) {
            chance = chance * UINT64_C(6364136223846793005) + 1;
            int64_t count = (int64_t)(chance >> 60) * (chance >> 50 & 15 ? 1 : 5);
            const char name[2] = {(char)('a' + i), '\0'};
            warning_series_add(whole, DIMENSION_PRODUCT, name, MEASURE_CASES, day, count);
            warning_series_add(moved, DIMENSION_PRODUCT, name, MEASURE_CASES, day, count);
        }
        assert_true(alarms_of(whole, day) == alarms_of(moved, day));
        alarms += alarms_of(moved, day) > 0.0;
        warning_series_move(moved, 1);
    }
    assert_true(alarms > 20);
    warning_series_free(whole);
    warning_series_free(moved);
}

static void products_of_long_ago_and_more_than_there_is_room_for_are_not_kept(void **state)
{
    struct warning_series *s = warning_series_new(0, WARNING_DAYS_BEFORE);
    char name[16];

    for (int day = 0; day < 400; day++) {
        for (int i = 0; i < 500; i++) {
            (void)text_format(name, sizeof(name), "%d", day * 500 + i);
            warning_series_add(s, DIMENSION_PRODUCT, name, MEASURE_CASES, WARNING_DAYS_BEFORE + day,
                               1);
        }
        assert_true(warning_series_count(s) <= (size_t)(WARNING_DAYS_BEFORE + 1) * 500);
        warning_series_move(s, 1);
    }
    assert_int_equal(warning_series_left(s), 0);
    for (int i = 0; i < WARNING_SERIES_MAX; i++) {
        (void)text_format(name, sizeof(name), "new %d", i);
        warning_series_add(s, DIMENSION_PRODUCT, name, MEASURE_CASES, 400, 1);
    }
    assert_int_equal(warning_series_count(s), WARNING_SERIES_MAX);
    assert_true(warning_series_left(s) > 0);
    warning_series_add(s, DIMENSION_BRANCH, "south", MEASURE_CASES, 400, 1);
    assert_int_equal(warning_series_count(s), WARNING_SERIES_MAX + 1);
    warning_series_free(s);
}

static void a_sudden_rise_is_raised_with_its_baseline(void **state)
{
    warning_series_begin(series, FROM);
    for (int day = 0; day < 20; day++) {
        put(day, 2);
    }
    put(20, 5); /* two lanes of one day are one count */
    put(20, 7);
    judge(20);
    assert_true(raised.has[0] && raised.has[1]);
    assert_false(raised.has[2]); /* goes by the two days before */
    assert_false(raised.has[3]); /* too few days for it */
    assert_int_equal(raised.last.count, 12);
    assert_true(fabs(raised.last.mean - 2.0) < 1e-9 && raised.last.deviation == 1.0);
    assert_string_equal(raised.last.value, "brakes");
    judge(19);
    assert_int_equal(raised.count, 0);
    put(21, 2);
    judge(21);
    assert_true(raised.count == 1 && raised.has[2]);
    assert_true(fabs(raised.last.mean - 2.0) < 1e-9);
}

static void a_slow_rise_is_raised_once_by_cusum(void **state)
{
    int days = 0;

    warning_series_begin(series, FROM);
    for (int day = 0; day < DAYS; day++) {
        put(day, day < 45 ? 9 : 12);
    }
    for (int day = 40; day < 60; day++) {
        judge(day);
        days += raised.has[3];
        assert_false(raised.has[0]);
    }
    assert_int_equal(days, 1);
}

static void days_before_the_first_are_no_baseline(void **state)
{
    warning_series_begin(series, FROM + 30);
    for (int day = 30; day < 40; day++) {
        put(day, 9);
    }
    judge(31); /* after 30 days of nothing it would be a flood */
    assert_int_equal(raised.count, 0);
    judge(20);
    assert_int_equal(raised.count, 0);
}

static void without_a_first_day_nothing_is_raised(void **state)
{
    put(40, 100);
    judge(40);
    assert_int_equal(raised.count, 0);
}

static void series_are_apart_and_days_outside_are_ignored(void **state)
{
    warning_series_begin(series, FROM);
    warning_series_add(series, DIMENSION_PRODUCT, "brakes", MEASURE_CASES, FROM + 30, 50);
    warning_series_add(series, DIMENSION_CATEGORY, "brakes", MEASURE_COMPLAINTS, FROM + 30, 60);
    warning_series_add(series, DIMENSION_CATEGORY, "brakes", MEASURE_CASES, FROM + DAYS, 9);
    warning_series_add(series, DIMENSION_CATEGORY, "brakes", MEASURE_CASES, FROM - 1, 9);
    judge(30);
    assert_int_equal(raised.count, 4); /* C1 and C2 of both */
    warning_series_judge(series, FROM + DAYS, &usual, take, NULL);
    assert_int_equal(raised.count, 4);
}

/* ---- when a person is asked */

static void a_person_is_asked_when_detectors_agree_and_chance_does_not_explain_it(void **state)
{
    static const struct {
        const char *what;
        int64_t usual_count, count;
        int days; /* of it before */
        struct warning_rule rule;
        bool is_asked;
    } rows[] = {
        {"six times as many",                2, 12, 30, {3, 1000},   true },
        {"five of none",                     0, 5,  30, {3, 1000},   true },
        {"four of none: too few",            0, 4,  30, {5, 1000},   false},
        {"as few, when that is enough",      0, 4,  30, {4, 1000},   true },
        {"too few for the setting",          2, 12, 30, {13, 1000},  false},
        {"not that seldom",                  2, 8,  30, {3, 100000}, false},
        {"six days of baseline are too few", 2, 12, 8,  {3, 1000},   false},
        {"seven are enough",                 2, 12, 9,  {3, 1000},   true },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        warning_series_free(series);
        (void)set_up(NULL);
        warning_series_begin(series, FROM);
        for (int day = 0; day < rows[i].days; day++) {
            put(day, rows[i].usual_count);
        }
        put(rows[i].days, rows[i].count);
        memset(&raised, 0, sizeof(raised));
        warning_series_judge(series, FROM + rows[i].days, &rows[i].rule, take, NULL);
        if ((raised.for_person > 0) != rows[i].is_asked ||
            (rows[i].is_asked && raised.for_person != raised.count)) {
            fail_msg("%s: %zu of %zu", rows[i].what, raised.for_person, raised.count);
        }
    }
}

/* splitmix64, and Knuth's product of chances; deterministic. */
static uint64_t random_state;
static double chance(void)
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15U;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return ((double)((z ^ (z >> 31)) >> 11) + 0.5) / 9007199254740992.0;
}

static int64_t poisson(double mean)
{
    double limit = exp(-mean), product = chance();
    int64_t count = 0;

    while (product > limit) {
        product *= chance();
        count++;
    }
    return count;
}

enum {
    SERIES = 100,
    SIMULATED_DAYS = 730,
    QUIET = 7
};

struct simulated {
    int64_t alarm_days; /* on which any detector alarmed */
    int64_t asked;      /* with QUIET days between, as the service has it */
};

static void count_asked(void *ctx, const struct early_alarm *a)
{
    bool *seen = ctx;

    seen[0] = true;
    seen[1] |= a->is_for_person;
}

/* One series of Poisson counts; its mean is multiplied by factor since the day since. Returns the
 * first day since then on which a person is asked, or SIMULATED_DAYS. */
static int simulate(double mean, double factor, int since, struct simulated *add)
{
    struct warning_series *one = warning_series_new(0, SIMULATED_DAYS - 1);
    int first = SIMULATED_DAYS, last = -SIMULATED_DAYS;

    warning_series_begin(one, 0);
    for (int day = 0; day < SIMULATED_DAYS; day++) {
        warning_series_add(one, DIMENSION_CATEGORY, "brakes", MEASURE_CASES, day,
                           poisson(day >= since ? mean * factor : mean));
    }
    for (int day = 0; day < SIMULATED_DAYS; day++) {
        bool seen[2] = {false, false};
        warning_series_judge(one, day, &usual, count_asked, seen);
        add->alarm_days += seen[0];
        if (seen[1] && day - last > QUIET) {
            add->asked++;
            last = day;
        }
        first = seen[1] && day >= since && day < first ? day : first;
    }
    warning_series_free(one);
    return first;
}

static void without_change_a_person_is_asked_at_most_once_in_so_many_days(void **state)
{
    static const double means[] = {0.1, 0.5, 1.0, 3.0, 10.0, 40.0};

    random_state = 7;
    for (size_t i = 0; i < ARRAY_LEN(means); i++) {
        struct simulated s = {0};
        for (int n = 0; n < SERIES; n++) {
            (void)simulate(means[i], 1.0, 0, &s);
        }
        print_message("mean %.1f: an alarm on one day of %.0f, a person asked on one of %.0f\n",
                      means[i], (double)SERIES * SIMULATED_DAYS / (double)s.alarm_days,
                      (double)SERIES * SIMULATED_DAYS / (double)s.asked);
        assert_true(s.asked * usual.days <= (int64_t)SERIES * SIMULATED_DAYS);
    }
}

static void a_real_rise_is_asked_about_within_days(void **state)
{
    static const struct {
        double mean, factor;
        int days, of_100;
    } rows[] = {
        {0.5,  8.0, 5,  90},
        {2.0,  3.0, 7,  90},
        {5.0,  2.0, 10, 85},
        {20.0, 1.5, 7,  85},
    };
    random_state = 11;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct simulated s = {0};
        int found = 0;
        for (int n = 0; n < 100; n++) {
            found += simulate(rows[i].mean, rows[i].factor, 100, &s) < 100 + rows[i].days;
        }
        print_message("mean %.1f times %.1f: %d of 100 found within %d days\n", rows[i].mean,
                      rows[i].factor, found, rows[i].days);
        assert_true(found >= rows[i].of_100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_that_are_forgotten_change_no_judgement),
        cmocka_unit_test(products_of_long_ago_and_more_than_there_is_room_for_are_not_kept),
        cmocka_unit_test_setup_teardown(a_sudden_rise_is_raised_with_its_baseline, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_slow_rise_is_raised_once_by_cusum, set_up, tear_down),
        cmocka_unit_test_setup_teardown(days_before_the_first_are_no_baseline, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_a_first_day_nothing_is_raised, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_person_is_asked_when_detectors_agree_and_chance_does_not_explain_it, set_up,
            tear_down),
        cmocka_unit_test(without_change_a_person_is_asked_at_most_once_in_so_many_days),
        cmocka_unit_test(a_real_rise_is_asked_about_within_days),
        cmocka_unit_test_setup_teardown(series_are_apart_and_days_outside_are_ignored, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
