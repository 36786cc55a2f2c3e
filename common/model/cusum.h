/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cusum.h - a level that has shifted, however little: cumulative sums in both directions.
 *
 * E. S. Page, Continuous Inspection Schemes, Biometrika 41, 1954; tabular form of D. C. Montgomery,
 * Introduction to Statistical Quality Control, 9.1. Observations are standardised: z = (x - mean) /
 * sigma. k is half the shift to be found, usually 0.5; a sum over h, usually 4 or 5, is a signal,
 * and then the shift began with its run. How often that happens by chance: cusum_run_length.h.
 */
#ifndef TROTH_MODEL_CUSUM_H
#define TROTH_MODEL_CUSUM_H

#include <stdbool.h>

/* Begins as {0}. */
struct cusum {
    double above, below;      /* C+ and C-, at least 0 */
    int above_run, below_run; /* observations since the sum was last 0 */
};

struct cusum cusum_step(struct cusum c, double z, double k);
bool cusum_signals(const struct cusum *c, double h); /* either sum is over h */

/* Standardised counts with a Poisson distribution of that mean, above 0. The second is nearer to
 * the normal distribution for small means: G. Rossi, L. Lampugnani, M. Marchi, An Approximate CUSUM
 * Procedure for Surveillance of Health Events, Statistics in Medicine 18, 1999. */
double cusum_count(double count, double mean);       /* (x - m) / sqrt(m) */
double cusum_count_rossi(double count, double mean); /* (x - 3 m + 2 sqrt(x m)) / (2 sqrt(m)) */

#endif
