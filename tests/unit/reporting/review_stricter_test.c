/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/review_stricter.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void those_close_to_the_target_would_have_been_broken(void **state)
{
    struct log_histogram used = {0};
    const struct review_kept now = {.kept = 90, .decided = 100};

    log_histogram_add(&used, 500000, 60);  /* half of the target */
    log_histogram_add(&used, 950000, 30);  /* kept, and only just */
    log_histogram_add(&used, 1500000, 10); /* late */
    assert_true(fabs(review_stricter_kept(&used, &now, 0.9) - 60.0) < 1e-9);
    assert_true(fabs(review_stricter_kept(&used, &now, 0.4)) < 1e-9);
    assert_true(fabs(review_stricter_kept(&used, &now, 1.0) - 90.0) < 1e-9);
    log_histogram_free(&used);
}

static void without_counted_times_nothing_changes(void **state)
{
    struct log_histogram used = {0};
    const struct review_kept now = {.kept = 9, .decided = 10};

    assert_true(review_stricter_kept(&used, &now, 0.9) == 9.0);
    log_histogram_add(&used, 2000000, 5); /* all of them late */
    assert_true(review_stricter_kept(&used, &now, 0.9) == 9.0);
    log_histogram_free(&used);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(those_close_to_the_target_would_have_been_broken),
        cmocka_unit_test(without_counted_times_nothing_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
