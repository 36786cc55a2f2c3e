/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cronbach_alpha.h - whether the items of a dimension measure one thing.
 *
 * L. J. Cronbach, Coefficient Alpha and the Internal Structure of Tests, Psychometrika 16(3), 1951:
 * k / (k - 1) (1 - sum of the items' variances / variance of the people's totals), variances with
 * n - 1. From about 0.7 a dimension may be reported as one number; below 0 its items disagree.
 */
#ifndef TROTH_MODEL_CRONBACH_ALPHA_H
#define TROTH_MODEL_CRONBACH_ALPHA_H

#include <stdbool.h>
#include <stddef.h>

/* scores[person * items + item], of people who answered every item. False, and *ret untouched:
 * fewer than two items or people, or all totals are the same. */
bool cronbach_alpha(const double *scores, size_t people, size_t items, double *ret);

#endif
