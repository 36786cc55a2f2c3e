/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/delivery_schedule.h"

#include "common/base/backoff.h"
#include "common/base/duration.h"

int64_t delivery_next_attempt_us(const struct delivery_schedule *schedule,
                                 const struct delivery_attempt *attempt, int64_t now_us,
                                 uint64_t random)
{
    const struct backoff backoff = {.base_us = schedule->retry_us,
                                    .cap_us = schedule->retry_max_us};
    int64_t wait_us = backoff_delay_us(&backoff, (unsigned)(attempt->attempts - 1), random);
    int64_t asked_us = attempt->retry_after_s > schedule->retry_max_us / DURATION_S
                           ? schedule->retry_max_us
                           : attempt->retry_after_s * DURATION_S;
    int64_t next_us = now_us + (asked_us > wait_us ? asked_us : wait_us);
    if (attempt->is_gone || next_us - attempt->first_us > schedule->give_up_us) {
        return -1;
    }
    return next_us;
}
