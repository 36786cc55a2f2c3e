/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/optimise.h"

#include <math.h>
#include <string.h>

#include <nlopt.h>

#include "common/base/log.h"

#define SLOPE_MAX  1e-6    /* of a mean log-likelihood by the logarithm of a parameter */
#define DIFFERENCE 1e-5    /* each way */
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

struct fit_report fit_refused(const char *why_not, double customers)
{
    return (struct fit_report){.why_not = why_not,
                               .customers = isfinite(customers) ? customers : 0.0};
}

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

/* ret_gradient may be NULL. */
static double look(struct search *s, const double *at, double *ret_gradient)
{
    const struct optimise_problem *p = s->problem;
    const size_t count = p->count;
    double unwanted[OPTIMISE_PARAMETERS_MAX];
    double value = 0;

    if (p->value_and_gradient != NULL) {
        value = counted(s, p->value_and_gradient(at, ret_gradient != NULL ? ret_gradient : unwanted,
                                                 p->context));
    } else {
        value = value_alone(s, at);
        if (ret_gradient != NULL) {
            differences(s, at, ret_gradient);
        }
    }
    for (size_t i = 0; ret_gradient != NULL && i < count; i++) {
        ret_gradient[i] = isfinite(ret_gradient[i]) ? ret_gradient[i] : 0.0;
    }
    if (value > s->best) {
        s->best = value;
        memmove(s->at, at, count * sizeof(*at));
    }
    return value;
}

static double for_nlopt(unsigned count, const double *at, double *ret_gradient, void *context)
{
    (void)count;
    return look(context, at, ret_gradient);
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

/* NULL, or why this is not an optimum. */
static const char *objection(struct search *s)
{
    const struct optimise_problem *p = s->problem;
    const double margin = 1e-3 * (p->upper - p->lower);
    double gradient[OPTIMISE_PARAMETERS_MAX] = {0};
    const char *why_not = NULL;

    (void)look(s, s->at, gradient);
    for (size_t i = 0; i < p->count; i++) {
        if (s->at[i] < p->lower + margin || s->at[i] > p->upper - margin) {
            return "at_bound";
        }
        if (fabs(gradient[i]) > SLOPE_MAX) {
            why_not = "no_optimum";
        }
    }
    return s->best > VERY_BAD ? why_not : "no_optimum";
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
