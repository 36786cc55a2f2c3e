/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/rate_ratio.h"

#include <math.h>

#include "common/model/incomplete_beta.h"

enum {
    HALVINGS = 200
};
#define TAIL 0.025

/* The chance of k or more of n, of k itself only the half in a mid-P. */
static double upper_tail(double k, double n, double p, enum rate_ratio_interval kind)
{
    double with = binomial_at_least(k, n, p);

    if (kind == RATE_RATIO_EXACT) {
        return with;
    }
    return (with + (k + 1.0 > n ? 0.0 : binomial_at_least(k + 1.0, n, p))) / 2.0;
}

/* The p at which k or more of n have the chance tail. */
static double chance_at(double k, double n, double tail, enum rate_ratio_interval kind)
{
    double low = 0.0, high = 1.0;

    for (int i = 0; i < HALVINGS; i++) {
        double middle = low + (high - low) / 2.0;
        if (middle <= low || middle >= high) {
            break;
        }
        if (upper_tail(k, n, middle, kind) < tail) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return high;
}

bool rate_ratio_95(const struct rate *first, const struct rate *second,
                   enum rate_ratio_interval kind, struct interval *ret)
{
    double k = second->events, n = first->events + second->events;

    if (!(n > 0.0) || !(first->exposure > 0.0) || !(second->exposure > 0.0)) {
        return false;
    }
    double scale = first->exposure / second->exposure;
    struct interval i = {0.0, INFINITY};
    if (k > 0.0) {
        double p = chance_at(k, n, TAIL, kind);
        i.low = p / (1.0 - p) * scale;
    }
    if (first->events > 0.0) {
        /* At most k: the complement of k + 1 or more; of a mid-P the other half of k. */
        double p = kind == RATE_RATIO_EXACT ? chance_at(k + 1.0, n, 1.0 - TAIL, kind)
                                            : chance_at(k, n, 1.0 - TAIL, kind);
        i.high = p / (1.0 - p) * scale;
    }
    *ret = i;
    return true;
}

bool rate_ratio_log(const struct rate *first, const struct rate *second, struct log_ratio *ret)
{
    if (!(first->events > 0.0) || !(second->events > 0.0) || !(first->exposure > 0.0) ||
        !(second->exposure > 0.0)) {
        return false;
    }
    *ret = (struct log_ratio){
        .value = log(second->events / second->exposure) - log(first->events / first->exposure),
        .error = sqrt(1.0 / first->events + 1.0 / second->events),
    };
    return true;
}

struct log_ratio log_ratio_from(double ratio, struct interval i)
{
    return (struct log_ratio){log(ratio), (log(i.high) - log(i.low)) / (2.0 * INTERVAL_Z_95)};
}

double log_ratio_against(const struct log_ratio *ratio, const struct log_ratio *other,
                         struct interval *ret)
{
    double difference = ratio->value - other->value;
    double error = hypot(ratio->error, other->error);

    *ret = (struct interval){exp(difference - INTERVAL_Z_95 * error),
                             exp(difference + INTERVAL_Z_95 * error)};
    return exp(difference);
}

static double surprise_of(double seen, double expected)
{
    return seen > 0.0 ? seen * log(seen / expected) : 0.0;
}

double rate_ratio_surprise(const struct rate *first, const struct rate *second)
{
    double events = first->events + second->events, exposure = first->exposure + second->exposure;

    if (!(events > 0.0) || !(first->exposure > 0.0) || !(second->exposure > 0.0)) {
        return 0.0;
    }
    double one = events * first->exposure / exposure, two = events * second->exposure / exposure;
    double g2 = 2.0 * (surprise_of(first->events, one) + surprise_of(second->events, two));
    return second->events < two ? -g2 : g2;
}
