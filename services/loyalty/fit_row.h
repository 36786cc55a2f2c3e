/* SPDX-License-Identifier: Apache-2.0 */
/* fit_row.h - one fit of one model, as it is stored: a row of loyalty.model_fit. */
#ifndef TROTH_LOYALTY_FIT_ROW_H
#define TROTH_LOYALTY_FIT_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/compiler.h"
#include "services/loyalty/fit_set.h"

#define FIT_ERRORS_MAX 16

struct fit_row {
    enum fit_model model;
    struct fit_set set; /* holds its parameters; stored when it converged */
    bool is_converged;
    bool is_in_force;
    char why_not[200];        /* why it is not in force, for a person; "": it is */
    int64_t observations;     /* customers, answers or observations that it was fitted on */
    int64_t from_us, till_us; /* of that history; INT64_MIN: there is none */
    bool has_standard_errors; /* of the first parameters, in their order */
    double standard_errors[CHURN_FEATURE_COUNT + 1];
    bool has_likelihood;
    double log_likelihood;
    int32_t iterations;
    struct {
        const char *name; /* borrowed for good */
        double value;
    } errors[FIT_ERRORS_MAX]; /* on history that it was not fitted on, and what belongs to them */
    size_t error_count;
};

struct fit_row fit_row_of(enum fit_model model, int64_t from_us, int64_t till_us);

/* It is not put in force. Of several reasons the first is kept. */
void fit_row_refuse(struct fit_row *row, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* A value that is not finite is left out. At most FIT_ERRORS_MAX. */
void fit_row_error(struct fit_row *row, const char *name, double value);

#endif
