/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_http_bench.c - a source that posts over HTTP as fast as it gets answers.
 *
 *   intake_http_bench ENDPOINT TOKEN_FILE COUNT BATCH CONNECTIONS FIRST KNOWN
 *
 * The records are the contacts of intake_load_bench.c, BATCH in a post; each connection has one
 * post on its way. They are about the customers FIRST, FIRST + 1, ...; with KNOWN above 0 about the
 * first KNOWN customers again and again. All posts are made before the clock starts, and one more
 * goes ahead on each connection. Prints one line of JSON; a latency is the time from sending a post
 * to its answer.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/http_address.h"
#include "common/runtime/loop.h"

#define PATIENCE_US (60 * DURATION_S) /* without any answer: something is wrong */

enum {
    BATCH_MAX = 256,
    CONNECTIONS_MAX = 512,
    TOKEN_MAX = 512,
    ARGUMENT_COUNT = 8
};

struct load;

struct connection {
    struct load *load;
    int fd;
    struct loop_watch *watch;
    size_t post;    /* on its way, SIZE_MAX: none */
    size_t written; /* of it */
    struct text answer;
};

struct load {
    const char *endpoint;
    char token[TOKEN_MAX + 2];
    int64_t count, batch, connection_count, first, known;
    struct loop *loop;
    struct connection *connections;
    struct text *posts; /* heads and bodies */
    size_t post_count, next, done;
    int64_t *sent_us, *latency_us;
    int64_t last_answer_us;
};

static void give_up(const char *what, const char *detail)
{
    (void)fprintf(stderr, "%s: %s\n", what, detail);
    exit(1);
}

/* ---- posts */

static void append_record(const struct load *l, int64_t i, struct text *body)
{
    static const char *const branches[] = {"north", "south", "east", "west", "harbour", "airport"};
    static const char words[] =
        "昨天在贵店更换刹车片之后，今天早上行驶时一直有异响，低速转弯时更明显，"
        "请尽快安排技师检查并告知原因。"
        "The noise comes from the front left wheel; I need the car on Friday.";
    const int64_t number = l->first + i;
    const int64_t customer = l->known > 0 ? number % l->known : number;
    const int64_t now_us = instant_now_us();
    const uint64_t ms = (uint64_t)(now_us / DURATION_MS);
    text_appendf(body,
                 "{\"key\":\"%08" PRIx64 "-%04" PRIx64 "-7000-8000-%012" PRIx64
                 "\",\"occurred_us\":%" PRId64 ",\"contact\":{\"customer_ref\":\"customer-%" PRId64
                 "\",\"kind\":\"%s\",\"channel\":\"phone\",\"branch\":\"%s\","
                 "\"category\":\"brakes\",\"product\":\"brake pads\",\"subject\":\"刹车异响\","
                 "\"body\":\"%s\"}}",
                 ms >> 16, ms & 0xffff, (uint64_t)number, now_us, customer,
                 number % 2 == 0 ? "complaint" : "request", branches[number % 6], words);
}

static void make_post(const struct load *l, int64_t from, int64_t count, struct text *post)
{
    struct text body = {0};
    text_append(&body, "{\"records\":[");
    for (int64_t i = 0; i < count; i++) {
        text_append(&body, i > 0 ? "," : "");
        append_record(l, from + i, &body);
    }
    text_append(&body, "]}");
    text_appendf(post,
                 "POST /v1/records HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\n"
                 "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
                 l->token, body.len);
    text_append_len(post, body.data, body.len);
    text_free(&body);
}

/* The first ones, one for each connection, go ahead. */
static void make_posts(struct load *l)
{
    const size_t ahead = (size_t)l->connection_count;
    l->post_count = ahead + (size_t)((l->count + l->batch - 1) / l->batch);
    l->posts = xcalloc(l->post_count, sizeof(*l->posts));
    l->sent_us = xcalloc(l->post_count, sizeof(*l->sent_us));
    l->latency_us = xcalloc(l->post_count, sizeof(*l->latency_us));
    for (size_t i = 0; i < ahead; i++) {
        make_post(l, l->count + (int64_t)i, 1, &l->posts[i]);
    }
    for (size_t i = ahead; i < l->post_count; i++) {
        const int64_t from = (int64_t)(i - ahead) * l->batch;
        const int64_t left = l->count - from;
        make_post(l, from, left < l->batch ? left : l->batch, &l->posts[i]);
    }
}

/* ---- one connection */

static void write_more(struct connection *c)
{
    const struct text *post = &c->load->posts[c->post];
    while (c->written < post->len) {
        ssize_t n = send(c->fd, post->data + c->written, post->len - c->written,
                         MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) {
            loop_watch_events(c->watch, LOOP_READ | LOOP_WRITE);
            return;
        }
        if (n < 0) {
            give_up("send", strerror(errno));
        }
        c->written += (size_t)n;
    }
    loop_watch_events(c->watch, LOOP_READ);
}

static void begin(struct connection *c, size_t post)
{
    c->post = post;
    c->written = 0;
    c->load->sent_us[post] = instant_monotonic_us();
    write_more(c);
}

/* The length of the whole answer, 0 while that is not known. */
static size_t answer_length(const struct text *answer)
{
    const char *end = strstr(text_or_empty(answer), "\r\n\r\n");
    const char *length = end ? strstr(answer->data, "Content-Length: ") : NULL;
    if (!length || length > end) {
        return 0;
    }
    return (size_t)(end + 4 - answer->data) +
           (size_t)strtoull(length + strlen("Content-Length: "), NULL, 10);
}

static void check_answer(const struct connection *c)
{
    const char *text = c->answer.data;
    size_t asked = 0, accepted = 0;
    for (const char *p = c->load->posts[c->post].data; (p = strstr(p, "{\"key\":")); p++) {
        asked++;
    }
    for (const char *p = text; (p = strstr(p, "\"RECEIPT_STATUS_ACCEPTED\"")); p++) {
        accepted++;
    }
    if (strncmp(text, "HTTP/1.1 200 ", 13) != 0 || accepted != asked) {
        give_up("not all records were accepted", text);
    }
}

static void end(struct connection *c)
{
    struct load *l = c->load;
    l->last_answer_us = instant_monotonic_us();
    l->latency_us[c->post] = l->last_answer_us - l->sent_us[c->post];
    check_answer(c);
    text_clear(&c->answer);
    c->post = SIZE_MAX;
    l->done++;
    if (l->next < l->post_count) {
        begin(c, l->next++);
    }
}

static void on_ready(void *ctx, int events)
{
    struct connection *c = ctx;
    char buffer[65536];
    if (events & LOOP_WRITE) {
        write_more(c);
    }
    ssize_t n = recv(c->fd, buffer, sizeof(buffer), MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN)) {
        give_up("receive", n == 0 ? "the connection was closed" : strerror(errno));
    }
    if (n > 0) {
        text_append_len(&c->answer, buffer, (size_t)n);
        size_t length = answer_length(&c->answer);
        if (length > 0 && c->answer.len >= length) {
            end(c);
        }
    }
}

static void open_connection(struct load *l, struct connection *c)
{
    struct http_address address;
    struct err err = ERR_NONE;
    if (http_address_parse(l->endpoint, &address, &err) < 0) {
        fatal("endpoint", &err);
    }
    const struct sockaddr *where = (const struct sockaddr *)&address.storage;
    *c = (struct connection){.load = l, .post = SIZE_MAX};
    c->fd = socket(where->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || connect(c->fd, where, address.len) < 0) {
        give_up(l->endpoint, strerror(errno));
    }
    c->watch = loop_watch_fd(l->loop, c->fd, LOOP_READ, on_ready, c);
}

/* ---- the program */

static void turn_until_done(struct load *l, size_t done)
{
    l->last_answer_us = instant_monotonic_us();
    while (l->done < done) {
        loop_turn(l->loop, 100 * DURATION_MS);
        if (instant_monotonic_us() - l->last_answer_us > PATIENCE_US) {
            give_up(l->endpoint, "no answer for too long");
        }
    }
}

/* Returns how long it took. */
static int64_t send_all(struct load *l)
{
    const size_t ahead = (size_t)l->connection_count;
    size_t all = l->post_count;
    l->post_count = l->next = ahead; /* nothing follows those that go ahead */
    for (size_t i = 0; i < ahead; i++) {
        begin(&l->connections[i], i);
    }
    turn_until_done(l, ahead);
    const int64_t start_us = instant_monotonic_us();
    l->post_count = all;
    for (size_t i = 0; i < ahead && l->next < all; i++) {
        begin(&l->connections[i], l->next++);
    }
    turn_until_done(l, all);
    return instant_monotonic_us() - start_us;
}

static int by_size(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void print(struct load *l, int64_t took_us)
{
    const size_t ahead = (size_t)l->connection_count, count = l->post_count - ahead;
    int64_t *latency_us = l->latency_us + ahead;
    qsort(latency_us, count, sizeof(latency_us[0]), by_size);
    (void)printf("{\"records\": %" PRId64 ", \"seconds\": %.6f, \"p50_us\": %" PRId64
                 ", \"p99_us\": %" PRId64 ", \"max_us\": %" PRId64 "}\n",
                 l->count, (double)took_us / 1e6, latency_us[count / 2],
                 latency_us[count * 99 / 100], latency_us[count - 1]);
}

static void read_token(struct load *l, const char *path)
{
    FILE *f = fopen(path, "re");
    if (!f || !fgets(l->token, sizeof(l->token), f)) {
        give_up(path, "holds no token");
    }
    (void)fclose(f);
    l->token[strcspn(l->token, "\r\n")] = '\0';
}

static int read_arguments(struct load *l, char **argv)
{
    l->endpoint = argv[1];
    read_token(l, argv[2]);
    return text_to_int64(argv[3], 1, 10000000, &l->count) == 0 &&
                   text_to_int64(argv[4], 1, BATCH_MAX, &l->batch) == 0 &&
                   text_to_int64(argv[5], 1, CONNECTIONS_MAX, &l->connection_count) == 0 &&
                   text_to_int64(argv[6], 0, INT64_MAX / 2, &l->first) == 0 &&
                   text_to_int64(argv[7], 0, INT64_MAX / 2, &l->known) == 0
               ? 0
               : -1;
}

int main(int argc, char **argv)
{
    struct load l = {0};
    if (argc != ARGUMENT_COUNT || read_arguments(&l, argv) < 0) {
        (void)fprintf(stderr, "usage: %s ENDPOINT TOKEN_FILE COUNT BATCH CONNECTIONS FIRST KNOWN\n",
                      argv[0]);
        return 2;
    }
    l.loop = loop_new();
    l.connections = xcalloc((size_t)l.connection_count, sizeof(*l.connections));
    make_posts(&l);
    for (int64_t i = 0; i < l.connection_count; i++) {
        open_connection(&l, &l.connections[i]);
    }
    print(&l, send_all(&l));
    for (int64_t i = 0; i < l.connection_count; i++) {
        loop_unwatch(l.connections[i].watch);
        (void)close(l.connections[i].fd);
        text_free(&l.connections[i].answer);
    }
    for (size_t i = 0; i < l.post_count; i++) {
        text_free(&l.posts[i]);
    }
    free(l.posts);
    free(l.sent_us);
    free(l.latency_us);
    free(l.connections);
    loop_free(l.loop);
    return 0;
}
