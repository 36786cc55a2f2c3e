/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answer_page.c - one POST:
 *
 * 1. the link's signature and expiry, before anything else is looked at
 * 2. the values that are in the scale of the link's questions
 * 3. from the database: whom the follow-up is about
 * 4. records to intake; when all have their receipts the page says thanks, or that these questions
 *    were answered before (their keys were used for another body)
 *
 * Killed between 3 and 4, or without an answer of intake in time: the customer is asked to try
 * again, which sends the same keys.
 */
#include "services/reporting/answer_page.h"

#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "services/reporting/answer_html.h"
#include "services/reporting/answer_page_store.h"
#include "services/reporting/form_field.h"
#include "services/reporting/page_frame.h"
#include "services/reporting/record_desk.h"
#include "services/reporting/web_door.h"
#include "services/reporting/web_rates.h"

enum {
    OPEN_MAX = 256,
    WINDOW = OPEN_MAX * ANSWER_PAGE_RECORDS_MAX,
};
#define WAIT_US (10 * DURATION_S)
/* Behind one address may be many customers. */
static const struct token_rate address_rate = {.per_second = 5, .burst = 600};

/* A POST that waits. */
struct answering {
    struct answer_page *page;
    struct http_exchange *exchange;
    struct answer_link link;
    struct answer_form form;
    struct answer_page_list list;
    int64_t follow_up;
    struct db *db;
    struct loop_timer *timer;
    struct answering *prev, *next;
};

struct answer_page {
    struct reporting *reporting;
    struct webhook_secrets secrets;
    struct record_desk *records;
    struct web_rates *addresses; /* their POSTs */
    struct answering *open;
    size_t open_count;
    int64_t *shown, *answered, *again, *refused;
};

/* ---- ends */

static void say(struct http_exchange *exchange, int status, enum answer_message message,
                const char *language)
{
    struct http_response r = {.status = status, .retry_after_s = status == 429 ? 60 : 0};
    page_frame_headers(&r);
    answer_html_message(message, language, &r.body);
    http_answer(exchange, &r);
}

static void drop(struct answering *a)
{
    struct answer_page *p = a->page;
    db_pool_withdraw(p->reporting->service->db, a);
    if (a->db) {
        db_abandon(a->db);
    }
    record_desk_withdraw(p->records, a);
    DL_DELETE(p->open, a);
    p->open_count--;
    loop_timer_free(a->timer);
    answer_page_list_free(&a->list);
    explicit_bzero(a, sizeof(*a));
    free(a);
}

static void end(struct answering *a, int status, enum answer_message message)
{
    say(a->exchange, status, message, a->link.language);
    drop(a);
}

static void on_late(void *ctx)
{
    struct answering *a = ctx;
    log_warning("answer_late", LOG_TEXT("order", a->link.key));
    end(a, 503, ANSWER_TRY_AGAIN);
}

/* ---- 4 */

static void on_receipts(void *ctx, const struct record_tally *tally)
{
    struct answering *a = ctx;
    struct answer_page *p = a->page;
    if (tally->accepted == 0 && tally->known > 0) {
        (*p->again)++;
        end(a, 200, ANSWER_ALREADY);
    } else if (tally->failed > 0) {
        log_warning("answer_not_all", LOG_TEXT("order", a->link.key),
                    LOG_INT("records", tally->accepted), LOG_INT("failed", tally->failed));
        end(a, 500, tally->accepted > 0 ? ANSWER_PARTLY : ANSWER_TRY_AGAIN);
    } else {
        (*p->answered)++;
        log_info("answered", LOG_TEXT("order", a->link.key), LOG_INT("records", tally->accepted));
        end(a, 200, ANSWER_THANKS);
    }
}

static void send_records(struct answering *a, const struct answer_page_subjects *subjects)
{
    struct answer_page *p = a->page;
    answer_page_records(&a->link, &a->form, subjects, service_now_us(p->reporting->service),
                        &a->list);
    record_desk_send(p->records, a->list.records, a->list.count, &a->list.packed, on_receipts, a);
}

/* ---- 3 */

static void on_found(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct answering *a = ctx;
    struct answer_page_subjects subjects;
    bool is_ok = reply->outcome == DB_OK;
    bool is_found = is_ok && answer_page_store_take(reply->rows[0], a->follow_up, &subjects);
    if (!is_ok) {
        log_warning("answer_failed", LOG_ERR(&reply->err));
    }
    a->db = NULL;
    db_release(db);
    if (!is_ok) {
        end(a, 503, ANSWER_TRY_AGAIN);
    } else if (!is_found) {
        end(a, 404, ANSWER_UNKNOWN_LINK);
    } else {
        send_records(a, &subjects);
    }
}

static void find_subject(void *ctx, struct db *db)
{
    struct answering *a = ctx;
    a->db = db;
    answer_page_store_put(db, a->follow_up, &a->link);
    db_run(db, on_found, a);
}

/* ---- 1 and 2 */

/* "F-1234-5/1" is about follow-up F-1234-5. */
static int follow_up_of(const char *key, int64_t *ret_number)
{
    char text[ANSWER_LINK_KEY_SIZE];
    (void)text_copy(text, sizeof(text), key);
    text[strcspn(text, "/")] = '\0';
    return identifier_parse(IDENTIFIER_FOLLOW_UP, text, ret_number, NULL);
}

static void begin(struct answer_page *p, const struct answer_link *link,
                  const struct answer_form *form, struct http_exchange *exchange)
{
    int64_t follow_up;
    if (follow_up_of(link->key, &follow_up) < 0) {
        say(exchange, 404, ANSWER_UNKNOWN_LINK, link->language);
        return;
    }
    if (p->open_count >= OPEN_MAX || p->reporting->service->is_draining) {
        say(exchange, 503, ANSWER_TRY_AGAIN, link->language);
        return;
    }
    struct answering *a = xcalloc(1, sizeof(*a));
    a->page = p;
    a->exchange = exchange;
    a->link = *link;
    a->form = *form;
    a->follow_up = follow_up;
    a->timer = loop_timer_new(p->reporting->service->loop, on_late, a);
    loop_timer_after(a->timer, WAIT_US);
    DL_APPEND(p->open, a);
    p->open_count++;
    db_pool_submit(p->reporting->service->db, find_subject, a);
}

static int refusal_of(const struct err *err, enum answer_message *ret_message)
{
    bool is_expired = strcmp(err->code, "link_expired") == 0;
    *ret_message = is_expired ? ANSWER_EXPIRED : ANSWER_UNKNOWN_LINK;
    return is_expired ? 410 : 404;
}

static bool has_budget(struct answer_page *p, const struct http_request *request)
{
    char address[HTTP_PEER_SIZE];
    (void)web_door_address(p->reporting->door, request, address);
    return web_rates_take(p->addresses, bytes_of_text(address), instant_monotonic_us()) == 0;
}

static void on_post(void *ctx, const struct http_request *request, struct http_exchange *exchange)
{
    struct answer_page *p = ctx;
    if (!has_budget(p, request)) {
        (*p->refused)++;
        say(exchange, 429, ANSWER_TOO_OFTEN, "");
        return;
    }
    struct text token = {0};
    struct answer_link *link = xcalloc(1, sizeof(*link));
    struct answer_form form;
    struct err err = ERR_NONE;
    enum answer_message message;
    if (!form_field(request->body, "t", &token) ||
        answer_link_read(&p->secrets, token.data, instant_now_us(), link, &err) < 0) {
        (*p->refused)++;
        int status = refusal_of(&err, &message);
        say(exchange, status, message, "");
    } else {
        answer_form_read(request->body, link, &form);
        if (answer_form_is_empty(&form, link)) {
            struct http_response r = {.status = 400};
            page_frame_headers(&r);
            answer_html_questions(link, token.data, true, &r.body);
            http_answer(exchange, &r);
        } else {
            begin(p, link, &form, exchange);
        }
        explicit_bzero(&form, sizeof(form));
    }
    text_free(&token);
    free(link);
}

static void on_get(void *ctx, const struct http_request *request, struct http_response *r)
{
    struct answer_page *p = ctx;
    const char *token = http_query(request, "t");
    struct answer_link *link = xcalloc(1, sizeof(*link));
    struct err err = ERR_NONE;
    enum answer_message message;
    page_frame_headers(r);
    if (answer_link_read(&p->secrets, token, instant_now_us(), link, &err) < 0) {
        (*p->refused)++;
        r->status = refusal_of(&err, &message);
        answer_html_message(message, "", &r->body);
    } else {
        (*p->shown)++;
        answer_html_questions(link, token, false, &r->body);
    }
    free(link);
}

/* ---- life */

static int connect_intake(struct answer_page *p, struct err *err)
{
    const struct reporting_settings *s = p->reporting->settings;
    if (webhook_secrets_read(s->answer_secret_file, &p->secrets, err) < 0) {
        return err_prefix(err, "answer_secret_file");
    }
    p->records = record_desk_new(p->reporting, WINDOW, err);
    return p->records ? 0 : -1;
}

static void open_routes(struct answer_page *p)
{
    static const char name[] = "troth_reporting_answers_total";
    static const char help[] = "What became of requests for the answer page.";
    struct metrics *m = p->reporting->service->metrics;
    const struct http_later_route post = {
        .method = "POST",
        .path = "/answer",
        .content_type = "application/x-www-form-urlencoded",
        .handler = on_post,
        .ctx = p,
    };
    p->shown = metrics_counter(m, name, "result=\"shown\"", help);
    p->answered = metrics_counter(m, name, "result=\"answered\"", help);
    p->again = metrics_counter(m, name, "result=\"again\"", help);
    p->refused = metrics_counter(m, name, "result=\"refused\"", help);
    http_route(p->reporting->service->http, "GET", "/answer", on_get, p);
    http_route_later(p->reporting->service->http, &post);
}

struct answer_page *answer_page_new(struct reporting *r, struct err *err)
{
    struct answer_page *p = xcalloc(1, sizeof(*p));
    p->reporting = r;
    p->addresses = web_rates_new(address_rate, 1);
    if (connect_intake(p, err) < 0) {
        answer_page_free(p);
        return NULL;
    }
    open_routes(p);
    return p;
}

void answer_page_free(struct answer_page *p)
{
    if (p) {
        for (struct answering *a = p->open, *next; a; a = next) {
            next = a->next;
            drop(a);
        }
        record_desk_free(p->records);
        webhook_secrets_wipe(&p->secrets);
        web_rates_free(p->addresses);
        free(p);
    }
}

size_t answer_page_open_count(const struct answer_page *p)
{
    return p ? p->open_count : 0;
}
