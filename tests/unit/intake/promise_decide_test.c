/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/promise_decide.h"

#include "tests/support/calendar_text.h"
#include "tests/unit/intake/decide_world.h"

/* ---- promises */

static void an_answer_in_time_keeps_the_promise_and_a_late_one_keeps_it_late(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    do_update(c, ACTION(RESPONDED), NOW_US + 4 * DURATION_H);
    assert_int_equal(FIRST(c)->state, PROMISE(KEPT));
    assert_int_equal(FIRST(c)->next_step_us, WORK_NO_TIME);
    assert_int_equal(RESOLUTION(c)->state, PROMISE(OPEN));
    do_update(c, ACTION(RESOLVED), NOW_US + 3 * DURATION_DAY + 1);
    assert_int_equal(RESOLUTION(c)->state, PROMISE(KEPT_LATE));
    assert_int_equal(c->first_response_us, NOW_US + 4 * DURATION_H);
}

/* Of all promises together; 0: no more. */
static void expect_steps(const struct work_case *c, const int *numbers)
{
    const struct work_promise_step *s = t.work->promise_steps.first;
    for (; *numbers; numbers++, s = s->next) {
        assert_non_null(s);
        assert_int_equal(s->step, *numbers);
        assert_int_equal(identifier_bucket(s->promise), identifier_bucket(c->number));
    }
    assert_null(s);
}

static void steps_are_taken_at_their_instants_however_late_we_are(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    struct work_promise *p = FIRST(c);
    int64_t at_risk_us = NOW_US + 4 * DURATION_H / 100 * 80;
    assert_int_equal(p->next_step_us, NOW_US + 2 * DURATION_H);
    assert_int_equal(promise_decide_step(t.work, c, p), 0);
    at(NOW_US + 10 * DURATION_H);
    t.event_count = 0;
    assert_int_equal(promise_decide_step(t.work, c, p), 3);
    assert_int_equal(p->state, PROMISE(BROKEN));
    assert_int_equal(p->settled_us, NOW_US + 10 * DURATION_H);
    assert_int_equal(p->counted_us, 4 * DURATION_H);
    expect_steps(c, (const int[]){50, 80, 100, 0});
    assert_int_equal(t.event_count, 5);
    assert_int_equal(t.events[0].occurred_us, NOW_US + 2 * DURATION_H);
    assert_int_equal(t.events[2].to, PROMISE(AT_RISK));
    assert_int_equal(t.events[2].occurred_us, at_risk_us);
    assert_int_equal(last_event()->to, PROMISE(BROKEN));
    assert_int_equal(last_event()->occurred_us, NOW_US + 4 * DURATION_H);
    assert_string_equal(last_event()->team, "customer_care");
    assert_int_equal(promise_decide_step(t.work, c, p), 0);
}

static const struct standard_ladder ladder = {
    .steps = {{.percent = 50},
              {.percent = 80, .tell = "branch_manager"},
              {.percent = 100, .tell = "service_manager"},
              {.after_us = DURATION_H},
              {.after_us = DURATION_DAY, .tell = "director"}},
    .step_count = 5,
};

static void after_a_break_others_are_told_until_it_is_done(void **state)
{
    static const struct {
        const char *name;
        Troth__V1__CaseAction action;
        int64_t when_us; /* after the due time */
        int steps;       /* that are taken after the break */
    } cases[] = {
        {"never",                  ACTION(NOTE),             0,              2},
        {"answered in between",    ACTION(RESPONDED),        2 * DURATION_H, 1},
        {"closed in between",      ACTION(CLOSED),           2 * DURATION_H, 1},
        {"paused after the break", ACTION(WAITING_CUSTOMER), 1,              2},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        at(NOW_US);
        struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
        struct work_promise *p = FIRST(c);
        int64_t due_us = p->due_us;
        p->ladder = &ladder;
        at(due_us + cases[i].when_us);
        int taken = promise_decide_step(t.work, c, p);
        do_update(c, cases[i].action, due_us + cases[i].when_us);
        at(due_us + 2 * DURATION_DAY);
        taken += promise_decide_step(t.work, c, p);
        if (taken != 3 + cases[i].steps) {
            fail_msg("%s: %d", cases[i].name, taken);
        }
        assert_int_equal(p->next_step_us, WORK_NO_TIME);
        t.event_count = 0;
    }
}

static void whom_to_tell_stands_with_each_step(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    struct work_promise *p = FIRST(c);
    p->ladder = &ladder;
    at(p->due_us + DURATION_DAY);
    t.event_count = 0;
    assert_int_equal(promise_decide_step(t.work, c, p), 5);
    expect_steps(c, (const int[]){50, 80, 100, 101, 102, 0});
    assert_null(t.events[0].tell);
    assert_string_equal(t.events[1].tell, "branch_manager");
    assert_string_equal(last_event()->tell, "director");
    assert_int_equal(last_event()->percent, 102);
    assert_int_equal(last_event()->occurred_us, NOW_US + 4 * DURATION_H + DURATION_DAY);
    assert_int_equal(p->state, PROMISE(BROKEN));
    assert_int_equal(p->settled_us, t.now_us);
}

static void a_pause_over_a_step_takes_it_once_and_later(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    struct work_promise *p = FIRST(c);
    at(NOW_US + 2 * DURATION_H);
    assert_int_equal(promise_decide_step(t.work, c, p), 1);
    do_update(c, ACTION(WAITING_CUSTOMER), NOW_US + 2 * DURATION_H);
    do_update(c, ACTION(RESUMED), NOW_US + 5 * DURATION_H);
    /* What is heard of late moves the instant of a step that was taken: not the step. */
    do_update(c, ACTION(WAITING_CUSTOMER), NOW_US + 5 * DURATION_H);
    do_update(c, ACTION(RESUMED), NOW_US + 6 * DURATION_H);
    assert_int_equal(p->next_step, 80);
    at(NOW_US + 8 * DURATION_H);
    assert_int_equal(promise_decide_step(t.work, c, p), 2);
    expect_steps(c, (const int[]){50, 80, 100, 0});
    assert_int_equal(p->due_us, NOW_US + 8 * DURATION_H);

    struct work_case *other = open_case(NOW_US, KIND(COMPLAINT));
    struct work_promise *q = RESOLUTION(other);
    do_update(other, ACTION(WAITING_CUSTOMER), NOW_US + DURATION_DAY);
    at(NOW_US + 2 * DURATION_DAY);
    assert_int_equal(promise_decide_step(t.work, other, q), 0);
    do_update(other, ACTION(RESUMED), NOW_US + 2 * DURATION_DAY);
    assert_int_equal(q->next_step, 50);
    assert_int_equal(q->next_step_us, NOW_US + 2 * DURATION_DAY + DURATION_DAY / 2);
}

static void what_was_done_has_counted_so_much_time(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    do_update(c, ACTION(WAITING_CUSTOMER), NOW_US + DURATION_H);
    do_update(c, ACTION(RESUMED), NOW_US + 10 * DURATION_H);
    do_update(c, ACTION(RESOLVED), NOW_US + 12 * DURATION_H);
    assert_int_equal(FIRST(c)->counted_us, 3 * DURATION_H);
    assert_int_equal(RESOLUTION(c)->counted_us, 3 * DURATION_H);
}

/* ---- another target */

static struct standard_decision decision_with(struct standard_promise owed)
{
    struct standard_decision d = {.rule = "other", .ladder = &ladder, .promise_count = 1};
    d.promises[0] = owed;
    return d;
}

static void retarget_in(struct work_case *c, struct work_promise *p, int64_t target_us,
                        const struct calendar *calendar)
{
    const struct standard_decision d = decision_with(
        (struct standard_promise){.kind = p->kind, .target_us = target_us, .calendar = calendar});
    promise_decide_retarget(t.work, c, p, &d, &d.promises[0],
                            (struct work_when){.occurred_us = t.now_us});
}

static void retarget(struct work_case *c, struct work_promise *p, int64_t target_us)
{
    retarget_in(c, p, target_us, NULL);
}

static void
a_shorter_target_keeps_the_time_and_takes_only_the_last_step_that_it_passed(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    struct work_promise *p = RESOLUTION(c);
    at(NOW_US + 9 * DURATION_H);
    retarget(c, p, 10 * DURATION_H);
    assert_int_equal(last_event()->kind, TROTH__V1__EVENT__BODY_PROMISE_RETARGETED);
    assert_int_equal(p->clock_version, 2);
    assert_string_equal(p->rule, "other");
    assert_int_equal(p->due_us, NOW_US + 10 * DURATION_H);
    assert_int_equal(promise_decide_step(t.work, c, p), 1);
    assert_int_equal(p->state, PROMISE(AT_RISK));
    expect_steps(c, (const int[]){80, 0});
    const struct work_promise_step *s = t.work->promise_steps.first;
    assert_int_equal(s->clock_version, 2);
    assert_int_equal(s->due_us, NOW_US + 8 * DURATION_H);
    at(NOW_US + 10 * DURATION_H);
    assert_int_equal(promise_decide_step(t.work, c, p), 1);
    assert_int_equal(p->state, PROMISE(BROKEN));
}

static void a_longer_target_takes_the_warning_back_and_warns_again_in_its_time(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    struct work_promise *p = FIRST(c);
    at(NOW_US + DURATION_H * 7 / 2);
    assert_int_equal(promise_decide_step(t.work, c, p), 2);
    assert_int_equal(p->state, PROMISE(AT_RISK));
    retarget(c, p, 100 * DURATION_H);
    assert_int_equal(p->state, PROMISE(OPEN));
    assert_true(last_event()->is_correction);
    assert_int_equal(p->next_step, 50);
    at(NOW_US + 100 * DURATION_H);
    assert_int_equal(promise_decide_step(t.work, c, p), 3);
    expect_steps(c, (const int[]){50, 80, 50, 80, 100, 0});
}

static void a_target_of_which_more_than_half_has_passed_is_open_again(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    struct work_promise *p = FIRST(c);
    at(NOW_US + DURATION_H * 7 / 2);
    assert_int_equal(promise_decide_step(t.work, c, p), 2);
    retarget(c, p, 6 * DURATION_H);
    assert_int_equal(p->state, PROMISE(OPEN));
    assert_int_equal(promise_decide_step(t.work, c, p), 1);
    expect_steps(c, (const int[]){50, 80, 50, 0});
    assert_int_equal(p->next_step_us, NOW_US + DURATION_H * 48 / 10);
}

/* Of a kind that the rules of these tests do not promise. */
static struct work_promise *owe(struct work_case *c, const char *kind, int64_t made_us)
{
    const struct standard_decision d =
        decision_with((struct standard_promise){.kind = kind, .target_us = 10 * DURATION_H});
    const struct work_promise *last = work_last_promise(c);
    promise_decide_make(t.work, c, &d, kind, (struct work_when){.occurred_us = made_us});
    struct work_promise *p = last ? last->next : c->promises;
    assert_non_null(p);
    return p;
}

static void an_update_heard_of_late_is_not_the_one_that_was_owed_after_it(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    const struct work_promise *p = owe(c, PROMISE_KIND_NEXT_UPDATE, NOW_US + 5 * DURATION_H);
    promise_decide_done(t.work, c, PROMISE_KIND_NEXT_UPDATE, false,
                        (struct work_when){.occurred_us = NOW_US + 5 * DURATION_H - 1});
    assert_int_equal(p->state, PROMISE(OPEN));
    promise_decide_done(t.work, c, PROMISE_KIND_NEXT_UPDATE, false,
                        (struct work_when){.occurred_us = NOW_US + 5 * DURATION_H});
    assert_int_equal(p->state, PROMISE(KEPT));
}

static void nobody_is_told_again_of_what_a_closed_case_has_broken(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    struct work_promise *p = owe(c, PROMISE_KIND_CALLBACK, NOW_US);
    at(p->due_us + 2 * DURATION_H);
    assert_int_equal(promise_decide_step(t.work, c, p), 4);
    assert_int_equal(p->next_step, 102);
    do_update(c, ACTION(CLOSED), t.now_us);
    assert_int_equal(p->state, PROMISE(BROKEN));
    assert_int_equal(p->next_step_us, WORK_NO_TIME);
}

static void a_target_that_stays_the_same_is_no_new_clock(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    struct work_promise *p = FIRST(c);
    t.event_count = 0;
    retarget(c, p, 4 * DURATION_H);
    assert_int_equal(p->clock_version, 1);
    assert_int_equal(t.event_count, 0);
    assert_string_equal(p->rule, "other");
    do_update(c, ACTION(RESPONDED), NOW_US + 1);
    retarget(c, p, 9 * DURATION_H); /* it has ended */
    assert_int_equal(p->clock_version, 1);
    assert_int_equal(p->target_us, 4 * DURATION_H);
}

/* With each version of the standard come calendars of its own, mostly the same ones. */
static void the_same_hours_of_another_version_are_no_new_clock(void **state)
{
    static const struct {
        const char *name, *week;
        int clock_version;
    } cases[] = {
        {"the same",             "mon-sun = \"08:00-18:00\";",                    2},
        {"written otherwise",    "mon-sun = (\"08:00-12:00\", \"12:00-18:00\");", 2},
        {"due at the same time", "mon-sun = (\"06:00-13:00\", \"15:00-18:00\");", 2},
        {"opens later",          "mon-sun = \"09:00-18:00\";",                    3},
        {"open at all hours",    "mon-sun = \"00:00-24:00\";",                    3},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct calendar_book *now = calendar_text_one("UTC", "mon-sun = \"08:00-18:00\";", "", "");
        struct calendar_book *next = calendar_text_one("UTC", cases[i].week, "", "");
        struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
        struct work_promise *p = FIRST(c);
        retarget_in(c, p, 30 * DURATION_H, calendar_book_find(now, "c"));
        assert_int_equal(p->clock_version, 2);
        retarget_in(c, p, 30 * DURATION_H, calendar_book_find(next, "c"));
        if (p->clock_version != cases[i].clock_version) {
            fail_msg("%s: %d", cases[i].name, p->clock_version);
        }
        const struct clock clock = work_clock(c, p);
        int64_t half_us = clock_step_us(&clock, PROMISE_PERCENT_HALF);
        assert_int_equal(p->next_step_us, half_us);
        calendar_book_free(now);
        calendar_book_free(next);
    }
}

static void what_is_never_due_is_never_late(void **state)
{
    struct calendar_book *hours = calendar_text_one("UTC", "mon-sun = \"08:00-18:00\";", "", "");
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    struct work_promise *p = FIRST(c);
    /* more than calendars know of */
    retarget_in(c, p, 1000000 * DURATION_H, calendar_book_find(hours, "c"));
    assert_int_equal(p->due_us, CLOCK_NEVER);
    assert_int_equal(p->next_step_us, WORK_NO_TIME);
    at(NOW_US + 1000 * DURATION_DAY);
    assert_int_equal(promise_decide_step(t.work, c, p), 0);
    do_update(c, ACTION(RESPONDED), t.now_us);
    assert_int_equal(p->state, PROMISE(KEPT));
    assert_int_equal(p->counted_us, INT64_C(10000) * DURATION_H);
    calendar_book_free(hours);
}

static void proof_within_the_grace_takes_broken_back(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    at(NOW_US + 5 * DURATION_H);
    promise_decide_step(t.work, c, FIRST(c));
    at(NOW_US + 20 * DURATION_H);
    do_update(c, ACTION(RESPONDED), NOW_US + DURATION_H);
    assert_int_equal(FIRST(c)->state, PROMISE(KEPT));
    assert_true(last_event()->is_correction);
    assert_int_equal(last_event()->from, PROMISE(BROKEN));
}

static void proof_after_the_grace_is_late(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    at(NOW_US + 5 * DURATION_H);
    promise_decide_step(t.work, c, FIRST(c));
    at(NOW_US + 5 * DURATION_H + DURATION_DAY + 1);
    do_update(c, ACTION(RESPONDED), NOW_US + DURATION_H);
    assert_int_equal(FIRST(c)->state, PROMISE(KEPT_LATE));
    assert_false(last_event()->is_correction);
}

static void clocks_stand_while_the_customer_is_waited_for(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    do_update(c, ACTION(WAITING_CUSTOMER), NOW_US + DURATION_H);
    assert_int_equal(RESOLUTION(c)->due_us, CLOCK_NEVER);
    assert_int_equal(RESOLUTION(c)->next_step_us, WORK_NO_TIME);
    at(NOW_US + 10 * DURATION_DAY);
    assert_int_equal(promise_decide_step(t.work, c, RESOLUTION(c)), 0);
    do_update(c, ACTION(RESUMED), NOW_US + 10 * DURATION_DAY);
    int64_t pause_us = 10 * DURATION_DAY - DURATION_H;
    assert_int_equal(RESOLUTION(c)->due_us, NOW_US + 3 * DURATION_DAY + pause_us);
    assert_int_equal(FIRST(c)->due_us, NOW_US + 4 * DURATION_H + pause_us);
    do_update(c, ACTION(WAITING_THIRD_PARTY), NOW_US + 10 * DURATION_DAY + 1);
    assert_int_equal(RESOLUTION(c)->due_us, NOW_US + 3 * DURATION_DAY + pause_us);
}

static void a_warning_that_comes_late_does_not_start_a_clock_that_stands(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    struct work_promise *p = FIRST(c);
    /* Asked after the warning was due, but before the promise was. */
    do_update(c, ACTION(WAITING_CUSTOMER), NOW_US + DURATION_H * 7 / 2);
    at(NOW_US + DURATION_DAY);
    assert_int_equal(promise_decide_step(t.work, c, p), 2);
    assert_int_equal(p->state, PROMISE(AT_RISK));
    assert_int_equal(p->next_step_us, WORK_NO_TIME);
    do_update(c, ACTION(RESUMED), NOW_US + DURATION_DAY);
    assert_int_equal(p->next_step, 100);
    assert_int_equal(p->next_step_us, NOW_US + DURATION_DAY + DURATION_H / 2);
}

static void reports_in_the_wrong_order_never_make_a_pause_negative(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    do_update(c, ACTION(WAITING_CUSTOMER), NOW_US + 2 * DURATION_H);
    do_update(c, ACTION(RESUMED), NOW_US + DURATION_H);
    assert_int_equal(c->pause_count, 1);
    assert_int_equal(c->pauses[0].to_us, c->pauses[0].from_us);
    do_update(c, ACTION(WAITING_CUSTOMER), NOW_US);
    assert_int_equal(c->pauses[1].from_us, c->pauses[0].to_us);
    assert_int_equal(RESOLUTION(c)->due_us, CLOCK_NEVER);
}

static void a_reopened_case_is_promised_a_solution_anew(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(REQUEST));
    do_update(c, ACTION(RESOLVED), NOW_US + DURATION_H);
    assert_int_equal(RESOLUTION(c)->state, PROMISE(KEPT));
    assert_int_equal(FIRST(c)->state, PROMISE(KEPT));
    do_update(c, ACTION(REOPENED), NOW_US + 2 * DURATION_H);
    const struct work_promise *again = promise(c, PROMISE_KIND_RESOLUTION, 1);
    assert_int_equal(again->state, PROMISE(OPEN));
    assert_int_equal(again->due_us, NOW_US + 2 * DURATION_H + 5 * DURATION_DAY);
    assert_int_equal(c->resolved_us, WORK_NO_TIME);
    do_update(c, ACTION(RESOLVED), NOW_US + 3 * DURATION_H);
    assert_int_equal(again->state, PROMISE(KEPT));
    assert_int_equal(RESOLUTION(c)->version, 2); /* the old one was settled once */
}

static void an_earlier_answer_that_is_heard_of_late_corrects_the_judgement(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    do_update(c, ACTION(RESOLVED), NOW_US + 6 * DURATION_H);
    assert_int_equal(FIRST(c)->state, PROMISE(KEPT_LATE));
    do_update(c, ACTION(RESPONDED), NOW_US + DURATION_H);
    assert_int_equal(FIRST(c)->state, PROMISE(KEPT));
    assert_int_equal(FIRST(c)->done_us, NOW_US + DURATION_H);
    assert_int_equal(c->state, CASE(RESOLVED));
}

static void closing_a_praise_answers_nobody(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(PRAISE));
    assert_null(c->promises);
    do_update(c, ACTION(CLOSED), NOW_US + 1);
    assert_int_equal(c->first_response_us, WORK_NO_TIME);
    struct work_case *other = open_case(NOW_US, KIND(COMPLAINT));
    do_update(other, ACTION(CLOSED), NOW_US + 1);
    assert_int_equal(other->first_response_us, NOW_US + 1);
    assert_int_equal(FIRST(other)->state, PROMISE(KEPT));
}

static void history_is_judged_when_its_proof_had_time_to_come(void **state)
{
    struct intake_record *r = contact(NOW_US - 100 * DURATION_DAY, KIND(COMPLAINT));
    r->is_historical = true;
    expect_accepted(r);
    struct work_case *c = t.work->cases.first;
    struct work_promise *p = FIRST(c);
    assert_true(t.events[0].is_historical);
    assert_int_equal(promise_decide_step(t.work, c, p), 0);
    assert_int_equal(p->next_step_us, NOW_US + DURATION_DAY);
    at(NOW_US + DURATION_DAY);
    assert_int_equal(promise_decide_step(t.work, c, p), 1); /* no warning: nobody could heed it */
    assert_null(t.work->promise_steps.first);
    assert_int_equal(p->state, PROMISE(BROKEN));
    assert_int_equal(last_event()->occurred_us, NOW_US - 100 * DURATION_DAY + 4 * DURATION_H);
    assert_true(last_event()->is_historical);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_answer_in_time_keeps_the_promise_and_a_late_one_keeps_it_late),
        TEST(steps_are_taken_at_their_instants_however_late_we_are),
        TEST(after_a_break_others_are_told_until_it_is_done),
        TEST(whom_to_tell_stands_with_each_step),
        TEST(a_pause_over_a_step_takes_it_once_and_later),
        TEST(what_was_done_has_counted_so_much_time),
        TEST(a_shorter_target_keeps_the_time_and_takes_only_the_last_step_that_it_passed),
        TEST(a_longer_target_takes_the_warning_back_and_warns_again_in_its_time),
        TEST(a_target_of_which_more_than_half_has_passed_is_open_again),
        TEST(an_update_heard_of_late_is_not_the_one_that_was_owed_after_it),
        TEST(nobody_is_told_again_of_what_a_closed_case_has_broken),
        TEST(a_target_that_stays_the_same_is_no_new_clock),
        TEST(the_same_hours_of_another_version_are_no_new_clock),
        TEST(what_is_never_due_is_never_late),
        TEST(proof_within_the_grace_takes_broken_back),
        TEST(proof_after_the_grace_is_late),
        TEST(clocks_stand_while_the_customer_is_waited_for),
        TEST(a_warning_that_comes_late_does_not_start_a_clock_that_stands),
        TEST(reports_in_the_wrong_order_never_make_a_pause_negative),
        TEST(a_reopened_case_is_promised_a_solution_anew),
        TEST(an_earlier_answer_that_is_heard_of_late_corrects_the_judgement),
        TEST(closing_a_praise_answers_nobody),
        TEST(history_is_judged_when_its_proof_had_time_to_come),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
