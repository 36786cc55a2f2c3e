/* SPDX-License-Identifier: Apache-2.0 */
/* followup_outbox.h - answers on their way to intake: sent until each has its receipt. */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_OUTBOX_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_OUTBOX_H

#include <stdbool.h>

#include "intake.pb-c.h"

struct followup;
struct followup_outbox;

/* The socket to intake must be there. */
struct followup_outbox *followup_outbox_new(struct followup *f);
void followup_outbox_free(struct followup_outbox *o); /* NULL is fine */

/* Answers were committed: look now. It also looks by itself, every `poll`. */
void followup_outbox_wake(struct followup_outbox *o);

void followup_outbox_on_reply(struct followup_outbox *o, const Troth__V1__IntakeReply *reply);

/* A conversation with the database is under way; records without a receipt may stay behind, they
 * stand in the table. */
bool followup_outbox_is_busy(const struct followup_outbox *o);

#endif
