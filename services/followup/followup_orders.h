/* SPDX-License-Identifier: Apache-2.0 */
/* followup_orders.h - the second committed step: an order stands in the database before a dialer
 * hears of it. */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_ORDERS_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_ORDERS_H

#include <stdbool.h>

struct followup;
struct followup_call;
struct followup_orders;

struct followup_orders *followup_orders_new(struct followup *f);
void followup_orders_free(struct followup_orders *o); /* NULL is fine */

/* Takes the call; its event says what is to be done. */
void followup_orders_add(struct followup_orders *o, struct followup_call *call);

bool followup_orders_is_busy(const struct followup_orders *o);

#endif
