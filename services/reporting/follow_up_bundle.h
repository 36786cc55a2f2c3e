/* SPDX-License-Identifier: Apache-2.0 */
/* follow_up_bundle.h - what a follow-up adds to the figures, from its row and attempts as they are
 * now. Pure. */
#ifndef TROTH_REPORTING_FOLLOW_UP_BUNDLE_H
#define TROTH_REPORTING_FOLLOW_UP_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/zone.h"
#include "event.pb-c.h"
#include "services/reporting/figure_bundle.h"

/* One that has ended; it counts as a call when a telephone rang. */
struct follow_up_call {
    int64_t at_us; /* when it ended */
    Troth__V1__CallOutcome outcome;
    int channel;
};

/* Rows of followup's views; texts are borrowed, NULL is none. */
struct follow_up_rows {
    const char *branch, *rule, *reason;
    int channel, trigger;
    Troth__V1__FollowUpState state;
    int64_t planned_us, due_us;
    int64_t tried_us; /* first order; INT64_MIN: none */
    const struct follow_up_call *calls;
    size_t call_count;
};

/* Fills an empty bundle, sorted. */
void follow_up_bundle_make(const struct follow_up_rows *f, const struct zone *zone,
                           struct figure_bundle *ret);

#endif
