/* SPDX-License-Identifier: Apache-2.0 */
/* chance.h - seeded random numbers with the distributions of the models, for tests of what is
 * fitted. */
#ifndef TROTH_TESTS_UNIT_LOYALTY_CHANCE_H
#define TROTH_TESTS_UNIT_LOYALTY_CHANCE_H

#include <math.h>
#include <stdint.h>

struct chance {
    uint64_t state;
};

/* In (0, 1). splitmix64. */
static inline double chance_uniform(struct chance *c)
{
    uint64_t z = (c->state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return ((double)((z ^ (z >> 31)) >> 11) + 0.5) / 9007199254740992.0;
}

static inline double chance_exponential(struct chance *c)
{
    return -log(chance_uniform(c));
}

static inline double chance_normal(struct chance *c)
{
    return sqrt(-2 * log(chance_uniform(c))) * cos(6.283185307179586 * chance_uniform(c));
}

/* Shape, scale 1. G. Marsaglia, W. W. Tsang, ACM Transactions on Mathematical Software 26(3), 2000.
 */
static inline double chance_gamma(struct chance *c, double shape)
{
    if (shape < 1) {
        return chance_gamma(c, shape + 1) * pow(chance_uniform(c), 1 / shape);
    }
    double d = shape - 1.0 / 3, k = 1 / sqrt(9 * d);
    for (;;) {
        double x = chance_normal(c), v = pow(1 + k * x, 3);
        if (v > 0 && log(chance_uniform(c)) < 0.5 * x * x + d - d * v + d * log(v)) {
            return d * v;
        }
    }
}

static inline double chance_beta(struct chance *c, double a, double b)
{
    double x = chance_gamma(c, a), y = chance_gamma(c, b);
    return x / (x + y);
}

#endif
