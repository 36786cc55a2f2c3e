/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dialer_webhook_door.c - POST /dialer/callback: how the other service tells an outcome.
 *
 * 1. the signature          wrong: 401
 * 2. the order              never placed here: 404, which tells reporting to ask another dialer
 * 3. the journal            finished already: the same answer as the first time
 * 4. 200 once the journal is on the disk: from then on the scheduler is told until it has committed
 *    the result, whoever dies
 *
 * So a callback that comes twice counts once, and one that was not acknowledged may come again.
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "services/dialer/dialer_webhook.h"

enum {
    BODY_MAX = 65536
};

static void answer(struct http_exchange *exchange, int status, const char *code)
{
    struct http_response r = {.status = status, .content_type = "application/json"};
    if (status == 200) {
        text_append(&r.body, "{\"taken\":true}\n");
    } else {
        text_appendf(&r.body, "{\"code\":\"%s\"}\n", code);
    }
    http_answer(exchange, &r);
}

static void answer_when_safe(struct dialer_webhook *w, struct http_exchange *exchange)
{
    if (w->waiting_count == w->waiting_capacity) {
        w->waiting_capacity = w->waiting_capacity ? 2 * w->waiting_capacity : 16;
        w->waiting = xreallocarray(w->waiting, w->waiting_capacity, sizeof(struct http_exchange *));
    }
    w->waiting[w->waiting_count++] = exchange;
}

void dialer_webhook_answer_waiting(void *driver)
{
    struct dialer_webhook *w = driver;
    for (size_t i = 0; i < w->waiting_count; i++) {
        answer(w->waiting[i], 200, NULL);
    }
    w->waiting_count = 0;
    w->is_unsafe = false;
}

static void refuse(struct dialer_webhook *w, struct http_exchange *exchange, int status,
                   const struct err *err)
{
    (*w->callbacks_refused)++;
    log_warning("callback_refused", LOG_INT("status", status), LOG_ERR(err));
    answer(exchange, status, err->code);
}

static void take_finished(struct dialer_webhook *w, const struct dialer_webhook_word *word,
                          struct http_exchange *exchange)
{
    if (w->context.state(w->context.ctx, word->key) == DIALER_PLACED) {
        (*w->callbacks)++;
        dialer_webhook_finish(w, word->key, &word->result);
        answer_when_safe(w, exchange);
        return;
    }
    (*w->callbacks_again)++;
    if (w->is_unsafe) {
        answer_when_safe(w, exchange); /* what came first, here or as an answer, may be the one */
    } else {
        answer(exchange, 200, NULL);
    }
}

static void take(struct dialer_webhook *w, const struct dialer_webhook_word *word,
                 struct http_exchange *exchange)
{
    struct err err = ERR_NONE;
    int state = w->context.state(w->context.ctx, word->key);
    if (state != DIALER_PLACED && state != DIALER_FINISHED) {
        (void)err_set(&err, "order_unknown", "this dialer has not placed it");
        refuse(w, exchange, 404, &err);
    } else if (word->kind == DIALER_WEBHOOK_FINISHED) {
        take_finished(w, word, exchange);
    } else {
        if (word->kind == DIALER_WEBHOOK_PROGRESS && state == DIALER_PLACED) {
            w->context.progress(w->context.ctx, word->key, word->stage);
        }
        answer(exchange, 200, NULL);
    }
}

static void on_callback(void *ctx, const struct http_request *request,
                        struct http_exchange *exchange)
{
    struct dialer_webhook *w = ctx;
    struct dialer_webhook_word word = {.key = ""};
    struct err err = ERR_NONE;
    const struct webhook_headers headers = {
        .id = http_header(request, "webhook-id"),
        .timestamp = http_header(request, "webhook-timestamp"),
        .signature = http_header(request, "webhook-signature"),
    };
    if (request->body.len > BODY_MAX) {
        (void)err_set(&err, "request_too_large", "at most %d bytes", BODY_MAX);
        refuse(w, exchange, 413, &err);
    } else if (webhook_verify(&w->secrets, &headers, instant_now_us(), request->body, &err) < 0) {
        refuse(w, exchange, 401, &err);
    } else if (dialer_webhook_read(request->body, &word, &err) < 0) {
        refuse(w, exchange, 400, &err);
    } else {
        take(w, &word, exchange);
    }
    explicit_bzero(&word, sizeof(word));
}

void dialer_webhook_open_door(struct dialer_webhook *w)
{
    struct metrics *m = w->context.metrics;
    const struct http_later_route route = {
        .method = "POST",
        .path = "/dialer/callback",
        .content_type = "application/json",
        .handler = on_callback,
        .ctx = w,
    };
    w->callbacks = metrics_counter(m, "troth_dialer_callbacks_total", "result=\"taken\"",
                                   "Callbacks of the service behind the webhook.");
    w->callbacks_again = metrics_counter(m, "troth_dialer_callbacks_total", "result=\"again\"",
                                         "Callbacks of the service behind the webhook.");
    w->callbacks_refused = metrics_counter(m, "troth_dialer_callbacks_total", "result=\"refused\"",
                                           "Callbacks of the service behind the webhook.");
    http_route_later(w->context.http, &route);
}
