/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/burst.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/xalloc.h"

enum {
    LEVELS_MAX = 128
};

/* The cheapest ways to be at each level after each gap, built gap by gap (Viterbi). */
struct ways {
    size_t gaps, levels;
    double climb;            /* cost of one level up */
    double rate[LEVELS_MAX]; /* events in a unit of time */
    double cost[LEVELS_MAX]; /* of the cheapest way so far */
    uint8_t *came_from;      /* level before, by gap and level */
};

static int check_times(const double *times, size_t count, double *ret_shortest, struct err *err)
{
    double shortest = INFINITY;

    if (count < 2) {
        return err_set(err, "times_bad", "bursts need at least two events");
    }
    for (size_t i = 1; i < count; i++) {
        double gap = times[i] - times[i - 1];

        if (!(gap > 0.0) || !isfinite(gap)) {
            return err_set(err, "times_bad", "event %zu is not later than the one before", i + 1);
        }
        shortest = fmin(shortest, gap);
    }
    *ret_shortest = shortest;
    return 0;
}

static void begin(struct ways *w, double span, double shortest, double s, double gamma)
{
    double levels = ceil(1.0 + log(span / shortest) / log(s));

    /* More levels would need gaps that differ by more than a double can say. */
    w->levels = (size_t)fmin(levels, LEVELS_MAX);
    w->climb = gamma * log((double)w->gaps);
    for (size_t level = 0; level < w->levels; level++) {
        w->rate[level] = pow(s, (double)level) * (double)w->gaps / span;
        w->cost[level] = level == 0 ? 0.0 : INFINITY;
    }
    w->came_from = xcalloc(w->gaps * w->levels, sizeof *w->came_from);
}

static void go_on(struct ways *w, size_t gap, double length)
{
    double cost[LEVELS_MAX];

    for (size_t to = 0; to < w->levels; to++) {
        size_t best = 0;

        cost[to] = INFINITY;
        for (size_t from = 0; from < w->levels; from++) {
            double c = w->cost[from] + (to > from ? (double)(to - from) * w->climb : 0.0);

            if (c >= cost[to]) {
                continue;
            }
            cost[to] = c;
            best = from;
        }
        w->came_from[gap * w->levels + to] = (uint8_t)best;
        /* - ln of the exponential density */
        cost[to] += w->rate[to] * length - log(w->rate[to]);
    }
    memcpy(w->cost, cost, w->levels * sizeof *cost);
}

/* The level of each gap on the cheapest way. */
static void go_back(const struct ways *w, uint8_t *ret_levels)
{
    size_t level = 0;

    for (size_t i = 1; i < w->levels; i++) {
        if (w->cost[i] < w->cost[level]) {
            level = i;
        }
    }
    for (size_t gap = w->gaps; gap-- > 0;) {
        ret_levels[gap] = (uint8_t)level;
        level = w->came_from[gap * w->levels + level];
    }
}

/* A burst lasts while the level is at least its own. */
static void collect(const double *times, const uint8_t *levels, size_t gaps, struct burst_list *ret)
{
    size_t open[LEVELS_MAX], depth = 0;
    struct burst_list list = {0};

    for (size_t gap = 0; gap <= gaps; gap++) {
        size_t wanted = gap < gaps ? (size_t)levels[gap] + 1 : 0;

        while (depth > wanted) {
            list.bursts[open[--depth]].end = times[gap];
        }
        while (depth < wanted) {
            list.bursts = xreallocarray(list.bursts, list.count + 1, sizeof *list.bursts);
            list.bursts[list.count] = (struct burst){(int)depth + 1, times[gap], times[gap]};
            open[depth++] = list.count++;
        }
    }
    *ret = list;
}

int burst_find(const double *times, size_t count, double s, double gamma, struct burst_list *ret,
               struct err *err)
{
    struct ways w = {0};
    double shortest;
    uint8_t *levels;

    if (!(s > 1.0 && gamma > 0.0)) {
        BUG("levels that cost nothing or are all the same");
    }
    if (check_times(times, count, &shortest, err) < 0) {
        return -1;
    }
    w.gaps = count - 1;
    begin(&w, times[count - 1] - times[0], shortest, s, gamma);
    for (size_t gap = 0; gap < w.gaps; gap++) {
        go_on(&w, gap, times[gap + 1] - times[gap]);
    }
    levels = xcalloc(w.gaps, sizeof *levels);
    go_back(&w, levels);
    collect(times, levels, w.gaps, ret);
    free(levels);
    free(w.came_from);
    return 0;
}

void burst_list_free(struct burst_list *list)
{
    free(list->bursts);
    *list = (struct burst_list){0};
}
