/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quadrature.h - integrals of one variable, to some 12 digits.
 */
#ifndef TROTH_MODEL_QUADRATURE_H
#define TROTH_MODEL_QUADRATURE_H

/* Of f over [from, to]; f smooth and finite there. Gauss and Kronrod's rule of 15 points (the table
 * of R. Piessens and others, QUADPACK, 1983), halving intervals until the halves agree with the
 * whole. */
double integrate(double (*f)(double at, const void *context), const void *context, double from,
                 double to);

/* Of f(logit) over all of (0, 1), where p = 1 / (1 + e^-logit), for integrands like those of a beta
 * distribution: f is given ln p and ln(1 - p), has the factor p (1 - p) of dp / dlogit in it
 * already, and falls at the ends at least like p^left and (1 - p)^right, both above 0. May be as
 * steep as it likes at both ends. H. Takahasi, M. Mori, Double Exponential Formulas for Numerical
 * Integration, 1974. */
double integrate_unit(double (*f)(double log_p, double log_rest, const void *context),
                      const void *context, double left, double right);

#endif
