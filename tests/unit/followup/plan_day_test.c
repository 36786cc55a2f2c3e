/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/plan_day.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/domain/yearly_date.h"

#define DAY_US (24 * DURATION_H)

static const char rules_text[] =
    "rules = ("
    "{ name = \"gold_day\"; trigger = \"birthday\"; tier = \"gold\"; at = \"08:00\";"
    "  window = \"8h\"; },"
    "{ name = \"birthday\"; trigger = \"birthday\"; at = \"09:30\"; window = \"8h\"; },"
    "{ name = \"autumn\"; trigger = \"festival\"; topic = \"autumn\"; date = \"lunar 08-15\";"
    "  at = \"10:00\"; window = \"8h\"; },"
    "{ name = \"silent\"; trigger = \"silence\"; months = 6; at = \"11:00\"; window = \"7d\"; },"
    "{ name = \"service\"; trigger = \"service_due\"; months = 1; product = \"sedan\";"
    "  lead = \"36h\"; at = \"10:00\"; window = \"10d\"; } );";

struct world {
    struct plan plan;
    struct rulebook *rules;
    struct zone *shanghai, *new_york;
};

static int set_up(void **state)
{
    static struct world w;
    w.rules = rulebook_parse(rules_text, "test", NULL);
    w.shanghai = zone_open("Asia/Shanghai", NULL);
    w.new_york = zone_open("America/New_York", NULL);
    assert_non_null(w.rules);
    w.plan = (struct plan){.rules = w.rules, .rule_version = 1, .zone_version = "2025b"};
    plan_begin(&w.plan);
    *state = &w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    rulebook_free(w->rules);
    zone_free(w->shanghai);
    zone_free(w->new_york);
    plan_free(&w->plan);
    return 0;
}

static int64_t at(int year, int month, int day, int hour)
{
    return civil_to_days((struct civil_date){year, month, day}) * DAY_US + hour * DURATION_H;
}

static struct plan_candidate born(int month, int day, const struct zone *zone)
{
    return (struct plan_candidate){.number = 5 << 8 | 7,
                                   .customer = 5 << 8 | 7,
                                   .zone = zone,
                                   .birth_month = month,
                                   .birth_day = day};
}

/* How often one is planned on the days from `from` on. */
static size_t planned_in(struct plan *p, const char *topic, struct civil_date from, int days,
                         const struct plan_candidate *c)
{
    plan_begin(p);
    for (int i = 0; i < days; i++) {
        plan_day_candidate(p, topic, civil_from_days(civil_to_days(from) + i), c);
    }
    return p->list.count;
}

static void a_birthday_comes_once_in_each_year(void **state)
{
    static const struct {
        int month, day;
        bool is_lunar, is_leap_month;
    } cases[] = {
        {2,  29, false, false},
        {12, 31, false, false},
        {1,  1,  false, false},
        {8,  15, true,  false},
        {12, 30, true,  false},
        {6,  30, true,  true }
    };
    struct world *w = *state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct plan_candidate c = born(cases[i].month, cases[i].day, w->shanghai);
        c.is_lunar = cases[i].is_lunar;
        c.is_leap_month = cases[i].is_leap_month;
        /* From new year to new year of that calendar: 2024-02-10 to 2032-02-11. */
        const struct civil_date from =
            cases[i].is_lunar ? (struct civil_date){2024, 2, 10} : (struct civil_date){2024, 1, 1};
        int days = cases[i].is_lunar ? 2923 : 2922;
        assert_int_equal(planned_in(&w->plan, "birthday", from, days, &c), 8);
    }
}

static void the_29th_of_february_is_the_28th_in_common_years(void **state)
{
    struct world *w = *state;
    const struct plan_candidate c = born(2, 29, w->shanghai);
    assert_int_equal(planned_in(&w->plan, "birthday", (struct civil_date){2026, 2, 1}, 40, &c), 1);
    const struct follow_up *f = &w->plan.list.items[0];
    assert_string_equal(f->rule, "birthday");
    assert_string_equal(f->occurrence, "2026");
    assert_int_equal(f->due_us, at(2026, 2, 28, 1) + 30 * DURATION_MIN);
    assert_int_equal(f->local_due_us, at(2026, 2, 28, 9) + 30 * DURATION_MIN);
    assert_string_equal(f->zone, "Asia/Shanghai");
    assert_string_equal(f->zone_version, "2025b");
}

static void the_day_is_that_of_the_customers_zone(void **state)
{
    struct world *w = *state;
    const struct plan_candidate c = born(7, 4, w->new_york);
    plan_day_candidate(&w->plan, "birthday", (struct civil_date){2026, 7, 4}, &c);
    assert_int_equal(w->plan.list.items[0].due_us, at(2026, 7, 4, 13) + 30 * DURATION_MIN);
}

static void the_first_rule_of_the_topic_is_taken_once(void **state)
{
    struct world *w = *state;
    struct plan_candidate c = born(7, 4, w->shanghai);
    c.tier = "gold";
    for (int i = 0; i < 2; i++) {
        plan_day_candidate(&w->plan, "birthday", (struct civil_date){2026, 7, 4}, &c);
    }
    assert_int_equal(w->plan.list.count, 1);
    assert_string_equal(w->plan.list.items[0].rule, "gold_day");
}

/* Whoever has a birthday on a day is among those that are looked up for it. */
static void no_birthday_is_missed_by_the_question(void **state)
{
    for (int i = 0; i < 1500; i++) {
        struct civil_date day = civil_from_days(20000 + i);
        struct plan_day_date dates[PLAN_DAY_DATES_MAX];
        size_t count = plan_day_birthdays(day, dates);
        for (int n = 0; n < 4 * 12 * 31; n++) {
            bool is_lunar = n & 1;
            int month = n / 4 / 31 + 1;
            int birthday = n / 4 % 31 + 1;
            struct yearly_date date;
            struct civil_date on;
            if (yearly_date_of_birthday(month, birthday, is_lunar, (n & 2) != 0, &date, NULL) < 0 ||
                yearly_date_next(&date, day, NULL, &on) < 0 ||
                civil_to_days(on) != civil_to_days(day)) {
                continue;
            }
            bool is_asked = false;
            for (size_t d = 0; d < count; d++) {
                is_asked |= dates[d].is_lunar == is_lunar && dates[d].month == month &&
                            dates[d].day == birthday;
            }
            assert_true(is_asked);
        }
    }
}

static void a_festival_is_on_one_day(void **state)
{
    struct world *w = *state;
    assert_true(plan_day_is_on(w->rules, "autumn", (struct civil_date){2026, 9, 25}));
    assert_false(plan_day_is_on(w->rules, "autumn", (struct civil_date){2026, 9, 24}));
    assert_true(plan_day_is_on(w->rules, "birthday", (struct civil_date){2026, 9, 24}));
    const struct plan_candidate c = born(0, 0, w->shanghai);
    assert_int_equal(planned_in(&w->plan, "autumn", (struct civil_date){2026, 1, 1}, 365, &c), 1);
    assert_string_equal(w->plan.list.items[0].occurrence, "2026-09-25");
}

static void silence_counts_local_dates(void **state)
{
    struct world *w = *state;
    struct plan_candidate c = born(0, 0, w->shanghai);
    c.at_us = at(2026, 1, 9, 20); /* the 10th in Shanghai */
    assert_int_equal(planned_in(&w->plan, "silence", (struct civil_date){2026, 7, 1}, 31, &c), 1);
    assert_string_equal(w->plan.list.items[0].occurrence, "2026-01-10");
    assert_int_equal(w->plan.list.items[0].due_us, at(2026, 7, 10, 3));
}

/* Every purchase is due on one day, and that day's question finds it. */
static void no_purchase_is_missed_by_the_question(void **state)
{
    struct world *w = *state;
    for (int i = 0; i < 400; i++) {
        struct plan_candidate c = born(0, 0, w->new_york);
        size_t days = 0;
        c.product = "sedan";
        c.at_us = at(2026, 1, 1, 2) + i * DAY_US;
        for (int d = 0; d < 40; d++) {
            struct plan_day_span spans[PLAN_DAY_SPANS_MAX];
            struct civil_date day = civil_from_days(c.at_us / DAY_US + d);
            size_t count = plan_day_spans(w->rules, "service_due", day, spans);
            plan_begin(&w->plan);
            plan_day_candidate(&w->plan, "service_due", day, &c);
            assert_int_equal(count, 1);
            if (w->plan.list.count > 0) {
                days++;
                assert_true(c.at_us >= spans[0].from_us && c.at_us < spans[0].until_us);
            }
        }
        assert_int_equal(days, 1);
    }
}

static void what_has_a_lead_is_planned_that_much_earlier(void **state)
{
    struct world *w = *state;
    assert_int_equal(plan_day_ahead(w->rules, "birthday"), PLAN_DAY_AHEAD);
    assert_int_equal(plan_day_ahead(w->rules, "service_due"), PLAN_DAY_AHEAD + 2);
    assert_int_equal(plan_day_ahead(w->rules, "case_resolved"), 0);
}

static void a_window_that_has_passed_is_missed(void **state)
{
    struct world *w = *state;
    const struct plan_candidate c = born(7, 4, w->shanghai);
    w->plan.now_us = at(2026, 7, 5, 0);
    plan_day_candidate(&w->plan, "birthday", (struct civil_date){2026, 7, 4}, &c);
    assert_int_equal(w->plan.list.items[0].state, FOLLOW_UP_MISSED);
    assert_string_equal(w->plan.list.items[0].reason, "window_passed");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_birthday_comes_once_in_each_year),
        TEST(the_29th_of_february_is_the_28th_in_common_years),
        TEST(the_day_is_that_of_the_customers_zone),
        TEST(the_first_rule_of_the_topic_is_taken_once),
        TEST(no_birthday_is_missed_by_the_question),
        TEST(a_festival_is_on_one_day),
        TEST(silence_counts_local_dates),
        TEST(no_purchase_is_missed_by_the_question),
        TEST(what_has_a_lead_is_planned_that_much_earlier),
        TEST(a_window_that_has_passed_is_missed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
