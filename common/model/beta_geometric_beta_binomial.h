/* SPDX-License-Identifier: Apache-2.0 */
/*
 * beta_geometric_beta_binomial.h - who takes part in what happens once a period (a yearly
 * inspection, a season), and who has gone for good: BG/BB.
 *
 * P. S. Fader, B. G. S. Hardie, J. Shang, Customer-Base Analysis in a Discrete-Time Noncontractual
 * Setting, Marketing Science 29(6), 2010, 1086-1108. While alive a customer takes part with a
 * chance of his own (beta distribution alpha, beta); at the beginning of each period he leaves with
 * another (gamma, delta).
 */
#ifndef TROTH_MODEL_BETA_GEOMETRIC_BETA_BINOMIAL_H
#define TROTH_MODEL_BETA_GEOMETRIC_BETA_BINOMIAL_H

#include <stddef.h>

#include "common/model/optimise.h"

/* All above 0. */
struct beta_geometric_beta_binomial {
    double alpha, beta, gamma, delta;
};

/* In n periods he took part x times, the last time in period t_x (0: never); x <= t_x <= n. */
struct participation {
    unsigned x, t_x, n;
};

/* In [0, 1]: he is still there in the period after the n. */
double beta_geometric_beta_binomial_alive(const struct beta_geometric_beta_binomial *m,
                                          struct participation h);
/* How often he takes part in the next `ahead` periods. */
double beta_geometric_beta_binomial_expected(const struct beta_geometric_beta_binomial *m,
                                             struct participation h, unsigned ahead);
/* The chance that a new customer takes part exactly x times in n periods. */
double beta_geometric_beta_binomial_pmf(const struct beta_geometric_beta_binomial *m, unsigned x,
                                        unsigned n);
/* Of one customer; that of several is the sum. */
double beta_geometric_beta_binomial_log_likelihood(const struct beta_geometric_beta_binomial *m,
                                                   struct participation h);

struct beta_geometric_beta_binomial_fit {
    struct beta_geometric_beta_binomial model; /* to be used when the report says is_converged */
    struct fit_report report;
};

/* By maximum likelihood. counts: how many customers each history stands for, NULL: one. */
struct beta_geometric_beta_binomial_fit
beta_geometric_beta_binomial_fit(const struct participation *histories, const double *counts,
                                 size_t count, const struct fit_terms *terms);

#endif
