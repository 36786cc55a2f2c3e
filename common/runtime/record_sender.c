/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record_sender.c - a queue in the order of adding, an index by key, and one timer.
 *
 * States of an entry: to be sent -> sent -> gone (receipt). Only the timer moves sent back to to be
 * sent.
 */
#include "common/runtime/record_sender.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include <utlist.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"

#define REQUEST_BYTES_MAX                                                                          \
    (60 * 1024) /* of records; leaves room for framing below BUS_MESSAGE_MAX */
#define REQUEST_RECORDS_MAX 256
#define PUMP_US             (50 * DURATION_MS)

struct entry {
    char key[65];
    uint64_t tag;
    struct bytes record; /* memory follows the struct */
    bool is_sent;
    int64_t not_before_us; /* monotonic; a retry receipt asks to wait */
    struct entry *prev, *next;
    UT_hash_handle hh;
};

struct record_sender {
    struct record_sender_options options;
    struct bus_socket *dealer;
    struct loop_timer *timer;
    struct entry *queue;    /* oldest first */
    struct entry *sent_end; /* all entries before it are sent; NULL: all */
    struct entry *by_key;
    size_t count;
    int64_t resent;
    int64_t last_progress_us; /* monotonic: the last receipt, or the first send after silence */
    struct buffer request;    /* reused */
    bool is_pump_soon;        /* the timer stands at the next turn of the loop */
};

static void pump(void *ctx);

struct record_sender *record_sender_new(const struct record_sender_options *options)
{
    struct record_sender *s = xcalloc(1, sizeof *s);
    s->options = *options;
    s->timer = loop_timer_new(options->loop, pump, s);
    return s;
}

static void drop(struct record_sender *s, struct entry *e)
{
    if (s->sent_end == e) {
        s->sent_end = e->next;
    }
    DL_DELETE(s->queue, e);
    HASH_DEL(s->by_key, e);
    s->count--;
    free(e);
}

void record_sender_free(struct record_sender *s)
{
    if (s == NULL) {
        return;
    }
    while (s->queue != NULL) {
        drop(s, s->queue);
    }
    loop_timer_free(s->timer);
    buffer_free(&s->request);
    free(s);
}

void record_sender_use(struct record_sender *s, struct bus_socket *dealer)
{
    s->dealer = dealer;
}

bool record_sender_has_room(const struct record_sender *s)
{
    return s->count < s->options.window;
}

size_t record_sender_waiting(const struct record_sender *s)
{
    return s->count;
}

int64_t record_sender_resent(const struct record_sender *s)
{
    return s->resent;
}

bool record_sender_add(struct record_sender *s, struct bytes record, const char *key, uint64_t tag)
{
    struct entry *e = NULL;
    HASH_FIND_STR(s->by_key, key, e);
    if (e != NULL) {
        return false;
    }
    e = xcalloc(1, sizeof *e + record.len);
    (void)text_copy(e->key, sizeof e->key, key);
    e->tag = tag;
    uint8_t *copy = (uint8_t *)(e + 1);
    memcpy(copy, record.data, record.len);
    e->record = (struct bytes){.data = copy, .len = record.len};
    DL_APPEND(s->queue, e);
    HASH_ADD_STR(s->by_key, key, e);
    s->count++;
    if (s->sent_end == NULL) {
        s->sent_end = e;
    }
    if (!s->is_pump_soon) {
        s->is_pump_soon = true;
        loop_timer_after(s->timer, 0);
    }
    return true;
}

static void append_varint(struct buffer *b, size_t value)
{
    while (value >= 0x80) {
        uint8_t byte = (uint8_t)(value | 0x80);
        buffer_append(b, &byte, 1);
        value >>= 7;
    }
    uint8_t byte = (uint8_t)value;
    buffer_append(b, &byte, 1);
}

static size_t varint_len(size_t value)
{
    size_t len = 1;
    for (; value >= 0x80; value >>= 7) {
        len++;
    }
    return len;
}

/* Both IntakeRequest.records and RecordBatch.records are field 1, length-delimited. */
#define TAG_RECORDS 0x0a

/* Marks the entries of one request as sent and writes it into s->request. Returns false when
 * nothing is to be sent. */
static bool fill_request(struct record_sender *s, struct entry *first[], size_t *ret_count,
                         int64_t now_us)
{
    size_t count = 0;
    size_t batch_len = 0;
    for (struct entry *e = s->sent_end; e != NULL; e = e->next) {
        size_t need = 1 + varint_len(e->record.len) + e->record.len;
        if (e->is_sent || e->not_before_us > now_us) {
            continue;
        }
        if (count == REQUEST_RECORDS_MAX || (count > 0 && batch_len + need > REQUEST_BYTES_MAX)) {
            break;
        }
        first[count++] = e;
        batch_len += need;
    }
    if (count == 0) {
        return false;
    }
    buffer_clear(&s->request);
    uint8_t tag = TAG_RECORDS;
    buffer_append(&s->request, &tag, 1);
    append_varint(&s->request, batch_len);
    for (size_t i = 0; i < count; i++) {
        buffer_append(&s->request, &tag, 1);
        append_varint(&s->request, first[i]->record.len);
        buffer_append(&s->request, first[i]->record.data, first[i]->record.len);
    }
    *ret_count = count;
    return true;
}

static bool anything_sent(const struct record_sender *s)
{
    const struct entry *e = NULL;
    DL_FOREACH(s->queue, e)
    {
        if (e->is_sent) {
            return true;
        }
    }
    return false;
}

/* Silence: the request or its receipts are lost, and nobody can know which. */
static void send_all_again(struct record_sender *s, int64_t now_us)
{
    struct entry *e = NULL;
    DL_FOREACH(s->queue, e)
    {
        s->resent += e->is_sent;
        e->is_sent = false;
    }
    s->sent_end = s->queue;
    s->last_progress_us = now_us;
}

static void pump(void *ctx)
{
    struct record_sender *s = ctx;
    int64_t now_us = instant_monotonic_us();
    s->is_pump_soon = false;
    if (now_us - s->last_progress_us > s->options.resend_us && anything_sent(s)) {
        send_all_again(s, now_us);
    }
    struct entry *batch[REQUEST_RECORDS_MAX];
    size_t count = 0;
    while (s->dealer != NULL && fill_request(s, batch, &count, now_us)) {
        struct bytes body = {.data = s->request.data, .len = s->request.len};
        if (bus_send(s->dealer, body) < 0) {
            break; /* nobody connected, or the queue is full: the timer tries again */
        }
        if (!anything_sent(s)) {
            s->last_progress_us = now_us;
        }
        for (size_t i = 0; i < count; i++) {
            batch[i]->is_sent = true;
        }
        while (s->sent_end != NULL && s->sent_end->is_sent) {
            s->sent_end = s->sent_end->next;
        }
    }
    if (s->queue != NULL) {
        loop_timer_after(s->timer, PUMP_US);
    }
}

static bool may_only_be_early(const struct record_sender *s, const struct entry *e,
                              const Troth__V1__Receipt *r)
{
    return e != s->queue && r->code != NULL &&
           (strcmp(r->code, "case_unknown") == 0 || strcmp(r->code, "customer_unknown") == 0);
}

static void take_receipt(struct record_sender *s, const Troth__V1__Receipt *r, int64_t now_us)
{
    struct entry *e = NULL;
    if (r->key == NULL) {
        return;
    }
    HASH_FIND_STR(s->by_key, r->key, e);
    if (e == NULL) {
        return; /* an answer to an earlier copy of the same request */
    }
    bool is_retry = r->status == TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_RETRY;
    bool is_early = r->status == TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_REJECTED &&
                    may_only_be_early(s, e, r);
    if (is_retry || is_early) {
        e->is_sent = false;
        s->sent_end = s->queue;
        e->not_before_us = now_us + (r->has_retry_after_us ? r->retry_after_us : PUMP_US);
        s->resent++;
        return;
    }
    uint64_t tag = e->tag;
    drop(s, e);
    s->options.on_receipt(s->options.ctx, tag, r);
}

void record_sender_on_reply(struct record_sender *s, const Troth__V1__IntakeReply *reply)
{
    if (reply->body_case != TROTH__V1__INTAKE_REPLY__BODY_RECEIPTS) {
        return;
    }
    int64_t now_us = instant_monotonic_us();
    s->last_progress_us = now_us;
    for (size_t i = 0; i < reply->receipts->n_receipts; i++) {
        take_receipt(s, reply->receipts->receipts[i], now_us);
    }
}
