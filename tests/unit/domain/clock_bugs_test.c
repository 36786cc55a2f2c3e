/* SPDX-License-Identifier: Apache-2.0 */
/* Bugs that users of other help desks reported about clocks, each with where it was reported: what
 * happened to them, and that it does not happen to us. */
#include "common/domain/clock_timeline.h"

#include "tests/unit/domain/clock_story.h"

#define H   DURATION_H
#define MIN DURATION_MIN

static struct calendar_book *book;

static int begin(void **state)
{
    book = garage_book();
    return 0;
}

static int end(void **state)
{
    calendar_book_free(book);
    return 0;
}

static const struct calendar *garage(void)
{
    return calendar_book_at(book, 0);
}

/* chatwoot#14009, frappe/helpdesk#2212 (second row of a weekday rejected). */
static void a_lunch_break_does_not_count(void **state)
{
    const struct story s = {
        .kind = CLOCK_FIRST_RESPONSE,
        .target_us = 2 * H,
        .calendar = garage(),
        .steps = {{"2026-01-05T11:30+08:00", CLOCK_OPENED}},
    };
    struct clock_timeline *t = tell_story(&s);

    assert_due(t, "2026-01-05T14:30+08:00");
    assert_counted(t, "2026-01-05T12:59+08:00", 30 * MIN);
    assert_counted(t, "2026-01-05T13:01+08:00", 31 * MIN);
    clock_timeline_free(t);
}

/* osTicket#1168, zammad#390, helpdesk#2449: a hold across a holiday was taken off twice. */
static void a_holiday_does_not_count_and_a_pause_across_it_is_taken_off_once(void **state)
{
    const struct story plain = {
        .kind = CLOCK_RESOLUTION,
        .target_us = 10 * H,
        .calendar = garage(),
        .steps = {{"2026-02-13T17:00+08:00", CLOCK_OPENED}},
    };
    const struct story held = {
        .kind = CLOCK_RESOLUTION,
        .target_us = 10 * H,
        .calendar = garage(),
        .steps = {{"2026-02-13T17:00+08:00", CLOCK_OPENED},
                  {"2026-02-14T10:00+08:00", CLOCK_ASKED_CUSTOMER},
                  {"2026-02-25T10:00+08:00", CLOCK_RESUMED}},
    };
    struct clock_timeline *t = tell_story(&plain);
    struct clock_timeline *u = tell_story(&held);

    /* An hour on Friday; nine on the Saturday that makes up for the holiday. */
    assert_due(t, "2026-02-14T18:00+08:00");
    /* 1 h on Friday, 2 h on Saturday, 7 h from 10:00 on the Wednesday after the holiday. */
    assert_due(u, "2026-02-25T18:00+08:00");
    clock_timeline_free(t);
    clock_timeline_free(u);
}

/* zammad#4432: midnight and weekends. */
static void a_message_at_midnight_begins_to_count_in_the_morning(void **state)
{
    static const char *const at[] = {"2026-01-09T18:00+08:00", "2026-01-10T00:00+08:00",
                                     "2026-01-10T00:00:01+08:00", "2026-01-10T09:00+08:00"};

    for (size_t i = 0; i < ARRAY_LEN(at); i++) {
        const struct story s = {
            .kind = CLOCK_FIRST_RESPONSE,
            .target_us = 1 * H,
            .calendar = garage(),
            .steps = {{at[i], CLOCK_OPENED}},
        };
        struct clock_timeline *t = tell_story(&s);

        assert_due(t, "2026-01-10T10:00+08:00"); /* a Saturday: from nine */
        assert_counted(t, "2026-01-10T09:00+08:00", 0);
        clock_timeline_free(t);
    }
}

/* helpdesk#1554, glpi#7946, #24481, zammad#3551: the pause was ignored. */
static void a_pause_is_a_pause(void **state)
{
    const struct story s = {
        .kind = CLOCK_RESOLUTION,
        .target_us = 4 * H,
        .calendar = garage(),
        .steps = {{"2026-01-05T08:00+08:00", CLOCK_OPENED},
                  {"2026-01-05T09:00+08:00", CLOCK_ASKED_CUSTOMER},
                  {"2026-01-05T11:00+08:00", CLOCK_NOTE},
                  {"2026-01-05T15:00+08:00", CLOCK_ASKED_CUSTOMER},
                  {"2026-01-05T16:00+08:00", CLOCK_RESUMED}},
    };
    struct clock_timeline *t = tell_story(&s);

    assert_counted(t, "2026-01-05T16:00+08:00", 1 * H);
    assert_true(clock_timeline_read(t, instant("2026-01-05T15:59+08:00")).is_paused);
    assert_due(t, "2026-01-06T09:00+08:00");
    clock_timeline_free(t);
}

/* glpi#6902, #15605; zammad's "Recalculation after SLA change won't happen": elapsed time and
 * pauses were lost when the policy or the priority changed, here in the middle of a pause. */
static void a_policy_that_changes_during_a_pause_keeps_elapsed_time_and_pauses(void **state)
{
    struct story s = {
        .kind = CLOCK_RESOLUTION,
        .target_us = 8 * H,
        .calendar = NULL,
        .steps = {{"2026-01-05T08:00+08:00", CLOCK_OPENED},
                  {"2026-01-05T09:00+08:00", CLOCK_ASKED_CUSTOMER},
                  {"2026-01-05T10:00+08:00", CLOCK_RESUMED},
                  {"2026-01-05T11:00+08:00", CLOCK_ASKED_CUSTOMER},
                  {"2026-01-05T13:30+08:00", CLOCK_RECLASSIFIED},
                  {"2026-01-05T14:00+08:00", CLOCK_RESUMED}},
    };
    struct clock_timeline *t = tell_story(&s);
    struct clock_timeline *u;

    assert_counted(t, "2026-01-05T13:30+08:00", 2 * H);
    assert_due(t, "2026-01-05T20:00+08:00");
    s.target_us = 3 * H;
    u = tell_story(&s);
    assert_counted(u, "2026-01-05T13:30+08:00", 2 * H); /* not zero, not 5.5 hours */
    assert_due(u, "2026-01-05T15:00+08:00");
    clock_timeline_free(u);
    s.calendar = garage();
    u = tell_story(&s);
    assert_counted(u, "2026-01-05T13:30+08:00", 2 * H);
    assert_due(u, "2026-01-05T15:00+08:00");
    clock_timeline_free(u);
    clock_timeline_free(t);
}

/* chatwoot#10178: the next answer was owed, and late, because the customer said "thanks". */
static void thanks_after_the_solution_asks_for_nothing(void **state)
{
    for (enum clock_kind kind = CLOCK_FIRST_RESPONSE; kind < CLOCK_DATE; kind++) {
        const struct story s = {
            .kind = kind,
            .target_us = 2 * H,
            .calendar = garage(),
            .steps = {{"2026-01-05T08:00+08:00", CLOCK_OPENED},
                      {"2026-01-05T09:00+08:00", CLOCK_RESPONDED},
                      {"2026-01-05T09:00+08:00", CLOCK_RESOLVED},
                      {"2026-01-05T09:05+08:00", CLOCK_THANKS}},
        };
        struct clock_timeline *t = tell_story(&s);

        assert_counted(t, "2026-03-05T18:00+08:00", 1 * H);
        assert_int_equal(clock_timeline_stopped_us(t), instant("2026-01-05T09:00+08:00"));
        clock_timeline_free(t);
    }
}

/* freescout#5378, #3584: the promised follow-up was lost when the customer said "thanks, OK". */
static void thanks_settle_no_promised_date(void **state)
{
    const struct story s = {
        .kind = CLOCK_DATE,
        .target_us = 24 * H,
        .steps = {{"2026-01-05T08:00+08:00", CLOCK_OPENED},
                  {"2026-01-05T09:00+08:00", CLOCK_RESOLVED},
                  {"2026-01-05T09:05+08:00", CLOCK_THANKS},
                  {"2026-01-05T10:00+08:00", CLOCK_CLOSED}},
    };
    struct clock_timeline *t = tell_story(&s);

    assert_int_equal(clock_timeline_stopped_us(t), CLOCK_NEVER);
    assert_due(t, "2026-01-06T08:00+08:00");
    clock_timeline_free(t);
}

/* zammad#904: merged cases escalated on. */
static void a_merged_case_has_no_running_clock(void **state)
{
    for (enum clock_kind kind = CLOCK_FIRST_RESPONSE; kind < CLOCK_DATE; kind++) {
        const struct story s = {
            .kind = kind,
            .target_us = 8 * H,
            .steps = {{"2026-01-05T08:00+08:00", CLOCK_OPENED},
                      {"2026-01-05T08:30+08:00", CLOCK_ASKED_THIRD_PARTY},
                      {"2026-01-05T09:00+08:00", CLOCK_MERGED},
                      {"2026-01-06T09:00+08:00", CLOCK_NOTE}},
        };
        struct clock_timeline *t = tell_story(&s);

        assert_counted(t, "2026-02-05T09:00+08:00", 1 * H);
        clock_timeline_free(t);
    }
}

/* zammad#188, chatwoot#12058 ("5 days instead of 10 minutes"), helpdesk#3465, Plain ("reopening a
 * very old thread can immediately breach this SLA"). */
static void a_case_reopened_after_months_is_not_late_at_once(void **state)
{
    struct story s = {
        .kind = CLOCK_RESOLUTION,
        .target_us = 4 * H,
        .calendar = garage(),
        .steps = {{"2026-01-05T08:00+08:00", CLOCK_OPENED},
                  {"2026-01-05T09:00+08:00", CLOCK_ASKED_CUSTOMER},
                  {"2026-01-05T10:00+08:00", CLOCK_RESOLVED},
                  {"2026-05-11T09:00+08:00", CLOCK_REOPENED},
                  {"2026-05-11T09:10+08:00", CLOCK_RESOLVED}},
    };
    struct clock_timeline *t = tell_story(&s);

    assert_counted(t, "2026-12-31T00:00+08:00", 1 * H); /* the first one is not touched */
    assert_int_equal(clock_timeline_stopped_us(t), instant("2026-01-05T10:00+08:00"));
    clock_timeline_free(t);
    s.made_by = 3;
    t = tell_story(&s);
    assert_due(t, "2026-05-11T14:00+08:00");
    assert_counted(t, "2026-05-11T09:00+08:00", 0);
    assert_counted(t, "2026-12-31T00:00+08:00", 10 * MIN); /* and not five months */
    clock_timeline_free(t);
    s.kind = CLOCK_FIRST_RESPONSE;
    s.made_by = 0;
    t = tell_story(&s);
    assert_int_equal(clock_timeline_stopped_us(t), instant("2026-01-05T10:00+08:00"));
    clock_timeline_free(t);
}

/* chatwoot#6418, #6548: the bot's time was taken for the answer's. */
static void a_bot_reply_is_no_answer(void **state)
{
    const struct story s = {
        .kind = CLOCK_FIRST_RESPONSE,
        .target_us = 1 * H,
        .steps = {{"2026-01-05T08:00+08:00", CLOCK_OPENED},
                  {"2026-01-05T08:00:01+08:00", CLOCK_MACHINE},
                  {"2026-01-05T08:20+08:00", CLOCK_MACHINE},
                  {"2026-01-05T08:40+08:00", CLOCK_RESPONDED}},
    };
    struct clock_timeline *t = tell_story(&s);

    assert_int_equal(clock_timeline_stopped_us(t), instant("2026-01-05T08:40+08:00"));
    assert_counted(t, "2026-01-05T12:00+08:00", 40 * MIN);
    clock_timeline_free(t);
}

/* chatwoot#10178: the clock ran on after the goodbye message. */
static void a_closing_note_needs_no_answer(void **state)
{
    for (enum clock_kind kind = CLOCK_FIRST_RESPONSE; kind < CLOCK_DATE; kind++) {
        const struct story s = {
            .kind = kind,
            .target_us = 8 * H,
            .steps = {{"2026-01-05T08:00+08:00", CLOCK_OPENED},
                      {"2026-01-05T09:00+08:00", CLOCK_CLOSED},
                      {"2026-01-05T09:01+08:00", CLOCK_NOTE},
                      {"2026-01-05T09:02+08:00", CLOCK_RESPONDED}},
        };
        struct clock_timeline *t = tell_story(&s);

        assert_counted(t, "2026-02-05T09:00+08:00", 1 * H);
        clock_timeline_free(t);
    }
}

/* zammad#3140: it escalated though the agent had answered. #1322: the customer's next message did
 * not wait for an answer. Who writes again is owed the update that was owed already. */
static void an_answer_settles_what_was_asked_and_begins_the_next_update(void **state)
{
    struct story s = {
        .kind = CLOCK_NEXT_UPDATE,
        .target_us = 8 * H,
        .calendar = garage(),
        .steps = {{"2026-01-05T08:00+08:00", CLOCK_OPENED},
                  {"2026-01-05T10:00+08:00", CLOCK_RESPONDED},
                  {"2026-01-05T11:00+08:00", CLOCK_CONTACT},
                  {"2026-01-05T11:30+08:00", CLOCK_NOTE}},
    };
    struct clock_timeline *t = tell_story(&s);

    assert_int_equal(clock_timeline_stopped_us(t), instant("2026-01-05T10:00+08:00"));
    clock_timeline_free(t);
    s.made_by = 1;
    t = tell_story(&s);
    assert_int_equal(clock_timeline_stopped_us(t), CLOCK_NEVER);
    assert_due(t, "2026-01-06T09:00+08:00"); /* 2 h, lunch, 5 h, night, 1 h */
    clock_timeline_free(t);
}

/* Zendesk's trap of reset and pause: silence while one waits for the customer is silence. */
static void the_next_update_is_owed_while_we_wait_for_the_customer(void **state)
{
    const struct story s = {
        .kind = CLOCK_NEXT_UPDATE,
        .target_us = 24 * H,
        .made_by = 1,
        .steps = {{"2026-01-05T08:00+08:00", CLOCK_OPENED},
                  {"2026-01-05T09:00+08:00", CLOCK_ASKED_CUSTOMER},
                  {"2026-01-05T20:00+08:00", CLOCK_ASKED_THIRD_PARTY}},
    };
    struct clock_timeline *t = tell_story(&s);

    assert_due(t, "2026-01-06T09:00+08:00");
    clock_timeline_free(t);
}

/* zammad#5177: the update was due before the first answer. Each has a clock of its own. */
static void clocks_of_one_case_do_not_know_each_other(void **state)
{
    struct story s = {
        .kind = CLOCK_FIRST_RESPONSE,
        .target_us = 4 * H,
        .steps = {{"2026-01-05T08:00+08:00", CLOCK_OPENED},
                  {"2026-01-05T09:00+08:00", CLOCK_ASKED_CUSTOMER},
                  {"2026-01-05T11:00+08:00", CLOCK_RESUMED}},
    };
    static const char *const want[CLOCK_DATE] = {
        [CLOCK_FIRST_RESPONSE] = "2026-01-05T14:00+08:00",
        [CLOCK_NEXT_UPDATE] = "2026-01-05T12:00+08:00",
        [CLOCK_RESOLUTION] = "2026-01-05T14:00+08:00",
        [CLOCK_CALLBACK] = "2026-01-05T12:00+08:00",
    };

    for (s.kind = CLOCK_FIRST_RESPONSE; s.kind < CLOCK_DATE; s.kind++) {
        struct clock_timeline *t = tell_story(&s);

        assert_due(t, want[s.kind]);
        clock_timeline_free(t);
    }
}

/* glpi#1996: mails at each run of cron, for ever; glpi#5319: only the first level. Here a step is
 * an instant of the clock, the same whenever and however often one looks. */
static void however_often_one_looks_the_steps_are_at_the_same_instants(void **state)
{
    const struct story s = {
        .kind = CLOCK_RESOLUTION,
        .target_us = 10 * H,
        .calendar = garage(),
        .steps = {{"2026-01-05T08:00+08:00", CLOCK_OPENED},
                  {"2026-01-05T10:00+08:00", CLOCK_ASKED_CUSTOMER},
                  {"2026-01-05T11:00+08:00", CLOCK_RESUMED}},
    };
    struct clock_timeline *t = tell_story(&s);

    for (int64_t look_us = instant("2026-01-05T11:00+08:00"), i = 0; i < 1000; i++) {
        const struct clock c = clock_timeline_clock(t);

        assert_int_equal(clock_step_us(&c, 50), instant("2026-01-05T15:00+08:00"));
        assert_int_equal(clock_step_us(&c, 80), instant("2026-01-05T18:00+08:00"));
        assert_int_equal(clock_step_us(&c, 100), instant("2026-01-06T10:00+08:00"));
        (void)clock_timeline_read(t, look_us + i * MIN);
    }
    clock_timeline_free(t);
}

/* FreeITSM: a later change of the calendar recomputed all history. A promise keeps its version: a
 * new one is another calendar, and the old one gives what it gave. */
static void another_calendar_is_another_clock_and_leaves_the_old_one_alone(void **state)
{
    struct calendar_book *later =
        calendar_text_one("Asia/Shanghai", "mon-sun = \"00:00-24:00\";", "", "");
    struct story s = {
        .kind = CLOCK_RESOLUTION,
        .target_us = 9 * H,
        .calendar = garage(),
        .steps = {{"2026-01-05T12:00+08:00", CLOCK_OPENED}},
    };
    struct clock_timeline *t = tell_story(&s);
    struct clock_timeline *u;

    s.calendar = calendar_book_at(later, 0);
    u = tell_story(&s);
    assert_due(u, "2026-01-05T21:00+08:00");
    assert_due(t, "2026-01-06T12:00+08:00");
    clock_timeline_free(t);
    clock_timeline_free(u);
    calendar_book_free(later);
}

/* glpi#15429: shifted by the zone. A day of which an hour is missing has that hour less. */
static void a_day_on_which_the_clocks_change_is_as_long_as_it_is(void **state)
{
    struct calendar_book *berlin =
        calendar_text_one("Europe/Berlin", "mon-sun = \"00:00-24:00\";", "", "");
    const struct story spring = {
        .kind = CLOCK_RESOLUTION,
        .target_us = 23 * H,
        .calendar = calendar_book_at(berlin, 0),
        .steps = {{"2026-03-29T00:00+01:00", CLOCK_OPENED}},
    };
    const struct story autumn = {
        .kind = CLOCK_RESOLUTION,
        .target_us = 25 * H,
        .calendar = calendar_book_at(berlin, 0),
        .steps = {{"2026-10-25T00:00+02:00", CLOCK_OPENED}},
    };
    struct clock_timeline *t = tell_story(&spring);
    struct clock_timeline *u = tell_story(&autumn);

    assert_due(t, "2026-03-30T00:00+02:00");
    assert_due(u, "2026-10-26T00:00+01:00");
    clock_timeline_free(t);
    clock_timeline_free(u);
    calendar_book_free(berlin);
}

/* Updates come over several connections: the pause of which we hear after its end has passed. */
static void reports_in_another_order_make_no_negative_time(void **state)
{
    const struct story s = {
        .kind = CLOCK_RESOLUTION,
        .target_us = 8 * H,
        .steps = {{"2026-01-05T08:00+08:00", CLOCK_OPENED},
                  {"2026-01-05T12:00+08:00", CLOCK_ASKED_CUSTOMER},
                  {"2026-01-05T10:00+08:00", CLOCK_RESUMED},
                  {"2026-01-05T11:00+08:00", CLOCK_ASKED_CUSTOMER},
                  {"2026-01-05T14:00+08:00", CLOCK_RESUMED}},
    };
    struct clock_timeline *t = tell_story(&s);

    assert_counted(t, "2026-01-05T12:00+08:00", 4 * H); /* not -2, not 3 */
    assert_counted(t, "2026-01-05T14:00+08:00", 4 * H);
    assert_due(t, "2026-01-05T18:00+08:00");
    clock_timeline_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lunch_break_does_not_count),
        cmocka_unit_test(a_holiday_does_not_count_and_a_pause_across_it_is_taken_off_once),
        cmocka_unit_test(a_message_at_midnight_begins_to_count_in_the_morning),
        cmocka_unit_test(a_pause_is_a_pause),
        cmocka_unit_test(a_policy_that_changes_during_a_pause_keeps_elapsed_time_and_pauses),
        cmocka_unit_test(thanks_after_the_solution_asks_for_nothing),
        cmocka_unit_test(thanks_settle_no_promised_date),
        cmocka_unit_test(a_merged_case_has_no_running_clock),
        cmocka_unit_test(a_case_reopened_after_months_is_not_late_at_once),
        cmocka_unit_test(a_bot_reply_is_no_answer),
        cmocka_unit_test(a_closing_note_needs_no_answer),
        cmocka_unit_test(an_answer_settles_what_was_asked_and_begins_the_next_update),
        cmocka_unit_test(the_next_update_is_owed_while_we_wait_for_the_customer),
        cmocka_unit_test(clocks_of_one_case_do_not_know_each_other),
        cmocka_unit_test(however_often_one_looks_the_steps_are_at_the_same_instants),
        cmocka_unit_test(another_calendar_is_another_clock_and_leaves_the_old_one_alone),
        cmocka_unit_test(a_day_on_which_the_clocks_change_is_as_long_as_it_is),
        cmocka_unit_test(reports_in_another_order_make_no_negative_time),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
