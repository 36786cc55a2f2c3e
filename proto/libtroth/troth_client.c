/* SPDX-License-Identifier: Apache-2.0 */
/*
 * troth_client.c - a client: one connection at a time, a window of records on their way.
 *
 * Sending, repeating and keeping the order is record_sender's; reconnecting to one endpoint is the
 * bus's. What is decided here is which endpoint is talked to: while records wait, a timer looks at
 * the signs, and troth_failover says when to go on. The next endpoint gets everything that has no
 * receipt, oldest first.
 */
#include "proto/libtroth/troth_client.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/message_check.h"
#include "common/runtime/record_key.h"

#define WATCH_US         (200 * DURATION_MS)
#define REPLY_BYTES      ((size_t)8 * 1024 * 1024)
#define RECORD_BYTES_MAX ((size_t)60 * 1024) /* see record_sender_add() */
#define WINDOW_MAX       ((size_t)1000000)
#define ROUNDS_MAX       16 /* of one run: the user's own loop wants its turn too */

int troth_error_set(struct troth_error *error, const struct err *err)
{
    if (error) {
        (void)text_copy(error->code, sizeof(error->code), err->code);
        (void)text_copy(error->field, sizeof(error->field), err->field);
        (void)text_copy(error->text, sizeof(error->text), err->text);
    }
    return -1;
}

void troth_options_init(struct troth_options *options, size_t size)
{
    const struct troth_options usual = {.size = size,
                                        .window_records = 2048,
                                        .window_bytes = (size_t)16 * 1024 * 1024,
                                        .resend_ms = 5000,
                                        .connect_ms = 1000,
                                        .answer_ms = 5000};

    memset(options, 0, size);
    memcpy(options, &usual, size < sizeof(usual) ? size : sizeof(usual));
}

/* ---- places */

static void open_places(struct troth_client *c)
{
    c->places = xcalloc(c->window_records, sizeof(*c->places));
    for (size_t i = 0; i < c->window_records; i++) {
        c->places[i].next_free = i + 1;
    }
}

static size_t take_place(struct troth_client *c, const struct troth_place *what, size_t bytes)
{
    const size_t place = c->first_free;

    c->first_free = c->places[place].next_free;
    c->places[place] = *what;
    c->places[place].is_taken = true;
    c->places[place].bytes = bytes;
    c->bytes += bytes;
    return place;
}

static struct troth_place give_place_back(struct troth_client *c, size_t place)
{
    const struct troth_place was = c->places[place];

    c->bytes -= was.bytes;
    c->places[place] = (struct troth_place){.next_free = c->first_free};
    c->first_free = place;
    return was;
}

/* ---- receipts */

static void on_receipt(void *ctx, uint64_t tag, const Troth__V1__Receipt *receipt)
{
    struct troth_client *c = ctx;
    const struct troth_place place = give_place_back(c, (size_t)tag);

    if (place.on_receipt) {
        place.on_receipt(place.ctx, receipt);
    }
}

static void on_message(void *ctx, struct bus_socket *s, const struct bus_message *m)
{
    struct troth_client *c = ctx;
    const Troth__V1__IntakeReply *reply;

    (void)s;
    arena_reset(c->arena);
    reply = (const Troth__V1__IntakeReply *)message_unpack(&troth__v1__intake_reply__descriptor,
                                                           m->body, c->arena, NULL);
    if (!reply) {
        return; /* not from intake as we know it; the records are sent again */
    }
    if (reply->body_case != TROTH__V1__INTAKE_REPLY__BODY_ERROR) {
        record_sender_on_reply(c->sender, reply);
        return;
    }
    /* With retry_after the sender's own resending does it. */
    if (!reply->error->has_retry_after_us) {
        err_set(&c->refusal, reply->error->code ? reply->error->code : "refused",
                "intake refuses the request: %s", reply->error->text ? reply->error->text : "");
    }
}

/* ---- endpoints */

static int open_socket(struct troth_client *c, struct err *err)
{
    c->socket = bus_connect_dealer(c->bus, troth_failover_endpoint(&c->failover), c->server_key,
                                   on_message, c, err);
    if (!c->socket) {
        return -1;
    }
    if (c->server_key_file) {
        bus_follow_key_file(c->socket, c->server_key_file);
    }
    record_sender_use(c->sender, c->socket);
    return 0;
}

static int explain_connection(const struct troth_client *c, struct err *err)
{
    const char *endpoint = troth_failover_endpoint(&c->failover);

    switch (c->socket ? bus_connection(c->socket) : BUS_CONNECTION_NONE) {
    case BUS_CONNECTION_UP:
        return err_set(err, "no_answer", "%s is connected but answered not in time", endpoint);
    case BUS_CONNECTION_KEY_REFUSED:
        return err_set(err, "key_refused",
                       "%s does not know our key: have it registered with the right 'records'",
                       endpoint);
    case BUS_CONNECTION_NO_HANDSHAKE:
        return err_set(err, "handshake_failed", "%s is there, but server_key is not its key",
                       endpoint);
    case BUS_CONNECTION_NONE:
    default:
        return err_set(err, "not_connected", "nobody answers at %s", endpoint);
    }
}

/* An endpoint that is simply not there says less than what another one said before. */
int troth_client_explain(const struct troth_client *c, struct err *err)
{
    (void)explain_connection(c, err);
    if (err && strcmp(err->code, "not_connected") == 0 && c->trouble.code[0]) {
        *err = c->trouble;
    }
    return -1;
}

static void leave_endpoint(struct troth_client *c)
{
    const enum bus_connection was = c->socket ? bus_connection(c->socket) : BUS_CONNECTION_NONE;

    if (was == BUS_CONNECTION_KEY_REFUSED || was == BUS_CONNECTION_NO_HANDSHAKE) {
        (void)explain_connection(c, &c->trouble);
    }
    record_sender_use(c->sender, NULL);
    bus_close(c->socket);
    c->socket = NULL;
    troth_failover_next(&c->failover, instant_monotonic_us());
    /* What cannot even be tried is left again when its time is over. */
    (void)open_socket(c, &c->trouble);
}

static void watch_endpoint(void *ctx)
{
    struct troth_client *c = ctx;
    const bool is_up = c->socket && bus_connection(c->socket) == BUS_CONNECTION_UP;
    const struct troth_signs signs = {.now_us = instant_monotonic_us(),
                                      .is_up = is_up,
                                      .is_waiting = record_sender_waiting(c->sender) > 0,
                                      .heard = c->socket ? bus_counters(c->socket)->received : 0};

    if (is_up) {
        c->trouble = ERR_NONE;
    }
    if (troth_failover_is_due(&c->failover, &signs)) {
        leave_endpoint(c);
    }
    if (signs.is_waiting) {
        loop_timer_after(c->watch, WATCH_US);
    }
}

/* ---- life */

static int check_options(const struct troth_options *o, struct err *err)
{
    if (text_is_empty(o->endpoints)) {
        return err_set_field(err, "option_missing", "endpoints",
                             "where is intake? For example tcp://intake:5510");
    }
    if (text_is_empty(o->key_file)) {
        return err_set_field(err, "option_missing", "key_file",
                             "our own key pair: make one with 'troth key new'");
    }
    if (text_is_empty(o->server_key) == text_is_empty(o->server_key_file)) {
        return err_set_field(err, "option_missing", "server_key",
                             "give intake's public key or the file that holds it, one of them");
    }
    if (o->window_records < 1 || o->window_records > WINDOW_MAX ||
        o->window_bytes < RECORD_BYTES_MAX) {
        return err_set_field(err, "option_invalid", "window_records",
                             "a window has 1 to 1000000 records and at least 61440 bytes");
    }
    if (o->resend_ms < 1 || o->connect_ms < 1 || o->answer_ms < 1) {
        return err_set_field(err, "option_invalid", "resend_ms",
                             "resend_ms, connect_ms and answer_ms are 1 or more");
    }
    return 0;
}

static int read_keys(struct troth_client *c, const struct troth_options *o, struct bus_keys *keys,
                     struct err *err)
{
    uint8_t decoded[PRINCIPAL_KEY_LEN];

    if (!text_is_empty(o->server_key)) {
        if (bus_key_decode(o->server_key, decoded, err) < 0) {
            return err_prefix(err, "server_key");
        }
        memcpy(c->server_key, o->server_key, sizeof(c->server_key));
    } else if (bus_public_key_read(o->server_key_file, c->server_key, err) < 0) {
        return -1;
    } else {
        c->server_key_file = xstrdup(o->server_key_file);
    }
    return bus_keys_read(o->key_file, keys, err);
}

static int open_client(struct troth_client *c, const struct troth_options *o, struct err *err)
{
    struct bus_keys keys;

    if (check_options(o, err) < 0 ||
        troth_failover_read(&c->failover, o->endpoints, randombytes_random(), err) < 0 ||
        read_keys(c, o, &keys, err) < 0) {
        return -1;
    }
    c->failover.connect_us = o->connect_ms * DURATION_MS;
    c->failover.answer_us = o->answer_ms * DURATION_MS;
    c->window_records = o->window_records;
    c->window_bytes = o->window_bytes;
    c->arena = arena_new(REPLY_BYTES);
    c->loop = loop_new();
    c->watch = loop_timer_new(c->loop, watch_endpoint, c);
    c->sender =
        record_sender_new(&(struct record_sender_options){.loop = c->loop,
                                                          .window = o->window_records,
                                                          .resend_us = o->resend_ms * DURATION_MS,
                                                          .on_receipt = on_receipt,
                                                          .ctx = c});
    open_places(c);
    c->bus = bus_new(c->loop, &keys, NULL, err);
    explicit_bzero(&keys, sizeof(keys));
    return c->bus ? open_socket(c, err) : -1;
}

struct troth_client *troth_client_open(const struct troth_options *options,
                                       struct troth_error *error)
{
    struct err err = ERR_NONE;
    struct troth_options o;
    struct troth_client *c;

    troth_options_init(&o, sizeof(o));
    memcpy(&o, options, options->size < sizeof(o) ? options->size : sizeof(o));
    if (sodium_init() < 0) {
        err_set(&err, "bus_failed", "there is no randomness for keys");
        (void)troth_error_set(error, &err);
        return NULL;
    }
    c = xcalloc(1, sizeof(*c));
    if (open_client(c, &o, &err) < 0) {
        (void)troth_error_set(error, &err);
        troth_client_close(c);
        return NULL;
    }
    return c;
}

void troth_client_close(struct troth_client *c)
{
    if (!c) {
        return;
    }
    troth_wake_free(c->wake);
    record_sender_free(c->sender);
    loop_timer_free(c->watch);
    bus_close(c->socket);
    bus_free(c->bus);
    loop_free(c->loop);
    arena_free(c->arena);
    buffer_free(&c->packed);
    free(c->places);
    free(c->server_key_file);
    free(c);
}

/* ---- submitting */

/* Appends a key of ours to the packed record: of a field that comes twice, the last one counts. */
static void append_key(struct buffer *packed, const char *key)
{
    const uint8_t head[2] = {0x0a, (uint8_t)strlen(key)}; /* field 1, length-delimited */

    buffer_append(packed, head, sizeof(head));
    buffer_append(packed, key, strlen(key));
}

static int pack(struct troth_client *c, const Troth__V1__Record *record, char key[TROTH_KEY_SIZE],
                struct err *err)
{
    buffer_clear(&c->packed);
    message_pack(&record->base, &c->packed);
    if (text_is_empty(record->key)) {
        troth_key_new(key);
        append_key(&c->packed, key);
    } else if (!text_copy(key, TROTH_KEY_SIZE, record->key)) {
        return err_set_field(err, "key_too_long", "key", "a key has at most 64 bytes");
    }
    if (c->packed.len > RECORD_BYTES_MAX) {
        return err_set(err, "too_large", "a record has at most 60 KiB");
    }
    return 0;
}

int troth_client_add(struct troth_client *c, const Troth__V1__Record *record,
                     const struct troth_place *what, char ret_key[TROTH_KEY_SIZE],
                     size_t *ret_place, struct err *err)
{
    char key[TROTH_KEY_SIZE];
    size_t place;

    if (pack(c, record, key, err) < 0) {
        return -1;
    }
    if (!record_sender_has_room(c->sender) || c->bytes + c->packed.len > c->window_bytes) {
        return err_set(err, "window_full", "too many records wait for their receipts");
    }
    place = take_place(c, what, c->packed.len);
    if (!record_sender_add(c->sender, (struct bytes){.data = c->packed.data, .len = c->packed.len},
                           key, place)) {
        (void)give_place_back(c, place);
        return err_set_field(err, "key_twice", "key", "a record with this key waits already");
    }
    if (!loop_timer_is_armed(c->watch)) {
        loop_timer_after(c->watch, 0);
    }
    memcpy(ret_key, key, sizeof(key));
    *ret_place = place;
    return 0;
}

int troth_submit(struct troth_client *c, const Troth__V1__Record *record,
                 troth_receipt_fn *on_receipt_fn, void *ctx, char ret_key[TROTH_KEY_SIZE],
                 struct troth_error *error)
{
    struct err err = ERR_NONE;
    const struct troth_place what = {.on_receipt = on_receipt_fn, .ctx = ctx};
    char key[TROTH_KEY_SIZE];
    size_t place;

    if (troth_client_add(c, record, &what, key, &place, &err) < 0) {
        return troth_error_set(error, &err);
    }
    if (ret_key) {
        memcpy(ret_key, key, sizeof(key));
    }
    return 0;
}

/* ---- running */

static int take_refusal(struct troth_client *c, struct err *err)
{
    if (!c->refusal.code[0]) {
        return 0;
    }
    if (err) {
        *err = c->refusal;
    }
    c->refusal = ERR_NONE;
    return -1;
}

int troth_client_turn(struct troth_client *c, int64_t max_wait_us, struct err *err)
{
    if (c->is_running) {
        return err_set(err, "busy", "the client is in one of its callbacks");
    }
    c->is_running = true;
    loop_turn(c->loop, max_wait_us);
    for (int i = 0; i < ROUNDS_MAX && loop_is_ready(c->loop); i++) {
        loop_turn(c->loop, 0);
    }
    c->is_running = false;
    if (c->wake) {
        troth_wake_update(c->wake);
    }
    return take_refusal(c, err);
}

int troth_client_run(struct troth_client *c, int timeout_ms, struct troth_error *error)
{
    struct err err = ERR_NONE;
    const int64_t wait_us = timeout_ms < 0 ? INT64_MAX : timeout_ms * DURATION_MS;

    return troth_client_turn(c, wait_us, &err) < 0 ? troth_error_set(error, &err) : 0;
}

int troth_client_fd(struct troth_client *c, struct troth_error *error)
{
    struct err err = ERR_NONE;

    if (!c->wake) {
        c->wake = troth_wake_new(c->loop, &err);
    }
    return c->wake ? troth_wake_fd(c->wake) : troth_error_set(error, &err);
}

size_t troth_client_waiting(const struct troth_client *c)
{
    return record_sender_waiting(c->sender);
}

int troth_client_status(const struct troth_client *c, struct troth_error *error)
{
    struct err err = ERR_NONE;

    if (c->socket && bus_connection(c->socket) == BUS_CONNECTION_UP) {
        return 0;
    }
    (void)troth_client_explain(c, &err);
    return troth_error_set(error, &err);
}

void troth_client_forget(struct troth_client *c, const char *key, size_t place)
{
    record_sender_forget(c->sender, key);
    (void)give_place_back(c, place);
}

/* ---- helpers */

void troth_key_new(char ret_key[TROTH_KEY_SIZE])
{
    record_key_new(instant_now_us(), ret_key);
}

int64_t troth_now_us(void)
{
    return instant_now_us();
}

const char *troth_version(void)
{
    return TROTH_VERSION;
}
