/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dialer_webhook.c - the driver whose calls are placed by another service: an order is a signed
 * POST, its outcome comes back as a signed callback (dialer_webhook_door.c) or is asked for.
 *
 *   sending -> taken     2xx, or 409: it has it already
 *           -> sending   it has certainly not been taken (no connection, 429, 503 with a
 *                        Retry-After): again with backoff, until the start-by of the order; then
 *                        the call has failed
 *           -> failed    refused for good: any other 3xx and 4xx
 *           -> unsure    anything else: time-out, connection lost, 500, another 503
 *   taken, unsure -> finished   by a callback, or by polling
 *                 -> given up   nothing was heard for webhook_give_up
 *   unsure -> failed     asked after its start-by, the other side has never seen it: it must not
 *                        begin any more
 *
 * An order that may have been taken is never sent again. The receiver is told to take each
 * webhook-id once, but that a customer is called at most once must not hang on somebody else.
 */
#include "services/dialer/dialer_webhook.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "common/base/backoff.h"
#include "common/base/duration.h"
#include "common/base/hash_table.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "event.pb-c.h"
#include "services/dialer/dialer_settings.h"

enum {
    URL_SIZE = 1024,
    HEADER_SIZE = 512,
    HTTP_NOT_FOUND = 404,
    HTTP_CONFLICT = 409,
    HTTP_TOO_MANY = 429,
    HTTP_UNAVAILABLE = 503,
};
/* Clocks differ, and what was begun in time must have been heard of by then. */
#define START_SLACK_US (30 * DURATION_S)

static const struct backoff sending = {.base_us = 250 * DURATION_MS, .cap_us = 5 * DURATION_S};

struct hook_call {
    struct dialer_webhook *driver;
    char key[DIALER_KEY_SIZE];
    char trace[TRACE_CONTEXT_SIZE]; /* "": none, or not known any more after a restart */
    struct buffer body;             /* of the POST, until it was taken; personal */
    struct dialer_start start;
    int64_t offset_us;  /* from machine time to business time */
    int64_t give_up_us; /* monotonic */
    unsigned attempt;
    bool is_sent;  /* or may be */
    bool is_taken; /* the other side has said so: it must know it */
    struct web_call *web;
    struct loop_timer *timer;
    UT_hash_handle hh;
};

/* ---- calls under way, by key */

// NOLINTNEXTLINE(readability-function-size): one macro of uthash
static struct hook_call *find_call(const struct dialer_webhook *w, const char *key)
{
    struct hook_call *c;
    HASH_FIND_STR(w->calls, key, c);
    return c;
}

// NOLINTNEXTLINE(readability-function-size): one macro of uthash
static void add_call(struct hook_call *c)
{
    HASH_ADD_STR(c->driver->calls, key, c);
}

// NOLINTNEXTLINE(readability-function-size): one macro of uthash
static void remove_call(struct hook_call *c)
{
    HASH_DEL(c->driver->calls, c);
}

/* ---- ends */

static void forget(struct hook_call *c)
{
    remove_call(c);
    web_call_cancel(c->web);
    loop_timer_free(c->timer);
    if (c->body.data) {
        explicit_bzero(c->body.data, c->body.len);
    }
    buffer_free(&c->body);
    free(c);
}

static int64_t business_us(const struct hook_call *c, int64_t machine_us)
{
    return (machine_us > 0 ? machine_us : instant_now_us()) + (c ? c->offset_us : 0);
}

void dialer_webhook_finish(struct dialer_webhook *w, const char *key,
                           const struct dialer_result *result)
{
    struct hook_call *c = find_call(w, key);
    struct dialer_result r = *result;
    r.started_us = business_us(c, r.started_us);
    r.ended_us = business_us(c, r.ended_us);
    r.call_back_us = r.call_back_us > 0 ? business_us(c, r.call_back_us) : 0;
    w->is_unsafe |= w->context.state(w->context.ctx, key) == DIALER_PLACED;
    w->context.finished(w->context.ctx, key, &r);
    explicit_bzero(&r, sizeof(r));
    if (c) {
        forget(c);
    }
}

static void fail(struct hook_call *c, const char *why, int status)
{
    const struct dialer_result failed = {
        .outcome = (int32_t)TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_FAILED,
    };
    char key[DIALER_KEY_SIZE];
    (void)text_copy(key, sizeof(key), c->key);
    (*c->driver->failed)++;
    log_warning("webhook_failed", LOG_TEXT("order", key), LOG_TEXT("why", why),
                LOG_INT("status", status));
    dialer_webhook_finish(c->driver, key, &failed);
}

/* The dead letter: nobody knows, so a person has to look. */
static void give_up(struct hook_call *c)
{
    struct dialer_webhook *w = c->driver;
    (*w->dead)++;
    log_error("webhook_dead", LOG_TEXT("order", c->key));
    w->context.given_up(w->context.ctx, c->key);
    forget(c);
}

/* ---- requests */

static void send_request(struct hook_call *c, const char *method, const char *url,
                         struct bytes body, web_done_fn *done)
{
    struct dialer_webhook *w = c->driver;
    int64_t now_us = instant_now_us();
    char id[HEADER_SIZE], timestamp[HEADER_SIZE], trace[HEADER_SIZE];
    struct text signature = {0};
    text_append(&signature, "webhook-signature: ");
    webhook_sign(&w->secrets, c->key, now_us, body, &signature);
    (void)text_format(id, sizeof(id), "webhook-id: %s", c->key);
    (void)text_format(timestamp, sizeof(timestamp), "webhook-timestamp: %lld",
                      (long long)(now_us / DURATION_S));
    (void)text_format(trace, sizeof(trace), "traceparent: %s", c->trace);
    const char *const headers[] = {"Content-Type: application/json", id,  timestamp, signature.data,
                                   c->trace[0] ? trace : NULL,       NULL};
    const struct web_request request = {
        .method = method,
        .url = url,
        .headers = headers,
        .body = body,
        .timeout_us = w->context.settings->webhook_timeout_us,
    };
    c->web = web_client_send(w->client, &request, done, c);
    text_free(&signature);
}

/* Returns whether it was the end. */
static bool take_word(struct hook_call *c, struct bytes body)
{
    struct dialer_webhook_word word;
    struct err err = ERR_NONE;
    bool is_end = false;
    if (dialer_webhook_read(body, &word, &err) < 0) {
        log_warning("webhook_answer_unreadable", LOG_TEXT("order", c->key), LOG_ERR(&err));
        return false;
    }
    if (word.key[0] && strcmp(word.key, c->key) != 0) {
        log_warning("webhook_answer_unreadable", LOG_TEXT("order", c->key),
                    LOG_TEXT("code", "other_order"));
    } else if (word.kind == DIALER_WEBHOOK_FINISHED) {
        dialer_webhook_finish(c->driver, word.key[0] ? word.key : c->key, &word.result);
        is_end = true;
    } else if (word.kind == DIALER_WEBHOOK_PROGRESS) {
        c->driver->context.progress(c->driver->context.ctx, c->key, word.stage);
    }
    explicit_bzero(&word, sizeof(word));
    return is_end;
}

/* ---- waiting for the outcome */

static void wait_for_outcome(struct hook_call *c)
{
    int64_t left_us = c->give_up_us - instant_monotonic_us();
    int64_t poll_us = c->driver->context.settings->webhook_poll_us;
    c->is_sent = true;
    loop_timer_after(c->timer, poll_us > 0 && poll_us < left_us ? poll_us
                               : left_us > 0                    ? left_us
                                                                : 0);
}

static void on_polled(void *ctx, const struct web_answer *answer)
{
    struct hook_call *c = ctx;
    c->web = NULL;
    if (answer->status == HTTP_NOT_FOUND && !c->is_taken &&
        instant_now_us() > c->start.by_us + START_SLACK_US) {
        fail(c, "never_seen", answer->status);
    } else if (answer->err.code[0] || !take_word(c, answer->body)) {
        wait_for_outcome(c);
    }
}

static void poll_outcome(struct hook_call *c)
{
    char url[URL_SIZE];
    struct text key = {0};
    for (const char *p = c->key; *p; p++) {
        text_appendf(&key, *p == '/' ? "%%2F" : "%c", *p);
    }
    (void)text_format(url, sizeof(url), "%s/%s", c->driver->context.settings->webhook_url,
                      key.data);
    text_free(&key);
    send_request(c, "GET", url, (struct bytes){.data = NULL}, on_polled);
}

/* ---- sending */

static void on_sent(void *ctx, const struct web_answer *answer);

static void send_order(struct hook_call *c)
{
    send_request(c, "POST", c->driver->context.settings->webhook_url,
                 (struct bytes){c->body.data, c->body.len}, on_sent);
}

static void send_later(struct hook_call *c, const struct web_answer *answer)
{
    uint64_t random;
    randombytes_buf(&random, sizeof(random));
    int64_t wait_us = backoff_delay_us(&sending, c->attempt++, random);
    int64_t asked_us = answer->retry_after_s < START_SLACK_US / DURATION_S
                           ? answer->retry_after_s * DURATION_S
                           : START_SLACK_US;
    wait_us = asked_us > wait_us ? asked_us : wait_us;
    if (dialer_start_is_past(c->start, dialer_clocks_in(wait_us))) {
        fail(c, "not_taken_in_time", answer->status);
    } else {
        loop_timer_after(c->timer, wait_us);
    }
}

/* A service that is too busy says when to come again. Without that it may be a proxy's word, whose
 * service took the order and then broke off. */
static bool is_put_off(const struct web_answer *answer)
{
    return answer->status == HTTP_TOO_MANY ||
           (answer->status == HTTP_UNAVAILABLE && answer->retry_after_s > 0);
}

static void on_sent(void *ctx, const struct web_answer *answer)
{
    struct hook_call *c = ctx;
    int status = answer->status;
    c->web = NULL;
    if (answer->is_certain || is_put_off(answer)) {
        send_later(c, answer);
        return;
    }
    bool is_success = !answer->err.code[0];
    if (!is_success && status != HTTP_CONFLICT && status >= 300 && status < 500) {
        fail(c, "refused", status);
        return;
    }
    if (!is_success && status != HTTP_CONFLICT) {
        log_warning("webhook_unsure", LOG_TEXT("order", c->key), LOG_INT("status", status),
                    LOG_ERR(&answer->err));
    }
    c->is_taken = is_success || status == HTTP_CONFLICT;
    if (!is_success || !take_word(c, answer->body)) {
        explicit_bzero(c->body.data, c->body.len);
        buffer_free(&c->body);
        wait_for_outcome(c);
    }
}

static void on_timer(void *ctx)
{
    struct hook_call *c = ctx;
    if (!c->is_sent && dialer_start_is_past(c->start, dialer_clocks_in(0))) {
        fail(c, "not_taken_in_time", 0); /* stopped, or asleep, since the timer was set */
    } else if (!c->is_sent) {
        send_order(c);
    } else if (instant_monotonic_us() >= c->give_up_us) {
        give_up(c);
    } else {
        poll_outcome(c);
    }
}

/* ---- the driver */

static struct hook_call *new_call(struct dialer_webhook *w, const char *key)
{
    struct hook_call *c = xcalloc(1, sizeof(*c));
    c->driver = w;
    (void)text_copy(c->key, sizeof(c->key), key);
    c->give_up_us = instant_monotonic_us() + w->context.settings->webhook_give_up_us;
    c->timer = loop_timer_new(w->context.loop, on_timer, c);
    add_call(c);
    return c;
}

static void dial(void *driver, const struct dialer_order *order)
{
    struct dialer_webhook *w = driver;
    struct hook_call *c = new_call(w, order->key);
    (void)text_copy(c->trace, sizeof(c->trace), order->trace);
    c->start = dialer_order_start(order);
    c->offset_us = order->now_us - instant_now_us();
    dialer_webhook_write(order, w->context.settings->webhook_callback, &c->body);
    send_order(c);
}

/* Whether it was sent before we died is not known: it is asked for, or its callback waited for, but
 * not for ever. */
static void resume(void *driver, const char *key)
{
    struct dialer_webhook *w = driver;
    struct hook_call *c = new_call(w, key);
    c->start.by_us = instant_now_us() + START_SLACK_US; /* at least */
    if (w->context.settings->webhook_poll_us > 0) {
        c->is_sent = true;
        loop_timer_after(c->timer, 0);
    } else {
        wait_for_outcome(c);
    }
}

static int check(const struct dialer_driver_context *context, struct err *err)
{
    const struct dialer_settings *s = context->settings;
    if (!web_url_is_valid(s->webhook_url)) {
        return err_set_field(err, "setting_invalid", "webhook_url",
                             "http:// or https:// is needed");
    }
    if (!context->http && s->webhook_poll_us <= 0) {
        return err_set_field(err, "setting_invalid", "webhook_poll",
                             "without http no callback can come: webhook_poll is needed");
    }
    return 0;
}

static void close_driver(void *driver)
{
    struct dialer_webhook *w = driver;
    if (!w) {
        return;
    }
    for (struct hook_call *c = w->calls, *next; c; c = next) {
        next = c->hh.next;
        forget(c);
    }
    web_client_free(w->client);
    webhook_secrets_wipe(&w->secrets);
    free(w->waiting);
    free(w);
}

static void *open_driver(const struct dialer_driver_context *context, struct err *err)
{
    const struct dialer_settings *s = context->settings;
    const struct web_client_options options = {.ca_file = s->ca_file, .proxy = s->proxy};
    if (check(context, err) < 0) {
        return NULL;
    }
    struct dialer_webhook *w = xcalloc(1, sizeof(*w));
    w->context = *context;
    if (webhook_secrets_read(s->webhook_secret_file, &w->secrets, err) < 0) {
        (void)err_prefix(err, "webhook_secret_file");
        close_driver(w);
        return NULL;
    }
    w->client = web_client_new(context->loop, &options, err);
    if (!w->client) {
        close_driver(w);
        return NULL;
    }
    w->failed = metrics_counter(context->metrics, "troth_dialer_webhook_failed_total", NULL,
                                "Orders that the other service certainly did not take.");
    w->dead = metrics_counter(context->metrics, "troth_dialer_webhook_dead_total", NULL,
                              "Orders of which nothing was heard any more.");
    if (context->http) {
        dialer_webhook_open_door(w);
    }
    return w;
}

const struct dialer_driver dialer_webhook = {
    .name = "webhook",
    .channels = 1U << TROTH__V1__CHANNEL__CHANNEL_CALL | 1U << TROTH__V1__CHANNEL__CHANNEL_MESSAGE,
    .open = open_driver,
    .dial = dial,
    .resume = resume,
    .synced = dialer_webhook_answer_waiting,
    .close = close_driver,
};
