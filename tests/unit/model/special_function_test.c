/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/special_function.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"

static void assert_near(double ours, double theirs, double tolerance)
{
    if (!(fabs(ours - theirs) <= tolerance * fmax(1, fabs(theirs)))) {
        fail_msg("%.17g is not %.17g", ours, theirs);
    }
}

static void values_are_those_of_the_tables(void **state)
{
    const double euler = 0.57721566490153286;

    assert_near(digamma(1), -euler, 1e-15);
    assert_near(digamma(0.5), -euler - 2 * M_LN2, 1e-14);
    assert_near(digamma(10), 2.25175258906672110765, 1e-15);
    assert_near(digamma(100), 4.60016185273808798, 1e-15);
    assert_near(digamma(1e-6), -1000000.5772140199, 1e-15);
    assert_near(log_beta(2, 3), -log(12), 1e-15);
    assert_near(log_beta(0.5, 0.5), log(M_PI), 1e-15);
    assert_near(log_gamma(0.5), 0.5 * log(M_PI), 1e-15);
}

static void a_derivative_is_the_limit_of_differences(void **state)
{
    for (int i = 0; i < 22; i++) {
        const double x = 0.1 * pow(1.7, i);
        const double h = 1e-4 * x;

        assert_near(digamma(x), (log_gamma(x + h) - log_gamma(x - h)) / (2 * h), 1e-7);
    }
}

/* The sum for few steps and the difference for many. */
static void steps_agree_with_differences(void **state)
{
    static const double starts[] = {1e-6, 0.243, 1, 7.5, 1e5};

    for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
        for (int halves = 0; halves < 120; halves++) {
            const double a = starts[i];
            const double n = 0.5 * halves;

            assert_near(log_rising(a, n), lgamma(a + n) - lgamma(a), 1e-9);
            assert_near(digamma_rise(a, n), digamma(a + n) - digamma(a), 1e-9);
            assert_near(log_rising(a, n + 1), log_rising(a, n) + log(a + n), 1e-9);
        }
    }
    assert_near(log_rising(1e150, 8), 8 * log(1e150), 1e-14);
    assert_near(log_rising(1e-300, 3), log(2e-300), 1e-14);
    assert_true(log_rising(0.3, 0) == 0 && digamma_rise(0.3, 0) == 0);
}

static void great_exponents_overflow_nothing(void **state)
{
    assert_near(log_add_exp(1000, 1000), 1000 + M_LN2, 1e-15);
    assert_near(log_add_exp(-INFINITY, 3), 3, 0);
    assert_near(log_add_exp(3, -INFINITY), 3, 0);
    assert_true(log_add_exp(-INFINITY, -INFINITY) == -INFINITY);
    assert_true(logistic_of_logit(-1e6) == 0 && logistic_of_logit(1e6) == 1);
    assert_true(logistic_of_logit(-INFINITY) == 0 && logistic_of_logit(INFINITY) == 1);
    assert_true(logistic_of_logit(0) == 0.5);
    assert_near(logistic_of_logit(-700) * exp(700), 1, 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_those_of_the_tables),
        cmocka_unit_test(a_derivative_is_the_limit_of_differences),
        cmocka_unit_test(steps_agree_with_differences),
        cmocka_unit_test(great_exponents_overflow_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
