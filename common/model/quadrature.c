/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/quadrature.h"

#include <math.h>

#include "common/base/compiler.h"

#define TOLERANCE 1e-13 /* of the whole */
#define ROUNDING  1e-15 /* of an interval */

enum {
    DEPTH_MAX = 40,
    POINTS_MIN = 64,
    POINTS_MAX = 1 << 16,
};

struct integrand {
    double (*f)(double at, const void *context);
    const void *context;
    double tolerance; /* absolute */
};

/* Positions in [0, 1) from the middle, and weights. */
static const double kronrod[8][2] = {
    {0.0,                              0.209482141084727828012999174891714},
    {0.207784955007898467600689403773, 0.204432940075298892414161999234649},
    {0.405845151377397166906606412077, 0.190350578064785409913256402421014},
    {0.586087235467691130294144691693, 0.169004726639267902826583426598550},
    {0.741531185599394439863864773281, 0.140653259715525918745189590510238},
    {0.864864423359769072789712788641, 0.104790010322250183839876322541518},
    {0.949107912342758524526189684048, 0.063092092629978553290700663189204},
    {0.991455371120812639206854697526, 0.022935322010529224963732008058970},
};

static double of_interval(const struct integrand *g, double from, double to)
{
    const double middle = 0.5 * (from + to);
    const double half = 0.5 * (to - from);
    double sum = kronrod[0][1] * g->f(middle, g->context);

    for (int i = 1; i < (int)ARRAY_LEN(kronrod); i++) {
        const double step = half * kronrod[i][0];

        sum += kronrod[i][1] * (g->f(middle - step, g->context) + g->f(middle + step, g->context));
    }
    return sum * half;
}

/* Where rounding is all that is left to disagree, halving helps no more. */
static double refine(const struct integrand *g, double from, double to, double whole, int depth)
{
    const double middle = 0.5 * (from + to);
    const double left = of_interval(g, from, middle);
    const double right = of_interval(g, middle, to);
    const double difference = fabs(left + right - whole);

    if (depth <= 0 || difference <= g->tolerance || difference <= ROUNDING * fabs(whole)) {
        return left + right;
    }
    return refine(g, from, middle, left, depth - 1) + refine(g, middle, to, right, depth - 1);
}

double integrate(double (*f)(double at, const void *context), const void *context, double from,
                 double to)
{
    struct integrand g = {.f = f, .context = context};
    const double middle = 0.5 * (from + to);

    if (!(to > from)) {
        return 0;
    }
    const double whole = of_interval(&g, from, to);
    const double left = of_interval(&g, from, middle);
    const double right = of_interval(&g, middle, to);

    g.tolerance = TOLERANCE * fmax(fabs(whole), fabs(left + right));
    if (fabs(left + right - whole) <= g.tolerance) {
        return left + right;
    }
    return refine(&g, from, middle, left, DEPTH_MAX) + refine(&g, middle, to, right, DEPTH_MAX);
}

/* ---- the unit interval */

struct unit {
    double (*f)(double log_p, double log_rest, const void *context);
    const void *context;
    double from, to; /* of t; logit = pi sinh t */
};

/* Every second point of the next finer sum: offset 0.5; the first sum: offset 0. */
static double points(const struct unit *u, double step, double offset, int count)
{
    double sum = 0;

    for (int i = 0; i < count; i++) {
        const double t = u->from + (i + offset) * step;
        const double logit = M_PI * sinh(t);
        const double log_p = logit > 0 ? -log1p(exp(-logit)) : logit - log1p(exp(logit));

        sum += u->f(log_p, log_p - logit, u->context) * M_PI * cosh(t);
    }
    return sum;
}

/* What is left out beyond the ends is below e^-40 of the whole. */
double integrate_unit(double (*f)(double log_p, double log_rest, const void *context),
                      const void *context, double left, double right)
{
    const struct unit u = {.f = f,
                           .context = context,
                           .from = -asinh(40.0 / (M_PI * fmin(left, 1.0))),
                           .to = asinh(40.0 / (M_PI * fmin(right, 1.0)))};
    int count = POINTS_MIN;
    double step = (u.to - u.from) / count;
    double sum = points(&u, step, 0, count + 1) * step;

    while (count < POINTS_MAX) {
        const double before = sum;

        sum = 0.5 * (before + step * points(&u, step, 0.5, count));
        step *= 0.5;
        count *= 2;
        if (fabs(sum - before) <= 10 * TOLERANCE * fabs(sum)) {
            break;
        }
    }
    return sum;
}
