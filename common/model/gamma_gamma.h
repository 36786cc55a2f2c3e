/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gamma_gamma.h - how much a customer spends per purchase: Gamma-Gamma.
 *
 * P. S. Fader, B. G. S. Hardie, K. L. Lee, RFM and CLV, Journal of Marketing Research 42(4), 2005;
 * P. S. Fader, B. G. S. Hardie, The Gamma-Gamma Model of Monetary Value, note 025, 2013.
 */
#ifndef TROTH_MODEL_GAMMA_GAMMA_H
#define TROTH_MODEL_GAMMA_GAMMA_H

#include <stddef.h>

#include "common/model/optimise.h"

/* All above 0, q above 1; gamma in the unit of money. */
struct gamma_gamma {
    double p, q, gamma;
};

/* The mean spend to expect of a customer whose x purchases had this mean; x = 0: of a new one.
 * Always finite: a mean that is not finite or below 0 is read as x = 0. */
double gamma_gamma_mean(const struct gamma_gamma *m, double x, double mean);

/* Of one customer; x and mean above 0. That of several is the sum. */
double gamma_gamma_log_likelihood(const struct gamma_gamma *m, double x, double mean);

/* What one customer spent: x purchases with this mean. */
struct purchase_spend {
    double x, mean;
};

struct gamma_gamma_fit {
    struct gamma_gamma model; /* to be used when the report says is_converged */
    struct fit_report report; /* customers: those that count */
};

/* By maximum likelihood. Customers without purchases or whose mean is not above 0 do not count: the
 * model knows no free purchase. counts and order as for bg_nbd_fit(). */
struct gamma_gamma_fit gamma_gamma_fit(const struct purchase_spend *spends, const double *counts,
                                       size_t count, const struct fit_terms *terms);

#endif
