/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/servqual.h"

#include <math.h>

#include "common/base/log.h"

static const int8_t dimension_of_1988[] = {0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2,
                                           2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4};

const struct servqual_scale servqual_scale_1988 = {
    .items = ARRAY_LEN(dimension_of_1988),
    .dimensions = 5,
    .dimension_of = dimension_of_1988,
};

bool servqual_add(struct servqual_sums *sums, const struct servqual_scale *scale,
                  const struct servqual_answer *answer)
{
    struct servqual_item_sum *item;

    if (scale->items > SERVQUAL_ITEMS_MAX) {
        BUG("a scale of too many items");
    }
    if (answer->item >= scale->items) {
        return false;
    }
    item = &sums->items[answer->item];
    if (answer->has_expectation) {
        item->expectations++;
        item->expectation += answer->expectation;
    }
    if (answer->has_perception) {
        item->perceptions++;
        item->perception += answer->perception;
    }
    return true;
}

static struct servqual_mean item_mean(const struct servqual_item_sum *sum)
{
    struct servqual_mean m = {
        .expectations = sum->expectations,
        .perceptions = sum->perceptions,
    };

    m.has_gap = m.expectations > 0.0 && m.perceptions > 0.0;
    if (m.has_gap) {
        m.expectation = sum->expectation / m.expectations;
        m.perception = sum->perception / m.perceptions;
        m.gap = m.perception - m.expectation;
    }
    return m;
}

/* Of the items that have a gap; answers are counted of all. */
static void dimension_mean(const struct servqual_scale *scale, size_t d,
                           const struct servqual_mean *items, struct servqual_dimension *ret)
{
    struct servqual_mean *m = &ret->mean;

    for (size_t i = 0; i < scale->items; i++) {
        if (scale->dimension_of[i] != (int8_t)d) {
            continue;
        }
        m->expectations += items[i].expectations;
        m->perceptions += items[i].perceptions;
        m->expectation += items[i].expectation;
        m->perception += items[i].perception;
        if (items[i].has_gap) {
            ret->items++;
        }
    }
    if (ret->items == 0) {
        return;
    }
    m->has_gap = true;
    m->expectation /= (double)ret->items;
    m->perception /= (double)ret->items;
    m->gap = m->perception - m->expectation;
}

/* False: nobody who has points has a gap. */
static bool weigh(const struct servqual_scale *scale, const double *points, struct servqual *s)
{
    double total = 0.0;

    for (size_t d = 0; d < scale->dimensions; d++) {
        if (s->dimensions[d].mean.has_gap) {
            total += points ? points[d] : 1.0;
        }
    }
    if (!(total > 0.0)) {
        return false;
    }
    for (size_t d = 0; d < scale->dimensions; d++) {
        struct servqual_dimension *dimension = &s->dimensions[d];

        if (!dimension->mean.has_gap) {
            continue;
        }
        dimension->points = 100.0 * (points ? points[d] : 1.0) / total;
        s->weighted_gap += dimension->points / 100.0 * dimension->mean.gap;
        s->gap += dimension->mean.gap;
        s->present++;
    }
    s->gap /= (double)s->present;
    return true;
}

bool servqual_of(const struct servqual_scale *scale, const struct servqual_sums *sums,
                 const double *points, struct servqual *ret)
{
    struct servqual s = {0};

    if (scale->items > SERVQUAL_ITEMS_MAX || scale->dimensions > SERVQUAL_DIMENSIONS_MAX) {
        BUG("a scale of too many items or dimensions");
    }
    for (size_t i = 0; i < scale->items; i++) {
        s.items[i] = item_mean(&sums->items[i]);
    }
    for (size_t d = 0; d < scale->dimensions; d++) {
        dimension_mean(scale, d, s.items, &s.dimensions[d]);
    }
    if (!weigh(scale, points, &s)) {
        return false;
    }
    *ret = s;
    return true;
}

int servqual_check_points(const double *points, size_t dimensions, struct err *err)
{
    double total = 0.0;

    for (size_t d = 0; d < dimensions; d++) {
        if (!isfinite(points[d]) || points[d] < 0.0) {
            return err_set(err, "points_bad", "points of a dimension must be at least 0");
        }
        total += points[d];
    }
    if (fabs(total - 100.0) > 1e-6) {
        return err_set(err, "points_bad", "points of the dimensions must add up to 100, not %g",
                       total);
    }
    return 0;
}
