/* SPDX-License-Identifier: Apache-2.0 */
/* review_stricter.h - what a standard would have cost if it had been stricter, by replay of the
 * times that were counted. Pure. */
#ifndef TROTH_REPORTING_REVIEW_STRICTER_H
#define TROTH_REPORTING_REVIEW_STRICTER_H

#include <stdint.h>

#include "common/model/log_histogram.h"

struct review_kept {
    double kept;    /* with the target as it is */
    double decided; /* kept and broken */
};

/* How many would have been kept with a target of factor (0 to 1) times the one they had: of those
 * kept, those whose counted time was at most that share of the target. used: counted time / target
 * in millionths of promises that were done. What people would have done had the target been another
 * one, nobody knows: this is what the same work would have meant. */
double review_stricter_kept(const struct log_histogram *used, const struct review_kept *now,
                            double factor);

#endif
