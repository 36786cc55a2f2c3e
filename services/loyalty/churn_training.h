/* SPDX-License-Identifier: Apache-2.0 */
/*
 * churn_training.h - learns the churn model from observations. Pure.
 *
 * Three parts in five are learned from (logistic regression with a ridge of 1), one calibrates
 * (Platt scaling; with fewer than CHURN_CALIBRATION_MIN leavers or stayers there the model's own
 * probabilities stand), one is told and not learned from. Customers, not observations, are divided.
 *
 * It is put in force when there are CHURN_OBSERVATIONS_MIN observations, CHURN_LEAVERS_MIN of each
 * outcome, the fit converged, and on the part that it was only told it is better (by the Brier
 * score) than to tell everyone the share of those who left. Else the rule goes on.
 */
#ifndef TROTH_LOYALTY_CHURN_TRAINING_H
#define TROTH_LOYALTY_CHURN_TRAINING_H

#include "services/loyalty/churn_history.h"
#include "services/loyalty/fit_row.h"

enum {
    CHURN_OBSERVATIONS_MIN = 200,
    CHURN_LEAVERS_MIN = 20,
    CHURN_CALIBRATION_MIN = 30,
    CHURN_BUCKET_MAX = 4096, /* of more a random choice, the same each time: 36 bytes each */
};

struct churn_training;

struct churn_training *churn_training_new(void);
void churn_training_free(struct churn_training *t); /* NULL is fine */

/* Observations of a bucket follow; a bucket comes once. */
void churn_training_bucket(struct churn_training *t);
void churn_training_add(struct churn_training *t, const struct churn_observation *o);

/*
 * fits: with which the features were made; from_us, till_us: the first and the last date.
 * Errors: learned, calibrated, told (how many), told_share and left_share (means on the part that
 * was told), auc, brier, log_loss, calibration_error, brier_of_share (told everyone the same),
 * rule_auc, rule_brier (of the rule on the same).
 */
struct fit_row churn_training_finish(struct churn_training *t, const struct fit_set *fits,
                                     int64_t from_us, int64_t till_us);

#endif
