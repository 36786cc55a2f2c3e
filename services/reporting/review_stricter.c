/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/review_stricter.h"

#include <math.h>

#define MILLION 1e6

double review_stricter_kept(const struct log_histogram *used, const struct review_kept *now,
                            double factor)
{
    double within = log_histogram_count_until(used, MILLION);

    if (used->count == 0 || within <= 0.0) {
        return now->kept;
    }
    /* Some were kept without a clock of their own: they count as those that have one. */
    double share = log_histogram_count_until(used, factor * MILLION) / within;
    return now->kept * fmin(1.0, share);
}
