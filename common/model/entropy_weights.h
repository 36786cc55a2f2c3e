/* SPDX-License-Identifier: Apache-2.0 */
/*
 * entropy_weights.h - weights from the data: what differs most between the things compared says
 * most.
 *
 * C. E. Shannon's entropy of each column's shares, e = -sum p ln p / ln m over m rows; weight (1 -
 * e) / sum of (1 - e): C.-L. Hwang, K. Yoon, Multiple Attribute Decision Making, 1981, 4.1.3.
 */
#ifndef TROTH_MODEL_ENTROPY_WEIGHTS_H
#define TROTH_MODEL_ENTROPY_WEIGHTS_H

#include <stddef.h>

#include "common/base/compiler.h"
#include "common/base/err.h"

/* values[row * columns + column], at least 0, at least two rows; ret_weights[columns] add up to 1.
 * Err, and ret_weights untouched: values_bad (negative, not finite, a column of zeros, too few
 * rows), values_alike (no column differs, so none says anything). */
MUST_CHECK int entropy_weights(const double *values, size_t rows, size_t columns,
                               double *ret_weights, struct err *err);

#endif
