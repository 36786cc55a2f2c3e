/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_story.c - the pages of a case and of a customer.
 *
 * A customer: the whole story in one snapshot, without the sources' own numbers, which are
 * personal (desk_disclosure.c); then the score, in words, from loyalty. Without loyalty the story
 * is told all the same, and score_error says why there is no score. Whom such a number means is
 * asked by POST: it stands in no address, and so in no history and no log of a proxy.
 */
#include <stdlib.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "common/runtime/message_json.h"
#include "score.pb-c.h"
#include "services/reporting/desk_visit.h"
#include "services/reporting/report_case_store.h"
#include "services/reporting/report_customer_store.h"
#include "services/reporting/report_store.h"

#define SCORE_WAIT_US   (4 * DURATION_S)
#define SCORE_RESEND_US DURATION_S

enum {
    SOURCE_MAX = 63,
    REFERENCE_MAX = 128
};

/* ---- a case */

static void ask_case(struct desk_visit *v, struct db *db)
{
    report_case_store_ask(db, v->service_case);
}

static void take_case(struct desk_visit *v, const struct db_reply *reply)
{
    Troth__V1__CaseView *view = report_case_store_take(reply);

    if (!view) {
        desk_visit_fail(v, "case_unknown", "there is no such case");
        return;
    }
    desk_visit_answer_message(v, &view->base);
    troth__v1__case_view__free_unpacked(view, NULL);
}

void desk_case(void *ctx, const struct web_request *request, struct http_exchange *exchange)
{
    struct err err = ERR_NONE;
    int64_t number;
    struct desk_visit *v;

    if (identifier_parse(IDENTIFIER_CASE, request->rest, &number, &err) < 0) {
        web_answer_error(exchange, "case_unknown", err.text);
        return;
    }
    v = desk_visit_begin(ctx, request, exchange);
    if (v) {
        v->service_case = number;
        desk_visit_read(v, ask_case, take_case);
    }
}

/* ---- a customer */

static void put_score_error(struct desk_visit *v, const char *code, const char *text)
{
    (void)json_object_set_new(v->json, "score_error",
                              json_pack("{ssss}", "code", code, "text", text));
}

static void got_score(struct desk_visit *v, const ProtobufCMessage *message)
{
    const Troth__V1__ScoreReply *reply = (const Troth__V1__ScoreReply *)message;
    json_t *json;

    if (!reply) {
        put_score_error(v, "unavailable", v->trouble);
    } else if (!text_is_empty(reply->code)) {
        put_score_error(v, reply->code, reply->text ? reply->text : "");
    } else if (reply->n_scores > 0) {
        (void)json_object_set_new(v->json, "score", message_to_json(&reply->scores[0]->base));
    }
    json = v->json;
    v->json = NULL;
    desk_visit_answer(v, json);
}

static void ask_score(struct desk_visit *v)
{
    Troth__V1__ScoreOfCustomer body = TROTH__V1__SCORE_OF_CUSTOMER__INIT;
    Troth__V1__ScoreRequest request = TROTH__V1__SCORE_REQUEST__INIT;
    char language[17], number[IDENTIFIER_TEXT_SIZE];

    (void)text_copy(language, sizeof(language), v->language);
    (void)identifier_format(IDENTIFIER_CUSTOMER, v->customer, number);
    body.customer_number = number;
    request.request_id = desk_visit_id(v);
    request.language = language;
    request.body_case = TROTH__V1__SCORE_REQUEST__BODY_CUSTOMER;
    request.customer = &body;
    desk_visit_ask(v,
                   &(struct desk_question){.peer = DESK_LOYALTY,
                                           .message = (const ProtobufCMessage *)&request,
                                           .wait_us = SCORE_WAIT_US,
                                           .resend_us = SCORE_RESEND_US},
                   got_score);
}

static void ask_customer(struct desk_visit *v, struct db *db)
{
    report_customer_store_ask(db, v->customer);
}

static void take_customer(struct desk_visit *v, const struct db_reply *reply)
{
    Troth__V1__CustomerView *view = report_customer_store_take(reply, false);

    if (!view) {
        desk_visit_fail(v, "customer_unknown", "there is no such customer");
        return;
    }
    v->json = json_object();
    (void)json_object_set_new(v->json, "customer", message_to_json(&view->base));
    troth__v1__customer_view__free_unpacked(view, NULL);
    ask_score(v);
}

void desk_customer(void *ctx, const struct web_request *request, struct http_exchange *exchange)
{
    struct err err = ERR_NONE;
    int64_t number;
    struct desk_visit *v;

    if (identifier_parse(IDENTIFIER_CUSTOMER, request->rest, &number, &err) < 0) {
        web_answer_error(exchange, "customer_unknown", err.text);
        return;
    }
    v = desk_visit_begin(ctx, request, exchange);
    if (v) {
        v->customer = number;
        desk_visit_read(v, ask_customer, take_customer);
    }
}

/* ---- by reference */

struct reference {
    char source[SOURCE_MAX + 1];
    char reference[REFERENCE_MAX + 1];
};

static void take_reference(struct desk_visit *v, const struct db_reply *reply)
{
    const size_t count = report_store_take_reference(reply->rows[0], &v->customer);

    if (count == 0) {
        desk_visit_fail(v, "customer_unknown", "no customer has this reference");
    } else if (count > 1) {
        desk_visit_fail_as(v, 409, "reference_ambiguous",
                           "several sources know it: name the source");
    } else {
        char number[IDENTIFIER_TEXT_SIZE];
        desk_visit_answer(v,
                          json_pack("{ss}", "customer_number",
                                    identifier_format(IDENTIFIER_CUSTOMER, v->customer, number)));
    }
}

static void take_sources(struct desk_visit *v, const struct db_reply *reply)
{
    const struct reference *r = v->data;

    report_store_ask_reference(v->talk, reply->rows[0], r->reference);
    desk_visit_read_on(v, take_reference);
}

static void ask_sources(struct desk_visit *v, struct db *db)
{
    const struct reference *r = v->data;

    report_store_ask_sources(db, r->source);
}

void desk_find(void *ctx, const struct web_request *request, struct http_exchange *exchange)
{
    const char *reference = json_string_value(json_object_get(request->json, "customer_ref"));
    const char *source = json_string_value(json_object_get(request->json, "source"));
    struct reference *r = xcalloc(1, sizeof(*r));
    struct desk_visit *v = NULL;

    if (text_is_empty(reference) || !text_copy(r->reference, sizeof(r->reference), reference) ||
        !text_copy(r->source, sizeof(r->source), source ? source : "")) {
        web_answer_error(exchange, "request_invalid",
                         "customer_ref is a source's reference of a customer, source its name if "
                         "several sources may have it");
    } else {
        v = desk_visit_begin(ctx, request, exchange);
    }
    if (!v) {
        free(r);
        return;
    }
    v->data = r;
    v->free_data = free;
    desk_visit_read(v, ask_sources, take_sources);
}
