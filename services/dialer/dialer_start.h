/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dialer_start.h - until when an order may begin. Whoever keeps one waiting asks here, right before
 * he goes on with it.
 *
 * By two clocks: the real one against the start-by that the scheduler gave, and, for the real clock
 * can be set back, the monotonic one against how far ahead of it a start-by can be.
 */
#ifndef TROTH_SERVICES_DIALER_DIALER_START_H
#define TROTH_SERVICES_DIALER_DIALER_START_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/duration.h"

/* The most that the scheduler's setting start_within takes. */
#define DIALER_START_WITHIN_MAX_US (30 * DURATION_S)

struct dialer_start {
    int64_t by_us;      /* machine time */
    int64_t arrived_us; /* monotonic */
};

struct dialer_clocks {
    int64_t real_us, monotonic_us;
};

/* Of now and some time later. */
struct dialer_clocks dialer_clocks_in(int64_t later_us);
bool dialer_start_is_past(struct dialer_start start, struct dialer_clocks clocks);

#endif
