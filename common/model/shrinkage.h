/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shrinkage.h - the mean of a few, drawn towards the mean of all.
 *
 * (n x + k m) / (n + k): the posterior mean of a normal mean whose prior, around m, is worth k
 * observations (B. Efron, C. Morris, Stein's Paradox in Statistics, Scientific American 236(5),
 * 1977). So one angry answer does not make a branch the worst of all.
 */
#ifndef TROTH_MODEL_SHRINKAGE_H
#define TROTH_MODEL_SHRINKAGE_H

/* sum and count of what was observed (count may be a sum of weights); strength: observations that
 * the mean of all is worth. count and strength at least 0; both 0: mean_of_all. */
double shrunk_mean(double sum, double count, double mean_of_all, double strength);

#endif
