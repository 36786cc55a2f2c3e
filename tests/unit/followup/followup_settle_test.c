/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/followup_settle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "intake.pb-c.h"

#define ANSWERED 1
#define BUSY     2

static const struct followup_limits limits = {
    .retry_after_us = DURATION_H,
    .calls_max = 3,
    .orders_max = 10,
};

static const int64_t now_us = 500 * DURATION_H;

static struct follow_up follow_up_in(enum follow_up_state state, int32_t attempts)
{
    return (struct follow_up){
        .number = 572,
        .version = 7,
        .stored_version = 7,
        .customer = 1084,
        .service_case = 828,
        .rule = "after_resolution",
        .occurrence = "0",
        .state = state,
        .reason = "dialer_gone", /* of a listed one; others are overwritten */
        .window_end_us = now_us + 10 * DURATION_H,
        .next_attempt_us = FOLLOW_UP_NEVER,
        .attempts = attempts,
        .settled_us = FOLLOW_UP_NEVER,
    };
}

static struct followup_attempt attempt_in(enum followup_attempt_state state, int32_t attempt)
{
    return (struct followup_attempt){
        .follow_up = 572,
        .attempt = attempt,
        .dialer = "pbx/one",
        .state = state,
        .ordered_us = now_us - DURATION_MIN,
        .finished_us = FOLLOW_UP_NEVER,
    };
}

static int settle(const struct followup_fate *fate, struct follow_up *f, struct followup_attempt *a,
                  struct followup_settled *ret, struct err *err)
{
    const struct followup_settle_rows rows = {.follow_up = f, .attempt = a};
    return followup_settle(&limits, fate, now_us, &rows, ret, err);
}

static void each_fate_moves_attempt_and_follow_up(void **state)
{
    static const struct {
        const char *name;
        enum followup_fate_kind kind;
        int32_t outcome;
        enum follow_up_state want;
        enum followup_attempt_state want_attempt;
        bool is_call;
    } cases[] = {
        {"placed",   FOLLOWUP_FATE_PLACED,       0,        FOLLOW_UP_ORDERED, FOLLOWUP_ATTEMPT_PLACED,   false},
        {"answered", FOLLOWUP_FATE_FINISHED,     ANSWERED, FOLLOW_UP_DONE,    FOLLOWUP_ATTEMPT_FINISHED,
         true                                                                                                 },
        {"busy",     FOLLOWUP_FATE_FINISHED,     BUSY,     FOLLOW_UP_PLANNED, FOLLOWUP_ATTEMPT_FINISHED, true },
        {"barred",   FOLLOWUP_FATE_BARRED,       0,        FOLLOW_UP_PLANNED, FOLLOWUP_ATTEMPT_BARRED,   false},
        {"lost",     FOLLOWUP_FATE_JOURNAL_LOST, 0,        FOLLOW_UP_LISTED,  FOLLOWUP_ATTEMPT_UNKNOWN,  false},
        {"gone",     FOLLOWUP_FATE_DIALER_GONE,  0,        FOLLOW_UP_LISTED,  FOLLOWUP_ATTEMPT_UNKNOWN,  false},
        {"unknown",  FOLLOWUP_FATE_UNKNOWN,      0,        FOLLOW_UP_LISTED,  FOLLOWUP_ATTEMPT_UNKNOWN,  false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct follow_up f = follow_up_in(FOLLOW_UP_ORDERED, 1);
        struct followup_attempt a = attempt_in(FOLLOWUP_ATTEMPT_ORDERED, 1);
        const struct followup_fate fate = {.kind = cases[i].kind, .outcome = cases[i].outcome};
        struct followup_settled settled;

        assert_int_equal(settle(&fate, &f, &a, &settled, NULL), 0);

        if (f.state != cases[i].want || a.state != cases[i].want_attempt) {
            fail_msg("%s: %s, attempt %d", cases[i].name, followup_state_name(f.state),
                     (int)a.state);
        }
        assert_int_equal(settled.is_call, cases[i].is_call);
        assert_false(settled.is_duplicate);
        assert_int_equal(settled.from, FOLLOW_UP_ORDERED);
        assert_true(a.is_changed);
    }
}

static void the_second_time_nothing_changes(void **state)
{
    static const struct {
        enum followup_fate_kind kind;
        enum followup_attempt_state attempt;
    } cases[] = {
        {FOLLOWUP_FATE_FINISHED,     FOLLOWUP_ATTEMPT_FINISHED},
        {FOLLOWUP_FATE_BARRED,       FOLLOWUP_ATTEMPT_BARRED  },
        {FOLLOWUP_FATE_BARRED,       FOLLOWUP_ATTEMPT_FINISHED},
        {FOLLOWUP_FATE_PLACED,       FOLLOWUP_ATTEMPT_PLACED  },
        {FOLLOWUP_FATE_PLACED,       FOLLOWUP_ATTEMPT_FINISHED},
        {FOLLOWUP_FATE_DIALER_GONE,  FOLLOWUP_ATTEMPT_FINISHED},
        {FOLLOWUP_FATE_UNKNOWN,      FOLLOWUP_ATTEMPT_UNKNOWN },
        {FOLLOWUP_FATE_JOURNAL_LOST, FOLLOWUP_ATTEMPT_BARRED  },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct follow_up f = follow_up_in(FOLLOW_UP_DONE, 1);
        struct followup_attempt a = attempt_in(cases[i].attempt, 1);
        const struct followup_fate fate = {.kind = cases[i].kind, .outcome = ANSWERED};
        struct followup_settled settled;

        assert_int_equal(settle(&fate, &f, &a, &settled, NULL), 0);

        assert_true(settled.is_duplicate);
        assert_false(settled.is_call);
        assert_false(a.is_changed);
        assert_int_equal(a.state, cases[i].attempt);
        assert_int_equal(f.version, 7);
    }
}

static void an_older_attempt_never_moves_its_follow_up(void **state)
{
    static const enum followup_fate_kind kinds[] = {FOLLOWUP_FATE_FINISHED, FOLLOWUP_FATE_BARRED,
                                                    FOLLOWUP_FATE_DIALER_GONE};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct follow_up f = follow_up_in(FOLLOW_UP_ORDERED, 2);
        struct followup_attempt a = attempt_in(FOLLOWUP_ATTEMPT_ORDERED, 1);
        const struct followup_fate fate = {.kind = kinds[i], .outcome = ANSWERED};
        struct followup_settled settled;

        assert_int_equal(settle(&fate, &f, &a, &settled, NULL), 0);

        assert_int_equal(f.state, FOLLOW_UP_ORDERED);
        assert_int_equal(f.version, 7);
        assert_true(a.is_changed);
    }
}

static void a_late_result_is_a_call_all_the_same(void **state)
{
    struct follow_up f = follow_up_in(FOLLOW_UP_LISTED, 1);
    struct followup_attempt a = attempt_in(FOLLOWUP_ATTEMPT_UNKNOWN, 1);
    const struct followup_fate fate = {.kind = FOLLOWUP_FATE_FINISHED, .outcome = ANSWERED};
    struct followup_settled settled;

    assert_int_equal(settle(&fate, &f, &a, &settled, NULL), 0);

    assert_true(settled.is_call);
    assert_int_equal(f.state, FOLLOW_UP_DONE);
    assert_int_equal(a.state, FOLLOWUP_ATTEMPT_FINISHED);
}

static void another_dialer_has_no_say(void **state)
{
    struct follow_up f = follow_up_in(FOLLOW_UP_ORDERED, 1);
    struct followup_attempt a = attempt_in(FOLLOWUP_ATTEMPT_ORDERED, 1);
    const struct followup_fate fate = {.kind = FOLLOWUP_FATE_BARRED, .dialer = "pbx/two"};
    struct followup_settled settled;
    struct err err = ERR_NONE;

    assert_int_equal(settle(&fate, &f, &a, &settled, &err), -1);

    assert_string_equal(err.code, "wrong_dialer");
    assert_int_equal(f.state, FOLLOW_UP_ORDERED);
    assert_false(a.is_changed);
}

static void instants_of_a_dialer_are_kept_within_reason(void **state)
{
    struct follow_up f = follow_up_in(FOLLOW_UP_ORDERED, 1);
    struct followup_attempt a = attempt_in(FOLLOWUP_ATTEMPT_PLACED, 1);
    const struct followup_fate fate = {
        .kind = FOLLOWUP_FATE_FINISHED,
        .outcome = ANSWERED,
        .started_us = 5,
        .ended_us = INT64_MAX,
    };
    struct followup_settled settled;

    assert_int_equal(settle(&fate, &f, &a, &settled, NULL), 0);

    assert_int_equal(a.started_us, a.ordered_us);
    assert_int_equal(a.ended_us, now_us);
}

static void an_answer_becomes_a_record_that_names_everything(void **state)
{
    struct follow_up f = follow_up_in(FOLLOW_UP_DONE, 2);
    struct followup_attempt a = attempt_in(FOLLOWUP_ATTEMPT_FINISHED, 2);
    char comment[] = "not bad";
    const struct followup_answer answer = {.instrument = 1, .value = 4, .comment = comment};
    char key[FOLLOWUP_ANSWER_KEY_SIZE];
    struct buffer packed = {.data = NULL};
    a.ended_us = 777;

    followup_settle_record(&f, &a, &answer, key, &packed);

    Troth__V1__Record *r = troth__v1__record__unpack(NULL, packed.len, packed.data);
    assert_non_null(r);
    assert_string_equal(key, "F-572-4/2/csat");
    assert_string_equal(r->key, key);
    assert_int_equal(r->occurred_us, 777);
    assert_int_equal(r->body_case, TROTH__V1__RECORD__BODY_SURVEY_ANSWER);
    assert_int_equal(r->survey_answer->instrument, 1);
    assert_int_equal(r->survey_answer->value, 4);
    assert_string_equal(r->survey_answer->comment, "not bad");
    assert_string_equal(r->survey_answer->follow_up_number, "F-572-4");
    assert_int_equal(r->survey_answer->customer_number[0], 'K');
    assert_int_equal(r->survey_answer->case_number[0], 'C');
    troth__v1__record__free_unpacked(r, NULL);
    buffer_free(&packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fate_moves_attempt_and_follow_up),
        cmocka_unit_test(the_second_time_nothing_changes),
        cmocka_unit_test(an_older_attempt_never_moves_its_follow_up),
        cmocka_unit_test(a_late_result_is_a_call_all_the_same),
        cmocka_unit_test(another_dialer_has_no_say),
        cmocka_unit_test(instants_of_a_dialer_are_kept_within_reason),
        cmocka_unit_test(an_answer_becomes_a_record_that_names_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
