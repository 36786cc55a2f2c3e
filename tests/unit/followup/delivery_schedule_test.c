/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/delivery_schedule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"

static const struct delivery_schedule usual = {
    .retry_us = 5 * DURATION_S,
    .retry_max_us = 12 * DURATION_H,
    .give_up_us = 5 * DURATION_DAY,
};

#define NOW INT64_C(1700000000000000)

static void each_wait_is_twice_the_one_before_up_to_the_longest(void **state)
{
    static const struct {
        int32_t attempts;
        int64_t longest_us;
    } cases[] = {
        {1,   5 * DURATION_S    },
        {2,   10 * DURATION_S   },
        {3,   20 * DURATION_S   },
        {10,  2560 * DURATION_S },
        {14,  40960 * DURATION_S},
        {15,  12 * DURATION_H   },
        {100, 12 * DURATION_H   },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct delivery_attempt a = {.attempts = cases[i].attempts, .first_us = NOW};
        int64_t least = INT64_MAX, most = 0;
        for (uint64_t round = 0; round < 1000; round++) {
            uint64_t random = round * UINT64_C(0x9e3779b97f4a7c15); /* spread over all bits */
            int64_t wait_us = delivery_next_attempt_us(&usual, &a, NOW, random) - NOW;
            least = wait_us < least ? wait_us : least;
            most = wait_us > most ? wait_us : most;
        }
        assert_in_range(least, cases[i].longest_us / 2, cases[i].longest_us * 51 / 100);
        assert_in_range(most, cases[i].longest_us * 99 / 100, cases[i].longest_us);
    }
}

static void the_receiver_may_ask_for_more_time_but_not_for_ever(void **state)
{
    static const struct {
        int64_t asked_s, least_us, most_us;
    } cases[] = {
        {1,         5 * DURATION_S / 2, 5 * DURATION_S },
        {60,        60 * DURATION_S,    60 * DURATION_S},
        {INT64_MAX, 12 * DURATION_H,    12 * DURATION_H},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct delivery_attempt a = {
            .attempts = 1, .first_us = NOW, .retry_after_s = cases[i].asked_s};
        int64_t wait_us = delivery_next_attempt_us(&usual, &a, NOW, 0) - NOW;
        assert_in_range(wait_us, cases[i].least_us, cases[i].most_us);
    }
}

static void days_after_the_first_attempt_it_is_dead(void **state)
{
    static const struct {
        int64_t age_us;
        bool is_gone, is_dead;
    } cases[] = {
        {0,                 false, false},
        {4 * DURATION_DAY,  false, false},
        {5 * DURATION_DAY,  false, true },
        {50 * DURATION_DAY, false, true },
        {0,                 true,  true },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct delivery_attempt a = {
            .attempts = 20, .first_us = NOW - cases[i].age_us, .is_gone = cases[i].is_gone};
        assert_int_equal(delivery_next_attempt_us(&usual, &a, NOW, 7) < 0, cases[i].is_dead);
    }
}

static void a_usual_receiver_that_is_away_is_tried_for_days(void **state)
{
    int64_t now_us = NOW;
    struct delivery_attempt a = {.attempts = 1, .first_us = NOW};
    for (int64_t next_us;
         (next_us = delivery_next_attempt_us(&usual, &a, now_us, (uint64_t)a.attempts << 62)) > 0;
         a.attempts++) {
        now_us = next_us;
    }
    assert_in_range(a.attempts, 18, 40);
    assert_in_range(now_us - NOW, 4 * DURATION_DAY, 5 * DURATION_DAY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_wait_is_twice_the_one_before_up_to_the_longest),
        cmocka_unit_test(the_receiver_may_ask_for_more_time_but_not_for_ever),
        cmocka_unit_test(days_after_the_first_attempt_it_is_dead),
        cmocka_unit_test(a_usual_receiver_that_is_away_is_tried_for_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
