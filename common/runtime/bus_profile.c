/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/bus_profile.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include <zmq.h>

/* Without it a server with a domain and no handler lets everybody in. zmq.h keeps it behind its
 * draft switch, the library has it. */
#define ENFORCE_DOMAIN 93

/* What CURVE adds to a frame: command name, nonce, authenticator, flags. The limit counts the frame
 * as it travels. */
#define CURVE_OVERHEAD 64

struct option {
    int option;
    int value;
};

static const struct option common_options[] = {
    {ZMQ_LINGER,            0       }, /* what matters is asked for again */
    {ZMQ_SNDHWM,            64      },
    {ZMQ_BACKLOG,           1024    },
    {ZMQ_HANDSHAKE_IVL,
     2 * 1000                       }, /* ms; a silent connection costs a descriptor no longer than this */
    {ZMQ_RECONNECT_IVL,     100     },
    {ZMQ_RECONNECT_IVL_MAX, 5 * 1000},
    {ZMQ_CONNECT_TIMEOUT,   5 * 1000},
};

/* A server leaves it to the kernel to find peers that are gone, within 40 s. libzmq 4.3.4 walks
 * through all timers of its thread to cancel one, and does so whenever a heartbeat is answered:
 * with 5,000 connections and a heartbeat each second that took the whole thread, answers came too
 * late, and connections ended only to come back.
 *
 * Its queue has a limit, for who has a key may flood it, but one that no source in good order fills
 * while we stand (see client_options). libzmq takes off what was read by halves of the limit, so
 * that 512 unread may be too many. */
static const struct option server_options[] = {
    {ZMQ_RCVHWM,              1024     }, /* of each connection: twice what proto/README.md allows */
    {ZMQ_TCP_KEEPALIVE,       1        },
    {ZMQ_TCP_KEEPALIVE_IDLE,  20       }, /* s */
    {ZMQ_TCP_KEEPALIVE_INTVL, 5        },
    {ZMQ_TCP_KEEPALIVE_CNT,   4        },
    {ZMQ_TCP_MAXRT,           40 * 1000}, /* ms; for what was sent and is not taken */
};

/* A client has few connections and wants to know soon. No HEARTBEAT_TTL: it would make the server
 * cancel a timer for each heartbeat of each client.
 *
 * Its queue has no limit: libzmq aborts at the heartbeat after a connection ended while the queue
 * was full (zeromq/libzmq 3937, 4364, 4767; not mended in 4.3.5). What is in it is little: answers
 * to what we asked, and doorbells of our own services. A server meets the same when it reads on
 * after such an end and finds a heartbeat. */
static const struct option client_options[] = {
    {ZMQ_RCVHWM,            0       },
    {ZMQ_HEARTBEAT_IVL,     1 * 1000},
    {ZMQ_HEARTBEAT_TIMEOUT, 3 * 1000},
};

/* The first socket starts libzmq's threads: a process that has no descriptors left for them learns
 * it here. */
void *bus_profile_context(struct err *err)
{
    void *context = zmq_ctx_new();
    void *socket = context ? zmq_socket(context, ZMQ_DEALER) : NULL;
    if (!socket) {
        err_set(err, "bus_failed", "no ZeroMQ context: %s", zmq_strerror(zmq_errno()));
        return NULL;
    }
    (void)zmq_close(socket);
    return context;
}

/* The one variable of the process beside the log level: a library's user may open clients in
 * several threads. A context does not survive a fork: a child gets one of its own. */
void *bus_profile_client_context(struct err *err)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static void *context;
    static pid_t owner;
    void *found;
    (void)pthread_mutex_lock(&lock);
    if (!context || owner != getpid()) {
        context = bus_profile_context(err);
        owner = getpid();
    }
    found = context;
    (void)pthread_mutex_unlock(&lock);
    return found;
}

static int set_int(void *socket, int option, int value)
{
    return zmq_setsockopt(socket, option, &value, sizeof(value));
}

static int set_text(void *socket, int option, const char *value)
{
    return zmq_setsockopt(socket, option, value, strlen(value));
}

static int set_options(void *socket, const struct option *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (set_int(socket, list[i].option, list[i].value) < 0) {
            return -1;
        }
    }
    return 0;
}

static int set_common(void *socket)
{
    int64_t frame_max = BUS_MESSAGE_MAX + CURVE_OVERHEAD;
    if (set_options(socket, common_options, ARRAY_LEN(common_options)) < 0) {
        return -1;
    }
    return zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &frame_max, sizeof(frame_max));
}

static int set_server(void *socket, int type, const struct bus_keys *keys, const char *domain)
{
    if (set_options(socket, server_options, ARRAY_LEN(server_options)) < 0 ||
        (type == ZMQ_ROUTER && set_int(socket, ZMQ_ROUTER_MANDATORY, 1) < 0)) {
        return -1;
    }
    if (set_text(socket, ZMQ_ZAP_DOMAIN, domain) < 0 || set_int(socket, ENFORCE_DOMAIN, 1) < 0 ||
        set_int(socket, ZMQ_CURVE_SERVER, 1) < 0) {
        return -1;
    }
    return zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, keys->secret_key, BUS_KEY_TEXT_SIZE);
}

int bus_profile_set_keys(void *socket, const struct bus_keys *keys)
{
    if (zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, keys->public_key, BUS_KEY_TEXT_SIZE) < 0) {
        return -1;
    }
    return zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, keys->secret_key, BUS_KEY_TEXT_SIZE);
}

static int set_client(void *socket, int type, const struct bus_keys *keys, const char *server_key)
{
    if (set_options(socket, client_options, ARRAY_LEN(client_options)) < 0 ||
        (type == ZMQ_SUB && zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0) < 0)) {
        return -1;
    }
    /* No queue for a peer that is not there. Not for who only hears: with it libzmq drops what is
     * unread when a connection ends, and aborts when that is the second half of a message
     * (zeromq/libzmq 3663). */
    if (type != ZMQ_SUB && set_int(socket, ZMQ_IMMEDIATE, 1) < 0) {
        return -1;
    }
    if (strlen(server_key) != BUS_KEY_TEXT_SIZE - 1 ||
        zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, server_key, BUS_KEY_TEXT_SIZE) < 0) {
        return -1;
    }
    return bus_profile_set_keys(socket, keys);
}

static void *refuse(void *socket, struct err *err)
{
    err_set(err, "bus_failed", "a socket with these keys cannot be made: %s",
            zmq_strerror(zmq_errno()));
    if (socket) {
        (void)zmq_close(socket);
    }
    return NULL;
}

void *bus_profile_server(void *context, int type, const struct bus_keys *keys, const char *domain,
                         struct err *err)
{
    void *socket = zmq_socket(context, type);
    if (!socket || set_common(socket) < 0 || set_server(socket, type, keys, domain) < 0) {
        return refuse(socket, err);
    }
    return socket;
}

void *bus_profile_client(void *context, int type, const struct bus_keys *keys,
                         const char *server_key, struct err *err)
{
    void *socket = zmq_socket(context, type);
    if (!socket || set_common(socket) < 0 || set_client(socket, type, keys, server_key) < 0) {
        return refuse(socket, err);
    }
    return socket;
}
