/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/beta_geometric_beta_binomial.h"

#include <math.h>
#include <stdbool.h>

#include "common/model/special_function.h"

/* Parameters are looked for between e^-BOUND and e^BOUND. */
#define BOUND 12.0

struct histories {
    const struct participation *histories;
    const double *counts;
    size_t count;
    double customers;
};

/* ln of the mean of p^yes (1 - p)^no for a beta distribution. */
static double log_mean(double a, double b, double yes, double no)
{
    return log_rising(a, yes) + log_rising(b, no) - log_rising(a + b, yes + no);
}

/* ln of the chance that he took part x times of `alive` and stayed for the next `stays`. */
static double log_stayed(const struct beta_geometric_beta_binomial *m, struct participation h,
                         unsigned stays)
{
    return log_mean(m->alpha, m->beta, h.x, h.n - h.x) + log_mean(m->gamma, m->delta, 0, stays);
}

/* He left at the beginning of one of the periods after t_x, or not in these n. */
double beta_geometric_beta_binomial_log_likelihood(const struct beta_geometric_beta_binomial *m,
                                                   struct participation h)
{
    double sum = log_stayed(m, h, h.n);

    for (unsigned alive = h.t_x; alive < h.n; alive++) {
        sum = log_add_exp(sum, log_mean(m->alpha, m->beta, h.x, alive - h.x) +
                                   log_mean(m->gamma, m->delta, 1, alive));
    }
    return sum;
}

double beta_geometric_beta_binomial_alive(const struct beta_geometric_beta_binomial *m,
                                          struct participation h)
{
    return exp(log_stayed(m, h, h.n + 1) - beta_geometric_beta_binomial_log_likelihood(m, h));
}

double beta_geometric_beta_binomial_expected(const struct beta_geometric_beta_binomial *m,
                                             struct participation h, unsigned ahead)
{
    const double known = beta_geometric_beta_binomial_log_likelihood(m, h);
    const double takes_part = (m->alpha + h.x) / (m->alpha + m->beta + h.n);
    double alive = 0;

    for (unsigned i = 1; i <= ahead; i++) {
        alive += exp(log_stayed(m, h, h.n + i) - known);
    }
    return takes_part * alive;
}

static double log_ways(unsigned n, unsigned x)
{
    return log_gamma(n + 1.0) - log_gamma(x + 1.0) - log_gamma(n - x + 1.0);
}

double beta_geometric_beta_binomial_pmf(const struct beta_geometric_beta_binomial *m, unsigned x,
                                        unsigned n)
{
    double sum = 0;

    if (x > n) {
        return 0;
    }
    sum = exp(log_ways(n, x) + log_stayed(m, (struct participation){x, x, n}, n));
    for (unsigned alive = x; alive < n; alive++) {
        sum += exp(log_ways(alive, x) + log_mean(m->alpha, m->beta, x, alive - x) +
                   log_mean(m->gamma, m->delta, 1, alive));
    }
    return sum;
}

/* ---- fit */

static struct beta_geometric_beta_binomial model_at(const double *at)
{
    return (struct beta_geometric_beta_binomial){
        .alpha = exp(at[0]), .beta = exp(at[1]), .gamma = exp(at[2]), .delta = exp(at[3])};
}

static double count_of(const struct histories *h, size_t i)
{
    return h->counts == NULL ? 1 : h->counts[i];
}

static double mean_log_likelihood(const double *at, const void *context)
{
    const struct histories *h = context;
    const struct beta_geometric_beta_binomial m = model_at(at);
    double sum = 0;

    for (size_t i = 0; i < h->count; i++) {
        sum += count_of(h, i) * beta_geometric_beta_binomial_log_likelihood(&m, h->histories[i]);
    }
    return sum / h->customers;
}

/* Somebody took part, and somebody who did was silent after it. */
static const char *objection(const struct histories *h, const struct fit_terms *terms)
{
    bool is_varied = false;

    for (size_t i = 0; i < h->count; i++) {
        const struct participation p = h->histories[i];

        if (p.x > p.t_x || p.t_x > p.n || (p.x == 0) != (p.t_x == 0) || !isfinite(count_of(h, i)) ||
            count_of(h, i) < 0) {
            return "history_invalid";
        }
        is_varied = is_varied || (p.x > 0 && p.t_x < p.n && count_of(h, i) > 0);
    }
    if (h->customers < terms->customers_min) {
        return "too_few_customers";
    }
    return is_varied ? NULL : "no_variation";
}

struct beta_geometric_beta_binomial_fit
beta_geometric_beta_binomial_fit(const struct participation *histories, const double *counts,
                                 size_t count, const struct fit_terms *terms)
{
    struct histories h = {.histories = histories, .counts = counts, .count = count};
    const struct optimise_problem problem = {
        .count = 4, .value = mean_log_likelihood, .context = &h, .lower = -BOUND, .upper = BOUND};
    double at[4] = {0};

    for (size_t i = 0; i < count; i++) {
        h.customers += count_of(&h, i);
    }
    const struct fit_sample sample = {objection(&h, terms), h.customers, 0};
    const struct fit_report report = fit_most_likely(&problem, terms, &sample, at);

    return (struct beta_geometric_beta_binomial_fit){model_at(at), report};
}
