/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/promise_decide.h"

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

static void steps_are_taken_at_their_instants_however_late_we_are(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    struct work_promise *p = FIRST(c);
    int64_t at_risk_us = NOW_US + 4 * DURATION_H / 100 * 80;
    assert_int_equal(p->next_step_us, at_risk_us);
    assert_int_equal(promise_decide_step(t.work, c, p), 0);
    at(NOW_US + 10 * DURATION_H);
    assert_int_equal(promise_decide_step(t.work, c, p), 2);
    assert_int_equal(p->state, PROMISE(BROKEN));
    assert_int_equal(p->settled_us, NOW_US + 10 * DURATION_H);
    assert_int_equal(t.events[t.event_count - 2].to, PROMISE(AT_RISK));
    assert_int_equal(t.events[t.event_count - 2].occurred_us, at_risk_us);
    assert_int_equal(last_event()->occurred_us, NOW_US + 4 * DURATION_H);
    assert_int_equal(promise_decide_step(t.work, c, p), 0);
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
    assert_int_equal(promise_decide_step(t.work, c, p), 1);
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
    assert_int_equal(p->state, PROMISE(BROKEN));
    assert_int_equal(last_event()->occurred_us, NOW_US - 100 * DURATION_DAY + 4 * DURATION_H);
    assert_true(last_event()->is_historical);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_answer_in_time_keeps_the_promise_and_a_late_one_keeps_it_late),
        TEST(steps_are_taken_at_their_instants_however_late_we_are),
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
