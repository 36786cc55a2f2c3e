/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_erasure.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "common/audit/erasure_receipt.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/intake/audit_task.h"
#include "services/intake/borrowed.h"
#include "services/intake/intake_erasure_store.h"

enum {
    FORM_VERSION = 1,
};

struct question {
    char request_id[INTAKE_QUESTION_ID_MAX + 1];
    int64_t customer;
};

/* ---- answers */

static void fill(Troth__V1__IntakeReply *reply, Troth__V1__ErasureReceiptReply *body)
{
    reply->body_case = TROTH__V1__INTAKE_REPLY__BODY_ERASURE_RECEIPT;
    reply->erasure_receipt = body;
}

static void refuse_now(struct bus_socket *s, const struct bus_message *m, const char *request_id,
                       const char *code)
{
    Troth__V1__IntakeReply reply = TROTH__V1__INTAKE_REPLY__INIT;
    Troth__V1__ErasureReceiptReply body = TROTH__V1__ERASURE_RECEIPT_REPLY__INIT;
    body.request_id = borrowed(request_id);
    body.code = borrowed(code);
    fill(&reply, &body);
    inquiry_answer_now(s, m, (const ProtobufCMessage *)&reply);
}

static void answer(struct inquiry *q, const char *code, const char *receipt, bool is_signed)
{
    const struct question *question = inquiry_question(q);
    Troth__V1__IntakeReply reply = TROTH__V1__INTAKE_REPLY__INIT;
    Troth__V1__ErasureReceiptReply body = TROTH__V1__ERASURE_RECEIPT_REPLY__INIT;
    body.request_id = borrowed(question->request_id);
    body.code = borrowed(code);
    body.receipt = borrowed(receipt);
    body.has_is_signed = receipt != NULL;
    body.is_signed = is_signed;
    fill(&reply, &body);
    inquiry_answer(q, (const ProtobufCMessage *)&reply);
}

/* ---- the receipt */

/* Calls add() with each word of a list parted by blanks. */
static void each_word(const char *list, json_t *to, void (*add)(json_t *to, char *word))
{
    char word[128];
    while (*list) {
        const size_t len = strcspn(list, " ");
        if (len > 0 && len < sizeof(word)) {
            memcpy(word, list, len);
            word[len] = '\0';
            add(to, word);
        }
        list += len + (list[len] == ' ');
    }
}

static void add_text(json_t *to, char *word)
{
    (void)json_array_append_new(to, json_string(word));
}

static void add_customer(json_t *to, char *word)
{
    char number[IDENTIFIER_TEXT_SIZE];
    (void)json_array_append_new(
        to, json_string(identifier_format(IDENTIFIER_CUSTOMER, strtoll(word, NULL, 10), number)));
}

static void add_count(json_t *to, char *word)
{
    char *equals = strchr(word, '=');
    if (equals) {
        *equals = '\0';
        (void)json_object_set_new(to, word, json_integer(strtoll(equals + 1, NULL, 10)));
    }
}

static const char *ground_name(int ground)
{
    static const char *const names[] = {
        [TROTH__V1__ERASURE_GROUND__ERASURE_GROUND_REQUEST] = "request",
        [TROTH__V1__ERASURE_GROUND__ERASURE_GROUND_CONSENT_WITHDRAWN] = "consent_withdrawn",
        [TROTH__V1__ERASURE_GROUND__ERASURE_GROUND_PURPOSE_ENDED] = "purpose_ended",
        [TROTH__V1__ERASURE_GROUND__ERASURE_GROUND_ORDER] = "order",
    };
    return ground > 0 && (size_t)ground < ARRAY_LEN(names) ? names[ground] : "unspecified";
}

static json_t *make(const struct db_rows *rows)
{
    char number[IDENTIFIER_TEXT_SIZE], at[INSTANT_TEXT_SIZE];
    json_t *customers = json_array(), *references = json_array(), *removed = json_object();
    each_word(db_get_text(rows, 0, ERASURE_MEMBERS), customers, add_customer);
    each_word(db_get_text(rows, 0, ERASURE_REFERENCES), references, add_text);
    each_word(db_get_text(rows, 0, ERASURE_REMOVED), removed, add_count);
    (void)json_object_set_new(removed, "event", json_integer(db_get_int(rows, 0, ERASURE_EVENTS)));
    json_t *receipt = json_pack(
        "{s:i, s:s, s:o, s:s, s:s, s:s, s:o, s:i, s:o, s:b, s:i, s:b}", "troth_erasure",
        FORM_VERSION, "customer",
        identifier_format(IDENTIFIER_CUSTOMER, db_get_int(rows, 0, ERASURE_CUSTOMER), number),
        "customers", customers, "erased_at",
        instant_format(db_get_time(rows, 0, ERASURE_RECEIVED_AT), at), "ground",
        ground_name((int)db_get_int(rows, 0, ERASURE_GROUND)), "asked_by",
        db_get_text(rows, 0, ERASURE_ASKED_BY), "removed", removed, "events_left",
        (int)db_get_int(rows, 0, ERASURE_EVENTS_LEFT), "reference_hashes", references,
        "keeps_do_not_call", (int)db_get_bool(rows, 0, ERASURE_KEEPS_DO_NOT_CALL), "key_generation",
        (int)db_get_int(rows, 0, ERASURE_KEY_GENERATION), "wants_rotation",
        (int)db_get_bool(rows, 0, ERASURE_WANTS_ROTATION));
    if (receipt && !db_is_null(rows, 0, ERASURE_ROTATED_AT)) {
        (void)json_object_set_new(
            receipt, "rotated_at",
            json_string(instant_format(db_get_time(rows, 0, ERASURE_ROTATED_AT), at)));
    }
    return receipt;
}

static void on_found(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct inquiry *q = ctx;
    const struct intake *in = inquiry_owner(q);
    const struct audit_key *key = audit_task_key(in->audit);
    if (reply->outcome != DB_OK) {
        log_warning("erasure_receipt_failed", LOG_TEXT("sqlstate", reply->sqlstate),
                    LOG_ERR(&reply->err));
        db_release(db);
        answer(q, "unavailable", NULL, false);
        return;
    }
    json_t *receipt = db_row_count(reply->rows[0]) > 0 ? make(reply->rows[0]) : NULL;
    db_release(db);
    if (!receipt) {
        answer(q, "unknown", NULL, false);
        return;
    }
    if (key) {
        erasure_receipt_sign(receipt, key);
    }
    char *text = json_dumps(receipt, JSON_INDENT(2) | JSON_SORT_KEYS);
    answer(q, text ? NULL : "unavailable", text, key != NULL);
    free(text);
    json_decref(receipt);
}

static void start(void *ctx, struct db *db)
{
    struct inquiry *q = ctx;
    const struct question *question = inquiry_question(q);
    intake_erasure_store_ask(db, question->customer);
    db_run(db, on_found, q);
}

/* ---- the request */

static const char *check(const struct principal *p, const ProtobufCMessage *request)
{
    const Troth__V1__ErasureReceiptRequest *r = (const Troth__V1__ErasureReceiptRequest *)request;
    int64_t customer = 0;
    if (!(p->rights & RIGHT_ERASURE)) {
        return "not_permitted";
    }
    return text_is_empty(r->customer_number) ||
                   identifier_parse(IDENTIFIER_CUSTOMER, r->customer_number, &customer, NULL) < 0
               ? "customer_number_invalid"
               : NULL;
}

static void keep(void *state, const struct principal *p, const ProtobufCMessage *request,
                 const char *request_id)
{
    const Troth__V1__ErasureReceiptRequest *r = (const Troth__V1__ErasureReceiptRequest *)request;
    struct question *question = state;
    (void)p;
    (void)text_copy(question->request_id, sizeof(question->request_id), request_id);
    if (identifier_parse(IDENTIFIER_CUSTOMER, r->customer_number, &question->customer, NULL) < 0) {
        BUG("an erasure receipt is asked for without a number that was checked");
    }
}

const struct intake_question_kind intake_erasure_question = {
    .descriptor = &troth__v1__erasure_receipt_request__descriptor,
    .request_id_at = offsetof(Troth__V1__ErasureReceiptRequest, request_id),
    .size = sizeof(struct question),
    .check = check,
    .keep = keep,
    .start = start,
    .refuse = refuse_now,
};
