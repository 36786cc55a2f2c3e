/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/group_difference.h"

#include <math.h>

#include "common/model/incomplete_beta.h"
#include "common/model/proportion.h"

#define UPPER 0.975

double group_mean(const struct group_sums *g)
{
    return g->count > 0.0 ? g->sum / g->count : NAN;
}

double group_variance(const struct group_sums *g)
{
    if (!(g->count > 1.0)) {
        return NAN;
    }
    /* Rounding may leave a little less than nothing. */
    return fmax(0.0, (g->squares - g->sum * g->sum / g->count) / (g->count - 1.0));
}

bool group_difference_means(const struct group_sums *first, const struct group_sums *second,
                            struct interval *ret)
{
    if (!(first->count > 1.0) || !(second->count > 1.0)) {
        return false;
    }
    double a = group_variance(first) / first->count, b = group_variance(second) / second->count;
    if (!(a + b > 0.0)) {
        return false;
    }
    double df = (a + b) * (a + b) / (a * a / (first->count - 1.0) + b * b / (second->count - 1.0));
    double half = student_quantile(UPPER, df) * sqrt(a + b);
    double difference = group_mean(second) - group_mean(first);
    *ret = (struct interval){difference - half, difference + half};
    return true;
}

bool group_mean_interval(const struct group_sums *g, struct interval *ret)
{
    if (!(g->count > 1.0)) {
        return false;
    }
    double half = student_quantile(UPPER, g->count - 1.0) * sqrt(group_variance(g) / g->count);
    *ret = (struct interval){group_mean(g) - half, group_mean(g) + half};
    return true;
}

bool group_difference_shares(const struct group_hits *first, const struct group_hits *second,
                             struct interval *ret)
{
    struct interval one, two;

    if (!proportion_wilson(first->hits, first->count, INTERVAL_Z_95, &one) ||
        !proportion_wilson(second->hits, second->count, INTERVAL_Z_95, &two)) {
        return false;
    }
    double p1 = first->hits / first->count, p2 = second->hits / second->count;
    double difference = p2 - p1;
    *ret = (struct interval){difference - hypot(p2 - two.low, one.high - p1),
                             difference + hypot(two.high - p2, p1 - one.low)};
    return true;
}
