/* SPDX-License-Identifier: Apache-2.0 */
/* forecast_pool.h - past promises by group, from which the curves are made. Pure. */
#ifndef TROTH_INTAKE_FORECAST_POOL_H
#define TROTH_INTAKE_FORECAST_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "services/intake/forecast.h"

#define FORECAST_POOL_MAX 10000 /* of one group: the newest ones */
/* A curve is stored with steps of at least a thousandth: smaller ones are below its own error. */
#define FORECAST_FINENESS 1000

struct forecast_pool;

struct forecast_pool *forecast_pool_new(void);
void forecast_pool_free(struct forecast_pool *p); /* NULL is fine */

struct forecast_past {
    struct forecast_key key; /* copied */
    int64_t made_us;
    int64_t counted_us; /* until it was done, or so far */
    bool is_done;
};
void forecast_pool_add(struct forecast_pool *p, const struct forecast_past *past);

/* Groups, in the order of their keys. */
size_t forecast_pool_count(const struct forecast_pool *p);
/* The curve of one: borrowed until the next call. A millisecond or two for a full group. */
void forecast_pool_curve(struct forecast_pool *p, size_t group, struct forecast_curve *ret);

#endif
