/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/account_delay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"

static void delays_grow_and_end(void **state)
{
    static const struct {
        enum account_subject subject;
        int64_t failures, want_s;
    } cases[] = {
        {ACCOUNT_PAIR,    0,         0  },
        {ACCOUNT_PAIR,    4,         0  },
        {ACCOUNT_PAIR,    5,         1  },
        {ACCOUNT_PAIR,    6,         2  },
        {ACCOUNT_PAIR,    10,        32 },
        {ACCOUNT_PAIR,    15,        900},
        {ACCOUNT_PAIR,    INT32_MAX, 900},
        {ACCOUNT_ADDRESS, 29,        0  },
        {ACCOUNT_ADDRESS, 30,        1  },
        {ACCOUNT_NAME,    49,        0  },
        {ACCOUNT_NAME,    50,        1  },
        {ACCOUNT_NAME,    1000,      60 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t delay_us = account_delay_us(cases[i].subject, cases[i].failures);
        if (delay_us != cases[i].want_s * DURATION_S) {
            fail_msg("case %zu: %lld us", i, (long long)delay_us);
        }
    }
}

static void subjects_differ_by_what_they_are_of(void **state)
{
    struct account_subjects a, b;
    (void)state;
    account_subjects_of("mei", "10.0.0.1", &a);
    account_subjects_of("mei", "10.0.0.2", &b);
    assert_memory_equal(a.hash[ACCOUNT_NAME], b.hash[ACCOUNT_NAME], ACCOUNT_SUBJECT_LEN);
    assert_memory_not_equal(a.hash[ACCOUNT_ADDRESS], b.hash[ACCOUNT_ADDRESS], ACCOUNT_SUBJECT_LEN);
    assert_memory_not_equal(a.hash[ACCOUNT_PAIR], b.hash[ACCOUNT_PAIR], ACCOUNT_SUBJECT_LEN);
    account_subjects_of("", "mei10.0.0.1", &b);
    assert_memory_not_equal(a.hash[ACCOUNT_PAIR], b.hash[ACCOUNT_PAIR], ACCOUNT_SUBJECT_LEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delays_grow_and_end),
        cmocka_unit_test(subjects_differ_by_what_they_are_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
