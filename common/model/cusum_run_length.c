/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/cusum_run_length.h"

#include <math.h>
#include <stddef.h>

#include "common/base/log.h"

enum {
    POINTS = 48,
    UNKNOWNS = POINTS + 1, /* and the run length from a sum of 0, the one we want */
};

struct equations {
    double a[UNKNOWNS][UNKNOWNS + 1]; /* the last column is the right side */
};

static double density(double z)
{
    return exp(-z * z / 2.0) / sqrt(2.0 * M_PI);
}

static double share_below(double z)
{
    return erfc(-z / sqrt(2.0)) / 2.0;
}

/* The Legendre polynomial of degree POINTS, and its derivative. */
static double legendre(double x, double *ret_slope)
{
    double before = 1.0, p = x;

    for (int n = 2; n <= POINTS; n++) {
        double next = ((2 * n - 1) * x * p - (n - 1) * before) / n;

        before = p;
        p = next;
    }
    *ret_slope = POINTS * (x * p - before) / (x * x - 1.0);
    return p;
}

/* Points in (0, h) and the weights by which values there add up to an integral. */
static void find_points(double h, double *ret_points, double *ret_weights)
{
    for (int i = 0; i < POINTS; i++) {
        double x = cos(M_PI * (i + 0.75) / (POINTS + 0.5)), slope;

        /* Newton; from there it doubles its digits each time. */
        for (int round = 0; round < 6; round++) {
            x -= legendre(x, &slope) / slope;
        }
        (void)legendre(x, &slope);
        ret_points[i] = h * (1.0 + x) / 2.0;
        ret_weights[i] = h / ((1.0 - x * x) * slope * slope);
    }
}

/* L(s) = 1 + L(0) P(sum falls to 0) + integral over y in (0, h) of L(y) times the density of s to y
 */
static void set_up(double k, double h, double shift, struct equations *e)
{
    double points[POINTS], weights[POINTS];

    find_points(h, points, weights);
    for (size_t i = 0; i < UNKNOWNS; i++) {
        double s = i == 0 ? 0.0 : points[i - 1];

        e->a[i][0] = -share_below(k - s - shift);
        for (size_t j = 1; j < UNKNOWNS; j++) {
            e->a[i][j] = -weights[j - 1] * density(points[j - 1] + k - s - shift);
        }
        e->a[i][i] += 1.0;
        e->a[i][UNKNOWNS] = 1.0;
    }
}

/* Gauss, from the last unknown to the first: only that is asked for. Without pivoting: each row is
 * the unit matrix less what adds up to under 1, so the diagonal stays ahead. */
static double solve_for_first(struct equations *e)
{
    for (size_t pivot = UNKNOWNS - 1; pivot > 0; pivot--) {
        for (size_t i = 0; i < pivot; i++) {
            double factor = e->a[i][pivot] / e->a[pivot][pivot];

            for (size_t j = 0; j < pivot; j++) {
                e->a[i][j] -= factor * e->a[pivot][j];
            }
            e->a[i][UNKNOWNS] -= factor * e->a[pivot][UNKNOWNS];
        }
    }
    return e->a[0][UNKNOWNS] / e->a[0][0];
}

static double one_sided(double k, double h, double shift)
{
    struct equations e;

    set_up(k, h, shift, &e);
    return solve_for_first(&e);
}

double cusum_run_length(double k, double h, double shift)
{
    if (!(k >= 0.0 && h > 0.0 && h <= 10.0 && isfinite(shift))) {
        BUG("sums without limits");
    }
    return 1.0 / (1.0 / one_sided(k, h, shift) + 1.0 / one_sided(k, h, -shift));
}
