/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/pareto_nbd.h"

#include <math.h>

#include "common/model/purchase_rows.h"
#include "common/model/quadrature.h"
#include "common/model/special_function.h"

/* Parameters are looked for between e^-BOUND and e^BOUND. */
#define BOUND 14.0

/* What has fallen by e^-NOTHING is left out of an integral. */
#define NOTHING  45.0
#define RATE_MIN 1e-12

/* ---- alive */

struct silence {
    double fall, stretch, s; /* n - 1, (alpha + t_x) / (beta + t_x), s */
};

/* Over u = ln((alpha + y) / (alpha + t_x)) instead of the time y at which he left: many purchases
 * make a fall in y that is too steep to be found, in u only a faster one from the very beginning.
 */
static double left_at(double u, const void *context)
{
    const struct silence *g = context;

    return exp(-g->fall * u - (g->s + 1) * log1p(g->stretch * expm1(u)));
}

/* Where that has fallen by e^-NOTHING: both factors may be too steep for an integral over all of u
 * to find them. With n below 1 the first rises, by less than the second falls: at most like
 * (1 + stretch (e^u - 1)) / min(stretch, 1) to its power. */
static double end_of_leaving(const struct silence *g)
{
    const double rise = fmax(-g->fall, 0);
    const double length = (NOTHING + rise * fmax(-log(g->stretch), 0)) / (g->s + 1 - rise);
    const double second = log1p(expm1(length) / g->stretch);

    return g->fall > 0 ? fmin(second, NOTHING / g->fall) : second;
}

/* ln of the odds that he left between t_x and t: of
 * s times the integral over y of ((alpha + t) / (alpha + y))^n ((beta + t) / (beta + y))^s / (beta
 * + y)
 */
static double log_odds_gone(const struct pareto_nbd *m, struct purchase_history h)
{
    const double n = m->r + h.x;
    const struct silence g = {n - 1, (m->alpha + h.t_x) / (m->beta + h.t_x), m->s};
    const double u = log1p((h.t - h.t_x) / (m->alpha + h.t_x));
    const double integral = integrate(left_at, &g, 0, fmin(u, end_of_leaving(&g)));

    return integral > 0 ? log(m->s * g.stretch * integral) + n * u +
                              m->s * log1p((h.t - h.t_x) / (m->beta + h.t_x))
                        : -INFINITY;
}

double pareto_nbd_alive(const struct pareto_nbd *m, struct purchase_history h)
{
    return logistic_of_logit(-log_odds_gone(m, purchase_history_nearest(h)));
}

/* ---- expectations */

/* (1 - (1 + tau)^-(s - 1)) / (s - 1), which at s = 1 is ln(1 + tau). */
static double stay(double s, double tau)
{
    const double length = log1p(tau);
    const double power = (s - 1) * length;

    return fabs(power) < 1e-12 ? length : -expm1(-power) / power * length;
}

double pareto_nbd_expected(const struct pareto_nbd *m, struct purchase_history h, double ahead)
{
    h = purchase_history_nearest(h);
    const double rate = (m->r + h.x) / (m->alpha + h.t);
    const double beta = m->beta + h.t;

    return rate * beta * stay(m->s, purchase_time_nearest(ahead) / beta) * pareto_nbd_alive(m, h);
}

double pareto_nbd_expected_of_new(const struct pareto_nbd *m, double ahead)
{
    return pareto_nbd_expected(m, (struct purchase_history){0}, ahead);
}

struct discount {
    double s, unit; /* rate * (beta + t) */
};

/* Over w = ln(1 + time / (beta + t)). */
static double discounted_at(double w, const void *context)
{
    const struct discount *d = context;

    return exp(-d->unit * expm1(w) + (1 - d->s) * w);
}

double pareto_nbd_discounted(const struct pareto_nbd *m, struct purchase_history h, double rate)
{
    h = purchase_history_nearest(h);
    const double beta = m->beta + h.t;
    const struct discount d = {m->s, beta * (rate > RATE_MIN ? rate : RATE_MIN)};
    const double end = fmin(log1p(NOTHING / d.unit), d.s > 1 ? NOTHING / (d.s - 1) : INFINITY);
    const double time = beta * integrate(discounted_at, &d, 0, end);

    return (m->r + h.x) / (m->alpha + h.t) * time * pareto_nbd_alive(m, h);
}

/* ---- likelihoods */

struct count_question {
    const struct pareto_nbd *m;
    double x;
};

/* The chance that x purchases are made in t by somebody who stays. */
static double bought(const struct count_question *q, double t)
{
    const struct pareto_nbd *m = q->m;
    const double times = q->x > 0 ? q->x * log(t / (m->alpha + t)) : 0;

    return exp(log_rising(m->r, q->x) - log_gamma(q->x + 1) - m->r * log1p(t / m->alpha) + times);
}

/* ... and he left at that time. */
static double bought_and_left(double t, const void *context)
{
    const struct count_question *q = context;
    const struct pareto_nbd *m = q->m;

    return bought(q, t) * m->s / m->beta * exp(-(m->s + 1) * log1p(t / m->beta));
}

double pareto_nbd_pmf(const struct pareto_nbd *m, unsigned x, double t)
{
    const struct count_question q = {m, x};

    t = purchase_time_nearest(t);
    if (t <= 0) {
        return x == 0 ? 1 : 0;
    }
    /* In two parts: those who leave at once must be found. */
    const double soon = fmin(t, m->beta * expm1(NOTHING / (m->s + 1)));

    return bought(&q, t) * exp(-m->s * log1p(t / m->beta)) +
           integrate(bought_and_left, &q, 0, soon) + integrate(bought_and_left, &q, soon, t);
}

/* The parts that do not depend on t_x and t alone, and those that do. */
static double log_likelihood_of_times(const struct pareto_nbd *m, struct purchase_history h)
{
    return m->r * log(m->alpha) - (m->r + h.x) * log(m->alpha + h.t) - m->s * log1p(h.t / m->beta) +
           log_add_exp(0, log_odds_gone(m, h));
}

double pareto_nbd_log_likelihood(const struct pareto_nbd *m, struct purchase_history h)
{
    h = purchase_history_nearest(h);
    return log_rising(m->r, h.x) + log_likelihood_of_times(m, h);
}

/* ---- fit */

static struct pareto_nbd model_at(const double *at)
{
    return (struct pareto_nbd){
        .r = exp(at[0]), .alpha = exp(at[1]), .s = exp(at[2]), .beta = exp(at[3])};
}

static double mean_log_likelihood(const double *at, const void *context)
{
    const struct purchase_rows *r = context;
    const struct pareto_nbd m = model_at(at);
    double x = -1;
    double rising = 0;
    double sum = 0;

    for (const struct purchase_row *row = r->rows; row < r->rows + r->count; row++) {
        if (row->x != x) {
            x = row->x;
            rising = log_rising(m.r, x);
        }
        sum += row->count * (rising + log_likelihood_of_times(
                                          &m, (struct purchase_history){row->x, row->t_x, row->t}));
    }
    return sum / r->customers;
}

struct pareto_nbd_fit pareto_nbd_fit(const struct purchase_history *histories, const double *counts,
                                     size_t count, const struct fit_terms *terms)
{
    struct purchase_rows r;
    const char *why_not = purchase_rows_read(&r, histories, counts, count, terms);
    const struct optimise_problem problem = {
        .count = 4, .value = mean_log_likelihood, .context = &r, .lower = -BOUND, .upper = BOUND};
    const struct fit_sample sample = {why_not, r.customers, r.log_unit};
    double at[4] = {0};
    const struct fit_report report = fit_most_likely(&problem, terms, &sample, at);
    struct pareto_nbd model = model_at(at);

    model.alpha *= r.scale;
    model.beta *= r.scale;
    purchase_rows_free(&r);
    return (struct pareto_nbd_fit){model, report};
}
