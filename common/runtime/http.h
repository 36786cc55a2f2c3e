/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http.h - libmicrohttpd in the same loop: answers at once, or later.
 *
 * Nothing a peer does or leaves undone costs more than a bounded amount of memory and time: a
 * request must be there whole, and its answer read, within a limit that does not start anew with
 * every byte. When there are more connections than allowed, the one that has kept us waiting
 * longest is closed for the new one; a connection whose request is being worked on never is.
 */
#ifndef TROTH_COMMON_RUNTIME_HTTP_H
#define TROTH_COMMON_RUNTIME_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/err.h"
#include "common/base/text.h"
#include "common/runtime/loop.h"
#include "common/runtime/metrics.h"

#define HTTP_BODY_MAX 1048576

struct http;

/* A request that waits for its answer. */
struct http_exchange;

/* method, path, rest, headers and query stay until the exchange is answered; the body is borrowed
 * for the call of the handler. */
struct http_request {
    const char *method;
    const char
        *path; /* decoded once: UTF-8, no dot segments, no '\\', no encoded '/', no controls */
    const char *rest; /* what follows the path of a prefix route, or the path from its '*' on; "" */
    struct bytes body;                    /* at most HTTP_BODY_MAX; empty where only the head is
                                             there yet */
    const struct http_exchange *exchange; /* for http_header() and http_query() */
};

/* A header of the request, NULL when it has none of this name; of several any one. */
const char *http_header(const struct http_request *request, const char *name);

/* All headers of that name (whatever its case), in the order in which they came: each(ctx, name,
 * value). Who believes a header must look at all: the first may be anybody's. */
typedef void http_header_fn(void *ctx, const char *name, const char *value);
void http_header_each(const struct http_request *request, const char *name, http_header_fn *each,
                      void *ctx);

/* A value of the query ("?name=value"), decoded, UTF-8; NULL when it has none of this name. */
const char *http_query(const struct http_request *request, const char *name);

/* All of the query, in order: each(ctx, name, value), value "" where there is none. */
typedef void http_query_fn(void *ctx, const char *name, const char *value);
void http_query_each(const struct http_request *request, http_query_fn *each, void *ctx);

#define HTTP_PEER_SIZE 64
/* The address without the port: "127.0.0.1", "::1"; "unix" of a socket file. Returns ret_text. */
const char *http_peer(const struct http_request *request, char ret_text[HTTP_PEER_SIZE]);

/* Texts are borrowed until http_answer() or, from an http_handler_fn, until that has returned:
 * static ones, or those of the handler's ctx. */
struct http_response {
    int status;                /* 200 when not set */
    const char *content_type;  /* "text/plain; charset=utf-8" when NULL */
    struct text body;          /* taken over */
    struct bytes lasting_body; /* instead of body: borrowed while the loop turns */
    int64_t retry_after_s;     /* Retry-After, when larger than 0 */
    const char *authenticate;  /* WWW-Authenticate, when not NULL */
    const char *cache_control; /* "no-store" when NULL */
    const char *etag;          /* with its quotes. A GET whose If-None-Match has it gets 304 */
    struct text headers;       /* more of them: http_response_header(). Taken over */
};

/* Adds a header to a response: copied. It comes instead of one that http_always() has under this
 * name. A value with control characters is left out. */
void http_response_header(struct http_response *r, const char *name, const char *value);

struct http_options {
    const char *endpoint; /* "127.0.0.1:8080", "[::1]:0" (port 0: a free one) or "unix:/path" */
    size_t connections_max;
    size_t connection_memory; /* bytes for the head of a request and for reading its body */
    size_t bodies_max;        /* bytes of all bodies that are being received; more get 503 */
    int64_t idle_us;          /* whole seconds: a peer may be silent */
    int64_t request_us;       /* a request may take to arrive, and an answer to be taken */
    bool has_json_errors;     /* what is refused here is {"code", "text"}, else plain text; under
                                 "/v1/" always so */
};

/* NULL with err: endpoint_invalid, bind_failed, http_failed. */
struct http *http_start_with(struct loop *loop, const struct http_options *options,
                             struct err *err);
/* With what suits a few pages: 256 connections, plain errors. */
struct http *http_start(struct loop *loop, const char *endpoint, struct err *err);
/* Requests that wait are dropped without an answer: their exchanges must not be used any more. */
void http_stop(struct http *h);
const char *http_endpoint(const struct http *h); /* with the port in use; borrowed */

/* A header that every answer of this server has from now on; texts are copied. Not those that
 * libmicrohttpd makes itself, for requests that are none. */
void http_always(struct http *h, const char *name, const char *value);

/* From now on every answer is counted in m: troth_http_requests_total by door and class of status,
 * and, unless it was refused here, its time from the end of the head to the answer in
 * troth_http_request_duration_seconds by door, method and route (the path as it was registered,
 * never the one that was asked for). m outlives h; door is copied. */
void http_measure(struct http *h, struct metrics *m, const char *door);

/*
 * A path is exact ("/v1/today"), or has one segment that may be anything ("/v1/cases/" "*"
 * "/link"), or is a prefix ("/v1/cases/"). Exact ones win, then those with '*', then the longest
 * prefix; a path that is there with other methods is 405 with Allow, else 404.
 */
typedef void http_handler_fn(void *ctx, const struct http_request *request,
                             struct http_response *ret_response);
/* Answered at once. HEAD is served where GET is. */
void http_route(struct http *h, const char *method, const char *path, http_handler_fn *handler,
                void *ctx);

/* May this be sent at all? Asked when only the head is there: who says false fills ret_response,
 * and no byte of the body is kept. */
typedef bool http_admit_fn(void *ctx, const struct http_request *request,
                           struct http_response *ret_response);
/* Keeps the exchange for http_answer(), which it may also call itself. The request and its body are
 * borrowed for the call. */
typedef void http_later_fn(void *ctx, const struct http_request *request,
                           struct http_exchange *exchange);

struct http_later_route {
    const char *method, *path;
    bool is_prefix;
    const char *content_type; /* of the body: "application/json"; others get 415. NULL: any or no
                                 body */
    http_admit_fn *admit;
    http_later_fn *handler;
    void *ctx;
};
void http_route_later(struct http *h, const struct http_later_route *route);

/* Exactly once for each exchange, which is gone afterwards. Takes the body over. A peer that hung
 * up meanwhile is noticed only now. */
void http_answer(struct http_exchange *exchange, struct http_response *response);

/* Requests that are here whole and whose answers are not all sent. */
size_t http_busy_count(const struct http *h);

struct http_counters {
    int64_t requests; /* that were answered, or refused here */
    int64_t refused;  /* by us, without asking a handler */
    int64_t late;     /* connections closed because their peer took too long, or for new ones */
};
const struct http_counters *http_counters(const struct http *h);

#endif
