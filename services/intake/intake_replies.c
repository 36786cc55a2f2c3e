/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_replies.c - receipts are packed once, when they are decided; a message is those bytes in a
 * row, each with its tag and length in front, which is how protobuf writes a repeated field.
 */
#include "services/intake/intake_replies.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/xalloc.h"
#include "services/intake/byte_map.h"

enum {
    TAG_RECEIPTS = 0x0a, /* IntakeReply.receipts = 1 */
    TAG_RECEIPT = 0x0a,  /* ReceiptBatch.receipts = 1 */
    HEADER_MAX = 16,     /* tags and lengths in front of what is counted */
};
#define RETRY_US (20 * DURATION_MS)

/* Receipts for one peer that make one message. */
struct bundle {
    struct bundle *next; /* in a list of those that are filled, or that wait */
    struct buffer receipts;
    size_t count;
    int64_t since_us;
    size_t peer_len;
    uint8_t peer[];
};

struct intake_replies {
    struct intake_replies_options options;
    struct byte_map by_peer; /* those that are filled */
    struct bundle *filling;
    struct bundle *last;    /* that was added to */
    struct bundle *waiting; /* oldest first */
    struct bundle **waiting_end;
    size_t waiting_count;
    struct loop_timer *timer;
    struct buffer scratch;
};

static void retry(void *ctx);

struct intake_replies *intake_replies_new(const struct intake_replies_options *options)
{
    struct intake_replies *r = xcalloc(1, sizeof(*r));
    r->options = *options;
    r->waiting_end = &r->waiting;
    r->timer = loop_timer_new(options->loop, retry, r);
    return r;
}

static void bundle_free(struct bundle *b)
{
    buffer_free(&b->receipts);
    free(b);
}

static void free_all(struct bundle *list)
{
    while (list) {
        struct bundle *b = list;
        list = b->next;
        bundle_free(b);
    }
}

void intake_replies_free(struct intake_replies *r)
{
    if (!r) {
        return;
    }
    free_all(r->filling);
    free_all(r->waiting);
    byte_map_free(&r->by_peer);
    loop_timer_free(r->timer);
    buffer_free(&r->scratch);
    free(r);
}

size_t intake_replies_waiting(const struct intake_replies *r)
{
    return r->waiting_count;
}

/* ---- sending */

static void append_varint(struct buffer *b, size_t v)
{
    while (v >= 0x80) {
        const uint8_t byte = (uint8_t)(v | 0x80);
        buffer_append(b, &byte, 1);
        v >>= 7;
    }
    const uint8_t byte = (uint8_t)v;
    buffer_append(b, &byte, 1);
}

static int send_bundle(struct intake_replies *r, const struct bundle *b)
{
    const uint8_t tag = TAG_RECEIPTS;
    buffer_clear(&r->scratch);
    buffer_append(&r->scratch, &tag, 1);
    append_varint(&r->scratch, b->receipts.len);
    buffer_append(&r->scratch, b->receipts.data, b->receipts.len);
    int rc = r->options.send(r->options.ctx, (struct bytes){b->peer, b->peer_len},
                             (struct bytes){r->scratch.data, r->scratch.len});
    if (rc == 0) {
        *r->options.sent_counter += (int64_t)b->count;
    }
    return rc;
}

static void note_waiting(struct intake_replies *r)
{
    *r->options.waiting_gauge = (int64_t)r->waiting_count;
    if (r->waiting && !loop_timer_is_armed(r->timer)) {
        loop_timer_after(r->timer, RETRY_US);
    }
}

static void drop(struct intake_replies *r, struct bundle *b)
{
    *r->options.dropped_counter += (int64_t)b->count;
    bundle_free(b);
}

/* Sends b, or keeps it for later. Takes it over. */
static void hand_over(struct intake_replies *r, struct bundle *b)
{
    if (send_bundle(r, b) == 0) {
        bundle_free(b);
        return;
    }
    if (r->waiting_count + b->count > (size_t)*r->options.waiting_max) {
        drop(r, b);
        return;
    }
    b->since_us = instant_monotonic_us();
    b->next = NULL;
    *r->waiting_end = b;
    r->waiting_end = &b->next;
    r->waiting_count += b->count;
}

static void retry(void *ctx)
{
    struct intake_replies *r = ctx;
    int64_t oldest_us = instant_monotonic_us() - *r->options.wait_us;
    struct bundle **at = &r->waiting;
    while (*at) {
        struct bundle *b = *at;
        bool is_sent = send_bundle(r, b) == 0;
        if (!is_sent && b->since_us > oldest_us) {
            at = &b->next;
            continue;
        }
        *at = b->next;
        r->waiting_count -= b->count;
        if (is_sent) {
            bundle_free(b);
        } else {
            drop(r, b);
        }
    }
    r->waiting_end = at;
    note_waiting(r);
}

/* ---- filling */

/* A new one, which takes the place of what there was for the peer. */
static struct bundle *begin_bundle(struct intake_replies *r, struct bytes peer)
{
    struct bundle *b = xcalloc(1, sizeof(*b) + peer.len);
    memcpy(b->peer, peer.data, peer.len);
    b->peer_len = peer.len;
    b->next = r->filling;
    r->filling = b;
    r->last = b;
    byte_map_set(&r->by_peer, (struct bytes){b->peer, b->peer_len}, b);
    return b;
}

static struct bundle *bundle_for(struct intake_replies *r, struct bytes peer)
{
    struct bundle *b = r->last;
    if (b && bytes_equal((struct bytes){b->peer, b->peer_len}, peer)) {
        return b;
    }
    b = byte_map_find(&r->by_peer, peer);
    r->last = b ? b : begin_bundle(r, peer);
    return r->last;
}

void intake_replies_add(struct intake_replies *r, struct bytes peer, struct bytes receipt)
{
    const uint8_t tag = TAG_RECEIPT;
    struct bundle *b = bundle_for(r, peer);
    if (b->count > 0 && b->receipts.len + receipt.len + HEADER_MAX > BUS_MESSAGE_MAX) {
        b = begin_bundle(r, peer);
    }
    buffer_append(&b->receipts, &tag, 1);
    append_varint(&b->receipts, receipt.len);
    buffer_append(&b->receipts, receipt.data, receipt.len);
    b->count++;
}

void intake_replies_flush(struct intake_replies *r)
{
    struct bundle *list = r->filling;
    r->filling = r->last = NULL;
    byte_map_clear(&r->by_peer);
    while (list) {
        struct bundle *b = list;
        list = b->next;
        hand_over(r, b);
    }
    note_waiting(r);
}
