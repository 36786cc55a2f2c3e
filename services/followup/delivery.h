/* SPDX-License-Identifier: Apache-2.0 */
/*
 * delivery.h - events of all services on their way to the teams and systems that asked for them.
 *
 *   log.event -> followup.delivery    a consumer of its own ("followup.delivery"): the rows and the
 *                                     cursors in one transaction, so each event is one row for each
 *                                     subscription that wants it
 *   followup.delivery -> receivers    delivery_sender.h
 *
 * At least once: who was told may be told again, with the same id.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_DELIVERY_H
#define TROTH_SERVICES_FOLLOWUP_DELIVERY_H

#include <stdbool.h>

#include "services/followup/followup.h"

struct delivery;

/* Needs f's lanes. NULL with err. */
struct delivery *delivery_new(struct followup *f, struct err *err);
void delivery_free(struct delivery *d); /* NULL is fine */
void delivery_wake(struct delivery *d); /* there may be events */
/* Something is under way that is worth waiting for before the process ends. */
bool delivery_is_busy(const struct delivery *d);

#endif
