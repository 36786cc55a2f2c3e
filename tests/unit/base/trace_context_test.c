/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/trace_context.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ID     "4bf92f3577b34da6a3ce929d0e0e4736"
#define PARENT "00f067aa0ba902b7"
#define GOOD   "00-" ID "-" PARENT "-01"

static void a_traceparent_is_read_by_the_rules_of_the_standard(void **state)
{
    static const struct {
        const char *name, *text, *want; /* NULL: ignored */
    } cases[] = {
        {"as it is in the standard",      GOOD,                                                GOOD                     },
        {"not sampled",                   "00-" ID "-" PARENT "-00",                           "00-" ID "-" PARENT "-00"},
        {"flags that are not known yet",  "00-" ID "-" PARENT "-ff",                           "00-" ID "-" PARENT "-ff"},
        {"a later version",               "01-" ID "-" PARENT "-01",                           GOOD                     },
        {"a later version says more",     "cc-" ID "-" PARENT "-01-what-the-future-will-be",   GOOD                     },
        {"a later version, wrong end",    "cc-" ID "-" PARENT "-01.what",                      NULL                     },
        {"the first version says more",   GOOD "-more",                                        NULL                     },
        {"the version that is forbidden", "ff-" ID "-" PARENT "-01",                           NULL                     },
        {"upper case",                    "00-4BF92F3577B34DA6A3CE929D0E0E4736-" PARENT "-01", NULL                     },
        {"a trace id of zeros",           "00-00000000000000000000000000000000-" PARENT "-01", NULL                     },
        {"a parent id of zeros",          "00-" ID "-0000000000000000-01",                     NULL                     },
        {"too short",                     "00-" ID "-" PARENT "-0",                            NULL                     },
        {"no hex in the version",         "0x-" ID "-" PARENT "-01",                           NULL                     },
        {"no hex in the flags",           "00-" ID "-" PARENT "-0g",                           NULL                     },
        {"another mark between",          "00-" ID "_" PARENT "-01",                           NULL                     },
        {"blanks around",                 " " GOOD,                                            NULL                     },
        {"words",                         "order 17 of Mrs. Li",                               NULL                     },
        {"nothing",                       "",                                                  NULL                     },
        {"none",                          NULL,                                                NULL                     },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char got[TRACE_CONTEXT_SIZE] = "untouched";
        print_message("%s\n", cases[i].name);
        assert_int_equal(trace_context_read(cases[i].text, got), cases[i].want != NULL);
        assert_string_equal(got, cases[i].want ? cases[i].want : "untouched");
    }
}

static void logs_show_the_trace_id_alone(void **state)
{
    char id[TRACE_CONTEXT_ID_SIZE];
    (void)state;
    assert_string_equal(trace_context_id(GOOD, id), ID);
    assert_string_equal(trace_context_id("", id), "");
}

static void who_recorded_it_says_so_in_a_flag(void **state)
{
    (void)state;
    assert_true(trace_context_is_sampled(GOOD));
    assert_true(trace_context_is_sampled("00-" ID "-" PARENT "-03"));
    assert_false(trace_context_is_sampled("00-" ID "-" PARENT "-00"));
    assert_false(trace_context_is_sampled("00-" ID "-" PARENT "-fe"));
    assert_false(trace_context_is_sampled(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_traceparent_is_read_by_the_rules_of_the_standard),
        cmocka_unit_test(logs_show_the_trace_id_alone),
        cmocka_unit_test(who_recorded_it_says_so_in_a_flag),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
