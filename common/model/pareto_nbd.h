/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pareto_nbd.h - how many purchases to expect of a customer who may leave at any time: Pareto/NBD.
 *
 * D. C. Schmittlein, D. G. Morrison, R. Colombo, Counting Your Customers, Management Science 33(1),
 * 1987, 1-24; P. S. Fader, B. G. S. Hardie, A Note on Deriving the Pareto/NBD Model, note 009, and
 * Creating an RFM Summary and Implementing the Pareto/NBD Model, note 008, 2005.
 *
 * Rates of buying vary like a gamma distribution (r, alpha), rates of leaving like another
 * (s, beta). Unlike BG/NBD it doubts also those who bought once. Histories are those of bg_nbd.h.
 *
 * Nothing here is ever NaN or infinite; histories that cannot be are read as in bg_nbd.h.
 */
#ifndef TROTH_MODEL_PARETO_NBD_H
#define TROTH_MODEL_PARETO_NBD_H

#include <stddef.h>

#include "common/model/bg_nbd.h"
#include "common/model/optimise.h"

/* All above 0; alpha and beta in the unit of time of the customers. */
struct pareto_nbd {
    double r, alpha, s, beta;
};

/* In [0, 1]; by one smooth integral, so no count of purchases is too large. */
double pareto_nbd_alive(const struct pareto_nbd *m, struct purchase_history h);
/* Purchases expected in the next `ahead`, and those of a new customer. */
double pareto_nbd_expected(const struct pareto_nbd *m, struct purchase_history h, double ahead);
double pareto_nbd_expected_of_new(const struct pareto_nbd *m, double ahead);
/* All purchases from now on, each worth e^(-rate * time until it); rate above 0, per unit of time.
 * P. S. Fader, B. G. S. Hardie, K. L. Lee, RFM and CLV, 2005: "DERT". */
double pareto_nbd_discounted(const struct pareto_nbd *m, struct purchase_history h, double rate);

/* The chance that a new customer makes exactly x repeat purchases within t. */
double pareto_nbd_pmf(const struct pareto_nbd *m, unsigned x, double t);
/* Of one customer; that of several is the sum. */
double pareto_nbd_log_likelihood(const struct pareto_nbd *m, struct purchase_history h);

struct pareto_nbd_fit {
    struct pareto_nbd model; /* to be used when the report says is_converged */
    struct fit_report report;
};

/* By maximum likelihood, as bg_nbd_fit(); some hundred times slower. */
struct pareto_nbd_fit pareto_nbd_fit(const struct purchase_history *histories, const double *counts,
                                     size_t count, const struct fit_terms *terms);

#endif
