/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/group_ratio.h"

#include <math.h>

#include "common/model/proportion.h"

enum {
    VALUES_MIN = 6 /* 1 - 2 / 2^6 is over 95 % for the first time */
};

void estimate_difference(const struct estimate *first, const struct estimate *second,
                         struct interval *ret)
{
    double difference = second->value - first->value;

    *ret = (struct interval){
        difference -
            hypot(second->value - second->interval.low, first->interval.high - first->value),
        difference +
            hypot(second->interval.high - second->value, first->value - first->interval.low),
    };
}

static struct estimate log_of(const struct estimate *e)
{
    return (struct estimate){
        log(e->value), {log(e->interval.low), log(e->interval.high)}
    };
}

bool estimate_ratio(const struct estimate *first, const struct estimate *second,
                    struct interval *ret)
{
    struct interval logs;

    if (!(first->value > 0.0) || !(second->value > 0.0) || !isfinite(first->value) ||
        !isfinite(second->value)) {
        return false;
    }
    const struct estimate a = log_of(first), b = log_of(second);
    estimate_difference(&a, &b, &logs);
    *ret = (struct interval){exp(logs.low), exp(logs.high)};
    return true;
}

bool group_ratio_shares(const struct group_hits *first, const struct group_hits *second,
                        struct interval *ret)
{
    struct interval one, two;

    if (!(first->hits + second->hits > 0.0) ||
        !proportion_wilson(first->hits, first->count, INTERVAL_Z_95, &one) ||
        !proportion_wilson(second->hits, second->count, INTERVAL_Z_95, &two)) {
        return false;
    }
    double p1 = first->hits / first->count, p2 = second->hits / second->count;
    double product = p1 * p2;
    double low1 = one.low * (2.0 * p1 - one.low), high1 = one.high * (2.0 * p1 - one.high);
    double low2 = two.low * (2.0 * p2 - two.low), high2 = two.high * (2.0 * p2 - two.high);
    double root = sqrt(fmax(0.0, product * product - high1 * low2));
    /* (product - root) / high1, which may be 0 by 0 */
    double low = low2 > 0.0 ? low2 / (product + root) : 0.0;
    double high = low1 > 0.0 ? (product + sqrt(fmax(0.0, product * product - low1 * high2))) / low1
                             : INFINITY;
    *ret = (struct interval){low, high};
    return true;
}

bool median_estimate(const struct log_histogram *h, struct estimate *ret)
{
    struct estimate e;

    if (h->count < VALUES_MIN) {
        return false;
    }
    double half = INTERVAL_Z_95 / 2.0 / sqrt((double)h->count);
    if (!log_histogram_quantile(h, 0.5, &e.value) ||
        !log_histogram_quantile(h, fmax(0.0, 0.5 - half), &e.interval.low) ||
        !log_histogram_quantile(h, fmin(1.0, 0.5 + half), &e.interval.high)) {
        return false;
    }
    *ret = e;
    return true;
}
