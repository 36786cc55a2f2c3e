/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web_client.h - HTTP requests and mails of ours, by libcurl in the loop: nothing waits, names are
 * looked up beside it. The words of a mail are web_mail.c's; web_stream.h is for other protocols.
 *
 * Certificates are verified. No redirect is followed (a signed request is for whom it was signed
 * for), no proxy is taken from the environment, no connection is used for two requests: libcurl
 * repeats by itself what it sent on an old connection that turns out dead, and an order must not be
 * repeated unasked.
 */
#ifndef TROTH_COMMON_RUNTIME_WEB_CLIENT_H
#define TROTH_COMMON_RUNTIME_WEB_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/err.h"
#include "common/runtime/loop.h"

struct web_client;
struct web_call; /* under way; gone when its done() was called or it was cancelled */

struct web_client_options {
    const char *ca_file; /* whom to believe; NULL or "": those the system believes */
    const char *proxy;   /* "http://proxy:3128"; NULL or "": none */
};

/* Borrowed during done(). */
struct web_answer {
    int status;        /* of HTTP or SMTP; 0: there was none */
    bool is_certain;   /* the other side has certainly not taken it: no byte of the request (of a
                          mail:   of its content) was sent, or it was a mail that was refused */
    bool is_recipient; /* of a mail: what failed was the address of the receiver */
    struct bytes body; /* at most answer_max */
    int64_t retry_after_s; /* of the header, 0 without one */
    struct err err;        /* code "" when there is a status of success: else "web_unreachable",
                              "web_timeout",        "web_too_large", "web_failed" or "web_status" */
};
typedef void web_done_fn(void *ctx, const struct web_answer *answer);

/* All is copied. */
struct web_request {
    const char *method;         /* "GET" or "POST" */
    const char *url;            /* http:// or https:// */
    const char *unix_path;      /* the socket to speak through, else NULL */
    const char *const *headers; /* "Name: value", ended by NULL; NULL: none */
    struct bytes body;
    int64_t timeout_us; /* for all of it; 0: 30 s */
    size_t answer_max;  /* 0: 64 KiB */
};

struct web_mail {
    const char *url;             /* smtp://host:port or smtps://host:port */
    bool needs_tls;              /* with smtp://: nothing is said before STARTTLS */
    const char *user, *password; /* NULL: none */
    const char *from, *to;       /* bare addresses, one receiver */
    struct bytes content;        /* headers and body, lines ended by CR LF */
    int64_t timeout_us;          /* 0: 30 s */
};

/* NULL with err: code "web_failed". */
struct web_client *web_client_new(struct loop *loop, const struct web_client_options *options,
                                  struct err *err);
void web_client_free(struct web_client *c); /* NULL is fine; done() of what is under way is not
                                               called */

/* Never NULL; done() is called once, from the loop. */
struct web_call *web_client_send(struct web_client *c, const struct web_request *request,
                                 web_done_fn *done, void *ctx);
struct web_call *web_client_mail(struct web_client *c, const struct web_mail *mail,
                                 web_done_fn *done, void *ctx);
/* done() is not called any more. The other side may have taken it. NULL is fine. */
void web_call_cancel(struct web_call *call);

size_t web_client_busy_count(const struct web_client *c);

/* A URL that web_client_send() takes: http or https, a host, no user, no fragment. */
bool web_url_is_valid(const char *url);
/* A bare address that can stand in SMTP and in a header: local@domain, ASCII, no blanks, quotes or
 * brackets, at most 254 bytes. */
bool web_address_is_valid(const char *address);

#endif
