/* SPDX-License-Identifier: Apache-2.0 */
/* purchase_timing.h - what the purchase model is asked about a customer; the same when it is fitted
 * and when it is used. */
#ifndef TROTH_LOYALTY_PURCHASE_TIMING_H
#define TROTH_LOYALTY_PURCHASE_TIMING_H

#include <stdint.h>

#include "common/model/bg_nbd.h"
#include "services/loyalty/measure.h"

/* In days. purchase_days: days (UTC) with a purchase, at least 1; an instant before the last
 * purchase counts as that. */
struct purchase_history purchase_timing(int64_t first_us, int64_t last_us, int32_t purchase_days,
                                        int64_t now_us);

/* a has at least one purchase. */
struct purchase_history purchase_timing_of(const struct account *a, int64_t now_us);

#endif
