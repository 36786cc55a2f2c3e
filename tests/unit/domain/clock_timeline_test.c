/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/clock_timeline.h"

#include "tests/unit/domain/clock_story.h"

#define H   DURATION_H
#define MIN DURATION_MIN

struct seen {
    struct clock_interval intervals[64];
    struct clock_gap gaps[64];
    size_t count;
};

static void note(void *ctx, const struct clock_interval *i)
{
    struct seen *s = ctx;

    assert_true(s->count < ARRAY_LEN(s->intervals));
    s->intervals[s->count] = *i;
    if (i->gap) {
        s->gaps[s->count] = *i->gap;
    }
    s->count++;
}

struct expected {
    enum clock_interval_kind kind;
    const char *to;
    int64_t working_us;
    const char *because; /* NULL: not looked at */
    int gap;             /* its reason; 0: none */
    bool is_late;
};

static void assert_intervals(const struct clock_timeline *t, const char *from,
                             const struct expected *want, size_t count)
{
    struct seen s = {.count = 0};
    int64_t here_us = instant(from);

    clock_timeline_intervals(t, instant(want[count - 1].to), note, &s);
    assert_int_equal(s.count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(s.intervals[i].kind, want[i].kind);
        assert_int_equal(s.intervals[i].from_us, here_us);
        assert_int_equal(s.intervals[i].to_us, instant(want[i].to));
        assert_int_equal(s.intervals[i].working_us, want[i].working_us);
        assert_int_equal(s.intervals[i].is_late, want[i].is_late);
        assert_int_equal(s.intervals[i].gap ? (int)s.gaps[i].reason : 0, want[i].gap);
        if (want[i].because) {
            assert_string_equal(s.intervals[i].because, want[i].because);
        }
        here_us = s.intervals[i].to_us;
    }
}

static void each_interval_says_whether_it_counted_and_why_not(void **state)
{
    struct calendar_book *book = garage_book();
    const struct story s = {
        .kind = CLOCK_RESOLUTION,
        .target_us = 6 * H,
        .calendar = calendar_book_at(book, 0),
        .steps = {{"2026-01-05T09:00+08:00", CLOCK_OPENED},
                  {"2026-01-05T14:00+08:00", CLOCK_ASKED_CUSTOMER},
                  {"2026-01-06T09:00+08:00", CLOCK_RESUMED},
                  {"2026-01-06T13:30+08:00", CLOCK_RESOLVED}},
    };
    static const struct expected want[] = {
        {CLOCK_INTERVAL_COUNTED, "2026-01-05T12:00+08:00", 3 * H,    NULL,                       0,               false},
        {CLOCK_INTERVAL_CLOSED,  "2026-01-05T13:00+08:00", 0,        NULL,                       CLOCK_GAP_BREAK, false},
        {CLOCK_INTERVAL_COUNTED, "2026-01-05T14:00+08:00", 1 * H,    NULL,                       0,               false},
        {CLOCK_INTERVAL_PAUSED,  "2026-01-06T09:00+08:00", 5 * H,    "waiting for the customer", 0,
         false                                                                                                         },
        {CLOCK_INTERVAL_COUNTED, "2026-01-06T11:00+08:00", 2 * H,    NULL,                       0,               false},
        {CLOCK_INTERVAL_COUNTED, "2026-01-06T12:00+08:00", 1 * H,    NULL,                       0,               true },
        {CLOCK_INTERVAL_CLOSED,  "2026-01-06T13:00+08:00", 0,        NULL,                       CLOCK_GAP_BREAK, false},
        {CLOCK_INTERVAL_COUNTED, "2026-01-06T13:30+08:00", 30 * MIN, NULL,                       0,               true },
        {CLOCK_INTERVAL_AFTER,   "2026-01-06T14:30+08:00", 1 * H,    "solved",                   0,               false},
    };
    struct clock_timeline *t = tell_story(&s);

    assert_intervals(t, "2026-01-05T09:00+08:00", want, ARRAY_LEN(want));
    assert_intervals(t, "2026-01-05T09:00+08:00", want, 4);
    assert_counted(t, "2026-01-06T14:30+08:00", 7 * H + 30 * MIN);
    clock_timeline_free(t);
    calendar_book_free(book);
}

static void before_it_was_promised_nothing_counts(void **state)
{
    const struct story s = {
        .kind = CLOCK_RESOLUTION,
        .target_us = 6 * H,
        .made_by = 2,
        .steps = {{"2026-01-05T09:00+08:00", CLOCK_OPENED},
                  {"2026-01-05T10:00+08:00", CLOCK_RESOLVED},
                  {"2026-03-05T09:00+08:00", CLOCK_REOPENED}},
    };
    static const struct expected want[] = {
        {CLOCK_INTERVAL_BEFORE,  "2026-03-05T09:00+08:00", 59 * DURATION_DAY,
         "nothing was promised yet"                                               },
        {CLOCK_INTERVAL_COUNTED, "2026-03-05T10:00+08:00", 1 * H,             NULL},
    };
    struct clock_timeline *t = tell_story(&s);

    assert_intervals(t, "2026-01-05T09:00+08:00", want, ARRAY_LEN(want));
    clock_timeline_free(t);
}

/* The event by which it is made was never heard of. */
static void a_clock_that_never_started_counts_nothing(void **state)
{
    const struct clock_timeline_terms terms = {
        .kind = CLOCK_RESOLUTION, .made_by = 77, .started_us = 100, .target_us = 50};
    const struct clock_timeline_event events[] = {
        {0, CLOCK_OPENED,         10},
        {1, CLOCK_ASKED_CUSTOMER, 20},
        {2, CLOCK_RESOLVED,       30},
        {3, CLOCK_REOPENED,       40},
    };
    struct clock_timeline *t = clock_timeline_of(&terms, events, ARRAY_LEN(events));
    struct seen s = {.count = 0};

    assert_false(clock_timeline_is_started(t));
    assert_int_equal(clock_timeline_read(t, 1000).counted_us, 0);
    assert_int_equal(clock_timeline_read(t, 1000).due_us, CLOCK_NEVER);
    clock_timeline_end(t, 500, "said so");
    assert_int_equal(clock_timeline_stopped_us(t), CLOCK_NEVER);
    clock_timeline_intervals(t, 1000, note, &s);
    assert_int_equal(s.count, 1);
    assert_int_equal(s.intervals[0].kind, CLOCK_INTERVAL_BEFORE);
    assert_int_equal(s.intervals[0].to_us, 1000);
    clock_timeline_free(t);
}

static void feeding_tells_what_an_event_did_to_this_very_clock(void **state)
{
    static const struct {
        struct clock_timeline_event event;
        enum clock_effect want;
    } steps[] = {
        {{0, CLOCK_OPENED, 0},           CLOCK_NONE  },
        {{1, CLOCK_ASKED_CUSTOMER, 1},   CLOCK_NONE  }, /* it does not run yet */
        {{2, CLOCK_RESOLVED, 2},         CLOCK_NONE  },
        {{3, CLOCK_REOPENED, 3},         CLOCK_START },
        {{4, CLOCK_RESUMED, 4},          CLOCK_NONE  }, /* it was not paused */
        {{5, CLOCK_ASKED_CUSTOMER, 5},   CLOCK_PAUSE },
        {{6, CLOCK_ASKED_CUSTOMER, 6},   CLOCK_NONE  }, /* it is */
        {{7, CLOCK_THANKS, 7},           CLOCK_NONE  },
        {{8, CLOCK_RESUMED, 8},          CLOCK_RESUME},
        {{9, CLOCK_RECLASSIFIED, 9},     CLOCK_NONE  },
        {{10, CLOCK_RESOLVED, 10},       CLOCK_STOP  },
        {{11, CLOCK_CLOSED, 11},         CLOCK_NONE  },
        {{12, CLOCK_REOPENED, 12},       CLOCK_NONE  }, /* another clock begins */
        {{13, CLOCK_ASKED_CUSTOMER, 13}, CLOCK_NONE  },
    };
    const struct clock_timeline_terms terms = {
        .kind = CLOCK_RESOLUTION, .made_by = 3, .started_us = 3, .target_us = 50};
    struct clock_timeline *t = clock_timeline_new(&terms);

    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        const enum clock_effect got = clock_timeline_feed(t, &steps[i].event);

        if (got != steps[i].want) {
            fail_msg("step %zu: %s", i, clock_rules_effect_name(got));
        }
    }
    assert_int_equal(clock_timeline_read(t, 100).counted_us, 2 + 2);
    clock_timeline_free(t);
}

/* made_by 0 and number 0: the opening of a case whose events have numbers. */
static void an_update_restarts_and_the_event_that_restarts_starts_the_next(void **state)
{
    const struct clock_timeline_event events[] = {
        {0, CLOCK_OPENED,         10},
        {1, CLOCK_RESPONDED,      20},
        {2, CLOCK_ASKED_CUSTOMER, 30},
        {3, CLOCK_RESOLVED,       40},
    };
    static const int64_t stopped_us[] = {20, 30, 40};

    for (int64_t made_by = 0; made_by < 3; made_by++) {
        const struct clock_timeline_terms terms = {
            .kind = CLOCK_NEXT_UPDATE,
            .made_by = made_by,
            .started_us = events[made_by].at_us,
            .target_us = 50,
        };
        struct clock_timeline *t = clock_timeline_of(&terms, events, ARRAY_LEN(events));

        assert_int_equal(clock_timeline_stopped_us(t), stopped_us[made_by]);
        assert_int_equal(clock_timeline_read(t, 100).counted_us, 10);
        clock_timeline_free(t);
    }
}

static void a_date_runs_from_when_it_was_promised_until_it_is_ended(void **state)
{
    const struct clock_timeline_terms terms = {
        .kind = CLOCK_DATE, .made_by = 55, .started_us = 100, .target_us = 1000};
    const struct clock_timeline_event events[] = {
        {0, CLOCK_OPENED,         10 },
        {1, CLOCK_ASKED_CUSTOMER, 200},
        {2, CLOCK_CLOSED,         300},
    };
    struct clock_timeline *t = clock_timeline_of(&terms, events, ARRAY_LEN(events));

    assert_true(clock_timeline_is_started(t));
    assert_int_equal(clock_timeline_read(t, 900).counted_us, 800);
    assert_int_equal(clock_timeline_read(t, 900).due_us, 1100);
    clock_timeline_end(t, 700, "it was kept");
    assert_int_equal(clock_timeline_stopped_us(t), 700);
    assert_int_equal(clock_timeline_read(t, 900).counted_us, 600);
    clock_timeline_end(t, 650, "a person has looked");
    assert_int_equal(clock_timeline_stopped_us(t), 650);
    clock_timeline_end(t, 50, "before it was promised");
    assert_int_equal(clock_timeline_stopped_us(t), 100);
    clock_timeline_free(t);
}

static void nothing_ends_before_it_begins(void **state)
{
    const struct clock_timeline_terms terms = {
        .kind = CLOCK_FIRST_RESPONSE, .started_us = 100, .target_us = 1000};
    const struct clock_timeline_event events[] = {
        {0, CLOCK_OPENED,    100},
        {1, CLOCK_RESPONDED, 90 },
    };
    struct clock_timeline *t = clock_timeline_of(&terms, events, ARRAY_LEN(events));

    assert_int_equal(clock_timeline_stopped_us(t), 100);
    assert_int_equal(clock_timeline_read(t, 200).counted_us, 0);
    clock_timeline_free(t);
}

/* Late proof: a thing counts when it occurred. */
static void of_two_answers_the_one_counts_that_was_given_first(void **state)
{
    const struct clock_timeline_terms terms = {
        .kind = CLOCK_FIRST_RESPONSE, .started_us = 0, .target_us = 1000};
    const struct clock_timeline_event events[] = {
        {0, CLOCK_OPENED,    0 },
        {1, CLOCK_RESPONDED, 30},
        {2, CLOCK_RESPONDED, 20},
        {3, CLOCK_RESPONDED, 40},
    };
    struct clock_timeline *t = clock_timeline_of(&terms, events, ARRAY_LEN(events));

    assert_int_equal(clock_timeline_stopped_us(t), 20);
    clock_timeline_free(t);
}

static void an_old_answer_is_not_the_next_update_but_a_solution_ends_it(void **state)
{
    const struct clock_timeline_terms terms = {
        .kind = CLOCK_NEXT_UPDATE, .made_by = 1, .started_us = 30, .target_us = 1000};
    const struct clock_timeline_event events[] = {
        {0, CLOCK_OPENED,         0 },
        {1, CLOCK_RESPONDED,      30},
        {2, CLOCK_ASKED_CUSTOMER, 20},
        {3, CLOCK_RESPONDED,      25},
        {4, CLOCK_RESOLVED,       28},
    };
    struct clock_timeline *t = clock_timeline_of(&terms, events, ARRAY_LEN(events) - 1);
    struct clock_timeline *u = clock_timeline_of(&terms, events, ARRAY_LEN(events));

    assert_int_equal(clock_timeline_stopped_us(t), CLOCK_NEVER);
    assert_int_equal(clock_timeline_stopped_us(u), 30);
    clock_timeline_free(t);
    clock_timeline_free(u);
}

/* The case was reopened and waits again: that is the next clock's pause. */
static void a_pause_after_the_stop_moves_nothing(void **state)
{
    const struct clock_timeline_terms terms = {
        .kind = CLOCK_RESOLUTION, .started_us = 0, .target_us = 1000};
    const struct clock_timeline_event events[] = {
        {0, CLOCK_OPENED,         0 },
        {1, CLOCK_RESOLVED,       10},
        {2, CLOCK_REOPENED,       20},
        {3, CLOCK_ASKED_CUSTOMER, 30},
    };
    struct clock_timeline *t = clock_timeline_of(&terms, events, ARRAY_LEN(events));

    assert_int_equal(clock_timeline_read(t, 99).due_us, 1000);
    clock_timeline_free(t);
}

static void at_one_instant_the_order_is_that_in_which_things_took_effect(void **state)
{
    const struct clock_timeline_event events[] = {
        {0, CLOCK_OPENED,         0 },
        {1, CLOCK_RESPONDED,      10},
        {2, CLOCK_RESPONDED,      10},
        {3, CLOCK_RESOLVED,       10},
        {4, CLOCK_REOPENED,       10},
        {5, CLOCK_ASKED_CUSTOMER, 10},
    };
    const struct clock_timeline_terms update = {
        .kind = CLOCK_NEXT_UPDATE, .made_by = 1, .started_us = 10, .target_us = 100};
    const struct clock_timeline_terms solution = {.kind = CLOCK_RESOLUTION, .target_us = 100};
    struct clock_timeline *t = clock_timeline_of(&update, events, 3);
    struct clock_timeline *u = clock_timeline_of(&solution, events, ARRAY_LEN(events));

    assert_int_equal(clock_timeline_stopped_us(t), 10);
    assert_int_equal(clock_timeline_stopped_us(u), 10);
    assert_int_equal(clock_timeline_read(u, 10).due_us, 100); /* that pause is the next clock's */
    clock_timeline_free(t);
    clock_timeline_free(u);
}

/* What stops a clock that is paused ends the pause; the reading says neither. */
static void a_stopped_clock_is_not_paused(void **state)
{
    const struct clock_timeline_terms terms = {
        .kind = CLOCK_RESOLUTION, .started_us = 0, .target_us = 1000};
    const struct clock_timeline_event events[] = {
        {0, CLOCK_OPENED,         0 },
        {1, CLOCK_ASKED_CUSTOMER, 10},
        {2, CLOCK_CLOSED,         30},
    };
    struct clock_timeline *t = clock_timeline_of(&terms, events, ARRAY_LEN(events));

    assert_true(clock_timeline_read(t, 29).is_paused);
    assert_false(clock_timeline_read(t, 30).is_paused);
    assert_false(clock_timeline_read(t, 99).is_paused);
    assert_int_equal(clock_timeline_read(t, 99).counted_us, 10);
    assert_int_equal(clock_timeline_read(t, 99).due_us, 1020);
    clock_timeline_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_interval_says_whether_it_counted_and_why_not),
        cmocka_unit_test(before_it_was_promised_nothing_counts),
        cmocka_unit_test(a_clock_that_never_started_counts_nothing),
        cmocka_unit_test(feeding_tells_what_an_event_did_to_this_very_clock),
        cmocka_unit_test(an_update_restarts_and_the_event_that_restarts_starts_the_next),
        cmocka_unit_test(a_date_runs_from_when_it_was_promised_until_it_is_ended),
        cmocka_unit_test(nothing_ends_before_it_begins),
        cmocka_unit_test(of_two_answers_the_one_counts_that_was_given_first),
        cmocka_unit_test(an_old_answer_is_not_the_next_update_but_a_solution_ends_it),
        cmocka_unit_test(a_pause_after_the_stop_moves_nothing),
        cmocka_unit_test(at_one_instant_the_order_is_that_in_which_things_took_effect),
        cmocka_unit_test(a_stopped_clock_is_not_paused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
