/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/forecast_pool.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/compiler.h"
#include "common/base/xalloc.h"

struct past {
    int64_t made_us;
    struct survival_case outcome;
};

struct group {
    struct forecast_key key;
    char *kind, *owner_team, *calendar; /* the key's */
    struct past *past;                  /* up to twice as many as are wanted, in any order */
    size_t count, capacity;
};

struct forecast_pool {
    struct group *groups; /* in the order of their keys */
    size_t count, capacity;
    struct survival_case cases[FORECAST_POOL_MAX]; /* of the curve that was asked for last */
    struct survival_step steps[FORECAST_POOL_MAX];
};

struct forecast_pool *forecast_pool_new(void)
{
    return xcalloc(1, sizeof(struct forecast_pool));
}

void forecast_pool_free(struct forecast_pool *p)
{
    if (!p) {
        return;
    }
    for (size_t i = 0; i < p->count; i++) {
        struct group *g = &p->groups[i];
        free(g->kind);
        free(g->owner_team);
        free(g->calendar);
        free(g->past);
    }
    free(p->groups);
    free(p);
}

static struct group *group_of(struct forecast_pool *p, const struct forecast_key *key)
{
    size_t from = 0, to = p->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = forecast_key_compare(&p->groups[middle].key, key);
        if (order == 0) {
            return &p->groups[middle];
        }
        if (order < 0) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    if (p->count == p->capacity) {
        p->capacity = p->capacity ? 2 * p->capacity : 16;
        p->groups = xreallocarray(p->groups, p->capacity, sizeof(*p->groups));
    }
    struct group *g = &p->groups[from];
    memmove(g + 1, g, (p->count - from) * sizeof(*g));
    *g = (struct group){
        .kind = xstrdup(key->kind),
        .owner_team = xstrdup(key->owner_team),
        .calendar = xstrdup(key->calendar),
    };
    g->key = (struct forecast_key){g->kind, g->owner_team, g->calendar};
    p->count++;
    return g;
}

static int newest_first(const void *a, const void *b)
{
    const struct past *x = a;
    const struct past *y = b;
    return (x->made_us < y->made_us) - (x->made_us > y->made_us);
}

static void keep_newest(struct group *g)
{
    if (g->count > FORECAST_POOL_MAX) {
        qsort(g->past, g->count, sizeof(*g->past), newest_first);
        g->count = FORECAST_POOL_MAX;
    }
}

void forecast_pool_add(struct forecast_pool *p, const struct forecast_past *past)
{
    struct group *g = group_of(p, &past->key);
    if (g->count == 2 * (size_t)FORECAST_POOL_MAX) {
        keep_newest(g);
    }
    if (g->count == g->capacity) {
        g->capacity = g->capacity ? 2 * g->capacity : 64;
        g->past = xreallocarray(g->past, g->capacity, sizeof(*g->past));
    }
    g->past[g->count++] = (struct past){
        .made_us = past->made_us,
        .outcome = {past->counted_us > 0 ? past->counted_us : 0, past->is_done},
    };
}

size_t forecast_pool_count(const struct forecast_pool *p)
{
    return p->count;
}

void forecast_pool_curve(struct forecast_pool *p, size_t group, struct forecast_curve *ret)
{
    static const double shares[] = {0.5, FORECAST_SAFE_SHARE}; /* what is shown of it */
    struct group *g = &p->groups[group];
    int32_t kept = 0;
    keep_newest(g);
    for (size_t i = 0; i < g->count; i++) {
        p->cases[i] = g->past[i].outcome;
        kept += g->past[i].outcome.is_done;
    }
    const size_t least =
        g->count / 2 > FORECAST_CASES_MIN ? (g->count + 1) / 2 : FORECAST_CASES_MIN;
    const size_t steps = survival_curve_make(p->cases, g->count, p->steps);
    *ret = (struct forecast_curve){
        .key = g->key,
        .past_cases = (int32_t)g->count,
        .kept_cases = kept,
        .known_us = survival_curve_known(p->cases, g->count, least),
        .steps = p->steps,
        .step_count =
            survival_curve_thin(p->steps, steps, FORECAST_FINENESS, shares, ARRAY_LEN(shares)),
    };
}
