/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_respond.c - an answer as libmicrohttpd sends it.
 *
 * It is made when it is given, not when it is sent: so nothing of it must outlive the call but what
 * is said to last.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/runtime/http_private.h"

/* ---- headers are kept as "name\0value\0" one after the other */

static void add_pair(struct text *headers, const char *name, const char *value)
{
    text_append_len(headers, name, strlen(name) + 1);
    text_append_len(headers, value, strlen(value) + 1);
}

/* The pair at *at and *at behind it; false at the end. */
static bool next_pair(const struct text *headers, size_t *at, const char **ret_name,
                      const char **ret_value)
{
    if (*at >= headers->len) {
        return false;
    }
    *ret_name = headers->data + *at;
    *ret_value = *ret_name + strlen(*ret_name) + 1;
    *at = (size_t)(*ret_value - headers->data) + strlen(*ret_value) + 1;
    return true;
}

static bool has_control(const char *value)
{
    for (const char *c = value; *c; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f) {
            return true;
        }
    }
    return false;
}

void http_response_header(struct http_response *r, const char *name, const char *value)
{
    if (!has_control(value)) {
        add_pair(&r->headers, name, value);
    }
}

void http_always(struct http *h, const char *name, const char *value)
{
    add_pair(&h->always, name, value);
}

static void put(struct MHD_Response *response, const char *name, const char *value)
{
    (void)MHD_add_response_header(response, name, value);
}

static void put_headers(const struct http *h, struct MHD_Response *response, const struct text *own)
{
    const char *name, *value;
    for (size_t at = 0; next_pair(own, &at, &name, &value);) {
        put(response, name, value);
    }
    for (size_t at = 0; next_pair(&h->always, &at, &name, &value);) {
        if (!MHD_get_response_header(response, name)) {
            put(response, name, value);
        }
    }
}

static void put_fields(struct MHD_Response *response, const struct http_response *r,
                       const struct http_refusal *why, bool has_body)
{
    if (has_body) {
        put(response, MHD_HTTP_HEADER_CONTENT_TYPE,
            r->content_type ? r->content_type : "text/plain; charset=utf-8");
    }
    put(response, MHD_HTTP_HEADER_CACHE_CONTROL, r->cache_control ? r->cache_control : "no-store");
    put(response, "X-Content-Type-Options", "nosniff");
    if (r->etag) {
        put(response, MHD_HTTP_HEADER_ETAG, r->etag);
    }
    if (why && why->allow) {
        put(response, MHD_HTTP_HEADER_ALLOW, why->allow);
    }
    if (why && why->is_closing) {
        put(response, MHD_HTTP_HEADER_CONNECTION, "close");
    }
    if (r->authenticate) {
        put(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, r->authenticate);
    }
    if (r->retry_after_s > 0) {
        char seconds[24];
        (void)text_format(seconds, sizeof(seconds), "%lld", (long long)r->retry_after_s);
        put(response, MHD_HTTP_HEADER_RETRY_AFTER, seconds);
    }
}

/* ---- 304 */

/* If-None-Match: "a", W/"b", or *. The comparison is weak, as it is for GET. */
static bool has_it(struct MHD_Connection *connection, const char *etag)
{
    const char *given =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_IF_NONE_MATCH);
    size_t len = strlen(etag);
    while (given && *given) {
        given += strspn(given, " ,\t");
        if (*given == '*') {
            return true;
        }
        given += strncmp(given, "W/", 2) == 0 ? 2 : 0;
        if (strncmp(given, etag, len) == 0) {
            return true;
        }
        given += strcspn(given, ",");
    }
    return false;
}

/* ---- all of it */

static struct MHD_Response *make_body(struct http_response *r)
{
    if (r->lasting_body.data) {
        void *data;
        memcpy(&data, &r->lasting_body.data, sizeof(data)); /* libmicrohttpd only reads it */
        return MHD_create_response_from_buffer(r->lasting_body.len, data, MHD_RESPMEM_PERSISTENT);
    }
    if (!r->body.data) {
        return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    }
    struct MHD_Response *response =
        MHD_create_response_from_buffer(r->body.len, r->body.data, MHD_RESPMEM_MUST_FREE);
    if (response) {
        r->body = (struct text){0};
    }
    return response;
}

struct http_ready http_make_ready(const struct http *h, struct MHD_Connection *connection,
                                  struct http_response *r, const struct http_refusal *why)
{
    struct http_ready ready = {.status = r->status ? (unsigned)r->status : MHD_HTTP_OK};
    bool is_known = r->etag && ready.status == MHD_HTTP_OK && has_it(connection, r->etag);
    if (is_known) {
        ready.status = MHD_HTTP_NOT_MODIFIED;
        text_free(&r->body);
        r->lasting_body = (struct bytes){NULL, 0};
    }
    ready.response = make_body(r);
    if (ready.response) {
        put_fields(ready.response, r, why, !is_known);
        put_headers(h, ready.response, &r->headers);
    }
    text_free(&r->body);
    text_free(&r->headers);
    return ready;
}

void http_print_refusal(struct http *h, const char *path, const struct http_refusal *why,
                        struct http_response *ret_r)
{
    static const char api[] = "/v1/";
    *ret_r = (struct http_response){.status = why->status, .retry_after_s = why->retry_after_s};
    if (h->options.has_json_errors || (path && strncmp(path, api, strlen(api)) == 0)) {
        ret_r->content_type = "application/json";
        text_appendf(&ret_r->body, "{\"code\":\"%s\",\"text\":\"%s\"}\n", why->code, why->text);
    } else {
        text_appendf(&ret_r->body, "%s\n", why->text);
    }
    h->counters.refused++;
}
