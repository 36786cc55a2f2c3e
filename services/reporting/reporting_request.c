/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reporting_request.c - report requests, over the bus and from the pages: one way in for both.
 *
 * 1. check right (the door's matter over HTTP), form and question -> answered at once if any is
 * wrong
 * 2. a reference: find its source, then the customer   -> customer_unknown, reference_ambiguous
 * 3. read everything in one read-only snapshot, answer in one message
 */
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/runtime/message_check.h"
#include "services/reporting/overview_store.h"
#include "services/reporting/progress_links.h"
#include "services/reporting/question_shelf.h"
#include "services/reporting/report_backlog_store.h"
#include "services/reporting/report_case_store.h"
#include "services/reporting/report_catalogue_store.h"
#include "services/reporting/report_customer_store.h"
#include "services/reporting/report_desk.h"
#include "services/reporting/report_figures_store.h"
#include "services/reporting/report_list_store.h"
#include "services/reporting/report_question.h"
#include "services/reporting/report_reply.h"
#include "services/reporting/report_store.h"
#include "services/reporting/report_table.h"
#include "services/reporting/reporting.h"
#include "services/reporting/today_store.h"

/* Sends and frees the reply, ends the inquiry and gives the connection back. */
static void answer(struct inquiry *q, struct db *db, Troth__V1__ReportReply *reply)
{
    inquiry_answer(q, &reply->base);
    troth__v1__report_reply__free_unpacked(reply, NULL);
    db_release(db);
}

static void answer_error(struct inquiry *q, struct db *db, const char *code, const char *text)
{
    const struct report_question *question = inquiry_question(q);

    answer(q, db, report_reply_new(question->request_id, code, text));
}

/* Returns whether the step worked; otherwise the inquiry has ended. */
static bool is_answered(struct inquiry *q, struct db *db, const struct db_reply *reply)
{
    if (reply->outcome == DB_OK) {
        return true;
    }
    log_warning("report_request_failed", LOG_ERR(&reply->err));
    answer_error(q, db, "unavailable", "the database did not answer: ask again");
    return false;
}

/* ---- answers */

static void on_overview(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct inquiry *q = ctx;
    const struct report_question *question = inquiry_question(q);
    const struct reporting *r = inquiry_owner(q);
    struct overview overview = {.events_behind = 0};

    if (!is_answered(q, db, reply)) {
        return;
    }
    overview_store_take(reply, &overview);
    const struct overview_frame frame = {
        .request_id = question->request_id,
        .from_day = question->from_day,
        .to_day = question->to_day,
        .time_zone = r->settings->time_zone,
    };
    answer(q, db, overview_reply(&overview, &frame, question->answer_max));
    overview_free(&overview);
}

static void on_case(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct inquiry *q = ctx;
    const struct report_question *question = inquiry_question(q);

    if (!is_answered(q, db, reply)) {
        return;
    }
    Troth__V1__CaseView *view = report_case_store_take(reply);
    if (view == NULL) {
        answer_error(q, db, "case_unknown", "there is no such case");
        return;
    }
    Troth__V1__ReportReply *message = report_reply_new(question->request_id, NULL, NULL);
    message->body_case = TROTH__V1__REPORT_REPLY__BODY_SERVICE_CASE;
    message->service_case = view;
    report_reply_fit(message, question->answer_max);
    answer(q, db, message);
}

static void on_customer(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct inquiry *q = ctx;
    const struct report_question *question = inquiry_question(q);

    if (!is_answered(q, db, reply)) {
        return;
    }
    Troth__V1__CustomerView *view = report_customer_store_take(reply, question->may_read);
    if (view == NULL) {
        answer_error(q, db, "customer_unknown", "there is no such customer");
        return;
    }
    Troth__V1__ReportReply *message = report_reply_new(question->request_id, NULL, NULL);
    message->body_case = TROTH__V1__REPORT_REPLY__BODY_CUSTOMER;
    message->customer = view;
    report_reply_fit(message, question->answer_max);
    answer(q, db, message);
}

static void on_backlog(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct inquiry *q = ctx;
    const struct report_question *question = inquiry_question(q);

    if (!is_answered(q, db, reply)) {
        return;
    }
    Troth__V1__ReportReply *message = report_reply_new(question->request_id, NULL, NULL);
    message->body_case = TROTH__V1__REPORT_REPLY__BODY_BACKLOG;
    message->backlog = report_backlog_store_take(reply);
    answer(q, db, message);
}

static void on_identity_questions(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct inquiry *q = ctx;
    const struct report_question *question = inquiry_question(q);

    if (!is_answered(q, db, reply)) {
        return;
    }
    Troth__V1__ReportReply *message = report_reply_new(question->request_id, NULL, NULL);
    message->body_case = TROTH__V1__REPORT_REPLY__BODY_IDENTITY_QUESTIONS;
    message->identity_questions = report_customer_store_take_questions(reply);
    answer(q, db, message);
}

/* The engine, or the report's own. */
static void ask_figures(struct db *db, const struct report_frame *frame)
{
    report_store_begin(db);
    report_store_ask_behind(db);
    if (frame->kind->ask) {
        frame->kind->ask(db, frame);
    } else {
        report_figures_store_ask(db, frame);
    }
    db_commit(db);
}

static int take_figures(const struct db_reply *reply, const struct report_frame *frame,
                        Troth__V1__FigureTable *table, struct err *err)
{
    const size_t first = REPORT_STORE_FIRST + 1;
    int rc = 0;

    table->has_events_behind = true;
    table->events_behind = db_get_int(reply->rows[REPORT_STORE_FIRST], 0, 0);
    if (frame->kind->take) {
        frame->kind->take(reply, first, frame, table);
    } else {
        rc = report_figures_store_take(reply, first, frame, table, err);
    }
    if (rc == 0) {
        report_table_finish(table, frame);
    }
    return rc;
}

static void on_figures(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct inquiry *q = ctx;
    const struct report_question *question = inquiry_question(q);
    struct err err = ERR_NONE;

    if (!is_answered(q, db, reply)) {
        return;
    }
    Troth__V1__FigureTable *table = report_table_new(&question->frame);
    if (take_figures(reply, &question->frame, table, &err) < 0) {
        log_error("report_figures_malformed", LOG_ERR(&err));
        troth__v1__figure_table__free_unpacked(table, NULL);
        answer_error(q, db, "unavailable", "the figures cannot be read: see the log");
        return;
    }
    Troth__V1__ReportReply *message = report_reply_new(question->request_id, NULL, NULL);
    message->body_case = TROTH__V1__REPORT_REPLY__BODY_FIGURES;
    message->figures = table;
    report_reply_fit(message, question->answer_max);
    answer(q, db, message);
}

static void on_catalogue(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct inquiry *q = ctx;
    const struct report_question *question = inquiry_question(q);
    const struct reporting *r = inquiry_owner(q);

    if (!is_answered(q, db, reply)) {
        return;
    }
    Troth__V1__ReportReply *message = report_reply_new(question->request_id, NULL, NULL);
    message->body_case = TROTH__V1__REPORT_REPLY__BODY_CATALOGUE;
    message->catalogue =
        report_catalogue_store_take(reply, r->settings->time_zone, question->language);
    report_reply_fit(message, question->answer_max);
    answer(q, db, message);
}

static void on_cases(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct inquiry *q = ctx;
    const struct report_question *question = inquiry_question(q);

    if (!is_answered(q, db, reply)) {
        return;
    }
    Troth__V1__ReportReply *message = report_reply_new(question->request_id, NULL, NULL);
    message->body_case = TROTH__V1__REPORT_REPLY__BODY_CASES;
    message->cases = report_list_store_take(reply, &question->list);
    answer(q, db, message);
}

static void on_today(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct inquiry *q = ctx;
    const struct reporting *r = inquiry_owner(q);
    const struct report_question *question = inquiry_question(q);

    if (!is_answered(q, db, reply)) {
        return;
    }
    Troth__V1__ReportReply *message = report_reply_new(question->request_id, NULL, NULL);
    message->body_case = TROTH__V1__REPORT_REPLY__BODY_TODAY;
    message->today = today_store_take(reply, question->now_us);
    today_store_name(message->today, *question_shelf_place(r->questions), question->language);
    report_reply_fit(message, question->answer_max);
    answer(q, db, message);
}

static void on_progress_link(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct inquiry *q = ctx;
    const struct report_question *question = inquiry_question(q);
    const struct reporting *r = inquiry_owner(q);

    if (!is_answered(q, db, reply)) {
        return;
    }
    Troth__V1__ProgressLink *link =
        progress_link_take(reply->rows[0], &question->link, question->now_us,
                           r->settings->progress_url, question->token);
    if (link == NULL) {
        answer_error(q, db, "case_unknown", "there is no such case");
        return;
    }
    Troth__V1__ReportReply *message = report_reply_new(question->request_id, NULL, NULL);
    message->body_case = TROTH__V1__REPORT_REPLY__BODY_PROGRESS_LINK;
    message->progress_link = link;
    answer(q, db, message);
}

/* ---- finding whom it is about */

static void ask_story(struct inquiry *q, struct db *db, int64_t customer)
{
    const struct report_question *question = inquiry_question(q);

    report_customer_store_ask(db, customer);
    if (question->may_read) {
        report_customer_store_note_look(db, customer, question->who, question->now_us);
    }
    db_run(db, on_customer, q);
}

static void on_reference(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct inquiry *q = ctx;
    int64_t number = 0;

    if (!is_answered(q, db, reply)) {
        return;
    }
    size_t count = report_store_take_reference(reply->rows[0], &number);
    if (count == 0) {
        answer_error(q, db, "customer_unknown", "no customer has this reference");
    } else if (count > 1) {
        answer_error(q, db, "reference_ambiguous", "several sources know it: name the source");
    } else {
        ask_story(q, db, number);
    }
}

static void on_sources(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct inquiry *q = ctx;
    const struct report_question *question = inquiry_question(q);

    if (is_answered(q, db, reply)) {
        report_store_ask_reference(db, reply->rows[0], question->reference);
        db_run(db, on_reference, q);
    }
}

/* Who asks for a customer by a reference has to be found first. */
static void ask_customer(struct inquiry *q, struct db *db)
{
    const struct report_question *question = inquiry_question(q);

    if (question->kind == REPORT_CUSTOMER_NUMBER) {
        ask_story(q, db, question->number);
    } else {
        report_store_ask_sources(db, question->source);
        db_run(db, on_sources, q);
    }
}

static void ask(struct db *db, struct report_question *question)
{
    switch (question->kind) {
    case REPORT_OVERVIEW:
        overview_store_ask(db, question);
        break;
    case REPORT_CASE:
        report_case_store_ask(db, question->number);
        break;
    case REPORT_BACKLOG:
        report_backlog_store_ask(db);
        break;
    case REPORT_IDENTITY_QUESTIONS:
        report_customer_store_ask_questions(db);
        break;
    case REPORT_FIGURES:
        ask_figures(db, &question->frame);
        break;
    case REPORT_CATALOGUE:
        report_catalogue_store_ask(db);
        break;
    case REPORT_CASES:
        report_list_store_ask(db, &question->list);
        break;
    case REPORT_TODAY:
        today_store_ask(db, question->branch, question->now_us);
        break;
    case REPORT_PROGRESS_LINK:
        progress_link_put(db, &question->link, question->now_us, question->token);
        break;
    case REPORT_CUSTOMER_NUMBER:
    case REPORT_CUSTOMER_REFERENCE:
        break;
    }
}

static void start(void *ctx, struct db *db)
{
    static db_done_fn *const takes[] = {
        [REPORT_OVERVIEW] = on_overview,
        [REPORT_CASE] = on_case,
        [REPORT_BACKLOG] = on_backlog,
        [REPORT_IDENTITY_QUESTIONS] = on_identity_questions,
        [REPORT_FIGURES] = on_figures,
        [REPORT_CATALOGUE] = on_catalogue,
        [REPORT_CASES] = on_cases,
        [REPORT_TODAY] = on_today,
        [REPORT_PROGRESS_LINK] = on_progress_link,
    };
    struct inquiry *q = ctx;
    struct report_question *question = inquiry_question(q);

    if (question->kind == REPORT_CUSTOMER_NUMBER || question->kind == REPORT_CUSTOMER_REFERENCE) {
        ask_customer(q, db);
    } else {
        ask(db, question);
        db_run(db, takes[question->kind], q);
    }
}

/* ---- arrival */

static void refuse(struct reporting *r, struct bus_socket *socket,
                   const struct bus_message *message, const char *request_id, const struct err *why)
{
    Troth__V1__ReportReply *reply = report_reply_new(request_id, why->code, why->text);

    *r->refused_count += 1;
    inquiry_answer_now(socket, message, &reply->base);
    troth__v1__report_reply__free_unpacked(reply, NULL);
}

static int read_question(struct reporting *r, const struct bus_message *message,
                         struct report_question *question, struct err *err)
{
    const ProtobufCMessage *request =
        message_unpack(&troth__v1__report_request__descriptor, message->body, r->arena, err);
    if (request == NULL) {
        return -1;
    }
    int rc = report_question_of((const Troth__V1__ReportRequest *)request,
                                report_desk_options(r->reports), service_now_us(r->service),
                                question, err);
    question->answer_max = BUS_MESSAGE_MAX;
    /* After reading, so that the refusal carries the request's id; nothing else is told. */
    if ((message->principal.rights & RIGHT_REPORTS) == 0) {
        return err_set(err, "not_permitted", "this key lacks the right 'reports'");
    }
    question->may_read = (message->principal.rights & RIGHT_DISCLOSURE) != 0;
    (void)text_format(question->who, sizeof(question->who), "source %s", message->principal.name);
    if (rc == 0 && question->kind == REPORT_PROGRESS_LINK) {
        if (!question->may_read) {
            return err_set(err, "not_permitted", "this key lacks the right 'disclosure'");
        }
        if (text_is_empty(r->settings->progress_url)) {
            return err_set(err, "request_invalid",
                           "there are no such pages: the setting progress_url is empty");
        }
        (void)text_copy(question->link.by, sizeof(question->link.by), question->who);
    }
    return rc;
}

void reporting_on_request(void *ctx, struct bus_socket *socket, const struct bus_message *message)
{
    struct reporting *r = ctx;
    struct report_question question = {.number = 0};
    struct err err = ERR_NONE;
    struct inquiry *q = NULL;

    *r->request_count += 1;
    int rc = read_question(r, message, &question, &err);
    arena_reset(r->arena);
    if (rc == 0) {
        q = inquiry_open(r->desk, socket, message, sizeof(question));
    }
    if (rc == 0 && q == NULL) {
        rc = err_set(&err, "unavailable", "too many requests are waiting: ask again");
    }
    if (rc < 0 || q == NULL) {
        refuse(r, socket, message, question.request_id, &err);
        return;
    }
    struct report_question *kept = inquiry_question(q);
    *kept = question;
    inquiry_submit(q, start);
}

/* ---- from the pages */

int report_desk_ask(struct reporting *r, const Troth__V1__ReportRequest *request,
                    inquiry_done_fn *done, void *ctx, struct err *err)
{
    struct report_question question = {.number = 0};

    if (report_question_of(request, report_desk_options(r->reports), service_now_us(r->service),
                           &question, err) < 0) {
        return -1;
    }
    question.answer_max = SIZE_MAX;
    struct inquiry *q = inquiry_open_for(r->desk, done, ctx, sizeof(question));
    if (q == NULL) {
        return err_set(err, "unavailable", "too many requests are waiting: ask again");
    }
    struct report_question *kept = inquiry_question(q);
    *kept = question;
    inquiry_submit(q, start);
    return 0;
}
