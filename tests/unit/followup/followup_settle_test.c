/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/followup_settle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/domain/arbitration.h"

#define ANSWERED   1
#define BUSY       2
#define NOT_PLACED 7

static struct rulebook *rules;

static const int64_t now_us = 500 * DURATION_H;

static int set_up(void **state)
{
    struct err err = ERR_NONE;
    rules = rulebook_parse("rules = ( { name = \"after_resolution\"; trigger = \"case_resolved\";"
                           " after = \"1h\"; window = \"48h\"; channels = (\"call\");"
                           " attempts = 3; } );\n",
                           "rules", &err);
    if (!rules) {
        fail_msg("%s", err.text);
    }
    return 0;
}

static int tear_down(void **state)
{
    rulebook_free(rules);
    return 0;
}

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
        .channel = 1,
        .attempts = attempts,
        .settled_us = FOLLOW_UP_NEVER,
        .last_call_us = FOLLOW_UP_NEVER,
        .called_back_us = FOLLOW_UP_NEVER,
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
    const struct followup_outcome_terms terms = {.rules = rules, .orders_max = 10};
    return followup_settle(&terms, fate, now_us, &rows, ret, err);
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

static void how_far_a_call_is_only_goes_up_and_ends_nothing(void **state)
{
    struct follow_up f = follow_up_in(FOLLOW_UP_ORDERED, 1);
    struct followup_attempt a = attempt_in(FOLLOWUP_ATTEMPT_ORDERED, 1);
    struct followup_fate fate = {.kind = FOLLOWUP_FATE_STAGE, .stage = 3};
    struct followup_settled settled;

    assert_int_equal(settle(&fate, &f, &a, &settled, NULL), 0);
    assert_int_equal(a.stage, 3);
    assert_int_equal(a.state, FOLLOWUP_ATTEMPT_PLACED);
    assert_int_equal(f.version, 7);
    fate.stage = 2;
    assert_int_equal(settle(&fate, &f, &a, &settled, NULL), 0);
    assert_true(settled.is_duplicate);
    assert_int_equal(a.stage, 3);
    a = attempt_in(FOLLOWUP_ATTEMPT_FINISHED, 1);
    fate.stage = 4;
    assert_int_equal(settle(&fate, &f, &a, &settled, NULL), 0);
    assert_true(settled.is_duplicate);
}

static void a_call_back_comes_with_the_result(void **state)
{
    struct follow_up f = follow_up_in(FOLLOW_UP_ORDERED, 1);
    struct followup_attempt a = attempt_in(FOLLOWUP_ATTEMPT_ORDERED, 1);
    /* Of whom nobody knows the zone: some instant at which it is day wherever that is. */
    const int64_t wanted_us =
        arbitration_next_permitted(rulebook_limits(rules), NULL, now_us + DURATION_H, NULL);
    const struct followup_fate fate = {
        .kind = FOLLOWUP_FATE_FINISHED,
        .outcome = 10,
        .told = {.call_back_us = wanted_us},
    };
    struct followup_settled settled;

    assert_int_equal(settle(&fate, &f, &a, &settled, NULL), 0);

    assert_int_equal(f.state, FOLLOW_UP_PLANNED);
    assert_int_equal(f.next_attempt_us, wanted_us);
    assert_string_equal(f.reason, "call_back");
    assert_int_equal(f.last_call_us, a.ordered_us);
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

/* ---- people */

struct person_case {
    const char *name;
    enum followup_fate_kind kind;
    int64_t until_us;
    enum follow_up_state from;
    enum followup_attempt_state attempt;
    /* wanted */
    const char *code; /* "": it is done */
    enum follow_up_state to;
    enum followup_attempt_state to_attempt;
    const char *reason; /* NULL: as it was */
    int64_t next_us;
};

#define ORDERED      FOLLOW_UP_ORDERED
#define LISTED       FOLLOW_UP_LISTED
#define PLANNED      FOLLOW_UP_PLANNED
#define DONE         FOLLOW_UP_DONE
#define OPEN         FOLLOWUP_ATTEMPT_ORDERED
#define PLACED       FOLLOWUP_ATTEMPT_PLACED
#define FINISHED     FOLLOWUP_ATTEMPT_FINISHED
#define BARRED       FOLLOWUP_ATTEMPT_BARRED
#define ACCEPTED     FOLLOWUP_FATE_ACCEPTED
#define RETURNED     FOLLOWUP_FATE_RETURNED
#define SNOOZED      FOLLOWUP_FATE_SNOOZED
#define OVER         FOLLOWUP_FATE_LEASE_OVER
#define IN_TWO_HOURS (now_us + 2 * DURATION_H)
#define IN_TWO_DAYS  (now_us + 48 * DURATION_H)
#define NEVER        FOLLOW_UP_NEVER

/* The formatter would push the columns far apart. */
/* clang-format off */
static const struct person_case person_cases[] = {
    {"accepts", ACCEPTED, 0, ORDERED, OPEN, "", ORDERED, PLACED, NULL, NEVER},
    {"accepts what is listed", ACCEPTED, 0, LISTED, OPEN, "", LISTED, PLACED, NULL, NEVER},
    {"accepts too late", ACCEPTED, 0, PLANNED, BARRED, "lease_over", PLANNED, BARRED, NULL, NEVER},
    {"accepts what ended", ACCEPTED, 0, DONE, OPEN, "lease_over", DONE, OPEN, NULL, NEVER},
    {"returns", RETURNED, 0, ORDERED, OPEN, "", PLANNED, BARRED, "returned", 0},
    {"returns what is listed", RETURNED, 0, LISTED, OPEN, "", LISTED, BARRED, NULL, NEVER},
    {"returns what was accepted", RETURNED, 0, ORDERED, PLACED, "accepted_already", ORDERED, PLACED, NULL, NEVER},
    {"returns too late", RETURNED, 0, PLANNED, BARRED, "lease_over", PLANNED, BARRED, NULL, NEVER},
    {"snoozes", SNOOZED, IN_TWO_HOURS, ORDERED, OPEN, "", PLANNED, BARRED, "snoozed", IN_TWO_HOURS},
    {"snoozes what is listed", SNOOZED, IN_TWO_DAYS, LISTED, OPEN, "", LISTED, BARRED, NULL, NEVER},
    {"snoozes past the window", SNOOZED, IN_TWO_DAYS, ORDERED, OPEN, "until_invalid", ORDERED, OPEN, NULL, NEVER},
    {"snoozes until now", SNOOZED, now_us, ORDERED, OPEN, "until_invalid", ORDERED, OPEN, NULL, NEVER},
    {"snoozes what was accepted", SNOOZED, IN_TWO_HOURS, ORDERED, PLACED, "accepted_already", ORDERED, PLACED, NULL, NEVER},
    {"lets the lease end", OVER, 0, ORDERED, OPEN, "", PLANNED, BARRED, "", 0},
    {"lets that of a listed one end", OVER, 0, LISTED, OPEN, "", LISTED, BARRED, NULL, NEVER},
    {"accepted before its end", OVER, 0, ORDERED, PLACED, "", ORDERED, PLACED, NULL, NEVER},
    {"reported before its end", OVER, 0, DONE, FINISHED, "", DONE, FINISHED, NULL, NEVER},
};
/* clang-format on */

static void what_a_person_does_moves_order_and_follow_up(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(person_cases); i++) {
        const struct person_case *c = &person_cases[i];
        struct follow_up f = follow_up_in(c->from, 1);
        struct followup_attempt a = attempt_in(c->attempt, 1);
        const struct followup_fate fate = {.kind = c->kind, .until_us = c->until_us};
        struct followup_settled settled;
        struct err err = ERR_NONE;
        int64_t next_us = c->next_us == 0 ? now_us : c->next_us;

        int rc = settle(&fate, &f, &a, &settled, &err);

        if (strcmp(err.code, c->code) != 0 || (rc < 0) != (c->code[0] != '\0') ||
            f.state != c->to || a.state != c->to_attempt || f.next_attempt_us != next_us ||
            strcmp(f.reason, c->reason ? c->reason : "dialer_gone") != 0) {
            fail_msg("%s: %s %s, attempt %d, %s", c->name, followup_state_name(f.state), f.reason,
                     (int)a.state, err.code);
        }
    }
}

static void who_is_being_called_already_is_not_accepted(void **state)
{
    struct follow_up f = follow_up_in(FOLLOW_UP_LISTED, 1);
    struct followup_attempt a = attempt_in(FOLLOWUP_ATTEMPT_ORDERED, 1);
    const struct followup_settle_rows rows = {
        .follow_up = &f, .attempt = &a, .is_called_elsewhere = true};
    const struct followup_outcome_terms terms = {.rules = rules, .orders_max = 10};
    struct followup_fate fate = {.kind = FOLLOWUP_FATE_ACCEPTED};
    struct followup_settled settled;
    struct err err = ERR_NONE;

    assert_int_equal(followup_settle(&terms, &fate, now_us, &rows, &settled, &err), -1);
    assert_string_equal(err.code, "call_under_way");
    assert_int_equal(a.state, FOLLOWUP_ATTEMPT_ORDERED);
    assert_false(a.is_changed);

    /* What was done all the same is a fact, and to return it is always right. */
    fate = (struct followup_fate){.kind = FOLLOWUP_FATE_FINISHED, .outcome = ANSWERED};
    assert_int_equal(followup_settle(&terms, &fate, now_us, &rows, &settled, &err), 0);
}

/* However often: it is no machine that refuses. */
static void what_people_return_is_never_listed_for_it(void **state)
{
    struct follow_up f = follow_up_in(FOLLOW_UP_ORDERED, 50);
    struct followup_attempt a = attempt_in(FOLLOWUP_ATTEMPT_ORDERED, 50);
    const struct followup_fate fate = {.kind = FOLLOWUP_FATE_RETURNED};
    struct followup_settled settled;
    assert_int_equal(settle(&fate, &f, &a, &settled, NULL), 0);
    assert_int_equal(f.state, FOLLOW_UP_PLANNED);
}

static void a_late_result_settles_what_a_person_has_in_hand(void **state)
{
    struct follow_up f = follow_up_in(FOLLOW_UP_LISTED, 2);
    struct followup_attempt a = attempt_in(FOLLOWUP_ATTEMPT_UNKNOWN, 1);
    const struct followup_fate fate = {.kind = FOLLOWUP_FATE_FINISHED, .outcome = ANSWERED};
    struct followup_settled settled;
    assert_int_equal(settle(&fate, &f, &a, &settled, NULL), 0);
    assert_int_equal(f.state, FOLLOW_UP_DONE);
}

static void only_a_person_gives_up_what_is_listed(void **state)
{
    static const struct {
        const char *journal;
        enum follow_up_state want;
    } cases[] = {
        {"worklist", FOLLOW_UP_FAILED},
        {"other",    FOLLOW_UP_LISTED},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct follow_up f = follow_up_in(FOLLOW_UP_LISTED, 1);
        struct followup_attempt a = attempt_in(FOLLOWUP_ATTEMPT_ORDERED, 1);
        const struct followup_fate fate = {.kind = FOLLOWUP_FATE_FINISHED, .outcome = NOT_PLACED};
        struct followup_settled settled;
        (void)text_copy(a.journal, sizeof(a.journal), cases[i].journal);
        assert_int_equal(settle(&fate, &f, &a, &settled, NULL), 0);
        assert_int_equal(f.state, cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_person_does_moves_order_and_follow_up),
        cmocka_unit_test(who_is_being_called_already_is_not_accepted),
        cmocka_unit_test(what_people_return_is_never_listed_for_it),
        cmocka_unit_test(a_late_result_settles_what_a_person_has_in_hand),
        cmocka_unit_test(only_a_person_gives_up_what_is_listed),
        cmocka_unit_test(each_fate_moves_attempt_and_follow_up),
        cmocka_unit_test(the_second_time_nothing_changes),
        cmocka_unit_test(an_older_attempt_never_moves_its_follow_up),
        cmocka_unit_test(a_late_result_is_a_call_all_the_same),
        cmocka_unit_test(how_far_a_call_is_only_goes_up_and_ends_nothing),
        cmocka_unit_test(a_call_back_comes_with_the_result),
        cmocka_unit_test(another_dialer_has_no_say),
        cmocka_unit_test(instants_of_a_dialer_are_kept_within_reason),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
