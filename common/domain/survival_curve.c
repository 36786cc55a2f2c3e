/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/survival_curve.h"

#include <math.h>
#include <stdlib.h>

/* The curve is a product of fractions: what should be 0.2 may come out a little above. No step of a
 * real curve is so small. */
#define ROUNDING 1e-9

static int by_duration(const void *a, const void *b)
{
    const struct survival_case *x = a;
    const struct survival_case *y = b;

    return (x->duration_us > y->duration_us) - (x->duration_us < y->duration_us);
}

size_t survival_curve_make(struct survival_case *cases, size_t count,
                           struct survival_step *ret_steps)
{
    size_t steps = 0;
    double open = 1.0;
    double spread = 0.0; /* Greenwood's sum */

    qsort(cases, count, sizeof(*cases), by_duration);
    for (size_t i = 0; i < count;) {
        const int64_t at_us = cases[i].duration_us;
        const double watched = (double)(count - i);
        double done = 0.0;

        for (; i < count && cases[i].duration_us == at_us; i++) {
            done += cases[i].is_done;
        }
        if (done > 0.0) {
            const double left = watched - done;

            open *= left / watched;
            spread += left > 0.0 ? done / (watched * left) : 0.0;
            ret_steps[steps++] = (struct survival_step){at_us, open, open * sqrt(spread)};
        }
    }
    return steps;
}

int64_t survival_curve_known(const struct survival_case *cases, size_t count, size_t least)
{
    size_t lost = 0; /* watched for a shorter time than that of this one */

    for (size_t i = 0; i < count; i++) {
        if (cases[i].is_done) {
            continue;
        }
        if (count - lost - 1 < least) {
            return count < least ? 0 : cases[i].duration_us;
        }
        lost++;
    }
    return count - lost < least ? 0 : SURVIVAL_NEVER;
}

static bool has_fallen_to(const struct survival_step *step, double share)
{
    return step->open <= 1.0 - share + ROUNDING;
}

/* With this step, and not before, one of the shares is done. */
static bool decides_a_share(const struct survival_step *before, const struct survival_step *step,
                            const double *shares, size_t share_count)
{
    for (size_t i = 0; i < share_count; i++) {
        if (has_fallen_to(step, shares[i]) && !has_fallen_to(before, shares[i])) {
            return true;
        }
    }
    return false;
}

size_t survival_curve_thin(struct survival_step *steps, size_t count, size_t fineness,
                           const double *shares, size_t share_count)
{
    const double least = 1.0 / (double)fineness;
    struct survival_step before = {0, 1.0, 0.0};
    double kept_open = 1.0;
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        const struct survival_step step = steps[i]; /* its place may be taken by a kept one */

        if (kept_open - step.open + ROUNDING >= least || i + 1 == count ||
            decides_a_share(&before, &step, shares, share_count)) {
            kept_open = step.open;
            steps[kept++] = step;
        }
        before = step;
    }
    return kept;
}

const struct survival_step *survival_curve_at(const struct survival_step *steps, size_t count,
                                              int64_t duration_us)
{
    size_t low = 0;
    size_t high = count; /* the first step after duration_us lies in [low, high] */

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (steps[middle].at_us <= duration_us) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low == 0 ? NULL : &steps[low - 1];
}

double survival_curve_done(const struct survival_step *steps, size_t count, int64_t duration_us)
{
    const struct survival_step *step = survival_curve_at(steps, count, duration_us);

    return step ? 1.0 - step->open : 0.0;
}

int64_t survival_curve_time(const struct survival_step *steps, size_t count, double share)
{
    for (size_t i = 0; i < count; i++) {
        if (has_fallen_to(&steps[i], share)) {
            return steps[i].at_us;
        }
    }
    return SURVIVAL_NEVER;
}
