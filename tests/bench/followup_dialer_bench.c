/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_dialer_bench.c - a dialer whose calls take no time, without a journal: what is left is
 * the scheduler's own work.
 *
 *   followup_dialer_bench ENDPOINT SERVER_KEY_FILE KEY_FILE LINES COUNT LOG
 *
 * Takes orders until COUNT of them have had their receipt, then prints one line of JSON: seconds
 * from the first order to the last receipt, and how many orders came twice. LOG gets a line
 * "NUMBER INSTANT" for each order, the follow-up's number and when the order arrived in
 * microseconds since 1970. It ends early when its standard input does.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <utlist.h>

#include "common/base/arena.h"
#include "common/base/duration.h"
#include "common/base/hash_table.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/bus.h"
#include "common/runtime/message_check.h"
#include "dialer.pb-c.h"

#define HELLO_EVERY_US  (20 * DURATION_MS)
#define TELL_EVERY_US   (2 * DURATION_MS)
#define REPEAT_AFTER_US DURATION_S

enum {
    KEY_SIZE = 64,
    MESSAGE_BUDGET = 256 * 1024,
    ARGUMENT_COUNT = 7
};

struct call {
    char key[KEY_SIZE];
    int64_t told_us; /* monotonic; 0: not yet */
    bool is_taken;
    struct call *prev, *next; /* while open */
    UT_hash_handle hh;
};

struct dialer {
    struct loop *loop;
    struct bus_socket *socket;
    struct arena *arena;
    struct loop_timer *hello_timer, *tell_timer;
    struct call *calls; /* all, by key */
    struct call *open;
    FILE *log;
    int32_t lines, open_count;
    int64_t count, taken_count, twice_count;
    int64_t first_us, last_us; /* monotonic */
};

/* Returns false when the queue has no room. */
static bool send_request(struct dialer *d, const Troth__V1__DialerRequest *request)
{
    struct buffer body = {.data = NULL};
    message_pack(&request->base, &body);
    int rc = bus_send(d->socket, (struct bytes){.data = body.data, .len = body.len});
    buffer_free(&body);
    return rc == 0;
}

static bool tell_result(struct dialer *d, struct call *call)
{
    Troth__V1__DialResult result = TROTH__V1__DIAL_RESULT__INIT;
    Troth__V1__DialerRequest request = TROTH__V1__DIALER_REQUEST__INIT;
    result.key = call->key;
    result.has_outcome = result.has_started_us = result.has_ended_us = true;
    result.outcome = TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_ANSWERED;
    result.started_us = result.ended_us = instant_now_us();
    request.body_case = TROTH__V1__DIALER_REQUEST__BODY_RESULT;
    request.result = &result;
    if (!send_request(d, &request)) {
        return false;
    }
    call->told_us = instant_monotonic_us();
    return true;
}

/* Results that found no room, and those that got no receipt. */
static void tell(void *ctx)
{
    struct dialer *d = ctx;
    int64_t now_us = instant_monotonic_us();
    struct call *next;
    for (struct call *call = d->open; call; call = next) {
        next = call->next;
        if ((call->told_us == 0 || call->told_us + REPEAT_AFTER_US < now_us) &&
            !tell_result(d, call)) {
            break;
        }
    }
    loop_timer_after(d->tell_timer, TELL_EVERY_US);
}

static void say_hello(void *ctx)
{
    static char name[] = "bench", journal[] = "0123456789abcdef0123456789abcdef";
    struct dialer *d = ctx;
    Troth__V1__DialerHello hello = TROTH__V1__DIALER_HELLO__INIT;
    Troth__V1__DialerRequest request = TROTH__V1__DIALER_REQUEST__INIT;
    hello.dialer = name;
    hello.journal = journal;
    hello.has_free_lines = true;
    hello.free_lines = d->lines - d->open_count;
    request.body_case = TROTH__V1__DIALER_REQUEST__BODY_HELLO;
    request.hello = &hello;
    (void)send_request(d, &request);
    loop_timer_after(d->hello_timer, HELLO_EVERY_US);
}

/* NOLINTNEXTLINE(readability-function-size): of uthash and utlist */
static void on_order(struct dialer *d, const Troth__V1__DialOrder *order)
{
    struct call *call;
    HASH_FIND_STR(d->calls, order->key, call);
    if (call) {
        d->twice_count++;
        return;
    }
    call = xcalloc(1, sizeof(*call));
    (void)text_copy(call->key, sizeof(call->key), order->key);
    HASH_ADD_STR(d->calls, key, call);
    DL_APPEND(d->open, call);
    d->open_count++;
    if (d->first_us == 0) {
        d->first_us = instant_monotonic_us();
    }
    (void)fprintf(d->log, "%" PRId64 " %" PRId64 "\n", order->follow_up, instant_now_us());
    (void)tell_result(d, call);
}

/* NOLINTNEXTLINE(readability-function-size): of uthash and utlist */
static void on_receipt(struct dialer *d, const char *key)
{
    struct call *call;
    HASH_FIND_STR(d->calls, key, call);
    if (!call || call->is_taken) {
        return;
    }
    call->is_taken = true;
    DL_DELETE(d->open, call);
    d->open_count--;
    d->last_us = instant_monotonic_us();
    if (++d->taken_count == d->count) {
        loop_stop(d->loop);
    }
}

static void on_message(void *ctx, struct bus_socket *s, const struct bus_message *m)
{
    struct dialer *d = ctx;
    struct err err = ERR_NONE;
    (void)s;
    const Troth__V1__DialerReply *reply = (const Troth__V1__DialerReply *)message_unpack(
        &troth__v1__dialer_reply__descriptor, m->body, d->arena, &err);
    if (reply && reply->body_case == TROTH__V1__DIALER_REPLY__BODY_ORDER) {
        on_order(d, reply->order);
    } else if (reply && reply->body_case == TROTH__V1__DIALER_REPLY__BODY_RESULT_RECEIPT) {
        on_receipt(d, reply->result_receipt->key);
    }
    arena_reset(d->arena);
}

static void on_input(void *ctx, int events)
{
    struct dialer *d = ctx;
    char byte;
    (void)events;
    if (read(STDIN_FILENO, &byte, 1) <= 0) {
        loop_stop(d->loop);
    }
}

static void start(struct dialer *d, char **argv, struct err *err)
{
    struct bus_keys keys;
    char server_key[BUS_KEY_TEXT_SIZE];
    if (bus_public_key_read(argv[2], server_key, err) < 0 ||
        bus_keys_read(argv[3], &keys, err) < 0) {
        return;
    }
    struct bus *bus = bus_new(d->loop, &keys, NULL, err);
    if (bus) {
        d->socket = bus_connect_dealer(bus, argv[1], server_key, on_message, d, err);
    }
}

int main(int argc, char **argv)
{
    struct dialer d = {.lines = 0};
    struct err err = ERR_NONE;
    if (argc != ARGUMENT_COUNT) {
        (void)fprintf(stderr, "usage: %s ENDPOINT SERVER_KEY_FILE KEY_FILE LINES COUNT LOG\n",
                      argv[0]);
        return 2;
    }
    d.lines = (int32_t)strtol(argv[4], NULL, 10);
    d.count = strtoll(argv[5], NULL, 10);
    d.log = fopen(argv[6], "we");
    d.loop = loop_new();
    d.arena = arena_new(MESSAGE_BUDGET);
    d.hello_timer = loop_timer_new(d.loop, say_hello, &d);
    start(&d, argv, &err);
    if (!d.log || !d.socket) {
        (void)fprintf(stderr, "%s: %s\n", argv[0], err.text[0] ? err.text : "no log");
        return 1;
    }
    (void)loop_watch_fd(d.loop, STDIN_FILENO, LOOP_READ, on_input, &d);
    d.tell_timer = loop_timer_new(d.loop, tell, &d);
    loop_timer_after(d.hello_timer, 0);
    loop_timer_after(d.tell_timer, TELL_EVERY_US);
    loop_run(d.loop);
    (void)fclose(d.log);
    (void)printf("{\"seconds\": %.6f, \"taken\": %" PRId64 ", \"twice\": %" PRId64 "}\n",
                 (double)(d.last_us - d.first_us) / 1e6, d.taken_count, d.twice_count);
    return d.taken_count == d.count ? 0 : 1;
}
