/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dialer_mail.c - the driver that sends mail: the words of the order and a link by which the
 * customer answers on reporting's page. The answer comes from there; here a call ends as SENT.
 *
 *   taken by the mail server           SENT
 *   the address was refused            INVALID_NUMBER
 *   otherwise certainly not taken      again with backoff until the start-by, then FAILED
 *   nobody knows                       given up: it stays placed, and a person looks
 *
 * Nobody knows when the connection is lost after the first byte of the mail, or when we die after
 * the journal said "placed". A second mail is never sent for an order; there is no resume(), for a
 * mail server cannot be asked. The Message-ID is made of the order's key, so that a person can
 * search the server's log for it.
 */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>
#include <utlist.h>

#include "common/base/backoff.h"
#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/answer_link.h"
#include "common/runtime/mail_account.h"
#include "common/runtime/mail_text.h"
#include "common/runtime/metrics.h"
#include "common/runtime/web_client.h"
#include "dialer.pb-c.h"
#include "services/dialer/dialer_driver.h"
#include "services/dialer/dialer_mail_words.h"
#include "services/dialer/dialer_settings.h"

static const struct backoff sending = {.base_us = 250 * DURATION_MS, .cap_us = 5 * DURATION_S};

struct mail_driver {
    struct dialer_driver_context context;
    struct web_client *client;
    struct webhook_secrets secrets; /* of answer links */
    struct mail_account account;
    struct mail_call *calls;
    int64_t *unknown;
};

struct mail_call {
    struct mail_driver *driver;
    char key[DIALER_KEY_SIZE];
    char to[DIALER_PHONE_SIZE];
    struct buffer content;
    struct dialer_start start;
    int64_t now_us; /* business time of the order */
    unsigned attempt;
    struct web_call *web;
    struct loop_timer *timer;
    struct mail_call *prev, *next;
};

/* ---- ends */

static void forget(struct mail_call *c)
{
    DL_DELETE(c->driver->calls, c);
    web_call_cancel(c->web);
    loop_timer_free(c->timer);
    if (c->content.data) {
        explicit_bzero(c->content.data, c->content.len);
    }
    buffer_free(&c->content);
    explicit_bzero(c, sizeof(*c));
    free(c);
}

static void finish(struct mail_call *c, Troth__V1__CallOutcome outcome)
{
    const struct dialer_driver_context *context = &c->driver->context;
    const struct dialer_result result = {
        .outcome = (int32_t)outcome,
        .started_us = c->now_us,
        .ended_us = c->now_us,
    };
    context->finished(context->ctx, c->key, &result);
    forget(c);
}

static void give_up(struct mail_call *c)
{
    const struct dialer_driver_context *context = &c->driver->context;
    (*c->driver->unknown)++;
    context->given_up(context->ctx, c->key);
    forget(c);
}

/* ---- sending */

static void send_later(struct mail_call *c)
{
    uint64_t random;
    randombytes_buf(&random, sizeof(random));
    int64_t wait_us = backoff_delay_us(&sending, c->attempt++, random);
    if (dialer_start_is_past(c->start, dialer_clocks_in(wait_us))) {
        finish(c, TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_FAILED);
    } else {
        loop_timer_after(c->timer, wait_us);
    }
}

static bool is_for_ever(int status)
{
    return status >= 500;
}

static void on_sent(void *ctx, const struct web_answer *answer)
{
    struct mail_call *c = ctx;
    c->web = NULL;
    if (!answer->err.code[0]) {
        finish(c, TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_SENT);
        return;
    }
    log_warning("mail_not_sent", LOG_TEXT("order", c->key), LOG_INT("status", answer->status),
                LOG_INT("is_certain", answer->is_certain), LOG_ERR(&answer->err));
    if (!answer->is_certain) {
        give_up(c);
    } else if (answer->is_recipient && is_for_ever(answer->status)) {
        finish(c, TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_INVALID_NUMBER);
    } else if (is_for_ever(answer->status)) {
        finish(c, TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_FAILED);
    } else {
        send_later(c);
    }
}

static void send_mail(struct mail_call *c)
{
    c->web = mail_account_send(&c->driver->account, c->driver->client, c->to,
                               (struct bytes){c->content.data, c->content.len}, on_sent, c);
}

/* The process may have been stopped, or the machine asleep, since the timer was set. */
static void send_again(void *ctx)
{
    struct mail_call *c = ctx;
    if (dialer_start_is_past(c->start, dialer_clocks_in(0))) {
        finish(c, TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_FAILED);
    } else {
        send_mail(c);
    }
}

/* ---- the mail */

static void append_link(const struct mail_driver *m, const struct dialer_order *order,
                        struct text *out)
{
    const struct dialer_settings *s = m->context.settings;
    struct answer_link *link = xcalloc(1, sizeof(*link));
    (void)text_copy(link->key, sizeof(link->key), order->key);
    (void)text_copy(link->language, sizeof(link->language), order->language);
    link->until_us = instant_now_us() + s->answer_for_us;
    for (size_t i = 0; i < order->item_count && i < ANSWER_LINK_ITEMS_MAX; i++) {
        struct answer_link_item *item = &link->items[link->item_count++];
        (void)text_copy(item->code, sizeof(item->code), order->items[i].code);
        (void)text_copy(item->question, sizeof(item->question), order->items[i].question);
        item->instrument = order->items[i].instrument;
        item->low = order->items[i].low;
        item->high = order->items[i].high;
        item->service_case = order->items[i].service_case;
    }
    text_appendf(out, "%s?t=", s->answer_url);
    answer_link_write(&m->secrets, link, out);
    free(link);
}

static void write_mail(const struct mail_driver *m, const struct dialer_order *order,
                       struct buffer *out)
{
    const struct dialer_settings *s = m->context.settings;
    struct text link = {0}, plain = {0}, html = {0};
    char id[MAIL_MESSAGE_ID_SIZE];
    if (!text_is_empty(s->answer_url) && order->item_count > 0) {
        append_link(m, order, &link);
    }
    const char *subject = dialer_mail_words(order, text_or_empty(&link), &plain, &html);
    const struct mail_text mail = {
        .from = s->mail_from,
        .from_name = s->mail_from_name,
        .to = order->address,
        .subject = subject,
        .message_id = mail_account_message_id(&m->account, order->key, id),
        .language = order->language,
        .plain = text_or_empty(&plain),
        .html = text_or_empty(&html),
        .at_us = instant_now_us(),
    };
    mail_text_write(&mail, out);
    text_free(&link);
    text_free(&plain);
    text_free(&html);
}

static void dial(void *driver, const struct dialer_order *order)
{
    struct mail_driver *m = driver;
    struct mail_call *c = xcalloc(1, sizeof(*c));
    c->driver = m;
    c->start = dialer_order_start(order);
    c->now_us = order->now_us;
    c->timer = loop_timer_new(m->context.loop, send_again, c);
    (void)text_copy(c->key, sizeof(c->key), order->key);
    (void)text_copy(c->to, sizeof(c->to), order->address);
    DL_APPEND(m->calls, c);
    if (!web_address_is_valid(order->address)) {
        finish(c, TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_INVALID_NUMBER);
        return;
    }
    write_mail(m, order, &c->content);
    send_mail(c);
}

/* ---- opening */

static int open_account(struct mail_driver *m, struct err *err)
{
    const struct dialer_settings *s = m->context.settings;
    const struct mail_account_settings settings = {
        .server = s->mail_server,
        .needs_starttls = s->mail_starttls,
        .from = s->mail_from,
        .from_name = s->mail_from_name,
        .user = s->mail_user,
        .password_file = s->mail_password_file,
        .timeout_us = s->mail_timeout_us,
    };
    if (!text_is_empty(s->answer_url) && !web_url_is_valid(s->answer_url)) {
        return err_set_field(err, "setting_invalid", "answer_url", "http:// or https:// is needed");
    }
    return mail_account_open(&m->account, &settings, err);
}

static int read_secrets(struct mail_driver *m, struct err *err)
{
    const struct dialer_settings *s = m->context.settings;
    if (!text_is_empty(s->answer_url) &&
        webhook_secrets_read(s->answer_secret_file, &m->secrets, err) < 0) {
        return err_prefix(err, "answer_secret_file");
    }
    return 0;
}

static void close_driver(void *driver)
{
    struct mail_driver *m = driver;
    if (m) {
        for (struct mail_call *c = m->calls, *next; c; c = next) {
            next = c->next;
            forget(c);
        }
        web_client_free(m->client);
        explicit_bzero(m, sizeof(*m));
        free(m);
    }
}

static void *open_driver(const struct dialer_driver_context *context, struct err *err)
{
    const struct web_client_options options = {.ca_file = context->settings->ca_file};
    struct mail_driver *m = xcalloc(1, sizeof(*m));
    m->context = *context;
    bool is_open = open_account(m, err) == 0 && read_secrets(m, err) == 0;
    m->client = is_open ? web_client_new(context->loop, &options, err) : NULL;
    if (!m->client) {
        close_driver(m);
        return NULL;
    }
    m->unknown = metrics_counter(context->metrics, "troth_dialer_mail_unknown_total", NULL,
                                 "Mails of which nobody knows whether they were sent.");
    return m;
}

const struct dialer_driver dialer_mail = {
    .name = "mail",
    .channels = 1U << TROTH__V1__CHANNEL__CHANNEL_MAIL,
    .open = open_driver,
    .dial = dial,
    .close = close_driver,
};
