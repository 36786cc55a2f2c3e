/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_disk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/temp_folder.h"
#include "tests/support/turn_until.h"

static void low_begins_below_the_limit_and_ends_a_point_above_it(void **state)
{
    static const struct {
        const char *name;
        bool was_low;
        int64_t free_ppm, min_percent;
        bool want_low;
    } cases[] = {
        {"plenty",                             false, 500000,  10,  false},
        {"exactly the limit",                  false, 100000,  10,  false},
        {"just below",                         false, 99999,   10,  true },
        {"still below",                        true,  99999,   10,  true },
        {"the limit alone does not end it",    true,  100000,  10,  true },
        {"nor does half a point",              true,  105000,  10,  true },
        {"a point does",                       true,  110000,  10,  false},
        {"nothing is free",                    false, 0,       10,  true },
        {"no limit is never low",              false, 0,       0,   false},
        {"a limit that is taken away ends it", true,  0,       0,   false},
        {"all must be free",                   false, 999999,  100, true },
        {"all is free",                        true,  1000000, 100, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        if (intake_disk_decide(cases[i].was_low, cases[i].free_ppm, cases[i].min_percent) !=
            cases[i].want_low) {
            fail_msg("%s", cases[i].name);
        }
    }
}

static void the_volume_of_a_path_is_looked_at(void **state)
{
    int64_t min_percent = 0, free_ppm = -2, low = -2;
    struct loop *loop = loop_new();
    struct intake_disk_options options = {
        .loop = loop,
        .path = "/",
        .min_percent = &min_percent,
        .free_gauge = &free_ppm,
        .low_gauge = &low,
    };
    struct intake_disk *d = intake_disk_new(&options);
    assert_in_range(free_ppm, 0, 1000000);
    assert_int_equal(low, 0);
    assert_false(intake_disk_is_low(d));
    intake_disk_free(d);

    min_percent = 100; /* the volume that this runs from is not empty */
    d = intake_disk_new(&options);
    assert_int_equal(low, 1);
    assert_true(intake_disk_is_low(d));
    intake_disk_free(d);

    static const char *const unknown[] = {"", "/no/such/path"};
    for (size_t i = 0; i < ARRAY_LEN(unknown); i++) {
        options.path = unknown[i];
        d = intake_disk_new(&options);
        assert_true(free_ppm == METRICS_NONE);
        assert_true(low == METRICS_NONE);
        assert_false(intake_disk_is_low(d));
        intake_disk_free(d);
    }
    intake_disk_free(NULL);
    loop_free(loop);
}

static bool is_unknown(void *ctx)
{
    return *(const int64_t *)ctx == METRICS_NONE;
}

static void a_volume_that_goes_away_keeps_nobody_out(void **state)
{
    int64_t min_percent = 100, free_ppm = -2, low = -2;
    struct temp_folder folder = temp_folder_new();
    struct loop *loop = loop_new();
    struct intake_disk *d = intake_disk_new(&(struct intake_disk_options){
        .loop = loop,
        .path = folder.path,
        .min_percent = &min_percent,
        .free_gauge = &free_ppm,
        .low_gauge = &low,
    });
    assert_true(intake_disk_is_low(d));
    temp_folder_remove(&folder);
    assert_true(turn_until(loop, is_unknown, &free_ppm));
    assert_false(intake_disk_is_low(d));
    assert_true(low == METRICS_NONE);
    intake_disk_free(d);
    loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(low_begins_below_the_limit_and_ends_a_point_above_it),
        cmocka_unit_test(the_volume_of_a_path_is_looked_at),
        cmocka_unit_test(a_volume_that_goes_away_keeps_nobody_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
