/* SPDX-License-Identifier: Apache-2.0 */
/* correlation.h - whether two things go together: K. Pearson's product-moment correlation, 1896. */
#ifndef TROTH_MODEL_CORRELATION_H
#define TROTH_MODEL_CORRELATION_H

#include <stdbool.h>
#include <stddef.h>

/* In [-1, 1]. False, and *ret untouched: fewer than two pairs, or one of the two never varies. */
bool correlation_pearson(const double *x, const double *y, size_t count, double *ret);

#endif
