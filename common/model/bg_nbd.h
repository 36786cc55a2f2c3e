/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bg_nbd.h - how many purchases to expect of a customer, and whether there will be any: BG/NBD.
 *
 * P. S. Fader, B. G. S. Hardie, K. L. Lee, "Counting Your Customers" the Easy Way, Marketing
 * Science 24(2), 2005, 275-284.
 *
 * While alive a customer buys at random at a rate of his own, which varies between customers like a
 * gamma distribution (r, alpha); after each repeat purchase he leaves for good with a chance of his
 * own, which varies like a beta distribution (a, b).
 *
 * Nothing here is ever NaN or infinite. A history or a span of time that cannot be is read as the
 * nearest one that can (purchase_history.h).
 */
#ifndef TROTH_MODEL_BG_NBD_H
#define TROTH_MODEL_BG_NBD_H

#include <stddef.h>

#include "common/model/optimise.h"
#include "common/model/purchase_history.h"

/* All above 0; alpha in the unit of time of the customers. */
struct bg_nbd {
    double r, alpha, a, b;
};

double bg_nbd_alive(const struct bg_nbd *m, struct purchase_history h); /* in [0, 1]; x = 0: 1 */
/* Purchases expected in the next `ahead`, and those of a new customer. */
double bg_nbd_expected(const struct bg_nbd *m, struct purchase_history h, double ahead);
double bg_nbd_expected_of_new(const struct bg_nbd *m, double ahead);

/* The chance that a new customer makes exactly x repeat purchases within t. */
double bg_nbd_pmf(const struct bg_nbd *m, unsigned x, double t);
/* Of one customer; that of several is the sum. */
double bg_nbd_log_likelihood(const struct bg_nbd *m, struct purchase_history h);

struct bg_nbd_fit {
    struct bg_nbd model; /* to be used when the report says is_converged */
    struct fit_report report;
};

/* By maximum likelihood. counts: how many customers each history stands for, NULL: one; equal
 * histories need not be put together. In any order: the result is the same to the last bit. Takes
 * 32 bytes for each history. */
struct bg_nbd_fit bg_nbd_fit(const struct purchase_history *histories, const double *counts,
                             size_t count, const struct fit_terms *terms);

#endif
