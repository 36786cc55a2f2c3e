/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token_bucket.h - how many may come in how much time: a pure function of a bucket, its rate and
 * the machine's time.
 *
 * A bucket is two instants (the generic cell rate algorithm), so that it needs no timer, loses no
 * fraction of a token and may be forgotten once it is full. Zeroed memory is a full bucket. Time is
 * in microseconds of a clock that does not go back; an instant before the last one refills nothing.
 */
#ifndef TROTH_COMMON_BASE_TOKEN_BUCKET_H
#define TROTH_COMMON_BASE_TOKEN_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/compiler.h"

struct token_rate {
    int32_t per_second; /* 1 to TOKEN_RATE_MAX */
    int32_t burst;      /* tokens in a full bucket, 1 to TOKEN_RATE_MAX */
};

#define TOKEN_RATE_MAX    1000000
#define TOKEN_WAIT_MAX_US INT64_C(60000000) /* nobody is told to wait longer */

struct token_bucket {
    int64_t full_ns;     /* when the bucket will be full again */
    int64_t promised_ns; /* the same, if all who were told to wait come when they were told */
};

/* Takes a token and returns 0, or returns after how many microseconds there will be one for this
 * caller: each who is turned away is told a later time than the one before, so that they do not all
 * come back at once. Nothing is kept free for them. */
MUST_CHECK int64_t token_bucket_take(struct token_bucket *b, const struct token_rate *rate,
                                     int64_t now_us);

/* A full bucket says the same as none. */
bool token_bucket_is_full(const struct token_bucket *b, int64_t now_us);

#endif
