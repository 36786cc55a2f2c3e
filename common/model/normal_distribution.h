/* SPDX-License-Identifier: Apache-2.0 */
/*
 * normal_distribution.h - the standard normal distribution.
 *
 * Quantiles by M. J. Wichura, Algorithm AS 241: The Percentage Points of the Normal Distribution,
 * Applied Statistics 37, 1988 (PPND16: about 1 part in 10^16).
 */
#ifndef TROTH_MODEL_NORMAL_DISTRIBUTION_H
#define TROTH_MODEL_NORMAL_DISTRIBUTION_H

/* The z below which a share p in (0, 1) lies. */
double normal_quantile(double p);

/* The chance to lie at least as far from 0 as z, on either side. */
double normal_two_sided_p(double z);

#endif
