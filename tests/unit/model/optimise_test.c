/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/optimise.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* H. H. Rosenbrock's valley, turned over: the top is 0 at (1, 1). */
static double valley(const double *at, double *ret_gradient, const void *context)
{
    const double bend = at[1] - at[0] * at[0];

    (void)context;
    ret_gradient[0] = 400 * bend * at[0] + 2 * (1 - at[0]);
    ret_gradient[1] = -200 * bend;
    return -100 * bend * bend - (1 - at[0]) * (1 - at[0]);
}

static double valley_without_gradient(const double *at, const void *context)
{
    double gradient[2];

    return valley(at, gradient, context);
}

static double slope(const double *at, double *ret_gradient, const void *context)
{
    (void)context;
    ret_gradient[0] = exp(-at[0]);
    return -exp(-at[0]);
}

static double lie(const double *at, double *ret_gradient, const void *context)
{
    (void)context;
    ret_gradient[0] = NAN;
    return at[0] > 0 ? NAN : INFINITY;
}

/* Its value is that of a hill, its gradient nobody knows. */
static double unknown_slope(const double *at, double *ret_gradient, const void *context)
{
    (void)context;
    ret_gradient[0] = NAN;
    return -at[0] * at[0];
}

/* Rises for ever towards -5, in one direction; in the other it has a top. */
static double plateau(const double *at, double *ret_gradient, const void *context)
{
    const double rest = exp(-(at[0] + at[1]));
    const double off = at[0] - at[1];

    (void)context;
    ret_gradient[0] = rest - 2 * off;
    ret_gradient[1] = rest + 2 * off;
    return -5 - rest - off * off;
}

static double plateau_without_gradient(const double *at, const void *context)
{
    double gradient[2];

    return plateau(at, gradient, context);
}

static void a_top_is_found_with_and_without_gradient(void **state)
{
    struct optimise_problem p = {.count = 2, .value_and_gradient = valley, .lower = -5, .upper = 5};
    double at[2] = {-1.2, 1};
    double from_afar[2] = {4, -4};
    const struct fit_report with = optimise(&p, 2000, at);

    assert_true(with.is_converged && with.why_not == NULL);
    assert_true(fabs(at[0] - 1) < 1e-6 && fabs(at[1] - 1) < 1e-6);
    assert_true(fabs(with.log_likelihood) < 1e-10);
    p.value = valley_without_gradient;
    p.value_and_gradient = NULL;
    assert_true(optimise(&p, 5000, from_afar).is_converged);
    assert_true(fabs(from_afar[0] - 1) < 1e-4 && fabs(from_afar[1] - 1) < 1e-4);
}

static void a_top_beyond_the_bounds_is_none(void **state)
{
    const struct optimise_problem p = {
        .count = 1, .value_and_gradient = slope, .lower = -3, .upper = 3};
    double at[1] = {0};
    const struct fit_report report = optimise(&p, 200, at);

    assert_false(report.is_converged);
    assert_string_equal(report.why_not, "at_bound");
}

static void what_is_not_finite_is_no_top(void **state)
{
    const struct optimise_problem p = {
        .count = 1, .value_and_gradient = lie, .lower = -3, .upper = 3};
    double at[1] = {1};
    const struct fit_report report = optimise(&p, 200, at);

    assert_false(report.is_converged);
    assert_non_null(report.why_not);
    assert_true(isfinite(report.log_likelihood) && isfinite(at[0]));
}

static void a_value_whose_slope_is_not_known_is_no_top(void **state)
{
    const struct optimise_problem p = {
        .count = 1, .value_and_gradient = unknown_slope, .lower = -3, .upper = 3};
    double at[1] = {0};
    const struct fit_report report = optimise(&p, 200, at);

    assert_false(report.is_converged);
    assert_string_equal(report.why_not, "no_optimum");
}

static void a_plateau_inside_the_bounds_is_no_top(void **state)
{
    struct optimise_problem p = {
        .count = 2, .value_and_gradient = plateau, .lower = -14, .upper = 14};

    for (int from = 0; from < 13; from++) {
        double at[2] = {from, from};

        assert_false(optimise(&p, 2000, at).is_converged);
    }
    p.value = plateau_without_gradient;
    p.value_and_gradient = NULL;
    for (int from = 0; from < 13; from++) {
        double at[2] = {from, from};

        assert_false(optimise(&p, 2000, at).is_converged);
    }
}

static void evaluations_are_bounded(void **state)
{
    const struct optimise_problem p = {
        .count = 2, .value_and_gradient = valley, .lower = -5, .upper = 5};
    double at[2] = {-1.2, 1};
    const struct fit_report report = optimise(&p, 7, at);

    assert_false(report.is_converged);
    assert_string_equal(report.why_not, "no_optimum");
    assert_true(report.evaluations <= 9);
    /* It keeps the best place seen. */
    assert_true(report.log_likelihood > -24.2 &&
                valley_without_gradient(at, NULL) == report.log_likelihood);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_top_is_found_with_and_without_gradient),
        cmocka_unit_test(a_top_beyond_the_bounds_is_none),
        cmocka_unit_test(what_is_not_finite_is_no_top),
        cmocka_unit_test(a_value_whose_slope_is_not_known_is_no_top),
        cmocka_unit_test(a_plateau_inside_the_bounds_is_no_top),
        cmocka_unit_test(evaluations_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
