/* SPDX-License-Identifier: Apache-2.0 */
/*
 * special_function.h - what the models need beyond <math.h>: logarithms of gamma and beta functions
 * and their derivatives. Free of overflow; arguments above 0 unless said.
 */
#ifndef TROTH_MODEL_SPECIAL_FUNCTION_H
#define TROTH_MODEL_SPECIAL_FUNCTION_H

/* ln of the gamma function. Unlike lgamma() it touches no global. */
double log_gamma(double x);
double log_beta(double a, double b);
/* The derivative of log_gamma. M. Abramowitz, I. A. Stegun, Handbook of Mathematical Functions,
 * 6.3.5 and 6.3.18. */
double digamma(double x);

/* log_gamma(a + n) - log_gamma(a), n at least 0: for small whole n without cancellation. */
double log_rising(double a, double n);
/* digamma(a + n) - digamma(a), n at least 0. */
double digamma_rise(double a, double n);

/* ln(e^a + e^b); either may be -INFINITY. */
double log_add_exp(double a, double b);
/* 1 / (1 + e^-logit), in [0, 1], without overflow. */
double logistic_of_logit(double logit);

#endif
