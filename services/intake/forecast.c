/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/forecast.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/xalloc.h"

struct group {
    struct forecast_curve curve;
    char *kind, *owner_team, *calendar; /* the key's */
    struct survival_step *steps;        /* the curve's */
    int64_t safe_us;                    /* counted time; SURVIVAL_NEVER */
};

struct forecast {
    struct group *groups; /* in the order of their keys */
    size_t count, capacity;
};

int forecast_key_compare(const struct forecast_key *a, const struct forecast_key *b)
{
    int order = strcmp(a->kind, b->kind);
    if (order == 0) {
        order = strcmp(a->owner_team, b->owner_team);
    }
    return order != 0 ? order : strcmp(a->calendar, b->calendar);
}

struct forecast *forecast_new(void)
{
    return xcalloc(1, sizeof(struct forecast));
}

static void free_group(struct group *g)
{
    free(g->kind);
    free(g->owner_team);
    free(g->calendar);
    free(g->steps);
}

static void free_groups(struct forecast *f)
{
    for (size_t i = 0; i < f->count; i++) {
        free_group(&f->groups[i]);
    }
    free(f->groups);
}

void forecast_free(struct forecast *f)
{
    if (f) {
        free_groups(f);
        free(f);
    }
}

/* The first one whose key is not smaller. */
static size_t place_of(const struct forecast *f, const struct forecast_key *key)
{
    size_t from = 0, to = f->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (forecast_key_compare(&f->groups[middle].curve.key, key) < 0) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from;
}

static bool is_at(const struct forecast *f, size_t place, const struct forecast_key *key)
{
    return place < f->count && forecast_key_compare(&f->groups[place].curve.key, key) == 0;
}

static struct group copy(const struct forecast_curve *c)
{
    struct group g = {
        .curve = *c,
        .kind = xstrdup(c->key.kind),
        .owner_team = xstrdup(c->key.owner_team),
        .calendar = xstrdup(c->key.calendar),
        .steps = xcalloc(c->step_count + 1, sizeof(*g.steps)), /* also for none */
        .safe_us = survival_curve_time(c->steps, c->step_count, FORECAST_SAFE_SHARE),
    };
    if (c->step_count > 0) {
        memcpy(g.steps, c->steps, c->step_count * sizeof(*g.steps));
    }
    g.curve.key = (struct forecast_key){g.kind, g.owner_team, g.calendar};
    g.curve.steps = g.steps;
    return g;
}

void forecast_add(struct forecast *f, const struct forecast_curve *curve)
{
    size_t place = place_of(f, &curve->key);
    if (is_at(f, place, &curve->key)) {
        free_group(&f->groups[place]);
        f->groups[place] = copy(curve);
        return;
    }
    if (f->count == f->capacity) {
        f->capacity = f->capacity ? 2 * f->capacity : 16;
        f->groups = xreallocarray(f->groups, f->capacity, sizeof(*f->groups));
    }
    memmove(f->groups + place + 1, f->groups + place, (f->count - place) * sizeof(*f->groups));
    f->groups[place] = copy(curve);
    f->count++;
}

void forecast_replace(struct forecast *f, struct forecast *fresh)
{
    free_groups(f);
    *f = *fresh;
    free(fresh);
}

size_t forecast_count(const struct forecast *f)
{
    return f->count;
}

bool forecast_ask(const struct forecast *f, const struct forecast_question *q,
                  struct forecast_answer *ret)
{
    const struct forecast_key key = {q->kind, q->owner_team, calendar_name(q->calendar)};
    const size_t place = place_of(f, &key);
    if (!is_at(f, place, &key)) {
        return false;
    }
    const struct group *g = &f->groups[place];
    const struct forecast_curve *c = &g->curve;
    if (c->past_cases < FORECAST_CASES_MIN || q->within_us > c->known_us) {
        return false;
    }
    ret->past_cases = c->past_cases;
    ret->chance = survival_curve_done(c->steps, c->step_count, q->within_us);
    ret->safe_us = g->safe_us == SURVIVAL_NEVER || g->safe_us > c->known_us
                       ? CALENDAR_NEVER
                       : calendar_after(q->calendar, q->made_us, g->safe_us);
    return true;
}
