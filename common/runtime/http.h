/* SPDX-License-Identifier: Apache-2.0 */
/* http.h - libmicrohttpd in the same loop: small synchronous answers. */
#ifndef TROTH_COMMON_RUNTIME_HTTP_H
#define TROTH_COMMON_RUNTIME_HTTP_H

#include <stddef.h>

#include "common/base/bytes.h"
#include "common/base/err.h"
#include "common/base/text.h"
#include "common/runtime/loop.h"

struct http;

struct http_request {
    const char *method;
    const char *path;
    struct bytes body; /* at most 1 MiB */
};

struct http_response {
    int status;               /* 200 when not set */
    const char *content_type; /* "text/plain; charset=utf-8" when NULL */
    struct text body;         /* taken over */
};

typedef void http_handler_fn(void *ctx, const struct http_request *request,
                             struct http_response *ret_response);

/* endpoint "127.0.0.1:8080", "[::1]:0" (port 0: a free one) or "unix:/path". */
struct http *http_start(struct loop *loop, const char *endpoint, struct err *err);
void http_stop(struct http *h);
void http_route(struct http *h, const char *method, const char *path, http_handler_fn *handler,
                void *ctx);
const char *http_endpoint(const struct http *h); /* with the port in use; borrowed */

#endif
