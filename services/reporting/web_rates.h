/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web_rates.h - how many requests one address, and one session, may make in a second.
 *
 * In memory, of a fixed size, for this process alone: it keeps one from taking the service away
 * from the others, and is no account. Two who share a place by chance share a bucket; the place is
 * chosen by a hash with a key that nobody knows, so nobody can aim at it.
 */
#ifndef TROTH_REPORTING_WEB_RATES_H
#define TROTH_REPORTING_WEB_RATES_H

#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/token_bucket.h"

struct web_rates;

/* rate: in so many seconds instead of one. */
struct web_rates *web_rates_new(struct token_rate rate, int seconds);
void web_rates_free(struct web_rates *r); /* NULL is fine */

/* 0: yes; else after how many microseconds. now_us: monotonic. */
MUST_CHECK int64_t web_rates_take(struct web_rates *r, struct bytes who, int64_t now_us);

#endif
