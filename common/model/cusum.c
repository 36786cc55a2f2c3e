/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/cusum.h"

#include <math.h>

struct cusum cusum_step(struct cusum c, double z, double k)
{
    c.above = fmax(0.0, c.above + z - k);
    c.below = fmax(0.0, c.below - z - k);
    c.above_run = c.above > 0.0 ? c.above_run + 1 : 0;
    c.below_run = c.below > 0.0 ? c.below_run + 1 : 0;
    return c;
}

bool cusum_signals(const struct cusum *c, double h)
{
    return c->above > h || c->below > h;
}

double cusum_count(double count, double mean)
{
    return (count - mean) / sqrt(mean);
}

double cusum_count_rossi(double count, double mean)
{
    return (count - 3.0 * mean + 2.0 * sqrt(count * mean)) / (2.0 * sqrt(mean));
}
