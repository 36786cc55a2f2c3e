/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/incomplete_beta.h"

#include <math.h>

#include "common/model/special_function.h"

enum {
    TERMS_MAX = 100000, /* about sqrt(max(a, b)) are needed */
    HALVINGS = 200,
};
#define CLOSE 1e-15
#define TINY  1e-300 /* instead of 0, where the fraction divides by it */

static double not_zero(double x)
{
    return fabs(x) < TINY ? TINY : x;
}

/* Converges fast for x < (a + 1) / (a + b + 2). */
static double fraction(double a, double b, double x)
{
    double c = 1.0, d = 1.0 / not_zero(1.0 - (a + b) * x / (a + 1.0)), value = d;

    for (int m = 1; m < TERMS_MAX; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1.0 / not_zero(1.0 + even * d);
        c = not_zero(1.0 + even / c);
        value *= c * d;
        d = 1.0 / not_zero(1.0 + odd * d);
        c = not_zero(1.0 + odd / c);
        value *= c * d;
        if (fabs(c * d - 1.0) < CLOSE) {
            break;
        }
    }
    return value;
}

double incomplete_beta(double a, double b, double x)
{
    if (x <= 0.0 || x >= 1.0) {
        return x <= 0.0 ? 0.0 : 1.0;
    }
    double front = exp(a * log(x) + b * log1p(-x) - log_beta(a, b));
    if (x < (a + 1.0) / (a + b + 2.0)) {
        return front * fraction(a, b, x) / a;
    }
    return 1.0 - front * fraction(b, a, 1.0 - x) / b;
}

double binomial_at_least(double k, double n, double p)
{
    return k <= 0.0 ? 1.0 : incomplete_beta(k, n - k + 1.0, p);
}

double student_two_sided_p(double t, double df)
{
    return incomplete_beta(df / 2.0, 0.5, df / (df + t * t));
}

double student_quantile(double p, double df)
{
    double tail = 2.0 * fmin(p, 1.0 - p), low = 0.0, high = 1.0;

    while (student_two_sided_p(high, df) > tail && high < 1e150) {
        high *= 2.0;
    }
    for (int i = 0; i < HALVINGS && low < high; i++) {
        double middle = low + (high - low) / 2.0;
        if (middle <= low || middle >= high) {
            break;
        }
        if (student_two_sided_p(middle, df) > tail) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return p < 0.5 ? -high : high;
}
