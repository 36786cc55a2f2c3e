/* SPDX-License-Identifier: Apache-2.0 */
/*
 * importance_performance.h - what to work on first: importance against satisfaction.
 *
 * J. A. Martilla, J. C. James, Importance-Performance Analysis, Journal of Marketing 41(1), 1977.
 * The cross lies at the means of both, so that the map separates the items from each other; on a
 * line of the cross counts as high.
 */
#ifndef TROTH_MODEL_IMPORTANCE_PERFORMANCE_H
#define TROTH_MODEL_IMPORTANCE_PERFORMANCE_H

#include <stddef.h>

enum quadrant {
    QUADRANT_KEEP_UP = 1,       /* important and good */
    QUADRANT_CONCENTRATE_HERE,  /* important and poor */
    QUADRANT_LOW_PRIORITY,      /* neither */
    QUADRANT_POSSIBLE_OVERKILL, /* good, but nobody needs it */
};

struct importance_performance {
    double importance, performance;
};

/* The mean of each over the items; count at least 1. */
struct importance_performance
importance_performance_cross(const struct importance_performance *items, size_t count);

enum quadrant importance_performance_quadrant(struct importance_performance item,
                                              struct importance_performance cross);

const char *quadrant_name(enum quadrant q); /* "keep_up", "concentrate_here", ... */

#endif
