/* SPDX-License-Identifier: Apache-2.0 */
/*
 * servqual.h - where service falls short of what was expected, by dimension.
 *
 * A. Parasuraman, V. A. Zeithaml, L. L. Berry, SERVQUAL: A Multiple-Item Scale for Measuring
 * Consumer Perceptions of Service Quality, Journal of Retailing 64(1), 1988. The gap of an item is
 * perception - expectation (below 0: worse than expected); that of a dimension is the mean of its
 * items'; service quality is the mean over the dimensions, not over the items, whose numbers
 * differ. Weighted: customers divide 100 points among the dimensions (V. A. Zeithaml, A.
 * Parasuraman, L. L. Berry, Delivering Quality Service, 1990); the sum is not divided again.
 *
 * A customer is asked a few items at a time (rotation), so answers are missing by design. An item's
 * gap is its mean perception less its mean expectation, over whatever answers there are; an item
 * without both has none, a dimension without such items has none, and then the weights of the
 * others are scaled up to 100 points. How many answers each rests on is part of the result.
 */
#ifndef TROTH_MODEL_SERVQUAL_H
#define TROTH_MODEL_SERVQUAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/compiler.h"
#include "common/base/err.h"

enum {
    SERVQUAL_ITEMS_MAX = 64,
    SERVQUAL_DIMENSIONS_MAX = 16,
    SERVQUAL_NO_DIMENSION = -1
};

/* Which item belongs where. */
struct servqual_scale {
    size_t items, dimensions;
    const int8_t *dimension_of; /* by item; SERVQUAL_NO_DIMENSION: asked, but part of none */
};

/* Tangibles 1-4, reliability 5-9, responsiveness 10-13, assurance 14-17, empathy 18-22. */
extern const struct servqual_scale servqual_scale_1988;

struct servqual_answer {
    size_t item; /* from 0 */
    bool has_expectation, has_perception;
    double expectation, perception;
};

/* Sums over answers: those of two groups are added up field by field. */
struct servqual_sums {
    struct servqual_item_sum {
        double expectations, expectation; /* how many, and their sum */
        double perceptions, perception;
    } items[SERVQUAL_ITEMS_MAX];
};

/* False, and nothing counts: the scale has no such item. */
MUST_CHECK bool servqual_add(struct servqual_sums *sums, const struct servqual_scale *scale,
                             const struct servqual_answer *answer);

struct servqual_mean {
    bool has_gap;                     /* else the three means are 0 */
    double expectations, perceptions; /* answers */
    double expectation, perception;   /* means */
    double gap;
};

struct servqual_dimension {
    struct servqual_mean mean;
    size_t items;  /* how many of them have a gap */
    double points; /* of 100, scaled up for what is missing; 0 without a gap */
};

struct servqual {
    struct servqual_mean items[SERVQUAL_ITEMS_MAX];
    struct servqual_dimension dimensions[SERVQUAL_DIMENSIONS_MAX];
    size_t present; /* dimensions with a gap */
    double gap;     /* mean over them */
    double weighted_gap;
};

/* points: of each dimension, as checked below; NULL: all weigh the same. False, and *ret untouched:
 * no dimension that has points has a gap. */
bool servqual_of(const struct servqual_scale *scale, const struct servqual_sums *sums,
                 const double *points, struct servqual *ret);

/* Finite, at least 0, together 100 (to a millionth). Err: points_bad. */
MUST_CHECK int servqual_check_points(const double *points, size_t dimensions, struct err *err);

#endif
