/* SPDX-License-Identifier: Apache-2.0 */
/*
 * purchase_ledger.h - first and last purchase, on how many days there was one, and the currency:
 * what no sum can tell when a purchase is taken back.
 *
 * Purchases after the last one need no more than the account. When one comes that is older than the
 * last, or one is taken back, all purchases and refunds have to be known.
 */
#ifndef TROTH_LOYALTY_PURCHASE_LEDGER_H
#define TROTH_LOYALTY_PURCHASE_LEDGER_H

#include <stddef.h>
#include <stdint.h>

#include "services/loyalty/evidence.h"
#include "services/loyalty/measure.h"

struct sale {
    int64_t at_us;
    char currency[4];
};

struct sale_list { /* by time */
    struct sale *list;
    size_t count, capacity;
};

/* Zeroed: empty. */
struct purchase_ledger {
    struct sale_list purchases, refunds;
};

void purchase_ledger_free(struct purchase_ledger *l); /* what it holds; it is empty then */

/* From the account alone. */
void purchase_ledger_start(struct purchase_ledger *l, const struct account *a);
/* From all purchases and refunds: those that are void, or of other kinds, are passed over. */
void purchase_ledger_learn(struct purchase_ledger *l, const struct evidence *list, size_t count);

/* e is a purchase or a refund, not void; both keep the account's first_purchase_us,
 * last_purchase_us, purchase_days and currency right. One that is not there is not removed. */
void purchase_ledger_add(struct purchase_ledger *l, struct account *a, const struct evidence *e);
void purchase_ledger_remove(struct purchase_ledger *l, struct account *a, const struct evidence *e);

#endif
