/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bg_nbd.c - the model of one customer; bg_nbd_fit.c finds the parameters.
 *
 * The paper's expectations hold a hypergeometric function of Gauss, and are 0 / 0 at a = 1 and at
 * a + b = 1. What follows from the same model without either: let a customer who never leaves buy n
 * times in the time ahead; n is negative binomial. Of these n the j-th is made when the j - 1
 * before did not end it, with chance m(j - 1) = E (1 - p)^(j - 1). So
 *
 *   E[X] = sum over n of NB(n) * (m(0) + ... + m(n - 1)),  m(j) = (b)_j / (a + b)_j
 *
 * All terms are positive, and they fall like z^n with z = t / (alpha + t).
 */
#include "common/model/bg_nbd.h"

#include <math.h>

#include "common/model/quadrature.h"
#include "common/model/special_function.h"

#define TERMS_MAX 20000.0 /* above, an integral takes less time */
#define SCALE     1e250   /* terms that begin below what a double can be are scaled */
#define LOG_SCALE (250 * M_LN10)
#define TAIL_MAX  1e-16

/* ln of the odds that the last purchase was the last one; x above 0. */
static double log_odds_gone(const struct bg_nbd *m, struct purchase_history h)
{
    return log(m->a / (m->b + h.x - 1)) + (m->r + h.x) * log1p((h.t - h.t_x) / (m->alpha + h.t_x));
}

double bg_nbd_alive(const struct bg_nbd *m, struct purchase_history h)
{
    h = purchase_history_nearest(h);
    return h.x > 0 ? logistic_of_logit(-log_odds_gone(m, h)) : 1.0;
}

/* ---- expectations */

/* Of a customer alive: rate gamma(r, alpha), chance to leave beta(a, b), for a time of tau alpha.
 */
struct future {
    double r, a, b, tau;
};

static double by_series(const struct future *f)
{
    const double z = f->tau / (1 + f->tau);
    double log_unit = -f->r * log1p(f->tau); /* of the terms */
    double weight = 1;                       /* NB(n) in units of it */
    double stays = 1;                        /* m(n) */
    double made = 0;                         /* m(0) + ... + m(n - 1) */
    double sum = 0;

    for (double n = 0;; n++) {
        const double ratio = z * (f->r + n) / (n + 1);

        weight *= ratio;
        made += stays;
        stays *= (f->b + n) / (f->a + f->b + n);
        sum += weight * made;
        if (ratio < 1 && weight * made <= TAIL_MAX * (1 - ratio) * sum) {
            break;
        }
        if (weight > SCALE) {
            weight /= SCALE;
            sum /= SCALE;
            log_unit += LOG_SCALE;
        }
    }
    return sum * exp(log_unit);
}

/* (1 - (1 + p tau)^-r) / p over the distribution of p, for one p. */
static double of_leaving(double log_p, double log_rest, const void *context)
{
    const struct future *f = context;
    const double p = exp(log_p);
    const double made = p > 1e-290 ? -expm1(-f->r * log1p(p * f->tau)) / p : f->r * f->tau;

    return made * exp(f->a * log_p + f->b * log_rest - log_beta(f->a, f->b));
}

static double expected_while_alive(const struct future *f)
{
    const double mean = f->r * f->tau;
    const double spread = sqrt(mean * (1 + f->tau));

    if (!(f->tau > 0)) {
        return 0;
    }
    if (mean + 40 * (spread + 1 + f->tau) < TERMS_MAX) {
        return by_series(f);
    }
    return integrate_unit(of_leaving, f, f->a, f->b);
}

double bg_nbd_expected(const struct bg_nbd *m, struct purchase_history h, double ahead)
{
    h = purchase_history_nearest(h);
    const struct future f = {
        .r = m->r + h.x,
        .a = m->a,
        .b = m->b + h.x,
        .tau = purchase_time_nearest(ahead) / (m->alpha + h.t),
    };

    return expected_while_alive(&f) * bg_nbd_alive(m, h);
}

double bg_nbd_expected_of_new(const struct bg_nbd *m, double ahead)
{
    return bg_nbd_expected(m, (struct purchase_history){0}, ahead);
}

/* ---- likelihoods */

/* ln of the chance that a customer who never leaves buys n times. */
static double log_nb(const struct bg_nbd *m, double n, double t)
{
    return log_rising(m->r, n) - log_gamma(n + 1) - m->r * log1p(t / m->alpha) +
           (n > 0 ? n * log(t / (m->alpha + t)) : 0);
}

/* The chance that he buys n times or more, summed from the side that has less to sum. */
static double nb_tail(const struct bg_nbd *m, unsigned n, double t)
{
    const double z = t / (m->alpha + t);
    double below = 0;
    double above = 0;

    if (n <= m->r * t / m->alpha) {
        for (unsigned i = 0; i < n; i++) {
            below += exp(log_nb(m, i, t));
        }
        return fmax(0, 1 - below);
    }
    /* In units of the first one, which may be smaller than a double can be. */
    for (double i = n, term = 1; term > TAIL_MAX * above; i++) {
        above += term;
        term *= z * (m->r + i) / (i + 1);
    }
    return above * exp(log_nb(m, n, t));
}

double bg_nbd_pmf(const struct bg_nbd *m, unsigned x, double t)
{
    t = purchase_time_nearest(t);
    if (x == 0) {
        return exp(-m->r * log1p(t / m->alpha));
    }
    if (t <= 0) {
        return 0;
    }
    const double stayed = exp(log_rising(m->b, x) - log_rising(m->a + m->b, x) + log_nb(m, x, t));
    const double left_at_x = m->a / (m->a + m->b + x - 1) *
                             exp(log_rising(m->b, x - 1.0) - log_rising(m->a + m->b, x - 1.0));

    return fmin(1, stayed + left_at_x * nb_tail(m, x, t));
}

double bg_nbd_log_likelihood(const struct bg_nbd *m, struct purchase_history h)
{
    h = purchase_history_nearest(h);
    const double stayed = log_rising(m->r, h.x) + log_rising(m->b, h.x) -
                          log_rising(m->a + m->b, h.x) + m->r * log(m->alpha) -
                          (m->r + h.x) * log(m->alpha + h.t);

    return h.x > 0 ? stayed + log_add_exp(0, log_odds_gone(m, h)) : stayed;
}
