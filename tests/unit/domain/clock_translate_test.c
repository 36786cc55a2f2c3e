/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/clock_translate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/domain/clock_rules.h"
#include "common/domain/promise_history.h"

static void assert_translated(const char *english)
{
    char words[CLOCK_WORDS_SIZE];

    if (strcmp(clock_translate("zh-Hans", english, words), english) == 0) {
        fail_msg("not translated: %s", english);
    }
}

static void every_cell_of_the_table_of_rules_is_said_in_chinese(void **state)
{
    for (int kind = 0; kind < CLOCK_KIND_COUNT; kind++) {
        for (int event = 0; event < CLOCK_EVENT_COUNT; event++) {
            assert_translated(
                clock_rules_find((enum clock_kind)kind, (enum clock_event)event)->because);
        }
    }
}

static void everything_that_can_happen_to_a_case_is_said_in_chinese(void **state)
{
    for (int kind = HISTORY_OPENING; kind <= HISTORY_SAID; kind++) {
        for (int action = 0; action <= 12; action++) {
            const struct promise_history_entry e = {.kind = (enum promise_history_kind)kind,
                                                    .action = action};

            assert_translated(promise_history_entry_name(&e));
        }
    }
}

static void why_something_did_not_count_is_said_in_the_asked_language(void **state)
{
    static const struct {
        const char *language, *english, *want;
    } cases[] = {
        {"zh-Hans", "lunch 12:00-13:00",         "午休 12:00-13:00"         },
        {"zh-CN",   "break 15:00-15:15",         "休息 15:00-15:15"         },
        {"zh",      "night",                     "夜间"                     },
        {"zh",      "counted, after it was due", "计时（已超过期限）"},
        {"zh",      "closed (除夕)",           "不营业（除夕）"      },
        {"zh",      "closed (",                  "closed ("                   },
        {"zh",      "春节",                    "春节"                     },
        {"zh",      "",                          ""                           },
        {"zh",      "waiting for the customer",  "等待客户"               },
        {"en",      "lunch 12:00-13:00",         "lunch 12:00-13:00"          },
        {"",        "night",                     "night"                      },
        {NULL,      "night",                     "night"                      },
    };
    char words[CLOCK_WORDS_SIZE];

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_string_equal(clock_translate(cases[i].language, cases[i].english, words),
                            cases[i].want);
    }
}

static void a_step_says_what_it_was_and_who_was_told(void **state)
{
    static const struct {
        const char *language;
        int step;
        const char *tell, *want;
    } cases[] = {
        {"en",      50,  NULL,   "50 % of the time is used"                 },
        {"en",      80,  "lead", "80 % of the time is used; told: lead"     },
        {"en",      100, NULL,   "it is due"                                },
        {"en",      102, "boss", "escalation 2 after it was due; told: boss"},
        {"zh-Hans", 80,  "lead", "已用去 80% 的时间；通知 lead"    },
        {"zh-Hans", 100, NULL,   "到期"                                   },
        {"zh-Hans", 101, NULL,   "到期后第 1 次升级"                 },
    };
    char words[CLOCK_WORDS_SIZE];

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_string_equal(
            clock_translate_step(cases[i].language, cases[i].step, cases[i].tell, words),
            cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_of_the_table_of_rules_is_said_in_chinese),
        cmocka_unit_test(everything_that_can_happen_to_a_case_is_said_in_chinese),
        cmocka_unit_test(why_something_did_not_count_is_said_in_the_asked_language),
        cmocka_unit_test(a_step_says_what_it_was_and_who_was_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
