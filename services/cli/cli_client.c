/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/cli_client.h"

#include <stdlib.h>

#include <sodium.h>

#include "common/base/arena.h"
#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/message_check.h"

#define ARENA_BYTES ((size_t)16 * 1024 * 1024)
#define RESEND_US   (2 * DURATION_S)   /* an answer normally takes milliseconds */
#define CONNECT_US  (20 * DURATION_MS) /* until the handshake is done, sending fails at once */

struct cli_client {
    const struct cli *cli;
    enum cli_service service;
    struct loop *loop;
    struct bus *bus;
    struct bus_socket *socket;
    struct arena *arena;
    cli_client_message_fn *on_message;
    void *ctx;
};

/* What cli_client_ask() waits for. */
struct question {
    struct cli_client *client;
    const ProtobufCMessageDescriptor *reply_type;
    cli_client_match_fn *matches;
    void *ctx;
    const ProtobufCMessage *answer;
};

static void on_message(void *ctx, struct bus_socket *s, const struct bus_message *m)
{
    struct cli_client *c = ctx;

    (void)s;
    if (c->on_message) {
        c->on_message(c->ctx, m->body);
    }
}

static int read_keys(const struct cli *cli, enum cli_service service, struct bus_keys *keys,
                     char server_key[BUS_KEY_TEXT_SIZE], struct err *err)
{
    const struct cli_peer *peer = &cli->settings.peers[service];
    const char *name = cli_service_name(service);

    if (text_is_empty(cli->settings.key_file)) {
        return err_set_field(err, "setting_missing", "key_file",
                             "we have no key: make one with 'troth key new', have it registered, "
                             "and name its file in %s",
                             cli->config_path ? cli->config_path : "a file given with --config");
    }
    if (text_is_empty(peer->key_file)) {
        return err_set(err, "setting_missing", "%s_key: where is the public key of %s?", name,
                       name);
    }
    if (bus_keys_read(cli->settings.key_file, keys, err) < 0) {
        return -1;
    }
    return bus_public_key_read(peer->key_file, server_key, err);
}

struct cli_client *cli_client_open(const struct cli *cli, enum cli_service service, struct err *err)
{
    struct cli_client *c = xcalloc(1, sizeof(*c));
    char server_key[BUS_KEY_TEXT_SIZE];
    struct bus_keys keys;

    c->cli = cli;
    c->service = service;
    c->arena = arena_new(ARENA_BYTES);
    c->loop = loop_new();
    if (read_keys(cli, service, &keys, server_key, err) < 0) {
        goto failed;
    }
    c->bus = bus_new(c->loop, &keys, NULL, err);
    if (!c->bus) {
        goto failed;
    }
    c->socket = bus_connect_dealer(c->bus, cli->settings.peers[service].endpoint, server_key,
                                   on_message, c, err);
    if (!c->socket) {
        goto failed;
    }
    bus_follow_key_file(c->socket, cli->settings.peers[service].key_file);
    return c;
failed:
    cli_client_close(c);
    return NULL;
}

void cli_client_close(struct cli_client *c)
{
    if (c) {
        bus_close(c->socket);
        bus_free(c->bus);
        loop_free(c->loop);
        arena_free(c->arena);
        free(c);
    }
}

void cli_client_listen(struct cli_client *c, cli_client_message_fn *on_message_fn, void *ctx)
{
    c->on_message = on_message_fn;
    c->ctx = ctx;
}

struct loop *cli_client_loop(struct cli_client *c)
{
    return c->loop;
}

struct bus_socket *cli_client_socket(struct cli_client *c)
{
    return c->socket;
}

int cli_client_no_answer(const struct cli_client *c, struct err *err)
{
    return err_set(err, "no_answer",
                   "no answer from %s at %s: is it running there, is its public key the one in our "
                   "settings, and does it know our key ('troth key list')?",
                   cli_service_name(c->service), c->cli->settings.peers[c->service].endpoint);
}

void cli_client_request_id(char ret_id[CLI_REQUEST_ID_SIZE])
{
    uint8_t noise[(CLI_REQUEST_ID_SIZE - 1) / 2];

    randombytes_buf(noise, sizeof(noise));
    bytes_to_hex((struct bytes){.data = noise, .len = sizeof(noise)}, ret_id);
}

char *cli_client_text(const char *text)
{
    union {
        const char *in;
        char *out;
    } u = {.in = text};
    return u.out;
}

static void take_reply(void *ctx, struct bytes body)
{
    struct question *q = ctx;
    const ProtobufCMessage *reply;

    if (q->answer) {
        return; /* a copy of it: we may have asked twice */
    }
    arena_reset(q->client->arena);
    reply = message_unpack(q->reply_type, body, q->client->arena, NULL);
    if (reply && q->matches(q->ctx, reply)) {
        q->answer = reply;
    }
}

const ProtobufCMessage *cli_client_ask(struct cli_client *c, const ProtobufCMessage *request,
                                       const ProtobufCMessageDescriptor *reply_type,
                                       cli_client_match_fn *matches, void *ctx, struct err *err)
{
    struct question q = {.client = c, .reply_type = reply_type, .matches = matches, .ctx = ctx};
    const int64_t deadline_us = instant_monotonic_us() + c->cli->settings.timeout_us;
    int64_t now_us = instant_monotonic_us();
    int64_t send_at_us = now_us;
    struct buffer body = {0};

    message_pack(request, &body);
    cli_client_listen(c, take_reply, &q);
    for (; !q.answer && now_us < deadline_us; now_us = instant_monotonic_us()) {
        if (now_us >= send_at_us) {
            const int sent =
                bus_send(c->socket, (struct bytes){.data = body.data, .len = body.len});

            send_at_us = now_us + (sent == 0 ? RESEND_US : CONNECT_US);
        }
        const int64_t wake_us = send_at_us < deadline_us ? send_at_us : deadline_us;

        loop_turn(c->loop, wake_us - now_us);
    }
    cli_client_listen(c, NULL, NULL);
    buffer_free(&body);
    if (!q.answer) {
        cli_client_no_answer(c, err);
    }
    return q.answer;
}
