/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/ears.h"

#include <math.h>

enum {
    BASELINE = 7,
    LAG = 2, /* C2, C3: days left out just before */
    BACK = 2 /* C3: days before that count */
};

/* Day against the seven days that end lag days before it. */
static bool compare(const double *counts, size_t day, size_t lag, double min_sigma,
                    struct ears *ret)
{
    const double *baseline;
    double mean = 0.0, squares = 0.0;

    if (day < BASELINE + lag) {
        return false;
    }
    baseline = counts + day - lag - BASELINE;
    for (size_t i = 0; i < BASELINE; i++) {
        mean += baseline[i] / BASELINE;
    }
    for (size_t i = 0; i < BASELINE; i++) {
        squares += (baseline[i] - mean) * (baseline[i] - mean);
    }
    *ret = (struct ears){
        .mean = mean,
        .sigma = fmax(min_sigma, sqrt(squares / (BASELINE - 1))),
    };
    return true;
}

static bool bound(const double *counts, size_t day, double z, struct ears *e)
{
    e->upper = e->mean + z * e->sigma;
    e->is_alarm = counts[day] > e->upper;
    return true;
}

bool ears_c1(const double *counts, size_t day, double min_sigma, double z, struct ears *ret)
{
    return compare(counts, day, 0, min_sigma, ret) && bound(counts, day, z, ret);
}

bool ears_c2(const double *counts, size_t day, double min_sigma, double z, struct ears *ret)
{
    return compare(counts, day, LAG, min_sigma, ret) && bound(counts, day, z, ret);
}

/* What was over mean + sigma, in sigmas, from the first day to the last. */
static bool add_up(const double *counts, size_t first, size_t last, double min_sigma,
                   double *ret_sum)
{
    double sum = 0.0;

    for (size_t day = first; day <= last; day++) {
        struct ears e;

        if (!compare(counts, day, LAG, min_sigma, &e) || !(e.sigma > 0.0)) {
            return false;
        }
        sum += fmax(0.0, (counts[day] - e.mean) / e.sigma - 1.0);
    }
    *ret_sum = sum;
    return true;
}

bool ears_c3_surveillance(const double *counts, size_t day, double min_sigma, double z,
                          struct ears *ret)
{
    struct ears e;
    double before;

    if (day < BASELINE + LAG + BACK || !add_up(counts, day - BACK, day - 1, min_sigma, &before) ||
        !compare(counts, day, LAG, min_sigma, &e) || !(e.sigma > 0.0)) {
        return false;
    }
    e.upper = fmax(0.0, counts[day] + e.sigma * (z - before));
    e.is_alarm = counts[day] > e.upper;
    *ret = e;
    return true;
}

bool ears_c3_cdc(const double *counts, size_t day, double min_sigma, double *ret_sum)
{
    return day >= BASELINE + LAG + BACK && add_up(counts, day - BACK, day, min_sigma, ret_sum);
}
