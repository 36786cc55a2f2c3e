/* SPDX-License-Identifier: Apache-2.0 */
/* What `troth clock` prints, before it is printed. */
#include "common/domain/clock_view.h"

#include "tests/unit/domain/clock_story.h"

static struct promise_history_entry opening;

static struct promise_history history(const char *opened, const char *now)
{
    opening =
        (struct promise_history_entry){.kind = HISTORY_OPENING, .occurred_us = instant(opened)};
    return (struct promise_history){
        .kind = "resolution",
        .state = TROTH__V1__PROMISE_STATE__PROMISE_STATE_OPEN,
        .made_us = instant(opened),
        .target_us = 20 * DURATION_H,
        .due_us = HISTORY_NO_TIME,
        .done_us = HISTORY_NO_TIME,
        .settled_us = HISTORY_NO_TIME,
        .entries = &opening,
        .entry_count = 1,
        .now_us = instant(now),
    };
}

/* A night over midnight is one row; every lunch of a week is one sum; a holiday brings who decreed
 * it, and the night of the day that makes up for it does not. */
static void rows_are_joined_and_summed_as_people_speak_of_them(void **state)
{
    static const struct {
        enum clock_interval_kind kind;
        const char *to, *why;
        bool has_notice;
    } want[] = {
        {CLOCK_INTERVAL_COUNTED, "2026-02-13T12:00+08:00", "counted",                   false},
        {CLOCK_INTERVAL_CLOSED,  "2026-02-13T13:00+08:00", "lunch 12:00-13:00",         false},
        {CLOCK_INTERVAL_COUNTED, "2026-02-13T18:00+08:00", "counted",                   false},
        {CLOCK_INTERVAL_CLOSED,  "2026-02-14T08:00+08:00", "night",                     false},
        {CLOCK_INTERVAL_COUNTED, "2026-02-14T12:00+08:00", "counted",                   false},
        {CLOCK_INTERVAL_CLOSED,  "2026-02-14T13:00+08:00", "lunch 12:00-13:00",         false},
        {CLOCK_INTERVAL_COUNTED, "2026-02-14T18:00+08:00", "counted",                   false},
        {CLOCK_INTERVAL_CLOSED,  "2026-02-15T00:00+08:00", "night",                     false},
        {CLOCK_INTERVAL_CLOSED,  "2026-02-24T00:00+08:00", "春节",                    true },
        {CLOCK_INTERVAL_CLOSED,  "2026-02-24T08:00+08:00", "night",                     false},
        {CLOCK_INTERVAL_COUNTED, "2026-02-24T11:00+08:00", "counted",                   false},
        {CLOCK_INTERVAL_COUNTED, "2026-02-24T11:30+08:00", "counted, after it was due", false},
    };
    static const struct {
        const char *reason;
        int64_t hours;
    } sums[] = {
        {"lunch",  2              },
        {"night",  14 + 6 + 8     },
        {"春节", INT64_C(9) * 24},
    };
    struct calendar_book *book = garage_book();
    const struct promise_history h = history("2026-02-13T09:00+08:00", "2026-02-24T11:30+08:00");
    const struct clock_terms terms = {
        .rule = "r", .target_us = 20 * DURATION_H, .calendar = calendar_book_at(book, 0)};
    struct clock_view v;

    clock_view_make(&h, &terms, &v);
    assert_string_equal(v.zone_name, "Asia/Shanghai");
    assert_int_equal(v.row_count, ARRAY_LEN(want));
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        assert_int_equal(v.rows[i].kind, want[i].kind);
        assert_int_equal(v.rows[i].to_us, instant(want[i].to));
        assert_string_equal(v.rows[i].why, want[i].why);
        assert_int_equal(v.rows[i].notice != NULL, want[i].has_notice);
    }
    assert_int_equal(v.sum_count, ARRAY_LEN(sums));
    for (size_t i = 0; i < ARRAY_LEN(sums); i++) {
        assert_string_equal(v.sums[i].reason, sums[i].reason);
        assert_int_equal(v.sums[i].lasted_us, sums[i].hours * DURATION_H);
        assert_int_equal(v.sums[i].working_us, 0);
    }
    assert_int_equal(v.counted_us, 20 * DURATION_H + 30 * DURATION_MIN);
    assert_int_equal(v.closed_us, (2 + 28 + 216) * DURATION_H);
    assert_int_equal(v.paused_us, 0);
    assert_true(clock_view_adds_up(&v));
    clock_view_free(&v);
    calendar_book_free(book);
}

/* The second lunch is not over yet: its times differ, its reason does not. */
static void a_lunch_that_is_cut_short_is_summed_with_the_others(void **state)
{
    struct calendar_book *book = garage_book();
    const struct promise_history h = history("2026-02-13T09:00+08:00", "2026-02-14T12:03+08:00");
    const struct clock_terms terms = {
        .rule = "r", .target_us = 20 * DURATION_H, .calendar = calendar_book_at(book, 0)};
    struct clock_view v;

    clock_view_make(&h, &terms, &v);
    assert_string_equal(v.rows[v.row_count - 1].why, "lunch 12:00-12:03");
    assert_int_equal(v.sum_count, 2);
    assert_string_equal(v.sums[0].reason, "lunch");
    assert_int_equal(v.sums[0].lasted_us, 63 * DURATION_MIN);
    clock_view_free(&v);
    calendar_book_free(book);
}

static void a_clock_that_counts_every_hour_and_has_no_standard_is_told_in_utc(void **state)
{
    const struct promise_history h = history("2026-02-13T09:00+08:00", "2026-02-13T11:00+08:00");
    const struct clock_terms terms = {.target_us = DURATION_H};
    struct clock_view v;

    clock_view_make(&h, &terms, &v);
    assert_string_equal(v.zone_name, "UTC");
    assert_string_equal(v.calendar_name, "24x7");
    assert_int_equal(v.row_count, 2);
    assert_true(v.rows[1].is_late);
    assert_int_equal(v.closed_us, 0);
    clock_view_free(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_joined_and_summed_as_people_speak_of_them),
        cmocka_unit_test(a_lunch_that_is_cut_short_is_summed_with_the_others),
        cmocka_unit_test(a_clock_that_counts_every_hour_and_has_no_standard_is_told_in_utc),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
