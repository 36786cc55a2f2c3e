/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web_mail.c - one mail by SMTP (RFC 5321).
 *
 * libcurl connects, encrypts and logs in; from there on the words are ours, over its connection.
 * libcurl could say them itself, but it waits inside of a call for the server's word on the mail
 * and on QUIT, and servers take seconds to look for spam. So we also know exactly what was refused,
 * and whether a byte of the mail was sent.
 *
 *   MAIL FROM -> RCPT TO -> DATA -> the mail -> QUIT, whose answer nobody waits for
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/web_client_private.h"

enum {
    LINE_SIZE = 1024, /* RFC 5321 allows 512 */
    READ_SIZE = 2048,
};
#define TIMEOUT_US (30 * DURATION_S)

enum step {
    STEP_CONNECT = 0,
    STEP_SENDER,
    STEP_RECEIVER,
    STEP_DATA,
    STEP_CONTENT,
};

struct web_dialog {
    struct web_call *call;
    struct loop_timer *timer; /* the end of our patience */
    struct loop_watch *watch;
    enum step step;
    char *to, *from;
    struct buffer content; /* as it travels, with the dot that ends it */
    struct buffer out;     /* to be sent */
    size_t sent;
    bool has_content_begun;
    char line[LINE_SIZE]; /* of the server's, not ended yet */
    size_t line_len;
};

void web_dialog_free(struct web_dialog *d)
{
    if (!d) {
        return;
    }
    loop_unwatch(d->watch);
    loop_timer_free(d->timer);
    if (d->content.data) {
        explicit_bzero(d->content.data, d->content.len);
    }
    if (d->out.data) {
        explicit_bzero(d->out.data, d->out.len);
    }
    buffer_free(&d->content);
    buffer_free(&d->out);
    free(d->to);
    free(d->from);
    free(d);
}

/* ---- ends */

static void fail(struct web_dialog *d, const char *code, const char *why)
{
    struct web_answer a = {.is_certain = !d->has_content_begun};
    (void)err_set(&a.err, code, "%s", why);
    web_call_tell(d->call, &a);
}

static void refuse(struct web_dialog *d, int status)
{
    struct web_answer a = {
        .status = status,
        .is_certain = true,
        .is_recipient = d->step == STEP_RECEIVER,
    };
    (void)err_set(&a.err, "web_status", "SMTP status %d", status);
    web_call_tell(d->call, &a);
}

static void on_late(void *ctx)
{
    fail(ctx, "web_timeout", "the mail server took too long");
}

/* ---- talking */

/* Returns -1 when the call has ended. */
static int flush(struct web_dialog *d)
{
    while (d->sent < d->out.len) {
        size_t count = 0;
        d->has_content_begun |= d->step == STEP_CONTENT;
        CURLcode code =
            curl_easy_send(d->call->easy, d->out.data + d->sent, d->out.len - d->sent, &count);
        if (code == CURLE_AGAIN) {
            break;
        }
        if (code != CURLE_OK) {
            fail(d, "web_failed", curl_easy_strerror(code));
            return -1;
        }
        d->sent += count;
    }
    loop_watch_events(d->watch, d->sent < d->out.len ? LOOP_READ | LOOP_WRITE : LOOP_READ);
    return 0;
}

static int say(struct web_dialog *d, enum step step, const void *words, size_t len)
{
    d->step = step;
    buffer_clear(&d->out);
    d->sent = 0;
    buffer_append(&d->out, words, len);
    return flush(d);
}

static int say_address(struct web_dialog *d, enum step step, const char *command,
                       const char *address)
{
    struct text line = {0};
    text_appendf(&line, "%s:<%s>\r\n", command, address);
    int rc = say(d, step, line.data, line.len);
    explicit_bzero(line.data, line.len);
    text_free(&line);
    return rc;
}

/* The mail is taken. Politeness is not waited for. */
static void end(struct web_dialog *d, int status)
{
    static const char quit[] = "QUIT\r\n";
    const struct web_answer a = {.status = status};
    size_t count = 0;
    (void)curl_easy_send(d->call->easy, quit, strlen(quit), &count);
    web_call_tell(d->call, &a);
}

/* A whole reply. Returns -1 when the call has ended. */
static int take_reply(struct web_dialog *d, int status)
{
    static const char data[] = "DATA\r\n";
    int wanted = d->step == STEP_DATA ? 3 : 2;
    if (status / 100 != wanted) {
        refuse(d, status);
        return -1;
    }
    switch (d->step) {
    case STEP_SENDER:
        return say_address(d, STEP_RECEIVER, "RCPT TO", d->to);
    case STEP_RECEIVER:
        return say(d, STEP_DATA, data, strlen(data));
    case STEP_DATA:
        return say(d, STEP_CONTENT, d->content.data, d->content.len);
    case STEP_CONTENT:
        end(d, status);
        return -1;
    case STEP_CONNECT:
    default:
        BUG("a reply before anything was said");
    }
}

/* "250-SIZE" goes on, "250 OK" ends a reply. */
static int take_line(struct web_dialog *d)
{
    char digits[4] = {0};
    int64_t status;
    memcpy(digits, d->line, d->line_len < 3 ? d->line_len : 3);
    if (text_to_int64(digits, 200, 599, &status) < 0) {
        fail(d, "web_failed", "the mail server does not speak SMTP");
        return -1;
    }
    bool goes_on = d->line_len > 3 && d->line[3] == '-';
    d->line_len = 0;
    return goes_on ? 0 : take_reply(d, (int)status);
}

static int take(struct web_dialog *d, const char *words, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (words[i] == '\n') {
            if (take_line(d) < 0) {
                return -1;
            }
        } else if (d->line_len < LINE_SIZE) {
            d->line[d->line_len++] = words[i]; /* what is longer is cut */
        }
    }
    return 0;
}

static void on_ready(void *ctx, int events)
{
    struct web_dialog *d = ctx;
    char room[READ_SIZE];
    if ((events & LOOP_WRITE) && flush(d) < 0) {
        return;
    }
    while (true) {
        size_t count = 0;
        CURLcode code = curl_easy_recv(d->call->easy, room, sizeof(room), &count);
        if (code == CURLE_AGAIN) {
            return;
        }
        if (code != CURLE_OK || count == 0) {
            fail(d, "web_failed", "the mail server has closed the connection");
            return;
        }
        if (take(d, room, count) < 0) {
            return;
        }
    }
}

/* ---- beginning */

void web_dialog_connected(struct web_call *call, CURLcode code)
{
    struct web_dialog *d = call->dialog;
    curl_socket_t fd = CURL_SOCKET_BAD;
    long status = 0;
    if (code == CURLE_OK) {
        code = curl_easy_getinfo(call->easy, CURLINFO_ACTIVESOCKET, &fd);
    }
    if (code == CURLE_OK && fd != CURL_SOCKET_BAD) {
        d->watch = loop_watch_fd(call->client->loop, fd, LOOP_READ, on_ready, d);
        (void)say_address(d, STEP_SENDER, "MAIL FROM", d->from);
        return;
    }
    (void)curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status >= 400) {
        refuse(d, (int)status);
    } else {
        fail(d, web_code_of(code), curl_easy_strerror(code));
    }
}

/* A line that begins with a dot gets one more (RFC 5321, 4.5.2); content ends with CR LF. */
static void stuff_dots(struct bytes content, struct buffer *out)
{
    bool is_at_begin = true;
    for (size_t i = 0; i < content.len; i++) {
        if (is_at_begin && content.data[i] == '.') {
            buffer_append(out, ".", 1);
        }
        buffer_append(out, content.data + i, 1);
        is_at_begin = content.data[i] == '\n';
    }
    buffer_append(out, is_at_begin ? ".\r\n" : "\r\n.\r\n", is_at_begin ? 3 : 5);
}

struct web_call *web_client_mail(struct web_client *c, const struct web_mail *mail,
                                 web_done_fn *done, void *ctx)
{
    struct web_call *call = web_call_new(c, done, ctx);
    struct web_dialog *d = xcalloc(1, sizeof(*d));
    CURL *easy = call->easy;
    int64_t timeout_us = mail->timeout_us > 0 ? mail->timeout_us : TIMEOUT_US;
    call->dialog = d;
    d->call = call;
    d->to = xstrdup(mail->to);
    d->from = xstrdup(mail->from);
    stuff_dots(mail->content, &d->content);
    d->timer = loop_timer_new(c->loop, on_late, d);
    loop_timer_after(d->timer, timeout_us);
    web_call_set_usual(call, timeout_us);
    (void)curl_easy_setopt(easy, CURLOPT_URL, mail->url);
    (void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    (void)curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
    /* Or it would be closed as soon as it stands; nobody else can use one of this kind. */
    (void)curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 0L);
    (void)curl_easy_setopt(easy, CURLOPT_USE_SSL,
                           (long)(mail->needs_tls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
    if (mail->user) {
        (void)curl_easy_setopt(easy, CURLOPT_USERNAME, mail->user);
        (void)curl_easy_setopt(easy, CURLOPT_PASSWORD, mail->password ? mail->password : "");
    }
    web_call_begin(call);
    return call;
}
