/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/backoff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"

static void without_jitter_it_doubles_up_to_the_cap(void **state)
{
    static const struct {
        const char *name;
        struct backoff backoff;
        unsigned attempt;
        int64_t want_us;
    } cases[] = {
        {"first retry waits the base",     {1000, 60000},                  0,           1000     },
        {"second waits twice as long",     {1000, 60000},                  1,           2000     },
        {"last before the cap",            {1000, 60000},                  5,           32000    },
        {"doubling stops at the cap",      {1000, 60000},                  6,           60000    },
        {"and stays there",                {1000, 60000},                  4000000000U, 60000    },
        {"a base over the cap is the cap", {90000, 60000},                 0,           60000    },
        {"huge numbers do not overflow",   {INT64_MAX / 2 + 1, INT64_MAX}, 9,           INT64_MAX},
        {"one microsecond",                {1, 1},                         3,           1        },
        {"no base, no wait",               {0, 60000},                     40,          0        },
        {"no cap, no wait",                {1000, 0},                      3,           0        },
        {"nonsense is no wait",            {-5, -9},                       3,           0        },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t got = backoff_delay_us(&cases[i].backoff, cases[i].attempt, 0);

        if (got != cases[i].want_us) {
            fail_msg("%s: %lld", cases[i].name, (long long)got);
        }
    }
}

static void jitter_covers_exactly_the_upper_half(void **state)
{
    const struct backoff b = {10, 10};
    unsigned seen[11] = {0};

    for (uint64_t random = 0; random < 600; random++) {
        int64_t delay = backoff_delay_us(&b, 0, random);

        assert_in_range(delay, 5, 10);
        seen[delay]++;
    }
    for (size_t i = 5; i <= 10; i++) {
        assert_int_equal(seen[i], 100);
    }
}

static void extreme_randomness_stays_within_the_limits(void **state)
{
    static const uint64_t randoms[] = {1, 0x8000000000000000, UINT64_MAX - 1, UINT64_MAX};
    const struct backoff b = {INT64_MAX, INT64_MAX};

    for (size_t i = 0; i < ARRAY_LEN(randoms); i++) {
        int64_t delay = backoff_delay_us(&b, 70, randoms[i]);

        assert_true(delay >= INT64_MAX / 2);
        assert_true(delay == backoff_delay_us(&b, 70, randoms[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_jitter_it_doubles_up_to_the_cap),
        cmocka_unit_test(jitter_covers_exactly_the_upper_half),
        cmocka_unit_test(extreme_randomness_stays_within_the_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
