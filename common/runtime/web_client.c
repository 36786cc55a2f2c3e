/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web_client.c - libcurl's multi interface: its sockets are watches of the loop, its time-outs one
 * timer.
 *
 * libcurl never calls done(): finished calls are collected after each turn and told from there, so
 * that a handler may send, cancel or free as it likes. A call that fails before it begins is told
 * by the timer, too.
 */
#include "common/runtime/web_client.h"

#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "common/base/duration.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/web_client_private.h"

enum {
    ANSWER_MAX = 65536,
    CONNECTIONS_MAX = 256,
    HTTP_OK_FROM = 200,
    HTTP_OK_UNTIL = 300,
    ADDRESS_MAX = 254,
};
#define TIMEOUT_US (30 * DURATION_S)

/* A socket of libcurl's in the loop. */
struct web_socket {
    struct web_client *client;
    struct loop_watch *watch;
    curl_socket_t fd;
    struct web_socket *prev, *next;
};

/* ---- what came of it */

static void free_call(struct web_call *call)
{
    web_dialog_free(call->dialog); /* while its connection is there */
    web_stream_free(call->stream);
    if (call->easy) {
        (void)curl_multi_remove_handle(call->client->multi, call->easy);
        curl_easy_cleanup(call->easy);
    }
    curl_slist_free_all(call->headers);
    if (call->body.data) {
        explicit_bzero(call->body.data, call->body.len);
    }
    buffer_free(&call->body);
    buffer_free(&call->answer);
    DL_DELETE(call->client->calls, call);
    call->client->busy_count--;
    free(call);
}

const char *web_code_of(CURLcode code)
{
    if (code == CURLE_OPERATION_TIMEDOUT) {
        return "web_timeout";
    }
    if (code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY ||
        code == CURLE_COULDNT_CONNECT || code == CURLE_SSL_CONNECT_ERROR ||
        code == CURLE_PEER_FAILED_VERIFICATION) {
        return "web_unreachable";
    }
    return "web_failed";
}

/* libcurl's words may hold what the other side answered, and so an address: only its fixed text for
 * the kind of failure is kept. */
static void judge_http(const struct web_call *call, CURLcode code, struct web_answer *a)
{
    long request_bytes = 0;
    (void)curl_easy_getinfo(call->easy, CURLINFO_REQUEST_SIZE, &request_bytes);
    a->is_certain = request_bytes == 0;
    if (call->is_too_large) {
        (void)err_set(&a->err, "web_too_large", "the answer is larger than %zu bytes",
                      call->answer_max);
    } else if (code != CURLE_OK) {
        a->status = 0;
        (void)err_set(&a->err, web_code_of(code), "%s", curl_easy_strerror(code));
    } else if (a->status < HTTP_OK_FROM || a->status >= HTTP_OK_UNTIL) {
        (void)err_set(&a->err, "web_status", "HTTP status %d", a->status);
    }
}

void web_call_tell(struct web_call *call, const struct web_answer *answer)
{
    struct web_answer a = *answer;
    web_done_fn *done = call->done;
    void *ctx = call->ctx;
    struct buffer body = call->answer; /* outlives the call, which done() must not see any more */
    a.body = (struct bytes){body.data, body.len};
    call->answer = (struct buffer){.data = NULL};
    free_call(call);
    done(ctx, &a);
    buffer_free(&body);
}

static void tell_http(struct web_call *call, CURLcode code)
{
    struct web_answer a = {.status = 0};
    long status = 0;
    curl_off_t retry_after_s = 0;
    (void)curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(call->easy, CURLINFO_RETRY_AFTER, &retry_after_s);
    a.status = (int)status;
    a.retry_after_s = retry_after_s;
    judge_http(call, code, &a);
    web_call_tell(call, &a);
}

/* done() may free the client: then nothing of it is touched any more. */
static void collect(struct web_client *c)
{
    CURLMsg *m;
    int left = 0;
    while (c->busy_count > 0 && (m = curl_multi_info_read(c->multi, &left)) != NULL) {
        struct web_call *call = NULL;
        if (m->msg == CURLMSG_DONE &&
            curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &call) == CURLE_OK && call) {
            loop_timer_after(c->timer, 0); /* the rest from there, if it is still wanted */
            if (call->dialog) {
                web_dialog_connected(call, m->data.result);
            } else if (call->stream) {
                web_stream_connected(call, m->data.result);
            } else {
                tell_http(call, m->data.result);
            }
            return;
        }
    }
}

/* ---- in the loop */

static void on_ready(void *ctx, int events)
{
    const struct web_socket *s = ctx;
    struct web_client *c = s->client;
    int bits = ((events & LOOP_READ) ? CURL_CSELECT_IN : 0) |
               ((events & LOOP_WRITE) ? CURL_CSELECT_OUT : 0);
    int running = 0;
    (void)curl_multi_socket_action(c->multi, s->fd, bits, &running);
    collect(c);
}

static void on_timer(void *ctx)
{
    struct web_client *c = ctx;
    int running = 0;
    (void)curl_multi_socket_action(c->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    long wait_ms = -1;
    (void)curl_multi_timeout(c->multi, &wait_ms);
    if (wait_ms >= 0 && !loop_timer_is_armed(c->timer)) {
        loop_timer_after(c->timer, wait_ms * DURATION_MS);
    }
    collect(c);
}

static int on_wanted_timer(CURLM *multi, long wait_ms, void *ctx)
{
    struct web_client *c = ctx;
    (void)multi;
    if (wait_ms < 0) {
        loop_timer_stop(c->timer);
    } else {
        loop_timer_after(c->timer, wait_ms * DURATION_MS);
    }
    return 0;
}

static void drop_socket(struct web_socket *s)
{
    loop_unwatch(s->watch);
    DL_DELETE(s->client->sockets, s);
    free(s);
}

static int on_wanted_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *socket)
{
    struct web_client *c = ctx;
    struct web_socket *s = socket;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (s) {
            drop_socket(s);
            (void)curl_multi_assign(c->multi, fd, NULL);
        }
        return 0;
    }
    int events =
        ((what & CURL_POLL_IN) ? LOOP_READ : 0) | ((what & CURL_POLL_OUT) ? LOOP_WRITE : 0);
    if (s) {
        loop_watch_events(s->watch, events);
        return 0;
    }
    s = xcalloc(1, sizeof(*s));
    s->client = c;
    s->fd = fd;
    s->watch = loop_watch_fd(c->loop, fd, events, on_ready, s);
    DL_APPEND(c->sockets, s);
    (void)curl_multi_assign(c->multi, fd, s);
    return 0;
}

/* ---- life */

struct web_client *web_client_new(struct loop *loop, const struct web_client_options *options,
                                  struct err *err)
{
    /* Counted by libcurl, so each client may say it. */
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        (void)err_set(err, "web_failed", "libcurl does not start");
        return NULL;
    }
    if (!(curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_ASYNCHDNS)) {
        curl_global_cleanup();
        (void)err_set(err, "web_failed", "this libcurl waits for names: it lacks AsynchDNS");
        return NULL;
    }
    struct web_client *c = xcalloc(1, sizeof(*c));
    c->loop = loop;
    c->multi = curl_multi_init();
    if (!c->multi) {
        xalloc_failed("libcurl");
    }
    c->ca_file = text_is_empty(options->ca_file) ? NULL : xstrdup(options->ca_file);
    c->proxy = xstrdup(options->proxy ? options->proxy : "");
    c->timer = loop_timer_new(loop, on_timer, c);
    (void)curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, on_wanted_socket);
    (void)curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
    (void)curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, on_wanted_timer);
    (void)curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
    (void)curl_multi_setopt(c->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)CONNECTIONS_MAX);
    return c;
}

void web_client_free(struct web_client *c)
{
    if (!c) {
        return;
    }
    for (struct web_call *call = c->calls, *next; call; call = next) {
        next = call->next;
        free_call(call);
    }
    (void)curl_multi_cleanup(c->multi);
    for (struct web_socket *s = c->sockets, *next; s; s = next) {
        next = s->next;
        drop_socket(s);
    }
    loop_timer_free(c->timer);
    free(c->ca_file);
    free(c->proxy);
    free(c);
    curl_global_cleanup();
}

void web_call_cancel(struct web_call *call)
{
    if (call) {
        free_call(call);
    }
}

size_t web_client_busy_count(const struct web_client *c)
{
    return c->busy_count;
}

/* ---- calls */

static size_t on_answer(char *data, size_t size, size_t count, void *ctx)
{
    struct web_call *call = ctx;
    size_t len = size * count;
    if (call->answer.len + len > call->answer_max) {
        call->is_too_large = true;
        return 0;
    }
    buffer_append(&call->answer, data, len);
    return len;
}

void web_call_set_usual(struct web_call *call, int64_t timeout_us)
{
    const struct web_client *c = call->client;
    CURL *easy = call->easy;
    long timeout_ms = (long)((timeout_us > 0 ? timeout_us : TIMEOUT_US) / DURATION_MS);
    (void)curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms > 0 ? timeout_ms : 1L);
    (void)curl_easy_setopt(easy, CURLOPT_PROXY,
                           c->proxy); /* "" is none, whatever HTTP_PROXY says */
    (void)curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_answer);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    (void)curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (c->ca_file) {
        (void)curl_easy_setopt(easy, CURLOPT_CAINFO, c->ca_file);
    }
}

struct web_call *web_call_new(struct web_client *c, web_done_fn *done, void *ctx)
{
    struct web_call *call = xcalloc(1, sizeof(*call));
    call->client = c;
    call->done = done;
    call->ctx = ctx;
    call->easy = curl_easy_init();
    if (!call->easy) {
        xalloc_failed("libcurl");
    }
    DL_APPEND(c->calls, call);
    c->busy_count++;
    return call;
}

void web_call_begin(struct web_call *call)
{
    if (curl_multi_add_handle(call->client->multi, call->easy) != CURLM_OK) {
        BUG("libcurl does not take a call");
    }
}

static void add_line(struct curl_slist **list, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*list, line);
    if (!longer) {
        xalloc_failed("libcurl");
    }
    *list = longer;
}

struct web_call *web_client_send(struct web_client *c, const struct web_request *request,
                                 web_done_fn *done, void *ctx)
{
    struct web_call *call = web_call_new(c, done, ctx);
    CURL *easy = call->easy;
    call->answer_max = request->answer_max > 0 ? request->answer_max : ANSWER_MAX;
    web_call_set_usual(call, request->timeout_us);
    (void)curl_easy_setopt(easy, CURLOPT_URL, request->url);
    (void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    (void)curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    (void)curl_easy_setopt(easy, CURLOPT_USERAGENT, "troth/" TROTH_VERSION);
    if (request->unix_path) {
        (void)curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, request->unix_path);
    }
    if (strcmp(request->method, "POST") == 0) {
        buffer_append(&call->body, request->body.data, request->body.len);
        (void)curl_easy_setopt(easy, CURLOPT_POST, 1L);
        (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.len);
        (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS,
                               call->body.data ? (const char *)call->body.data : "");
    }
    add_line(&call->headers, "Expect:"); /* it would only cost a round */
    for (const char *const *line = request->headers; line && *line; line++) {
        add_line(&call->headers, *line);
    }
    (void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->headers);
    web_call_begin(call);
    return call;
}

/* ---- addresses */

bool web_url_is_valid(const char *url)
{
    CURLU *parsed = curl_url();
    char *scheme = NULL, *user = NULL, *fragment = NULL;
    bool is_valid = parsed && url && curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK &&
                    curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
                    (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0) &&
                    curl_url_get(parsed, CURLUPART_USER, &user, 0) == CURLUE_NO_USER &&
                    curl_url_get(parsed, CURLUPART_FRAGMENT, &fragment, 0) == CURLUE_NO_FRAGMENT;
    curl_free(scheme);
    curl_free(user);
    curl_free(fragment);
    curl_url_cleanup(parsed);
    return is_valid;
}

bool web_address_is_valid(const char *address)
{
    const char *at = address ? strchr(address, '@') : NULL;
    if (!at || at == address || !at[1] || strchr(at + 1, '@') || strlen(address) > ADDRESS_MAX) {
        return false;
    }
    for (const char *p = address; *p; p++) {
        if (*p <= ' ' || *p >= 0x7f || strchr("\"'()<>[]\\,;:", *p)) {
            return false;
        }
    }
    return true;
}
