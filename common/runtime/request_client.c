/* SPDX-License-Identifier: Apache-2.0 */
/* request_client.c - a short list of those that wait, and one timer while there are any. */
#include "common/runtime/request_client.h"

#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "common/base/arena.h"
#include "common/base/bytes.h"
#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/message_check.h"
#include "common/runtime/record_key.h"

#define LOOK_US      (20 * DURATION_MS)
#define REPLY_BUDGET ((size_t)1024 * 1024)

struct request {
    char id[REQUEST_CLIENT_ID_SIZE];
    struct buffer packed;
    int64_t give_up_us; /* monotonic; of the next too */
    int64_t send_us;
    int64_t resend_us;
    request_done_fn *done;
    void *ctx;
    struct request *prev, *next;
};

struct request_client {
    const char *service;
    const ProtobufCMessageDescriptor *reply;
    const char *(*id_of)(const ProtobufCMessage *reply);
    size_t open_max;
    struct bus_socket *socket;
    struct loop_timer *timer;
    struct arena *arena; /* of the reply that is handed on */
    struct request *open;
    size_t open_count;
};

/* What was asked and answered may be somebody's name. */
static void drop(struct request_client *c, struct request *r)
{
    DL_DELETE(c->open, r);
    c->open_count--;
    if (r->packed.data) {
        explicit_bzero(r->packed.data, r->packed.len);
    }
    buffer_free(&r->packed);
    free(r);
}

static void end(struct request_client *c, struct request *r, const ProtobufCMessage *reply)
{
    request_done_fn *done = r->done;
    void *ctx = r->ctx;

    drop(c, r);
    done(ctx, reply);
}

static struct request *find(const struct request_client *c, const char *id)
{
    struct request *r = c->open;

    while (r && strcmp(r->id, id) != 0) {
        r = r->next;
    }
    return r;
}

static void on_message(void *ctx, struct bus_socket *s, const struct bus_message *m)
{
    struct request_client *c = ctx;
    struct err err = ERR_NONE;
    const ProtobufCMessage *reply = message_unpack(c->reply, m->body, c->arena, &err);
    const char *id = reply ? c->id_of(reply) : NULL;
    struct request *r = id ? find(c, id) : NULL;

    (void)s;
    if (!reply) {
        log_error("reply_unreadable", LOG_TEXT("asked", c->service), LOG_ERR(&err));
    }
    if (r) {
        end(c, r, reply);
    }
    arena_reset(c->arena);
}

/* ---- sending */

static void send(struct request_client *c, struct request *r, int64_t now_us)
{
    const struct bytes body = {.data = r->packed.data, .len = r->packed.len};
    const bool is_sent = bus_send(c->socket, body) == 0;

    r->send_us = !is_sent ? now_us + LOOK_US : r->resend_us > 0 ? now_us + r->resend_us : INT64_MAX;
}

/* Before anything that done() may change is looked at again, the list is begun anew. */
static struct request *find_late(const struct request_client *c, int64_t now_us)
{
    struct request *r = c->open;

    while (r && r->give_up_us > now_us) {
        r = r->next;
    }
    return r;
}

static void look(void *ctx)
{
    struct request_client *c = ctx;
    const int64_t now_us = instant_monotonic_us();
    struct request *r;

    while ((r = find_late(c, now_us)) != NULL) {
        log_warning(
            "no_reply", LOG_TEXT("asked", c->service), LOG_TEXT("request", r->id),
            LOG_TEXT("connected", bus_connection(c->socket) == BUS_CONNECTION_UP ? "yes" : "no"));
        end(c, r, NULL);
    }
    DL_FOREACH(c->open, r)
    {
        if (r->send_us <= now_us) {
            send(c, r, now_us);
        }
    }
    if (c->open) {
        loop_timer_after(c->timer, LOOK_US);
    }
}

bool request_client_ask(struct request_client *c, const struct request_question *question)
{
    struct request *r;

    if (c->open_count >= c->open_max ||
        protobuf_c_message_get_packed_size(question->message) > BUS_MESSAGE_MAX) {
        return false;
    }
    r = xcalloc(1, sizeof(*r));
    (void)text_copy(r->id, sizeof(r->id), question->id);
    message_pack(question->message, &r->packed);
    r->give_up_us = instant_monotonic_us() + question->wait_us;
    r->resend_us = question->resend_us;
    r->done = question->done;
    r->ctx = question->ctx;
    DL_APPEND(c->open, r);
    c->open_count++;
    loop_timer_after(c->timer, 0);
    return true;
}

void request_client_forget(struct request_client *c, const void *ctx)
{
    struct request *next;

    for (struct request *r = c ? c->open : NULL; r; r = next) {
        next = r->next;
        if (r->ctx == ctx) {
            drop(c, r);
        }
    }
}

void request_client_make_id(char ret_id[REQUEST_CLIENT_ID_SIZE])
{
    record_key_new(instant_now_us(), ret_id);
}

/* ---- life */

struct request_client *request_client_new(const struct request_client_options *options,
                                          struct err *err)
{
    struct request_client *c = xcalloc(1, sizeof(*c));
    char key[BUS_KEY_TEXT_SIZE];

    c->service = options->service;
    c->reply = options->reply;
    c->id_of = options->id_of;
    c->open_max = options->open_max;
    c->arena = arena_new(REPLY_BUDGET);
    c->timer = loop_timer_new(options->loop, look, c);
    if (bus_public_key_read(options->server_key_file, key, err) == 0) {
        c->socket = bus_connect_dealer(options->bus, options->endpoints, key, on_message, c, err);
    }
    if (!c->socket) {
        request_client_free(c);
        return NULL;
    }
    bus_follow_key_file(c->socket, options->server_key_file);
    return c;
}

void request_client_free(struct request_client *c)
{
    if (c) {
        while (c->open) {
            drop(c, c->open);
        }
        bus_close(c->socket);
        loop_timer_free(c->timer);
        arena_free(c->arena);
        free(c);
    }
}

size_t request_client_open_count(const struct request_client *c)
{
    return c ? c->open_count : 0;
}
