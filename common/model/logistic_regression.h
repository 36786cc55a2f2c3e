/* SPDX-License-Identifier: Apache-2.0 */
/*
 * logistic_regression.h - the chance of one of two outcomes from what is known beforehand:
 * logit(p) = b0 + b1 x1 + ... + bk xk.
 *
 * Maximum likelihood by iteratively reweighted least squares, which is Newton's method (P.
 * McCullagh, J. A. Nelder, Generalized Linear Models, 1989, sections 2.5 and 4.4), with steps
 * halved when one would make it worse. A ridge penalty (S. le Cessie, J. C. van Houwelingen, Ridge
 * Estimators in Logistic Regression, Applied Statistics 41(1), 1992, 191-201) keeps the
 * coefficients finite where the outcomes are separated.
 */
#ifndef TROTH_MODEL_LOGISTIC_REGRESSION_H
#define TROTH_MODEL_LOGISTIC_REGRESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/err.h"

#define LOGISTIC_FEATURES_MAX 32

struct logistic_data {
    size_t rows, features; /* features: 1 to LOGISTIC_FEATURES_MAX */
    /* Fills the features of a row; returns its outcome: 0, 1, or how much of it in between. Is
     * asked for all rows several times and must answer the same. */
    double (*row)(const void *ctx, size_t row, double *ret_features);
    const void *ctx;
};

struct logistic_options {
    double ridge; /* at least 0: taken off the log-likelihood as ridge / 2 times the square of each
                     coefficient but the first, per standard deviation of its feature */
    int iterations_max; /* 0: 50 */
};

struct logistic_fit {
    size_t features;
    double coefficients[LOGISTIC_FEATURES_MAX + 1]; /* [0]: intercept */
    double errors[LOGISTIC_FEATURES_MAX + 1];       /* standard errors; with a ridge too small */
    double deviance, null_deviance;                 /* the second: of the intercept alone */
    int iterations;
    bool is_converged;
    bool is_separated; /* some combination of features tells the outcomes apart without fail: the
                          best coefficients are infinite; not converged */
};

/*
 * Returns 0 also when it did not converge: the fit says so. -1 with err when there is nothing to
 * fit: "too_few_rows" (not more rows than coefficients), "one_outcome" (all rows end alike),
 * "collinear" (a feature is made of others; not with a ridge), "not_finite" (a feature or an
 * outcome outside [0, 1]). A feature that is the same in all rows has the coefficient 0.
 */
MUST_CHECK int logistic_regression(const struct logistic_data *data,
                                   const struct logistic_options *options,
                                   struct logistic_fit *ret_fit, struct err *err);

/* Of the outcome 1; its chance is logistic_of_logit() of it (special_function.h). */
double logistic_logit(const struct logistic_fit *fit, const double *features);

#endif
