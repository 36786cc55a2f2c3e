/* SPDX-License-Identifier: Apache-2.0 */
/*
 * platt_scaling.h - makes what a classifier says honest: of those to whom 30 % was told, 30 % shall
 * be it.
 *
 * J. C. Platt, Probabilistic Outputs for Support Vector Machines, in: Advances in Large Margin
 * Classifiers, 2000, 61-74; outcomes are pulled in as there, (n1 + 1) / (n1 + 2) and 1 / (n0 + 2),
 * so that few examples do not make it sure.
 */
#ifndef TROTH_MODEL_PLATT_SCALING_H
#define TROTH_MODEL_PLATT_SCALING_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/err.h"

/* logit(p) = intercept + slope * score */
struct platt_scaling {
    double intercept, slope;
};

struct platt_example {
    double score; /* what the classifier said: a logit, a distance */
    bool has_happened;
};

/* On examples that it was not trained on. 0, or -1 with err as of logistic_regression(), or
 * "not_converged". */
MUST_CHECK int platt_scale(const struct platt_example *examples, size_t count,
                           struct platt_scaling *ret_scaling, struct err *err);

#endif
