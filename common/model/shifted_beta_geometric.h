/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shifted_beta_geometric.h - who renews a contract, and how often: shifted beta-geometric.
 *
 * P. S. Fader, B. G. S. Hardie, How to Project Customer Retention, Journal of Interactive Marketing
 * 21(1), 2007, 76-90. At the end of each period a customer leaves with a chance of his own, which
 * varies like a beta distribution (alpha, beta); so retention rises with time although nobody
 * changes.
 */
#ifndef TROTH_MODEL_SHIFTED_BETA_GEOMETRIC_H
#define TROTH_MODEL_SHIFTED_BETA_GEOMETRIC_H

#include <stddef.h>

#include "common/model/optimise.h"

/* Both above 0. */
struct shifted_beta_geometric {
    double alpha, beta;
};

/* Customers who began together: alive[0] of them, of whom alive[i] are there after i periods; count
 * numbers, each at most the one before. In heads, shares or percent. */
struct contract_cohort {
    const double *alive;
    size_t count;
};

/* The share that is there after t periods; 1 at 0. */
double shifted_beta_geometric_survival(const struct shifted_beta_geometric *m, unsigned t);
/* Of those there after t - 1 periods, the share that is there after t; t at least 1. */
double shifted_beta_geometric_retention(const struct shifted_beta_geometric *m, unsigned t);
/* The share that leaves at the end of period t; t at least 1. */
double shifted_beta_geometric_leaves(const struct shifted_beta_geometric *m, unsigned t);
/* Of those there after t periods, the share that is still there `ahead` periods later. */
double shifted_beta_geometric_stays(const struct shifted_beta_geometric *m, unsigned t,
                                    unsigned ahead);
/* In the unit of the cohort: of percents it is a hundred times that of shares. */
double shifted_beta_geometric_log_likelihood(const struct shifted_beta_geometric *m,
                                             struct contract_cohort cohort);

struct shifted_beta_geometric_fit {
    struct shifted_beta_geometric model; /* to be used when the report says is_converged */
    struct fit_report report;            /* customers: the sum of the alive[0] */
};

/* By maximum likelihood over all cohorts. */
struct shifted_beta_geometric_fit shifted_beta_geometric_fit(const struct contract_cohort *cohorts,
                                                             size_t count,
                                                             const struct fit_terms *terms);

#endif
