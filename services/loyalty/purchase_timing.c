/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/purchase_timing.h"

#include "common/base/duration.h"

struct purchase_history purchase_timing(int64_t first_us, int64_t last_us, int32_t purchase_days,
                                        int64_t now_us)
{
    double until_last = (double)(last_us - first_us) / (double)DURATION_DAY;
    int64_t until_us = now_us > last_us ? now_us : last_us;
    return (struct purchase_history){
        .x = purchase_days - 1,
        .t_x = purchase_days > 1 ? until_last : 0,
        .t = (double)(until_us - first_us) / (double)DURATION_DAY,
    };
}

struct purchase_history purchase_timing_of(const struct account *a, int64_t now_us)
{
    return purchase_timing(a->first_purchase_us, a->last_purchase_us, a->purchase_days, now_us);
}
