/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/gamma_gamma.h"

#include <math.h>
#include <stdlib.h>

#include "common/base/xalloc.h"
#include "common/model/special_function.h"

/* Parameters are looked for between e^-BOUND and e^BOUND, money measured by its mean. */
#define BOUND 12.0

double gamma_gamma_mean(const struct gamma_gamma *m, double x, double mean)
{
    const double total = x * mean;

    if (!(x > 0) || !(mean >= 0) || !isfinite(total)) {
        return m->p * m->gamma / (m->q - 1);
    }
    return (m->gamma + total) * m->p / (m->p * x + m->q - 1);
}

double gamma_gamma_log_likelihood(const struct gamma_gamma *m, double x, double mean)
{
    const double total = x * mean;

    return -log(mean) - log_beta(m->p * x, m->q) - m->q * log1p(total / m->gamma) -
           m->p * x * log1p(m->gamma / total);
}

/* ---- fit */

struct row {
    double x, mean, count;
};

struct rows {
    struct row *rows;
    size_t count;
    double customers;
    double scale;    /* of money: the mean of all rows is 1 */
    double log_unit; /* what the scale takes from the log-likelihood */
};

static int compare(const void *left, const void *right)
{
    const struct row *l = left;
    const struct row *r = right;

    if (l->x != r->x) {
        return l->x < r->x ? -1 : 1;
    }
    return (l->mean > r->mean) - (l->mean < r->mean);
}

/* q is 1 + e^at, for below 1 no mean exists. */
static struct gamma_gamma model_at(const double *at)
{
    return (struct gamma_gamma){.p = exp(at[0]), .q = 1 + exp(at[1]), .gamma = exp(at[2])};
}

/* Mean log-likelihood; rows are in the order of x, so gamma functions are needed once for each. */
static double mean_log_likelihood(const double *at, double *ret_gradient, const void *context)
{
    const struct rows *r = context;
    const struct gamma_gamma m = model_at(at);
    const double psi_q = digamma(m.q);
    double x = 0, beta = 0, psi_p = 0, psi_both = 0;
    double sum = 0, p = 0, q = 0, gamma = 0;

    for (const struct row *row = r->rows; row < r->rows + r->count; row++) {
        if (row->x != x) {
            x = row->x;
            beta = log_beta(m.p * x, m.q);
            psi_p = digamma(m.p * x);
            psi_both = digamma(m.p * x + m.q);
        }
        const double total = x * row->mean;
        const double log_rest = -log1p(total / m.gamma);
        const double log_part = -log1p(m.gamma / total);

        sum += row->count * (m.q * log_rest + m.p * x * log_part - log(row->mean) - beta);
        p += row->count * x * (psi_both - psi_p + log_part);
        q += row->count * (psi_both - psi_q + log_rest);
        gamma += row->count * (m.q / m.gamma - (m.q + m.p * x) / (m.gamma + total));
    }
    ret_gradient[0] = p * m.p / r->customers;
    ret_gradient[1] = q * (m.q - 1) / r->customers;
    ret_gradient[2] = gamma * m.gamma / r->customers;
    return sum / r->customers;
}

static struct rows rows_of(const struct purchase_spend *spends, const double *counts, size_t count)
{
    struct rows r = {.rows = xcalloc(count + 1, sizeof(*r.rows))};
    double money = 0;

    for (size_t i = 0; i < count; i++) {
        const struct row row = {spends[i].x, spends[i].mean, counts == NULL ? 1 : counts[i]};

        if (row.x > 0 && row.mean > 0 && row.count > 0 && isfinite(row.x * row.mean * row.count)) {
            r.rows[r.count++] = row;
        }
    }
    qsort(r.rows, r.count, sizeof(*r.rows), compare);
    for (size_t i = 0; i < r.count; i++) {
        money += r.rows[i].mean * r.rows[i].count;
        r.customers += r.rows[i].count;
    }
    r.scale = r.customers > 0 ? money / r.customers : 1;
    r.log_unit = -r.customers * log(r.scale);
    for (size_t i = 0; i < r.count; i++) {
        r.rows[i].mean /= r.scale;
    }
    return r;
}

/* Equal means have no likeliest spread. */
static const char *objection(const struct rows *r, const struct fit_terms *terms)
{
    bool is_varied = false;

    if (r->customers < terms->customers_min) {
        return "too_few_customers";
    }
    for (size_t i = 1; i < r->count && !is_varied; i++) {
        is_varied = r->rows[i].mean != r->rows[0].mean;
    }
    return is_varied ? NULL : "no_variation";
}

struct gamma_gamma_fit gamma_gamma_fit(const struct purchase_spend *spends, const double *counts,
                                       size_t count, const struct fit_terms *terms)
{
    struct rows r = rows_of(spends, counts, count);
    const struct optimise_problem problem = {.count = 3,
                                             .value_and_gradient = mean_log_likelihood,
                                             .context = &r,
                                             .lower = -BOUND,
                                             .upper = BOUND};
    const struct fit_sample sample = {objection(&r, terms), r.customers, r.log_unit};
    double at[3] = {0};
    const struct fit_report report = fit_most_likely(&problem, terms, &sample, at);
    struct gamma_gamma model = model_at(at);

    model.gamma *= r.scale;
    free(r.rows);
    return (struct gamma_gamma_fit){model, report};
}
