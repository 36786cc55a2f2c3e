/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress_visit.c - one request:
 *
 * 1. the token's hash finds the link, the case that goes on, and its customer
 * 2. what happened to the case, its promises, and the curve of such cases: one snapshot
 * 3. GET: words that somebody promised, asked of intake, which writes the reading down; the page
 * 4. POST: what was said, held against how things stand; records to intake; thanks when all of them
 *    have their receipts
 *
 * Without an answer of intake the words are left out, or the customer is asked to try again, which
 * sends the same keys. The token is nowhere kept and never logged.
 */
#include "services/reporting/progress_visit.h"

#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "services/reporting/page_frame.h"
#include "services/reporting/progress_case_store.h"
#include "services/reporting/progress_forecast_store.h"
#include "services/reporting/progress_html.h"
#include "services/reporting/progress_link_store.h"
#include "services/reporting/progress_records.h"
#include "services/reporting/progress_survey.h"
#include "services/reporting/question_shelf.h"
#include "services/reporting/report_store.h"
#include "services/reporting/web_door.h"

enum {
    OPEN_MAX = 256,
    CURVES = REPORT_STORE_FIRST + PROGRESS_CASE_SETS,
    STANDARDS,
};
#define WAIT_US  (10 * DURATION_S)
#define WORDS_US (3 * DURATION_S)

struct progress_visit {
    struct progress_page *page;
    struct http_exchange *exchange;
    uint8_t hash[PROGRESS_HASH_LEN];
    char address[HTTP_PEER_SIZE];
    bool is_post;
    struct buffer body;
    struct progress_case *c;
    const struct zone *zone; /* of the page's shelf; NULL: UTC */
    struct progress_finish finish;
    bool has_finish;
    const struct calendar *calendar; /* borrowed for the step */
    struct answer_link survey;
    int64_t slots[PROGRESS_SLOTS_MAX];
    size_t slot_count;
    struct progress_post post;
    struct answer_page_list list;
    struct db *db;
    struct loop_timer *timer;
    char request_id[REQUEST_CLIENT_ID_SIZE];
    struct progress_visit *prev, *next;
};

/* ---- ends */

static void drop(struct progress_visit *v)
{
    struct progress_page *p = v->page;

    db_pool_withdraw(p->reporting->service->db, v);
    if (v->db) {
        db_abandon(v->db);
    }
    record_desk_withdraw(p->records, v);
    request_client_forget(p->intake, v);
    DL_DELETE(p->open, v);
    p->open_count--;
    loop_timer_free(v->timer);
    answer_page_list_free(&v->list);
    progress_case_free(v->c);
    if (v->body.data) {
        explicit_bzero(v->body.data, v->body.len);
    }
    buffer_free(&v->body);
    explicit_bzero(&v->post, sizeof(v->post));
    free(v);
}

static void answer(struct http_exchange *exchange, int status, struct text body)
{
    struct http_response r = {.status = status, .body = body};

    page_frame_headers(&r);
    if (status == 429 || status == 503) {
        r.retry_after_s = 60;
    }
    http_answer(exchange, &r);
}

static void refuse(struct progress_page *p, struct http_exchange *exchange, int status,
                   enum progress_word word)
{
    struct text body = {0};

    (*p->refused)++;
    progress_html_refusal(word, &body);
    answer(exchange, status, body);
}

/* Whoever tries links that nobody has is told to wait after ten of them in a minute. */
static void refuse_stranger(struct progress_page *p, struct http_exchange *exchange,
                            const char *address)
{
    if (web_rates_take(p->strangers, bytes_of_text(address), instant_monotonic_us()) == 0) {
        refuse(p, exchange, 404, WORD_UNKNOWN_LINK);
    } else {
        refuse(p, exchange, 429, WORD_TOO_MANY);
    }
}

static void end_refused(struct progress_visit *v, int status, enum progress_word word)
{
    refuse(v->page, v->exchange, status, word);
    drop(v);
}

static void end_with(struct progress_visit *v, int status, struct text body)
{
    answer(v->exchange, status, body);
    drop(v);
}

static void end_saying(struct progress_visit *v, int status, enum progress_word title,
                       enum progress_word word)
{
    struct text body = {0};

    progress_html_message(progress_language_of(v->c->language), title, word, true, &body);
    end_with(v, status, body);
}

static void end_later(struct progress_visit *v)
{
    end_refused(v, 503, v->is_post ? WORD_TRY_AGAIN : WORD_LOOK_AGAIN);
}

static void on_late(void *ctx)
{
    struct progress_visit *v = ctx;

    log_warning("progress_late", LOG_INT("case", v->c->number));
    end_later(v);
}

/* NULL: there is none, or it was not read yet. */
static const struct questionnaire *questionnaire_of(const struct progress_visit *v)
{
    return *question_shelf_place(v->page->reporting->questions);
}

static struct progress_view view_of(const struct progress_visit *v)
{
    return (struct progress_view){
        .c = v->c,
        .language = progress_language_of(v->c->language),
        .zone = v->zone,
        .about = progress_survey_category(questionnaire_of(v), v->c),
        .finish = v->has_finish ? &v->finish : NULL,
        .record = progress_round_record(v->page->round),
        .survey = &v->survey,
        .slots = v->slots,
        .slot_count = v->slot_count,
    };
}

/* ---- 4: POST */

static void on_receipts(void *ctx, const struct record_tally *tally)
{
    struct progress_visit *v = ctx;
    struct text body = {0};

    /* A call at another hour was asked for at the same time: the page shows which. */
    bool is_other = v->post.deed == PROGRESS_CALL;

    if (tally->accepted == 0 && tally->known > 0 && !is_other) {
        (*v->page->again)++;
        end_saying(v, 200, WORD_SAVED_TITLE, WORD_ALREADY);
    } else if (tally->accepted == 0) {
        end_saying(v, 409, WORD_TITLE, WORD_NOT_NOW);
    } else if (tally->failed > 0) {
        log_warning("progress_partly_said", LOG_INT("case", v->c->number),
                    LOG_TEXT("what", progress_form_name(v->post.deed)),
                    LOG_INT("records", tally->accepted), LOG_INT("failed", tally->failed));
        end_saying(v, 500, WORD_TITLE, WORD_PARTLY);
    } else {
        struct progress_view view = view_of(v);
        (*v->page->said)++;
        log_info("progress_said", LOG_INT("case", v->c->number),
                 LOG_TEXT("what", progress_form_name(v->post.deed)),
                 LOG_INT("records", tally->accepted));
        progress_html_saved(&view, &v->post, &body);
        end_with(v, 200, body);
    }
}

static void send_records(struct progress_visit *v)
{
    char order[PROGRESS_ORDER_SIZE];

    progress_records(v->c, progress_token_order(v->hash, order), v->zone, &v->post, &v->list);
    record_desk_send(v->page->records, v->list.records, v->list.count, &v->list.packed, on_receipts,
                     v);
}

static enum progress_reading read_post(struct progress_visit *v)
{
    enum progress_reading reading = progress_form_read((struct bytes){v->body.data, v->body.len},
                                                       v->c, v->zone, &v->survey, &v->post);

    if (reading != PROGRESS_POST_GOOD || v->post.deed != PROGRESS_CALL) {
        return reading;
    }
    return progress_slots_has(v->calendar, v->zone, v->c->now_us, v->post.at_us)
               ? PROGRESS_POST_GOOD
               : PROGRESS_POST_STALE;
}

static void go_on_with_post(struct progress_visit *v)
{
    switch (read_post(v)) {
    case PROGRESS_POST_GOOD:
        send_records(v);
        break;
    case PROGRESS_POST_KNOWN:
        (*v->page->again)++;
        end_saying(v, 200, WORD_SAVED_TITLE, WORD_ALREADY);
        break;
    case PROGRESS_POST_STALE:
        end_saying(v, 409, WORD_TITLE, WORD_NOT_NOW);
        break;
    case PROGRESS_POST_EMPTY:
    case PROGRESS_POST_WRONG:
        end_saying(v, 400, WORD_TITLE, WORD_CHOOSE);
        break;
    }
}

/* ---- 3: GET */

static void show(struct progress_visit *v)
{
    struct progress_view view = view_of(v);
    struct text body = {0};

    (*v->page->shown)++;
    progress_html_page(&view, &body);
    end_with(v, 200, body);
}

static void on_words(void *ctx, const ProtobufCMessage *message)
{
    struct progress_visit *v = ctx;
    const Troth__V1__IntakeReply *reply = (const Troth__V1__IntakeReply *)message;
    const Troth__V1__DisclosureReply *d =
        reply && reply->body_case == TROTH__V1__INTAKE_REPLY__BODY_DISCLOSURE ? reply->disclosure
                                                                              : NULL;

    if (!d || !text_is_empty(d->code)) {
        log_warning("progress_without_words", LOG_INT("case", v->c->number),
                    LOG_TEXT("code", d ? d->code : "no_answer"));
    }
    for (size_t i = 0; d && i < d->n_texts; i++) {
        const Troth__V1__DisclosedText *t = d->texts[i];
        if (t->field && t->text && strcmp(t->field, "words") == 0) {
            progress_case_take_words(v->c, t->at_us, t->text);
        }
    }
    show(v);
}

/* False: there are none, or they cannot be asked for. */
static bool ask_words(struct progress_visit *v)
{
    Troth__V1__IntakeRequest request = TROTH__V1__INTAKE_REQUEST__INIT;
    Troth__V1__DisclosureRequest body = TROTH__V1__DISCLOSURE_REQUEST__INIT;
    char purpose[] = "page progress";
    bool has_words = false;

    for (size_t i = 0; i < v->c->promise_count; i++) {
        has_words |= v->c->promises[i].is_given;
    }
    if (!has_words) {
        return false;
    }
    request_client_make_id(v->request_id);
    body.request_id = v->request_id;
    body.has_kind = body.has_customer = body.has_service_case = true;
    body.kind = TROTH__V1__DISCLOSURE_KIND__DISCLOSURE_KIND_CASE_TEXTS;
    body.customer = v->c->customer;
    body.service_case = v->c->number;
    body.purpose = purpose;
    request.body_case = TROTH__V1__INTAKE_REQUEST__BODY_DISCLOSURE;
    request.disclosure = &body;
    return request_client_ask(v->page->intake, &(struct request_question){
                                                   .message = (const ProtobufCMessage *)&request,
                                                   .id = v->request_id,
                                                   .wait_us = WORDS_US,
                                                   .done = on_words,
                                                   .ctx = v,
                                               });
}

/* ---- 2 */

static void forecast(struct progress_visit *v, const struct db_rows *curves)
{
    const struct progress_case *c = v->c;
    struct progress_curve curve;
    struct survival_step *steps = NULL;

    if (progress_case_is_open(c) &&
        progress_forecast_take_curve(curves, c->owner_team, calendar_name(v->calendar), &curve,
                                     &steps, NULL)) {
        v->has_finish = progress_finish_ask(
            &curve, v->calendar, progress_case_counted_us(c, v->calendar), c->now_us, &v->finish);
    }
    free(steps);
}

static void take(struct progress_visit *v, const struct db_reply *reply)
{
    struct progress_case *c = v->c;
    const struct db_rows *standards = reply->rows[STANDARDS];

    for (size_t i = 0; i < db_row_count(standards); i++) {
        progress_standards_add(v->page->standards, (int32_t)db_get_int(standards, i, 0),
                               db_get_text(standards, i, 1));
    }
    progress_case_store_take(reply->rows + REPORT_STORE_FIRST, c);
    v->calendar = NULL;
    if (progress_standards_calendar(v->page->standards, c->standard_id, c->rule, c->branch,
                                    &v->calendar)) {
        forecast(v, reply->rows[CURVES]);
    }
    v->slot_count = progress_slots(v->calendar, v->zone, c->now_us, v->slots);
    progress_survey_of(questionnaire_of(v), c, &v->survey);
}

static void on_read(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct progress_visit *v = ctx;
    bool is_ok = reply->outcome == DB_OK;

    if (is_ok) {
        take(v, reply);
    } else {
        log_warning("progress_failed", LOG_ERR(&reply->err));
    }
    v->db = NULL;
    db_release(db);
    if (!is_ok) {
        end_later(v);
    } else if (v->is_post) {
        go_on_with_post(v);
    } else if (!ask_words(v)) {
        show(v);
    }
}

static void read_case(struct progress_visit *v, struct db *db)
{
    const struct progress_case *c = v->c;
    bool is_known = progress_standards_knows(v->page->standards, c->standard_id);

    report_store_begin(db);
    progress_case_store_ask(db, c);
    progress_forecast_put_curves(db, c->owner_team);
    progress_forecast_put_standards(db, &c->standard_id, is_known ? 0 : 1);
    db_commit(db);
    db_run(db, on_read, v);
}

/* ---- 1 */

/* The customer's own zone, else the branch's, else that of the figures. */
static const struct zone *zone_of(struct progress_page *p, const struct progress_case *c)
{
    (void)zone_shelf_refresh(p->zones);
    const struct zone *zone = zone_shelf_find(p->zones, c->time_zone);

    return zone ? zone : zone_shelf_find(p->zones, p->reporting->settings->time_zone);
}

/* Of a link that there is: whoever sends made-up ones takes nothing from the customers', which may
 * share a place with them. */
static bool has_budget(const struct progress_visit *v)
{
    struct web_rates *rates = v->is_post ? v->page->sayings : v->page->looks;

    return web_rates_take(rates, (struct bytes){v->hash, PROGRESS_HASH_LEN},
                          instant_monotonic_us()) == 0;
}

static void on_found(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct progress_visit *v = ctx;
    enum progress_link_state state = (enum progress_link_state)0;

    if (reply->outcome == DB_OK) {
        state = progress_link_store_take(reply->rows[0],
                                         service_now_us(v->page->reporting->service), v->c);
    } else {
        log_warning("progress_failed", LOG_ERR(&reply->err));
    }
    const bool is_too_often = state == PROGRESS_LINK_GOOD && !has_budget(v);
    if (state == PROGRESS_LINK_GOOD && !is_too_often) {
        v->zone = zone_of(v->page, v->c);
        read_case(v, db);
        return;
    }
    v->db = NULL;
    db_release(db);
    if (state == PROGRESS_LINK_UNKNOWN) {
        refuse_stranger(v->page, v->exchange, v->address);
        drop(v);
    } else if (is_too_often) {
        end_refused(v, 429, WORD_TOO_OFTEN);
    } else if (state == PROGRESS_LINK_ENDED) {
        end_refused(v, 410, WORD_EXPIRED_LINK);
    } else if (state == PROGRESS_LINK_GONE) {
        end_refused(v, 410, WORD_GONE);
    } else {
        end_later(v);
    }
}

static void find_link(void *ctx, struct db *db)
{
    struct progress_visit *v = ctx;

    v->db = db;
    progress_link_store_find(db, v->hash);
    db_run(db, on_found, v);
}

void progress_visit_begin(struct progress_page *p, const struct http_request *request,
                          const struct bytes *body, struct http_exchange *exchange)
{
    uint8_t hash[PROGRESS_HASH_LEN];
    char address[HTTP_PEER_SIZE];

    (void)web_door_address(p->reporting->door, request, address);
    if (!progress_token_hash(request->rest, hash)) {
        refuse_stranger(p, exchange, address);
        return;
    }
    if (web_rates_take(p->addresses, bytes_of_text(address), instant_monotonic_us()) > 0) {
        refuse(p, exchange, 429, WORD_TOO_OFTEN);
        return;
    }
    if (p->open_count >= OPEN_MAX || p->reporting->service->is_draining) {
        refuse(p, exchange, 503, body ? WORD_TRY_AGAIN : WORD_LOOK_AGAIN);
        return;
    }
    struct progress_visit *v = xcalloc(1, sizeof(*v));
    v->page = p;
    v->exchange = exchange;
    memcpy(v->hash, hash, sizeof(hash));
    (void)text_copy(v->address, sizeof(v->address), address);
    v->is_post = body != NULL;
    if (body) {
        buffer_append(&v->body, body->data, body->len);
    }
    v->c = xcalloc(1, sizeof(*v->c));
    v->timer = loop_timer_new(p->reporting->service->loop, on_late, v);
    loop_timer_after(v->timer, WAIT_US);
    DL_APPEND(p->open, v);
    p->open_count++;
    db_pool_submit(p->reporting->service->db, find_link, v);
}

void progress_visit_abandon_all(struct progress_page *p)
{
    struct progress_visit *v, *next;

    DL_FOREACH_SAFE(p->open, v, next)
    {
        drop(v);
    }
}
