/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/token_bucket.h"

#define SECOND_NS INT64_C(1000000000)

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

int64_t token_bucket_take(struct token_bucket *b, const struct token_rate *rate, int64_t now_us)
{
    const int64_t now_ns = now_us * 1000;
    const int64_t token_ns = SECOND_NS / rate->per_second;
    const int64_t room_ns = token_ns * rate->burst;
    const int64_t full_ns = later(b->full_ns, now_ns) + token_ns;

    if (full_ns - now_ns <= room_ns) {
        b->full_ns = full_ns;
        return 0;
    }
    /* Not below what fits by itself: who came when told has used its promise up. */
    b->promised_ns = later(b->promised_ns, full_ns - token_ns) + token_ns;
    const int64_t wait_us = (b->promised_ns - room_ns - now_ns + 999) / 1000;
    if (wait_us > TOKEN_WAIT_MAX_US) {
        b->promised_ns -= token_ns; /* a flood must not push the promises away for ever */
        return TOKEN_WAIT_MAX_US;
    }
    return wait_us;
}

bool token_bucket_is_full(const struct token_bucket *b, int64_t now_us)
{
    return b->full_ns <= now_us * 1000 && b->promised_ns <= now_us * 1000;
}
