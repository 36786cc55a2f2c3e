/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/purchase_world.h"

#include <math.h>

double purchase_world_chance(uint64_t *random)
{
    uint64_t z = *random += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return ((double)((z ^ z >> 31) >> 11) + 0.5) * 0x1p-53;
}

/* Box and Muller. */
static double normal(uint64_t *random)
{
    const double radius = sqrt(-2 * log(purchase_world_chance(random)));

    return radius * cos(2 * M_PI * purchase_world_chance(random));
}

/* ln of a gamma variate: a small shape makes it smaller than a double can be. G. Marsaglia, W. W.
 * Tsang, A Simple Method for Generating Gamma Variables, 2000. */
static double log_gamma_variate(double shape, uint64_t *random)
{
    const double d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3;
    double v = 0;

    for (;;) {
        const double x = normal(random);
        const double root = 1 + x / sqrt(9 * d);

        v = root * root * root;
        if (root > 0 && log(purchase_world_chance(random)) < 0.5 * x * x + d - d * v + d * log(v)) {
            break;
        }
    }
    const double less = shape < 1 ? log(purchase_world_chance(random)) / shape : 0;

    return log(d * v) + less;
}

static struct purchase_history one(const struct purchase_world *w, uint64_t *random)
{
    struct purchase_history h = {.t = w->from + (w->to - w->from) * purchase_world_chance(random)};
    const double rate = exp(log_gamma_variate(w->model.r, random)) / w->model.alpha;
    const double a = log_gamma_variate(w->model.a, random);
    const double b = log_gamma_variate(w->model.b, random);
    const double leaves = 1 / (1 + exp(b - a));

    for (double at = 0;;) {
        at -= log(purchase_world_chance(random)) / rate;
        if (!(at <= h.t)) {
            return h;
        }
        h.x++;
        h.t_x = at;
        if (purchase_world_chance(random) < leaves) {
            return h;
        }
    }
}

void purchase_world_make(const struct purchase_world *world, uint64_t seed, size_t count,
                         struct purchase_history *ret_histories)
{
    uint64_t random = seed;

    for (size_t i = 0; i < count; i++) {
        struct purchase_history h = one(world, &random);

        if (world->unit > 0) {
            h.t = ceil(h.t / world->unit) * world->unit;
            h.t_x = fmin(h.t, ceil(h.t_x / world->unit) * world->unit);
        }
        ret_histories[i] = h;
    }
}
