/* SPDX-License-Identifier: Apache-2.0 */
/*
 * purchase_rows.h - the histories of all customers in the form in which a fit goes through them
 * again and again: sorted by (x, t_x, t), equal ones put together, time measured by its mean.
 *
 * So sums do not depend on the order in which customers came, gamma functions are needed once for
 * each x, and a unit of time chosen by people makes no difference.
 */
#ifndef TROTH_MODEL_PURCHASE_ROWS_H
#define TROTH_MODEL_PURCHASE_ROWS_H

#include <stddef.h>

#include "common/model/optimise.h"
#include "common/model/purchase_history.h"

struct purchase_row {
    double x, t_x, t, count;
};

struct purchase_rows {
    struct purchase_row *rows;
    size_t count;
    double customers;
    double scale;    /* of time: the mean of all t is 1 */
    double log_unit; /* to be added to the log-likelihood of the scaled rows */
};

/* counts: NULL, or how many customers each history stands for; none where it is 0. Returns NULL, or
 * why nothing can be fitted to them, a word of struct fit_report. The rows are to be freed with
 * purchase_rows_free() in either case. */
const char *purchase_rows_read(struct purchase_rows *ret_rows,
                               const struct purchase_history *histories, const double *counts,
                               size_t count, const struct fit_terms *terms);
void purchase_rows_free(struct purchase_rows *rows);

#endif
