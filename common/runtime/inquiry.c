/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/inquiry.h"

#include <stdlib.h>

#include <utlist.h>

#include "common/base/bytes.h"
#include "common/base/instant.h"
#include "common/base/xalloc.h"
#include "common/runtime/message_check.h"

struct inquiry {
    struct inquiry *prev, *next;
    struct inquiry_desk *desk;
    struct bus_socket *socket; /* NULL: done is told */
    struct buffer peer;
    inquiry_done_fn *done;
    void *ctx;
    void *question;
    int64_t opened_us;
};

struct inquiry_desk {
    struct db_pool *pool;
    void *owner;
    size_t places;
    size_t open_count;
    struct inquiry *open;
    struct metrics_histogram *duration; /* NULL: not measured */
};

struct inquiry_desk *inquiry_desk_new(struct db_pool *pool, size_t places, void *owner)
{
    struct inquiry_desk *d = xcalloc(1, sizeof(*d));

    d->pool = pool;
    d->places = places;
    d->owner = owner;
    return d;
}

static void free_inquiry(struct inquiry *q)
{
    buffer_free(&q->peer);
    free(q->question);
    free(q);
}

static void close_inquiry(struct inquiry *q)
{
    DL_DELETE(q->desk->open, q);
    q->desk->open_count--;
    free_inquiry(q);
}

void inquiry_desk_free(struct inquiry_desk *d)
{
    if (d == NULL) {
        return;
    }
    for (struct inquiry *q = d->open, *next = NULL; q != NULL; q = next) {
        next = q->next;
        db_pool_withdraw(d->pool, q);
        free_inquiry(q);
    }
    free(d);
}

void inquiry_desk_measure(struct inquiry_desk *d, struct metrics_histogram *duration)
{
    d->duration = duration;
}

size_t inquiry_desk_open_count(const struct inquiry_desk *d)
{
    return d->open_count;
}

static struct inquiry *open_place(struct inquiry_desk *d, size_t question_size)
{
    if (d->open_count >= d->places) {
        return NULL;
    }
    struct inquiry *q = xcalloc(1, sizeof(*q));
    q->desk = d;
    q->opened_us = instant_monotonic_us();
    q->question = xcalloc(1, question_size);
    DL_APPEND(d->open, q);
    d->open_count++;
    return q;
}

struct inquiry *inquiry_open(struct inquiry_desk *d, struct bus_socket *socket,
                             const struct bus_message *message, size_t question_size)
{
    struct inquiry *q = open_place(d, question_size);

    if (q != NULL) {
        q->socket = socket;
        buffer_append(&q->peer, message->peer.data, message->peer.len);
    }
    return q;
}

struct inquiry *inquiry_open_for(struct inquiry_desk *d, inquiry_done_fn *done, void *ctx,
                                 size_t question_size)
{
    struct inquiry *q = open_place(d, question_size);

    if (q != NULL) {
        q->done = done;
        q->ctx = ctx;
    }
    return q;
}

void *inquiry_question(struct inquiry *q)
{
    return q->question;
}

void *inquiry_owner(const struct inquiry *q)
{
    return q->desk->owner;
}

void inquiry_submit(struct inquiry *q, db_start_fn *start)
{
    db_pool_submit(q->desk->pool, start, q);
}

static void send_answer(struct bus_socket *socket, struct bytes peer,
                        const ProtobufCMessage *answer)
{
    struct buffer body = {.data = NULL};

    message_pack(answer, &body);
    /* A peer that has gone asks again when it is back. */
    (void)bus_reply(socket, peer, (struct bytes){.data = body.data, .len = body.len});
    buffer_free(&body);
}

void inquiry_answer(struct inquiry *q, const ProtobufCMessage *answer)
{
    if (q->done != NULL) {
        q->done(q->ctx, answer);
    } else {
        send_answer(q->socket, (struct bytes){.data = q->peer.data, .len = q->peer.len}, answer);
    }
    metrics_observe(q->desk->duration, instant_monotonic_us() - q->opened_us);
    close_inquiry(q);
}

void inquiry_answer_now(struct bus_socket *socket, const struct bus_message *message,
                        const ProtobufCMessage *answer)
{
    send_answer(socket, message->peer, answer);
}
