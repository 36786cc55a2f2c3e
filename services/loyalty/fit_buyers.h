/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fit_buyers.h - who bought, when and for how much: what the purchase models are fitted on.
 *
 * 28 bytes for each customer, so that a million of them fit into memory.
 */
#ifndef TROTH_LOYALTY_FIT_BUYERS_H
#define TROTH_LOYALTY_FIT_BUYERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/model/bg_nbd.h"

/* The history that is looked at; held: its last quarter, which is kept aside first. */
struct fit_span {
    int64_t from_us, now_us; /* the first purchase of all, and the end */
    int64_t held_from_us;
};
struct fit_span fit_span_of(int64_t from_us, int64_t now_us);
double fit_span_held_days(const struct fit_span *span);

struct buyer {
    float t, t_x, t_x_before; /* days from the first purchase: until now, to the last one, to the
                                 last one before the held part */
    float days, days_before;  /* with a purchase; of them before the held part */
    float money;              /* minor units of the main currency, refunds taken off; per day */
    bool is_in_main_currency; /* all of it */
};

struct buyers {
    struct buyer *list;
    size_t count, capacity;
};

/* Instants of purchases, as they are read. */
struct buyer_history {
    int64_t first_us, last_us;
    int64_t last_before_us; /* before the held part; INT64_MIN: none */
    int64_t days, days_before;
    double money_minor; /* of the main currency */
    bool is_in_main_currency;
};
void buyers_add(struct buyers *b, const struct fit_span *span, const struct buyer_history *h);
void buyers_free(struct buyers *b);

/* As of now, and as it was when the held part began; false: was no buyer yet. */
struct purchase_history buyer_now(const struct buyer *b);
bool buyer_before(const struct buyer *b, double held_days, struct purchase_history *ret);

#endif
