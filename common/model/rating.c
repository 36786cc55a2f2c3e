/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/rating.h"

bool rating_of(const double *counts, size_t grades, size_t top_boxes, struct rating *ret)
{
    struct rating r = {0};

    for (size_t i = 0; i < grades; i++) {
        r.count += counts[i];
        r.mean += counts[i] * (double)(i + 1);
        if (i + top_boxes >= grades) {
            r.hits += counts[i];
        }
    }
    if (!(r.count > 0.0)) {
        return false;
    }
    r.mean /= r.count;
    r.share = r.hits / r.count;
    *ret = r;
    return true;
}
