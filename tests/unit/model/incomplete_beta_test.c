/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/incomplete_beta.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "tests/support/proof.h"

#define NIST "NIST/SEMATECH e-Handbook, 1.3.6.7.2"

static void quantiles_of_student_are_those_of_the_tables(void **state)
{
    PROOF("Student t, 0.975, 1 degree of freedom", NIST, 12.706, 5e-4, student_quantile(0.975, 1));
    PROOF("Student t, 0.975, 10", NIST, 2.228, 5e-4, student_quantile(0.975, 10));
    PROOF("Student t, 0.95, 30", NIST, 1.697, 5e-4, student_quantile(0.95, 30));
    PROOF("Student t, 0.975, 100", NIST, 1.984, 5e-4, student_quantile(0.975, 100));
    assert_true(fabs(student_quantile(0.025, 7) + student_quantile(0.975, 7)) < 1e-12);
    assert_true(fabs(student_quantile(0.975, 1e9) - 1.959963984540054) < 1e-6);
}

static void the_function_is_right_where_it_is_known(void **state)
{
    /* I_x(1, b) = 1 - (1 - x)^b; I_x(a, 1) = x^a; I_x(a, b) = 1 - I_(1-x)(b, a). */
    for (int i = 0; i < 15; i++) {
        const double x = 0.01 + 0.07 * i;
        for (int j = 0; j < 8; j++) {
            const double a = 0.5 * pow(3.0, j);
            assert_true(fabs(incomplete_beta(1, a, x) - (1 - pow(1 - x, a))) < 1e-12);
            assert_true(fabs(incomplete_beta(a, 1, x) - pow(x, a)) < 1e-12);
            assert_true(fabs(incomplete_beta(a, 7, x) + incomplete_beta(7, a, 1 - x) - 1.0) <
                        1e-10);
        }
    }
    assert_true(incomplete_beta(2, 3, 0) == 0.0 && incomplete_beta(2, 3, 1) == 1.0);
}

static void tails_of_the_binomial_are_its_sums(void **state)
{
    double sum = 0.0;

    for (int k = 12; k >= 0; k--) {
        double ways = exp(lgamma(13) - lgamma(k + 1) - lgamma(13 - k));
        sum += ways * pow(0.3, k) * pow(0.7, 12 - k);
        assert_true(fabs(binomial_at_least(k, 12, 0.3) - sum) < 1e-12);
    }
    assert_true(binomial_at_least(0, 0, 0.3) == 1.0);
    assert_true(fabs(binomial_at_least(500000, 1000000, 0.5) - 0.5) < 1e-3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_of_student_are_those_of_the_tables),
        cmocka_unit_test(the_function_is_right_where_it_is_known),
        cmocka_unit_test(tails_of_the_binomial_are_its_sums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
