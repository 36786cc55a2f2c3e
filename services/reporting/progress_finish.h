/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress_finish.h - when a case will be done, as far as the past tells: the dates by which half
 * and nine of ten such cases are. Pure.
 *
 * The curve is intake's product-limit estimate of how long promises to solve such cases took, in
 * counted time (survival_curve.h). What has been counted by now is behind it, so the share is that
 * of the cases that took longer than this: S(t) = share * S(counted). The rest is working time from
 * now on, by the calendar of the promise.
 */
#ifndef TROTH_REPORTING_PROGRESS_FINISH_H
#define TROTH_REPORTING_PROGRESS_FINISH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/domain/calendar.h"
#include "common/domain/survival_curve.h"

#define PROGRESS_FINISH_CASES_MIN 30 /* with fewer nothing is said, as intake does */

struct progress_curve {
    const struct survival_step *steps; /* borrowed */
    size_t step_count;
    int64_t known_us; /* it says nothing about longer times; SURVIVAL_NEVER: no limit */
    int64_t past_cases;
};

struct progress_finish {
    int64_t half_us, most_us; /* by then 50 % and 90 % are done */
    int64_t past_cases;       /* that this rests on */
};

/* counted_us: working time by now_us. calendar NULL: every hour counts. False: not known. */
bool progress_finish_ask(const struct progress_curve *curve, const struct calendar *calendar,
                         int64_t counted_us, int64_t now_us, struct progress_finish *ret);

/* How right such dates were. */
struct progress_record {
    int64_t count;     /* dates that are past */
    int64_t half_done; /* cases that were done by the first */
    int64_t most_done; /* and by the second */
};

/* With fewer a share says nothing. */
#define PROGRESS_RECORD_MIN 20

#endif
