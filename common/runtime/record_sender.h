/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record_sender.h - hands records to intake and keeps asking until each has its receipt.
 *
 * For whoever sends records: the command line, the follow-up scheduler's outbox. A record stays
 * here until it is accepted, a duplicate, or rejected; a lost request or receipt only means that
 * the same key is sent again. Records leave in the order they were added. When the oldest of those
 * sent gets no receipt for resend_us, everything without one is sent again, oldest first, which
 * keeps that order. `case_unknown` and `customer_unknown` count only for a record that was sent
 * when nothing older waited any more: until then the record it refers to may simply not be there
 * yet, and it is sent again.
 */
#ifndef TROTH_COMMON_RUNTIME_RECORD_SENDER_H
#define TROTH_COMMON_RUNTIME_RECORD_SENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/runtime/bus.h"
#include "intake.pb-c.h"

struct record_sender;

/* One final receipt: accepted, duplicate or rejected. tag is the one given to record_sender_add().
 * Borrowed for the call. */
typedef void record_receipt_fn(void *ctx, uint64_t tag, const Troth__V1__Receipt *receipt);

struct record_sender_options {
    struct loop *loop;
    size_t window;     /* records without receipt at most, e.g. 4096 */
    int64_t resend_us; /* e.g. 5 s; machine time */
    record_receipt_fn *on_receipt;
    void *ctx;
};

struct record_sender *record_sender_new(const struct record_sender_options *options);
void record_sender_free(struct record_sender *s); /* NULL is fine; forgets what has no receipt */

/* The DEALER to send through; give it before the first add. Its IntakeReply bodies go to
 * record_sender_on_reply(). Another one later: what has no receipt is sent again through it, oldest
 * first. NULL: nothing is sent for now. */
void record_sender_use(struct record_sender *s, struct bus_socket *dealer);

/* Takes receipts out of a reply; other replies (disclosure, unknown keys) are ignored. Call from
 * the socket's handler. */
void record_sender_on_reply(struct record_sender *s, const Troth__V1__IntakeReply *reply);

/* Room for one more? A full sender is no error: turn the loop until receipts have come. */
bool record_sender_has_room(const struct record_sender *s);

/* Copies the packed Record, whose key must be key (1 to 64 bytes, not waiting here already: then it
 * is ignored and false returned). At most 60 KiB. Needs room. */
bool record_sender_add(struct record_sender *s, struct bytes record, const char *key, uint64_t tag);

/* The record is not waited for any more, and on_receipt is not called. Intake may have it, or get
 * it still. An unknown key is ignored. */
void record_sender_forget(struct record_sender *s, const char *key);

/* For on_receipt: may an earlier copy of this very record have been stored without a receipt that
 * arrived? Then "duplicate" can mean that copy. */
bool record_sender_is_repeated(const struct record_sender *s);

size_t record_sender_waiting(const struct record_sender *s); /* without receipt */
int64_t record_sender_resent(const struct record_sender *s); /* how many were sent again so far */

#endif
