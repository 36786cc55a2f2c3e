/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/promise_steps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "services/intake/promise_rules.h"

static const struct standard_ladder ladder = {
    .steps = {{.percent = 25},
              {.percent = 50},
              {.percent = 80, .tell = "branch_manager"},
              {.percent = 100, .tell = "service_manager"},
              {.after_us = DURATION_H},
              {.after_us = DURATION_DAY, .tell = "director"}},
    .step_count = 6,
};

static void each_step_leads_to_the_next_one_until_there_is_none(void **state)
{
    static const struct {
        const struct standard_ladder *ladder;
        int numbers[8];
    } cases[] = {
        {&ladder, {25, 50, 80, 100, 101, 102, 0}},
        {NULL,    {50, 80, 100, 0}              },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int number = promise_steps_first(cases[i].ladder);
        for (size_t k = 0; cases[i].numbers[k]; k++) {
            assert_int_equal(number, cases[i].numbers[k]);
            number = promise_steps_next(cases[i].ladder, number);
        }
        assert_int_equal(number, PROMISE_PERCENT_NONE);
    }
}

/* Another version of the standard may have other steps: the way goes on from where it is. */
static void from_a_step_that_is_not_there_the_next_one_after_it_follows(void **state)
{
    assert_int_equal(promise_steps_next(&ladder, 60), 80);
    assert_int_equal(promise_steps_next(&ladder, 102), PROMISE_PERCENT_NONE);
    assert_int_equal(promise_steps_next(NULL, 104), PROMISE_PERCENT_NONE);
}

static void each_step_says_whom_to_tell_and_how_long_after_the_break_it_is(void **state)
{
    assert_null(promise_steps_tell(&ladder, 50));
    assert_string_equal(promise_steps_tell(&ladder, 80), "branch_manager");
    assert_null(promise_steps_tell(&ladder, 101));
    assert_string_equal(promise_steps_tell(&ladder, 102), "director");
    assert_null(promise_steps_tell(&ladder, 103));
    assert_null(promise_steps_tell(NULL, 80));
    assert_int_equal(promise_steps_after_us(&ladder, 100), 0);
    assert_int_equal(promise_steps_after_us(&ladder, 101), DURATION_H);
    assert_int_equal(promise_steps_after_us(&ladder, 102), DURATION_DAY);
    assert_int_equal(promise_steps_after_us(&ladder, 103), 0);
}

static void percents_follow_the_clock_and_what_comes_after_is_plain_time(void **state)
{
    const struct clock_pause pauses[] = {
        {600, 700}
    };
    struct clock running = {.started_us = 100, .target_us = 1000};
    struct clock paused = running;
    paused.pauses = pauses;
    paused.pause_count = 1;
    assert_int_equal(promise_steps_at(&ladder, &running, 1100, 25), 350);
    assert_int_equal(promise_steps_at(&ladder, &running, 1100, 100), 1100);
    assert_int_equal(promise_steps_at(&ladder, &paused, 1200, 50), 600);
    assert_int_equal(promise_steps_at(&ladder, &paused, 1200, 80), 1000);
    assert_int_equal(promise_steps_at(&ladder, &paused, 1200, 101), 1200 + DURATION_H);
    assert_int_equal(promise_steps_at(&ladder, &paused, CLOCK_NEVER, 101), CLOCK_NEVER);
    assert_int_equal(promise_steps_at(&ladder, &running, 1100, 103), CLOCK_NEVER);
    assert_int_equal(promise_steps_at(&ladder, &running, 1100, PROMISE_PERCENT_NONE), CLOCK_NEVER);
}

static void a_clock_that_stands_takes_no_step(void **state)
{
    const struct clock_pause pauses[] = {
        {300, CLOCK_NEVER}
    };
    const struct clock c = {
        .started_us = 100, .target_us = 1000, .pauses = pauses, .pause_count = 1};
    assert_int_equal(promise_steps_at(&ladder, &c, CLOCK_NEVER, 50), CLOCK_NEVER);
    assert_int_equal(promise_steps_passed(&ladder, &c, 5000), PROMISE_PERCENT_NONE);
}

static void the_last_step_that_was_passed_is_known(void **state)
{
    static const struct {
        int64_t at_us;
        int passed;
    } cases[] = {
        {0,     0  },
        {349,   0  },
        {350,   25 },
        {600,   50 },
        {899,   50 },
        {900,   80 },
        {1100,  100},
        {99999, 100},
    };
    const struct clock c = {.started_us = 100, .target_us = 1000};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(promise_steps_passed(&ladder, &c, cases[i].at_us), cases[i].passed);
    }
}

static void no_step_comes_after_all_others(void **state)
{
    assert_true(promise_steps_is_before(50, 80));
    assert_false(promise_steps_is_before(80, 80));
    assert_false(promise_steps_is_before(100, 80));
    assert_true(promise_steps_is_before(102, PROMISE_PERCENT_NONE));
    assert_false(promise_steps_is_before(PROMISE_PERCENT_NONE, 50));
    assert_false(promise_steps_is_before(PROMISE_PERCENT_NONE, PROMISE_PERCENT_NONE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_step_leads_to_the_next_one_until_there_is_none),
        cmocka_unit_test(from_a_step_that_is_not_there_the_next_one_after_it_follows),
        cmocka_unit_test(each_step_says_whom_to_tell_and_how_long_after_the_break_it_is),
        cmocka_unit_test(percents_follow_the_clock_and_what_comes_after_is_plain_time),
        cmocka_unit_test(a_clock_that_stands_takes_no_step),
        cmocka_unit_test(the_last_step_that_was_passed_is_known),
        cmocka_unit_test(no_step_comes_after_all_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
