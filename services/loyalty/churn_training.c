/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/churn_training.h"

#include <stdlib.h>

#include "common/base/xalloc.h"
#include "common/model/classifier_measure.h"
#include "common/model/logistic_regression.h"
#include "common/model/platt_scaling.h"
#include "common/model/special_function.h"

#define RIDGE 1.0

enum {
    PART_TOLD = 0,
    PART_CALIBRATED = 1, /* the others are learned from */
    BINS = 10,
};

struct churn_training {
    struct churn_observation *list;
    size_t count, capacity;
    size_t bucket_from; /* where its observations begin */
    uint64_t bucket_seen;
    uint64_t chance; /* state of the random choice */
};

struct churn_training *churn_training_new(void)
{
    return xcalloc(1, sizeof(struct churn_training));
}

void churn_training_free(struct churn_training *t)
{
    if (t) {
        free(t->list);
        free(t);
    }
}

/* ---- what is kept */

void churn_training_bucket(struct churn_training *t)
{
    t->bucket_from = t->count;
    t->bucket_seen = 0;
}

/* xorshift64* (S. Vigna, ACM Transactions on Mathematical Software 42(4), 2016). */
static uint64_t next_chance(struct churn_training *t)
{
    uint64_t x = t->chance > 0 ? t->chance : UINT64_C(0x2545f4914f6cdd1d);
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    t->chance = x;
    return x * UINT64_C(0x2545f4914f6cdd1d);
}

/* Each of the bucket's is kept with the same chance (J. S. Vitter, algorithm R, 1985). */
void churn_training_add(struct churn_training *t, const struct churn_observation *o)
{
    t->bucket_seen++;
    if (t->count - t->bucket_from == CHURN_BUCKET_MAX) {
        uint64_t place = next_chance(t) % t->bucket_seen;
        if (place < CHURN_BUCKET_MAX) {
            t->list[t->bucket_from + place] = *o;
        }
        return;
    }
    if (t->count == t->capacity) {
        t->capacity = t->capacity > 0 ? t->capacity + t->capacity / 2 : 1024;
        t->list = xreallocarray(t->list, t->capacity, sizeof(*t->list));
    }
    t->list[t->count++] = *o;
}

/* ---- parts */

static int part_of(const struct churn_observation *o)
{
    return o->part <= PART_CALIBRATED ? o->part : PART_CALIBRATED + 1;
}

static int by_part(const void *a, const void *b)
{
    return part_of(a) - part_of(b);
}

/* Observations of one part; borrowed. */
struct part {
    const struct churn_observation *list;
    size_t count, left;
};

static struct part take_part(const struct churn_training *t, int part)
{
    struct part p = {.list = t->list};
    for (size_t i = 0; i < t->count; i++) {
        if (part_of(&t->list[i]) == part) {
            p.list = p.count == 0 ? &t->list[i] : p.list;
            p.left += t->list[i].has_left;
            p.count++;
        }
    }
    return p;
}

static void widen(const struct churn_observation *o, double *ret)
{
    for (size_t i = 0; i < CHURN_FEATURE_COUNT; i++) {
        ret[i] = o->features[i];
    }
}

/* ---- the model */

static double learned_row(const void *ctx, size_t row, double *ret_features)
{
    const struct part *p = ctx;
    widen(&p->list[row], ret_features);
    return p->list[row].has_left ? 1 : 0;
}

static void learn(const struct part *learned, struct fit_row *row)
{
    const struct logistic_data data = {
        .rows = learned->count,
        .features = CHURN_FEATURE_COUNT,
        .row = learned_row,
        .ctx = learned,
    };
    struct logistic_fit fit;
    struct err err = ERR_NONE;
    if (logistic_regression(&data, &(struct logistic_options){.ridge = RIDGE}, &fit, &err) < 0) {
        fit_row_refuse(row, "%s", err.text);
        return;
    }
    for (size_t i = 0; i <= CHURN_FEATURE_COUNT; i++) {
        row->set.churn_coefficients[i] = fit.coefficients[i];
        row->standard_errors[i] = fit.errors[i];
    }
    row->is_converged = row->has_standard_errors = fit.is_converged;
    row->has_likelihood = true;
    row->log_likelihood = -fit.deviance / 2;
    row->iterations = fit.iterations;
    if (!fit.is_converged) {
        fit_row_refuse(row, "the fit did not converge in %d iterations", fit.iterations);
    }
}

static double logit_of(const struct fit_set *set, const struct churn_observation *o)
{
    double logit = set->churn_coefficients[0];
    for (size_t i = 0; i < CHURN_FEATURE_COUNT; i++) {
        logit += set->churn_coefficients[i + 1] * (double)o->features[i];
    }
    return logit;
}

static void calibrate(const struct part *part, struct fit_row *row)
{
    struct fit_set *set = &row->set;
    struct platt_scaling scaling = {0, 1};
    struct err err = ERR_NONE;
    if (part->left >= CHURN_CALIBRATION_MIN && part->count - part->left >= CHURN_CALIBRATION_MIN) {
        struct platt_example *examples = xreallocarray(NULL, part->count, sizeof(*examples));
        for (size_t i = 0; i < part->count; i++) {
            examples[i] =
                (struct platt_example){logit_of(set, &part->list[i]), part->list[i].has_left};
        }
        if (platt_scale(examples, part->count, &scaling, &err) < 0) {
            fit_row_refuse(row, "%s", err.text);
        }
        free(examples);
        fit_row_error(row, "calibrated", (double)part->count);
    }
    if (scaling.slope <= 0) {
        fit_row_refuse(row, "customers who were kept aside left the less the likelier it told it");
        scaling = (struct platt_scaling){0, 1};
    }
    set->churn_calibration[0] = scaling.intercept;
    set->churn_calibration[1] = scaling.slope;
}

/* ---- how it does */

static double told_by_model(const struct fit_set *set, const struct churn_observation *o)
{
    return logistic_of_logit(set->churn_calibration[0] +
                             set->churn_calibration[1] * logit_of(set, o));
}

static double told_by_rule(const struct churn_observation *o)
{
    double features[CHURN_FEATURE_COUNT];
    widen(o, features);
    return churn_by_rule(features);
}

static void measure_rule(const struct part *part, struct told_outcome *told, struct fit_row *row)
{
    for (size_t i = 0; i < part->count; i++) {
        told[i] = (struct told_outcome){told_by_rule(&part->list[i]), part->list[i].has_left};
    }
    fit_row_error(row, "rule_auc", classifier_auc(told, part->count));
    fit_row_error(row, "rule_brier", classifier_brier(told, part->count));
}

/* share: of those who left among the learned. Returns the Brier score less that of telling all the
 * share. */
static double measure_model(const struct part *part, double share, struct told_outcome *told,
                            struct fit_row *row)
{
    struct calibration_bin bins[BINS];
    double sum = 0, n = (double)part->count, left = (double)part->left;
    for (size_t i = 0; i < part->count; i++) {
        told[i] =
            (struct told_outcome){told_by_model(&row->set, &part->list[i]), part->list[i].has_left};
        sum += told[i].probability;
    }
    classifier_calibration(told, part->count, bins, BINS);
    double brier = classifier_brier(told, part->count);
    double brier_of_share = (left * (1 - share) * (1 - share) + (n - left) * share * share) / n;
    fit_row_error(row, "told_share", sum / n);
    fit_row_error(row, "left_share", left / n);
    fit_row_error(row, "auc", classifier_auc(told, part->count));
    fit_row_error(row, "brier", brier);
    fit_row_error(row, "log_loss", classifier_log_loss(told, part->count));
    fit_row_error(row, "calibration_error", classifier_calibration_error(bins, BINS));
    fit_row_error(row, "brier_of_share", brier_of_share);
    return brier - brier_of_share;
}

static void tell(const struct part *part, double share, struct fit_row *row)
{
    if (part->count == 0) {
        fit_row_refuse(row, "no customer was left to try it on");
        return;
    }
    struct told_outcome *told = xreallocarray(NULL, part->count, sizeof(*told));
    if (measure_model(part, share, told, row) >= 0) {
        fit_row_refuse(row, "on customers who were kept aside it is no better than to tell "
                            "everyone the same");
    }
    measure_rule(part, told, row);
    free(told);
}

static bool are_enough(const struct churn_training *t, struct fit_row *row)
{
    size_t left = 0;
    for (size_t i = 0; i < t->count; i++) {
        left += t->list[i].has_left;
    }
    if (t->count < CHURN_OBSERVATIONS_MIN || left < CHURN_LEAVERS_MIN ||
        t->count - left < CHURN_LEAVERS_MIN) {
        fit_row_refuse(row,
                       "%zu observations of customers, %zu of whom left; %d are needed, and %d of "
                       "each kind",
                       t->count, left, CHURN_OBSERVATIONS_MIN, CHURN_LEAVERS_MIN);
        return false;
    }
    return true;
}

struct fit_row churn_training_finish(struct churn_training *t, const struct fit_set *fits,
                                     int64_t from_us, int64_t till_us)
{
    struct fit_row row = fit_row_of(FIT_CHURN, from_us, till_us);
    row.observations = (int64_t)t->count;
    row.set.is_churn_by_alive = fits->has_purchases;
    if (!are_enough(t, &row)) {
        return row;
    }
    qsort(t->list, t->count, sizeof(*t->list), by_part);
    const struct part learned = take_part(t, PART_CALIBRATED + 1);
    const struct part calibrated = take_part(t, PART_CALIBRATED);
    const struct part told = take_part(t, PART_TOLD);
    fit_row_error(&row, "learned", (double)learned.count);
    fit_row_error(&row, "told", (double)told.count);
    learn(&learned, &row);
    if (row.is_converged) {
        calibrate(&calibrated, &row);
        tell(&told, (double)learned.left / (double)learned.count, &row);
    }
    return row;
}
