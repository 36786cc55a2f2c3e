/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bus_link.c - reads the events of a socket's monitor; each endpoint has a timer that is armed
 * while something is wrong.
 *
 * An event names the endpoint as libzmq resolved it. Where that is none of our texts (a host name),
 * every endpoint of the socket is suspected: connecting one again that works costs what is in
 * flight, which is asked for again.
 *
 * A server that has another key than we think ends the handshake. Then the file that has its keys
 * is read again, and the endpoint gets the next one of them; where it is not known which endpoint
 * it was, each gets any of them, since taking turns together would never suit two servers of
 * which one has changed its key. libzmq copies the key of the socket when it connects, so each
 * endpoint keeps its own.
 */
#include "common/runtime/bus_link.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>
#include <zmq.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"

#define AGAIN_US      (2 * DURATION_S)
#define NEXT_KEY_US   (100 * DURATION_MS)
#define ENDPOINT_SIZE 256
#define WATCHED                                                                                    \
    (ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |                             \
     ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |                  \
     ZMQ_EVENT_DISCONNECTED)

struct target {
    struct bus_link *link;
    struct target *next;
    struct loop_timer *timer;
    char endpoint[ENDPOINT_SIZE];
    char key[BUS_KEY_TEXT_SIZE]; /* of the server, when the file said another one; else "" */
};

struct bus_link {
    struct loop *loop;
    void *socket;
    void *monitor; /* where the socket reports */
    struct loop_watch *watch;
    struct target *targets;
    char *key_file; /* NULL: the server keeps its key */
    enum bus_connection connection;
};

/* An IPv6 literal is the only sign that IPv6 is meant. */
static int connect_target(const struct target *t)
{
    void *socket = t->link->socket;
    int is_ipv6 = strchr(t->endpoint, '[') != NULL;
    if (zmq_setsockopt(socket, ZMQ_IPV6, &is_ipv6, sizeof(is_ipv6)) < 0) {
        return -1;
    }
    if (t->key[0] && zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, t->key, BUS_KEY_TEXT_SIZE) < 0) {
        return -1;
    }
    return zmq_connect(socket, t->endpoint);
}

/* A subscriber looks at the first frame of a message while it is asked whether there is one, and
 * libzmq aborts when the connection is then taken away before the second was read
 * (zeromq/libzmq 2163). What is dropped are doorbells: who sleeps looks by itself soon. */
static void drop_unread_events(void *socket)
{
    int type = 0;
    size_t size = sizeof(type);
    char byte; /* longer ones are cut off */
    if (zmq_getsockopt(socket, ZMQ_TYPE, &type, &size) < 0 || type != ZMQ_SUB) {
        return;
    }
    while (zmq_recv(socket, &byte, sizeof(byte), ZMQ_DONTWAIT) >= 0 || zmq_errno() == EINTR) {
    }
}

/* It was accepted once, so it is again; if not, the next time. */
static void on_timer(void *ctx)
{
    struct target *t = ctx;
    drop_unread_events(t->link->socket);
    (void)zmq_disconnect(t->link->socket, t->endpoint);
    if (connect_target(t) < 0) {
        loop_timer_after(t->timer, AGAIN_US);
    }
}

void bus_link_reconnect(struct bus_link *l)
{
    for (struct target *t = l->targets; t; t = t->next) {
        on_timer(t);
    }
}

/* ---- the server's keys */

void bus_link_follow_key_file(struct bus_link *l, const char *path)
{
    free(l->key_file);
    l->key_file = xstrdup(path);
}

/* An endpoint that was given no key of its own yet has the first one, with which the socket was
 * made. */
static size_t place_of(const struct target *t, char keys[][BUS_KEY_TEXT_SIZE], size_t count)
{
    size_t i = 0;
    while (i < count && strcmp(keys[i], t->key) != 0) {
        i++;
    }
    return t->key[0] ? i : 0;
}

/* A file that cannot be read at this moment is read again after the next attempt. */
static void take_next_key(struct target *t, bool is_sure)
{
    char keys[BUS_SERVER_KEYS_MAX][BUS_KEY_TEXT_SIZE];
    struct err err = ERR_NONE;
    const int count = t->link->key_file ? bus_public_keys_read(t->link->key_file, keys, &err) : 0;
    if (count <= 0) {
        return;
    }
    const size_t next = is_sure ? (place_of(t, keys, (size_t)count) + 1) % (size_t)count
                                : randombytes_uniform((uint32_t)count);
    if (strcmp(t->key, keys[next]) != 0) {
        memcpy(t->key, keys[next], sizeof(t->key));
        loop_timer_after(t->timer, NEXT_KEY_US);
    }
}

/* ---- events */

/* is_sure: it was this endpoint, and not another one of the socket. */
static void note(struct target *t, uint16_t event, bool is_sure)
{
    if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
        loop_timer_stop(t->timer);
        return;
    }
    if (!loop_timer_is_armed(t->timer)) {
        loop_timer_after(t->timer, AGAIN_US);
        if (event == ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL ||
            event == ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL) {
            take_next_key(t, is_sure);
        }
    }
}

/* A break tells nothing about why; the next attempt will. */
static void note_connection(struct bus_link *l, uint16_t event)
{
    if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
        l->connection = BUS_CONNECTION_UP;
    } else if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) {
        l->connection = BUS_CONNECTION_KEY_REFUSED;
    } else if (event == ZMQ_EVENT_DISCONNECTED) {
        l->connection = l->connection == BUS_CONNECTION_UP ? BUS_CONNECTION_NONE : l->connection;
    } else {
        l->connection = BUS_CONNECTION_NO_HANDSHAKE;
    }
}

enum bus_connection bus_link_connection(const struct bus_link *l)
{
    return l->connection;
}

static void handle_event(struct bus_link *l, uint16_t event, const char *address)
{
    bool is_found = false;
    for (struct target *t = l->targets; t; t = t->next) {
        if (strcmp(t->endpoint, address) == 0) {
            note(t, event, true);
            is_found = true;
        }
    }
    for (struct target *t = l->targets; t && !is_found; t = t->next) {
        note(t, event, !l->targets->next);
    }
}

/* Two frames: 16 bits event and 32 bits value, then the address. */
static bool read_event(struct bus_link *l)
{
    uint8_t head[6];
    char address[ENDPOINT_SIZE];
    uint16_t event;
    if (zmq_recv(l->monitor, head, sizeof(head), ZMQ_DONTWAIT) != (int)sizeof(head)) {
        return false;
    }
    int len = zmq_recv(l->monitor, address, sizeof(address) - 1, ZMQ_DONTWAIT);
    if (len < 0) {
        return false;
    }
    address[(size_t)len < sizeof(address) ? (size_t)len : sizeof(address) - 1] = '\0';
    memcpy(&event, head, sizeof(event));
    if (event & WATCHED) {
        note_connection(l, event);
        handle_event(l, event, address);
    }
    return true;
}

static void on_event(void *ctx, int events)
{
    struct bus_link *l = ctx;
    (void)events;
    while (read_event(l)) {
    }
}

/* ---- life */

static int open_monitor(struct bus_link *l, void *context)
{
    char name[64];
    (void)text_format(name, sizeof(name), "inproc://monitor-%" PRIxPTR, (uintptr_t)l->socket);
    l->monitor = zmq_socket(context, ZMQ_PAIR);
    if (!l->monitor || zmq_socket_monitor(l->socket, name, WATCHED) < 0 ||
        zmq_connect(l->monitor, name) < 0) {
        return -1;
    }
    l->watch = loop_watch_zmq(l->loop, l->monitor, LOOP_READ, on_event, l);
    return 0;
}

static int add_target(struct bus_link *l, const char *endpoint, size_t len, struct err *err)
{
    struct target *t = xcalloc(1, sizeof(*t));
    t->link = l;
    t->timer = loop_timer_new(l->loop, on_timer, t);
    t->next = l->targets;
    l->targets = t;
    if (!text_format(t->endpoint, sizeof(t->endpoint), "%.*s", (int)len, endpoint)) {
        return err_set(err, "connect_failed", "an endpoint is too long");
    }
    if (connect_target(t) < 0) {
        return err_set(err, "connect_failed", "%s: %s", t->endpoint, zmq_strerror(zmq_errno()));
    }
    return 0;
}

static int add_targets(struct bus_link *l, const char *endpoints, struct err *err)
{
    const char *p = endpoints + strspn(endpoints, " \t");
    if (!*p) {
        return err_set(err, "connect_failed", "no endpoint is given");
    }
    while (*p) {
        size_t len = strcspn(p, " \t");
        if (add_target(l, p, len, err) < 0) {
            return -1;
        }
        p += len;
        p += strspn(p, " \t");
    }
    return 0;
}

struct bus_link *bus_link_new(struct loop *loop, void *context, void *socket, const char *endpoints,
                              struct err *err)
{
    struct bus_link *l = xcalloc(1, sizeof(*l));
    l->loop = loop;
    l->socket = socket;
    l->connection = BUS_CONNECTION_NONE;
    int rc = open_monitor(l, context);
    if (rc < 0) {
        (void)err_set(err, "connect_failed", "no monitor: %s", zmq_strerror(zmq_errno()));
    }
    if (rc < 0 || add_targets(l, endpoints, err) < 0) {
        bus_link_free(l);
        return NULL;
    }
    return l;
}

/* The monitor is told to stop before its reader goes: libzmq would wait for ever to report to
 * nobody. */
void bus_link_free(struct bus_link *l)
{
    if (!l) {
        return;
    }
    (void)zmq_socket_monitor(l->socket, NULL, 0);
    loop_unwatch(l->watch);
    if (l->monitor) {
        (void)zmq_close(l->monitor);
    }
    while (l->targets) {
        struct target *t = l->targets;
        l->targets = t->next;
        loop_timer_free(t->timer);
        free(t);
    }
    free(l->key_file);
    free(l);
}
