/* SPDX-License-Identifier: Apache-2.0 */
/*
 * amqp_load_bench.c - publishes persistent messages to a durable queue of RabbitMQ and counts its
 * confirms.
 *
 *   amqp_load_bench PORT COUNT WINDOW BYTES QUEUE_TYPE
 *
 * QUEUE_TYPE is "quorum" or "classic". Speaks AMQP 0-9-1 as user guest, which RabbitMQ lets in from
 * this machine; asks at the end how many messages the queue has, and removes it.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "tests/support/broker_load.h"

#define QUEUE "bench"

/* Class and method of what is said here, as AMQP numbers them. */
#define METHOD(class_id, method_id) ((class_id) << 16 | (method_id))

enum {
    FRAME_METHOD = 1,
    FRAME_HEADER = 2,
    FRAME_BODY = 3,
    FRAME_HEARTBEAT = 8,
    FRAME_HEAD = 7, /* type, channel, length */
    FRAME_END = 0xCE,
    FRAME_MAX = 131072,
    PERSISTENT = 2,
    HAS_DELIVERY_MODE = 0x1000,
    DECLARE_PASSIVE = 1,
    DECLARE_DURABLE = 2
};

enum method {
    CONNECTION_START = METHOD(10, 10),
    CONNECTION_START_OK = METHOD(10, 11),
    CONNECTION_TUNE = METHOD(10, 30),
    CONNECTION_TUNE_OK = METHOD(10, 31),
    CONNECTION_OPEN = METHOD(10, 40),
    CONNECTION_OPEN_OK = METHOD(10, 41),
    CHANNEL_OPEN = METHOD(20, 10),
    CHANNEL_OPEN_OK = METHOD(20, 11),
    QUEUE_DECLARE = METHOD(50, 10),
    QUEUE_DECLARE_OK = METHOD(50, 11),
    QUEUE_DELETE = METHOD(50, 40),
    QUEUE_DELETE_OK = METHOD(50, 41),
    BASIC_PUBLISH = METHOD(60, 40),
    BASIC_ACK = METHOD(60, 80),
    CONFIRM_SELECT = METHOD(85, 10),
    CONFIRM_SELECT_OK = METHOD(85, 11)
};

struct amqp {
    uint32_t last;     /* the method that came last */
    uint32_t wanted;   /* the one that is waited for; 0: nothing but confirms may come */
    int64_t confirmed; /* all tags below are */
    int64_t queued;    /* messages of the queue, as it said last */
};

static struct amqp *amqp_of(const struct broker_load *l)
{
    return l->ctx;
}

/* ---- packing */

static void put8(struct buffer *b, unsigned value)
{
    const uint8_t byte = (uint8_t)value;
    buffer_append(b, &byte, 1);
}

static void put16(struct buffer *b, unsigned value)
{
    const uint16_t big = htons((uint16_t)value);
    buffer_append(b, &big, sizeof(big));
}

static void put32(struct buffer *b, uint32_t value)
{
    const uint32_t big = htonl(value);
    buffer_append(b, &big, sizeof(big));
}

static void put64(struct buffer *b, uint64_t value)
{
    const uint64_t big = htobe64(value);
    buffer_append(b, &big, sizeof(big));
}

static void put_short_text(struct buffer *b, const char *text)
{
    put8(b, (unsigned)strlen(text));
    buffer_append(b, text, strlen(text));
}

static void put_long_text(struct buffer *b, const char *text, size_t len)
{
    put32(b, (uint32_t)len);
    buffer_append(b, text, len);
}

/* The length is written by end_frame(). Returns where the payload begins. */
static size_t begin_frame(struct buffer *b, unsigned type, unsigned channel)
{
    put8(b, type);
    put16(b, channel);
    put32(b, 0);
    return b->len;
}

static size_t begin_method(struct buffer *b, unsigned channel, enum method method)
{
    const size_t start = begin_frame(b, FRAME_METHOD, channel);
    put32(b, (uint32_t)method);
    return start;
}

static void end_frame(struct buffer *b, size_t start)
{
    const uint32_t len = htonl((uint32_t)(b->len - start));
    memcpy(b->data + start - sizeof(len), &len, sizeof(len));
    put8(b, FRAME_END);
}

static void publish(struct broker_load *l, int64_t i, struct bytes body, struct buffer *out)
{
    (void)l;
    (void)i; /* the tags of confirms count by themselves */
    size_t start = begin_method(out, 1, BASIC_PUBLISH);
    put16(out, 0);
    put_short_text(out, ""); /* the exchange that knows every queue by its name */
    put_short_text(out, QUEUE);
    put8(out, 0);
    end_frame(out, start);
    start = begin_frame(out, FRAME_HEADER, 1);
    put32(out, METHOD(60, 0));
    put64(out, body.len);
    put16(out, HAS_DELIVERY_MODE);
    put8(out, PERSISTENT);
    end_frame(out, start);
    start = begin_frame(out, FRAME_BODY, 1);
    buffer_append(out, body.data, body.len);
    end_frame(out, start);
}

/* ---- taking */

static uint32_t get32(const uint8_t *data)
{
    uint32_t big;
    memcpy(&big, data, sizeof(big));
    return ntohl(big);
}

/* One tag, or all up to it that were not confirmed yet. Tags count from 1. */
static void take_ack(struct broker_load *l, const uint8_t *arguments)
{
    struct amqp *a = amqp_of(l);
    uint64_t big;
    memcpy(&big, arguments, sizeof(big));
    const int64_t i = (int64_t)be64toh(big) - 1;
    const bool is_multiple = arguments[sizeof(big)] & 1;
    if (i < 0 || i >= l->sent) {
        broker_load_give_up("confirm", "of a message that was not sent");
    }
    for (int64_t k = is_multiple ? a->confirmed : i; k <= i; k++) {
        if (!is_multiple || !l->is_done[k]) {
            broker_load_acknowledged(l, k);
        }
    }
    while (a->confirmed < l->count && l->is_done[a->confirmed]) {
        a->confirmed++;
    }
}

static void take_method(struct broker_load *l, const uint8_t *payload)
{
    struct amqp *a = amqp_of(l);
    const uint32_t method = get32(payload);
    if (method == BASIC_ACK) {
        take_ack(l, payload + 4);
        return;
    }
    if (method == QUEUE_DECLARE_OK) {
        a->queued = get32(payload + 5 + payload[4]); /* after the name */
    }
    if (method != a->wanted) {
        char name[40];
        (void)text_format(name, sizeof(name), "class %u, method %u", method >> 16, method & 0xffff);
        broker_load_give_up("the server says", name);
    }
    a->last = method;
}

static size_t take(struct broker_load *l, struct bytes in)
{
    if (in.len < FRAME_HEAD) {
        return 0;
    }
    const size_t whole = FRAME_HEAD + (size_t)get32(in.data + 3) + 1;
    if (in.len < whole) {
        return 0;
    }
    if (in.data[whole - 1] != FRAME_END) {
        broker_load_give_up("frame", "has no end");
    }
    if (in.data[0] == FRAME_METHOD) {
        take_method(l, in.data + FRAME_HEAD);
    } else if (in.data[0] != FRAME_HEARTBEAT) {
        broker_load_give_up("frame", "of a type that is not expected");
    }
    return whole;
}

/* ---- the talk before and after */

static bool has_wanted(const struct broker_load *l)
{
    return amqp_of(l)->last == amqp_of(l)->wanted;
}

static void wait_for(struct broker_load *l, enum method method)
{
    amqp_of(l)->last = 0;
    amqp_of(l)->wanted = (uint32_t)method;
    broker_load_turn_until(l, has_wanted);
}

static void log_in(struct broker_load *l)
{
    static const char secret[] = "\0guest\0guest";
    struct buffer *out = &l->out;
    buffer_append(out, "AMQP\0\0\x09\x01", 8);
    wait_for(l, CONNECTION_START);
    size_t start = begin_method(out, 0, CONNECTION_START_OK);
    put32(out, 0); /* nothing to tell about this client */
    put_short_text(out, "PLAIN");
    put_long_text(out, secret, sizeof(secret) - 1);
    put_short_text(out, "en_US");
    end_frame(out, start);
    wait_for(l, CONNECTION_TUNE);
    start = begin_method(out, 0, CONNECTION_TUNE_OK);
    put16(out, 1); /* channels */
    put32(out, FRAME_MAX);
    put16(out, 0); /* no heartbeats */
    end_frame(out, start);
    start = begin_method(out, 0, CONNECTION_OPEN);
    put_short_text(out, "/");
    put_short_text(out, "");
    put8(out, 0);
    end_frame(out, start);
    wait_for(l, CONNECTION_OPEN_OK);
    start = begin_method(out, 1, CHANNEL_OPEN);
    put_short_text(out, "");
    end_frame(out, start);
    wait_for(l, CHANNEL_OPEN_OK);
}

/* With DECLARE_PASSIVE it is only asked after. */
static void declare(struct broker_load *l, const char *queue_type, unsigned flags)
{
    static const char key[] = "x-queue-type";
    const size_t start = begin_method(&l->out, 1, QUEUE_DECLARE);
    put16(&l->out, 0);
    put_short_text(&l->out, QUEUE);
    put8(&l->out, flags);
    put32(&l->out, (uint32_t)(1 + sizeof(key) - 1 + 1 + 4 + strlen(queue_type)));
    put_short_text(&l->out, key);
    put8(&l->out, 'S');
    put_long_text(&l->out, queue_type, strlen(queue_type));
    end_frame(&l->out, start);
    wait_for(l, QUEUE_DECLARE_OK);
}

static void select_confirms(struct broker_load *l)
{
    const size_t start = begin_method(&l->out, 1, CONFIRM_SELECT);
    put8(&l->out, 0);
    end_frame(&l->out, start);
    wait_for(l, CONFIRM_SELECT_OK);
}

static void delete_queue(struct broker_load *l)
{
    const size_t start = begin_method(&l->out, 1, QUEUE_DELETE);
    put16(&l->out, 0);
    put_short_text(&l->out, QUEUE);
    put8(&l->out, 0);
    end_frame(&l->out, start);
    wait_for(l, QUEUE_DELETE_OK);
}

/* A queue may count what it has confirmed a moment later. */
static int64_t stored(struct broker_load *l, const char *queue_type)
{
    for (int tries = 0; tries < 10000 && amqp_of(l)->queued != l->count; tries++) {
        declare(l, queue_type, DECLARE_PASSIVE | DECLARE_DURABLE);
    }
    return amqp_of(l)->queued;
}

static const struct broker_protocol amqp_protocol = {.publish = publish, .take = take};

int main(int argc, char **argv)
{
    struct amqp a = {0};
    struct broker_load l = {.ctx = &a};
    if (argc != 6) {
        broker_load_give_up("usage", "amqp_load_bench PORT COUNT WINDOW BYTES QUEUE_TYPE");
    }
    const char *queue_type = argv[5];
    argv[5] = NULL;
    broker_load_open(&l, &amqp_protocol, argv);
    log_in(&l);
    declare(&l, queue_type, DECLARE_DURABLE);
    if (a.queued != 0) {
        broker_load_give_up("queue", "is not empty");
    }
    select_confirms(&l);
    a.wanted = 0;
    const int64_t took_us = broker_load_run(&l);
    broker_load_print(&l, took_us, stored(&l, queue_type));
    delete_queue(&l);
    broker_load_close(&l);
    return 0;
}
