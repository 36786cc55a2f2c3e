/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dialer_callback.c - one callback:
 *
 * 1. its signature            wrong: 401, and no dialer hears of it
 * 2. the dialers in turn      one takes it: 200. 404, or 401 for its secret is another one: not its
 *                             order, so the next one. Cannot be reached: the next one, too, but
 *                             then it may be that one's
 * 3. nobody took it           503 when one could not be reached, else 404
 */
#include "services/reporting/dialer_callback.h"

#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/web_client.h"
#include "common/runtime/webhook_sign.h"

enum {
    DIALERS_MAX = 16,
    OPEN_MAX = 64,
    BODY_MAX = 65536,
    HEADER_SIZE = 512,
    URL_SIZE = 256,
    COME_AGAIN_S = 5,
};
#define DIALER_TIMEOUT_US (5 * DURATION_S)
#define UNIX_PREFIX       "unix:"

struct passing {
    struct dialer_callback *owner;
    struct http_exchange *exchange;
    struct buffer body; /* personal, perhaps */
    char id[HEADER_SIZE], timestamp[HEADER_SIZE], signature[HEADER_SIZE];
    size_t dialer; /* that is asked */
    bool is_one_away;
    struct web_call *web;
    struct passing *prev, *next;
};

struct dialer_callback {
    struct reporting *reporting;
    struct webhook_secrets secrets;
    struct web_client *client;
    char *endpoints; /* cut at the blanks */
    const char *dialers[DIALERS_MAX];
    size_t dialer_count;
    struct passing *open;
    size_t open_count;
    int64_t *passed, *refused, *unreachable;
};

static void answer(struct http_exchange *exchange, int status, const char *code)
{
    struct http_response r = {.status = status, .content_type = "application/json"};
    text_appendf(&r.body, status == 200 ? "{\"taken\":true}\n" : "{\"code\":\"%s\"}\n", code);
    r.retry_after_s = status == 503 ? COME_AGAIN_S : 0;
    http_answer(exchange, &r);
}

static void drop(struct passing *p)
{
    struct dialer_callback *c = p->owner;
    web_call_cancel(p->web);
    DL_DELETE(c->open, p);
    c->open_count--;
    explicit_bzero(p->body.data, p->body.len);
    buffer_free(&p->body);
    free(p);
}

static void end(struct passing *p, int status, const char *code)
{
    answer(p->exchange, status, code);
    drop(p);
}

/* ---- the dialers in turn */

static void ask_next(struct passing *p);

static bool is_not_its_own(int status)
{
    return status == 404 || status == 401;
}

static void on_answer(void *ctx, const struct web_answer *a)
{
    struct passing *p = ctx;
    struct dialer_callback *c = p->owner;
    p->web = NULL;
    if (!a->err.code[0]) {
        (*c->passed)++;
        end(p, 200, "");
    } else if (a->status >= 400 && a->status < 500 && !is_not_its_own(a->status)) {
        (*c->refused)++;
        end(p, a->status, "callback_refused"); /* it is this one's, and makes no sense */
    } else {
        if (!is_not_its_own(a->status)) {
            p->is_one_away = true;
            log_warning("dialer_unreachable", LOG_INT("dialer", p->dialer), LOG_ERR(&a->err));
        }
        p->dialer++;
        ask_next(p);
    }
}

static void ask_next(struct passing *p)
{
    struct dialer_callback *c = p->owner;
    char url[URL_SIZE];
    if (p->dialer == c->dialer_count) {
        (*(p->is_one_away ? c->unreachable : c->refused))++;
        end(p, p->is_one_away ? 503 : 404, p->is_one_away ? "try_again" : "order_unknown");
        return;
    }
    const char *endpoint = c->dialers[p->dialer];
    bool is_unix = strncmp(endpoint, UNIX_PREFIX, strlen(UNIX_PREFIX)) == 0;
    (void)text_format(url, sizeof(url), "http://%s/dialer/callback",
                      is_unix ? "localhost" : endpoint);
    const char *const headers[] = {"Content-Type: application/json", p->id, p->timestamp,
                                   p->signature, NULL};
    const struct web_request request = {
        .method = "POST",
        .url = url,
        .unix_path = is_unix ? endpoint + strlen(UNIX_PREFIX) : NULL,
        .headers = headers,
        .body = {p->body.data, p->body.len},
        .timeout_us = DIALER_TIMEOUT_US,
    };
    p->web = web_client_send(c->client, &request, on_answer, p);
}

/* ---- arriving */

static void pass_on(struct dialer_callback *c, const struct webhook_headers *headers,
                    struct bytes body, struct http_exchange *exchange)
{
    struct passing *p = xcalloc(1, sizeof(*p));
    p->owner = c;
    p->exchange = exchange;
    buffer_append(&p->body, body.data, body.len);
    DL_APPEND(c->open, p);
    c->open_count++;
    /* As they came: the dialer checks them once more, so that nobody here can make outcomes up. */
    if (!text_format(p->id, sizeof(p->id), "webhook-id: %s", headers->id) ||
        !text_format(p->timestamp, sizeof(p->timestamp), "webhook-timestamp: %s",
                     headers->timestamp) ||
        !text_format(p->signature, sizeof(p->signature), "webhook-signature: %s",
                     headers->signature)) {
        (*c->refused)++;
        end(p, 400, "header_too_long");
        return;
    }
    ask_next(p);
}

static void on_callback(void *ctx, const struct http_request *request,
                        struct http_exchange *exchange)
{
    struct dialer_callback *c = ctx;
    struct err err = ERR_NONE;
    const struct webhook_headers headers = {
        .id = http_header(request, "webhook-id"),
        .timestamp = http_header(request, "webhook-timestamp"),
        .signature = http_header(request, "webhook-signature"),
    };
    if (webhook_verify(&c->secrets, &headers, instant_now_us(), request->body, &err) < 0) {
        (*c->refused)++;
        log_warning("callback_refused", LOG_ERR(&err));
        answer(exchange, 401, err.code);
    } else if (request->body.len == 0 || request->body.len > BODY_MAX) {
        (*c->refused)++;
        answer(exchange, 413, "request_too_large");
    } else if (c->open_count >= OPEN_MAX || c->reporting->service->is_draining) {
        (*c->unreachable)++;
        answer(exchange, 503, "try_again");
    } else {
        pass_on(c, &headers, request->body, exchange);
    }
}

/* ---- life */

static int list_dialers(struct dialer_callback *c, struct err *err)
{
    c->endpoints = xstrdup(c->reporting->settings->dialers);
    for (char *rest = c->endpoints; rest;) {
        const char *endpoint = strsep(&rest, " ");
        if (*endpoint && c->dialer_count == DIALERS_MAX) {
            return err_set_field(err, "setting_invalid", "dialers", "at most %d", DIALERS_MAX);
        }
        if (*endpoint) {
            c->dialers[c->dialer_count++] = endpoint;
        }
    }
    return c->dialer_count > 0 ? 0
                               : err_set_field(err, "setting_invalid", "dialers",
                                               "webhook_secret_file needs a dialer to hand on to");
}

static void open_route(struct dialer_callback *c)
{
    static const char name[] = "troth_reporting_callbacks_total";
    static const char help[] = "Callbacks of services that place calls.";
    struct metrics *m = c->reporting->service->metrics;
    const struct http_later_route route = {
        .method = "POST",
        .path = "/dialer/callback",
        .content_type = "application/json",
        .handler = on_callback,
        .ctx = c,
    };
    c->passed = metrics_counter(m, name, "result=\"passed\"", help);
    c->refused = metrics_counter(m, name, "result=\"refused\"", help);
    c->unreachable = metrics_counter(m, name, "result=\"unreachable\"", help);
    http_route_later(c->reporting->service->http, &route);
}

struct dialer_callback *dialer_callback_new(struct reporting *r, struct err *err)
{
    struct dialer_callback *c = xcalloc(1, sizeof(*c));
    c->reporting = r;
    if (webhook_secrets_read(r->settings->webhook_secret_file, &c->secrets, err) < 0) {
        (void)err_prefix(err, "webhook_secret_file");
        dialer_callback_free(c);
        return NULL;
    }
    if (list_dialers(c, err) < 0) {
        dialer_callback_free(c);
        return NULL;
    }
    c->client = web_client_new(r->service->loop, &(struct web_client_options){.proxy = NULL}, err);
    if (!c->client) {
        dialer_callback_free(c);
        return NULL;
    }
    open_route(c);
    return c;
}

void dialer_callback_free(struct dialer_callback *c)
{
    if (c) {
        for (struct passing *p = c->open, *next; p; p = next) {
            next = p->next;
            drop(p);
        }
        web_client_free(c->client);
        webhook_secrets_wipe(&c->secrets);
        free(c->endpoints);
        free(c);
    }
}

size_t dialer_callback_open_count(const struct dialer_callback *c)
{
    return c ? c->open_count : 0;
}
