/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zap.c - the authenticator's thread and its self-test.
 *
 * The thread answers one request after the other from the principal table and from nothing that
 * could wait: libzmq puts no limit on the requests that queue up for it. It ends when its end of a
 * pipe is closed; any other end takes the process along.
 */
#include "common/runtime/zap.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>
#include <zmq.h>

#include "common/base/bytes.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/bus_profile.h"

#define ZAP_ENDPOINT "inproc://zeromq.zap.01"
#define USER_ID_SIZE (2 * PRINCIPAL_KEY_LEN + 1)
#define REFUSAL_LOG_EACH_US                                                                        \
    INT64_C(1000000) /* a stranger who tries again and again fills no disk */
#define TURN_MS          250
#define MISSES_MAX       3 /* more than one: a process that was stopped and goes on is fine */
#define SELF_TEST_US     INT64_C(2000000)
#define SELF_TEST_DOMAIN "self-test" /* decided as any other, but neither logged nor counted */

struct zap {
    void *socket; /* used by the thread alone once it runs */
    struct principal_table *principals;
    pthread_t thread;
    int stop_pipe[2]; /* closing [1] stops the thread */
    atomic_int_least64_t accepted, refused;
    atomic_uint_least64_t turns; /* of the thread; the rest is the loop's */
    uint64_t seen_turns;
    int misses;
    int64_t refusal_logged_us;
};

/* ---- the protocol (ZeroMQ RFC 27) */

enum {
    FRAME_VERSION,
    FRAME_REQUEST_ID,
    FRAME_DOMAIN,
    FRAME_ADDRESS,
    FRAME_IDENTITY,
    FRAME_MECHANISM,
    FRAME_KEY,
    FRAME_COUNT
};

struct request {
    struct buffer frames[FRAME_COUNT];
    size_t count; /* as received; more than FRAME_COUNT are not kept */
};

static void request_free(struct request *r)
{
    for (size_t i = 0; i < FRAME_COUNT; i++) {
        buffer_free(&r->frames[i]);
    }
}

static int receive(void *socket, struct request *r)
{
    int more = 1;
    while (more) {
        zmq_msg_t frame;
        (void)zmq_msg_init(&frame);
        if (zmq_msg_recv(&frame, socket, 0) < 0) {
            (void)zmq_msg_close(&frame);
            if (errno == EINTR) {
                continue;
            }
            return -1;
        }
        if (r->count < FRAME_COUNT) {
            buffer_append(&r->frames[r->count], zmq_msg_data(&frame), zmq_msg_size(&frame));
        }
        r->count++;
        more = zmq_msg_more(&frame);
        (void)zmq_msg_close(&frame);
    }
    return 0;
}

static bool is_text(const struct buffer *frame, const char *text)
{
    return bytes_equal((struct bytes){frame->data, frame->len}, bytes_of_text(text));
}

static int send_text(void *socket, const char *text, int flags)
{
    return zmq_send(socket, text, strlen(text), flags);
}

static int answer(void *socket, const struct request *r, const char *status, const char *user_id)
{
    const struct buffer *id = &r->frames[FRAME_REQUEST_ID];
    if (send_text(socket, "1.0", ZMQ_SNDMORE) < 0 ||
        zmq_send(socket, id->data, id->len, ZMQ_SNDMORE) < 0 ||
        send_text(socket, status, ZMQ_SNDMORE) < 0 || send_text(socket, "", ZMQ_SNDMORE) < 0 ||
        send_text(socket, user_id, ZMQ_SNDMORE) < 0) {
        return -1;
    }
    return send_text(socket, "", 0); /* no metadata */
}

/* ---- the decision */

static bool is_let_in(struct zap *z, const struct request *r)
{
    struct principal who;
    if (r->count != FRAME_COUNT || !is_text(&r->frames[FRAME_VERSION], "1.0") ||
        !is_text(&r->frames[FRAME_MECHANISM], "CURVE") ||
        r->frames[FRAME_KEY].len != PRINCIPAL_KEY_LEN) {
        return false;
    }
    if (!principal_by_key(z->principals, r->frames[FRAME_KEY].data, &who)) {
        return false;
    }
    return !is_text(&r->frames[FRAME_DOMAIN], ZAP_DOMAIN_EVENTS) || (who.rights & RIGHT_EVENTS);
}

/* The key is public and says which row is missing or lacks a right. */
static void note_refusal(struct zap *z, const struct request *r)
{
    int64_t now_us = instant_monotonic_us();
    char key[BUS_KEY_TEXT_SIZE] = "";
    char domain[16] = "";
    if (is_text(&r->frames[FRAME_DOMAIN], SELF_TEST_DOMAIN)) {
        return;
    }
    atomic_fetch_add(&z->refused, 1);
    if (z->refusal_logged_us && now_us - z->refusal_logged_us < REFUSAL_LOG_EACH_US) {
        return;
    }
    z->refusal_logged_us = now_us;
    if (r->count == FRAME_COUNT && r->frames[FRAME_KEY].len == PRINCIPAL_KEY_LEN) {
        (void)zmq_z85_encode(key, r->frames[FRAME_KEY].data, PRINCIPAL_KEY_LEN);
        (void)text_format(domain, sizeof(domain), "%.*s", (int)r->frames[FRAME_DOMAIN].len,
                          (const char *)r->frames[FRAME_DOMAIN].data);
    }
    log_warning("key_refused", LOG_TEXT("domain", domain), LOG_TEXT("public_key", key),
                LOG_INT("refused", atomic_load(&z->refused)));
}

static int handle(struct zap *z)
{
    struct request r = {.count = 0};
    char user_id[USER_ID_SIZE] = "";
    int rc = receive(z->socket, &r);
    if (rc == 0 && is_let_in(z, &r)) {
        atomic_fetch_add(&z->accepted, 1);
        bytes_to_hex((struct bytes){r.frames[FRAME_KEY].data, PRINCIPAL_KEY_LEN}, user_id);
        rc = answer(z->socket, &r, "200", user_id);
    } else if (rc == 0) {
        note_refusal(z, &r);
        rc = answer(z->socket, &r, "400", "");
    }
    request_free(&r);
    return rc;
}

/* ---- the thread */

static void *run(void *ctx)
{
    struct zap *z = ctx;
    (void)pthread_setname_np(pthread_self(), "zap"); /* as ps -L shows it */
    zmq_pollitem_t items[] = {
        {.socket = z->socket,   .events = ZMQ_POLLIN},
        {.fd = z->stop_pipe[0], .events = ZMQ_POLLIN},
    };
    for (;;) {
        int ready = zmq_poll(items, 2, TURN_MS);
        atomic_fetch_add(&z->turns, 1);
        if (ready < 0 && errno == EINTR) {
            continue;
        }
        if (ready > 0 && items[1].revents) {
            break;
        }
        if (ready == 0) {
            continue;
        }
        if (ready < 0 || handle(z) < 0) {
            log_error("zap_failed", LOG_TEXT("text", zmq_strerror(zmq_errno())));
            _exit(EXIT_FAILURE);
        }
    }
    (void)zmq_close(z->socket);
    return NULL;
}

/* Signals are the loop's: they must never be delivered to this thread. */
static int start_thread(struct zap *z)
{
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&z->thread, NULL, run, z);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc;
}

static void *bind_handler(void *context)
{
    int linger = 0;
    void *socket = zmq_socket(context, ZMQ_REP);
    if (socket && (zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof(linger)) < 0 ||
                   zmq_bind(socket, ZAP_ENDPOINT) < 0)) {
        (void)zmq_close(socket);
        socket = NULL;
    }
    return socket;
}

struct zap *zap_start(void *context, struct principal_table *principals, struct err *err)
{
    struct zap *z = xcalloc(1, sizeof(*z));
    z->principals = principals;
    z->socket = bind_handler(context);
    if (!z->socket) {
        err_set(err, "zap_failed", "the authenticator cannot bind: %s", zmq_strerror(zmq_errno()));
        free(z);
        return NULL;
    }
    if (pipe2(z->stop_pipe, O_CLOEXEC) < 0) {
        err_set(err, "zap_failed", "no pipe: %s", strerror(errno));
        (void)zmq_close(z->socket);
        free(z);
        return NULL;
    }
    int rc = start_thread(z);
    if (rc != 0) {
        err_set(err, "zap_failed", "no thread: %s", strerror(rc));
        (void)zmq_close(z->socket);
        (void)close(z->stop_pipe[0]);
        (void)close(z->stop_pipe[1]);
        free(z);
        return NULL;
    }
    return z;
}

void zap_stop(struct zap *z)
{
    if (z) {
        (void)close(z->stop_pipe[1]);
        (void)pthread_join(z->thread, NULL);
        (void)close(z->stop_pipe[0]);
        free(z);
    }
}

bool zap_is_alive(struct zap *z)
{
    uint64_t turns = atomic_load(&z->turns);
    z->misses = turns == z->seen_turns ? z->misses + 1 : 0;
    z->seen_turns = turns;
    return z->misses < MISSES_MAX;
}

struct zap_counters zap_counters(struct zap *z)
{
    return (struct zap_counters){.accepted = atomic_load(&z->accepted),
                                 .refused = atomic_load(&z->refused)};
}

/* ---- the self-test */

enum verdict {
    VERDICT_NONE = 1,
    VERDICT_STAYED_OUT,
    VERDICT_GOT_IN
};

/* One event of the server's monitor: 16 bits event, 32 bits value, then the address frame. */
static enum verdict read_event(void *monitor)
{
    uint8_t frame[6];
    char address[256];
    uint16_t event;
    if (zmq_recv(monitor, frame, sizeof(frame), 0) != (int)sizeof(frame)) {
        return VERDICT_NONE;
    }
    memcpy(&event, frame, sizeof(event));
    (void)zmq_recv(monitor, address, sizeof(address), 0);
    if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) {
        return VERDICT_STAYED_OUT;
    }
    return event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED ? VERDICT_GOT_IN : VERDICT_NONE;
}

static enum verdict watch_handshake(void *monitor)
{
    int64_t end_us = instant_monotonic_us() + SELF_TEST_US;
    for (;;) {
        zmq_pollitem_t item = {.socket = monitor, .events = ZMQ_POLLIN};
        int64_t left_us = end_us - instant_monotonic_us();
        if (left_us <= 0) {
            return VERDICT_NONE;
        }
        if (zmq_poll(&item, 1, (long)(left_us / 1000 + 1)) > 0) {
            enum verdict verdict = read_event(monitor);
            if (verdict != VERDICT_NONE) {
                return verdict;
            }
        }
    }
}

struct probe {
    void *server, *monitor, *client;
};

/* The monitor is told to stop first: libzmq would wait for ever to report to nobody. */
static void close_probe(struct probe *p)
{
    if (p->server) {
        (void)zmq_socket_monitor(p->server, NULL, 0);
    }
    void *sockets[] = {p->client, p->monitor, p->server};
    for (size_t i = 0; i < ARRAY_LEN(sockets); i++) {
        if (sockets[i]) {
            (void)zmq_close(sockets[i]);
        }
    }
}

/* An abstract ipc endpoint: a real handshake that needs neither a port nor a file. */
static int open_probe(void *context, struct probe *p, struct err *err)
{
    struct bus_keys server_keys, stranger;
    char endpoint[64], monitor[64];
    unsigned long long name;
    randombytes_buf(&name, sizeof(name));
    (void)text_format(endpoint, sizeof(endpoint), "ipc://@troth-zap-%016llx", name);
    (void)text_format(monitor, sizeof(monitor), "inproc://zap-self-test-%016llx", name);
    if (bus_keys_new(&server_keys, err) < 0 || bus_keys_new(&stranger, err) < 0) {
        return -1;
    }
    p->server = bus_profile_server(context, ZMQ_ROUTER, &server_keys, SELF_TEST_DOMAIN, err);
    p->client = bus_profile_client(context, ZMQ_DEALER, &stranger, server_keys.public_key, err);
    p->monitor = zmq_socket(context, ZMQ_PAIR);
    if (!p->server || !p->client) {
        return -1;
    }
    if (!p->monitor ||
        zmq_socket_monitor(p->server, monitor,
                           ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) < 0 ||
        zmq_connect(p->monitor, monitor) < 0 || zmq_bind(p->server, endpoint) < 0 ||
        zmq_connect(p->client, endpoint) < 0) {
        return err_set(err, "zap_self_test_failed", "no sockets for the self-test: %s",
                       zmq_strerror(zmq_errno()));
    }
    return 0;
}

int zap_self_test(void *context, struct err *err)
{
    struct probe p = {NULL, NULL, NULL};
    int rc = open_probe(context, &p, err);
    if (rc == 0) {
        switch (watch_handshake(p.monitor)) {
        case VERDICT_STAYED_OUT:
            break;
        case VERDICT_GOT_IN:
            rc = err_set(err, "zap_self_test_failed", "a key that nobody knows was let in");
            break;
        case VERDICT_NONE:
            rc = err_set(err, "zap_self_test_failed", "the authenticator did not answer");
            break;
        }
    }
    close_probe(&p);
    return rc;
}
