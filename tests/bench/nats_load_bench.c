/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nats_load_bench.c - publishes to a file stream of NATS JetStream and counts its acknowledgements.
 *
 *   nats_load_bench PORT COUNT WINDOW BYTES
 *
 * Makes the stream, publishes with a reply subject as a JetStream client does (no message ids, so
 * that the server looks for no duplicates), and asks at the end how many messages the stream has.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "tests/support/broker_load.h"

#define REPLIES "_INBOX.bench."
#define TALK    REPLIES "talk"

struct nats {
    bool has_pong;
    struct text answer; /* of the API; empty while there is none */
};

static struct nats *nats_of(const struct broker_load *l)
{
    return l->ctx;
}

static void publish(struct broker_load *l, int64_t i, struct bytes body, struct buffer *out)
{
    char head[80];
    (void)l;
    (void)text_format(head, sizeof(head), "PUB bench.records " REPLIES "%" PRId64 " %zu\r\n", i,
                      body.len);
    buffer_append(out, head, strlen(head));
    buffer_append(out, body.data, body.len);
    buffer_append(out, "\r\n", 2);
}

/* A reply: an acknowledgement has the number of its message as the end of its subject. */
static void take_reply(struct broker_load *l, const char *subject, struct bytes payload)
{
    struct nats *n = nats_of(l);
    struct text said = {0};
    int64_t i;
    text_append_len(&said, (const char *)payload.data, payload.len);
    const bool is_talk = strcmp(subject, TALK) == 0;
    const bool is_number = text_to_int64(subject + strlen(REPLIES), 0, INT64_MAX, &i) == 0;
    if (strstr(text_or_empty(&said), "\"error\"") ||
        (!is_talk && !(is_number && strstr(text_or_empty(&said), "\"seq\"")))) {
        broker_load_give_up("the server says", text_or_empty(&said));
    }
    if (is_talk) {
        text_append_len(&n->answer, said.data, said.len);
    } else {
        broker_load_acknowledged(l, i);
    }
    text_free(&said);
}

/* "MSG subject sid bytes", then the payload. Returns the length of both, 0 when it is not whole. */
static size_t take_message(struct broker_load *l, const char *line, size_t head, struct bytes in)
{
    char subject[64];
    const char *name = line + strlen("MSG ");
    const char *sid = strchr(name, ' ');
    const char *bytes = sid ? strchr(sid + 1, ' ') : NULL;
    if (!bytes || (size_t)(sid - name) >= sizeof(subject)) {
        broker_load_give_up("not understood", line);
    }
    const size_t len = (size_t)strtoull(bytes + 1, NULL, 10);
    if (in.len < head + len + 2) {
        return 0;
    }
    memcpy(subject, name, (size_t)(sid - name));
    subject[sid - name] = '\0';
    take_reply(l, subject, (struct bytes){.data = in.data + head, .len = len});
    return head + len + 2;
}

static size_t take(struct broker_load *l, struct bytes in)
{
    char line[160];
    const uint8_t *end = memchr(in.data, '\n', in.len);
    if (!end) {
        return 0;
    }
    const size_t head = (size_t)(end - in.data) + 1;
    const size_t shown = head < sizeof(line) ? head : sizeof(line) - 1;
    memcpy(line, in.data, shown);
    line[shown] = '\0';
    if (strncmp(line, "MSG ", 4) == 0) {
        return take_message(l, line, head, in);
    }
    if (strncmp(line, "PING", 4) == 0) {
        buffer_append(&l->out, "PONG\r\n", 6);
    } else if (strncmp(line, "PONG", 4) == 0) {
        nats_of(l)->has_pong = true;
    } else if (strncmp(line, "INFO", 4) != 0) {
        broker_load_give_up("the server says", line);
    }
    return head;
}

static bool has_pong(const struct broker_load *l)
{
    return nats_of(l)->has_pong;
}

static bool has_answer(const struct broker_load *l)
{
    return nats_of(l)->answer.len > 0;
}

static void say(struct broker_load *l, const char *text)
{
    buffer_append(&l->out, text, strlen(text));
}

static const char *ask(struct broker_load *l, const char *subject, const char *body)
{
    struct text request = {0};
    text_clear(&nats_of(l)->answer);
    text_appendf(&request, "PUB $JS.API.STREAM.%s.bench " TALK " %zu\r\n%s\r\n", subject,
                 strlen(body), body);
    say(l, request.data);
    text_free(&request);
    broker_load_turn_until(l, has_answer);
    return nats_of(l)->answer.data;
}

static int64_t stored(struct broker_load *l)
{
    const char *found = strstr(ask(l, "INFO", ""), "\"messages\":");
    return found ? strtoll(found + strlen("\"messages\":"), NULL, 10) : -1;
}

static const struct broker_protocol nats_protocol = {.publish = publish, .take = take};

int main(int argc, char **argv)
{
    struct nats n = {0};
    struct broker_load l = {.ctx = &n};
    (void)argc;
    broker_load_open(&l, &nats_protocol, argv);
    say(&l, "CONNECT {\"verbose\":false,\"pedantic\":false,\"name\":\"bench\",\"lang\":\"c\","
            "\"version\":\"1\",\"protocol\":1}\r\nSUB " REPLIES "* 1\r\nPING\r\n");
    broker_load_turn_until(&l, has_pong);
    (void)ask(&l, "CREATE",
              "{\"name\":\"bench\",\"subjects\":[\"bench.records\"],"
              "\"retention\":\"limits\",\"storage\":\"file\",\"num_replicas\":1}");
    const int64_t took_us = broker_load_run(&l);
    broker_load_print(&l, took_us, stored(&l));
    broker_load_close(&l);
    text_free(&n.answer);
    return 0;
}
