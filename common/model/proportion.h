/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proportion.h - a share (satisfied answers, promises kept) and how sure it is.
 *
 * E. B. Wilson, Probable Inference, the Law of Succession, and Statistical Inference, JASA 22,
 * 1927; method 3 of R. G. Newcombe, Two-sided Confidence Intervals for the Single Proportion,
 * Statistics in Medicine 17, 1998. Unlike the usual p +- z sqrt(pq/n) it holds for few observations
 * and never leaves [0, 1].
 */
#ifndef TROTH_MODEL_PROPORTION_H
#define TROTH_MODEL_PROPORTION_H

#include <stdbool.h>

#include "common/model/interval.h"

/* hits of count, 0 <= hits <= count (sums of weights are fine); z: INTERVAL_Z_95 or another
 * quantile. False, and *ret untouched: nothing was counted. */
bool proportion_wilson(double hits, double count, double z, struct interval *ret);
/* At 95 %, and 0 to 1 when nothing was counted. */
struct interval proportion_wilson_95(double hits, double count);

#endif
