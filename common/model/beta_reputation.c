/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/beta_reputation.h"

#include <math.h>

struct reputation reputation_add(struct reputation r, double grade, double weight)
{
    r.positive += weight * (1.0 + grade) / 2.0;
    r.negative += weight * (1.0 - grade) / 2.0;
    return r;
}

struct reputation reputation_of_sums(double weight, double weighted_grade)
{
    return (struct reputation){
        .positive = fmax(0.0, (weight + weighted_grade) / 2.0),
        .negative = fmax(0.0, (weight - weighted_grade) / 2.0),
    };
}

static double total(struct reputation r)
{
    return r.positive + r.negative + 2.0;
}

double reputation_expectation(struct reputation r)
{
    return (r.positive + 1.0) / total(r);
}

double reputation_rating(struct reputation r)
{
    return (r.positive - r.negative) / total(r);
}

double reputation_belief(struct reputation r)
{
    return r.positive / total(r);
}

double reputation_disbelief(struct reputation r)
{
    return r.negative / total(r);
}

double reputation_uncertainty(struct reputation r)
{
    return 2.0 / total(r);
}
