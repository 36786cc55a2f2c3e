/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/shifted_beta_geometric.h"

#include <math.h>

#include "common/model/special_function.h"

/* Parameters are looked for between e^-BOUND and e^BOUND. */
#define BOUND 12.0

struct cohorts {
    const struct contract_cohort *cohorts;
    size_t count;
    double customers;
};

double shifted_beta_geometric_stays(const struct shifted_beta_geometric *m, unsigned t,
                                    unsigned ahead)
{
    return exp(log_rising(m->beta + t, ahead) - log_rising(m->alpha + m->beta + t, ahead));
}

double shifted_beta_geometric_survival(const struct shifted_beta_geometric *m, unsigned t)
{
    return shifted_beta_geometric_stays(m, 0, t);
}

double shifted_beta_geometric_retention(const struct shifted_beta_geometric *m, unsigned t)
{
    return shifted_beta_geometric_stays(m, t - 1, 1);
}

double shifted_beta_geometric_leaves(const struct shifted_beta_geometric *m, unsigned t)
{
    return shifted_beta_geometric_survival(m, t - 1) * m->alpha / (m->alpha + m->beta + t - 1);
}

/* Those who stay at the end of period i do so with (beta + i - 1) / (alpha + beta + i - 1), whoever
 * they are: the likelihood is a product over periods. Adds the derivatives by alpha and beta. */
static double add_cohort(const struct shifted_beta_geometric *m, struct contract_cohort cohort,
                         double ret_slope[static 2])
{
    double sum = 0;

    for (size_t i = 1; i < cohort.count; i++) {
        const double stayed = cohort.alive[i];
        const double left = cohort.alive[i - 1] - stayed;
        const double beta = m->beta + (double)i - 1;
        const double both = m->alpha + beta;

        sum += left * log(m->alpha / both) + stayed * log(beta / both);
        ret_slope[0] += left / m->alpha - (left + stayed) / both;
        ret_slope[1] += stayed / beta - (left + stayed) / both;
    }
    return sum;
}

double shifted_beta_geometric_log_likelihood(const struct shifted_beta_geometric *m,
                                             struct contract_cohort cohort)
{
    double slope[2] = {0};

    return add_cohort(m, cohort, slope);
}

/* ---- fit */

static struct shifted_beta_geometric model_at(const double *at)
{
    return (struct shifted_beta_geometric){.alpha = exp(at[0]), .beta = exp(at[1])};
}

static double mean_log_likelihood(const double *at, double *ret_gradient, const void *context)
{
    const struct cohorts *c = context;
    const struct shifted_beta_geometric m = model_at(at);
    double slope[2] = {0};
    double sum = 0;

    for (size_t i = 0; i < c->count; i++) {
        sum += add_cohort(&m, c->cohorts[i], slope);
    }
    ret_gradient[0] = slope[0] * m.alpha / c->customers;
    ret_gradient[1] = slope[1] * m.beta / c->customers;
    return sum / c->customers;
}

/* Retention must have a chance to rise: some left and some stayed, and there were two periods. */
static const char *objection(const struct cohorts *c, const struct fit_terms *terms)
{
    double left = 0;
    double stayed = 0;

    for (size_t i = 0; i < c->count; i++) {
        const struct contract_cohort cohort = c->cohorts[i];

        for (size_t k = 0; k < cohort.count; k++) {
            const double before = k > 0 ? cohort.alive[k - 1] : cohort.alive[k];

            if (!isfinite(cohort.alive[k]) || cohort.alive[k] < 0 || cohort.alive[k] > before) {
                return "history_invalid";
            }
            left += before - cohort.alive[k];
            stayed += k > 1 ? cohort.alive[k] : 0;
        }
    }
    if (c->customers < terms->customers_min) {
        return "too_few_customers";
    }
    return left > 0 && stayed > 0 ? NULL : "no_variation";
}

struct shifted_beta_geometric_fit shifted_beta_geometric_fit(const struct contract_cohort *cohorts,
                                                             size_t count,
                                                             const struct fit_terms *terms)
{
    struct cohorts c = {.cohorts = cohorts, .count = count};
    const struct optimise_problem problem = {.count = 2,
                                             .value_and_gradient = mean_log_likelihood,
                                             .context = &c,
                                             .lower = -BOUND,
                                             .upper = BOUND};
    double at[2] = {0};

    for (size_t i = 0; i < count; i++) {
        c.customers += cohorts[i].count > 0 ? cohorts[i].alive[0] : 0;
    }
    const struct fit_sample sample = {objection(&c, terms), c.customers, 0};
    const struct fit_report report = fit_most_likely(&problem, terms, &sample, at);

    return (struct shifted_beta_geometric_fit){model_at(at), report};
}
