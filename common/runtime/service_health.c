/* SPDX-License-Identifier: Apache-2.0 */
/*
 * service_health.c - what a supervisor, a load balancer and Prometheus want to know.
 *
 * Ready means: a row was committed in the last 5 s and nobody asked us to stop. A process that
 * answers but cannot write is of no use to a sender.
 */
#include "common/runtime/service_health.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/http_address.h"
#include "common/runtime/process_gauges.h"
#include "common/runtime/service_clock.h"

#define FRESH_US (5 * DURATION_S)
#define ASK_S    3

/* One gauge per member of struct bus_counters. */
struct socket_metrics {
    int64_t *received, *sent, *send_failed, *refused;
};

struct service_health {
    struct service *service;
    bool has_begun;
    struct process_gauges *process;
    int64_t *ready;
    int64_t *accepted, *refused;
    int64_t *principals, *principals_age;
    struct socket_metrics requests, events;
};

/* ---- /livez and /readyz */

static void answer(struct http_response *r, int status, const char *text)
{
    r->status = status;
    text_appendf(&r->body, "%s\n", text);
}

/* What comes through a proxy comes from outside: these pages are for who reaches the port itself.
 * Then it was answered. */
static bool is_from_outside(const struct http_request *request, struct http_response *r)
{
    if (!http_header(request, "X-Forwarded-For") && !http_header(request, "Forwarded")) {
        return false;
    }
    answer(r, 404, "there is no such path");
    return true;
}

static void on_livez(void *ctx, const struct http_request *request, struct http_response *r)
{
    const struct service_health *h = ctx;
    if (is_from_outside(request, r)) {
        return;
    }
    bool is_alive = instant_monotonic_us() - loop_last_turn_us(h->service->loop) <= FRESH_US;
    answer(r, is_alive ? 200 : 503, is_alive ? "ok" : "the loop did not turn for 5 s");
}

/* NULL when ready. */
static const char *why_not_ready(const struct service_health *h)
{
    const struct service *s = h->service;
    if (!h->has_begun) {
        return "starting";
    }
    if (s->is_draining) {
        return "stopping";
    }
    int64_t committed_us = service_clock_last_commit_us(s->clock);
    if (!committed_us || instant_monotonic_us() - committed_us > FRESH_US) {
        return "no row was committed for 5 s";
    }
    return NULL;
}

static void on_readyz(void *ctx, const struct http_request *request, struct http_response *r)
{
    const char *why = why_not_ready(ctx);
    if (is_from_outside(request, r)) {
        return;
    }
    answer(r, why ? 503 : 200, why ? why : "ok");
}

/* ---- /metrics */

static int64_t *message_counter(struct metrics *m, const char *socket, const char *result)
{
    char labels[64];
    (void)text_format(labels, sizeof(labels), "socket=\"%s\",result=\"%s\"", socket, result);
    return metrics_counter(m, "troth_bus_messages_total", labels,
                           "Messages by socket and what became of them.");
}

static struct socket_metrics register_socket(struct metrics *m, const char *socket)
{
    return (struct socket_metrics){
        .received = message_counter(m, socket, "received"),
        .sent = message_counter(m, socket, "sent"),
        .send_failed = message_counter(m, socket, "send_failed"),
        .refused = message_counter(m, socket, "refused"),
    };
}

static void register_metrics(struct service_health *h, struct metrics *m)
{
    static const char handshakes[] = "Handshakes by decision of the authenticator.";
    h->ready = metrics_gauge(m, "troth_process_ready", NULL, "1 when /readyz says yes.");
    h->accepted =
        metrics_counter(m, "troth_bus_handshakes_total", "decision=\"accepted\"", handshakes);
    h->refused =
        metrics_counter(m, "troth_bus_handshakes_total", "decision=\"refused\"", handshakes);
    h->principals = metrics_gauge(m, "troth_principals", NULL, "Keys that this process lets in.");
    h->principals_age =
        metrics_gauge_micro(m, "troth_principals_age_seconds", NULL,
                            "Time since that list was last compared with the database.");
    h->requests = register_socket(m, "requests");
    h->events = register_socket(m, "events");
}

static void read_socket(const struct socket_metrics *m, const struct bus_socket *s)
{
    if (s) {
        const struct bus_counters *counters = bus_counters(s);
        *m->received = counters->received;
        *m->sent = counters->sent;
        *m->send_failed = counters->send_failed;
        *m->refused = counters->refused;
    }
}

static void on_metrics(void *ctx, const struct http_request *request, struct http_response *r)
{
    struct service_health *h = ctx;
    const struct service *s = h->service;
    if (is_from_outside(request, r)) {
        return;
    }
    *h->ready = why_not_ready(h) ? 0 : 1;
    if (s->principals) {
        *h->principals = (int64_t)principal_table_count(s->principals);
        *h->principals_age = instant_monotonic_us() - principal_table_checked_us(s->principals);
    }
    bus_handshakes(s->bus, h->accepted, h->refused);
    read_socket(&h->requests, s->requests);
    read_socket(&h->events, s->events);
    r->content_type = "text/plain; version=0.0.4; charset=utf-8";
    metrics_print(s->metrics, &r->body);
}

struct service_health *service_health_new(struct service *s)
{
    struct service_health *h = xcalloc(1, sizeof(*h));
    h->service = s;
    register_metrics(h, s->metrics);
    h->process = process_gauges_new(s);
    if (s->http) {
        http_measure(s->http, s->metrics, "pages");
        http_route(s->http, "GET", "/livez", on_livez, h);
        http_route(s->http, "GET", "/readyz", on_readyz, h);
        http_route(s->http, "GET", "/metrics", on_metrics, h);
    }
    return h;
}

void service_health_begin(struct service_health *h)
{
    h->has_begun = true;
}

void service_health_free(struct service_health *h)
{
    if (h) {
        process_gauges_free(h->process);
    }
    free(h);
}

/* ---- the client */

static int open_connection(const struct http_address *address)
{
    struct timeval limit = {.tv_sec = ASK_S};
    const struct sockaddr *where = (const struct sockaddr *)&address->storage;
    int fd = socket(where->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -1;
    }
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) < 0 ||
        connect(fd, where, address->len) < 0) {
        int saved_errno = errno;
        (void)close(fd);
        errno = saved_errno;
        return -1;
    }
    return fd;
}

/* Reads until the status line is there or nothing comes any more. */
static void read_head(int fd, char *head, size_t size)
{
    size_t len = 0;
    while (len < size - 1) {
        ssize_t n = recv(fd, head + len, size - 1 - len, 0);
        if (n <= 0) {
            break;
        }
        len += (size_t)n;
    }
    head[len] = '\0';
}

enum {
    HEAD_SIZE = 512
};

/* Asks for /readyz; head is what came, with its beginning. */
static int exchange(const char *endpoint, char head[HEAD_SIZE], struct err *err)
{
    static const char question[] = "GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n";
    struct http_address address;
    if (http_address_parse(endpoint, &address, err) < 0) {
        return -1;
    }
    int fd = open_connection(&address);
    if (fd < 0) {
        return err_set(err, "not_ready", "%s: %s", endpoint, strerror(errno));
    }
    ssize_t sent = send(fd, question, strlen(question), MSG_NOSIGNAL);
    head[0] = '\0';
    if (sent == (ssize_t)strlen(question)) {
        read_head(fd, head, HEAD_SIZE);
    }
    (void)close(fd);
    return 0;
}

int service_health_ask(const char *endpoint, struct err *err)
{
    char head[HEAD_SIZE];
    if (exchange(endpoint, head, err) < 0) {
        return -1;
    }
    if (strncmp(head, "HTTP/1.", 7) != 0 || strncmp(head + 8, " 200 ", 5) != 0) {
        const char *body = strstr(head, "\r\n\r\n");
        return err_set(err, "not_ready", "%s: %.100s", endpoint, body ? body + 4 : "no answer");
    }
    return 0;
}

int service_health_ask_time(const char *endpoint, int64_t *ret_s, struct err *err)
{
    char head[HEAD_SIZE];
    struct tm tm = {.tm_isdst = 0};
    if (exchange(endpoint, head, err) < 0) {
        return -1;
    }
    const char *date = strcasestr(head, "\r\nDate: ");
    if (!date || !strptime(date + 8, "%a, %d %b %Y %H:%M:%S GMT", &tm)) {
        return err_set(err, "not_ready", "%s: no answer with a date", endpoint);
    }
    *ret_s = (int64_t)timegm(&tm);
    return 0;
}
