/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/web_stream.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "common/runtime/web_client_private.h"

struct web_stream {
    struct web_call *call;
    struct loop_watch *watch;
    void (*connected)(void *ctx, const struct err *err);
    void (*ready)(void *ctx, int events);
    void *ctx;
};

void web_stream_free(struct web_stream *s)
{
    if (s) {
        loop_unwatch(s->watch);
        free(s);
    }
}

void web_stream_close(struct web_stream *s)
{
    if (s) {
        web_call_cancel(s->call);
    }
}

static void on_ready(void *ctx, int events)
{
    struct web_stream *s = ctx;
    s->ready(s->ctx, events);
}

void web_stream_connected(struct web_call *call, CURLcode code)
{
    struct web_stream *s = call->stream;
    struct err err = ERR_NONE;
    curl_socket_t fd = CURL_SOCKET_BAD;
    if (code == CURLE_OK) {
        code = curl_easy_getinfo(call->easy, CURLINFO_ACTIVESOCKET, &fd);
    }
    if (code == CURLE_OK && fd != CURL_SOCKET_BAD) {
        s->watch = loop_watch_fd(call->client->loop, fd, LOOP_READ, on_ready, s);
    } else {
        (void)err_set(&err, web_code_of(code), "%s", curl_easy_strerror(code));
    }
    s->connected(s->ctx, &err);
}

/* Never told: streams end when they are closed. */
static void on_done(void *ctx, const struct web_answer *answer)
{
    (void)ctx;
    (void)answer;
    BUG("a stream is no request");
}

struct web_stream *web_stream_open(struct web_client *c, const struct web_stream_options *options)
{
    struct web_call *call = web_call_new(c, on_done, NULL);
    struct web_stream *s = xcalloc(1, sizeof(*s));
    CURL *easy = call->easy;
    call->stream = s;
    s->call = call;
    s->connected = options->connected;
    s->ready = options->ready;
    s->ctx = options->ctx;
    web_call_set_usual(call, options->timeout_us);
    (void)curl_easy_setopt(easy, CURLOPT_URL, options->url);
    (void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_ENABLE_ALPN, 0L); /* what is spoken is not HTTP */
    (void)curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
    /* Or it would be closed as soon as it stands; nobody else can use one of this kind. */
    (void)curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 0L);
    web_call_begin(call);
    return s;
}

ssize_t web_stream_send(struct web_stream *s, const void *data, size_t len)
{
    size_t count = 0;
    CURLcode code = curl_easy_send(s->call->easy, data, len, &count);
    if (code == CURLE_AGAIN) {
        return 0;
    }
    return code == CURLE_OK ? (ssize_t)count : -1;
}

ssize_t web_stream_recv(struct web_stream *s, void *data, size_t size)
{
    size_t count = 0;
    CURLcode code = curl_easy_recv(s->call->easy, data, size, &count);
    if (code == CURLE_AGAIN) {
        return 0;
    }
    return code == CURLE_OK && count > 0 ? (ssize_t)count : -1;
}

void web_stream_events(struct web_stream *s, int events)
{
    loop_watch_events(s->watch, events);
}

bool web_stream_is_near(const struct web_stream *s)
{
    const char *address = NULL;
    (void)curl_easy_getinfo(s->call->easy, CURLINFO_PRIMARY_IP, &address);
    return address &&
           (strncmp(address, "127.", strlen("127.")) == 0 || strcmp(address, "::1") == 0);
}
