/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/forecast.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/domain/calendar_read.h"
#include "common/domain/standard.h"
#include "services/intake/forecast_pool.h"

/* A Friday, 16:00 in UTC. */
#define MADE_US INT64_C(1704470400000000)
#define H       DURATION_H

static const char office_standard[] =
    "calendars = ( { name = \"office\"; zone = \"UTC\"; week: { mon-fri = \"08:00-18:00\"; }; } );"
    "rules = ( { name = \"all\"; priority = 3; owner_team = \"care\";"
    "  promises = ( { kind = \"resolution\"; target = \"8h\"; calendar = \"office\"; } ); } );";

static struct standard *standard;
static const struct calendar *office;

static int begin(void **state)
{
    struct err err = ERR_NONE;
    (void)state;
    standard = standard_parse(office_standard, "test", &err);
    assert_non_null(standard);
    office = calendar_book_find(standard_calendars(standard), "office");
    assert_non_null(office);
    return 0;
}

static int end(void **state)
{
    (void)state;
    standard_free(standard);
    return 0;
}

/* ---- the table */

/* 50 % after 2 h, 80 % after 5 h, 90 % after 20 h. */
static const struct survival_step usual_steps[] = {
    {2 * H,  0.5, 0.08},
    {5 * H,  0.2, 0.06},
    {20 * H, 0.1, 0.05}
};

static struct forecast_curve curve(const char *kind, const char *team, const char *calendar)
{
    return (struct forecast_curve){
        .key = {kind, team, calendar},
        .past_cases = 40,
        .kept_cases = 36,
        .known_us = SURVIVAL_NEVER,
        .steps = usual_steps,
        .step_count = ARRAY_LEN(usual_steps),
    };
}

static struct forecast *usual_forecast(void)
{
    static const char *const kinds[] = {"resolution", "first_response", "next_update"};
    static const char *const calendars[] = {"office", "24x7"};
    struct forecast *f = forecast_new();
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        for (size_t j = 0; j < ARRAY_LEN(calendars); j++) {
            const struct forecast_curve c = curve(kinds[i], "care", calendars[j]);
            forecast_add(f, &c);
        }
    }
    return f;
}

static struct forecast_question question(int64_t within_us)
{
    return (struct forecast_question){
        .kind = "resolution",
        .owner_team = "care",
        .calendar = office,
        .made_us = MADE_US,
        .within_us = within_us,
    };
}

static void the_safe_date_is_in_working_time(void **state)
{
    struct forecast *f = usual_forecast();
    struct forecast_answer a;
    struct forecast_question q = question(8 * H);
    (void)state;
    assert_int_equal(forecast_count(f), 6);
    assert_true(forecast_ask(f, &q, &a));
    assert_int_equal(a.past_cases, 40);
    assert_true(a.chance == 1.0 - 0.2);
    assert_int_equal(a.safe_us, MADE_US + (2 + 62 + 3) * H); /* Monday, 11:00 */
    q.calendar = NULL;
    assert_true(forecast_ask(f, &q, &a));
    assert_int_equal(a.safe_us, MADE_US + 5 * H);
    forecast_free(f);
}

static void each_part_of_the_group_counts(void **state)
{
    struct forecast *f = usual_forecast();
    struct forecast_answer a;
    struct forecast_question q = question(8 * H);
    (void)state;
    q.kind = "callback";
    assert_false(forecast_ask(f, &q, &a));
    q = question(8 * H);
    q.owner_team = "workshop";
    assert_false(forecast_ask(f, &q, &a));
    struct forecast_curve c = curve("callback", "workshop", "24x7");
    forecast_add(f, &c);
    q.kind = "callback";
    assert_false(forecast_ask(f, &q, &a));
    q.calendar = NULL;
    assert_true(forecast_ask(f, &q, &a));
    forecast_free(f);
}

static void what_is_not_known_is_not_told(void **state)
{
    static const struct {
        int32_t past_cases;
        int64_t known_us, within_us;
        bool is_known, is_safe_known;
    } rows[] = {
        {30, SURVIVAL_NEVER, 8 * H, true,  true },
        {29, SURVIVAL_NEVER, 8 * H, false, false},
        {40, 8 * H,          8 * H, true,  true },
        {40, 8 * H - 1,      8 * H, false, false},
        {40, 4 * H,          3 * H, true,  false},
        {40, 0,              1,     false, false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct forecast *f = forecast_new();
        struct forecast_curve c = curve("resolution", "care", "office");
        struct forecast_question q = question(rows[i].within_us);
        struct forecast_answer a = {0};
        c.past_cases = rows[i].past_cases;
        c.known_us = rows[i].known_us;
        forecast_add(f, &c);
        assert_int_equal(forecast_ask(f, &q, &a), rows[i].is_known);
        if (rows[i].is_known) {
            assert_int_equal(a.safe_us != CALENDAR_NEVER, rows[i].is_safe_known);
        }
        forecast_free(f);
    }
}

static void where_fewer_ever_are_done_no_date_is_safe(void **state)
{
    struct forecast *f = forecast_new();
    struct forecast_curve c = curve("resolution", "care", "office");
    struct forecast_question q = question(3 * H);
    struct forecast_answer a;
    (void)state;
    c.step_count = 1;
    forecast_add(f, &c);
    assert_true(forecast_ask(f, &q, &a));
    assert_true(a.chance == 0.5);
    assert_int_equal(a.safe_us, CALENDAR_NEVER);
    c.step_count = 0;
    forecast_add(f, &c); /* replaces it */
    assert_int_equal(forecast_count(f), 1);
    assert_true(forecast_ask(f, &q, &a));
    assert_true(a.chance == 0.0);
    forecast_free(f);
}

static void whoever_holds_the_table_sees_the_new_one(void **state)
{
    struct forecast *f = usual_forecast();
    struct forecast *fresh = forecast_new();
    const struct forecast_curve c = curve("callback", "care", "office");
    struct forecast_question q = question(8 * H);
    struct forecast_answer a;
    (void)state;
    forecast_add(fresh, &c);
    forecast_replace(f, fresh);
    assert_int_equal(forecast_count(f), 1);
    assert_false(forecast_ask(f, &q, &a));
    q.kind = "callback";
    assert_true(forecast_ask(f, &q, &a));
    forecast_free(f);
}

static void an_answer_costs_less_than_two_microseconds(void **state)
{
    enum {
        QUESTIONS = 200000
    };
    static struct survival_step steps[1000];
    struct forecast *f = usual_forecast();
    struct forecast_curve c = curve("resolution", "care", "office");
    struct timespec from, to;
    double sum = 0.0;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        steps[i] = (struct survival_step){(int64_t)i * H / 100, 1.0 - (double)i / 1000.0, 0.0};
    }
    c.steps = steps;
    c.step_count = ARRAY_LEN(steps);
    forecast_add(f, &c);
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    for (int i = 0; i < QUESTIONS; i++) {
        const struct forecast_question q = question((i % 1000) * H / 100);
        struct forecast_answer a;
        assert_true(forecast_ask(f, &q, &a));
        sum += a.chance;
    }
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    const double ns =
        ((double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec)) / QUESTIONS;
    print_message("%.0f ns for one answer\n", ns);
    assert_true(sum > 0.0);
#if !defined(__SANITIZE_ADDRESS__)
    assert_true(ns < 2000.0);
#endif
    forecast_free(f);
}

/* ---- the pool */

static struct forecast_past past(const char *team, int64_t made_us, int64_t counted_us, bool done)
{
    return (struct forecast_past){
        {"resolution", team, "office"},
        made_us, counted_us, done
    };
}

static void past_promises_become_the_curve_of_their_group(void **state)
{
    struct forecast_pool *p = forecast_pool_new();
    struct forecast_curve c;
    (void)state;
    for (int i = 1; i <= 40; i++) {
        const struct forecast_past care = past("care", i, i * H, i <= 30);
        const struct forecast_past workshop = past("a workshop", i, -i, true);
        forecast_pool_add(p, &care);
        forecast_pool_add(p, &workshop);
    }
    assert_int_equal(forecast_pool_count(p), 2);
    forecast_pool_curve(p, 1, &c);
    assert_string_equal(c.key.owner_team, "care");
    assert_string_equal(c.key.calendar, "office");
    assert_int_equal(c.past_cases, 40);
    assert_int_equal(c.kept_cases, 30);
    assert_int_equal(c.step_count, 30);
    assert_int_equal(c.known_us, SURVIVAL_NEVER);
    assert_true(survival_curve_done(c.steps, c.step_count, 20 * H) > 0.499);
    assert_int_equal(survival_curve_time(c.steps, c.step_count, 0.8), SURVIVAL_NEVER);
    forecast_pool_curve(p, 0, &c);
    assert_int_equal(c.step_count, 1);
    assert_int_equal(c.steps[0].at_us, 0); /* a clock never counts less than nothing */
    forecast_pool_free(p);
}

/* A flood of new cases says nothing yet about a target of hours. */
static void a_curve_is_not_known_where_most_were_watched_shorter(void **state)
{
    struct forecast_pool *p = forecast_pool_new();
    struct forecast_curve c;
    (void)state;
    for (int i = 0; i < 100; i++) {
        const struct forecast_past one =
            past("care", i, i < 35 ? H / 20 : (i % 50 + 1) * H / 10, i < 35);
        forecast_pool_add(p, &one);
    }
    forecast_pool_curve(p, 0, &c);
    assert_in_range(c.known_us, H, 5 * H);
    forecast_pool_free(p);
}

static void of_a_large_group_the_newest_count_and_the_curve_is_short(void **state)
{
    struct forecast_pool *p = forecast_pool_new();
    struct forecast_curve c;
    (void)state;
    for (int i = 0; i < 35000; i++) {
        /* 17 and 35000 have no common factor: any order. Old ones were done at once. */
        const int made = i * 17 % 35000;
        const struct forecast_past one = past("care", made, made < 25000 ? 0 : made, true);
        forecast_pool_add(p, &one);
    }
    forecast_pool_curve(p, 0, &c);
    assert_int_equal(c.past_cases, FORECAST_POOL_MAX);
    assert_int_equal(survival_curve_time(c.steps, c.step_count, 0.8), 25000 + 8000 - 1);
    assert_int_equal(survival_curve_time(c.steps, c.step_count, 0.5), 25000 + 5000 - 1);
    assert_in_range(c.step_count, FORECAST_FINENESS - 1, FORECAST_FINENESS + 3);
    assert_true(survival_curve_done(c.steps, c.step_count, 25000 - 1) == 0.0);
    forecast_pool_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_safe_date_is_in_working_time),
        cmocka_unit_test(each_part_of_the_group_counts),
        cmocka_unit_test(what_is_not_known_is_not_told),
        cmocka_unit_test(where_fewer_ever_are_done_no_date_is_safe),
        cmocka_unit_test(whoever_holds_the_table_sees_the_new_one),
        cmocka_unit_test(an_answer_costs_less_than_two_microseconds),
        cmocka_unit_test(past_promises_become_the_curve_of_their_group),
        cmocka_unit_test(a_curve_is_not_known_where_most_were_watched_shorter),
        cmocka_unit_test(of_a_large_group_the_newest_count_and_the_curve_is_short),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
