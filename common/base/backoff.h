/* SPDX-License-Identifier: Apache-2.0 */
/* backoff.h - how long to wait before the next try: exponential, capped, with jitter. */
#ifndef TROTH_COMMON_BASE_BACKOFF_H
#define TROTH_COMMON_BASE_BACKOFF_H

#include <stdint.h>

struct backoff {
    int64_t base_us; /* wait before the first retry */
    int64_t cap_us;  /* never longer than this */
};

/* The wait before retry number attempt (0 is the first): base * 2^attempt, at most cap, then spread
 * evenly over [1/2, 1] of itself by random (any 64 bits; same bits, same answer). No clock, no
 * generator. */
int64_t backoff_delay_us(const struct backoff *b, unsigned attempt, uint64_t random);

#endif
