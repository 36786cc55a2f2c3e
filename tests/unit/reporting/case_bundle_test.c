/* SPDX-License-Identifier: Apache-2.0 */
/* Cases whose figures were worked out by hand, and what the peers get wrong. */
#include "services/reporting/case_bundle.h"

#include "tests/support/case_entries.h"

/* The columns are too wide for it. */
/* clang-format off */

/* ---- the case */

static void an_open_case_is_a_case_a_contact_and_one_more_to_do(void **state)
{
    struct case_rows c = case_of();

    assert_entries(&c, NULL, "cases d0\ncontacts d0\nbacklog d0\n");
    c.kind = TROTH__V1__CONTACT_KIND__CONTACT_KIND_COMPLAINT;
    assert_entries(&c, NULL, "cases d0\ncomplaints d0\ncontacts d0\nbacklog d0\n");
}

static void a_praise_is_no_backlog_unless_something_was_promised(void **state)
{
    static const struct case_move again[] = {{.version = 2, .at_us = HOURS(1, 0), .action = ACTION(REOPENED),
                                              .from = STATE(CLOSED), .to = STATE(OPEN)}};
    struct case_promise promise = {.kind = "callback", .state = TROTH__V1__PROMISE_STATE__PROMISE_STATE_WITHDRAWN,
                                   .due_us = CASE_NO_TIME, .done_us = CASE_NO_TIME, .said_us = CASE_NO_TIME,
                                   .counted_us = -1, .chance = -1};
    struct case_rows c = case_of();
    struct case_marks marks;

    c.kind = TROTH__V1__CONTACT_KIND__CONTACT_KIND_PRAISE;
    assert_entries(&c, NULL, "cases d0\ncontacts d0\n");
    case_bundle_mark(&c, &marks);
    assert_false(marks.asks);
    c.promises = &promise;
    c.promise_count = 1;
    assert_entries(&c, "backlog", "");
    promise.state = TROTH__V1__PROMISE_STATE__PROMISE_STATE_OPEN;
    assert_entries(&c, "backlog", "backlog d0\n");
    case_bundle_mark(&c, &marks);
    assert_true(marks.asks);
    c.promise_count = 0;
    c.moves = again;
    c.move_count = 1;
    case_bundle_mark(&c, &marks);
    assert_true(marks.asks);
    c = resolved_case();
    c.kind = TROTH__V1__CONTACT_KIND__CONTACT_KIND_PRAISE;
    assert_entries(&c, "backlog waited_for_us waited_for_customer waited_for_third_party", "");
}

/* cw#3570 and wrong bounds of a day: 23:59:59.999999 and 00:00 of the zone part the days. */
static void a_day_begins_at_midnight_of_the_zone_and_not_of_utc(void **state)
{
    struct case_rows c = case_of();

    c.opened_us = HOURS(24, 0) - 1;
    assert_entries(&c, "cases", "cases d0\n");
    c.opened_us = HOURS(24, 0);
    assert_entries(&c, "cases", "cases d1\n");
    c.opened_us = HOURS(0, 0);
    assert_entries(&c, "cases", "cases d0\n");
    c.opened_us = HOURS(0, 0) - 1;
    assert_entries(&c, "cases", "cases d-1\n");
}

static void a_case_that_was_taken_back_counts_nowhere(void **state)
{
    struct case_rows c = case_of();

    c.state = STATE(VOID);
    assert_entries(&c, NULL, "");
}

static void turns_are_told_apart_until_the_resolution(void **state)
{
    struct case_rows c = resolved_case();

    assert_entries(&c, NULL,
                   "cases d0\n"
                   "contacts d0\n"
                   "first_response d0 90m staff=ann\n"
                   "resolution d1 1020m staff=bob\n"
                   "backlog d0\n"
                   "backlog d1 x-1\n"
                   "waited_for_us d1 240m\n"
                   "waited_for_customer d1 600m\n"
                   "waited_for_third_party d1 180m\n"
                   "solved_quietly d1\n");
}

/* zammad#188, cw PR#12058: five days instead of ten minutes after a reopening. */
static void a_reopening_corrupts_no_clock(void **state)
{
    const struct case_move moves[] = {
        simple[0],
        {.version = 3, .at_us = HOURS(14, 0), .action = ACTION(RESOLVED), .from = STATE(OPEN), .to = STATE(RESOLVED), .staff = "ann"},
        {.version = 4, .at_us = HOURS(134, 0), .action = ACTION(REOPENED), .from = STATE(RESOLVED), .to = STATE(OPEN)},
        {.version = 5, .at_us = HOURS(134, 10), .action = ACTION(RESOLVED), .from = STATE(OPEN), .to = STATE(RESOLVED), .staff = "bob"},
    };
    const struct case_promise promises[] = {
        {.number = 1, .kind = "resolution", .state = PROMISE(KEPT), .made_us = HOURS(12, 0), .due_us = HOURS(16, 0), .done_us = HOURS(14, 0), .counted_us = 120 * DURATION_MIN, .chance = -1},
        {.number = 2, .kind = "resolution", .state = PROMISE(KEPT), .made_us = HOURS(134, 0), .due_us = HOURS(138, 0), .done_us = HOURS(134, 10), .counted_us = 10 * DURATION_MIN, .chance = -1},
    };
    struct case_rows c = resolved_case();

    c.moves = moves;
    c.move_count = 4;
    c.resolved_us = HOURS(134, 10);
    c.promises = promises;
    c.promise_count = 2;
    assert_entries(&c, BACKLOG_AND_TURNS " resolution_working solved_quietly first_response",
                   "first_response d0 90m staff=ann\n"
                   "resolution d5 7330m staff=bob\n"
                   "resolution_working d5 130m staff=bob\n"
                   "reopenings d5 staff=ann\n"
                   "backlog d0 x-1\n"
                   "backlog d0\n"
                   "backlog d5 x-1\n"
                   "backlog d5\n"
                   "waited_for_us d5 130m\n"
                   "waited_for_customer d5 0m\n"
                   "waited_for_third_party d5 0m\n");
}

/* zammad#5013: the reopening rate was empty; a case that is open again has no resolution. */
static void a_case_that_is_open_again_has_no_resolution_and_a_reopening(void **state)
{
    const struct case_move moves[] = {
        simple[0],
        {.version = 3, .at_us = HOURS(14, 0), .action = ACTION(RESOLVED), .from = STATE(OPEN), .to = STATE(RESOLVED), .staff = "ann"},
        {.version = 4, .at_us = HOURS(38, 0), .action = ACTION(REOPENED), .from = STATE(RESOLVED), .to = STATE(OPEN)},
    };
    struct case_rows c = resolved_case();

    c.state = STATE(OPEN);
    c.resolved_us = CASE_NO_TIME;
    c.moves = moves;
    c.move_count = 3;
    assert_entries(&c, BACKLOG_AND_TURNS " solved_quietly solved_at_first",
                   "reopenings d1 staff=ann\nbacklog d0 x-1\nbacklog d0\nbacklog d1\n");
}

/* zammad#904: merged cases still escalate and count. */
static void a_merged_case_leaves_the_backlog_and_has_no_resolution(void **state)
{
    const struct case_move moves[] = {
        {.version = 2, .at_us = HOURS(36, 0), .action = ACTION(MERGED), .from = STATE(NEW), .to = STATE(CLOSED), .staff = "ann"},
        {.version = 3, .at_us = HOURS(60, 0), .action = ACTION(REOPENED), .from = STATE(CLOSED), .to = STATE(OPEN)},
    };
    struct case_rows c = case_of();

    c.state = STATE(CLOSED);
    c.is_merged = true;
    c.moves = moves;
    c.move_count = 1;
    assert_entries(&c, NULL, "cases d0\ncontacts d0\nbacklog d0\nbacklog d1 x-1\n");
    /* The survivor was taken back: it goes on, and that is no reopening. */
    c.state = STATE(OPEN);
    c.is_merged = false;
    c.move_count = 2;
    assert_entries(&c, BACKLOG_AND_TURNS, "backlog d0\nbacklog d1 x-1\nbacklog d2\n");
}

static void a_case_closed_without_resolution_leaves_the_backlog_alone(void **state)
{
    const struct case_move moves[] = {
        {.version = 2, .at_us = HOURS(36, 0), .action = ACTION(CLOSED), .from = STATE(NEW), .to = STATE(CLOSED), .staff = "ann"},
    };
    struct case_rows c = case_of();

    c.state = STATE(CLOSED);
    c.first_response_us = HOURS(36, 0);
    c.moves = moves;
    c.move_count = 1;
    assert_entries(&c, NULL,
                   "cases d0\ncontacts d0\nfirst_response d1 1440m staff=ann\n"
                   "backlog d0\nbacklog d1 x-1\n");
}

/* Clocks of two systems differ: what took effect later never lies before what took effect earlier.
 */
static void a_move_told_with_an_earlier_time_takes_none_back(void **state)
{
    const struct case_move moves[] = {
        {.version = 2, .at_us = HOURS(11, 0), .action = ACTION(RESPONDED), .from = STATE(NEW), .to = STATE(OPEN), .staff = "ann"},
        {.version = 3, .at_us = HOURS(20, 0), .action = ACTION(WAITING_CUSTOMER), .from = STATE(OPEN), .to = STATE(WAITING_CUSTOMER)},
        {.version = 4, .at_us = HOURS(19, 0), .action = ACTION(RESOLVED), .from = STATE(WAITING_CUSTOMER), .to = STATE(RESOLVED), .staff = "ann"},
    };
    struct case_rows c = resolved_case();

    c.first_response_us = HOURS(12, 0);
    c.resolved_us = HOURS(19, 0);
    c.moves = moves;
    c.move_count = 3;
    assert_entries(&c, BACKLOG_AND_TURNS " first_response",
                   "first_response d0 0m staff=ann\n"
                   "resolution d0 420m staff=ann\n"
                   "backlog d0 x-1\n"
                   "backlog d0\n"
                   "waited_for_us d0 480m\n"
                   "waited_for_customer d0 0m\n"
                   "waited_for_third_party d0 0m\n");
}

/* ---- contacts */

/* cw#6418, #13312: what a bot wrote counted as contact, question and return. */
static void what_a_machine_wrote_counts_nowhere(void **state)
{
    const struct case_contact contacts[] = {
        {.number = 1, .at_us = HOURS(12, 0)},
        {.number = 2, .version = 3, .at_us = HOURS(16, 0), .is_machine = true},
    };
    struct case_rows c = resolved_case();

    c.contacts = contacts;
    c.contact_count = 2;
    assert_entries(&c, "contacts next_response solved_quietly", "contacts d0\nsolved_quietly d1\n");
}

/* cw#10178: the clock of the next response ran because the customer said thanks. */
static void thanks_after_the_resolution_need_no_answer_and_are_no_return(void **state)
{
    const struct case_contact contacts[] = {
        {.number = 1, .at_us = HOURS(12, 0)},
        {.number = 2, .version = 7, .at_us = HOURS(30, 0), .is_thanks = true},
    };
    struct case_rows c = resolved_case();

    c.contacts = contacts;
    c.contact_count = 2;
    assert_entries(&c, "contacts next_response solved_quietly reopenings",
                   "contacts d0\ncontacts d1\nsolved_quietly d1\n");
}

static void an_answer_to_thanks_is_no_next_response(void **state)
{
    const struct case_contact contacts[] = {
        {.number = 1, .at_us = HOURS(12, 0)},
        {.number = 2, .version = 3, .at_us = HOURS(14, 0), .is_thanks = true},
        {.number = 3, .version = 4, .at_us = HOURS(14, 30), .is_machine = true},
    };
    const struct case_move moves[] = {
        simple[0],
        {.version = 5, .at_us = HOURS(15, 0), .action = ACTION(RESPONDED), .from = STATE(OPEN), .to = STATE(OPEN), .staff = "ann"},
    };
    struct case_rows c = resolved_case();

    c.contacts = contacts;
    c.contact_count = 3;
    c.moves = moves;
    c.move_count = 2;
    assert_entries(&c, "next_response", "");
}

/* The oldest unanswered contact counts, and of two answers in a row the first. */
static void the_next_response_is_measured_from_the_oldest_unanswered_contact(void **state)
{
    const struct case_contact contacts[] = {
        {.number = 1, .at_us = HOURS(12, 0)},
        {.number = 2, .version = 2, .at_us = HOURS(12, 30)},
        {.number = 3, .version = 4, .at_us = HOURS(14, 0)},
        {.number = 4, .version = 5, .at_us = HOURS(15, 0)},
        {.number = 5, .version = 8, .at_us = HOURS(20, 0)},
    };
    const struct case_move moves[] = {
        {.version = 3, .at_us = HOURS(13, 0), .action = ACTION(RESPONDED), .from = STATE(NEW), .to = STATE(OPEN), .staff = "ann"},
        {.version = 6, .at_us = HOURS(16, 0), .action = ACTION(RESPONDED), .from = STATE(OPEN), .to = STATE(OPEN), .staff = "bob"},
        {.version = 7, .at_us = HOURS(17, 0), .action = ACTION(RESPONDED), .from = STATE(OPEN), .to = STATE(OPEN), .staff = "ann"},
    };
    struct case_rows c = case_of();

    c.first_response_us = HOURS(13, 0);
    c.contacts = contacts;
    c.contact_count = 5;
    c.moves = moves;
    c.move_count = 3;
    assert_entries(&c, "contacts first_response next_response",
                   "contacts d0\ncontacts d0\ncontacts d0\ncontacts d0\ncontacts d0\n"
                   "first_response d0 60m staff=ann\n"
                   "next_response d0 120m staff=bob\n");
}

/* fs#2074, zammad#2579: the first response was never written. */
static void a_resolution_is_a_first_response_when_nobody_answered_before(void **state)
{
    const struct case_move moves[] = {
        {.version = 2, .at_us = HOURS(14, 0), .action = ACTION(RESOLVED), .from = STATE(NEW), .to = STATE(RESOLVED), .staff = "bob"},
    };
    struct case_rows c = resolved_case();

    c.first_response_us = c.resolved_us = HOURS(14, 0);
    c.moves = moves;
    c.move_count = 1;
    assert_entries(&c, "first_response next_response resolution",
                   "first_response d0 120m staff=bob\nresolution d0 120m staff=bob\n");
}

/* ---- solved? */

static void solved_at_first_needs_the_customers_word_or_mark(void **state)
{
    const struct answer_row good[] = {
        {.number = 1, .at_us = HOURS(40, 0), .instrument = TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_CSAT, .value = 4},
    };
    const struct case_promise denied[] = {
        {.number = 1, .kind = "resolution", .state = PROMISE(KEPT), .made_us = HOURS(12, 0), .due_us = HOURS(48, 0), .done_us = HOURS(29, 0), .counted_us = -1, .word = 2, .chance = -1},
    };
    struct case_rows c = resolved_case();
    const char *about = "solved_at_first solved_quietly false_solved";

    c.answers = good;
    c.answer_count = 1;
    assert_entries(&c, about, "solved_at_first d1\n");
    c.has_returned = true;
    assert_entries(&c, about, "");
    c.answer_count = 0;
    assert_entries(&c, about, "");
    c.has_returned = false;
    assert_entries(&c, about, "solved_quietly d1\n");
    c.answer_count = 1;
    c.promises = denied;
    c.promise_count = 1;
    assert_entries(&c, about, "false_solved d1\n");
}

static void of_expectations_with_one_reference_the_newest_counts(void **state)
{
    const struct case_expectation expectations[] = {
        {.number = 1, .reference = "a", .expected_us = HOURS(13, 0)},
        {.number = 2, .expected_us = HOURS(28, 0)},
        {.number = 3, .reference = "a", .expected_us = HOURS(29, 0)},
        {.number = 4, .reference = "b", .expected_us = CASE_NO_TIME},
    };
    struct case_rows c = resolved_case();

    c.expectations = expectations;
    c.expectation_count = 4;
    assert_entries(&c, "expectations", "expectations d1 0\nexpectations d1 1\n");
    c.state = STATE(OPEN);
    c.resolved_us = CASE_NO_TIME;
    assert_entries(&c, "expectations", "");
}

/* ---- marks */

static void a_case_is_found_by_what_happened_last(void **state)
{
    const struct answer_row answers[] = {
        {.number = 1, .at_us = HOURS(60, 0), .instrument = CSAT, .value = 1},
        {.number = 2, .at_us = HOURS(30, 0), .instrument = NPS,  .value = 6},
        {.number = 3, .at_us = HOURS(70, 0), .instrument = NPS,  .value = 7},
    };
    struct case_promise promises[] = {usual, usual, usual};
    struct case_rows c = resolved_case();
    struct case_marks marks;

    promises[0].state = PROMISE(BROKEN);
    promises[1].state = PROMISE(OPEN);
    promises[1].due_us = HOURS(80, 0);
    promises[2].state = PROMISE(AT_RISK);
    promises[2].due_us = HOURS(50, 0);
    c.promises = promises;
    c.promise_count = 3;
    c.answers = answers;
    c.answer_count = 3;
    case_bundle_mark(&c, &marks);
    assert_string_equal(marks.staff, "ann");
    assert_int_equal(marks.resolved_us, HOURS(29, 0));
    assert_int_equal(marks.broken_us, HOURS(20, 0));
    assert_int_equal(marks.next_due_us, HOURS(50, 0));
    assert_int_equal(marks.low_answer_us, HOURS(60, 0));
    assert_int_equal(marks.reopened_us, CASE_NO_TIME);
    assert_int_equal(marks.overdue_us, CASE_NO_TIME);
    assert_int_equal(marks.overdue, 0);
    assert_int_equal(marks.running, 2);
}

static void what_is_broken_in_an_open_case_is_overdue(void **state)
{
    struct case_promise promises[] = {usual, usual, usual, usual};
    struct case_rows c = resolved_case();
    struct case_marks marks;

    promises[0].state = promises[1].state = PROMISE(BROKEN);
    promises[0].due_us = HOURS(50, 0);
    promises[1].due_us = HOURS(40, 0);
    promises[2].state = PROMISE(KEPT_LATE);
    promises[2].due_us = HOURS(30, 0);
    promises[3].state = PROMISE(OPEN);
    c.promises = promises;
    c.promise_count = 4;
    case_bundle_mark(&c, &marks);
    assert_int_equal(marks.overdue, 0);
    c.state = STATE(OPEN);
    c.resolved_us = CASE_NO_TIME;
    case_bundle_mark(&c, &marks);
    assert_int_equal(marks.overdue, 2);
    assert_int_equal(marks.overdue_us, HOURS(40, 0));
    assert_int_equal(marks.broken_us, HOURS(50, 0));
}
/* clang-format on */

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_open_case_is_a_case_a_contact_and_one_more_to_do),
        cmocka_unit_test(a_day_begins_at_midnight_of_the_zone_and_not_of_utc),
        cmocka_unit_test(a_case_that_was_taken_back_counts_nowhere),
        cmocka_unit_test(turns_are_told_apart_until_the_resolution),
        cmocka_unit_test(a_reopening_corrupts_no_clock),
        cmocka_unit_test(a_case_that_is_open_again_has_no_resolution_and_a_reopening),
        cmocka_unit_test(a_praise_is_no_backlog_unless_something_was_promised),
        cmocka_unit_test(a_merged_case_leaves_the_backlog_and_has_no_resolution),
        cmocka_unit_test(a_case_closed_without_resolution_leaves_the_backlog_alone),
        cmocka_unit_test(a_move_told_with_an_earlier_time_takes_none_back),
        cmocka_unit_test(what_a_machine_wrote_counts_nowhere),
        cmocka_unit_test(thanks_after_the_resolution_need_no_answer_and_are_no_return),
        cmocka_unit_test(an_answer_to_thanks_is_no_next_response),
        cmocka_unit_test(the_next_response_is_measured_from_the_oldest_unanswered_contact),
        cmocka_unit_test(a_resolution_is_a_first_response_when_nobody_answered_before),
        cmocka_unit_test(solved_at_first_needs_the_customers_word_or_mark),
        cmocka_unit_test(of_expectations_with_one_reference_the_newest_counts),
        cmocka_unit_test(a_case_is_found_by_what_happened_last),
        cmocka_unit_test(what_is_broken_in_an_open_case_is_overdue),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
