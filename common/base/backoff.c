/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/backoff.h"

int64_t backoff_delay_us(const struct backoff *b, unsigned attempt, uint64_t random)
{
    int64_t delay_us = b->base_us < b->cap_us ? b->base_us : b->cap_us;
    int64_t half_us;

    if (delay_us <= 0) {
        return 0;
    }
    for (unsigned i = 0; i < attempt && delay_us < b->cap_us; i++) {
        delay_us = delay_us > b->cap_us / 2 ? b->cap_us : delay_us * 2;
    }
    half_us = delay_us / 2;
    return delay_us - (int64_t)(random % ((uint64_t)half_us + 1));
}
