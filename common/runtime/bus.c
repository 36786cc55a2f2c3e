/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bus.c - sockets in the loop: read whole messages, check who sent them, hand them on; send without
 * waiting.
 *
 * Of every message the frames are read to the end, also of one that is refused: what is left over
 * would be taken for the begin of the next. A wake-up takes at most DRAIN_MAX messages, so that the
 * other watches get their turn.
 *
 * A handler may close its own socket, so reading goes on only while the socket is open, and its
 * memory is freed by whoever leaves it last.
 */
#include "common/runtime/bus.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zmq.h>

#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/bus_link.h"
#include "common/runtime/bus_profile.h"
#include "common/runtime/zap.h"
#include "common/runtime/zap_watch.h"

#define DRAIN_MAX     64
#define ENDPOINT_SIZE 256
#define REBIND_US     INT64_C(10000)
#define REBIND_LOG_US INT64_C(5000000)

struct bus_socket {
    struct bus *bus;
    struct bus_socket *next;
    void *zmq; /* NULL once closed */
    int type;
    struct loop_watch *watch;
    struct bus_link *link; /* of a client */
    bus_message_fn *on_message;
    void *ctx;
    const char *domain;              /* of a bound one */
    struct loop_timer *rebind_timer; /* of a bound one that was opened anew */
    int64_t rebind_since_us;         /* 0: it is bound */
    bool is_paused;
    unsigned readers; /* calls of on_readable() that still hold s */
    struct bus_counters counters;
    char endpoint[ENDPOINT_SIZE];
};

struct bus {
    struct loop *loop;
    void *context;
    struct bus_keys keys;
    struct principal_table *principals;
    struct zap *zap;
    struct zap_watch *zap_watch;
    struct bus_socket *sockets;
};

struct bus *bus_new(struct loop *loop, const struct bus_keys *keys,
                    struct principal_table *principals, struct err *err)
{
    struct bus *b = xcalloc(1, sizeof(*b));
    b->loop = loop;
    b->keys = *keys;
    b->principals = principals;
    b->context = principals ? bus_profile_context(err) : bus_profile_client_context(err);
    if (!b->context) {
        goto fail;
    }
    if (principals) {
        b->zap = zap_start(b->context, principals, err);
        if (!b->zap || zap_self_test(b->context, err) < 0) {
            goto fail;
        }
        b->zap_watch = zap_watch_new(loop, b->zap);
    }
    return b;
fail:
    bus_free(b);
    return NULL;
}

/* The context stays: ending one while another uses CURVE crashes libzmq 4.3.4, and the process is
 * about to end anyway. */
void bus_free(struct bus *b)
{
    if (!b) {
        return;
    }
    while (b->sockets) {
        bus_close(b->sockets);
    }
    zap_watch_free(b->zap_watch);
    zap_stop(b->zap);
    explicit_bzero(&b->keys, sizeof(b->keys));
    free(b);
}

/* ---- receiving */

/* The frames of one message that we keep; the rest of it is read and forgotten. */
struct parts {
    zmq_msg_t frames[2];
    size_t count; /* of frames; one more than we keep when there were too many */
};

static void parts_close(struct parts *p)
{
    for (size_t i = 0; i < ARRAY_LEN(p->frames); i++) {
        (void)zmq_msg_close(&p->frames[i]);
    }
}

static int receive_frame(void *socket, zmq_msg_t *frame)
{
    int rc;
    do {
        rc = zmq_msg_recv(frame, socket, ZMQ_DONTWAIT);
    } while (rc < 0 && errno == EINTR);
    return rc;
}

/* Of a message that is longer than we want, frame by frame. */
static void skip_frames(void *socket)
{
    bool is_more = true;
    while (is_more) {
        zmq_msg_t frame;
        (void)zmq_msg_init(&frame);
        is_more = receive_frame(socket, &frame) >= 0 && zmq_msg_more(&frame);
        (void)zmq_msg_close(&frame);
    }
}

/* Returns false when nothing is there. */
static bool receive(void *socket, struct parts *ret)
{
    bool is_more = true;
    ret->count = 0;
    (void)zmq_msg_init(&ret->frames[0]);
    (void)zmq_msg_init(&ret->frames[1]);
    while (is_more && ret->count < ARRAY_LEN(ret->frames)) {
        zmq_msg_t *frame = &ret->frames[ret->count];
        if (receive_frame(socket, frame) < 0) {
            break;
        }
        ret->count++;
        is_more = zmq_msg_more(frame);
    }
    if (ret->count == ARRAY_LEN(ret->frames) && is_more) {
        ret->count++;
        skip_frames(socket);
    }
    return ret->count > 0;
}

static struct bytes frame_bytes(zmq_msg_t *frame)
{
    return (struct bytes){.data = zmq_msg_data(frame), .len = zmq_msg_size(frame)};
}

/* Asked of the payload frame: libzmq 4.3.4 loses the User-Id of the first one. Asked of the table
 * for every message: the handshake was long ago, and the key may have been revoked since. Whoever
 * sent it is then nobody, with no rights, so that the handler answers that it is not permitted. */
static bool is_authenticated(const struct bus_socket *s, zmq_msg_t *body, struct principal *ret)
{
    struct principal nobody = {.id = 0};
    const char *user_id = zmq_msg_gets(body, "User-Id");
    if (!user_id || bytes_from_hex(user_id, nobody.key, sizeof(nobody.key)) < 0) {
        return false;
    }
    if (!principal_by_key(s->bus->principals, nobody.key, ret)) {
        *ret = nobody;
    }
    return true;
}

/* Fills m from the frames as the socket's type wants them. */
static bool accept_parts(const struct bus_socket *s, struct parts *p, struct bus_message *m)
{
    size_t wanted = s->type == ZMQ_DEALER ? 1 : 2;
    if (p->count != wanted) {
        return false;
    }
    zmq_msg_t *body = &p->frames[wanted - 1];
    m->body = frame_bytes(body);
    if (m->body.len > BUS_MESSAGE_MAX) {
        return false;
    }
    if (s->type == ZMQ_ROUTER) {
        m->peer = frame_bytes(&p->frames[0]);
        return is_authenticated(s, body, &m->principal);
    }
    if (s->type == ZMQ_SUB) {
        m->topic = frame_bytes(&p->frames[0]);
    }
    return true;
}

static void handle(struct bus_socket *s, struct parts *p)
{
    struct bus_message m = {
        .peer = {NULL, 0}
    };
    if (accept_parts(s, p, &m)) {
        s->counters.received++;
        s->on_message(s->ctx, s, &m);
    } else {
        s->counters.refused++;
    }
}

static void free_if_left(struct bus_socket *s)
{
    if (!s->zmq && s->readers == 0) {
        free(s);
    }
}

static void on_readable(void *ctx, int events)
{
    struct bus_socket *s = ctx;
    (void)events;
    s->readers++;
    for (int i = 0; i < DRAIN_MAX && s->zmq; i++) {
        struct parts p;
        bool is_there = receive(s->zmq, &p);
        if (is_there) {
            handle(s, &p);
        }
        parts_close(&p);
        if (!is_there) {
            break;
        }
    }
    s->readers--;
    free_if_left(s);
}

/* A PUB is never readable. Polling it still makes libzmq deal with those who subscribe and leave
 * between two events. */
static void on_nothing(void *ctx, int events)
{
    (void)ctx;
    (void)events;
}

/* ---- sockets */

static struct bus_socket *add_socket(struct bus *b, void *zmq, int type)
{
    struct bus_socket *s = xcalloc(1, sizeof(*s));
    s->bus = b;
    s->zmq = zmq;
    s->type = type;
    s->next = b->sockets;
    b->sockets = s;
    return s;
}

void bus_follow_key_file(struct bus_socket *s, const char *path)
{
    bus_link_follow_key_file(s->link, path);
}

void bus_close(struct bus_socket *s)
{
    if (!s) {
        return;
    }
    struct bus_socket **at = &s->bus->sockets;
    while (*at != s) {
        at = &(*at)->next;
    }
    *at = s->next;
    loop_unwatch(s->watch);
    loop_timer_free(s->rebind_timer);
    bus_link_free(s->link);
    (void)zmq_close(s->zmq);
    s->zmq = NULL;
    free_if_left(s);
}

/* An IPv6 literal is the only sign that IPv6 is meant. */
static int allow_ipv6(const struct bus_socket *s, const char *endpoint)
{
    int is_ipv6 = strchr(endpoint, '[') != NULL;
    return zmq_setsockopt(s->zmq, ZMQ_IPV6, &is_ipv6, sizeof(is_ipv6));
}

static struct bus_socket *bind_socket(struct bus *b, int type, const char *domain,
                                      const char *endpoint, struct err *err)
{
    if (!b->principals) {
        err_set(err, "bus_failed", "a bus without principals cannot bind %s", endpoint);
        return NULL;
    }
    void *zmq = bus_profile_server(b->context, type, &b->keys, domain, err);
    if (!zmq) {
        return NULL;
    }
    struct bus_socket *s = add_socket(b, zmq, type);
    size_t size = sizeof(s->endpoint);
    s->domain = domain;
    if (allow_ipv6(s, endpoint) < 0 || zmq_bind(zmq, endpoint) < 0 ||
        zmq_getsockopt(zmq, ZMQ_LAST_ENDPOINT, s->endpoint, &size) < 0) {
        err_set(err, "bind_failed", "%s: %s", endpoint, zmq_strerror(zmq_errno()));
        bus_close(s);
        return NULL;
    }
    return s;
}

static void watch_bound(struct bus_socket *s)
{
    const bool is_read = s->type == ZMQ_ROUTER;
    s->watch = loop_watch_zmq(s->bus->loop, s->zmq, s->is_paused ? 0 : LOOP_READ,
                              is_read ? on_readable : on_nothing, s);
}

struct bus_socket *bus_bind_router(struct bus *b, const char *endpoint, bus_message_fn *on_message,
                                   void *ctx, struct err *err)
{
    struct bus_socket *s = bind_socket(b, ZMQ_ROUTER, ZAP_DOMAIN_REQUESTS, endpoint, err);
    if (s) {
        s->on_message = on_message;
        s->ctx = ctx;
        watch_bound(s);
    }
    return s;
}

struct bus_socket *bus_bind_pub(struct bus *b, const char *endpoint, struct err *err)
{
    struct bus_socket *s = bind_socket(b, ZMQ_PUB, ZAP_DOMAIN_EVENTS, endpoint, err);
    if (s) {
        watch_bound(s);
    }
    return s;
}

/* The old socket ends in a thread of libzmq: until then a port is taken. (The file of an ipc
 * endpoint is not in the way, and the old socket leaves it alone.) */
static void rebind(void *ctx)
{
    struct bus_socket *s = ctx;
    const int64_t now_us = instant_monotonic_us();
    if (zmq_bind(s->zmq, s->endpoint) == 0) {
        s->rebind_since_us = 0;
        return;
    }
    if (now_us - s->rebind_since_us > REBIND_LOG_US) {
        log_error("rebind_failed", LOG_TEXT("endpoint", s->endpoint));
        _exit(EXIT_FAILURE); /* a new process finds out why, or succeeds */
    }
    loop_timer_after(s->rebind_timer, REBIND_US);
}

int bus_reopen(struct bus_socket *s, struct err *err)
{
    void *zmq = bus_profile_server(s->bus->context, s->type, &s->bus->keys, s->domain, err);
    if (!zmq) {
        return -1;
    }
    loop_unwatch(s->watch);
    (void)zmq_close(s->zmq);
    s->zmq = zmq;
    (void)allow_ipv6(s, s->endpoint);
    watch_bound(s);
    if (!s->rebind_timer) {
        s->rebind_timer = loop_timer_new(s->bus->loop, rebind, s);
    }
    s->rebind_since_us = instant_monotonic_us();
    loop_timer_after(s->rebind_timer, 0);
    return 0;
}

int bus_set_keys(struct bus *b, const struct bus_keys *keys, struct err *err)
{
    b->keys = *keys;
    for (struct bus_socket *s = b->sockets; s; s = s->next) {
        if (!s->link) {
            if (bus_reopen(s, err) < 0) {
                return -1;
            }
        } else if (bus_profile_set_keys(s->zmq, keys) < 0) {
            return err_set(err, "bus_failed", "a socket does not take these keys: %s",
                           zmq_strerror(zmq_errno()));
        } else {
            bus_link_reconnect(s->link);
        }
    }
    return 0;
}

static struct bus_socket *connect_socket(struct bus *b, int type, const char *endpoints,
                                         const char *server_key, struct err *err)
{
    void *zmq = bus_profile_client(b->context, type, &b->keys, server_key, err);
    if (!zmq) {
        return NULL;
    }
    struct bus_socket *s = add_socket(b, zmq, type);
    (void)text_copy(s->endpoint, sizeof(s->endpoint), endpoints);
    s->link = bus_link_new(b->loop, b->context, zmq, endpoints, err);
    if (!s->link) {
        bus_close(s);
        return NULL;
    }
    return s;
}

static struct bus_socket *read_from(struct bus_socket *s, bus_message_fn *on_message, void *ctx)
{
    if (s) {
        s->on_message = on_message;
        s->ctx = ctx;
        s->watch = loop_watch_zmq(s->bus->loop, s->zmq, LOOP_READ, on_readable, s);
    }
    return s;
}

struct bus_socket *bus_connect_dealer(struct bus *b, const char *endpoints, const char *server_key,
                                      bus_message_fn *on_message, void *ctx, struct err *err)
{
    return read_from(connect_socket(b, ZMQ_DEALER, endpoints, server_key, err), on_message, ctx);
}

struct bus_socket *bus_connect_sub(struct bus *b, const char *endpoints, const char *server_key,
                                   bus_message_fn *on_message, void *ctx, struct err *err)
{
    return read_from(connect_socket(b, ZMQ_SUB, endpoints, server_key, err), on_message, ctx);
}

enum bus_connection bus_connection(const struct bus_socket *s)
{
    return bus_link_connection(s->link);
}

const char *bus_endpoint(const struct bus_socket *s)
{
    return s->endpoint;
}

void bus_set_reading(struct bus_socket *s, bool is_reading)
{
    s->is_paused = !is_reading;
    loop_watch_events(s->watch, is_reading ? LOOP_READ : 0);
}

const struct bus_counters *bus_counters(const struct bus_socket *s)
{
    return &s->counters;
}

void bus_handshakes(const struct bus *b, int64_t *ret_accepted, int64_t *ret_refused)
{
    struct zap_counters counters = {0, 0};
    if (b->zap) {
        counters = zap_counters(b->zap);
    }
    *ret_accepted = counters.accepted;
    *ret_refused = counters.refused;
}

/* ---- sending */

static int send_frame(void *socket, struct bytes frame, int flags)
{
    int rc;
    do {
        rc = zmq_send(socket, frame.data, frame.len, ZMQ_DONTWAIT | flags);
    } while (rc < 0 && errno == EINTR);
    return rc < 0 ? -1 : 0;
}

/* first NULL: the body is the only frame. The peer would drop the connection over a body that is
 * too long. */
static int send_message(struct bus_socket *s, const struct bytes *first, struct bytes body)
{
    int rc = -1;
    if (body.len > BUS_MESSAGE_MAX) {
        log_error("message_too_long", LOG_TEXT("endpoint", s->endpoint),
                  LOG_INT("bytes", body.len));
    } else if (!first || send_frame(s->zmq, *first, ZMQ_SNDMORE) == 0) {
        rc = send_frame(s->zmq, body, 0);
    }
    if (rc == 0) {
        s->counters.sent++;
    } else {
        s->counters.send_failed++;
    }
    return rc;
}

int bus_send(struct bus_socket *s, struct bytes body)
{
    return send_message(s, NULL, body);
}

int bus_reply(struct bus_socket *s, struct bytes peer, struct bytes body)
{
    return send_message(s, &peer, body);
}

int bus_publish(struct bus_socket *s, const char *topic, struct bytes body)
{
    struct bytes first = bytes_of_text(topic);
    return send_message(s, &first, body);
}
