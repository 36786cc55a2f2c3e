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
#include <utlist.h>

#include "common/base/duration.h"
#include "common/base/hash_table.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"

/* Of records; leaves room for framing below BUS_MESSAGE_MAX. */
#define REQUEST_BYTES_MAX   ((size_t)60 * 1024)
#define REQUEST_RECORDS_MAX 256
#define PUMP_US             (50 * DURATION_MS)

struct entry {
    char key[65];
    uint64_t tag;
    struct bytes record; /* memory follows the struct */
    uint64_t number;     /* counts up in the order of adding */
    bool is_sent;
    bool is_repeated; /* an earlier copy of it may have been stored */
    bool was_early;   /* was once told that what it refers to is unknown */
    bool was_first; /* when it was sent, nothing older waited that might have been what it refers to
                     */
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
    size_t sent_count; /* of them, sent and without receipt */
    uint64_t last_number;
    int64_t resent;
    int64_t last_progress_us; /* monotonic: the oldest that was sent got its receipt, or was sent */
    struct buffer request;    /* reused */
    bool is_pump_soon;        /* the timer stands at the next turn of the loop */
    bool is_repeated;         /* of the entry whose receipt is handed on */
};

static void pump(void *ctx);

struct record_sender *record_sender_new(const struct record_sender_options *options)
{
    struct record_sender *s = xcalloc(1, sizeof *s);
    s->options = *options;
    s->timer = loop_timer_new(options->loop, pump, s);
    return s;
}

/* The macros of uthash are deep; each has a function of its own. */

/* NOLINTNEXTLINE(readability-function-size) */
static struct entry *index_find(const struct record_sender *s, const char *key)
{
    struct entry *e = NULL;
    HASH_FIND_STR(s->by_key, key, e);
    return e;
}

/* NOLINTNEXTLINE(readability-function-size) */
static void index_add(struct record_sender *s, struct entry *e)
{
    HASH_ADD_STR(s->by_key, key, e);
}

/* NOLINTNEXTLINE(readability-function-size) */
static void index_remove(struct record_sender *s, struct entry *e)
{
    HASH_DEL(s->by_key, e);
}

static void set_sent(struct record_sender *s, struct entry *e, bool is_sent)
{
    if (e->is_sent && !is_sent) {
        s->sent_count--;
    } else if (!e->is_sent && is_sent) {
        s->sent_count++;
    }
    e->is_sent = is_sent;
}

static void drop(struct record_sender *s, struct entry *e)
{
    if (s->sent_end == e) {
        s->sent_end = e->next;
    }
    set_sent(s, e, false);
    DL_DELETE(s->queue, e);
    index_remove(s, e);
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

void record_sender_forget(struct record_sender *s, const char *key)
{
    struct entry *e = index_find(s, key);
    if (e != NULL) {
        drop(s, e);
    }
}

bool record_sender_is_repeated(const struct record_sender *s)
{
    return s->is_repeated;
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

static void pump_soon(struct record_sender *s)
{
    if (!s->is_pump_soon) {
        s->is_pump_soon = true;
        loop_timer_after(s->timer, 0);
    }
}

bool record_sender_add(struct record_sender *s, struct bytes record, const char *key, uint64_t tag)
{
    if (index_find(s, key) != NULL) {
        return false;
    }
    struct entry *e = xcalloc(1, sizeof *e + record.len);
    e->number = ++s->last_number;
    (void)text_copy(e->key, sizeof e->key, key);
    e->tag = tag;
    uint8_t *copy = (uint8_t *)(e + 1);
    memcpy(copy, record.data, record.len);
    e->record = (struct bytes){.data = copy, .len = record.len};
    DL_APPEND(s->queue, e);
    index_add(s, e);
    s->count++;
    if (s->sent_end == NULL) {
        s->sent_end = e;
    }
    pump_soon(s);
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

/* The request or its receipts are lost, and nobody can know which. */
static void send_all_again(struct record_sender *s, int64_t now_us)
{
    struct entry *e = NULL;
    DL_FOREACH(s->queue, e)
    {
        s->resent += e->is_sent;
        e->is_repeated = e->is_repeated || e->is_sent;
        set_sent(s, e, false);
    }
    s->sent_end = s->queue;
    s->last_progress_us = now_us;
}

void record_sender_use(struct record_sender *s, struct bus_socket *dealer)
{
    if (dealer != s->dealer && s->queue != NULL) {
        send_all_again(s, instant_monotonic_us());
        pump_soon(s);
    }
    s->dealer = dealer;
}

static void mark_sent(struct record_sender *s, struct entry *batch[], size_t count)
{
    const struct entry *oldest = s->queue;
    while (oldest != NULL && oldest->was_early) {
        oldest = oldest->next;
    }
    for (size_t i = 0; i < count; i++) {
        set_sent(s, batch[i], true);
        batch[i]->was_first = oldest == NULL || oldest->number >= batch[i]->number;
    }
    while (s->sent_end != NULL && s->sent_end->is_sent) {
        s->sent_end = s->sent_end->next;
    }
}

static void pump(void *ctx)
{
    struct record_sender *s = ctx;
    int64_t now_us = instant_monotonic_us();
    s->is_pump_soon = false;
    if (now_us - s->last_progress_us > s->options.resend_us && s->sent_count > 0) {
        send_all_again(s, now_us);
    }
    struct entry *batch[REQUEST_RECORDS_MAX];
    size_t count = 0;
    while (s->dealer != NULL && fill_request(s, batch, &count, now_us)) {
        struct bytes body = {.data = s->request.data, .len = s->request.len};
        if (bus_send(s->dealer, body) < 0) {
            break; /* nobody connected, or the queue is full: the timer tries again */
        }
        if (s->sent_count == 0) {
            s->last_progress_us = now_us;
        }
        mark_sent(s, batch, count);
    }
    if (s->queue != NULL) {
        loop_timer_after(s->timer, PUMP_US);
    }
}

static bool is_only_early(const struct entry *e, const Troth__V1__Receipt *r)
{
    return r->status == TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_REJECTED && !e->was_first &&
           r->code != NULL &&
           (strcmp(r->code, "case_unknown") == 0 || strcmp(r->code, "customer_unknown") == 0);
}

/* "busy" and "stopping" say that nothing was stored; here nobody knows. */
static bool is_unsure(const Troth__V1__Receipt *r)
{
    return r->code != NULL && strcmp(r->code, "unavailable") == 0;
}

static void send_later(struct record_sender *s, struct entry *e, int64_t not_before_us)
{
    set_sent(s, e, false);
    s->sent_end = s->queue;
    e->not_before_us = not_before_us;
    s->resent++;
}

static bool is_oldest_sent(const struct record_sender *s, const struct entry *e)
{
    const struct entry *oldest = s->queue;
    while (oldest != NULL && !oldest->is_sent) {
        oldest = oldest->next;
    }
    return oldest == e;
}

static void take_receipt(struct record_sender *s, const Troth__V1__Receipt *r, int64_t now_us)
{
    struct entry *e = r->key != NULL ? index_find(s, r->key) : NULL;
    if (e == NULL) {
        return; /* an answer to an earlier copy of the same request */
    }
    /* Receipts of younger ones are no reason to wait longer for the oldest: while they keep coming,
     * one that is lost would never be asked for. */
    if (is_oldest_sent(s, e)) {
        s->last_progress_us = now_us;
    }
    bool is_early = is_only_early(e, r);
    if (is_early || r->status == TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_RETRY) {
        e->was_early = e->was_early || is_early;
        e->is_repeated = e->is_repeated || is_unsure(r);
        send_later(s, e, now_us + (r->has_retry_after_us ? r->retry_after_us : PUMP_US));
        return;
    }
    uint64_t tag = e->tag;
    s->is_repeated = e->is_repeated;
    drop(s, e);
    s->options.on_receipt(s->options.ctx, tag, r);
}

void record_sender_on_reply(struct record_sender *s, const Troth__V1__IntakeReply *reply)
{
    if (reply->body_case != TROTH__V1__INTAKE_REPLY__BODY_RECEIPTS) {
        return;
    }
    int64_t now_us = instant_monotonic_us();
    for (size_t i = 0; i < reply->receipts->n_receipts; i++) {
        take_receipt(s, reply->receipts->receipts[i], now_us);
    }
}
