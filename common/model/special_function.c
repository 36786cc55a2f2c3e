/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/special_function.h"

#include <math.h>
#include <stdbool.h>

#define STEPS_MAX 24.0 /* up to here a sum of terms is both quicker and more exact */

double log_gamma(double x)
{
    int sign = 0;

    return lgamma_r(x, &sign);
}

double log_beta(double a, double b)
{
    return log_gamma(a) + log_gamma(b) - log_gamma(a + b);
}

/* Up to where the series in 1/x has 16 digits, then that series. */
double digamma(double x)
{
    double below = 0;

    while (x < 12.0) {
        below += 1.0 / x;
        x += 1.0;
    }
    const double i = 1.0 / (x * x);
    const double series =
        i *
        (1.0 / 12 -
         i * (1.0 / 120 -
              i * (1.0 / 252 - i * (1.0 / 240 - i * (1.0 / 132 - i * (691.0 / 32760 - i / 12))))));

    return log(x) - 0.5 / x - series - below;
}

static bool is_few_steps(double n)
{
    return n <= STEPS_MAX && n == floor(n);
}

double log_rising(double a, double n)
{
    double product = 1.0;
    double sum = 0;

    if (!is_few_steps(n)) {
        return log_gamma(a + n) - log_gamma(a);
    }
    for (int i = 0; i < (int)n; i++) {
        product *= a + i;
        if (product > 1e200 || product < 1e-200) {
            sum += log(product);
            product = 1.0;
        }
    }
    return sum + log(product);
}

double digamma_rise(double a, double n)
{
    double sum = 0;

    if (!is_few_steps(n)) {
        return digamma(a + n) - digamma(a);
    }
    for (int i = 0; i < (int)n; i++) {
        sum += 1.0 / (a + i);
    }
    return sum;
}

double log_add_exp(double a, double b)
{
    const double high = fmax(a, b);
    const double low = fmin(a, b);

    return low == -INFINITY ? high : high + log1p(exp(low - high));
}

double logistic_of_logit(double logit)
{
    return logit >= 0 ? 1 / (1 + exp(-logit)) : exp(logit) / (1 + exp(logit));
}
