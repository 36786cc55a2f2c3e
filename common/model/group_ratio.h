/* SPDX-License-Identifier: Apache-2.0 */
/*
 * group_ratio.h - by what factor two groups are apart, at 95 %; and whether one change is more than
 * another.
 *
 * Everything is made of intervals of the parts by MOVER, the method of variance estimates recovery
 * (G. Y. Zou, A. Donner, Construction of confidence limits about effect measures: a general
 * approach, Statistics in Medicine 27, 2008): of differences as they are, of ratios on their
 * logarithms. A median has the interval between two of its order statistics (W. J. Conover,
 * Practical Nonparametric Statistics, 3rd edition, section 3.2), of two medians the ratio as R. M.
 * Price and D. G. Bonett have it (Distribution-free confidence intervals for difference and ratio
 * of medians, Journal of Statistical Computation and Simulation 72, 2002). A share has Wilson's
 * (proportion.h), two of them the ratio of A. Donner and G. Y. Zou (Closed-form confidence
 * intervals for functions of the normal mean and standard deviation, Statistical Methods in Medical
 * Research 21, 2012), which has an end even where nobody was hit.
 */
#ifndef TROTH_MODEL_GROUP_RATIO_H
#define TROTH_MODEL_GROUP_RATIO_H

#include <stdbool.h>

#include "common/model/group_difference.h"
#include "common/model/interval.h"
#include "common/model/log_histogram.h"

/* An estimate, and its interval at 95 %. */
struct estimate {
    double value;
    struct interval interval;
};

/* second - first, and second / first. False, *ret untouched, of the ratio: one of the values is not
 * above 0, or not finite. Ends of a ratio may be 0 and INFINITY. */
void estimate_difference(const struct estimate *first, const struct estimate *second,
                         struct interval *ret);
bool estimate_ratio(const struct estimate *first, const struct estimate *second,
                    struct interval *ret);

/* second / first of two shares. False, *ret untouched: one of them is empty, or neither was hit. */
bool group_ratio_shares(const struct group_hits *first, const struct group_hits *second,
                        struct interval *ret);

/* False, *ret untouched: fewer than six values, of which no two enclose the median at 95 %. */
bool median_estimate(const struct log_histogram *h, struct estimate *ret);

#endif
