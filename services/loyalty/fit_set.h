/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fit_set.h - the models in force: what was fitted to this company's own history by the jobs
 * fit-models and train-churn, or that nothing was and what counts instead.
 *
 * Each model is stored alone, with its parameters as a JSON object by name (loyalty.model_fit);
 * fit_set_take() and fit_set_write() are the two sides of that format.
 */
#ifndef TROTH_LOYALTY_FIT_SET_H
#define TROTH_LOYALTY_FIT_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/base/text.h"
#include "common/model/bg_nbd.h"
#include "common/model/gamma_gamma.h"

#define CHURN_FEATURE_COUNT 8 /* churn_model.h */

/* The names under which they are stored: "purchases", "spend", "churn", "averages", "rfm". */
enum fit_model {
    FIT_PURCHASES = 1,
    FIT_SPEND,
    FIT_CHURN,
    FIT_AVERAGES,
    FIT_RFM,
    FIT_MODEL_END
};

struct fit_set {
    int64_t id; /* of the newest fit in it; 0: none */
    bool has_purchases;
    struct bg_nbd purchases; /* time unit: days */
    bool has_spend;
    struct gamma_gamma spend; /* per purchase, in minor units of `currency` */
    char currency[4];
    bool has_churn;
    int64_t churn_id; /* number of that fit */
    double
        churn_coefficients[CHURN_FEATURE_COUNT + 1]; /* [0]: intercept; for features as they are */
    double churn_calibration[2];                     /* logit(p) = [0] + [1] * the model's logit */
    bool is_churn_by_alive; /* the feature `gone` was 1 - P(alive) when it was trained */
    bool has_averages;      /* else the averages below are the middles of their scales */
    double average_csat, average_nps_share, average_ces, average_gap, average_experience;
    bool has_rfm;
    double rfm_cuts[3]
                   [4]; /* recency (days), frequency (purchase days), money: bounds of quintiles */
    char rfm_currency[4]; /* of that money, in minor units: all of a customer */
};

extern const struct fit_set fit_set_none;

/* Puts a fit that is in force into the set: parameters as they are stored. Returns 0, or -1 with
 * err "fit_invalid" and leaves the set when they are not a JSON object with what the model needs,
 * each finite and within its range. */
MUST_CHECK int fit_set_take(struct fit_set *set, int64_t id, enum fit_model model,
                            const char *parameters, struct err *err);

/* Appends the parameters of one model of the set as they are to be stored. */
void fit_set_write(const struct fit_set *set, enum fit_model model, struct text *out);

const char *fit_model_name(enum fit_model model);
enum fit_model fit_model_of(const char *name); /* 0: there is none of that name */

/* ---- for who prints or checks them: the parameters of a model in their order */

struct fit_parameter {
    const char *name; /* NULL: the end */
    size_t at;        /* of the double in struct fit_set */
    double min, max;  /* both may be reached */
};
const struct fit_parameter *fit_model_parameters(enum fit_model model);

#endif
