/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_rates.h - a token bucket for each source that has a rate, found by the source's number and
 * so the same on all its connections and at both doors.
 *
 * Memory is bounded by the sources that sent something lately: full buckets are forgotten.
 */
#ifndef TROTH_INTAKE_RATES_H
#define TROTH_INTAKE_RATES_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/token_bucket.h"

struct intake_rates;

struct intake_rates *intake_rates_new(void);
void intake_rates_free(struct intake_rates *r); /* NULL is fine */

/* As token_bucket_take(), for this source. now_us is monotonic. */
MUST_CHECK int64_t intake_rates_take(struct intake_rates *r, int32_t source_id,
                                     const struct token_rate *rate, int64_t now_us);

size_t intake_rates_count(const struct intake_rates *r); /* buckets that are kept */

#endif
