/* SPDX-License-Identifier: Apache-2.0 */
/*
 * group_difference.h - how far two groups are apart, at 95 %.
 *
 * Means: B. L. Welch, The Generalization of Student's Problem when Several Different Population
 * Variances are Involved, Biometrika 34, 1947. Shares: method 10 of R. G. Newcombe, Interval
 * Estimation for the Difference between Independent Proportions, Statistics in Medicine 17, 1998,
 * made of two Wilson intervals (proportion.h).
 */
#ifndef TROTH_MODEL_GROUP_DIFFERENCE_H
#define TROTH_MODEL_GROUP_DIFFERENCE_H

#include <stdbool.h>

#include "common/model/interval.h"

/* A group by its sums: of n values, of their squares. */
struct group_sums {
    double count, sum, squares;
};
double group_mean(const struct group_sums *g);     /* NAN without values */
double group_variance(const struct group_sums *g); /* n - 1; NAN for fewer than two */

/* second - first. False, *ret untouched: one of them has fewer than two values, or both have no
 * variance at all. */
bool group_difference_means(const struct group_sums *first, const struct group_sums *second,
                            struct interval *ret);
/* The same of one mean against 0. False: fewer than two values. */
bool group_mean_interval(const struct group_sums *g, struct interval *ret);

struct group_hits {
    double hits, count;
};
/* second - first, between -1 and 1. False: one of them is empty. */
bool group_difference_shares(const struct group_hits *first, const struct group_hits *second,
                             struct interval *ret);

#endif
