/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bg_nbd_fit.c - the parameters of BG/NBD from the histories of all customers: the logarithms of
 * the parameters are searched from (1, 1, 1, 1), with the gradient.
 *
 * What costs time is three logarithms and one exponential for each row.
 */
#include "common/model/bg_nbd.h"

#include <math.h>

#include "common/model/purchase_rows.h"
#include "common/model/special_function.h"

/* Parameters are looked for between e^-BOUND and e^BOUND. */
#define BOUND 14.0

/* A sum over customers and its derivatives by the parameters. */
struct sums {
    double value, r, alpha, a, b;
};

/* The parts that depend on x alone, for so many customers of the same x. */
static void add_x(const struct bg_nbd *m, double x, double customers, struct sums *s)
{
    const double rise_ab = digamma_rise(m->a + m->b, x);

    s->value += customers * (log_rising(m->r, x) + log_rising(m->b, x) -
                             log_rising(m->a + m->b, x) + m->r * log(m->alpha));
    s->r += customers * (digamma_rise(m->r, x) + log(m->alpha));
    s->alpha += customers * m->r / m->alpha;
    s->a -= customers * rise_ab;
    s->b += customers * (digamma_rise(m->b, x) - rise_ab);
}

static void add_without_repeat(const struct bg_nbd *m, const struct purchase_row *row,
                               struct sums *s)
{
    const double log_t = log(m->alpha + row->t);

    s->value -= row->count * m->r * log_t;
    s->r -= row->count * log_t;
    s->alpha -= row->count * m->r / (m->alpha + row->t);
}

/* (alpha + t)^-(r + x) + a / (b + x - 1) (alpha + t_x)^-(r + x), the second power taken out: what
 * is left lies between a / (b + x - 1) and that + 1. */
static void add_row(const struct bg_nbd *m, const struct purchase_row *row, struct sums *s)
{
    const double n = m->r + row->x;
    const double left = m->b + row->x - 1;
    const double per_t = 1 / (m->alpha + row->t);
    const double per_t_x = 1 / (m->alpha + row->t_x);
    const double log_t_x = log(m->alpha + row->t_x);
    const double log_ratio = log((m->alpha + row->t) * per_t_x);
    const double here = exp(-n * log_ratio);
    const double gone = m->a / left;
    const double alive = here / (here + gone);

    s->value += row->count * (log(here + gone) - n * log_t_x);
    s->r -= row->count * (log_t_x + log_ratio * alive);
    s->alpha -= row->count * n * (alive * per_t + (1 - alive) * per_t_x);
    s->a += row->count * (1 - alive) / m->a;
    s->b -= row->count * (1 - alive) / left;
}

static struct bg_nbd model_at(const double *at)
{
    return (struct bg_nbd){.r = exp(at[0]), .alpha = exp(at[1]), .a = exp(at[2]), .b = exp(at[3])};
}

static double mean_log_likelihood(const double *at, double *ret_gradient, const void *context)
{
    const struct purchase_rows *r = context;
    const struct bg_nbd m = model_at(at);
    struct sums s = {0};

    for (size_t i = 0; i < r->count;) {
        const double x = r->rows[i].x;
        double customers = 0;

        for (; i < r->count && r->rows[i].x == x; i++) {
            customers += r->rows[i].count;
            (x > 0 ? add_row : add_without_repeat)(&m, &r->rows[i], &s);
        }
        add_x(&m, x, customers, &s);
    }
    ret_gradient[0] = s.r * m.r / r->customers;
    ret_gradient[1] = s.alpha * m.alpha / r->customers;
    ret_gradient[2] = s.a * m.a / r->customers;
    ret_gradient[3] = s.b * m.b / r->customers;
    return s.value / r->customers;
}

struct bg_nbd_fit bg_nbd_fit(const struct purchase_history *histories, const double *counts,
                             size_t count, const struct fit_terms *terms)
{
    struct purchase_rows r;
    const char *why_not = purchase_rows_read(&r, histories, counts, count, terms);
    const struct optimise_problem problem = {.count = 4,
                                             .value_and_gradient = mean_log_likelihood,
                                             .context = &r,
                                             .lower = -BOUND,
                                             .upper = BOUND};
    const struct fit_sample sample = {why_not, r.customers, r.log_unit};
    double at[4] = {0};
    const struct fit_report report = fit_most_likely(&problem, terms, &sample, at);
    struct bg_nbd model = model_at(at);

    model.alpha *= r.scale;
    purchase_rows_free(&r);
    return (struct bg_nbd_fit){model, report};
}
