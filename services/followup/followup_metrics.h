/* SPDX-License-Identifier: Apache-2.0 */
/* followup_metrics.h - what the scheduler counts. */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_METRICS_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_METRICS_H

#include <stdint.h>

#include "common/runtime/metrics.h"

enum {
    FOLLOWUP_RESTING_CHANNELS = 4 /* calls, messages and mails; 0 is no channel */
};

struct followup_metrics {
    int64_t *planned, *claimed, *ordered, *calls, *listed, *questions, *answers_taken,
        *answers_rejected, *failures, *moved, *missed_window, *missed_nothing_permitted, *deferred,
        *suppressed, *merged, *unreachable;
    int64_t *dialers, *lines;                            /* filled in when they are printed */
    int64_t *resting[FOLLOWUP_RESTING_CHANNELS];         /* [Channel]; as well */
    struct metrics_histogram *delay, *result, *worklist; /* NULL is fine */
};

void followup_metrics_register(struct metrics *m, struct followup_metrics *ret);

#endif
