/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/cronbach_alpha.h"

/* Of one item, or of the totals of all when width is that of a row. */
static double variance(const double *scores, size_t people, size_t items, size_t width)
{
    double mean = 0.0, squares = 0.0;

    for (size_t p = 0; p < people; p++) {
        double sum = 0.0, off;

        for (size_t i = 0; i < width; i++) {
            sum += scores[p * items + i];
        }
        /* Welford: people's scores are alike, so squares of sums would cancel. */
        off = sum - mean;
        mean += off / (double)(p + 1);
        squares += off * (sum - mean);
    }
    return squares / (double)(people - 1);
}

bool cronbach_alpha(const double *scores, size_t people, size_t items, double *ret)
{
    double of_items = 0.0, of_totals;

    if (items < 2 || people < 2) {
        return false;
    }
    of_totals = variance(scores, people, items, items);
    if (!(of_totals > 0.0)) {
        return false;
    }
    for (size_t i = 0; i < items; i++) {
        of_items += variance(scores + i, people, items, 1);
    }
    *ret = (double)items / (double)(items - 1) * (1.0 - of_items / of_totals);
    return true;
}
