/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/dialer_start.h"

#include "common/base/instant.h"

struct dialer_clocks dialer_clocks_in(int64_t later_us)
{
    return (struct dialer_clocks){
        .real_us = instant_now_us() + later_us,
        .monotonic_us = instant_monotonic_us() + later_us,
    };
}

bool dialer_start_is_past(struct dialer_start start, struct dialer_clocks clocks)
{
    return clocks.real_us > start.by_us ||
           clocks.monotonic_us - start.arrived_us > DIALER_START_WITHIN_MAX_US;
}
