/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/proportion.h"

#include <math.h>

bool proportion_wilson(double hits, double count, double z, struct interval *ret)
{
    double scale, centre, half;

    if (!(count > 0.0)) {
        return false;
    }
    scale = 1.0 / (count + z * z);
    centre = scale * (hits + z * z / 2.0);
    half = scale * z * sqrt(hits * (count - hits) / count + z * z / 4.0);
    /* At 0 or count hits an end is 0 or 1 exactly, and rounding may go past it. */
    *ret = (struct interval){fmax(0.0, centre - half), fmin(1.0, centre + half)};
    return true;
}

struct interval proportion_wilson_95(double hits, double count)
{
    struct interval i = {0.0, 1.0};

    (void)proportion_wilson(hits, count, INTERVAL_Z_95, &i);
    return i;
}
