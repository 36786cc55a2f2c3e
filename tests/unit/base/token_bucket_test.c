/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/token_bucket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MS INT64_C(1000)
#define S  INT64_C(1000000)

static void a_bucket_gives_what_its_rate_and_burst_allow(void **state)
{
    /* Each row goes on with the bucket of the row before, unless it begins a new one. */
    static const struct {
        const char *name;
        bool is_new;
        struct token_rate rate;
        int64_t now_us;
        int64_t want_wait_us;
    } cases[] = {
        {"a new bucket is full",                    true,  {10, 3},             5 * S,            0       },
        {"the burst",                               false, {10, 3},             5 * S,            0       },
        {"to its end",                              false, {10, 3},             5 * S,            0       },
        {"then it is empty",                        false, {10, 3},             5 * S,            100 * MS},
        {"the next is told a later time",           false, {10, 3},             5 * S,            200 * MS},
        {"a little early is early",                 false, {10, 3},             5 * S + 99 * MS,  201 * MS},
        {"who comes when told gets one",            false, {10, 3},             5 * S + 100 * MS, 0       },
        {"but one only",                            false, {10, 3},             5 * S + 100 * MS, 300 * MS},
        {"after a rest it is full again",           false, {10, 3},             9 * S,            0       },
        {"and has the burst",                       false, {10, 3},             9 * S,            0       },
        {"again",                                   false, {10, 3},             9 * S,            0       },
        {"and no more: old promises are forgotten", false, {10, 3},             9 * S,            100 * MS},
        {"one a second",                            true,  {1, 1},              0,                0       },
        {"is one a second",                         false, {1, 1},              1,                S - 1   },
        {"a third of a second is not lost",         true,  {3, 1},              0,                0       },
        {"it is rounded up",                        false, {3, 1},              0,                333334  },
        {"and then there is one",                   false, {3, 1},              333334,           0       },
        {"the fastest",                             true,  {TOKEN_RATE_MAX, 1}, 0,                0       },
        {"gives one each microsecond",              false, {TOKEN_RATE_MAX, 1}, 1,                0       },
        {"and not two",                             false, {TOKEN_RATE_MAX, 1}, 1,                1       },
        {"a clock that jumps back refills nothing", false, {TOKEN_RATE_MAX, 1}, 0,                3       },
        {"a rate that became lower counts at once", true,  {1, 1},              0,                0       },
        {"and one that became higher too",          false, {1000, 5},           0,                996 * MS},
    };
    struct token_bucket bucket = {0};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        if (cases[i].is_new) {
            bucket = (struct token_bucket){0};
        }
        int64_t got = token_bucket_take(&bucket, &cases[i].rate, cases[i].now_us);
        if (got != cases[i].want_wait_us) {
            fail_msg("%s: %lld", cases[i].name, (long long)got);
        }
    }
}

static void everybody_who_comes_when_told_gets_one(void **state)
{
    const struct token_rate rate = {.per_second = 50, .burst = 10};
    struct token_bucket bucket = {0};
    int64_t told_us[100];
    for (size_t i = 0; i < ARRAY_LEN(told_us); i++) {
        told_us[i] = token_bucket_take(&bucket, &rate, 7 * S);
        assert_int_equal(told_us[i], i < 10 ? 0 : ((int64_t)i - 9) * 20 * MS);
    }
    for (size_t i = 10; i < ARRAY_LEN(told_us); i++) {
        assert_int_equal(token_bucket_take(&bucket, &rate, 7 * S + told_us[i]), 0);
    }
}

static void over_a_long_time_it_gives_neither_more_nor_less(void **state)
{
    const struct token_rate rate = {.per_second = 7, .burst = 20};
    struct token_bucket bucket = {0};
    int given = 0;
    for (int64_t now_us = 0; now_us < 1000 * S; now_us += 1237) {
        given += token_bucket_take(&bucket, &rate, now_us) == 0;
    }
    assert_in_range(given, 7 * 1000 + 18, 7 * 1000 + 20);
}

static void a_flood_is_told_a_minute_at_most(void **state)
{
    const struct token_rate rate = {.per_second = 10, .burst = 10};
    struct token_bucket bucket = {0};
    int64_t longest_us = 0;
    for (int i = 0; i < 100000; i++) {
        int64_t wait_us = token_bucket_take(&bucket, &rate, S);
        longest_us = wait_us > longest_us ? wait_us : longest_us;
    }
    assert_int_equal(longest_us, TOKEN_WAIT_MAX_US);
    /* And it is over when the flood is. */
    assert_int_equal(token_bucket_take(&bucket, &rate, S + 2 * TOKEN_WAIT_MAX_US), 0);
    assert_false(token_bucket_is_full(&bucket, S + 2 * TOKEN_WAIT_MAX_US));
    assert_true(token_bucket_is_full(&bucket, 2 * S + 2 * TOKEN_WAIT_MAX_US));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bucket_gives_what_its_rate_and_burst_allow),
        cmocka_unit_test(everybody_who_comes_when_told_gets_one),
        cmocka_unit_test(over_a_long_time_it_gives_neither_more_nor_less),
        cmocka_unit_test(a_flood_is_told_a_minute_at_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
