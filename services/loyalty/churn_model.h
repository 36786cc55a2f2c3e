/* SPDX-License-Identifier: Apache-2.0 */
/*
 * churn_model.h - how likely a customer leaves: buys and asks for nothing in the next half year.
 *
 * Logistic regression on named features, trained on the company's own history by the job
 * train-churn (common/model/logistic_regression.h), and calibrated. Until there is enough history a
 * documented rule counts, and the score says so.
 */
#ifndef TROTH_LOYALTY_CHURN_MODEL_H
#define TROTH_LOYALTY_CHURN_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "services/loyalty/fit_set.h"
#include "services/loyalty/measure.h"
#include "services/loyalty/score_policy.h"

#define CHURN_HORIZON_DAYS 182

enum churn_feature {
    CHURN_COMPLAINTS = 0, /* complaints, faded */
    CHURN_BROKEN,         /* broken promises, faded */
    CHURN_SILENCE,        /* ln(1 + months since last heard of); 0 when never */
    CHURN_GONE,    /* 1 - P(alive) where the purchase model is fitted; else days since the last
                      purchase by the customer's usual interval (30 days at least), at most 4, less
                      1, by 3, at least 0; 0 without a purchase, or a habit. What it was when the
                      model in force was trained stays: fit_set.h */
    CHURN_FALLING, /* overall shrunk CSAT less the recent one, at least 0 */
    CHURN_DISSATISFACTION, /* 3 less the recent shrunk CSAT */
    CHURN_DISTRUST,        /* 0.5 less the expectation of trust */
    CHURN_VALUE,           /* ln(1 + purchases, faded) */
};

/* Fills all CHURN_FEATURE_COUNT, each finite, from the account as it counts at now. Shrunk: as if
 * two average answers more had been given (score_model.h). */
void churn_features(const struct account *a, const struct score_policy *policy,
                    const struct fit_set *fits, int64_t now_us,
                    double ret[static CHURN_FEATURE_COUNT]);

/* The rule, in [0, 1]; its coefficients stand in churn_model.c with their reasons. */
double churn_by_rule(const double features[static CHURN_FEATURE_COUNT]);

/* Model where one is in force, else rule; in [0, 1]. */
double churn_probability(const struct account *a, const struct score_policy *policy,
                         const struct fit_set *fits, int64_t now_us, bool *ret_is_by_rule);

/* What a feature of 1 adds to the log odds: of the model in force (calibrated), else of the rule.
 */
double churn_coefficient(const struct fit_set *fits, size_t feature);

const char *churn_feature_name(size_t feature); /* "complaints", "broken", ... */

#endif
