/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/followup_states.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"

static struct follow_up in_state(enum follow_up_state state)
{
    return (struct follow_up){
        .number = 260,
        .version = 4,
        .stored_version = 4,
        .state = state,
        .next_attempt_us = 70,
        .settled_us = FOLLOW_UP_NEVER,
    };
}

static void every_row_leads_where_it_says(void **state)
{
    static const struct {
        enum follow_up_state from;
        enum follow_up_event event;
        enum follow_up_state to;
        const char *reason;
    } cases[] = {
        {FOLLOW_UP_PLANNED,    FOLLOW_UP_IS_HISTORY,      FOLLOW_UP_MISSED,     "history"        },
        {FOLLOW_UP_PLANNED,    FOLLOW_UP_WINDOW_PASSED,   FOLLOW_UP_MISSED,     "window_passed"  },
        {FOLLOW_UP_PLANNED,    FOLLOW_UP_CASE_REOPENED,   FOLLOW_UP_SUPPRESSED, "case_reopened"  },
        {FOLLOW_UP_PLANNED,    FOLLOW_UP_IS_SUPPRESSED,   FOLLOW_UP_SUPPRESSED, "why"            },
        {FOLLOW_UP_PLANNED,    FOLLOW_UP_IS_MISSED,       FOLLOW_UP_MISSED,     "why"            },
        {FOLLOW_UP_PLANNED,    FOLLOW_UP_IS_LISTED,       FOLLOW_UP_LISTED,     "why"            },
        {FOLLOW_UP_PLANNED,    FOLLOW_UP_IS_MERGED,       FOLLOW_UP_MERGED,     "why"            },
        {FOLLOW_UP_PLANNED,    FOLLOW_UP_IS_DEFERRED,     FOLLOW_UP_PLANNED,    "why"            },
        {FOLLOW_UP_MERGED,     FOLLOW_UP_STANDS_AGAIN,    FOLLOW_UP_PLANNED,    ""               },
        {FOLLOW_UP_PLANNED,    FOLLOW_UP_IS_CLAIMED,      FOLLOW_UP_CLAIMED,    ""               },
        {FOLLOW_UP_CLAIMED,    FOLLOW_UP_CLAIM_ENDED,     FOLLOW_UP_PLANNED,    ""               },
        {FOLLOW_UP_CLAIMED,    FOLLOW_UP_CASE_REOPENED,   FOLLOW_UP_SUPPRESSED, "case_reopened"  },
        {FOLLOW_UP_CLAIMED,    FOLLOW_UP_HAS_NO_PHONE,    FOLLOW_UP_LISTED,     "no_channel"     },
        {FOLLOW_UP_CLAIMED,    FOLLOW_UP_NUMBER_REFUSED,  FOLLOW_UP_LISTED,     "number_refused" },
        {FOLLOW_UP_CLAIMED,    FOLLOW_UP_IS_ORDERED,      FOLLOW_UP_ORDERED,    ""               },
        {FOLLOW_UP_ORDERED,    FOLLOW_UP_ORDER_BARRED,    FOLLOW_UP_PLANNED,    ""               },
        {FOLLOW_UP_ORDERED,    FOLLOW_UP_ORDERS_USED_UP,  FOLLOW_UP_LISTED,     "orders_barred"  },
        {FOLLOW_UP_ORDERED,    FOLLOW_UP_ANSWERED,        FOLLOW_UP_DONE,       "answered"       },
        {FOLLOW_UP_ORDERED,    FOLLOW_UP_REFUSED,         FOLLOW_UP_DONE,       "refused"        },
        {FOLLOW_UP_ORDERED,    FOLLOW_UP_TRY_AGAIN,       FOLLOW_UP_PLANNED,    ""               },
        {FOLLOW_UP_ORDERED,    FOLLOW_UP_WRONG_NUMBER,    FOLLOW_UP_FAILED,     "wrong_number"   },
        {FOLLOW_UP_ORDERED,    FOLLOW_UP_NEEDS_LANGUAGE,  FOLLOW_UP_LISTED,     "language"       },
        {FOLLOW_UP_ORDERED,    FOLLOW_UP_OUTCOME_UNKNOWN, FOLLOW_UP_LISTED,     "outcome_unknown"},
        {FOLLOW_UP_ORDERED,    FOLLOW_UP_DIALER_GONE,     FOLLOW_UP_LISTED,     "dialer_gone"    },
        {FOLLOW_UP_ORDERED,    FOLLOW_UP_JOURNAL_LOST,    FOLLOW_UP_LISTED,     "journal_lost"   },
        {FOLLOW_UP_PLANNED,    FOLLOW_UP_RECORD_VOID,     FOLLOW_UP_SUPPRESSED, "record_void"    },
        {FOLLOW_UP_CLAIMED,    FOLLOW_UP_RECORD_VOID,     FOLLOW_UP_SUPPRESSED, "record_void"    },
        {FOLLOW_UP_MISSED,     FOLLOW_UP_RECORD_VOID,     FOLLOW_UP_SUPPRESSED, "record_void"    },
        {FOLLOW_UP_SUPPRESSED, FOLLOW_UP_RECORD_VOID,     FOLLOW_UP_SUPPRESSED, "record_void"    },
        {FOLLOW_UP_LISTED,     FOLLOW_UP_RECORD_VOID,     FOLLOW_UP_SUPPRESSED, "record_void"    },
        {FOLLOW_UP_SUPPRESSED, FOLLOW_UP_STANDS_AGAIN,    FOLLOW_UP_PLANNED,    ""               },
        {FOLLOW_UP_PLANNED,    FOLLOW_UP_PROMISE_SETTLED, FOLLOW_UP_SUPPRESSED, "promise_settled"},
        {FOLLOW_UP_CLAIMED,    FOLLOW_UP_PROMISE_SETTLED, FOLLOW_UP_SUPPRESSED, "promise_settled"},
        {FOLLOW_UP_PLANNED,    FOLLOW_UP_NO_LONGER_TRUE,  FOLLOW_UP_SUPPRESSED, "no_longer_true" },
        {FOLLOW_UP_CLAIMED,    FOLLOW_UP_NO_LONGER_TRUE,  FOLLOW_UP_SUPPRESSED, "no_longer_true" },
        {FOLLOW_UP_PLANNED,    FOLLOW_UP_CALLED_BACK,     FOLLOW_UP_DONE,       "called_back"    },
        {FOLLOW_UP_CLAIMED,    FOLLOW_UP_CALLED_BACK,     FOLLOW_UP_DONE,       "called_back"    },
        {FOLLOW_UP_ORDERED,    FOLLOW_UP_CALLED_BACK,     FOLLOW_UP_DONE,       "called_back"    },
        {FOLLOW_UP_MERGED,     FOLLOW_UP_RECORD_VOID,     FOLLOW_UP_SUPPRESSED, "record_void"    },
        {FOLLOW_UP_MERGED,     FOLLOW_UP_CASE_REOPENED,   FOLLOW_UP_SUPPRESSED, "case_reopened"  },
        {FOLLOW_UP_MERGED,     FOLLOW_UP_PROMISE_SETTLED, FOLLOW_UP_SUPPRESSED, "promise_settled"},
        {FOLLOW_UP_MERGED,     FOLLOW_UP_NO_LONGER_TRUE,  FOLLOW_UP_SUPPRESSED, "no_longer_true" },
        {FOLLOW_UP_MERGED,     FOLLOW_UP_CALLED_BACK,     FOLLOW_UP_DONE,       "called_back"    },
        {FOLLOW_UP_LISTED,     FOLLOW_UP_GIVEN_UP,        FOLLOW_UP_FAILED,     "why"            },
        {FOLLOW_UP_PLANNED,    FOLLOW_UP_IS_ERASED,       FOLLOW_UP_SUPPRESSED, "customer_erased"},
        {FOLLOW_UP_CLAIMED,    FOLLOW_UP_IS_ERASED,       FOLLOW_UP_SUPPRESSED, "customer_erased"},
        {FOLLOW_UP_MERGED,     FOLLOW_UP_IS_ERASED,       FOLLOW_UP_SUPPRESSED, "customer_erased"},
        {FOLLOW_UP_LISTED,     FOLLOW_UP_IS_ERASED,       FOLLOW_UP_SUPPRESSED, "customer_erased"},
        {FOLLOW_UP_LISTED,     FOLLOW_UP_ANSWERED,        FOLLOW_UP_DONE,       "answered"       },
        {FOLLOW_UP_LISTED,     FOLLOW_UP_REFUSED,         FOLLOW_UP_DONE,       "refused"        },
        {FOLLOW_UP_LISTED,     FOLLOW_UP_WRONG_NUMBER,    FOLLOW_UP_FAILED,     "wrong_number"   },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct follow_up f = in_state(cases[i].from);

        bool is_said = strcmp(cases[i].reason, "why") == 0; /* by the caller */
        f.merged_into = f.state == FOLLOW_UP_MERGED ? 77 : 0;

        assert_int_equal(followup_set_state(&f, cases[i].event, 900, is_said ? "why" : NULL, NULL),
                         0);
        assert_int_equal(f.state, cases[i].to);
        assert_string_equal(f.reason, cases[i].reason);
        assert_int_equal(f.version, 5);
        assert_int_equal(f.stored_version, 4);
        assert_int_equal(f.merged_into, 0);
        assert_int_equal(f.settled_us, followup_has_ended(f.state) ? 900 : FOLLOW_UP_NEVER);
        assert_int_equal(f.next_attempt_us, followup_is_open(f.state) ? 70 : FOLLOW_UP_NEVER);
        assert_non_null(followup_because(cases[i].from, cases[i].event));
    }
}

static void a_pair_without_a_row_is_an_error_and_changes_nothing(void **state)
{
    int rows = 0;
    for (int from = FOLLOW_UP_PLANNED; from <= FOLLOW_UP_MERGED; from++) {
        for (int event = FOLLOW_UP_IS_HISTORY; event <= FOLLOW_UP_GIVEN_UP; event++) {
            struct follow_up f = in_state((enum follow_up_state)from);
            struct err err = ERR_NONE;
            if (followup_because((enum follow_up_state)from, (enum follow_up_event)event)) {
                rows++;
                continue;
            }

            assert_int_equal(followup_set_state(&f, (enum follow_up_event)event, 900, "why", &err),
                             -1);
            assert_string_equal(err.code, "followup_no_rule");
            assert_int_equal(f.state, from);
            assert_int_equal(f.version, 4);
        }
    }
    assert_int_equal(rows, 52);
}

/* But what takes back why they ended. */
static void only_taking_back_leaves_missed_or_suppressed_and_nothing_done_or_failed(void **state)
{
    static const enum follow_up_state ends[] = {FOLLOW_UP_DONE, FOLLOW_UP_MISSED,
                                                FOLLOW_UP_SUPPRESSED, FOLLOW_UP_FAILED};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        bool may_be_taken_back = ends[i] == FOLLOW_UP_MISSED || ends[i] == FOLLOW_UP_SUPPRESSED;
        for (int event = FOLLOW_UP_IS_HISTORY; event <= FOLLOW_UP_GIVEN_UP; event++) {
            if (event == FOLLOW_UP_RECORD_VOID && may_be_taken_back) {
                assert_non_null(followup_because(ends[i], (enum follow_up_event)event));
            } else if (event != FOLLOW_UP_STANDS_AGAIN || ends[i] != FOLLOW_UP_SUPPRESSED) {
                assert_null(followup_because(ends[i], (enum follow_up_event)event));
            }
        }
    }
}

/* A person may have called by now. */
static void what_is_listed_never_goes_back_to_be_called(void **state)
{
    static const enum follow_up_event events[] = {FOLLOW_UP_TRY_AGAIN, FOLLOW_UP_ORDER_BARRED,
                                                  FOLLOW_UP_IS_CLAIMED, FOLLOW_UP_CLAIM_ENDED};
    for (size_t i = 0; i < ARRAY_LEN(events); i++) {
        assert_null(followup_because(FOLLOW_UP_LISTED, events[i]));
    }
}

static void the_reason_of_the_caller_comes_first(void **state)
{
    struct follow_up f = in_state(FOLLOW_UP_ORDERED);

    assert_int_equal(followup_set_state(&f, FOLLOW_UP_CALLS_USED_UP, 900, "no_answer", NULL), 0);
    assert_int_equal(f.state, FOLLOW_UP_FAILED);
    assert_string_equal(f.reason, "no_answer");
}

static void states_have_names(void **state)
{
    assert_string_equal(followup_state_name(FOLLOW_UP_PLANNED), "planned");
    assert_string_equal(followup_state_name(FOLLOW_UP_LISTED), "listed");
    assert_string_equal(followup_state_name((enum follow_up_state)77), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_leads_where_it_says),
        cmocka_unit_test(a_pair_without_a_row_is_an_error_and_changes_nothing),
        cmocka_unit_test(only_taking_back_leaves_missed_or_suppressed_and_nothing_done_or_failed),
        cmocka_unit_test(what_is_listed_never_goes_back_to_be_called),
        cmocka_unit_test(the_reason_of_the_caller_comes_first),
        cmocka_unit_test(states_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
