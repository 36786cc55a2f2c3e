/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cusum_run_length.h - how many observations until cumulative sums signal, on average: what a
 * choice of h costs in false alarms (shift 0) and in delay.
 *
 * The integral equation of E. S. Page, 1954, solved at Gauss-Legendre points (C. S. Van Dobben de
 * Bruyn, Cumulative Sum Tests, 1968; A. L. Goel, S. M. Wu, Technometrics 13, 1971); the two
 * directions together 1 / (1 / up + 1 / down).
 */
#ifndef TROTH_MODEL_CUSUM_RUN_LENGTH_H
#define TROTH_MODEL_CUSUM_RUN_LENGTH_H

/* Of normal observations whose mean has shifted by so many sigmas. k at least 0, h in (0, 10]. */
double cusum_run_length(double k, double h, double shift);

#endif
