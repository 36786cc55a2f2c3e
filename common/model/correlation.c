/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/correlation.h"

#include <math.h>

static double mean(const double *x, size_t count)
{
    double sum = 0.0;

    for (size_t i = 0; i < count; i++) {
        sum += x[i];
    }
    return sum / (double)count;
}

bool correlation_pearson(const double *x, const double *y, size_t count, double *ret)
{
    double xx = 0.0, yy = 0.0, xy = 0.0, mean_x, mean_y;

    if (count < 2) {
        return false;
    }
    mean_x = mean(x, count);
    mean_y = mean(y, count);
    for (size_t i = 0; i < count; i++) {
        xx += (x[i] - mean_x) * (x[i] - mean_x);
        yy += (y[i] - mean_y) * (y[i] - mean_y);
        xy += (x[i] - mean_x) * (y[i] - mean_y);
    }
    if (!(xx > 0.0 && yy > 0.0)) {
        return false;
    }
    *ret = fmax(-1.0, fmin(1.0, xy / sqrt(xx) / sqrt(yy)));
    return true;
}
