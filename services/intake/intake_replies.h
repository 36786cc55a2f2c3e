/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_replies.h - receipts on their way to their senders, many in one message.
 *
 * What a sender does not take at the moment waits here for a while, within a limit; after that it
 * is dropped and counted, for the sender asks again by the same key.
 */
#ifndef TROTH_INTAKE_REPLIES_H
#define TROTH_INTAKE_REPLIES_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/err.h"
#include "common/runtime/bus.h"
#include "intake.pb-c.h"

struct intake_replies;

/* How a message is handed over: bus_reply(), or a stand-in. Returns 0, or -1 when it was not taken.
 */
typedef int intake_reply_fn(void *ctx, struct bytes peer, struct bytes body);

struct intake_replies_options {
    struct loop *loop;
    intake_reply_fn *send;
    void *ctx;
    const int64_t *waiting_max; /* receipts; read each time, for it may be reloaded */
    const int64_t *wait_us;
    int64_t *sent_counter; /* receipts handed over */
    int64_t *dropped_counter;
    int64_t *waiting_gauge;
};

struct intake_replies *intake_replies_new(const struct intake_replies_options *options);
void intake_replies_free(struct intake_replies *r); /* NULL is fine */

/* Adds a packed receipt for intake_replies_flush(). Copies it. */
void intake_replies_add(struct intake_replies *r, struct bytes peer, struct bytes receipt);
void intake_replies_flush(struct intake_replies *r);

size_t intake_replies_waiting(const struct intake_replies *r); /* receipts */

#endif
