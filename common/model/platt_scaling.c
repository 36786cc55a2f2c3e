/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/platt_scaling.h"

#include "common/model/logistic_regression.h"

struct targets {
    const struct platt_example *examples;
    double happened, not_happened;
};

static double row(const void *ctx, size_t i, double *ret_features)
{
    const struct targets *t = ctx;
    ret_features[0] = t->examples[i].score;
    return t->examples[i].has_happened ? t->happened : t->not_happened;
}

int platt_scale(const struct platt_example *examples, size_t count,
                struct platt_scaling *ret_scaling, struct err *err)
{
    double happened = 0;
    for (size_t i = 0; i < count; i++) {
        happened += examples[i].has_happened;
    }
    double not_happened = (double)count - happened;
    if (happened <= 0 || not_happened <= 0) {
        return err_set(err, "one_outcome", "all %zu examples end alike", count);
    }
    const struct targets targets = {
        .examples = examples,
        .happened = (happened + 1) / (happened + 2),
        .not_happened = 1 / (not_happened + 2),
    };
    const struct logistic_data data = {.rows = count, .features = 1, .row = row, .ctx = &targets};
    struct logistic_fit fit;
    if (logistic_regression(&data, &(struct logistic_options){.ridge = 0}, &fit, err) < 0) {
        return -1;
    }
    if (!fit.is_converged) {
        return err_set(err, "not_converged", "the calibration did not converge");
    }
    *ret_scaling = (struct platt_scaling){fit.coefficients[0], fit.coefficients[1]};
    return 0;
}
