/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ewma.h - a level that drifts: the exponentially weighted moving average and its control limits.
 *
 * S. W. Roberts, Control Chart Tests Based on Geometric Moving Averages, Technometrics 1(3), 1959;
 * NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.4.
 */
#ifndef TROTH_MODEL_EWMA_H
#define TROTH_MODEL_EWMA_H

#include "common/model/interval.h"

/* average: before, at first the mean that is expected; lambda: what the newest counts, in (0, 1].
 */
double ewma_step(double average, double x, double lambda);

/* Within which the average lies after so many observations, at least 1, if nothing has changed;
 * INFINITY: the limits that these tend to. width in sigmas of the average, usually 2.7 to 3. */
struct interval ewma_limits(double mean, double sigma, double lambda, double width,
                            double observations);

#endif
