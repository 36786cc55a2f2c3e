/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/fit_buyers.h"

#include <stdlib.h>

#include "common/base/duration.h"
#include "common/base/xalloc.h"
#include "services/loyalty/purchase_timing.h"

#define HELD_SHARE 4 /* one in so many parts */

struct fit_span fit_span_of(int64_t from_us, int64_t now_us)
{
    return (struct fit_span){
        .from_us = from_us,
        .now_us = now_us,
        .held_from_us = now_us - (now_us - from_us) / HELD_SHARE,
    };
}

static double days_of(int64_t us)
{
    return (double)us / (double)DURATION_DAY;
}

double fit_span_held_days(const struct fit_span *span)
{
    return days_of(span->now_us - span->held_from_us);
}

void buyers_add(struct buyers *b, const struct fit_span *span, const struct buyer_history *h)
{
    if (b->count == b->capacity) {
        b->capacity = b->capacity > 0 ? b->capacity + b->capacity / 2 : 1024;
        b->list = xreallocarray(b->list, b->capacity, sizeof(*b->list));
    }
    struct purchase_history now =
        purchase_timing(h->first_us, h->last_us, (int32_t)h->days, span->now_us);
    b->list[b->count++] = (struct buyer){
        .t = (float)now.t,
        .t_x = (float)now.t_x,
        .t_x_before = h->days_before > 1 ? (float)days_of(h->last_before_us - h->first_us) : 0,
        .days = (float)h->days,
        .days_before = (float)h->days_before,
        .money = (float)(h->money_minor / (double)h->days),
        .is_in_main_currency = h->is_in_main_currency,
    };
}

void buyers_free(struct buyers *b)
{
    free(b->list);
    *b = (struct buyers){.list = NULL};
}

struct purchase_history buyer_now(const struct buyer *b)
{
    return (struct purchase_history){.x = b->days - 1, .t_x = b->t_x, .t = b->t};
}

bool buyer_before(const struct buyer *b, double held_days, struct purchase_history *ret)
{
    if (b->days_before < 1) {
        return false;
    }
    double t = b->t - held_days;
    *ret = (struct purchase_history){
        .x = b->days_before - 1,
        .t_x = b->t_x_before,
        .t = t > b->t_x_before ? t : b->t_x_before, /* less is rounding */
    };
    return true;
}
