/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/calibration.h"

#include "common/base/compiler.h"
#include "common/model/proportion.h"

enum {
    ENOUGH = 10, /* with fewer nearly everything is within the interval */
};

void calibration_add(struct calibration *c, int bin, const struct calibration_bin *more)
{
    struct calibration_bin *b = &c->bins[bin < 0                  ? 0
                                         : bin < CALIBRATION_BINS ? bin
                                                                  : CALIBRATION_BINS - 1];

    b->count += more->count;
    b->kept += more->kept;
    b->chances += more->chances;
    b->squares += more->squares;
}

struct calibration_bin calibration_all(const struct calibration *c)
{
    struct calibration all = {.waiting = 0};

    for (int i = 0; i < CALIBRATION_BINS; i++) {
        calibration_add(&all, 0, &c->bins[i]);
    }
    return all.bins[0];
}

double calibration_brier(const struct calibration_bin *b)
{
    return b->count > 0 ? b->squares / (double)b->count : 0.0;
}

double calibration_brier_of_share(const struct calibration_bin *b)
{
    const double share = b->count > 0 ? (double)b->kept / (double)b->count : 0.0;

    return share * (1.0 - share);
}

const char *calibration_verdict(const struct calibration_bin *b)
{
    const struct interval i = proportion_wilson_95((double)b->kept, (double)b->count);
    const double said = b->count > 0 ? b->chances / (double)b->count : 0.0;

    if (b->count < ENOUGH) {
        return "too few to tell";
    }
    if (said < i.low) {
        return "better";
    }
    return said > i.high ? "worse" : "as forecast";
}
