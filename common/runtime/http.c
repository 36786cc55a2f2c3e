/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http.c - libmicrohttpd without threads: its epoll descriptor is a watch of the loop, its
 * time-outs are one timer.
 *
 * libmicrohttpd calls answer() first with the head of a request, then with each piece of the body,
 * then once more. The handler runs at the end; what is refused (no such path, wrong method, too
 * long) is refused as early as the protocol lets us.
 */
#include "common/runtime/http.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <microhttpd.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/http_address.h"

#define BODY_MAX          1048576
#define CONNECTIONS_MAX   256
#define CONNECTION_MEMORY 32768
#define TIMEOUT_S         10
#define TIMEOUT_MS        10000

struct route {
    struct route *next;
    char *method, *path;
    http_handler_fn *handler;
    void *ctx;
};

struct http {
    struct MHD_Daemon *daemon;
    struct loop *loop;
    struct loop_watch *watch;
    struct loop_timer *timer;
    struct route *routes;
    char endpoint[HTTP_ADDRESS_TEXT_SIZE];
};

/* What a request gathers between the calls of answer(). */
struct exchange {
    const struct route *route;
    struct buffer body;
    bool is_too_long;
};

/* ---- answering */

static enum MHD_Result respond(struct MHD_Connection *connection, struct http_response *r,
                               const char *allow)
{
    size_t len = r->body.len;
    struct MHD_Response *response =
        r->body.data ? MHD_create_response_from_buffer(len, r->body.data, MHD_RESPMEM_MUST_FREE)
                     : MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    if (!response) {
        text_free(&r->body);
        return MHD_NO;
    }
    const char *type = r->content_type ? r->content_type : "text/plain; charset=utf-8";
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    (void)MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    if (allow) {
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, allow);
    }
    unsigned status = r->status ? (unsigned)r->status : MHD_HTTP_OK;
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result refuse(struct MHD_Connection *connection, int status, const char *why,
                              const char *allow)
{
    struct http_response r = {.status = status};
    text_appendf(&r.body, "%s\n", why);
    return respond(connection, &r, allow);
}

/* HEAD is GET whose body libmicrohttpd keeps back. ret_allow names a method that the path has, if
 * any. */
static const struct route *find_route(const struct http *h, const char *method, const char *path,
                                      const char **ret_allow)
{
    const char *wanted = strcmp(method, MHD_HTTP_METHOD_HEAD) == 0 ? MHD_HTTP_METHOD_GET : method;
    *ret_allow = NULL;
    for (const struct route *r = h->routes; r; r = r->next) {
        if (strcmp(r->path, path) == 0) {
            if (strcmp(r->method, wanted) == 0) {
                return r;
            }
            *ret_allow = r->method;
        }
    }
    return NULL;
}

static bool announces_too_much(struct MHD_Connection *connection)
{
    const char *text =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    int64_t length;
    return text && (text_to_int64(text, 0, INT64_MAX, &length) < 0 || length > BODY_MAX);
}

static enum MHD_Result begin(const struct http *h, struct MHD_Connection *connection,
                             const char *method, const char *path, void **ret_exchange)
{
    const char *allow;
    const struct route *route = find_route(h, method, path, &allow);
    if (!route && allow) {
        return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "method not allowed", allow);
    }
    if (!route) {
        return refuse(connection, MHD_HTTP_NOT_FOUND, "not found", NULL);
    }
    if (announces_too_much(connection)) {
        return refuse(connection, MHD_HTTP_CONTENT_TOO_LARGE, "at most 1 MiB", NULL);
    }
    struct exchange *e = xcalloc(1, sizeof(*e));
    e->route = route;
    *ret_exchange = e;
    return MHD_YES;
}

static enum MHD_Result finish(struct MHD_Connection *connection, const struct exchange *e,
                              const char *method, const char *path)
{
    if (e->is_too_long) {
        return refuse(connection, MHD_HTTP_CONTENT_TOO_LARGE, "at most 1 MiB", NULL);
    }
    struct http_request request = {
        .method = method, .path = path, .body = {e->body.data, e->body.len}
    };
    struct http_response response = {.status = 0};
    e->route->handler(e->route->ctx, &request, &response);
    return respond(connection, &response, NULL);
}

// NOLINTNEXTLINE(readability-function-size): the parameters are libmicrohttpd's
static enum MHD_Result answer(void *ctx, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *version, const char *data,
                              size_t *data_len, void **exchange)
{
    struct exchange *e = *exchange;
    (void)version;
    if (!e) {
        return begin(ctx, connection, method, path, exchange);
    }
    if (*data_len == 0) {
        return finish(connection, e, method, path);
    }
    if (e->body.len + *data_len > BODY_MAX) {
        e->is_too_long = true; /* the rest is read and dropped: chunked bodies announce no length */
    } else {
        buffer_append(&e->body, data, *data_len);
    }
    *data_len = 0;
    return MHD_YES;
}

static void end(void *ctx, struct MHD_Connection *connection, void **exchange,
                enum MHD_RequestTerminationCode code)
{
    struct exchange *e = *exchange;
    (void)ctx;
    (void)connection;
    (void)code;
    if (e) {
        buffer_free(&e->body);
        free(e);
        *exchange = NULL;
    }
}

/* ---- in the loop */

static void turn(struct http *h)
{
    MHD_UNSIGNED_LONG_LONG timeout_ms;
    (void)MHD_run(h->daemon);
    if (MHD_get_timeout(h->daemon, &timeout_ms) == MHD_YES) {
        int64_t ms = timeout_ms > TIMEOUT_MS ? TIMEOUT_MS : (int64_t)timeout_ms;
        loop_timer_after(h->timer, ms * 1000);
    } else {
        loop_timer_stop(h->timer);
    }
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
        MHD_USE_EPOLL, 0, NULL, NULL, answer, h, MHD_OPTION_LISTEN_SOCKET, fd,
        MHD_OPTION_NOTIFY_COMPLETED, end, h, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)TIMEOUT_S, MHD_OPTION_END);
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

struct http *http_start(struct loop *loop, const char *endpoint, struct err *err)
{
    struct http_address address;
    if (http_address_parse(endpoint, &address, err) < 0) {
        return NULL;
    }
    remove_socket(unix_path(endpoint));
    int fd = listen_at(&address);
    if (fd < 0) {
        err_set(err, "bind_failed", "%s: %s", endpoint, strerror(errno));
        return NULL;
    }
    struct http *h = xcalloc(1, sizeof(*h));
    h->loop = loop;
    h->timer = loop_timer_new(loop, on_timer, h);
    (void)http_address_of_socket(fd, h->endpoint);
    if (open_daemon(h, fd) < 0) {
        http_stop(h);
        err_set(err, "http_failed", "%s: the HTTP server does not start", endpoint);
        return NULL;
    }
    return h;
}

void http_stop(struct http *h)
{
    if (!h) {
        return;
    }
    loop_unwatch(h->watch);
    loop_timer_free(h->timer);
    if (h->daemon) {
        MHD_stop_daemon(h->daemon);
    }
    remove_socket(unix_path(h->endpoint));
    while (h->routes) {
        struct route *r = h->routes;
        h->routes = r->next;
        free(r->method);
        free(r->path);
        free(r);
    }
    free(h);
}

void http_route(struct http *h, const char *method, const char *path, http_handler_fn *handler,
                void *ctx)
{
    struct route *r = xcalloc(1, sizeof(*r));
    *r = (struct route){.next = h->routes,
                        .method = xstrdup(method),
                        .path = xstrdup(path),
                        .handler = handler,
                        .ctx = ctx};
    h->routes = r;
}

const char *http_endpoint(const struct http *h)
{
    return h->endpoint;
}
