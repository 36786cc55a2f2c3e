/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/worklist_result.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "event.pb-c.h"

static void what_was_said_becomes_a_result(void **state)
{
    static const char *const answers[] = {"csat=4", "remark=too slow"};
    const struct worklist_said said = {
        .outcome = "partly-answered",
        .answers = answers,
        .answer_count = 2,
        .solved = "no",
        .note = "call the workshop",
        .new_phone = "+861",
        .speaks = "zh",
        .refuse = "purpose",
    };
    struct worklist_result r;
    struct err err = ERR_NONE;
    assert_int_equal(worklist_result_read(&said, &r, &err), 0);
    assert_int_equal(r.result.outcome, TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_PARTLY_ANSWERED);
    assert_int_equal(r.result.n_answers, 3);
    assert_string_equal(r.result.answers[0]->code, "csat");
    assert_true(r.result.answers[0]->has_value);
    assert_int_equal(r.result.answers[0]->value, 4);
    assert_null(r.result.answers[0]->comment);
    assert_string_equal(r.result.answers[1]->comment, "too slow");
    assert_false(r.result.answers[1]->has_value);
    assert_string_equal(r.result.answers[2]->code, "solved");
    assert_int_equal(r.result.answers[2]->value, 0);
    assert_int_equal(r.result.refusal, TROTH__V1__DIAL_REFUSAL__DIAL_REFUSAL_THIS_PURPOSE);
    assert_string_equal(r.result.note, "call the workshop");
    assert_string_equal(r.result.new_phone, "+861");
    assert_string_equal(r.result.language, "zh");
    assert_false(r.result.has_call_back_us);
}

static void what_is_wrong_is_named(void **state)
{
    static const char *const no_equals[] = {"csat"};
    static const char *const no_code[] = {"=4"};
    static const char *const no_value[] = {"csat="};
    static const struct {
        const char *name;
        struct worklist_said said;
        const char *words;
    } cases[] = {
        {"outcome",            {.outcome = "gone"},                                             "is no outcome"},
        {"unspecified",        {.outcome = "unspecified"},                                      "is no outcome"},
        {"sent, by nobody",    {.outcome = "sent"},                                             "is no outcome"},
        {"no equals sign",
         {.outcome = "answered", .answers = no_equals, .answer_count = 1},
         "CODE=VALUE"                                                                                          },
        {"no code",            {.outcome = "answered", .answers = no_code, .answer_count = 1},  "CODE=VALUE"   },
        {"no value",           {.outcome = "answered", .answers = no_value, .answer_count = 1}, "CODE=VALUE"   },
        {"solved",             {.outcome = "answered", .solved = "maybe"},                      "yes or no"    },
        {"refusal",            {.outcome = "refused", .refuse = "me"},                          "this, purpose"},
        {"call back, no time", {.outcome = "call_back"},                                        "go together"  },
        {"time, no call back", {.outcome = "busy", .call_back_us = 1},                          "go together"  },
        {"too many",
         {.outcome = "answered", .answers = no_value, .answer_count = 33},
         "at most 32"                                                                                          },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct worklist_result r;
        struct err err = ERR_NONE;
        if (worklist_result_read(&cases[i].said, &r, &err) == 0 ||
            !strstr(err.text, cases[i].words)) {
            fail_msg("%s: %s", cases[i].name, err.text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_said_becomes_a_result),
        cmocka_unit_test(what_is_wrong_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
