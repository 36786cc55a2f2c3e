/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/ewma.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/number_table.h"
#include "tests/support/proof.h"

#define MONTGOMERY "Montgomery, the 30 values of example 9.1"
#define NIST       "NIST e-Handbook 6.3.2.4"

static void averages_and_limits_are_those_of_montgomery(void **state)
{
    struct number_table *t = number_table_read("refs/ewma_montgomery.csv");
    double z = 10.0, off = 0.0, off_low = 0.0, off_high = 0.0;

    for (size_t i = 0; i < t->rows; i++) {
        const struct interval limits = ewma_limits(10.0, 1.0, 0.1, 2.7, (double)(i + 1));

        z = ewma_step(z, number_table_at(t, i, "x"), 0.1);
        off = fmax(off, fabs(z - number_table_at(t, i, "ewma")));
        off_low = fmax(off_low, fabs(limits.low - number_table_at(t, i, "lcl")));
        off_high = fmax(off_high, fabs(limits.high - number_table_at(t, i, "ucl")));
        assert_true((z > limits.high) == (i + 1 >= 29)); /* signals at 29 and 30 */
        assert_true(z > limits.low);
    }
    PROOF("averages, lambda 0.1, largest difference", MONTGOMERY, 0, 5e-6, off);
    PROOF("lower limits, 2.7 sigmas, largest difference", MONTGOMERY, 0, 5e-6, off_low);
    PROOF("upper limits, 2.7 sigmas, largest difference", MONTGOMERY, 0, 5e-6, off_high);
    number_table_free(t);
}

static void averages_and_limits_are_those_of_nist(void **state)
{
    struct number_table *t = number_table_read("refs/ewma_nist_6_3_2_4.csv");
    const struct interval limits = ewma_limits(50.0, 2.0539, 0.3, 3.0, INFINITY);
    double z = 50.0, off = 0.0;

    for (size_t i = 1; i < t->rows; i++) {
        z = ewma_step(z, number_table_at(t, i, "x"), 0.3);
        off = fmax(off, fabs(z - number_table_at(t, i, "ewma_2dp")));
    }
    PROOF("20 averages, lambda 0.3, largest difference", NIST, 0, 5e-3, off);
    /* The page rounds on its way to the limits: their last digit is not sure. */
    PROOF("upper limit, 3 sigmas", NIST, 52.5884, 1e-4, limits.high);
    PROOF("lower limit, 3 sigmas", NIST, 47.4115, 1e-4, limits.low);
    number_table_free(t);
}

static void the_first_limits_are_those_of_one_observation(void **state)
{
    const struct interval limits = ewma_limits(0.0, 2.0, 0.25, 3.0, 1);

    /* The first average is lambda times an observation. */
    assert_true(fabs(limits.high - 3.0 * 0.25 * 2.0) < 1e-12);
    assert_true(limits.low == -limits.high);
}

static void lambda_1_remembers_nothing(void **state)
{
    const struct interval limits = ewma_limits(5.0, 2.0, 1.0, 3.0, 7);

    assert_true(ewma_step(100.0, 3.0, 1.0) == 3.0);
    assert_true(limits.low == -1.0 && limits.high == 11.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(averages_and_limits_are_those_of_montgomery),
        cmocka_unit_test(averages_and_limits_are_those_of_nist),
        cmocka_unit_test(the_first_limits_are_those_of_one_observation),
        cmocka_unit_test(lambda_1_remembers_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
