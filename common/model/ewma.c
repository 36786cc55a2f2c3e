/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/ewma.h"

#include <math.h>

double ewma_step(double average, double x, double lambda)
{
    return lambda * x + (1.0 - lambda) * average;
}

struct interval ewma_limits(double mean, double sigma, double lambda, double width,
                            double observations)
{
    double grown = 1.0 - pow(1.0 - lambda, 2.0 * observations);
    double half = width * sigma * sqrt(lambda / (2.0 - lambda) * grown);

    return (struct interval){mean - half, mean + half};
}
