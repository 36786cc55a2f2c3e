/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/fuzzy_evaluation.h"

#include <math.h>

#include "common/base/log.h"

bool fuzzy_membership(const double *counts, size_t grades, double *ret_row)
{
    double total = 0.0;

    for (size_t j = 0; j < grades; j++) {
        total += counts[j];
    }
    if (!(total > 0.0)) {
        return false;
    }
    for (size_t j = 0; j < grades; j++) {
        ret_row[j] = counts[j] / total;
    }
    return true;
}

static double compose(enum fuzzy_operator op, double so_far, double weight, double membership)
{
    switch (op) {
    case FUZZY_PRODUCT_SUM:
        return so_far + weight * membership;
    case FUZZY_MIN_MAX:
        return fmax(so_far, fmin(weight, membership));
    case FUZZY_PRODUCT_MAX:
        return fmax(so_far, weight * membership);
    case FUZZY_BOUNDED_SUM:
        return fmin(1.0, so_far + fmin(weight, membership));
    default:
        BUG("no such operator");
    }
}

void fuzzy_evaluate(enum fuzzy_operator op, const struct fuzzy_factors *factors, size_t grades,
                    double *ret_result)
{
    for (size_t j = 0; j < grades; j++) {
        ret_result[j] = 0.0;
        for (size_t i = 0; i < factors->count; i++) {
            ret_result[j] = compose(op, ret_result[j], factors->weights[i],
                                    factors->memberships[i * grades + j]);
        }
    }
}

void fuzzy_evaluate_dimensions(enum fuzzy_operator op, const struct fuzzy_factors *dimensions,
                               const double *weights, size_t count, size_t grades,
                               double *ret_result)
{
    double rows[FUZZY_DIMENSIONS_MAX * FUZZY_GRADES_MAX];
    const struct fuzzy_factors whole = {count, weights, rows};

    if (count > FUZZY_DIMENSIONS_MAX || grades > FUZZY_GRADES_MAX) {
        BUG("too many dimensions or grades");
    }
    for (size_t i = 0; i < count; i++) {
        fuzzy_evaluate(op, &dimensions[i], grades, rows + i * grades);
        if (op != FUZZY_PRODUCT_SUM) {
            (void)fuzzy_normalise(rows + i * grades, grades); /* nothing stays nothing */
        }
    }
    fuzzy_evaluate(op, &whole, grades, ret_result);
}

bool fuzzy_normalise(double *result, size_t grades)
{
    double total = 0.0;

    for (size_t j = 0; j < grades; j++) {
        total += result[j];
    }
    if (!(total > 0.0)) {
        return false;
    }
    for (size_t j = 0; j < grades; j++) {
        result[j] /= total;
    }
    return true;
}

double fuzzy_score(const double *result, const double *values, size_t grades)
{
    double score = 0.0;

    for (size_t j = 0; j < grades; j++) {
        score += result[j] * values[j];
    }
    return score;
}

size_t fuzzy_grade(const double *result, size_t grades)
{
    size_t best = 0;

    for (size_t j = 1; j < grades; j++) {
        if (result[j] > result[best]) {
            best = j;
        }
    }
    return best;
}
