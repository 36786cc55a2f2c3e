/* SPDX-License-Identifier: Apache-2.0 */
/* The arithmetic; the sampling of a real database is shown in service_database_test.c. */
#include "common/runtime/service_clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "tests/support/turn_until.h"

#define MS DURATION_MS

static void a_real_clock_goes_on_and_a_demo_clock_stands(void **state)
{
    struct service_clock_reading real = {.business_us = 1000, .monotonic_us = 50};
    struct service_clock_reading demo = {.business_us = 1000, .monotonic_us = 50, .is_demo = true};
    assert_int_equal(service_clock_derive(&real, 50), 1000);
    assert_int_equal(service_clock_derive(&real, 75), 1025);
    assert_int_equal(service_clock_derive(&real, 40), 990);
    assert_int_equal(service_clock_derive(&demo, 75), 1000);
}

static void drift_is_what_the_round_trips_cannot_explain(void **state)
{
    static const struct {
        const char *name;
        struct service_clock_reading older, newer;
        int64_t want_us;
    } cases[] = {
        {"as expected",             {0, 0, 0, false}, {1000 * MS, 1000 * MS, 0, false},    0        },
        {"ahead",                   {0, 0, 0, false}, {1500 * MS, 1000 * MS, 0, false},    500 * MS },
        {"behind",                  {0, 0, 0, false}, {700 * MS, 1000 * MS, 0, false},     -300 * MS},
        {"ahead, slow answers",
         {0, 0, 50 * MS, false},
         {1500 * MS, 1000 * MS, 50 * MS, false},
         400 * MS                                                                                   },
        {"behind, slow answers",
         {0, 0, 50 * MS, false},
         {700 * MS, 1000 * MS, 50 * MS, false},
         -200 * MS                                                                                  },
        {"within the slow answers",
         {0, 0, 50 * MS, false},
         {1090 * MS, 1000 * MS, 50 * MS, false},
         0                                                                                          },
        {"a demo clock steps",      {0, 0, 0, true},  {DURATION_DAY, 1000 * MS, 0, true},  0        },
        {"a demo clock begins",     {0, 0, 0, false}, {DURATION_DAY, 1000 * MS, 0, true},  0        },
        {"a demo clock ends",       {0, 0, 0, true},  {DURATION_DAY, 1000 * MS, 0, false}, 0        },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(service_clock_drift(&cases[i].older, &cases[i].newer), cases[i].want_us);
    }
}

static void count(void *ctx)
{
    int *ticks = ctx;
    (*ticks)++;
}

static bool has_ticked(void *ctx)
{
    const int *ticks = ctx;
    return *ticks > 0;
}

static void without_a_database_the_clock_is_the_machine_s(void **state)
{
    struct loop *loop = loop_new();
    struct metrics *metrics = metrics_new();
    struct service_clock *c = service_clock_new(
        loop, metrics, &(struct service_clock_options){.name = "test", .holder = "test"});
    int ticks = 0;
    service_clock_on_tick(c, count, &ticks);
    assert_true(service_clock_is_set(c));
    int64_t before_us = instant_now_us();
    int64_t now_us = service_clock_now_us(c);
    assert_in_range(now_us, before_us, instant_now_us());
    assert_true(service_clock_last_commit_us(c) > 0);
    assert_true(turn_until(loop, has_ticked, &ticks));
    service_clock_free(c);
    service_clock_free(NULL);
    metrics_free(metrics);
    loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_real_clock_goes_on_and_a_demo_clock_stands),
        cmocka_unit_test(drift_is_what_the_round_trips_cannot_explain),
        cmocka_unit_test(without_a_database_the_clock_is_the_machine_s),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
