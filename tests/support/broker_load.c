/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/broker_load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"

#define PATIENCE_US (60 * DURATION_S) /* without any acknowledgement: something is wrong */

enum {
    READ_BYTES = 256 * 1024,
    OUT_BYTES_MAX = 256 * 1024, /* no more is packed while so much waits to be sent */
    PORT_MAX = 65535
};

void broker_load_give_up(const char *what, const char *detail)
{
    (void)fprintf(stderr, "%s: %s\n", what, detail);
    exit(1);
}

/* ---- open and close */

static void connect_to(struct broker_load *l, int64_t port)
{
    const struct sockaddr_in where = {.sin_family = AF_INET,
                                      .sin_port = htons((uint16_t)port),
                                      .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    const int on = 1;
    l->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (l->fd < 0 || connect(l->fd, (const struct sockaddr *)&where, sizeof(where)) < 0 ||
        setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) < 0) {
        broker_load_give_up("connect", strerror(errno));
    }
}

void broker_load_open(struct broker_load *l, const struct broker_protocol *protocol, char **argv)
{
    int64_t port, bytes;
    int given = 0;
    while (argv[given]) {
        given++;
    }
    if (given != 5 || text_to_int64(argv[1], 1, PORT_MAX, &port) < 0 ||
        text_to_int64(argv[2], 1, 100000000, &l->count) < 0 ||
        text_to_int64(argv[3], 1, 1000000, &l->window) < 0 ||
        text_to_int64(argv[4], 16, 65536, &bytes) < 0) {
        (void)fprintf(stderr, "usage: %s PORT COUNT WINDOW BYTES\n", argv[0]);
        exit(2);
    }
    l->protocol = protocol;
    l->body_bytes = (size_t)bytes;
    l->sent_us = xcalloc((size_t)l->count, sizeof(*l->sent_us));
    l->latency_us = xcalloc((size_t)l->count, sizeof(*l->latency_us));
    l->is_done = xcalloc((size_t)l->count, sizeof(*l->is_done));
    connect_to(l, port);
}

void broker_load_close(struct broker_load *l)
{
    (void)close(l->fd);
    buffer_free(&l->in);
    buffer_free(&l->out);
    free(l->sent_us);
    free(l->latency_us);
    free(l->is_done);
}

/* ---- bytes */

static void write_some(struct broker_load *l)
{
    ssize_t n =
        send(l->fd, l->out.data + l->written, l->out.len - l->written, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN) {
        broker_load_give_up("send", strerror(errno));
    }
    l->written += n > 0 ? (size_t)n : 0;
    if (l->written == l->out.len) {
        buffer_clear(&l->out);
        l->written = 0;
    }
}

/* What is taken is forgotten, what is not whole yet moves to the front. */
static void take_all(struct broker_load *l)
{
    for (;;) {
        const struct bytes rest = {.data = l->in.data + l->taken, .len = l->in.len - l->taken};
        const size_t len = rest.len > 0 ? l->protocol->take(l, rest) : 0;
        if (len == 0) {
            break;
        }
        l->taken += len;
    }
    memmove(l->in.data, l->in.data + l->taken, l->in.len - l->taken);
    l->in.len -= l->taken;
    l->taken = 0;
}

static void read_some(struct broker_load *l)
{
    const size_t before = l->in.len;
    ssize_t n = recv(l->fd, buffer_extend(&l->in, READ_BYTES), READ_BYTES, MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN)) {
        broker_load_give_up("receive", n == 0 ? "the broker has closed" : strerror(errno));
    }
    l->in.len = before + (n > 0 ? (size_t)n : 0);
    take_all(l);
}

static void turn(struct broker_load *l)
{
    struct pollfd p = {.fd = l->fd, .events = POLLIN};
    if (l->out.len > 0) {
        write_some(l);
        p.events |= l->out.len > 0 ? POLLOUT : 0;
    }
    int ready = poll(&p, 1, (int)(PATIENCE_US / DURATION_MS));
    if (ready <= 0) {
        broker_load_give_up("poll", ready == 0 ? "nothing came for too long" : strerror(errno));
    }
    if (p.revents & (POLLIN | POLLHUP | POLLERR)) {
        read_some(l);
    }
}

void broker_load_turn_until(struct broker_load *l, bool (*until)(const struct broker_load *l))
{
    while (!until(l)) {
        turn(l);
    }
}

/* ---- the load */

static void fill(struct broker_load *l, struct bytes body)
{
    while (l->sent < l->count && l->sent - l->done < l->window &&
           l->out.len - l->written < OUT_BYTES_MAX) {
        l->sent_us[l->sent] = instant_monotonic_us();
        l->protocol->publish(l, l->sent, body, &l->out);
        l->sent++;
    }
}

int64_t broker_load_run(struct broker_load *l)
{
    struct buffer body = {0};
    const int64_t start_us = instant_monotonic_us();
    memset(buffer_extend(&body, l->body_bytes), 'x', l->body_bytes);
    l->last_ack_us = start_us;
    while (l->done < l->count) {
        fill(l, (struct bytes){.data = body.data, .len = body.len});
        turn(l);
        if (instant_monotonic_us() - l->last_ack_us > PATIENCE_US) {
            broker_load_give_up("run", "no acknowledgement for too long");
        }
    }
    buffer_free(&body);
    return instant_monotonic_us() - start_us;
}

void broker_load_acknowledged(struct broker_load *l, int64_t i)
{
    if (i < 0 || i >= l->sent || l->is_done[i]) {
        broker_load_give_up("acknowledgement", "of a message that waits for none");
    }
    l->is_done[i] = true;
    l->done++;
    l->last_ack_us = instant_monotonic_us();
    l->latency_us[i] = l->last_ack_us - l->sent_us[i];
}

static int by_size(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

void broker_load_print(struct broker_load *l, int64_t took_us, int64_t stored)
{
    const size_t count = (size_t)l->count;
    if (stored != l->count) {
        broker_load_give_up("stored", "the broker does not have what it acknowledged");
    }
    qsort(l->latency_us, count, sizeof(l->latency_us[0]), by_size);
    printf("{\"records\": %" PRId64 ", \"seconds\": %.6f, \"p50_us\": %" PRId64
           ", \"p99_us\": %" PRId64 "}\n",
           l->count, (double)took_us / 1e6, l->latency_us[count / 2],
           l->latency_us[count * 99 / 100]);
}
