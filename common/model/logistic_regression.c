/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside, features are less their means and per standard deviation: seconds and shares then weigh
 * the same in the equations and in the penalty. The result is turned back at the end.
 *
 * Convergence is told by the step, not by the deviance: where the outcomes are separated the
 * deviance settles while the coefficients go on by a constant step for ever.
 */
#include "common/model/logistic_regression.h"

#include <math.h>
#include <string.h>

#include "common/model/special_function.h"

#define MAX                  (LOGISTIC_FEATURES_MAX + 1)
#define USUAL_ITERATIONS_MAX 50
#define STEP_SMALL           1e-8  /* in standard deviations: quadratic, so far better than this */
#define PIVOT_SMALL          1e-10 /* of a diagonal: less is rounding */
#define HALVINGS_MAX         30

struct scale {
    double mean[MAX], deviation[MAX]; /* [0] is the intercept's: 0 and 1 */
};

struct work {
    const struct logistic_data *data;
    const struct scale *scale;
    double ridge;
    size_t n; /* coefficients */
    double b[MAX];
    /* At b: half the penalised deviance, its slope, and the curvature, later its Cholesky factor.
     */
    double loss;
    double slope[MAX], curve[MAX][MAX];
};

double logistic_logit(const struct logistic_fit *fit, const double *features)
{
    double logit = fit->coefficients[0];
    for (size_t i = 0; i < fit->features; i++) {
        logit += fit->coefficients[i + 1] * features[i];
    }
    return logit;
}

/* ln(1 + e^z) */
static double softplus(double z)
{
    return z > 0 ? z + log1p(exp(-z)) : log1p(exp(z));
}

static double x_log_x(double x)
{
    return x > 0 ? x * log(x) : 0;
}

/* The least that -log likelihood can be: 0 for outcomes of 0 and 1. */
static double entropy(double y)
{
    return -x_log_x(y) - x_log_x(1 - y);
}

/* ---- scale */

static int measure_row(const double *x, size_t features, double y, struct err *err)
{
    bool is_finite = y >= 0 && y <= 1;
    for (size_t i = 0; i < features; i++) {
        is_finite = is_finite && isfinite(x[i]);
    }
    return is_finite ? 0 : err_set(err, "not_finite", "a row holds what is no number");
}

/* Means and deviations by Welford's updates; outcomes on the way. */
static int measure_rows(const struct logistic_data *d, struct scale *s, double *ret_outcomes,
                        double *ret_entropy, struct err *err)
{
    double x[MAX], outcomes = 0, least = 0;
    memset(s, 0, sizeof(*s));
    for (size_t row = 0; row < d->rows; row++) {
        double y = d->row(d->ctx, row, x);
        if (measure_row(x, d->features, y, err) < 0) {
            return -1;
        }
        for (size_t i = 0; i < d->features; i++) {
            double off = x[i] - s->mean[i + 1];
            s->mean[i + 1] += off / (double)(row + 1);
            s->deviation[i + 1] += off * (x[i] - s->mean[i + 1]);
        }
        outcomes += y;
        least += entropy(y);
    }
    s->deviation[0] = 1;
    for (size_t i = 1; i <= d->features; i++) {
        s->deviation[i] = sqrt(s->deviation[i] / (double)d->rows);
        /* Rounding leaves a little of what is the same everywhere. */
        if (s->deviation[i] <= 1e-12 * fabs(s->mean[i])) {
            s->deviation[i] = 0;
        }
    }
    *ret_outcomes = outcomes;
    *ret_entropy = least;
    return 0;
}

/* ---- one point */

static void read_row(const struct work *w, size_t row, double *x, double *ret_y)
{
    x[0] = 1;
    *ret_y = w->data->row(w->data->ctx, row, x + 1);
    for (size_t i = 1; i < w->n; i++) {
        double deviation = w->scale->deviation[i];
        x[i] = deviation > 0 ? (x[i] - w->scale->mean[i]) / deviation : 0;
    }
}

static double logit_at(const struct work *w, const double *b, const double *x)
{
    double logit = 0;
    for (size_t i = 0; i < w->n; i++) {
        logit += b[i] * x[i];
    }
    return logit;
}

static double penalty(const struct work *w, const double *b)
{
    double sum = 0;
    for (size_t i = 1; i < w->n; i++) {
        sum += b[i] * b[i];
    }
    return w->ridge / 2 * sum;
}

static double loss_at(const struct work *w, const double *b)
{
    double x[MAX], y, loss = penalty(w, b);
    for (size_t row = 0; row < w->data->rows; row++) {
        read_row(w, row, x, &y);
        double logit = logit_at(w, b, x);
        loss += softplus(logit) - y * logit;
    }
    return loss;
}

static void add_row(struct work *w, const double *x, double y)
{
    double logit = logit_at(w, w->b, x);
    double p = logistic_of_logit(logit);
    double weight = p * (1 - p);
    w->loss += softplus(logit) - y * logit;
    for (size_t i = 0; i < w->n; i++) {
        w->slope[i] += (y - p) * x[i];
        for (size_t k = 0; k <= i; k++) {
            w->curve[i][k] += weight * x[i] * x[k];
        }
    }
}

static void look_at_b(struct work *w)
{
    double x[MAX], y;
    memset(w->slope, 0, sizeof(w->slope));
    memset(w->curve, 0, sizeof(w->curve));
    w->loss = penalty(w, w->b);
    for (size_t row = 0; row < w->data->rows; row++) {
        read_row(w, row, x, &y);
        add_row(w, x, y);
    }
    for (size_t i = 1; i < w->n; i++) {
        w->slope[i] -= w->ridge * w->b[i];
        w->curve[i][i] += w->ridge;
        if (w->scale->deviation[i] <= 0) {
            w->curve[i][i] = 1; /* nothing is known about it: it stays 0 */
        }
    }
}

/* ---- equations */

/* In place, the lower half. False: not positive definite. */
static bool factorise(struct work *w)
{
    for (size_t i = 0; i < w->n; i++) {
        double diagonal = w->curve[i][i];
        for (size_t k = 0; k < i; k++) {
            double sum = w->curve[i][k];
            for (size_t j = 0; j < k; j++) {
                sum -= w->curve[i][j] * w->curve[k][j];
            }
            w->curve[i][k] = sum / w->curve[k][k];
        }
        double pivot = diagonal;
        for (size_t j = 0; j < i; j++) {
            pivot -= w->curve[i][j] * w->curve[i][j];
        }
        if (!(pivot > PIVOT_SMALL * diagonal) || !(diagonal > 0)) {
            return false;
        }
        w->curve[i][i] = sqrt(pivot);
    }
    return true;
}

static void solve(const struct work *w, const double *right, double *ret)
{
    for (size_t i = 0; i < w->n; i++) {
        double sum = right[i];
        for (size_t k = 0; k < i; k++) {
            sum -= w->curve[i][k] * ret[k];
        }
        ret[i] = sum / w->curve[i][i];
    }
    for (size_t i = w->n; i-- > 0;) {
        double sum = ret[i];
        for (size_t k = i + 1; k < w->n; k++) {
            sum -= w->curve[k][i] * ret[k];
        }
        ret[i] = sum / w->curve[i][i];
    }
}

/* ---- Newton's method */

static double largest(const struct work *w, const double *v)
{
    double most = 0;
    for (size_t i = 0; i < w->n; i++) {
        most = fmax(most, fabs(v[i]));
    }
    return most;
}

/* Goes along the step as far as it does not make it worse; false: nowhere. Near the end rounding
 * decides, so a little is let pass. */
static bool move(struct work *w, const double *step)
{
    double next[MAX], share = 1;
    for (int halvings = 0; halvings <= HALVINGS_MAX; halvings++, share /= 2) {
        for (size_t i = 0; i < w->n; i++) {
            next[i] = w->b[i] + share * step[i];
        }
        if (loss_at(w, next) <= w->loss + 1e-10 * (1 + fabs(w->loss))) {
            memcpy(w->b, next, sizeof(next[0]) * w->n);
            return true;
        }
    }
    return false;
}

/* Leaves the curvature factorised at the last point but a step that is too small to matter. */
static int descend(struct work *w, int iterations_max, struct logistic_fit *fit, struct err *err)
{
    double step[MAX] = {0};
    for (fit->iterations = 1; fit->iterations <= iterations_max; fit->iterations++) {
        look_at_b(w);
        if (!factorise(w)) {
            fit->is_separated = fit->iterations > 1; /* the weights have vanished */
            return fit->is_separated
                       ? 0
                       : err_set(err, "collinear", "a feature is a sum of multiples of others");
        }
        solve(w, w->slope, step);
        if (!move(w, step)) {
            return 0;
        }
        if (largest(w, step) < STEP_SMALL) {
            fit->is_converged = true;
            return 0;
        }
    }
    fit->iterations = iterations_max;
    fit->is_separated = largest(w, step) > 0.1;
    return 0;
}

/* ---- result */

/* The standard deviation of v'b, where the curvature's inverse is the covariance of b. */
static double error_of(const struct work *w, const double *v)
{
    double solved[MAX], variance = 0;
    solve(w, v, solved);
    for (size_t i = 0; i < w->n; i++) {
        variance += v[i] * solved[i];
    }
    return sqrt(fmax(0, variance));
}

static void turn_back(const struct work *w, struct logistic_fit *fit)
{
    const struct scale *s = w->scale;
    double of_intercept[MAX] = {1};
    fit->coefficients[0] = w->b[0];
    for (size_t i = 1; i < w->n; i++) {
        double one[MAX] = {0};
        if (s->deviation[i] > 0) {
            fit->coefficients[i] = w->b[i] / s->deviation[i];
            one[i] = 1 / s->deviation[i];
            of_intercept[i] = -s->mean[i] / s->deviation[i];
            fit->errors[i] = fit->is_converged ? error_of(w, one) : 0;
        }
        fit->coefficients[0] -= fit->coefficients[i] * s->mean[i];
    }
    fit->errors[0] = fit->is_converged ? error_of(w, of_intercept) : 0;
}

static int check_amount(const struct logistic_data *data, double outcomes, struct err *err)
{
    if (data->rows <= data->features + 1) {
        return err_set(err, "too_few_rows", "%zu rows for %zu coefficients", data->rows,
                       data->features + 1);
    }
    if (outcomes <= 0 || outcomes >= (double)data->rows) {
        return err_set(err, "one_outcome", "all %zu rows end alike", data->rows);
    }
    return 0;
}

int logistic_regression(const struct logistic_data *data, const struct logistic_options *options,
                        struct logistic_fit *ret_fit, struct err *err)
{
    struct scale scale;
    struct work w = {.data = data, .scale = &scale, .ridge = options->ridge};
    struct logistic_fit fit = {.features = data->features};
    double outcomes, least;
    if (measure_rows(data, &scale, &outcomes, &least, err) < 0 ||
        check_amount(data, outcomes, err) < 0) {
        return -1;
    }
    double rows = (double)data->rows;
    double share = outcomes / rows;
    w.n = data->features + 1;
    w.b[0] = log(share / (1 - share));
    if (descend(&w, options->iterations_max > 0 ? options->iterations_max : USUAL_ITERATIONS_MAX,
                &fit, err) < 0) {
        return -1;
    }
    fit.null_deviance = 2 * fmax(0, rows * entropy(share) - least);
    fit.deviance = 2 * fmax(0, loss_at(&w, w.b) - penalty(&w, w.b) - least);
    turn_back(&w, &fit);
    *ret_fit = fit;
    return 0;
}
