/* SPDX-License-Identifier: Apache-2.0 */
/* calibration.h - how good forecasts were: what they said, beside what became of the promises.
 * Pure. */
#ifndef TROTH_SERVICES_CLI_CALIBRATION_H
#define TROTH_SERVICES_CLI_CALIBRATION_H

#include <stdint.h>

enum {
    CALIBRATION_BINS = 10, /* chances of 0 to 10 %, of 10 to 20 %, ... */
};

/* Of promises with similar chances. */
struct calibration_bin {
    int64_t count;           /* judged: their time is over */
    int64_t kept;            /* of them: in time */
    double chances, squares; /* sums over them: chance; (chance - 1 or 0)^2 */
};

/* Start with {0}. */
struct calibration {
    struct calibration_bin bins[CALIBRATION_BINS];
    int64_t waiting; /* not due yet */
    int64_t other;   /* ended otherwise: agreed anew, withdrawn, waived, another target */
};

void calibration_add(struct calibration *c, int bin, const struct calibration_bin *more);
struct calibration_bin calibration_all(const struct calibration *c);

/* The mean squared distance of what was said from what became of it: 0 is perfect. G. W. Brier,
 * Verification of forecasts expressed in terms of probability, Monthly Weather Review 78 (1950)
 * 1-3; the half of his score, as is usual for two outcomes. 0 of nothing. */
double calibration_brier(const struct calibration_bin *b);
/* That of somebody who always says the overall share, and knows it beforehand. */
double calibration_brier_of_share(const struct calibration_bin *b);

/* "as forecast", "better", "worse", or "too few to tell": is what was said within the Wilson
 * interval (95 %) of what came? */
const char *calibration_verdict(const struct calibration_bin *b);

#endif
