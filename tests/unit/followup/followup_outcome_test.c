/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/followup_outcome.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/base/text.h"
#include "event.pb-c.h"

#define OUTCOME(name) TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_##name

enum {
    CALL = 1, /* Channel */
    MAIL = 3,
    PERSON = 4,
    ORDERS_MAX = 10,
};

/* 2026-11-23 at ten o'clock UTC, a Monday. */
#define ORDERED_US (INT64_C(1795428000) * DURATION_S)
#define NOW_US     (ORDERED_US + DURATION_MIN)

static const char rules_text[] =
    "limits: { quiet = \"none\"; };\n"
    "outcomes = (\n"
    "  { outcome = \"busy\"; retry_after = \"15m\"; },\n"
    "  { outcome = \"no_answer\"; retry_after = \"1h\"; other_hour = \"2h\"; },\n"
    "  { outcome = \"voicemail\"; retry_after = \"4h\"; at_most = 2; },\n"
    "  { outcome = \"failed\"; retry_after = \"30m\"; },\n"
    "  { outcome = \"machine\"; end = true; }\n"
    ");\n"
    "rules = (\n"
    "  { name = \"wide\"; trigger = \"case_resolved\"; after = \"1h\"; window = \"48h\";\n"
    "    channels = (\"call\", \"mail\", \"person\"); attempts = 3; },\n"
    "  { name = \"narrow\"; trigger = \"promise_broken\"; after = \"1h\"; window = \"48h\";\n"
    "    channels = (\"call\"); attempts = 2; }\n"
    ");\n";

static struct rulebook *rules;
static struct zone *zone; /* of the customer; NULL: not known */

static int set_up(void **state)
{
    struct err err = ERR_NONE;
    rules = rulebook_parse(rules_text, "rules", &err);
    if (!rules) {
        fail_msg("%s", err.text);
    }
    return 0;
}

static int tear_down(void **state)
{
    rulebook_free(rules);
    zone_free(zone);
    zone = NULL;
    return 0;
}

/* Ordered for the calls-th time, in a window of two days. */
static struct follow_up ordered(const char *rule, int32_t channel, int32_t calls)
{
    struct follow_up f = {
        .state = FOLLOW_UP_ORDERED,
        .version = 7,
        .stored_version = 7,
        .channel = channel,
        .attempts = calls,
        .calls = calls - 1,
        .due_us = ORDERED_US,
        .window_end_us = ORDERED_US + 48 * DURATION_H,
        .next_attempt_us = FOLLOW_UP_NEVER,
        .settled_us = FOLLOW_UP_NEVER,
        .last_call_us = FOLLOW_UP_NEVER,
        .called_back_us = FOLLOW_UP_NEVER,
    };
    (void)text_copy(f.rule, sizeof(f.rule), rule);
    return f;
}

static int try_apply(struct follow_up *f, int32_t outcome, int32_t same_count, int64_t call_back_us,
                     struct err *err)
{
    const struct followup_outcome_terms terms = {
        .rules = rules, .zone = zone, .orders_max = ORDERS_MAX};
    const struct followup_outcome_end end = {
        .outcome = outcome,
        .same_count = same_count,
        .ordered_us = ORDERED_US,
        .call_back_us = call_back_us,
        .now_us = NOW_US,
    };
    return followup_outcome_apply(&terms, &end, f, err);
}

static void apply(struct follow_up *f, int32_t outcome)
{
    assert_int_equal(try_apply(f, outcome, 0, 0, NULL), 0);
}

struct outcome_case {
    Troth__V1__CallOutcome outcome;
    const char *rule;
    int32_t channel, calls, same_count;
    enum follow_up_state state;
    const char *reason;
    int32_t next_channel;  /* while planned */
    int64_t next_after_us; /* from now */
};

static void check(const struct outcome_case *c, size_t row)
{
    struct follow_up f = ordered(c->rule, c->channel, c->calls);
    assert_int_equal(try_apply(&f, (int32_t)c->outcome, c->same_count, 0, NULL), 0);
    bool is_planned = c->state == FOLLOW_UP_PLANNED;
    if (f.state != c->state || strcmp(f.reason, c->reason) != 0 ||
        (is_planned &&
         (f.channel != c->next_channel || f.next_attempt_us != NOW_US + c->next_after_us))) {
        fail_msg("row %zu: %s, \"%s\", channel %d, after %lld s", row, followup_state_name(f.state),
                 f.reason, f.channel, (long long)((f.next_attempt_us - NOW_US) / DURATION_S));
    }
    assert_int_equal(f.next_attempt_us == FOLLOW_UP_NEVER, !is_planned);
    assert_int_equal(f.settled_us == FOLLOW_UP_NEVER, is_planned);
    assert_int_equal(f.calls, c->calls);
    assert_int_equal(f.last_outcome, c->outcome);
    assert_int_equal(f.last_call_us, ORDERED_US);
    assert_int_equal(f.version, 8);
}

static void every_outcome_has_its_cell(void **state)
{
    static const struct outcome_case cases[] = {
  /* reached */
        {OUTCOME(ANSWERED),        "wide",   CALL,   1,          0, FOLLOW_UP_DONE,    "answered",        0,      0                },
        {OUTCOME(REFUSED),         "wide",   CALL,   1,          0, FOLLOW_UP_DONE,    "refused",         0,      0                },
        {OUTCOME(PARTLY_ANSWERED), "wide",   CALL,   1,          0, FOLLOW_UP_DONE,    "partly_answered", 0,      0                },
        {OUTCOME(SENT),            "wide",   MAIL,   1,          0, FOLLOW_UP_DONE,    "sent",            0,      0                },
 /* again on the same channel */
        {OUTCOME(BUSY),            "wide",   CALL,   1,          0, FOLLOW_UP_PLANNED, "",                CALL,   15 * DURATION_MIN},
        {OUTCOME(FAILED),          "wide",   CALL,   1,          0, FOLLOW_UP_PLANNED, "",                CALL,   30 * DURATION_MIN},
        {OUTCOME(VOICEMAIL),       "wide",   CALL,   1,          0, FOLLOW_UP_PLANNED, "",                CALL,   4 * DURATION_H   },
        {OUTCOME(CALL_BACK),       "wide",   CALL,   1,          0, FOLLOW_UP_PLANNED, "",                CALL,   4 * DURATION_H   },
        {OUTCOME(BUSY),            "wide",   MAIL,   1,          0, FOLLOW_UP_PLANNED, "",                MAIL,   15 * DURATION_MIN},
 /* so often, then the next channel */
        {OUTCOME(VOICEMAIL),       "wide",   CALL,   2,          1, FOLLOW_UP_PLANNED, "",                MAIL,   4 * DURATION_H   },
        {OUTCOME(VOICEMAIL),       "wide",   PERSON, 2,          1, FOLLOW_UP_FAILED,  "voicemail",       0,      0                },
        {OUTCOME(VOICEMAIL),       "narrow", CALL,   1,          1, FOLLOW_UP_FAILED,  "voicemail",       0,      0                },
 /* another channel at once */
        {OUTCOME(WRONG_NUMBER),    "wide",   CALL,   1,          0, FOLLOW_UP_PLANNED, "",                MAIL,   0                },
        {OUTCOME(INVALID_NUMBER),  "wide",   MAIL,   1,          0, FOLLOW_UP_PLANNED, "",                PERSON, 0                },
        {OUTCOME(LANGUAGE),        "wide",   CALL,   1,          0, FOLLOW_UP_PLANNED, "",                MAIL,   0                },
        {OUTCOME(WRONG_NUMBER),    "wide",   PERSON, 1,          0, FOLLOW_UP_FAILED,  "wrong_number",    0,      0                },
        {OUTCOME(WRONG_NUMBER),    "narrow", CALL,   1,          0, FOLLOW_UP_FAILED,  "wrong_number",    0,      0                },
        {OUTCOME(INVALID_NUMBER),  "narrow", CALL,   1,          0, FOLLOW_UP_FAILED,  "invalid_number",  0,      0                },
        {OUTCOME(LANGUAGE),        "narrow", CALL,   1,          0, FOLLOW_UP_LISTED,  "language",        0,      0                },
 /* the rulebook says that it ends */
        {OUTCOME(MACHINE),         "wide",   CALL,   1,          0, FOLLOW_UP_FAILED,  "machine",         0,      0                },
 /* no call left */
        {OUTCOME(BUSY),            "wide",   CALL,   3,          0, FOLLOW_UP_FAILED,  "busy",            0,      0                },
        {OUTCOME(NO_ANSWER),       "wide",   CALL,   3,          0, FOLLOW_UP_FAILED,  "no_answer",       0,      0                },
        {OUTCOME(FAILED),          "narrow", CALL,   2,          0, FOLLOW_UP_FAILED,  "call_failed",     0,      0                },
        {OUTCOME(CALL_BACK),       "narrow", CALL,   2,          0, FOLLOW_UP_FAILED,  "call_back",       0,      0                },
        {OUTCOME(WRONG_NUMBER),    "wide",   CALL,   3,          0, FOLLOW_UP_FAILED,  "wrong_number",    0,      0                },
 /* a rule that is gone has no other channel, and as many calls as orders */
        {OUTCOME(BUSY),            "gone",   CALL,   3,          0, FOLLOW_UP_PLANNED, "",                CALL,   15 * DURATION_MIN},
        {OUTCOME(WRONG_NUMBER),    "gone",   CALL,   3,          0, FOLLOW_UP_FAILED,  "wrong_number",    0,      0                },
        {OUTCOME(BUSY),            "gone",   CALL,   ORDERS_MAX, 0, FOLLOW_UP_FAILED,  "busy",            0,      0                },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        check(&cases[i], i);
    }
}

static void who_did_not_pick_up_is_tried_at_another_hour(void **state)
{
    struct follow_up f = ordered("wide", CALL, 1);
    apply(&f, OUTCOME(NO_ANSWER));

    /* An hour later would be eleven: two hours off is noon. */
    assert_int_equal(f.state, FOLLOW_UP_PLANNED);
    assert_true(f.next_attempt_us >= ORDERED_US + 2 * DURATION_H);
    assert_true(f.next_attempt_us <= ORDERED_US + 2 * DURATION_H + DURATION_MIN);
}

static void the_same_hour_is_better_than_none(void **state)
{
    struct follow_up f = ordered("wide", CALL, 1);
    f.window_end_us = NOW_US + 90 * DURATION_MIN;
    apply(&f, OUTCOME(NO_ANSWER));

    assert_int_equal(f.state, FOLLOW_UP_PLANNED);
    assert_int_equal(f.next_attempt_us, NOW_US + DURATION_H);
}

static void nothing_is_planned_outside_the_window(void **state)
{
    struct follow_up f = ordered("wide", CALL, 1);
    struct follow_up g = ordered("wide", CALL, 1);
    f.window_end_us = NOW_US + 15 * DURATION_MIN;
    g.window_end_us = NOW_US + 15 * DURATION_MIN + 1;
    apply(&f, OUTCOME(BUSY));
    apply(&g, OUTCOME(BUSY));

    assert_int_equal(f.state, FOLLOW_UP_FAILED);
    assert_string_equal(f.reason, "busy");
    assert_int_equal(g.state, FOLLOW_UP_PLANNED);
}

static int set_up_again(void **state)
{
    (void)tear_down(state);
    return set_up(state);
}

static void who_asks_for_a_call_at_a_time_is_called_then(void **state)
{
    struct follow_up inside = ordered("narrow", CALL, 2); /* no call would be left */
    struct follow_up outside = ordered("narrow", CALL, 1);
    struct follow_up past = ordered("narrow", CALL, 1);
    struct follow_up endless = ordered("narrow", CALL, ORDERS_MAX);
    int64_t soon_us = NOW_US + 5 * DURATION_H;
    int64_t late_us = NOW_US + 90 * DURATION_H;
    int64_t end_us = inside.window_end_us;
    zone = zone_open("Asia/Shanghai", NULL);

    assert_int_equal(try_apply(&inside, OUTCOME(CALL_BACK), 0, soon_us, NULL), 0);
    assert_int_equal(inside.state, FOLLOW_UP_PLANNED);
    assert_string_equal(inside.reason, "call_back");
    assert_int_equal(inside.next_attempt_us, soon_us);
    assert_int_equal(inside.window_end_us, end_us);
    assert_int_equal(try_apply(&outside, OUTCOME(CALL_BACK), 0, late_us, NULL), 0);
    assert_int_equal(outside.next_attempt_us, late_us);
    assert_int_equal(outside.window_end_us, late_us + FOLLOWUP_CALL_BACK_WINDOW_US);
    assert_int_equal(try_apply(&past, OUTCOME(CALL_BACK), 0, NOW_US - 1, NULL), 0);
    assert_int_equal(past.next_attempt_us, NOW_US + 4 * DURATION_H);
    assert_string_equal(past.reason, "");
    assert_int_equal(try_apply(&endless, OUTCOME(CALL_BACK), 0, soon_us, NULL), 0);
    assert_int_equal(endless.state, FOLLOW_UP_FAILED);
}

static void who_asks_for_a_call_at_night_is_called_in_the_morning(void **state)
{
    static const char at_night[] = "limits: { quiet = \"21:00-08:00\"; };\n"
                                   "rules = ({ name = \"narrow\"; trigger = \"case_resolved\";"
                                   " after = \"1h\"; window = \"48h\"; });\n";
    struct follow_up f = ordered("narrow", CALL, 1);
    int64_t night_us = ORDERED_US + 13 * DURATION_H; /* 07:00 in China on Tuesday */
    struct err err = ERR_NONE;
    rulebook_free(rules);
    rules = rulebook_parse(at_night, "rules", &err);
    zone = zone_open("Asia/Shanghai", NULL);
    f.window_end_us = night_us;

    assert_int_equal(try_apply(&f, OUTCOME(CALL_BACK), 0, night_us, NULL), 0);

    assert_int_equal(f.next_attempt_us, night_us + DURATION_H);
    assert_int_equal(f.window_end_us, night_us + DURATION_H + FOLLOWUP_CALL_BACK_WINDOW_US);
}

static void who_called_us_is_not_called_again(void **state)
{
    static const struct {
        Troth__V1__CallOutcome outcome;
        const char *reason;
    } cases[] = {
        {OUTCOME(BUSY),         "called_back"},
        {OUTCOME(NO_ANSWER),    "called_back"},
        {OUTCOME(VOICEMAIL),    "called_back"},
        {OUTCOME(WRONG_NUMBER), "called_back"},
        {OUTCOME(LANGUAGE),     "called_back"},
        {OUTCOME(ANSWERED),     "answered"   },
        {OUTCOME(REFUSED),      "refused"    },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct follow_up f = ordered("wide", CALL, 1);
        f.called_back_us = ORDERED_US + 1;
        apply(&f, (int32_t)cases[i].outcome);
        assert_int_equal(f.state, FOLLOW_UP_DONE);
        assert_string_equal(f.reason, cases[i].reason);
    }
}

static void a_listed_one_is_settled_but_never_tried_again(void **state)
{
    static const struct {
        Troth__V1__CallOutcome outcome;
        enum follow_up_state state;
        const char *reason;
    } cases[] = {
        {OUTCOME(ANSWERED),        FOLLOW_UP_DONE,   "answered"       },
        {OUTCOME(PARTLY_ANSWERED), FOLLOW_UP_DONE,   "partly_answered"},
        {OUTCOME(SENT),            FOLLOW_UP_DONE,   "sent"           },
        {OUTCOME(REFUSED),         FOLLOW_UP_DONE,   "refused"        },
        {OUTCOME(WRONG_NUMBER),    FOLLOW_UP_FAILED, "wrong_number"   },
        {OUTCOME(INVALID_NUMBER),  FOLLOW_UP_FAILED, "invalid_number" },
        {OUTCOME(BUSY),            FOLLOW_UP_LISTED, "dialer_gone"    },
        {OUTCOME(CALL_BACK),       FOLLOW_UP_LISTED, "dialer_gone"    },
        {OUTCOME(LANGUAGE),        FOLLOW_UP_LISTED, "dialer_gone"    },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct follow_up f = ordered("wide", CALL, 1);
        f.state = FOLLOW_UP_LISTED;
        f.settled_us = ORDERED_US;
        (void)text_copy(f.reason, sizeof(f.reason), "dialer_gone");
        assert_int_equal(try_apply(&f, (int32_t)cases[i].outcome, 0, NOW_US + DURATION_H, NULL), 0);
        assert_int_equal(f.state, cases[i].state);
        assert_string_equal(f.reason, cases[i].reason);
        assert_int_equal(f.calls, 1);
        assert_int_equal(f.version, 8);
        assert_int_equal(f.next_attempt_us, FOLLOW_UP_NEVER);
    }
}

static void an_outcome_that_does_not_exist_changes_nothing(void **state)
{
    struct follow_up f = ordered("wide", CALL, 1);
    const struct follow_up before = f;
    struct err err = ERR_NONE;

    assert_int_equal(try_apply(&f, 99, 0, 0, &err), -1);
    assert_string_equal(err.code, "outcome_unknown");
    assert_int_equal(try_apply(&f, 0, 0, 0, &err), -1);
    assert_memory_equal(&f, &before, sizeof(f));
}

static void a_barred_order_is_tried_again_at_once_but_not_for_ever(void **state)
{
    struct follow_up f = ordered("wide", CALL, 9);
    struct follow_up last = ordered("wide", CALL, ORDERS_MAX);

    assert_int_equal(followup_outcome_barred(ORDERS_MAX, NOW_US, &f, NULL), 0);
    assert_int_equal(followup_outcome_barred(ORDERS_MAX, NOW_US, &last, NULL), 0);

    assert_int_equal(f.state, FOLLOW_UP_PLANNED);
    assert_int_equal(f.next_attempt_us, NOW_US);
    assert_int_equal(f.calls, 8);
    assert_int_equal(last.state, FOLLOW_UP_LISTED);
    assert_string_equal(last.reason, "orders_barred");
}

static void outcomes_say_what_they_leave_behind(void **state)
{
    for (int32_t o = 0; o <= 14; o++) {
        assert_int_equal(followup_outcome_is_bad_number(o),
                         o == OUTCOME(WRONG_NUMBER) || o == OUTCOME(INVALID_NUMBER));
        assert_int_equal(followup_outcome_is_refusal(o), o == OUTCOME(REFUSED));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_outcome_has_its_cell),
        cmocka_unit_test(who_did_not_pick_up_is_tried_at_another_hour),
        cmocka_unit_test(the_same_hour_is_better_than_none),
        cmocka_unit_test(nothing_is_planned_outside_the_window),
        cmocka_unit_test_teardown(who_asks_for_a_call_at_a_time_is_called_then, set_up_again),
        cmocka_unit_test_teardown(who_asks_for_a_call_at_night_is_called_in_the_morning,
                                  set_up_again),
        cmocka_unit_test(who_called_us_is_not_called_again),
        cmocka_unit_test(a_listed_one_is_settled_but_never_tried_again),
        cmocka_unit_test(an_outcome_that_does_not_exist_changes_nothing),
        cmocka_unit_test(a_barred_order_is_tried_again_at_once_but_not_for_ever),
        cmocka_unit_test(outcomes_say_what_they_leave_behind),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
