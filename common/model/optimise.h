/* SPDX-License-Identifier: Apache-2.0 */
/*
 * optimise.h - the parameters that make what was seen most likely, by NLopt.
 *
 * D. Kraft's sequential quadratic programming (SLSQP; ACM Transactions on Mathematical Software
 * 20(3), 1994) as S. G. Johnson's NLopt has it. It uses no chance: the same data give the same
 * numbers. Whether the end is an optimum is judged here by slope and curvature, not by the
 * algorithm's word.
 */
#ifndef TROTH_MODEL_OPTIMISE_H
#define TROTH_MODEL_OPTIMISE_H

#include <stdbool.h>
#include <stddef.h>

#define OPTIMISE_PARAMETERS_MAX 8

/* What a fit asks for. */
struct fit_terms {
    double customers_min; /* fewer say nothing */
    int evaluations_max;  /* of the likelihood of all customers */
};
extern const struct fit_terms fit_terms_usual; /* 100 customers, 2,000 evaluations */

/* How a fit went. Without convergence the parameters beside it are finite and above 0, and not to
 * be used. */
struct fit_report {
    bool is_converged;
    const char *why_not;   /* NULL when it is, else a word that never goes away:
                            *   too_few_customers  fewer than customers_min count
                            *   history_invalid    a number is not finite or out of its range
                            *   no_variation       nothing to learn from: nobody came back, nobody
                            *                      left, all are equal
                            *   at_bound           the likelihood grows without end towards a
                            *                      parameter of 0 or infinity: customers differ too
                            *                      little, or are too few to tell
                            *   no_optimum         the evaluations ran out, the slope is not 0 or
                            *                      not known, or a plateau has no top */
    double log_likelihood; /* of all customers, at the parameters; 0 when none was looked at */
    double customers;      /* that count */
    int evaluations;
};

struct optimise_problem {
    size_t count; /* of parameters, at most OPTIMISE_PARAMETERS_MAX */
    /* What is to become greatest, in the order of 1 (a mean log-likelihood per customer), with its
     * gradient or, when that is NULL, alone: then differences are taken. Pure. */
    double (*value_and_gradient)(const double *at, double *ret_gradient, const void *context);
    double (*value)(const double *at, const void *context);
    const void *context;
    double lower, upper; /* for each parameter */
};

/* at: where to begin, and in the end the best place found. The log_likelihood of the report is the
 * problem's value there; customers is left 0. */
struct fit_report optimise(const struct optimise_problem *problem, int evaluations_max, double *at);

/* What a fit is made from. */
struct fit_sample {
    const char *why_not; /* it cannot be; NULL: it can */
    double customers;
    double log_unit; /* added to the log-likelihood of all: what their scale took from it */
};

/* What all fits of this folder do: nothing when the sample says why not, and at is left as it is;
 * else optimise(). The report is that of the sample. */
struct fit_report fit_most_likely(const struct optimise_problem *problem,
                                  const struct fit_terms *terms, const struct fit_sample *sample,
                                  double *at);

#endif
