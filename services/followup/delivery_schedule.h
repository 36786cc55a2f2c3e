/* SPDX-License-Identifier: Apache-2.0 */
/* delivery_schedule.h - when a delivery that failed is tried again, and when it is dead. Pure. */
#ifndef TROTH_SERVICES_FOLLOWUP_DELIVERY_SCHEDULE_H
#define TROTH_SERVICES_FOLLOWUP_DELIVERY_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

struct delivery_schedule {
    int64_t retry_us;     /* before the second attempt; doubled before each one after that */
    int64_t retry_max_us; /* never longer than this */
    int64_t give_up_us;   /* from the first attempt on */
};

/* What an attempt ended with. Instants are machine time. */
struct delivery_attempt {
    int32_t attempts;      /* begun so far, at least 1 */
    int64_t first_us;      /* when the first one began */
    int64_t retry_after_s; /* as the receiver asks; 0: it does not */
    bool is_gone;          /* HTTP 410: the receiver wants no more */
};

/* Returns the instant of the next attempt, or -1: it is dead. random: any 64 bits; the wait is
 * spread over [1/2, 1] of itself, so that what failed together does not come again together. */
int64_t delivery_next_attempt_us(const struct delivery_schedule *schedule,
                                 const struct delivery_attempt *attempt, int64_t now_us,
                                 uint64_t random);

#endif
