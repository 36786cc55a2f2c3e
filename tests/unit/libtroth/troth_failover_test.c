/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/libtroth/troth_failover.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000)

static struct troth_failover open_endpoints(const char *text)
{
    struct troth_failover f = {.connect_us = SECOND, .answer_us = 5 * SECOND};
    struct err err = ERR_NONE;

    assert_int_equal(troth_failover_read(&f, text, 0, &err), 0);
    return f;
}

static void endpoints_are_separated_by_blanks_and_begin_anywhere(void **state)
{
    struct troth_failover f = {.count = 0};
    struct err err = ERR_NONE;

    assert_int_equal(troth_failover_read(&f, "  tcp://a:1\ttcp://b:2 \n tcp://c:3 ", 7, &err), 0);
    assert_int_equal(f.count, 3);
    assert_string_equal(troth_failover_endpoint(&f), "tcp://b:2");
    troth_failover_next(&f, 0);
    assert_string_equal(troth_failover_endpoint(&f), "tcp://c:3");
    troth_failover_next(&f, 0);
    assert_string_equal(troth_failover_endpoint(&f), "tcp://a:1");
}

static void wrong_lists_are_refused_by_name(void **state)
{
    char seventeen[17 * 2 + 1] = "";
    char endless[300] = "tcp://";
    static const char *const codes[] = {"option_missing", "option_missing", "option_invalid",
                                        "option_invalid"};
    const char *const texts[] = {"", " \t ", seventeen, endless};

    for (size_t i = 0; i < 17; i++) {
        seventeen[2 * i] = 'a';
        seventeen[2 * i + 1] = ' ';
    }
    memset(endless + 6, 'x', sizeof(endless) - 7);
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        struct troth_failover f = {.count = 0};
        struct err err = ERR_NONE;

        assert_int_equal(troth_failover_read(&f, texts[i], 0, &err), -1);
        assert_string_equal(err.code, codes[i]);
        assert_string_equal(err.field, "endpoints");
    }
}

/* Signs in the order of time, beginning at 0 with nothing waiting. */
struct step {
    struct troth_signs signs;
    bool is_due;
};

/* seconds, is_up, is_waiting, heard */
static const struct failover_case {
    const char *name;
    const char *endpoints;
    struct step steps[5];
} failover_cases[] = {
    {"never connected",
     "a b", {{{1, false, true, 0}, false},
      {{SECOND, false, true, 0}, false},
      {{SECOND + 2, false, true, 0}, true}}                              },
    {"an idle client stays where it is",
     "a b", {{{1, false, false, 0}, false}, {{99 * SECOND, false, false, 0}, false}}},
    {"its time begins when a record waits",
     "a b", {{{1, false, false, 0}, false}, {{99 * SECOND, false, true, 0}, false}} },
    {"one endpoint alone is never left",
     "a",   {{{1, false, true, 0}, false}, {{99 * SECOND, false, true, 0}, false}}  },
    {"connected and silent",
     "a b", {{{1, true, true, 0}, false},
      {{4 * SECOND, true, true, 0}, false},
      {{5 * SECOND + 2, true, true, 0}, true}}                           },
    {"every answer gives it time",
     "a b", {{{1, true, true, 0}, false},
      {{4 * SECOND, true, true, 1}, false},
      {{8 * SECOND, true, true, 1}, false},
      {{9 * SECOND + 1, true, true, 1}, true}}                           },
    {"a broken connection gets the shorter time",
     "a b", {{{1, true, true, 3}, false},
      {{2 * SECOND, false, true, 3}, false},
      {{3 * SECOND, false, true, 3}, false},
      {{3 * SECOND + 1, false, true, 3}, true}}                          },
};

static void check_steps(const struct failover_case *c)
{
    struct troth_failover f = open_endpoints(c->endpoints);

    for (size_t i = 0; i < ARRAY_LEN(c->steps) && c->steps[i].signs.now_us; i++) {
        if (troth_failover_is_due(&f, &c->steps[i].signs) != c->steps[i].is_due) {
            fail_msg("%s: step %zu", c->name, i);
        }
    }
}

static void endpoint_is_left_when_records_wait_and_it_is_gone_or_silent(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(failover_cases); i++) {
        check_steps(&failover_cases[i]);
    }
}

static void next_endpoint_gets_its_full_time(void **state)
{
    struct troth_failover f = open_endpoints("a b");
    struct troth_signs signs = {.now_us = 10 * SECOND, .is_waiting = true};

    assert_false(troth_failover_is_due(&f, &signs));
    signs.now_us = 12 * SECOND;
    assert_true(troth_failover_is_due(&f, &signs));
    troth_failover_next(&f, signs.now_us);
    assert_false(troth_failover_is_due(&f, &signs));
    signs.now_us += SECOND + 1;
    assert_true(troth_failover_is_due(&f, &signs));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(endpoints_are_separated_by_blanks_and_begin_anywhere),
        cmocka_unit_test(wrong_lists_are_refused_by_name),
        cmocka_unit_test(endpoint_is_left_when_records_wait_and_it_is_gone_or_silent),
        cmocka_unit_test(next_endpoint_gets_its_full_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
