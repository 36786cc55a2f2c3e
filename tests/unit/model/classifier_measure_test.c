/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/classifier_measure.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "tests/support/proof.h"

#define NEAR(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))

static void the_area_is_that_of_109_computed_tomographs(void **state)
{
    /* By rating: definitely normal to definitely abnormal. */
    static const int normal[] = {33, 6, 6, 11, 2}, abnormal[] = {3, 2, 2, 11, 33};
    struct told_outcome told[109];
    size_t n = 0;
    for (size_t rating = 0; rating < ARRAY_LEN(normal); rating++) {
        for (int i = 0; i < normal[rating] + abnormal[rating]; i++, n++) {
            told[n] = (struct told_outcome){(double)rating / 4, i >= normal[rating]};
        }
    }
    assert_int_equal(n, ARRAY_LEN(told));
    PROOF("AUC by rank sum, five ratings with ties", "Hanley, McNeil 1982, Table I", 0.893, 5e-4,
          classifier_auc(told, n));
}

static void order_alone_counts_and_ties_count_half(void **state)
{
    struct told_outcome right[] = {
        {0.9, true },
        {0.1, false},
        {0.8, true },
        {0.2, false}
    };
    struct told_outcome wrong[] = {
        {0.1, true },
        {0.9, false}
    };
    struct told_outcome same[] = {
        {0.3, true },
        {0.3, false},
        {0.3, false}
    };
    struct told_outcome one[] = {
        {0.3, true}
    };
    NEAR(classifier_auc(right, 4), 1, 0);
    NEAR(classifier_auc(wrong, 2), 0, 0);
    NEAR(classifier_auc(same, 3), 0.5, 0);
    NEAR(classifier_auc(one, 1), 0.5, 0);
    NEAR(classifier_auc(NULL, 0), 0.5, 0);
}

static void errors_are_means_over_all_that_was_told(void **state)
{
    const struct told_outcome told[] = {
        {0.8, true },
        {0.8, false},
        {0,   false}
    };
    const struct told_outcome sure[] = {
        {0, true}
    };
    NEAR(classifier_brier(told, 3), (0.04 + 0.64 + 0) / 3, 1e-15);
    NEAR(classifier_log_loss(told, 3), (-log(0.8) - log(0.2)) / 3, 1e-12);
    assert_true(isfinite(classifier_log_loss(sure, 1)) && classifier_log_loss(sure, 1) > 30);
    assert_true(classifier_brier(NULL, 0) == 0 && classifier_log_loss(NULL, 0) == 0);
}

static void bins_hold_what_was_told_and_what_came(void **state)
{
    const struct told_outcome told[] = {
        {0,   false},
        {0.1, true },
        {0.5, true },
        {0.6, false},
        {1,   true }
    };
    struct calibration_bin bins[4];
    classifier_calibration(told, ARRAY_LEN(told), bins, ARRAY_LEN(bins));
    assert_int_equal(bins[0].count, 2);
    NEAR(bins[0].told, 0.05, 1e-15);
    NEAR(bins[0].happened, 0.5, 0);
    assert_int_equal(bins[1].count, 0);
    assert_true(bins[1].told == 0 && bins[1].happened == 0);
    assert_int_equal(bins[2].count, 2);
    assert_int_equal(bins[3].count, 1);
    NEAR(classifier_calibration_error(bins, ARRAY_LEN(bins)),
         (2 * 0.45 + 2 * fabs(0.55 - 0.5) + 0) / 5, 1e-12);
    assert_true(classifier_calibration_error(bins, 0) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_area_is_that_of_109_computed_tomographs),
        cmocka_unit_test(order_alone_counts_and_ties_count_half),
        cmocka_unit_test(errors_are_means_over_all_that_was_told),
        cmocka_unit_test(bins_hold_what_was_told_and_what_came),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
