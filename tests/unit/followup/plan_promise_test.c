/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/plan_promise.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"

#define NOW_US  (1000 * DURATION_H)
#define PROMISE (11 << 8 | 7)

enum {
    OPEN = 1,
    AT_RISK,
    KEPT,
    KEPT_LATE,
    BROKEN,
    WITHDRAWN,
    WAIVED,
    GIVEN_ANEW,
    GIVEN_ANEW_LATE
};

static struct rulebook *rulebook; /* of one test */

static const char rules_text[] =
    "rules = ("
    "{ name = \"risk\"; trigger = \"promise_at_risk\"; promise_kind = \"custom\";"
    "  window = \"90h\"; },"
    "{ name = \"sorry\"; trigger = \"promise_broken\"; after = \"1h\"; window = \"48h\"; },"
    "{ name = \"there\"; trigger = \"compensation\"; after = \"24h\"; window = \"48h\"; } );";

static int set_up(void **state)
{
    static struct plan plan;
    rulebook = rulebook_parse(rules_text, "test", NULL);
    assert_non_null(rulebook);
    plan = (struct plan){
        .rules = rulebook,
        .rule_version = 1,
        .zone_version = "2025b",
        .now_us = NOW_US,
    };
    plan_begin(&plan);
    *state = &plan;
    return 0;
}

static int tear_down(void **state)
{
    struct plan *p = *state;
    rulebook_free(rulebook);
    plan_free(p);
    return 0;
}

static struct plan_promise_now now_of(int32_t promise_state)
{
    return (struct plan_promise_now){
        .promise = PROMISE,
        .service_case = 9 << 8 | 7,
        .customer = 5 << 8 | 7,
        .state = promise_state,
        .last_state = promise_state,
        .clock_version = 2,
        .due_us = NOW_US + 10 * DURATION_H,
    };
}

static struct follow_up *happen(struct plan *p, int trigger, int32_t promise_state)
{
    const struct plan_promise_now now = now_of(promise_state);
    const struct rulebook_facts facts = {.trigger = trigger, .promise_kind = "custom"};
    plan_promise_happened(p, &now, NOW_US, false, &facts, NULL);
    return &p->list.items[0];
}

static void each_trigger_has_its_occurrence_and_instant(void **state)
{
    static const struct {
        int trigger;
        int32_t promise_state;
        const char *rule, *occurrence;
        int64_t due_us, window_end_us;
    } cases[] = {
        {FOLLOW_UP_ON_PROMISE_AT_RISK, AT_RISK, "risk",  "2",      0,               10 * DURATION_H},
        {FOLLOW_UP_ON_PROMISE_BROKEN,  BROKEN,  "sorry", "broken", DURATION_H,      49 * DURATION_H},
        {FOLLOW_UP_ON_COMPENSATION,    OPEN,    "there", "given",  34 * DURATION_H, 82 * DURATION_H},
    };
    struct plan *p = *state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        plan_begin(p);
        const struct follow_up *f = happen(p, cases[i].trigger, cases[i].promise_state);
        assert_int_equal(p->list.count, 1);
        assert_string_equal(f->rule, cases[i].rule);
        assert_string_equal(f->occurrence, cases[i].occurrence);
        assert_int_equal(f->subject, PROMISE);
        assert_int_equal(f->state, FOLLOW_UP_PLANNED);
        assert_int_equal(f->due_us, NOW_US + cases[i].due_us);
        assert_int_equal(f->window_end_us, NOW_US + cases[i].window_end_us);
    }
}

/* What is planned, by each state that the promise may be in by now: does it stand? */
static void what_is_planned_follows_the_promise(void **state)
{
    static const struct {
        int trigger;
        bool stands[GIVEN_ANEW_LATE + 1];
        const char *reason_open;
    } cases[] = {
        {FOLLOW_UP_ON_PROMISE_AT_RISK, {[AT_RISK] = true},                    "no_longer_true" },
        {FOLLOW_UP_ON_PROMISE_BROKEN,  {[KEPT_LATE] = true, [BROKEN] = true}, "promise_settled"},
        {FOLLOW_UP_ON_COMPENSATION,
         {[OPEN] = true,
          [AT_RISK] = true,
          [KEPT] = true,
          [KEPT_LATE] = true,
          [BROKEN] = true,
          [GIVEN_ANEW] = true,
          [GIVEN_ANEW_LATE] = true},
         ""                                                                                    },
    };
    struct plan *p = *state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        for (int32_t s = OPEN; s <= GIVEN_ANEW_LATE; s++) {
            const struct plan_promise_now now = now_of(s);
            plan_begin(p);
            struct follow_up *f = happen(p, cases[i].trigger, i == 0 ? AT_RISK : BROKEN);
            plan_promise_follow(p, &now, NULL);
            const char *want = cases[i].stands[s] ? ""
                               : s == OPEN        ? cases[i].reason_open
                                                  : "promise_settled";
            assert_string_equal(f->reason, want);
            assert_int_equal(f->state,
                             cases[i].stands[s] ? FOLLOW_UP_PLANNED : FOLLOW_UP_SUPPRESSED);
        }
    }
}

static void what_is_ordered_or_done_stays(void **state)
{
    static const enum follow_up_state states[] = {FOLLOW_UP_ORDERED, FOLLOW_UP_DONE,
                                                  FOLLOW_UP_LISTED, FOLLOW_UP_FAILED};
    struct plan *p = *state;
    const struct plan_promise_now now = now_of(KEPT);
    for (size_t i = 0; i < ARRAY_LEN(states); i++) {
        plan_begin(p);
        struct follow_up *f = happen(p, FOLLOW_UP_ON_PROMISE_BROKEN, BROKEN);
        f->state = states[i];
        plan_promise_follow(p, &now, NULL);
        assert_int_equal(f->state, states[i]);
    }
}

static void a_break_that_comes_back_stands_again(void **state)
{
    struct plan *p = *state;
    const struct plan_promise_now kept = now_of(KEPT);
    const struct plan_promise_now broken = now_of(BROKEN);
    struct follow_up *f = happen(p, FOLLOW_UP_ON_PROMISE_BROKEN, BROKEN);
    int64_t due_us = f->due_us;
    plan_promise_follow(p, &kept, NULL);
    assert_int_equal(f->state, FOLLOW_UP_SUPPRESSED);
    plan_promise_follow(p, &broken, NULL);
    assert_int_equal(f->state, FOLLOW_UP_PLANNED);
    assert_int_equal(f->due_us, due_us);
    assert_string_equal(p->notes[0].step, "planned_again");
}

static void a_promise_that_was_taken_back_leaves_nothing(void **state)
{
    struct plan *p = *state;
    struct plan_promise_now now = now_of(BROKEN);
    now.is_void = true;
    struct follow_up *f = happen(p, FOLLOW_UP_ON_PROMISE_BROKEN, BROKEN);
    plan_promise_follow(p, &now, NULL);
    assert_string_equal(f->reason, FOLLOW_UP_REASON_VOID);
}

static void a_late_event_about_a_settled_promise_calls_nobody(void **state)
{
    struct plan *p = *state;
    const struct follow_up *f = happen(p, FOLLOW_UP_ON_PROMISE_AT_RISK, KEPT);
    assert_int_equal(f->state, FOLLOW_UP_SUPPRESSED);
    assert_string_equal(f->reason, "promise_settled");
}

static void a_compensation_moves_with_its_promise_until_somebody_called(void **state)
{
    struct plan *p = *state;
    struct plan_promise_now now = now_of(OPEN);
    struct follow_up *f = happen(p, FOLLOW_UP_ON_COMPENSATION, OPEN);
    now.due_us += 5 * DURATION_H;
    plan_promise_follow(p, &now, NULL);
    assert_int_equal(f->due_us, NOW_US + 39 * DURATION_H);
    assert_int_equal(f->version, 2);
    f->attempts = 1;
    now.due_us += 5 * DURATION_H;
    plan_promise_follow(p, &now, NULL);
    assert_int_equal(f->due_us, NOW_US + 39 * DURATION_H);
}

static void a_compensation_follows_the_promise_that_took_its_place(void **state)
{
    struct plan *p = *state;
    struct plan_promise_now now = now_of(GIVEN_ANEW);
    struct follow_up *f = happen(p, FOLLOW_UP_ON_COMPENSATION, OPEN);
    now.last_state = WITHDRAWN;
    plan_promise_follow(p, &now, NULL);
    assert_string_equal(f->reason, "promise_settled");
    now.last_state = OPEN;
    plan_promise_follow(p, &now, NULL);
    assert_int_equal(f->state, FOLLOW_UP_PLANNED);
}

static void another_target_is_another_risk(void **state)
{
    struct plan *p = *state;
    struct plan_promise_now now = now_of(AT_RISK);
    struct follow_up *f = happen(p, FOLLOW_UP_ON_PROMISE_AT_RISK, AT_RISK);
    now.clock_version = 3;
    plan_promise_follow(p, &now, NULL);
    assert_string_equal(f->reason, "no_longer_true");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_trigger_has_its_occurrence_and_instant, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_planned_follows_the_promise, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_ordered_or_done_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_break_that_comes_back_stands_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_promise_that_was_taken_back_leaves_nothing, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_late_event_about_a_settled_promise_calls_nobody, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_compensation_moves_with_its_promise_until_somebody_called,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_compensation_follows_the_promise_that_took_its_place,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_target_is_another_risk, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
