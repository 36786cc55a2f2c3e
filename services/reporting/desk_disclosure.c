/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_disclosure.c - what is personal: the texts of a case, the name and numbers of a customer,
 * and the sources' own numbers of one (references), which may be a telephone's or a plate's. The
 * last are read here; the others:
 *
 * 1. whose it is, and whether anything can still be opened
 * 2. that this user looks is written down here
 * 3. intake is asked, which writes down that reporting has read it, before it answers
 * 4. shown; nothing is kept
 */
#include <string.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "intake.pb-c.h"
#include "services/reporting/desk_store.h"
#include "services/reporting/desk_visit.h"
#include "services/reporting/report_customer_store.h"

#define KIND(name) TROTH__V1__DISCLOSURE_KIND__DISCLOSURE_KIND_##name

/* Asked once: each time would be written down. What could not be handed over is tried again. */
#define WAIT_US      (6 * DURATION_S)
#define PAGE_PURPOSE "page customer"

enum {
    PURPOSE_SIZE = 64,
    WHO_SIZE = sizeof(((struct web_user *)NULL)->name)
};

static void fail_erased(struct desk_visit *v)
{
    desk_visit_fail_as(v, 410, "customer_erased", "this customer was erased: nothing can be read");
}

/* What intake says instead of an answer; NULL: it has answered. */
static bool fail_if_refused(struct desk_visit *v, const char *code)
{
    if (text_is_empty(code) || strcmp(code, "unknown") == 0 || strcmp(code, "damaged") == 0) {
        return false;
    }
    if (strcmp(code, "unavailable") == 0) {
        desk_visit_fail(v, "unavailable", "intake could not read it now: ask again");
    } else if (strcmp(code, "not_permitted") == 0 || strcmp(code, "kind_not_permitted") == 0) {
        desk_visit_fail_as(v, 500, "key_lacks_right",
                           "reporting's own key lacks the right 'disclosure' for this at intake");
    } else {
        desk_visit_fail_as(v, 500, "internal", "intake did not understand the question");
    }
    return true;
}

/* Who looks, as intake writes it down: the account, or "source:NAME" of a machine. Returns ret. */
static char *make_who(const struct desk_visit *v, char ret[WHO_SIZE])
{
    (void)text_copy(ret, WHO_SIZE, v->user.name);
    for (char *p = ret; *p; p++) {
        if (*p == ' ') {
            *p = ':';
        }
    }
    return ret;
}

/* ---- texts of a case */

static json_t *texts_to_json(const Troth__V1__DisclosureReply *reply)
{
    json_t *list = json_array();

    for (size_t i = 0; i < reply->n_texts; i++) {
        const Troth__V1__DisclosedText *t = reply->texts[i];
        json_t *json = json_object();

        (void)json_object_set_new(json, "field", json_string(t->field ? t->field : ""));
        (void)json_object_set_new(json, "text", json_string(t->text ? t->text : ""));
        if (t->has_at_us) {
            (void)json_object_set_new(json, "at_us", json_integer(t->at_us));
        }
        (void)json_array_append_new(list, json);
    }
    return list;
}

static void got_texts(struct desk_visit *v, const ProtobufCMessage *message)
{
    const Troth__V1__IntakeReply *reply = (const Troth__V1__IntakeReply *)message;
    const Troth__V1__DisclosureReply *body;

    if (!reply || reply->body_case != TROTH__V1__INTAKE_REPLY__BODY_DISCLOSURE) {
        desk_visit_fail(v, "unavailable", v->trouble);
        return;
    }
    body = reply->disclosure;
    if (fail_if_refused(v, body->code)) {
        return;
    }
    json_t *json = json_pack("{so}", "texts", texts_to_json(body));
    if (body->has_is_cut && body->is_cut) {
        (void)json_object_set_new(json, "left_out", json_pack("[s]", "texts"));
    }
    if (body->code && strcmp(body->code, "damaged") == 0) {
        (void)json_object_set_new(json, "is_damaged", json_true());
    }
    desk_visit_answer(v, json);
}

static void make_purpose(const struct desk_visit *v, char ret_purpose[PURPOSE_SIZE])
{
    char number[IDENTIFIER_TEXT_SIZE];

    (void)text_format(ret_purpose, PURPOSE_SIZE, "case %s",
                      identifier_format(IDENTIFIER_CASE, v->service_case, number));
}

static void ask_texts(struct desk_visit *v)
{
    Troth__V1__DisclosureRequest body = TROTH__V1__DISCLOSURE_REQUEST__INIT;
    Troth__V1__IntakeRequest request = TROTH__V1__INTAKE_REQUEST__INIT;
    char purpose[PURPOSE_SIZE], who[WHO_SIZE];

    make_purpose(v, purpose);
    body.request_id = desk_visit_id(v);
    body.has_kind = body.has_customer = body.has_service_case = true;
    body.kind = KIND(CASE_TEXTS);
    body.customer = v->customer;
    body.service_case = v->service_case;
    body.purpose = purpose;
    body.on_behalf_of = make_who(v, who);
    request.body_case = TROTH__V1__INTAKE_REQUEST__BODY_DISCLOSURE;
    request.disclosure = &body;
    desk_visit_ask(v,
                   &(struct desk_question){.peer = DESK_INTAKE,
                                           .message = (const ProtobufCMessage *)&request,
                                           .wait_us = WAIT_US},
                   got_texts);
}

static void take_owner(struct desk_visit *v, const struct db_reply *reply)
{
    char purpose[PURPOSE_SIZE];
    bool is_erased;

    if (!desk_store_take_owner(reply->rows[0], &v->customer, &is_erased)) {
        desk_visit_fail(v, "case_unknown", "there is no such case");
    } else if (is_erased) {
        fail_erased(v);
    } else {
        make_purpose(v, purpose);
        desk_visit_personal(v, "texts", purpose, ask_texts);
    }
}

static void ask_owner(struct desk_visit *v, struct db *db)
{
    desk_store_put_owner(db, v->service_case);
}

void desk_texts(void *ctx, const struct web_request *request, struct http_exchange *exchange)
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
        desk_visit_read(v, ask_owner, take_owner);
    }
}

/* ---- name and numbers of a customer */

/* What the page shows, and no more is read. */
static const Troth__V1__DisclosureKind contact_kinds[] = {KIND(NAME), KIND(PHONE), KIND(EMAIL)};

enum {
    KINDS = sizeof(contact_kinds) / sizeof(contact_kinds[0])
};

static void got_contact(struct desk_visit *v, const ProtobufCMessage *message)
{
    const Troth__V1__IntakeReply *reply = (const Troth__V1__IntakeReply *)message;
    json_t *json;

    if (!reply || reply->body_case != TROTH__V1__INTAKE_REPLY__BODY_DISCLOSURES) {
        desk_visit_fail(v, "unavailable", v->trouble);
        return;
    }
    const Troth__V1__DisclosureReplyBatch *batch = reply->disclosures;
    for (size_t i = 0; i < batch->n_replies; i++) {
        if (fail_if_refused(v, batch->replies[i]->code)) {
            return;
        }
    }
    json = json_object();
    for (size_t i = 0; i < batch->n_replies; i++) {
        for (size_t j = 0; j < batch->replies[i]->n_texts; j++) {
            const Troth__V1__DisclosedText *t = batch->replies[i]->texts[j];
            (void)json_object_set_new(json, t->field ? t->field : "",
                                      json_string(t->text ? t->text : ""));
        }
    }
    desk_visit_answer(v, json);
}

static void ask_contact(struct desk_visit *v)
{
    Troth__V1__DisclosureRequest questions[KINDS];
    Troth__V1__DisclosureRequest *list[KINDS];
    Troth__V1__DisclosureBatch batch = TROTH__V1__DISCLOSURE_BATCH__INIT;
    Troth__V1__IntakeRequest request = TROTH__V1__INTAKE_REQUEST__INIT;
    char purpose[] = PAGE_PURPOSE, who[WHO_SIZE];
    char *id = desk_visit_id(v);

    for (size_t i = 0; i < KINDS; i++) {
        troth__v1__disclosure_request__init(&questions[i]);
        questions[i].request_id = id;
        questions[i].has_kind = questions[i].has_customer = true;
        questions[i].kind = contact_kinds[i];
        questions[i].customer = v->customer;
        questions[i].purpose = purpose;
        questions[i].on_behalf_of = make_who(v, who);
        list[i] = &questions[i];
    }
    batch.n_requests = KINDS;
    batch.requests = list;
    request.body_case = TROTH__V1__INTAKE_REQUEST__BODY_DISCLOSURES;
    request.disclosures = &batch;
    desk_visit_ask(v,
                   &(struct desk_question){.peer = DESK_INTAKE,
                                           .message = (const ProtobufCMessage *)&request,
                                           .wait_us = WAIT_US},
                   got_contact);
}

static void take_erased(struct desk_visit *v, const struct db_reply *reply)
{
    bool is_erased;

    if (!desk_store_take_erased(reply->rows[0], &is_erased)) {
        desk_visit_fail(v, "customer_unknown", "there is no such customer");
    } else if (is_erased) {
        fail_erased(v);
    } else {
        desk_visit_personal(v, "name, phone, email", PAGE_PURPOSE, ask_contact);
    }
}

static void ask_erased(struct desk_visit *v, struct db *db)
{
    desk_store_put_erased(db, v->customer);
}

static void read_customer(struct desk *d, const struct web_request *request,
                          struct http_exchange *exchange, desk_ask_fn *ask, desk_take_fn *take)
{
    struct err err = ERR_NONE;
    int64_t number;
    struct desk_visit *v;

    if (identifier_parse(IDENTIFIER_CUSTOMER, request->rest, &number, &err) < 0) {
        web_answer_error(exchange, "customer_unknown", err.text);
        return;
    }
    v = desk_visit_begin(d, request, exchange);
    if (v) {
        v->customer = number;
        desk_visit_read(v, ask, take);
    }
}

void desk_contact(void *ctx, const struct web_request *request, struct http_exchange *exchange)
{
    read_customer(ctx, request, exchange, ask_erased, take_erased);
}

/* ---- references */

static json_t *references_to_json(const struct db_rows *rows)
{
    json_t *list = json_array();
    json_t *json = json_pack("{so}", "references", list);

    for (size_t i = 0; i < db_row_count(rows) && i < REPORT_REFERENCES_MOST; i++) {
        (void)json_array_append_new(list, json_pack("{ssss}", "source", db_get_text(rows, i, 0),
                                                    "customer_ref", db_get_text(rows, i, 1)));
    }
    if (db_row_count(rows) > REPORT_REFERENCES_MOST) {
        (void)json_object_set_new(json, "left_out", json_pack("[s]", "references"));
    }
    return json;
}

static void show_references(struct desk_visit *v)
{
    json_t *json = v->json;

    v->json = NULL;
    desk_visit_answer(v, json);
}

static void take_references(struct desk_visit *v, const struct db_reply *reply)
{
    bool is_erased;

    if (!desk_store_take_erased(reply->rows[0], &is_erased)) {
        desk_visit_fail(v, "customer_unknown", "there is no such customer");
        return;
    }
    v->json = references_to_json(reply->rows[1]);
    if (db_row_count(reply->rows[1]) > 0) {
        desk_visit_personal(v, "references", PAGE_PURPOSE, show_references);
    } else {
        show_references(v);
    }
}

static void ask_references(struct desk_visit *v, struct db *db)
{
    desk_store_put_erased(db, v->customer);
    report_customer_store_ask_references(db, v->customer);
}

void desk_references(void *ctx, const struct web_request *request, struct http_exchange *exchange)
{
    read_customer(ctx, request, exchange, ask_references, take_references);
}
