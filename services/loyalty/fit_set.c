/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/fit_set.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#define AT(field) offsetof(struct fit_set, field)
#define ANY       -1e12, 1e12
#define ABOVE_0   1e-12, 1e12

/* The middles of the scales stand for averages that nobody has made. */
const struct fit_set fit_set_none = {
    .average_csat = 3,
    .average_nps_share = 0,
    .average_ces = 4,
    .average_gap = 0,
    .average_experience = 0,
};

static const struct fit_parameter of_purchases[] = {
    {"r",     AT(purchases.r),     ABOVE_0},
    {"alpha", AT(purchases.alpha), ABOVE_0},
    {"a",     AT(purchases.a),     ABOVE_0},
    {"b",     AT(purchases.b),     ABOVE_0},
    {NULL,    0,                   ANY    },
};

/* Below q = 1 there is no mean. */
static const struct fit_parameter of_spend[] = {
    {"p", AT(spend.p), ABOVE_0   },
    {"q", AT(spend.q), 1 + 1e-9,   1e9},
    {"gamma",   AT(spend.gamma),        ABOVE_0},
    {NULL,   0,           ANY                 },
};

/* The names of churn_feature_name(). */
static const struct fit_parameter of_churn[] = {
    {"intercept",             AT(churn_coefficients[0]), ANY},
    {"complaints",            AT(churn_coefficients[1]), ANY},
    {"broken",                AT(churn_coefficients[2]), ANY},
    {"silence",               AT(churn_coefficients[3]), ANY},
    {"gone",                  AT(churn_coefficients[4]), ANY},
    {"falling",               AT(churn_coefficients[5]), ANY},
    {"dissatisfaction",       AT(churn_coefficients[6]), ANY},
    {"distrust",              AT(churn_coefficients[7]), ANY},
    {"value",                 AT(churn_coefficients[8]), ANY},
    {"calibration_intercept", AT(churn_calibration[0]),  ANY},
    {"calibration_slope",     AT(churn_calibration[1]),  0,   1e6},
    {NULL,                       0,                                             ANY                        },
};

static const struct fit_parameter of_averages[] = {
    {"csat",           AT(average_csat), 1,               5},
    {"nps_share",                AT(average_nps_share),                      -1, 1},
    {"ces",               AT(average_ces),                               1,                                          7},
    {"gap",               AT(average_gap),-6,6},
    {"experience",AT(average_experience),  -1,                                           1},
    {NULL,     0,             ANY                        },
};

static const struct fit_parameter of_rfm[] = {
    {"recency_1",   AT(rfm_cuts[0][0]), ANY},
    {"recency_2",   AT(rfm_cuts[0][1]), ANY},
    {"recency_3",   AT(rfm_cuts[0][2]), ANY},
    {"recency_4",   AT(rfm_cuts[0][3]), ANY},
    {"frequency_1", AT(rfm_cuts[1][0]), ANY},
    {"frequency_2", AT(rfm_cuts[1][1]), ANY},
    {"frequency_3", AT(rfm_cuts[1][2]), ANY},
    {"frequency_4", AT(rfm_cuts[1][3]), ANY},
    {"money_1",     AT(rfm_cuts[2][0]), ANY},
    {"money_2",     AT(rfm_cuts[2][1]), ANY},
    {"money_3",     AT(rfm_cuts[2][2]), ANY},
    {"money_4",     AT(rfm_cuts[2][3]), ANY},
    {NULL,          0,                  ANY},
};

static const struct {
    const char *name;
    const struct fit_parameter *parameters;
    size_t has;      /* of the bool that says it is there */
    size_t currency; /* of the char[4]; 0: it has none */
} models[FIT_MODEL_END] = {
    [FIT_PURCHASES] = {"purchases", of_purchases, AT(has_purchases), 0               },
    [FIT_SPEND] = {"spend",     of_spend,     AT(has_spend),     AT(currency)    },
    [FIT_CHURN] = {"churn",     of_churn,     AT(has_churn),     0               },
    [FIT_AVERAGES] = {"averages",  of_averages,  AT(has_averages),  0               },
    [FIT_RFM] = {"rfm",       of_rfm,       AT(has_rfm),       AT(rfm_currency)},
};

const char *fit_model_name(enum fit_model model)
{
    return models[model].name;
}

enum fit_model fit_model_of(const char *name)
{
    for (size_t i = 1; i < FIT_MODEL_END; i++) {
        if (strcmp(models[i].name, name) == 0) {
            return (enum fit_model)i;
        }
    }
    return (enum fit_model)0;
}

const struct fit_parameter *fit_model_parameters(enum fit_model model)
{
    return models[model].parameters;
}

/* ---- reading */

static int invalid(enum fit_model model, const char *name, struct err *err)
{
    return err_set(err, "fit_invalid", "the stored fit of %s has no usable %s", models[model].name,
                   name);
}

static int take_numbers(struct fit_set *set, enum fit_model model, const json_t *json,
                        struct err *err)
{
    for (const struct fit_parameter *p = models[model].parameters; p->name; p++) {
        const json_t *number = json_object_get(json, p->name);
        double value = json_number_value(number);
        if (!json_is_number(number) || !isfinite(value) || value < p->min || value > p->max) {
            return invalid(model, p->name, err);
        }
        memcpy((char *)set + p->at, &value, sizeof(value));
    }
    return 0;
}

/* What is no number. */
static int take_words(struct fit_set *set, enum fit_model model, const json_t *json,
                      struct err *err)
{
    if (models[model].currency != 0) {
        const char *currency = json_string_value(json_object_get(json, "currency"));
        if (!currency || strlen(currency) != sizeof(set->currency) - 1) {
            return invalid(model, "currency", err);
        }
        memcpy((char *)set + models[model].currency, currency, sizeof(set->currency));
    }
    if (model == FIT_CHURN) {
        const json_t *by_alive = json_object_get(json, "is_by_alive");
        if (!json_is_boolean(by_alive)) {
            return invalid(model, "is_by_alive", err);
        }
        set->is_churn_by_alive = json_is_true(by_alive);
    }
    return 0;
}

int fit_set_take(struct fit_set *set, int64_t id, enum fit_model model, const char *parameters,
                 struct err *err)
{
    const bool is_there = true;
    struct fit_set next = *set;
    json_t *json = json_loads(parameters, JSON_REJECT_DUPLICATES, NULL);
    int rc = json_is_object(json) ? take_numbers(&next, model, json, err)
                                  : invalid(model, "parameters", err);
    if (rc == 0) {
        rc = take_words(&next, model, json, err);
    }
    json_decref(json);
    if (rc == 0) {
        memcpy((char *)&next + models[model].has, &is_there, sizeof(is_there));
        next.id = id > next.id ? id : next.id;
        if (model == FIT_CHURN) {
            next.churn_id = id;
        }
        *set = next;
    }
    return rc;
}

/* ---- writing */

void fit_set_write(const struct fit_set *set, enum fit_model model, struct text *out)
{
    json_t *json = json_object();
    for (const struct fit_parameter *p = models[model].parameters; p->name; p++) {
        double value;
        memcpy(&value, (const char *)set + p->at, sizeof(value));
        json_object_set_new(json, p->name, json_real(value));
    }
    if (models[model].currency != 0) {
        const char *currency = (const char *)set + models[model].currency;
        json_object_set_new(json, "currency", json_string(currency));
    }
    if (model == FIT_CHURN) {
        json_object_set_new(json, "is_by_alive", json_boolean(set->is_churn_by_alive));
    }
    char *text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(17));
    text_append(out, text);
    free(text);
    json_decref(json);
}
