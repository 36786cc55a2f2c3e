/* SPDX-License-Identifier: Apache-2.0 */
/* followup_order_message.h - the order as its dialer gets it. */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_ORDER_MESSAGE_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_ORDER_MESSAGE_H

#include "common/base/arena.h"
#include "common/base/compiler.h"
#include "services/followup/followup_call.h"

struct followup;

/* Sends a committed order to its dialer, in the arena, which is reset. Returns 0, or -1 when it
 * could not be handed over: try again until its start-by. */
MUST_CHECK int followup_order_message_send(const struct followup *f,
                                           const struct followup_call *call, struct arena *arena);

#endif
