/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/ami_outcome.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dialer.pb-c.h"

#define OUTCOME(name) ((int32_t)TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_##name)

static void each_end_of_a_leg_has_an_outcome(void **state)
{
    static const struct {
        const char *status;
        int64_t cause;
        int32_t want;
    } cases[] = {
        {"ANSWER",      0,  0                      },
        {"ANSWER",      1,  0                      },
        {"BUSY",        17, OUTCOME(BUSY)          },
        {"NOANSWER",    19, OUTCOME(NO_ANSWER)     },
        {"CANCEL",      0,  OUTCOME(NO_ANSWER)     },
        {"CHANUNAVAIL", 20, OUTCOME(FAILED)        },
        {"CHANUNAVAIL", 1,  OUTCOME(INVALID_NUMBER)},
        {"CHANUNAVAIL", 22, OUTCOME(INVALID_NUMBER)},
        {"CONGESTION",  28, OUTCOME(INVALID_NUMBER)},
        {"CONGESTION",  34, OUTCOME(FAILED)        },
        {"BUSY",        1,  OUTCOME(BUSY)          },
        {"",            0,  OUTCOME(FAILED)        },
        {"answer",      0,  OUTCOME(FAILED)        },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(ami_outcome_of_leg(cases[i].status, cases[i].cause), cases[i].want);
    }
}

static void all_outcomes_of_a_call_have_a_name(void **state)
{
    static const char *const names[] = {
        "answered", "busy",         "no_answer", "voicemail",
        "refused",  "wrong_number", "failed",    "partly_answered",
        "machine",  "call_back",    "language",  "invalid_number",
    };
    int32_t outcome = 99;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        assert_int_equal(ami_outcome_parse(names[i], &outcome), 0);
        assert_int_equal(outcome, (int32_t)i + 1);
    }
    outcome = 99;
    assert_int_equal(ami_outcome_parse("sent", &outcome), -1); /* nobody sends a mail there */
    assert_int_equal(ami_outcome_parse("", &outcome), -1);
    assert_int_equal(outcome, 99);
}

static void all_refusals_have_a_name(void **state)
{
    static const char *const names[] = {"this_time", "this_purpose", "everything"};
    int32_t refusal = 99;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        assert_int_equal(ami_outcome_parse_refusal(names[i], &refusal), 0);
        assert_int_equal(refusal, (int32_t)i + 1);
    }
    assert_int_equal(ami_outcome_parse_refusal("", &refusal), -1);
}

static void a_talk_is_answered_unless_it_broke_off(void **state)
{
    static const struct dialer_item items[] = {
        {.code = "csat"},
        {.code = "why",  .only_if = "csat", .only_min = 1, .only_max = 2},
        {.code = "nps"},
    };
    static const struct {
        struct dialer_result result;
        size_t item_count;
        int32_t want;
    } cases[] = {
        {{.answer_count = 0},                                                             0, OUTCOME(ANSWERED)       },
        {{.answer_count = 0},                                                             3, OUTCOME(ANSWERED)       },
        {{.answer_count = 1, .answers = {{.code = "csat", .value = 5}}},
         3,                                                                                  OUTCOME(PARTLY_ANSWERED)},
        {{.answer_count = 2, .answers = {{.code = "csat", .value = 5}, {.code = "nps"}}},
         3,                                                                                  OUTCOME(ANSWERED)       },
        {{.answer_count = 2, .answers = {{.code = "csat", .value = 1}, {.code = "nps"}}},
         3,                                                                                  OUTCOME(PARTLY_ANSWERED)},
        {{.answer_count = 1, .answers = {{.code = "csat", .value = 5}}},                  0, OUTCOME(ANSWERED)       },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(ami_outcome_of_talk(items, cases[i].item_count, &cases[i].result),
                         cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_end_of_a_leg_has_an_outcome),
        cmocka_unit_test(all_outcomes_of_a_call_have_a_name),
        cmocka_unit_test(all_refusals_have_a_name),
        cmocka_unit_test(a_talk_is_answered_unless_it_broke_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
