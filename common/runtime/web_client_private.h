/* SPDX-License-Identifier: Apache-2.0 */
/* web_client_private.h - what web_client.c, web_mail.c and web_stream.c share. */
#ifndef TROTH_COMMON_RUNTIME_WEB_CLIENT_PRIVATE_H
#define TROTH_COMMON_RUNTIME_WEB_CLIENT_PRIVATE_H

#include <curl/curl.h>

#include "common/runtime/web_client.h"

struct web_dialog;
struct web_stream;

struct web_call {
    struct web_client *client;
    CURL *easy;
    struct curl_slist *headers;
    struct buffer body; /* of a POST */
    struct buffer answer;
    size_t answer_max;
    bool is_too_large;
    struct web_dialog *dialog; /* of a mail, else NULL */
    struct web_stream *stream; /* of a stream, else NULL */
    web_done_fn *done;
    void *ctx;
    struct web_call *prev, *next;
};

struct web_client {
    struct loop *loop;
    CURLM *multi;
    struct loop_timer *timer;
    struct web_call *calls;
    struct web_socket *sockets;
    char *ca_file, *proxy;
    size_t busy_count;
};

/* ---- web_client.c */

struct web_call *web_call_new(struct web_client *c, web_done_fn *done, void *ctx);
void web_call_set_usual(struct web_call *call, int64_t timeout_us);
void web_call_begin(struct web_call *call);
/* Ends the call and tells it. What done() does may free the client. */
void web_call_tell(struct web_call *call, const struct web_answer *answer);
/* "web_timeout", "web_unreachable" or "web_failed". */
const char *web_code_of(CURLcode code);

/* ---- web_mail.c */

/* libcurl has connected, or not. Goes on, or tells the call. */
void web_dialog_connected(struct web_call *call, CURLcode code);
void web_dialog_free(struct web_dialog *d); /* NULL is fine */

/* ---- web_stream.c: likewise */

void web_stream_connected(struct web_call *call, CURLcode code);
void web_stream_free(struct web_stream *s); /* NULL is fine */

#endif
