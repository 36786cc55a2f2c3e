/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_exchange.c - one request and its answer.
 *
 * libmicrohttpd calls http_on_data() first with the head of a request, then with each piece of the
 * body, then once more; if that call left the request suspended, again after it was resumed. What
 * is refused (no such path, wrong method, too long, not admitted) is refused by the head alone;
 * nothing of its body is kept.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/http_private.h"

enum {
    DROPPED_MAX = 4 * HTTP_BODY_MAX
};

struct http_exchange {
    struct http *http;
    struct MHD_Connection *connection;
    struct http_entry *entry;
    const char *rest;
    int64_t began_us;
    struct buffer body;
    bool is_too_long;
    bool is_over_budget; /* of all bodies together */
    bool is_busy;        /* counted */
    bool is_handled;
    bool is_suspended;
    bool is_answered;
    size_t dropped;                        /* bytes of a body that nobody wants */
    struct http_ready ready;               /* until libmicrohttpd comes for it */
    struct http_exchange *previous, *next; /* those that are suspended */
};

/* ---- answering */

static enum MHD_Result respond(struct http *h, struct MHD_Connection *connection,
                               struct http_ready ready)
{
    if (!ready.response) {
        return MHD_NO;
    }
    enum MHD_Result result = MHD_queue_response(connection, ready.status, ready.response);
    MHD_destroy_response(ready.response);
    h->counters.requests++;
    http_note_status(h, ready.status);
    http_peer_wait(h, http_peer_of(connection)); /* until it has read that */
    return result;
}

static struct http_ready make_refusal(struct http *h, struct MHD_Connection *connection,
                                      const char *path, const struct http_refusal *why)
{
    struct http_response r;
    http_print_refusal(h, path, why, &r);
    return http_make_ready(h, connection, &r, why);
}

static enum MHD_Result refuse(struct http *h, struct MHD_Connection *connection, const char *path,
                              const struct http_refusal *why)
{
    return respond(h, connection, make_refusal(h, connection, path, why));
}

static const struct http_refusal too_large = {
    .status = MHD_HTTP_CONTENT_TOO_LARGE,
    .code = "request_too_large",
    .text = "at most 1 MiB",
};

/* ---- the head */

static const char *header_of(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

/* A body that we do not want is read and dropped up to a limit: closing a connection on which a
 * peer still sends would take the answer away from him. Who asks before he sends (Expect) is told
 * at once. */
static bool has_body_to_drop(struct MHD_Connection *connection)
{
    const char *text = header_of(connection, MHD_HTTP_HEADER_CONTENT_LENGTH);
    int64_t length;
    if (header_of(connection, MHD_HTTP_HEADER_EXPECT)) {
        return false;
    }
    if (!text) {
        return header_of(connection, MHD_HTTP_HEADER_TRANSFER_ENCODING) != NULL;
    }
    return text_to_int64(text, 1, DROPPED_MAX, &length) == 0;
}

static enum MHD_Result turn_away(const struct http_exchange *head, struct http_ready ready,
                                 void **ret_exchange)
{
    if (!ready.response || !has_body_to_drop(head->connection)) {
        return respond(head->http, head->connection, ready);
    }
    struct http_exchange *e = xcalloc(1, sizeof(*e));
    *e = *head;
    e->ready = ready;
    e->is_answered = true;
    *ret_exchange = e;
    return MHD_YES;
}

static enum MHD_Result refuse_head(const struct http_exchange *head, const char *path,
                                   const struct http_refusal *why, void **ret_exchange)
{
    return turn_away(head, make_refusal(head->http, head->connection, path, why), ret_exchange);
}

static enum MHD_Result refuse_place(const struct http_exchange *head, const char *path,
                                    const struct http_allow *allow, void **ret_exchange)
{
    return refuse_head(head, path,
                       allow->text[0]
                           ? &(struct http_refusal){.status = MHD_HTTP_METHOD_NOT_ALLOWED,
                                                    .code = "method_invalid",
                                                    .text = "method not allowed",
                                                    .allow = allow->text}
                           : &(struct http_refusal){.status = MHD_HTTP_NOT_FOUND,
                                                    .code = "path_unknown",
                                                    .text = "not found"},
                       ret_exchange);
}

static enum MHD_Result begin_at(struct http_exchange *head, const char *method, const char *path,
                                void **ret_exchange)
{
    struct http_request request = {
        .method = method, .path = path, .rest = head->rest, .exchange = head};
    struct http_response response = {.status = 0};
    const struct http_entry *entry = head->entry;
    if (entry->admit && !entry->admit(entry->ctx, &request, &response)) {
        return turn_away(head, http_make_ready(head->http, head->connection, &response, NULL),
                         ret_exchange);
    }
    const struct http_refusal *fault = http_body_fault(head->connection, entry);
    if (fault) {
        return refuse_head(head, path, fault, ret_exchange);
    }
    struct http_exchange *e = xcalloc(1, sizeof(*e));
    *e = *head;
    *ret_exchange = e;
    return MHD_YES;
}

struct http_line {
    const char *method, *path, *version;
    bool is_bad;
};

static const struct http_refusal bad_path = {
    .status = MHD_HTTP_BAD_REQUEST,
    .code = "path_invalid",
    .text = "no such path can be",
    .is_closing = true,
};

static enum MHD_Result begin(struct http *h, struct MHD_Connection *connection,
                             const struct http_line *line, void **ret_exchange)
{
    struct http_allow allow;
    const struct http_refusal *fault =
        line->is_bad ? &bad_path : http_head_fault(connection, line->version);
    *ret_exchange = NULL;
    if (fault) {
        return refuse(h, connection, line->path, fault);
    }
    struct http_exchange head = {
        .http = h, .connection = connection, .rest = "", .began_us = instant_monotonic_us()};
    head.entry = http_find_entry(h, line->method, line->path, &head.rest, &allow);
    if (!head.entry) {
        return refuse_place(&head, line->path, &allow, ret_exchange);
    }
    return begin_at(&head, line->method, line->path, ret_exchange);
}

/* ---- what a handler asks */

const char *http_header(const struct http_request *request, const char *name)
{
    return request->exchange ? header_of(request->exchange->connection, name) : NULL;
}

struct header_walk {
    const char *name;
    http_header_fn *each;
    void *ctx;
};

static enum MHD_Result on_header(void *ctx, enum MHD_ValueKind kind, const char *name,
                                 const char *value)
{
    const struct header_walk *w = ctx;
    (void)kind;
    if (strcasecmp(name, w->name) == 0) {
        w->each(w->ctx, name, value ? value : "");
    }
    return MHD_YES;
}

void http_header_each(const struct http_request *request, const char *name, http_header_fn *each,
                      void *ctx)
{
    struct header_walk w = {name, each, ctx};
    if (request->exchange) {
        (void)MHD_get_connection_values(request->exchange->connection, MHD_HEADER_KIND, on_header,
                                        &w);
    }
}

const char *http_query(const struct http_request *request, const char *name)
{
    return request->exchange ? MHD_lookup_connection_value(request->exchange->connection,
                                                           MHD_GET_ARGUMENT_KIND, name)
                             : NULL;
}

struct query_walk {
    http_query_fn *each;
    void *ctx;
};

static enum MHD_Result on_argument(void *ctx, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
    const struct query_walk *w = ctx;
    (void)kind;
    w->each(w->ctx, name, value ? value : "");
    return MHD_YES;
}

void http_query_each(const struct http_request *request, http_query_fn *each, void *ctx)
{
    struct query_walk w = {each, ctx};
    if (request->exchange) {
        (void)MHD_get_connection_values(request->exchange->connection, MHD_GET_ARGUMENT_KIND,
                                        on_argument, &w);
    }
}

const char *http_peer(const struct http_request *request, char ret_text[HTTP_PEER_SIZE])
{
    const union MHD_ConnectionInfo *info =
        request->exchange ? MHD_get_connection_info(request->exchange->connection,
                                                    MHD_CONNECTION_INFO_CLIENT_ADDRESS)
                          : NULL;
    return http_address_host(info ? info->client_addr : NULL, ret_text, HTTP_PEER_SIZE);
}

/* ---- the body */

static void drop_body(struct http_exchange *e)
{
    e->http->body_bytes -= e->body.len;
    buffer_free(&e->body);
}

/* Bodies in chunks announce no length, so that one may turn out too long on its way. Returns -1
 * when the peer must be cut off. */
static int add_data(struct http_exchange *e, const char *data, size_t len)
{
    struct http *h = e->http;
    if (!e->is_answered && !e->is_too_long && !e->is_over_budget) {
        e->is_too_long = e->body.len + len > HTTP_BODY_MAX;
        e->is_over_budget = h->body_bytes + len > h->options.bodies_max;
    }
    if (e->is_answered || e->is_too_long || e->is_over_budget) {
        drop_body(e);
        e->dropped += len;
        return e->dropped > DROPPED_MAX ? -1 : 0;
    }
    buffer_append(&e->body, data, len);
    h->body_bytes += len;
    return 0;
}

/* ---- the handler */

static void list_waiting(struct http_exchange *e)
{
    struct http *h = e->http;
    e->next = h->waiting;
    if (e->next) {
        e->next->previous = e;
    }
    h->waiting = e;
    e->is_suspended = true;
    MHD_suspend_connection(e->connection);
}

static void unlist_waiting(struct http_exchange *e)
{
    *(e->previous ? &e->previous->next : &e->http->waiting) = e->next;
    if (e->next) {
        e->next->previous = e->previous;
    }
    e->previous = e->next = NULL;
    e->is_suspended = false;
    MHD_resume_connection(e->connection);
}

static void handle(struct http_exchange *e, const struct http_request *request)
{
    struct http *h = e->http;
    e->is_handled = true;
    e->is_busy = true;
    h->busy_count++;
    http_peer_rest(h, http_peer_of(e->connection));
    if (e->entry->later) {
        e->entry->later(e->entry->ctx, request, e);
    } else {
        struct http_response r = {.status = 0};
        e->entry->handler(e->entry->ctx, request, &r);
        http_answer(e, &r);
    }
    drop_body(e); /* it need not stay while the request waits */
}

static enum MHD_Result finish(struct http_exchange *e, const char *method, const char *path)
{
    struct http *h = e->http;
    if (e->is_too_long) {
        return refuse(h, e->connection, path, &too_large);
    }
    if (e->is_over_budget) {
        return refuse(h, e->connection, path,
                      &(struct http_refusal){.status = MHD_HTTP_SERVICE_UNAVAILABLE,
                                             .code = "busy",
                                             .text = "too many requests at once",
                                             .retry_after_s = 1});
    }
    if (!e->is_handled && !e->is_answered) {
        handle(e, &(struct http_request){
                      .method = method,
                      .path = path,
                      .rest = e->rest,
                      .body = {e->body.data, e->body.len},
                      .exchange = e,
        });
    }
    if (!e->is_answered) {
        list_waiting(e);
        return MHD_YES;
    }
    struct http_ready ready = e->ready;
    e->ready.response = NULL;
    return respond(h, e->connection, ready);
}

void http_answer(struct http_exchange *e, struct http_response *response)
{
    e->ready = http_make_ready(e->http, e->connection, response, NULL);
    e->is_answered = true;
    http_note_duration(e->http, e->entry, instant_monotonic_us() - e->began_us);
    if (e->is_suspended) {
        struct http *h = e->http;
        unlist_waiting(e);
        loop_timer_after(h->timer, 0);
    }
}

void http_drop_waiting(struct http *h)
{
    while (h->waiting) {
        unlist_waiting(h->waiting);
    }
}

/* ---- libmicrohttpd's callbacks */

// NOLINTNEXTLINE(readability-function-size): the parameters are libmicrohttpd's
enum MHD_Result http_on_data(void *ctx, struct MHD_Connection *connection, const char *path,
                             const char *method, const char *version, const char *data,
                             size_t *data_len, void **exchange)
{
    struct http_exchange *e = *exchange;
    if (!e || *exchange == (void *)&http_bad_uri) {
        const struct http_line line = {
            .method = method, .path = path, .version = version, .is_bad = e != NULL};
        return begin(ctx, connection, &line, exchange);
    }
    if (*data_len == 0) {
        return finish(e, method, path);
    }
    int rc = add_data(e, data, *data_len);
    *data_len = 0;
    return rc == 0 ? MHD_YES : MHD_NO;
}

void http_on_end(void *ctx, struct MHD_Connection *connection, void **exchange,
                 enum MHD_RequestTerminationCode code)
{
    struct http *h = ctx;
    struct http_exchange *e = *exchange == (void *)&http_bad_uri ? NULL : *exchange;
    (void)code;
    if (e) {
        drop_body(e);
        if (e->ready.response) {
            MHD_destroy_response(e->ready.response);
        }
        h->busy_count -= e->is_busy ? 1 : 0;
        free(e);
        *exchange = NULL;
    }
    http_peer_wait(h, http_peer_of(connection));
}
