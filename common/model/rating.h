/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rating.h - answers on a scale 1, 2, ... n, counted by grade: their mean, and the share of the
 * best.
 *
 *   CSAT   satisfaction, 1 to 5: the share of the top two boxes
 *   CES    effort, "it was easy", 1 to 7: the mean, and the share of the top three boxes
 *          (M. Dixon, K. Freeman, N. Toman, Stop Trying to Delight Your Customers, Harvard Business
 *          Review, 2010; on the scale of 2013, on which 7 is easy)
 *
 * The interval of a share: proportion.h, of hits and count.
 */
#ifndef TROTH_MODEL_RATING_H
#define TROTH_MODEL_RATING_H

#include <stdbool.h>
#include <stddef.h>

enum {
    RATING_CSAT_GRADES = 5,
    RATING_CSAT_TOP_BOXES = 2,
    RATING_CES_GRADES = 7,
    RATING_CES_TOP_BOXES = 3
};

struct rating {
    double count; /* answers */
    double hits;  /* of them in the top boxes */
    double share; /* hits / count */
    double mean;  /* in grades */
};

/* counts[i]: answers (or their weight) of grade i + 1. False, and *ret untouched: there are none.
 */
bool rating_of(const double *counts, size_t grades, size_t top_boxes, struct rating *ret);

#endif
