/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rate_ratio.h - did a rate change: events counted over what they could have happened in (days,
 * purchases), before and after, or here and there.
 *
 * Given how many there were in all, those of the second are binomial with the chance R t2 / (t1 + R
 * t2), R the ratio of the rates; so intervals for R come from intervals for that chance: exact ones
 * (C. J. Clopper, E. S. Pearson, Biometrika 26, 1934), or mid-P ones, which count half of what was
 * seen itself (K. J. Rothman, S. Greenland, T. L. Lash, Modern Epidemiology, 3rd edition, chapter
 * 14) and are not as wide as they need not be. Whether a ratio changed more than another one: the
 * difference of the logarithms (D. G. Altman, J. M. Bland, Interaction revisited: the difference
 * between two estimates, BMJ 326, 2003), which between a place where something was done and places
 * where it was not is the difference in differences.
 */
#ifndef TROTH_MODEL_RATE_RATIO_H
#define TROTH_MODEL_RATE_RATIO_H

#include <stdbool.h>

#include "common/model/interval.h"

struct rate {
    double events;   /* whole, at least 0 */
    double exposure; /* above 0 */
};

enum rate_ratio_interval {
    RATE_RATIO_EXACT,
    RATE_RATIO_MID_P,
};

/* second / first at 95 %. Ends are 0 and INFINITY where one of them has no events. False, and *ret
 * untouched: neither has any, or an exposure is 0. */
bool rate_ratio_95(const struct rate *first, const struct rate *second,
                   enum rate_ratio_interval kind, struct interval *ret);

/* The logarithm of a ratio and its standard error. */
struct log_ratio {
    double value, error;
};
/* second / first: error sqrt(1/a + 1/b). False, *ret untouched: one of them has no events. */
bool rate_ratio_log(const struct rate *first, const struct rate *second, struct log_ratio *ret);
/* From a published ratio and its 95 % interval. */
struct log_ratio log_ratio_from(double ratio, struct interval i);
/* ratio / other, with its interval at 95 %. */
double log_ratio_against(const struct log_ratio *ratio, const struct log_ratio *other,
                         struct interval *ret);

/* How much more the second has than the first would let expect: the log-likelihood ratio G2, below
 * 0 when it has less. A chi square with one degree of freedom: 10.83 is one in 1,000. T. Dunning,
 * Accurate Methods for the Statistics of Surprise and Coincidence, Computational Linguistics 19,
 * 1993. 0 when there are no events. */
double rate_ratio_surprise(const struct rate *first, const struct rate *second);

#endif
