/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/followup_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/base/text.h"
#include "event.pb-c.h"

#define ANSWERED     TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_ANSWERED
#define BUSY         TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_BUSY
#define NO_ANSWER    TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_NO_ANSWER
#define VOICEMAIL    TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_VOICEMAIL
#define REFUSED      TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_REFUSED
#define WRONG_NUMBER TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_WRONG_NUMBER
#define NOT_PLACED   TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_FAILED

#define RESOLVED_US (1000 * DURATION_H)

static const struct followup_limits limits = {
    .call_after_us = 24 * DURATION_H,
    .window_us = 48 * DURATION_H,
    .retry_after_us = DURATION_H,
    .calls_max = 3,
    .orders_max = 10,
    .ask_for_us = 2 * DURATION_MIN,
    .call_limit_us = 30 * DURATION_MIN,
};

static struct followup_case_change change_of(int32_t reopened_count)
{
    return (struct followup_case_change){
        .customer = 5 << 8 | 7,
        .service_case = 9 << 8 | 7,
        .version = 3,
        .occurred_us = RESOLVED_US,
        .reopened_count = reopened_count,
        .branch = "north",
    };
}

/* ---- planning */

static void a_resolution_plans_one_call_a_day_later(void **state)
{
    struct follow_up_list list = {0};
    struct followup_case_change change = change_of(0);

    assert_int_equal(followup_plan_resolved(&limits, &change, 0, RESOLVED_US + 5, &list, NULL), 0);

    assert_int_equal(list.count, 1);
    const struct follow_up *f = &list.items[0];
    assert_int_equal(f->number, 0);
    assert_int_equal(f->stored_version, 0);
    assert_int_equal(f->version, 1);
    assert_int_equal(f->state, FOLLOW_UP_PLANNED);
    assert_int_equal(f->customer, change.customer);
    assert_int_equal(f->service_case, change.service_case);
    assert_int_equal(f->subject, change.service_case);
    assert_string_equal(f->rule, "after_resolution");
    assert_string_equal(f->occurrence, "0");
    assert_string_equal(f->branch, "north");
    assert_int_equal(f->planned_us, RESOLVED_US + 5);
    assert_int_equal(f->due_us, RESOLVED_US + 24 * DURATION_H);
    assert_int_equal(f->window_end_us, RESOLVED_US + 72 * DURATION_H);
    assert_int_equal(f->next_attempt_us, f->due_us);
    follow_up_list_free(&list);
}

static void what_need_not_be_called_ends_at_once(void **state)
{
    static const struct {
        const char *name;
        bool is_historical;
        int32_t reopened_now;
        int64_t later_us;
        enum follow_up_state want;
        const char *reason;
    } cases[] = {
        {"an old record",                  true,  0, 0,                   FOLLOW_UP_MISSED,     "history"      },
        {"history comes before all else",  true,  1, 90 * DURATION_H,     FOLLOW_UP_MISSED,     "history"      },
        {"the window has passed",          false, 0, 72 * DURATION_H,     FOLLOW_UP_MISSED,     "window_passed"},
        {"the last instant of the window", false, 0, 72 * DURATION_H - 1, FOLLOW_UP_PLANNED,    ""             },
        {"the case is open again",         false, 1, 0,                   FOLLOW_UP_SUPPRESSED, "case_reopened"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct follow_up_list list = {0};
        struct followup_case_change change = change_of(0);
        change.is_historical = cases[i].is_historical;

        assert_int_equal(followup_plan_resolved(&limits, &change, cases[i].reopened_now,
                                                RESOLVED_US + cases[i].later_us, &list, NULL),
                         0);

        if (list.items[0].state != cases[i].want) {
            fail_msg("%s: %s", cases[i].name, followup_state_name(list.items[0].state));
        }
        assert_string_equal(list.items[0].reason, cases[i].reason);
        follow_up_list_free(&list);
    }
}

static void the_same_resolution_is_planned_once(void **state)
{
    struct follow_up_list list = {0};
    struct followup_case_change change = change_of(0);

    for (int i = 0; i < 3; i++) {
        assert_int_equal(followup_plan_resolved(&limits, &change, 0, RESOLVED_US, &list, NULL), 0);
    }

    assert_int_equal(list.count, 1);
    follow_up_list_free(&list);
}

static void reopening_takes_back_what_is_not_ordered(void **state)
{
    static const struct {
        enum follow_up_state before, after;
    } cases[] = {
        {FOLLOW_UP_PLANNED, FOLLOW_UP_SUPPRESSED},
        {FOLLOW_UP_CLAIMED, FOLLOW_UP_SUPPRESSED},
        {FOLLOW_UP_ORDERED, FOLLOW_UP_ORDERED   },
        {FOLLOW_UP_DONE,    FOLLOW_UP_DONE      },
        {FOLLOW_UP_LISTED,  FOLLOW_UP_LISTED    },
        {FOLLOW_UP_MISSED,  FOLLOW_UP_MISSED    },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct follow_up_list list = {0};
        struct followup_case_change resolved = change_of(0);
        struct followup_case_change reopened = change_of(1);
        assert_int_equal(followup_plan_resolved(&limits, &resolved, 0, RESOLVED_US, &list, NULL),
                         0);
        list.items[0].state = cases[i].before;

        assert_int_equal(followup_plan_reopened(&reopened, RESOLVED_US, &list, NULL), 0);

        assert_int_equal(list.items[0].state, cases[i].after);
        follow_up_list_free(&list);
    }
}

static void the_next_resolution_gets_its_own_call(void **state)
{
    struct follow_up_list list = {0};
    struct followup_case_change first = change_of(0);
    struct followup_case_change reopened = change_of(1);
    struct followup_case_change second = change_of(1);

    assert_int_equal(followup_plan_resolved(&limits, &first, 1, RESOLVED_US, &list, NULL), 0);
    assert_int_equal(followup_plan_reopened(&reopened, RESOLVED_US, &list, NULL), 0);
    assert_int_equal(followup_plan_resolved(&limits, &second, 1, RESOLVED_US, &list, NULL), 0);
    /* The reopening once more, out of order: it says nothing about the later resolution. */
    assert_int_equal(followup_plan_reopened(&reopened, RESOLVED_US, &list, NULL), 0);

    assert_int_equal(list.count, 2);
    assert_int_equal(list.items[0].state, FOLLOW_UP_SUPPRESSED);
    assert_int_equal(list.items[1].state, FOLLOW_UP_PLANNED);
    assert_string_equal(list.items[1].occurrence, "1");
    follow_up_list_free(&list);
}

/* ---- taken back */

static void what_is_planned_follows_a_case_that_was_corrected(void **state)
{
    static const struct {
        const char *name;
        enum follow_up_state before;
        const char *reason_before;
        int32_t attempts, reopened_now;
        bool is_resolved;
        enum follow_up_state want;
        const char *reason;
    } cases[] = {
        {"planned, resolution void", FOLLOW_UP_PLANNED,    "",              0, 0, false, FOLLOW_UP_SUPPRESSED,
         "record_void"                                                                                                      },
        {"claimed, resolution void", FOLLOW_UP_CLAIMED,    "",              0, 0, false, FOLLOW_UP_SUPPRESSED,
         "record_void"                                                                                                      },
        {"to be called once more",   FOLLOW_UP_PLANNED,    "",              1, 0, false, FOLLOW_UP_SUPPRESSED,
         "record_void"                                                                                                      },
        {"the call is on its way",   FOLLOW_UP_ORDERED,    "",              1, 0, false, FOLLOW_UP_ORDERED,    ""           },
        {"it was called",            FOLLOW_UP_DONE,       "answered",      1, 0, false, FOLLOW_UP_DONE,       "answered"   },
        {"missed, resolution void",  FOLLOW_UP_MISSED,     "history",       0, 0, false, FOLLOW_UP_SUPPRESSED,
         "record_void"                                                                                                      },
        {"a person may have called", FOLLOW_UP_LISTED,     "dialer_gone",   1, 0, false, FOLLOW_UP_LISTED,
         "dialer_gone"                                                                                                      },
        {"nobody could call",        FOLLOW_UP_LISTED,     "no_phone",      0, 0, false, FOLLOW_UP_SUPPRESSED,
         "record_void"                                                                                                      },
        {"still resolved",           FOLLOW_UP_PLANNED,    "",              0, 0, true,  FOLLOW_UP_PLANNED,    ""           },
        {"reopening void",           FOLLOW_UP_SUPPRESSED, "case_reopened", 0, 0, true,  FOLLOW_UP_PLANNED,
         ""                                                                                                                 },
        {"resolved after all",       FOLLOW_UP_SUPPRESSED, "record_void",   0, 0, true,  FOLLOW_UP_PLANNED,
         ""                                                                                                                 },
        {"suppressed for good",      FOLLOW_UP_SUPPRESSED, "do_not_call",   0, 0, true,
         FOLLOW_UP_SUPPRESSED,                                                                                 "do_not_call"},
        {"reopened in the meantime", FOLLOW_UP_PLANNED,    "",              0, 1, false, FOLLOW_UP_SUPPRESSED,
         "case_reopened"                                                                                                    },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct follow_up_list list = {0};
        struct followup_case_change change = change_of(0);
        const struct followup_case_now now = {
            .reopened_count = cases[i].reopened_now,
            .resolved_us = cases[i].is_resolved ? RESOLVED_US + DURATION_H : FOLLOW_UP_NEVER,
        };
        assert_int_equal(followup_plan_resolved(&limits, &change, 0, RESOLVED_US, &list, NULL), 0);
        struct follow_up *f = &list.items[0];
        f->state = cases[i].before;
        f->attempts = cases[i].attempts;
        (void)text_copy(f->reason, sizeof(f->reason), cases[i].reason_before);
        assert_int_equal(followup_plan_corrected(&limits, change.service_case, &now,
                                                 RESOLVED_US + DURATION_H, &list, NULL),
                         0);
        if (f->state != cases[i].want) {
            fail_msg("%s: %s", cases[i].name, followup_state_name(f->state));
        }
        assert_string_equal(f->reason, cases[i].reason);
        if (f->state == FOLLOW_UP_PLANNED) { /* of the resolution that there is now */
            assert_int_equal(f->due_us, RESOLVED_US + 25 * DURATION_H);
            assert_int_equal(f->next_attempt_us, f->due_us);
        }
        follow_up_list_free(&list);
    }
}

static void a_resolution_that_was_taken_back_may_happen_anew(void **state)
{
    struct follow_up_list list = {0};
    struct followup_case_change change = change_of(0);
    change.is_taken_back = true; /* before its event was read */
    assert_int_equal(followup_plan_resolved(&limits, &change, 0, RESOLVED_US, &list, NULL), 0);
    assert_int_equal(list.items[0].state, FOLLOW_UP_SUPPRESSED);
    assert_string_equal(list.items[0].reason, "record_void");
    change.is_taken_back = false;
    change.occurred_us += DURATION_H;
    assert_int_equal(followup_plan_resolved(&limits, &change, 0, RESOLVED_US, &list, NULL), 0);
    assert_int_equal(list.count, 1);
    assert_int_equal(list.items[0].state, FOLLOW_UP_PLANNED);
    assert_int_equal(list.items[0].due_us, RESOLVED_US + 25 * DURATION_H);
    follow_up_list_free(&list);
}

/* ---- due */

static struct follow_up planned(void)
{
    struct follow_up_list list = {0};
    struct followup_case_change change = change_of(0);
    assert_int_equal(followup_plan_resolved(&limits, &change, 0, RESOLVED_US, &list, NULL), 0);
    struct follow_up f = list.items[0];
    follow_up_list_free(&list);
    return f;
}

static void what_is_due_is_called_unless_something_forbids_it(void **state)
{
    static const struct {
        const char *name;
        struct followup_circumstances c;
        int64_t later_us;
        enum follow_up_event want;
    } cases[] = {
        {"all is well",          {true, false, 0, false, false},  24 * DURATION_H, FOLLOW_UP_IS_CLAIMED     },
        {"too late",             {true, false, 0, false, false},  72 * DURATION_H, FOLLOW_UP_WINDOW_PASSED  },
        {"too late comes first",
         {false, true, 2, false, false},
         72 * DURATION_H,
         FOLLOW_UP_WINDOW_PASSED                                                                            },
        {"open again",           {true, false, 1, false, false},  24 * DURATION_H, FOLLOW_UP_CASE_REOPENED  },
        {"refused",              {true, true, 0, false, false},   24 * DURATION_H, FOLLOW_UP_CONSENT_REFUSED},
        {"refused and no phone",
         {false, true, 0, false, false},
         24 * DURATION_H,
         FOLLOW_UP_CONSENT_REFUSED                                                                          },
        {"no phone",             {false, false, 0, false, false}, 24 * DURATION_H, FOLLOW_UP_HAS_NO_PHONE   },
        {"must not be called",
         {false, true, 0, true, true},
         24 * DURATION_H,
         FOLLOW_UP_DO_NOT_CALL                                                                              },
        {"open again first",
         {true, false, 1, true, false},
         24 * DURATION_H,
         FOLLOW_UP_CASE_REOPENED                                                                            },
        {"one call for two",
         {true, false, 0, false, true},
         24 * DURATION_H,
         FOLLOW_UP_JOINS_ANOTHER                                                                            },
        {"refused by either",
         {true, true, 0, false, true},
         24 * DURATION_H,
         FOLLOW_UP_CONSENT_REFUSED                                                                          },
    };
    struct follow_up f = planned();

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        enum follow_up_event got =
            followup_plan_due(&f, &cases[i].c, RESOLVED_US + cases[i].later_us);

        if (got != cases[i].want) {
            fail_msg("%s: %d", cases[i].name, (int)got);
        }
    }
}

/* ---- outcomes */

static struct follow_up ordered(int32_t attempts, int32_t calls)
{
    struct follow_up f = planned();
    f.state = FOLLOW_UP_ORDERED;
    f.attempts = attempts;
    f.calls = calls;
    f.next_attempt_us = FOLLOW_UP_NEVER;
    return f;
}

static void each_outcome_leads_to_its_state(void **state)
{
    static const struct {
        const char *name;
        int32_t outcome, calls_before;
        int64_t later_us;
        enum follow_up_state want;
        const char *reason;
    } cases[] = {
        {"answered",                   ANSWERED,     0, 24 * DURATION_H,     FOLLOW_UP_DONE,    "answered"    },
        {"answered at last",           ANSWERED,     2, 24 * DURATION_H,     FOLLOW_UP_DONE,    "answered"    },
        {"refused",                    REFUSED,      0, 24 * DURATION_H,     FOLLOW_UP_DONE,    "refused"     },
        {"wrong number",               WRONG_NUMBER, 0, 24 * DURATION_H,     FOLLOW_UP_FAILED,  "wrong_number"},
        {"first no answer",            NO_ANSWER,    0, 24 * DURATION_H,     FOLLOW_UP_PLANNED, ""            },
        {"second no answer",           NO_ANSWER,    1, 24 * DURATION_H,     FOLLOW_UP_PLANNED, ""            },
        {"third no answer",            NO_ANSWER,    2, 24 * DURATION_H,     FOLLOW_UP_FAILED,  "no_answer"   },
        {"third busy",                 BUSY,         2, 24 * DURATION_H,     FOLLOW_UP_FAILED,  "busy"        },
        {"third voicemail",            VOICEMAIL,    2, 24 * DURATION_H,     FOLLOW_UP_FAILED,  "voicemail"   },
        {"first not placed",           NOT_PLACED,   0, 24 * DURATION_H,     FOLLOW_UP_PLANNED, ""            },
        {"third not placed",           NOT_PLACED,   2, 24 * DURATION_H,     FOLLOW_UP_FAILED,  "call_failed" },
        {"the next would be too late", BUSY,         0, 71 * DURATION_H,     FOLLOW_UP_FAILED,  "busy"        },
        {"the next is just in time",   BUSY,         0, 71 * DURATION_H - 1, FOLLOW_UP_PLANNED, ""            },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct follow_up f = ordered(cases[i].calls_before + 1, cases[i].calls_before);
        int64_t now_us = RESOLVED_US + cases[i].later_us;

        assert_int_equal(followup_plan_outcome(&limits, cases[i].outcome, now_us, &f, NULL), 0);

        if (f.state != cases[i].want) {
            fail_msg("%s: %s", cases[i].name, followup_state_name(f.state));
        }
        assert_string_equal(f.reason, cases[i].reason);
        assert_int_equal(f.calls, cases[i].calls_before + 1);
        assert_int_equal(f.last_outcome, cases[i].outcome);
        assert_int_equal(f.next_attempt_us,
                         f.state == FOLLOW_UP_PLANNED ? now_us + DURATION_H : FOLLOW_UP_NEVER);
    }
}

static void an_outcome_without_a_rule_changes_nothing(void **state)
{
    struct follow_up f = ordered(1, 0);
    struct err err = ERR_NONE;

    assert_int_equal(followup_plan_outcome(&limits, 99, 0, &f, &err), -1);

    assert_string_equal(err.code, "outcome_unknown");
    assert_int_equal(f.calls, 0);
    assert_int_equal(f.state, FOLLOW_UP_ORDERED);
}

static void a_late_outcome_settles_a_listed_one_or_leaves_it(void **state)
{
    static const struct {
        int32_t outcome;
        enum follow_up_state want;
        const char *reason;
    } cases[] = {
        {ANSWERED,     FOLLOW_UP_DONE,   "answered"    },
        {WRONG_NUMBER, FOLLOW_UP_FAILED, "wrong_number"},
        {NO_ANSWER,    FOLLOW_UP_LISTED, "dialer_gone" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct follow_up f = ordered(1, 0);
        assert_int_equal(followup_set_state(&f, FOLLOW_UP_DIALER_GONE, RESOLVED_US, NULL, NULL), 0);
        int64_t version = f.version;

        assert_int_equal(followup_plan_outcome(&limits, cases[i].outcome, RESOLVED_US, &f, NULL),
                         0);

        assert_int_equal(f.state, cases[i].want);
        assert_string_equal(f.reason, cases[i].reason);
        assert_int_equal(f.calls, 1);
        assert_int_equal(f.version, version + 1);
        assert_int_equal(f.next_attempt_us, FOLLOW_UP_NEVER);
    }
}

static void a_barred_order_allows_another_until_there_were_too_many(void **state)
{
    struct follow_up f = ordered(9, 0);
    struct follow_up last = ordered(10, 0);

    assert_int_equal(followup_plan_barred(&limits, 55, &f, NULL), 0);
    assert_int_equal(followup_plan_barred(&limits, 55, &last, NULL), 0);

    assert_int_equal(f.state, FOLLOW_UP_PLANNED);
    assert_int_equal(f.next_attempt_us, 55);
    assert_int_equal(f.calls, 0);
    assert_int_equal(last.state, FOLLOW_UP_LISTED);
    assert_string_equal(last.reason, "orders_barred");
}

static void reached_means_that_the_customer_was_on_the_line(void **state)
{
    assert_true(followup_was_reached(ANSWERED));
    assert_true(followup_was_reached(REFUSED));
    assert_false(followup_was_reached(NO_ANSWER));
    assert_false(followup_was_reached(WRONG_NUMBER));
    assert_false(followup_was_reached(0));
}

/* ---- orders without a result */

static void open_orders_are_waited_for_asked_about_or_given_up(void **state)
{
    const int64_t start_by_us = 100 * DURATION_MIN;
    static const struct {
        const char *name;
        bool is_connected, is_new, is_same_journal, was_asked;
        int64_t absent_min, now_min;
        enum followup_order_step want;
    } cases[] = {
        {"before its start-by",               true,  false, true,  true,  0,   99,  FOLLOWUP_ORDER_WAIT        },
        {"after its start-by",                true,  false, true,  true,  0,   101, FOLLOWUP_ORDER_ASK         },
        {"a dialer that came back",           true,  true,  true,  true,  0,   99,  FOLLOWUP_ORDER_ASK         },
        {"with another journal",              true,  true,  false, true,  0,   99,  FOLLOWUP_ORDER_JOURNAL_LOST},
        {"after too long a call",             true,  false, true,  true,  0,   131, FOLLOWUP_ORDER_UNKNOWN     },
        {"long over, but nobody asked",       true,  false, true,  false, 0,   131, FOLLOWUP_ORDER_ASK         },
        {"long over, and its dialer is new",  true,  true,  true,  true,  0,   131, FOLLOWUP_ORDER_ASK         },
        {"a dialer that just left",           false, false, false, true,  100, 101, FOLLOWUP_ORDER_WAIT        },
        {"a dialer long gone",                false, false, false, true,  90,  103, FOLLOWUP_ORDER_DIALER_GONE },
        {"gone, but the order may begin yet", false, false, false, true,  1,   99,
         FOLLOWUP_ORDER_WAIT                                                                                   },
        {"gone after the start-by",           false, false, false, true,  110, 111, FOLLOWUP_ORDER_WAIT        },
        {"gone for good",                     false, false, false, true,  110, 113, FOLLOWUP_ORDER_DIALER_GONE },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct followup_open_order o = {
            .start_by_us = start_by_us,
            .is_dialer_connected = cases[i].is_connected,
            .is_dialer_new = cases[i].is_new,
            .is_same_journal = cases[i].is_same_journal,
            .was_asked = cases[i].was_asked,
            .absent_from_us = cases[i].absent_min * DURATION_MIN,
        };

        enum followup_order_step got =
            followup_plan_open_order(&limits, &o, cases[i].now_min * DURATION_MIN);

        if (got != cases[i].want) {
            fail_msg("%s: %d", cases[i].name, (int)got);
        }
    }
}

static void an_answer_is_neither_before_its_order_nor_in_the_future(void **state)
{
    assert_int_equal(followup_plan_answered_at(100, 150, 200), 150);
    assert_int_equal(followup_plan_answered_at(100, 50, 200), 100);
    assert_int_equal(followup_plan_answered_at(100, 900, 200), 200);
    assert_int_equal(followup_plan_answered_at(100, 0, 100), 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_resolution_plans_one_call_a_day_later),
        cmocka_unit_test(what_need_not_be_called_ends_at_once),
        cmocka_unit_test(the_same_resolution_is_planned_once),
        cmocka_unit_test(reopening_takes_back_what_is_not_ordered),
        cmocka_unit_test(the_next_resolution_gets_its_own_call),
        cmocka_unit_test(what_is_planned_follows_a_case_that_was_corrected),
        cmocka_unit_test(a_resolution_that_was_taken_back_may_happen_anew),
        cmocka_unit_test(what_is_due_is_called_unless_something_forbids_it),
        cmocka_unit_test(each_outcome_leads_to_its_state),
        cmocka_unit_test(an_outcome_without_a_rule_changes_nothing),
        cmocka_unit_test(a_late_outcome_settles_a_listed_one_or_leaves_it),
        cmocka_unit_test(a_barred_order_allows_another_until_there_were_too_many),
        cmocka_unit_test(reached_means_that_the_customer_was_on_the_line),
        cmocka_unit_test(open_orders_are_waited_for_asked_about_or_given_up),
        cmocka_unit_test(an_answer_is_neither_before_its_order_nor_in_the_future),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
