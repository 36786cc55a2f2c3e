/* SPDX-License-Identifier: Apache-2.0 */
/* dialer_metrics.h - what the dialer counts, whatever its driver. */
#ifndef TROTH_SERVICES_DIALER_DIALER_METRICS_H
#define TROTH_SERVICES_DIALER_DIALER_METRICS_H

#include <stdint.h>

#include "common/runtime/metrics.h"

enum {
    DIALER_METRICS_OUTCOMES = 14, /* CallOutcome and its zero */
};

struct dialer_metrics {
    int64_t *outcomes[DIALER_METRICS_OUTCOMES];
    int64_t *barred;
    struct metrics_histogram *duration;
    int64_t *lines, *lines_busy, *untaken, *links_up; /* filled in when they are printed */
};

void dialer_metrics_register(struct metrics *m, struct dialer_metrics *ret);

/* A call ended. What is no CallOutcome is not counted. */
void dialer_metrics_count(const struct dialer_metrics *m, int32_t outcome);

#endif
