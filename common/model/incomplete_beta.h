/* SPDX-License-Identifier: Apache-2.0 */
/*
 * incomplete_beta.h - the regularised incomplete beta function, and the distributions that are made
 * of it.
 *
 * The continued fraction of M. Abramowitz, I. A. Stegun, Handbook of Mathematical
 * Functions, 26.5.8, by W. J. Lentz's method (Applied Optics 15, 1976); about 14 digits.
 */
#ifndef TROTH_MODEL_INCOMPLETE_BETA_H
#define TROTH_MODEL_INCOMPLETE_BETA_H

/* I_x(a, b): 0 <= x <= 1, a and b above 0. */
double incomplete_beta(double a, double b, double x);

/* The chance that of n trials, each with the chance p, at least k succeed. 0 <= k <= n. */
double binomial_at_least(double k, double n, double p);

/* Student's t with df degrees of freedom, above 0 and not necessarily whole: the chance to lie at
 * least as far from 0, on either side; and the t below which a share p in (0, 1) lies. */
double student_two_sided_p(double t, double df);
double student_quantile(double p, double df);

#endif
