/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/event_aside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/duration.h"

#define NOW_US INT64_C(1000000000)

static void a_place_is_left_alone_until_its_time(void **state)
{
    struct event_aside a = {0};
    assert_true(event_aside_add(&a, "intake.0", 7, NOW_US));
    assert_true(event_aside_has(&a, "intake.0", 7, NOW_US));
    assert_false(event_aside_has(&a, "intake.0", 8, NOW_US));
    assert_false(event_aside_has(&a, "intake.1", 7, NOW_US));
    assert_false(event_aside_has(&a, "intake.0", 7, NOW_US + 100 * DURATION_MS));
}

static void each_failure_in_a_row_waits_longer_up_to_ten_seconds(void **state)
{
    struct event_aside a = {0};
    assert_true(event_aside_add(&a, "intake.0", 7, NOW_US));
    assert_true(event_aside_add(&a, "intake.0", 7, NOW_US));
    assert_true(event_aside_add(&a, "intake.0", 7, NOW_US));
    assert_int_equal(a.count, 1);
    assert_true(event_aside_has(&a, "intake.0", 7, NOW_US + 199 * DURATION_MS));
    for (int i = 0; i < 100; i++) {
        assert_true(event_aside_add(&a, "intake.0", 7, NOW_US));
    }
    assert_true(event_aside_has(&a, "intake.0", 7, NOW_US + 4 * DURATION_S));
    assert_false(event_aside_has(&a, "intake.0", 7, NOW_US + 10 * DURATION_S));
}

static void success_forgets_the_failures(void **state)
{
    struct event_aside a = {0};
    for (int i = 0; i < 20; i++) {
        assert_true(event_aside_add(&a, "intake.0", 7, NOW_US));
    }
    assert_true(event_aside_add(&a, "intake.0", 8, NOW_US));
    event_aside_remove(&a, "intake.0", 7);
    event_aside_remove(&a, "intake.0", 7);
    assert_false(event_aside_has(&a, "intake.0", 7, NOW_US));
    assert_true(event_aside_has(&a, "intake.0", 8, NOW_US));
    assert_true(event_aside_add(&a, "intake.0", 7, NOW_US));
    assert_false(event_aside_has(&a, "intake.0", 7, NOW_US + 100 * DURATION_MS));
}

static void a_full_list_takes_no_more_places(void **state)
{
    struct event_aside a = {0};
    for (int16_t bucket = 0; bucket < EVENT_ASIDE_MAX; bucket++) {
        assert_true(event_aside_add(&a, "intake.0", bucket, NOW_US));
    }
    assert_false(event_aside_add(&a, "intake.0", EVENT_ASIDE_MAX, NOW_US));
    assert_true(event_aside_add(&a, "intake.0", 3, NOW_US)); /* one that is there */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_place_is_left_alone_until_its_time),
        cmocka_unit_test(each_failure_in_a_row_waits_longer_up_to_ten_seconds),
        cmocka_unit_test(success_forgets_the_failures),
        cmocka_unit_test(a_full_list_takes_no_more_places),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
