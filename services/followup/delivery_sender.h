/* SPDX-License-Identifier: Apache-2.0 */
/*
 * delivery_sender.h - sends what is due: signed webhooks (see webhook_sign.h) and mails.
 *
 * At most so many at once, and fewer for one subscription, so that a slow receiver holds up no
 * other. What an attempt ended with is written; a process that dies with it is followed by the next
 * attempt. No order is promised: receivers look at the version in the event.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_DELIVERY_SENDER_H
#define TROTH_SERVICES_FOLLOWUP_DELIVERY_SENDER_H

#include <stdbool.h>

#include "services/followup/followup.h"

struct delivery_sender;

struct delivery_sender *delivery_sender_new(struct followup *f, struct err *err);
void delivery_sender_free(struct delivery_sender *s); /* NULL is fine */
void delivery_sender_wake(struct delivery_sender *s); /* something may be due */
bool delivery_sender_is_busy(const struct delivery_sender *s);

#endif
