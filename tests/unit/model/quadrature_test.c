/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/quadrature.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/model/special_function.h"

static double steep(double at, const void *context)
{
    return exp(-*(const double *)context * at);
}

static double runge(double at, const void *context)
{
    (void)context;
    return 1 / (1 + 25 * at * at);
}

static double constant(double at, const void *context)
{
    (void)at;
    return *(const double *)context;
}

static void integrals_are_exact_to_twelve_digits(void **state)
{
    static const double falls[] = {0.01, 1, 30, 1e3, 1e5};
    const double nothing = 0;

    for (size_t i = 0; i < ARRAY_LEN(falls); i++) {
        const double exact = -expm1(-falls[i]) / falls[i];

        assert_true(fabs(integrate(steep, &falls[i], 0, 1) / exact - 1) < 1e-12);
    }
    assert_true(fabs(integrate(runge, NULL, -1, 1) - 0.4 * atan(5)) < 1e-13);
    assert_true(integrate(steep, &falls[0], 1, 1) == 0);
    assert_true(integrate(constant, &nothing, 0, 1) == 0);
}

struct ends {
    double a, b;
};

static double beta(double log_p, double log_rest, const void *context)
{
    const struct ends *e = context;

    return exp(e->a * log_p + e->b * log_rest);
}

static void ends_may_be_as_steep_as_they_like(void **state)
{
    static const double ends[] = {1e-3, 0.2, 1, 7, 300};

    for (size_t i = 0; i < ARRAY_LEN(ends) * ARRAY_LEN(ends); i++) {
        const struct ends e = {ends[i % 5], ends[i / 5]};
        const double whole = integrate_unit(beta, &e, e.a, e.b);

        assert_true(fabs(log(whole) - log_beta(e.a, e.b)) < 1e-10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integrals_are_exact_to_twelve_digits),
        cmocka_unit_test(ends_may_be_as_steep_as_they_like),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
