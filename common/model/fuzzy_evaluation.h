/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzzy_evaluation.h - fuzzy comprehensive evaluation: one grade from the opinions of many about
 * several factors.
 *
 * L. A. Zadeh, Fuzzy Sets, Information and Control 8, 1965; P. Wang, Fuzzy Sets and Their
 * Applications, 1983. A factor belongs to each grade by the share of the people who gave it that
 * grade. The result is b = a o R: weights a of the factors, R their memberships by row. Four ways
 * to compose (a: weight, r: membership):
 *   FUZZY_PRODUCT_SUM   sum of a r             every factor counts by its weight: the usual one
 *   FUZZY_MIN_MAX       max of min(a, r)       what dominates; loses much when weights are small
 *   FUZZY_PRODUCT_MAX   max of a r             what dominates, by weight
 *   FUZZY_BOUNDED_SUM   min(1, sum of min(a, r))
 * Two levels: a dimension's result is its row in the evaluation of the dimensions.
 */
#ifndef TROTH_MODEL_FUZZY_EVALUATION_H
#define TROTH_MODEL_FUZZY_EVALUATION_H

#include <stdbool.h>
#include <stddef.h>

enum {
    FUZZY_GRADES_MAX = 16,
    FUZZY_DIMENSIONS_MAX = 16
};

enum fuzzy_operator {
    FUZZY_PRODUCT_SUM = 1,
    FUZZY_MIN_MAX,
    FUZZY_PRODUCT_MAX,
    FUZZY_BOUNDED_SUM,
};

/* The factors of one level: weights[factors] add up to 1; memberships[factor * grades + grade], in
 * [0, 1]. */
struct fuzzy_factors {
    size_t count;
    const double *weights, *memberships;
};

/* counts: answers by grade. False, and ret_row[grades] untouched: there are none. */
bool fuzzy_membership(const double *counts, size_t grades, double *ret_row);

/* ret_result[grades], as it comes: not normalised. */
void fuzzy_evaluate(enum fuzzy_operator op, const struct fuzzy_factors *factors, size_t grades,
                    double *ret_result);
/* Dimensions, each with factors of its own; weights[dimensions]. The dimensions' results are
 * normalised before they are composed in their turn (not for FUZZY_PRODUCT_SUM, which keeps 1). */
void fuzzy_evaluate_dimensions(enum fuzzy_operator op, const struct fuzzy_factors *dimensions,
                               const double *weights, size_t count, size_t grades,
                               double *ret_result);

/* Makes a result add up to 1. False, and untouched: it is all 0. */
bool fuzzy_normalise(double *result, size_t grades);
/* One number: the grades' values, weighted by a normalised result. */
double fuzzy_score(const double *result, const double *values, size_t grades);
/* By maximum membership: the index of the grade; of several the first. */
size_t fuzzy_grade(const double *result, size_t grades);

#endif
