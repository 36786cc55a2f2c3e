/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/optimise.h"

#include <math.h>
#include <string.h>

#include <nlopt.h>

#include "common/base/log.h"

/* Of a mean log-likelihood by the logarithms of parameters. */
#define SLOPE_MAX  1e-6
#define BEND_MIN   1e-6    /* less cannot be told from rounding, nor customers by it */
#define STEP_MAX   0.1     /* that is left to the top */
#define DIFFERENCE 1e-5    /* each way, for a slope */
#define STRIDE     1e-2    /* each way, for a bend */
#define VERY_BAD   (-1e30) /* instead of what is not finite */

/* Where it stops short, it goes on when it forgets what it has learnt of the curvature. */
enum {
    ROUNDS = 3
};

const struct fit_terms fit_terms_usual = {.customers_min = 100, .evaluations_max = 2000};

/* NLopt does not always end at the best place it has seen. */
struct search {
    const struct optimise_problem *problem;
    int evaluations;
    double best;
    double at[OPTIMISE_PARAMETERS_MAX];
};

static double counted(struct search *s, double value)
{
    s->evaluations++;
    return isfinite(value) ? value : VERY_BAD;
}

static double value_alone(struct search *s, const double *at)
{
    const struct optimise_problem *p = s->problem;

    return counted(s, p->value(at, p->context));
}

static void differences(struct search *s, const double *at, double *ret_gradient)
{
    double moved[OPTIMISE_PARAMETERS_MAX];

    memcpy(moved, at, s->problem->count * sizeof(*at));
    for (size_t i = 0; i < s->problem->count; i++) {
        moved[i] = at[i] + DIFFERENCE;
        const double up = value_alone(s, moved);
        moved[i] = at[i] - DIFFERENCE;
        const double down = value_alone(s, moved);

        moved[i] = at[i];
        ret_gradient[i] = (up - down) / (2 * DIFFERENCE);
    }
}

/* ret_gradient may be NULL; in it is what the problem says, finite or not. */
static double evaluate(struct search *s, const double *at, double *ret_gradient)
{
    const struct optimise_problem *p = s->problem;
    double unwanted[OPTIMISE_PARAMETERS_MAX];

    if (p->value_and_gradient != NULL) {
        return counted(s, p->value_and_gradient(at, ret_gradient != NULL ? ret_gradient : unwanted,
                                                p->context));
    }
    if (ret_gradient != NULL) {
        differences(s, at, ret_gradient);
    }
    return value_alone(s, at);
}

static double for_nlopt(unsigned count, const double *at, double *ret_gradient, void *context)
{
    struct search *s = context;
    const double value = evaluate(s, at, ret_gradient);

    for (size_t i = 0; ret_gradient != NULL && i < count; i++) {
        ret_gradient[i] = isfinite(ret_gradient[i]) ? ret_gradient[i] : 0.0;
    }
    if (value > s->best) {
        s->best = value;
        memmove(s->at, at, count * sizeof(*at));
    }
    return value;
}

/* What NLopt returns says how it ended, which is not believed. */
static void climb(struct search *s, int evaluations)
{
    const struct optimise_problem *p = s->problem;
    nlopt_opt opt = nlopt_create(NLOPT_LD_SLSQP, (unsigned)p->count);
    double at[OPTIMISE_PARAMETERS_MAX];
    double value = 0;

    if (opt == NULL) {
        BUG("nlopt_create");
    }
    memcpy(at, s->at, sizeof(at));
    (void)nlopt_set_max_objective(opt, for_nlopt, s);
    (void)nlopt_set_lower_bounds1(opt, p->lower);
    (void)nlopt_set_upper_bounds1(opt, p->upper);
    (void)nlopt_set_xtol_rel(opt, 1e-12);
    (void)nlopt_set_ftol_rel(opt, 1e-15);
    (void)nlopt_set_maxeval(opt, evaluations);
    (void)nlopt_optimize(opt, at, &value);
    nlopt_destroy(opt);
}

/* How the ground bends down where the search is: minus the second derivatives, from slopes. */
static void bend(struct search *s, double ret[OPTIMISE_PARAMETERS_MAX][OPTIMISE_PARAMETERS_MAX])
{
    const size_t count = s->problem->count;
    double up[OPTIMISE_PARAMETERS_MAX], down[OPTIMISE_PARAMETERS_MAX];
    double moved[OPTIMISE_PARAMETERS_MAX];

    for (size_t i = 0; i < count; i++) {
        memcpy(moved, s->at, sizeof(moved));
        moved[i] = s->at[i] + STRIDE;
        (void)evaluate(s, moved, up);
        moved[i] = s->at[i] - STRIDE;
        (void)evaluate(s, moved, down);
        for (size_t k = 0; k < count; k++) {
            ret[i][k] = (down[k] - up[k]) / (2 * STRIDE);
        }
    }
}

/* Whether the top is here by slope and bend together: Newton's step to it is short. On a plateau
 * both are next to nothing and the step is long. Gauss's elimination; a pivot that is not above 0
 * is a direction in which it does not bend down. */
static bool is_top(struct search *s, const double *gradient)
{
    const size_t count = s->problem->count;
    double bends[OPTIMISE_PARAMETERS_MAX][OPTIMISE_PARAMETERS_MAX];
    double step[OPTIMISE_PARAMETERS_MAX];

    memcpy(step, gradient, sizeof(step));
    bend(s, bends);
    for (size_t p = 0; p < count; p++) {
        if (!(bends[p][p] > BEND_MIN)) {
            return false;
        }
        for (size_t i = p + 1; i < count; i++) {
            const double factor = bends[i][p] / bends[p][p];

            for (size_t k = p; k < count; k++) {
                bends[i][k] -= factor * bends[p][k];
            }
            step[i] -= factor * step[p];
        }
    }
    for (size_t p = count; p-- > 0;) {
        for (size_t k = p + 1; k < count; k++) {
            step[p] -= bends[p][k] * step[k];
        }
        step[p] /= bends[p][p];
        if (!(fabs(step[p]) <= STEP_MAX)) {
            return false;
        }
    }
    return true;
}

/* NULL, or why this is not an optimum. */
static const char *objection(struct search *s)
{
    const struct optimise_problem *p = s->problem;
    const double margin = 1e-3 * (p->upper - p->lower);
    double gradient[OPTIMISE_PARAMETERS_MAX] = {0};
    bool is_level = evaluate(s, s->at, gradient) > VERY_BAD;

    for (size_t i = 0; i < p->count; i++) {
        if (s->at[i] < p->lower + margin || s->at[i] > p->upper - margin) {
            return "at_bound";
        }
        is_level = is_level && fabs(gradient[i]) <= SLOPE_MAX;
    }
    return is_level && is_top(s, gradient) ? NULL : "no_optimum";
}

struct fit_report optimise(const struct optimise_problem *problem, int evaluations_max, double *at)
{
    struct search s = {.problem = problem, .best = VERY_BAD};
    const char *why_not = "no_optimum";

    if (problem->count == 0 || problem->count > OPTIMISE_PARAMETERS_MAX) {
        BUG("number of parameters");
    }
    memcpy(s.at, at, problem->count * sizeof(*at));
    for (int i = 0; i < ROUNDS && why_not != NULL && s.evaluations < evaluations_max; i++) {
        climb(&s, evaluations_max - s.evaluations);
        why_not = objection(&s);
    }
    memcpy(at, s.at, problem->count * sizeof(*at));
    return (struct fit_report){.is_converged = why_not == NULL,
                               .why_not = why_not,
                               .log_likelihood = s.best,
                               .evaluations = s.evaluations};
}

struct fit_report fit_most_likely(const struct optimise_problem *problem,
                                  const struct fit_terms *terms, const struct fit_sample *sample,
                                  double *at)
{
    if (sample->why_not != NULL) {
        return (struct fit_report){.why_not = sample->why_not,
                                   .customers =
                                       isfinite(sample->customers) ? sample->customers : 0.0};
    }
    struct fit_report report = optimise(problem, terms->evaluations_max, at);

    report.customers = sample->customers;
    report.log_likelihood = report.log_likelihood * sample->customers + sample->log_unit;
    return report;
}
