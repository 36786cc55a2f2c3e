/* SPDX-License-Identifier: Apache-2.0 */
/*
 * purchase_world.h - made-up customers who buy exactly as BG/NBD says (common/model/bg_nbd.h): the
 * same seed gives the same customers.
 */
#ifndef TROTH_TESTS_SUPPORT_PURCHASE_WORLD_H
#define TROTH_TESTS_SUPPORT_PURCHASE_WORLD_H

#include <stddef.h>
#include <stdint.h>

#include "common/model/bg_nbd.h"

struct purchase_world {
    struct bg_nbd model;
    double from, to; /* customers are observed for a time evenly spread between these */
    double unit;     /* times are whole multiples of it; 0: they are not */
};

void purchase_world_make(const struct purchase_world *world, uint64_t seed, size_t count,
                         struct purchase_history *ret_histories);

/* splitmix64; in (0, 1). */
double purchase_world_chance(uint64_t *random);

#endif
