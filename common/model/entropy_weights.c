/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/entropy_weights.h"

#include <math.h>

/* 1 - e of a column; negative: it cannot have one. */
static double diversity(const double *values, size_t rows, size_t columns)
{
    double total = 0.0, entropy = 0.0;

    for (size_t i = 0; i < rows; i++) {
        double x = values[i * columns];

        if (!isfinite(x) || x < 0.0) {
            return -1.0;
        }
        total += x;
    }
    if (!(total > 0.0) || !isfinite(total)) {
        return -1.0;
    }
    for (size_t i = 0; i < rows; i++) {
        double share = values[i * columns] / total;

        if (share > 0.0) {
            entropy -= share * log(share);
        }
    }
    /* Equal shares: rounding may go past 1. */
    return fmax(0.0, 1.0 - entropy / log((double)rows));
}

int entropy_weights(const double *values, size_t rows, size_t columns, double *ret_weights,
                    struct err *err)
{
    double total = 0.0;

    if (rows < 2) {
        return err_set(err, "values_bad", "weights by entropy need at least two rows");
    }
    for (size_t j = 0; j < columns; j++) {
        double d = diversity(values + j, rows, columns);

        if (d < 0.0) {
            return err_set(err, "values_bad", "column %zu must be finite, at least 0 and not all 0",
                           j + 1);
        }
        total += d;
    }
    /* Columns of equal values are off by rounding alone. */
    if (total < 1e-12) {
        return err_set(err, "values_alike", "no column differs from row to row");
    }
    for (size_t j = 0; j < columns; j++) {
        ret_weights[j] = diversity(values + j, rows, columns) / total;
    }
    return 0;
}
