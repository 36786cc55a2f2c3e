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

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/http_private.h"

enum {
    DROPPED_MAX = 4 * HTTP_BODY_MAX
};

struct http_exchange {
    struct http *http;
    struct MHD_Connection *connection;
    const struct http_entry *entry;
    struct buffer body;
    bool is_too_long;
    bool is_over_budget; /* of all bodies together */
    bool is_busy;        /* counted */
    bool is_handled;
    bool is_suspended;
    bool is_answered;
    size_t dropped; /* bytes of a body that nobody wants */
    const char *allow;
    struct http_response response;         /* until libmicrohttpd comes for it */
    struct http_exchange *previous, *next; /* those that are suspended */
};

/* ---- answering */

static void add_headers(struct MHD_Response *response, const struct http_response *r,
                        const char *allow)
{
    const char *type = r->content_type ? r->content_type : "text/plain; charset=utf-8";
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    (void)MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    if (allow) {
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, allow);
    }
    if (r->authenticate) {
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, r->authenticate);
    }
    if (r->retry_after_s > 0) {
        char seconds[24];
        (void)text_format(seconds, sizeof(seconds), "%lld", (long long)r->retry_after_s);
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, seconds);
    }
}

static enum MHD_Result respond(struct http *h, struct MHD_Connection *connection,
                               struct http_response *r, const char *allow)
{
    size_t len = r->body.len;
    struct MHD_Response *response =
        r->body.data ? MHD_create_response_from_buffer(len, r->body.data, MHD_RESPMEM_MUST_FREE)
                     : MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    if (!response) {
        text_free(&r->body);
        return MHD_NO;
    }
    r->body = (struct text){0};
    add_headers(response, r, allow);
    unsigned status = r->status ? (unsigned)r->status : MHD_HTTP_OK;
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    h->counters.requests++;
    http_peer_wait(h, http_peer_of(connection)); /* until it has read that */
    return result;
}

/* What is refused without asking a handler. code and text need no escaping. */
struct refusal {
    int status;
    const char *code, *text;
    const char *allow;
    int64_t retry_after_s;
};

static const struct refusal too_large = {
    .status = MHD_HTTP_CONTENT_TOO_LARGE,
    .code = "request_too_large",
    .text = "at most 1 MiB",
};

static void print_refusal(struct http *h, const struct refusal *why, struct http_response *r)
{
    *r = (struct http_response){.status = why->status, .retry_after_s = why->retry_after_s};
    if (h->options.has_json_errors) {
        r->content_type = "application/json";
        text_appendf(&r->body, "{\"code\":\"%s\",\"text\":\"%s\"}\n", why->code, why->text);
    } else {
        text_appendf(&r->body, "%s\n", why->text);
    }
    h->counters.refused++;
}

static enum MHD_Result refuse(struct http *h, struct MHD_Connection *connection,
                              const struct refusal *why)
{
    struct http_response r;
    print_refusal(h, why, &r);
    return respond(h, connection, &r, why->allow);
}

/* ---- the head */

/* HEAD is GET whose body libmicrohttpd keeps back. ret_allow names a method that the path has, if
 * any. */
static const struct http_entry *find_entry(const struct http *h, const char *method,
                                           const char *path, const char **ret_allow)
{
    const char *wanted = strcmp(method, MHD_HTTP_METHOD_HEAD) == 0 ? MHD_HTTP_METHOD_GET : method;
    *ret_allow = NULL;
    for (const struct http_entry *e = h->entries; e; e = e->next) {
        if (strcmp(e->path, path) == 0) {
            if (strcmp(e->method, wanted) == 0) {
                return e;
            }
            *ret_allow = e->method;
        }
    }
    return NULL;
}

static const char *header_of(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static bool announces_too_much(struct MHD_Connection *connection)
{
    const char *text = header_of(connection, MHD_HTTP_HEADER_CONTENT_LENGTH);
    int64_t length;
    return text && (text_to_int64(text, 0, INT64_MAX, &length) < 0 || length > HTTP_BODY_MAX);
}

/* "application/json", also with parameters behind a ';'. */
static bool is_type(const char *given, const char *wanted)
{
    size_t len = strlen(wanted);
    return given && strncasecmp(given, wanted, len) == 0 &&
           (given[len] == '\0' || given[len] == ';' || given[len] == ' ');
}

static const struct refusal *find_fault(struct MHD_Connection *connection,
                                        const struct http_entry *entry)
{
    static const struct refusal no_length = {
        .status = MHD_HTTP_LENGTH_REQUIRED,
        .code = "length_missing",
        .text = "Content-Length or chunks are needed",
    };
    static const struct refusal wrong_type = {
        .status = MHD_HTTP_UNSUPPORTED_MEDIA_TYPE,
        .code = "content_type_invalid",
        .text = "the body is not of the Content-Type that is expected here, or is encoded",
    };
    if (!entry->content_type) {
        return NULL;
    }
    if (!header_of(connection, MHD_HTTP_HEADER_CONTENT_LENGTH) &&
        !header_of(connection, MHD_HTTP_HEADER_TRANSFER_ENCODING)) {
        return &no_length;
    }
    if (!is_type(header_of(connection, MHD_HTTP_HEADER_CONTENT_TYPE), entry->content_type) ||
        header_of(connection, MHD_HTTP_HEADER_CONTENT_ENCODING)) {
        return &wrong_type;
    }
    return NULL;
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

static enum MHD_Result turn_away(const struct http_exchange *head, struct http_response *r,
                                 const char *allow, void **ret_exchange)
{
    if (!has_body_to_drop(head->connection)) {
        return respond(head->http, head->connection, r, allow);
    }
    struct http_exchange *e = xcalloc(1, sizeof(*e));
    *e = *head;
    e->response = *r;
    e->allow = allow;
    e->is_answered = true;
    *ret_exchange = e;
    return MHD_YES;
}

static enum MHD_Result refuse_head(const struct http_exchange *head, const struct refusal *why,
                                   void **ret_exchange)
{
    struct http_response r;
    print_refusal(head->http, why, &r);
    return turn_away(head, &r, why->allow, ret_exchange);
}

static enum MHD_Result refuse_place(const struct http_exchange *head, const char *allow,
                                    void **ret_exchange)
{
    return refuse_head(head,
                       allow ? &(struct refusal){.status = MHD_HTTP_METHOD_NOT_ALLOWED,
                                                 .code = "method_invalid",
                                                 .text = "method not allowed",
                                                 .allow = allow}
                             : &(struct refusal){.status = MHD_HTTP_NOT_FOUND,
                                                 .code = "path_unknown",
                                                 .text = "not found"},
                       ret_exchange);
}

static enum MHD_Result begin(struct http *h, struct MHD_Connection *connection, const char *method,
                             const char *path, void **ret_exchange)
{
    const char *allow;
    const struct http_entry *entry = find_entry(h, method, path, &allow);
    struct http_exchange head = {.http = h, .connection = connection, .entry = entry};
    if (!entry) {
        return refuse_place(&head, allow, ret_exchange);
    }
    struct http_request request = {.method = method, .path = path, .exchange = &head};
    struct http_response response = {.status = 0};
    if (entry->admit && !entry->admit(entry->ctx, &request, &response)) {
        return turn_away(&head, &response, NULL, ret_exchange);
    }
    const struct refusal *fault =
        announces_too_much(connection) ? &too_large : find_fault(connection, entry);
    if (fault) {
        return refuse_head(&head, fault, ret_exchange);
    }
    struct http_exchange *e = xcalloc(1, sizeof(*e));
    *e = head;
    *ret_exchange = e;
    return MHD_YES;
}

const char *http_header(const struct http_request *request, const char *name)
{
    return request->exchange ? header_of(request->exchange->connection, name) : NULL;
}

const char *http_query(const struct http_request *request, const char *name)
{
    return request->exchange ? MHD_lookup_connection_value(request->exchange->connection,
                                                           MHD_GET_ARGUMENT_KIND, name)
                             : NULL;
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
        e->entry->handler(e->entry->ctx, request, &e->response);
        e->is_answered = true;
    }
    drop_body(e); /* it need not stay while the request waits */
}

static enum MHD_Result finish(struct http_exchange *e, const char *method, const char *path)
{
    struct http *h = e->http;
    if (e->is_too_long) {
        return refuse(h, e->connection, &too_large);
    }
    if (e->is_over_budget) {
        return refuse(h, e->connection,
                      &(struct refusal){.status = MHD_HTTP_SERVICE_UNAVAILABLE,
                                        .code = "busy",
                                        .text = "too many requests at once",
                                        .retry_after_s = 1});
    }
    if (!e->is_handled && !e->is_answered) {
        struct http_request request = {
            .method = method, .path = path, .body = {e->body.data, e->body.len},
                    .exchange = e
        };
        handle(e, &request);
    }
    if (!e->is_answered) {
        list_waiting(e);
        return MHD_YES;
    }
    return respond(h, e->connection, &e->response, e->allow);
}

void http_answer(struct http_exchange *e, struct http_response *response)
{
    e->response = *response;
    response->body = (struct text){0};
    e->is_answered = true;
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
    (void)version;
    if (!e) {
        return begin(ctx, connection, method, path, exchange);
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
    struct http_exchange *e = *exchange;
    (void)code;
    if (e) {
        drop_body(e);
        text_free(&e->response.body);
        h->busy_count -= e->is_busy ? 1 : 0;
        free(e);
        *exchange = NULL;
    }
    http_peer_wait(h, http_peer_of(connection));
}
