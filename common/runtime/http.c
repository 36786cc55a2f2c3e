/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http.c - libmicrohttpd without threads: its epoll descriptor is a watch of the loop, its
 * time-outs and ours are one timer. Requests are http_exchange.c (what is wrong with them
 * http_head.c, whose they are http_route.c), answers http_respond.c, connections http_peers.c.
 */
#include "common/runtime/http.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/duration.h"
#include "common/base/xalloc.h"
#include "common/runtime/http_address.h"
#include "common/runtime/http_private.h"

enum {
    CONNECTIONS_MAX = 256,
    CONNECTION_MEMORY = 32768,
    /* libmicrohttpd stops to accept at its limit: it must be above ours, or nobody could be closed
     * for somebody new. */
    CONNECTIONS_SPARE = 64,
    /* It reads a piece of each body in a turn; more turns in a row save the way around the loop. */
    TURNS_MAX = 8,
};
#define BODIES_MAX   ((size_t)32 * 1024 * 1024)
#define IDLE_US      (10 * DURATION_S)
#define REQUEST_US   (30 * DURATION_S)
#define TURN_WAIT_US (10 * DURATION_S)
#define REST_US      DURATION_S

/* ---- in the loop */

/* Runs it, and says in how many microseconds it wants to run again; -1: when something happens. */
static int64_t run_daemon(struct http *h)
{
    MHD_UNSIGNED_LONG_LONG timeout_ms = 0;
    bool has_timeout = true;
    for (int i = 0; i < TURNS_MAX && has_timeout && timeout_ms == 0; i++) {
        (void)MHD_run(h->daemon);
        has_timeout = MHD_get_timeout(h->daemon, &timeout_ms) == MHD_YES;
    }
    if (!has_timeout) {
        return -1;
    }
    return timeout_ms > TURN_WAIT_US / DURATION_MS ? TURN_WAIT_US
                                                   : (int64_t)timeout_ms * DURATION_MS;
}

/* Also when nothing happens: libmicrohttpd that had no descriptor for a peer stops to listen, and
 * begins again only in a turn after the one in which another peer left. */
static void turn(struct http *h)
{
    int64_t wait_us = run_daemon(h);
    int64_t late_us = http_peers_sweep(h);
    if (late_us >= 0 && (wait_us < 0 || late_us < wait_us)) {
        wait_us = late_us;
    }
    loop_timer_after(h->timer, wait_us >= 0 && wait_us < REST_US ? wait_us : REST_US);
}

static void on_ready(void *ctx, int events)
{
    (void)events;
    turn(ctx);
}

static void on_timer(void *ctx)
{
    turn(ctx);
}

/* ---- listening */

static int listen_at(const struct http_address *address)
{
    const struct sockaddr *where = (const struct sockaddr *)&address->storage;
    int yes = 1;
    int fd = socket(where->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return -1;
    }
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) < 0 ||
        bind(fd, where, address->len) < 0 || listen(fd, SOMAXCONN) < 0) {
        int saved_errno = errno;
        (void)close(fd);
        errno = saved_errno;
        return -1;
    }
    return fd;
}

/* The path of a unix endpoint, else NULL. */
static const char *unix_path(const char *endpoint)
{
    return strncmp(endpoint, "unix:", 5) == 0 ? endpoint + 5 : NULL;
}

/* The file of a process that died is in the way; anything but a socket is not ours to remove. */
static void remove_socket(const char *path)
{
    struct stat st;
    if (path && lstat(path, &st) == 0 && S_ISSOCK(st.st_mode)) {
        (void)unlink(path);
    }
}

static int open_daemon(struct http *h, int fd)
{
    h->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, http_on_data, h,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_NOTIFY_COMPLETED, http_on_end, h,
        MHD_OPTION_NOTIFY_CONNECTION, http_on_connection, h, MHD_OPTION_URI_LOG_CALLBACK,
        http_on_uri, h, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)h->options.connections_max + CONNECTIONS_SPARE,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, h->options.connection_memory,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)(h->options.idle_us / DURATION_S), MHD_OPTION_END);
    if (!h->daemon) {
        (void)close(fd);
        return -1;
    }
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (!info) {
        return -1;
    }
    h->watch = loop_watch_fd(h->loop, info->epoll_fd, LOOP_READ, on_ready, h);
    return 0;
}

struct http *http_start_with(struct loop *loop, const struct http_options *options, struct err *err)
{
    struct http_address address;
    if (http_address_parse(options->endpoint, &address, err) < 0) {
        return NULL;
    }
    remove_socket(unix_path(options->endpoint));
    int fd = listen_at(&address);
    if (fd < 0) {
        err_set(err, "bind_failed", "%s: %s", options->endpoint, strerror(errno));
        return NULL;
    }
    struct http *h = xcalloc(1, sizeof(*h));
    h->loop = loop;
    h->options = *options;
    h->options.endpoint = h->endpoint;
    h->timer = loop_timer_new(loop, on_timer, h);
    (void)http_address_of_socket(fd, h->endpoint);
    if (open_daemon(h, fd) < 0) {
        http_stop(h);
        err_set(err, "http_failed", "%s: the HTTP server does not start", options->endpoint);
        return NULL;
    }
    return h;
}

struct http *http_start(struct loop *loop, const char *endpoint, struct err *err)
{
    return http_start_with(loop,
                           &(struct http_options){
                               .endpoint = endpoint,
                               .connections_max = CONNECTIONS_MAX,
                               .connection_memory = CONNECTION_MEMORY,
                               .bodies_max = BODIES_MAX,
                               .idle_us = IDLE_US,
                               .request_us = REQUEST_US,
                           },
                           err);
}

void http_stop(struct http *h)
{
    if (!h) {
        return;
    }
    loop_unwatch(h->watch);
    if (h->daemon) {
        http_drop_waiting(h); /* libmicrohttpd must not be stopped with requests suspended */
        MHD_stop_daemon(h->daemon);
    }
    loop_timer_free(h->timer);
    remove_socket(unix_path(h->endpoint));
    while (h->entries) {
        struct http_entry *e = h->entries;
        h->entries = e->next;
        free(e->method);
        free(e->path);
        free(e->content_type);
        free(e);
    }
    text_free(&h->always);
    free(h);
}

/* ---- routes */

static struct http_entry *add_entry(struct http *h, const char *method, const char *path)
{
    struct http_entry *e = xcalloc(1, sizeof(*e));
    e->method = xstrdup(method);
    e->path = xstrdup(path);
    e->next = h->entries;
    h->entries = e;
    return e;
}

void http_route(struct http *h, const char *method, const char *path, http_handler_fn *handler,
                void *ctx)
{
    struct http_entry *e = add_entry(h, method, path);
    e->handler = handler;
    e->ctx = ctx;
}

void http_route_later(struct http *h, const struct http_later_route *route)
{
    struct http_entry *e = add_entry(h, route->method, route->path);
    e->is_prefix = route->is_prefix;
    e->content_type = route->content_type ? xstrdup(route->content_type) : NULL;
    e->admit = route->admit;
    e->later = route->handler;
    e->ctx = route->ctx;
}

/* ---- questions */

const char *http_endpoint(const struct http *h)
{
    return h->endpoint;
}

size_t http_busy_count(const struct http *h)
{
    return h->busy_count;
}

const struct http_counters *http_counters(const struct http *h)
{
    return &h->counters;
}
