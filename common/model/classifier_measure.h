/* SPDX-License-Identifier: Apache-2.0 */
/*
 * classifier_measure.h - how well probabilities tell two outcomes: order, error and honesty.
 *
 * AUC by the sum of ranks, with the mean rank for ties (J. A. Hanley, B. J. McNeil, The Meaning and
 * Use of the Area under a ROC Curve, Radiology 143, 1982, 29-36); Brier score (G. W. Brier,
 * Verification of Forecasts Expressed in Terms of Probability, Monthly Weather Review 78, 1950,
 * 1-3, with one of the two terms, so 0 to 1).
 */
#ifndef TROTH_MODEL_CLASSIFIER_MEASURE_H
#define TROTH_MODEL_CLASSIFIER_MEASURE_H

#include <stdbool.h>
#include <stddef.h>

struct told_outcome {
    double probability; /* that was told, in [0, 1] */
    bool has_happened;
};

/* Sorts by probability. The chance that one of whom it happened was told a higher probability than
 * one of whom it did not; 0.5 when there are not both. */
double classifier_auc(struct told_outcome *told, size_t count);

/* Mean square of probability less outcome; 0 for none. */
double classifier_brier(const struct told_outcome *told, size_t count);

/* Mean of -ln of the probability that was told for what happened; 0 for none. Probabilities are
 * kept 1e-15 away from 0 and 1. */
double classifier_log_loss(const struct told_outcome *told, size_t count);

struct calibration_bin {
    size_t count;
    double told, happened; /* means; 0 of none */
};

/* Bins of equal width: the first from 0, the last to 1. */
void classifier_calibration(const struct told_outcome *told, size_t count,
                            struct calibration_bin *ret_bins, size_t bins);

/* Expected calibration error: the mean of |told - happened| over the bins, by their counts (M. P.
 * Naeini, G. F. Cooper, M. Hauskrecht, AAAI 2015). */
double classifier_calibration_error(const struct calibration_bin *bins, size_t count);

#endif
