/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_disclosure.h"

#include <string.h>

#include "common/base/crash_point.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "services/intake/borrowed.h"
#include "services/intake/intake_disclosure_open.h"
#include "services/intake/intake_disclosure_store.h"
#include "services/intake/intake_read_store.h"

enum {
    ANSWER_BYTES_MAX = BUS_MESSAGE_MAX - 8192, /* of texts in one answer: the rest is its frame */
    ARENA_BYTES = 4 * BUS_MESSAGE_MAX,
};

struct question {
    struct intake_disclosure disclosure;
    char request_id[INTAKE_QUESTION_ID_MAX + 1];
    char purpose[INTAKE_DISCLOSURE_TEXT_MAX + 1];
    char on_behalf_of[INTAKE_DISCLOSURE_BEHALF_MAX + 1];
    bool is_refused; /* the reader may not have this kind: written down and answered, not read */
    struct intake_reads reads;
    struct arena *arena; /* of the answer, from when it was read until the reading is committed */
    Troth__V1__DisclosureReply *reply;
};

/* ---- answers */

/* A refusal: no text goes with it. */
static void refuse(struct inquiry *q, const char *code)
{
    const struct question *question = inquiry_question(q);
    struct arena *arena = question->arena;
    Troth__V1__IntakeReply reply = TROTH__V1__INTAKE_REPLY__INIT;
    Troth__V1__DisclosureReply body = TROTH__V1__DISCLOSURE_REPLY__INIT;
    body.request_id = borrowed(question->request_id);
    body.code = borrowed(code);
    reply.body_case = TROTH__V1__INTAKE_REPLY__BODY_DISCLOSURE;
    reply.disclosure = &body;
    inquiry_answer(q, (const ProtobufCMessage *)&reply);
    arena_free(arena);
}

static void refuse_now(struct bus_socket *s, const struct bus_message *m, const char *request_id,
                       const char *code)
{
    Troth__V1__IntakeReply reply = TROTH__V1__INTAKE_REPLY__INIT;
    Troth__V1__DisclosureReply body = TROTH__V1__DISCLOSURE_REPLY__INIT;
    body.request_id = borrowed(request_id);
    body.code = borrowed(code);
    reply.body_case = TROTH__V1__INTAKE_REPLY__BODY_DISCLOSURE;
    reply.disclosure = &body;
    inquiry_answer_now(s, m, (const ProtobufCMessage *)&reply);
}

static void make_reply(struct question *q, const struct keyring *keyring,
                       const struct db_rows *rows)
{
    q->arena = arena_new(ARENA_BYTES);
    q->reply = arena_alloc(q->arena, sizeof(*q->reply));
    *q->reply = (Troth__V1__DisclosureReply)TROTH__V1__DISCLOSURE_REPLY__INIT;
    q->reply->request_id = q->request_id;
    struct intake_opened opened = intake_disclosure_open(
        &q->disclosure, keyring,
        &(struct intake_sealed_rows){.rows = rows, .end = db_row_count(rows)}, ANSWER_BYTES_MAX,
        q->arena, q->reply);
    q->disclosure.outcome = opened.damaged ? "damaged" : opened.texts > 0 ? "disclosed" : "unknown";
}

/* ---- reading, writing down, answering */

static void fail(struct inquiry *q, struct db *db, const struct db_reply *reply)
{
    log_warning("disclosure_failed", LOG_TEXT("sqlstate", reply->sqlstate), LOG_ERR(&reply->err));
    db_release(db);
    refuse(q, "unavailable");
}

static void on_written(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct inquiry *q = ctx;
    struct question *question = inquiry_question(q);
    struct intake *in = inquiry_owner(q);
    if (reply->outcome != DB_OK) {
        fail(q, db, reply);
        return;
    }
    CRASH_POINT("intake.disclosure.committed");
    db_release(db);
    *in->metrics.disclosures += 1;
    const char *outcome = question->disclosure.outcome;
    bool is_disclosed = strcmp(outcome, "disclosed") == 0;
    if (!is_disclosed && question->reply == NULL) {
        refuse(q, outcome);
        return;
    }
    struct arena *arena = question->arena;
    /* What is damaged is said beside what could be opened. */
    question->reply->code = is_disclosed ? NULL : borrowed(outcome);
    Troth__V1__IntakeReply answer = TROTH__V1__INTAKE_REPLY__INIT;
    answer.body_case = TROTH__V1__INTAKE_REPLY__BODY_DISCLOSURE;
    answer.disclosure = question->reply;
    inquiry_answer(q, (const ProtobufCMessage *)&answer);
    arena_free(arena);
    CRASH_POINT("intake.disclosure.answered");
}

static void on_read(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct inquiry *q = ctx;
    struct question *question = inquiry_question(q);
    struct intake_disclosure *d = &question->disclosure;
    struct intake *in = inquiry_owner(q);
    if (reply->outcome != DB_OK) {
        fail(q, db, reply);
        return;
    }
    intake_read_load_blocks(&question->reads, reply, &in->disclosure_numbers);
    if (!question->is_refused) {
        make_reply(question, in->keyring, reply->rows[question->reads.next]);
    }
    d->number = intake_numbers_take(&in->disclosure_numbers, (int16_t)(d->customer & 0xff));
    intake_disclosure_write(db, d);
    CRASH_POINT("intake.disclosure.read");
    db_commit(db);
    db_run(db, on_written, q);
    CRASH_POINT("intake.disclosure.sent");
}

static void start(void *ctx, struct db *db)
{
    struct inquiry *q = ctx;
    struct question *question = inquiry_question(q);
    struct intake *in = inquiry_owner(q);
    question->disclosure.at_us = service_now_us(in->service);
    db_begin(db);
    question->reads = intake_read_nothing();
    intake_read_blocks(
        db, intake_numbers_missing(&in->disclosure_numbers, INTAKE_DISCLOSURE_NUMBERS_MAX),
        &question->reads);
    if (!question->is_refused) {
        intake_disclosure_read(db, &question->disclosure);
    }
    db_run(db, on_read, q);
}

/* ---- the request */

static bool is_complete(const Troth__V1__DisclosureRequest *r)
{
    bool needs_case = r->kind == TROTH__V1__DISCLOSURE_KIND__DISCLOSURE_KIND_CASE_TEXTS;
    return r->kind && r->customer > 0 && !text_is_empty(r->purpose) &&
           strlen(r->purpose) <= INTAKE_DISCLOSURE_TEXT_MAX &&
           (!r->request_id || strlen(r->request_id) <= INTAKE_QUESTION_ID_MAX) &&
           (!needs_case || r->service_case > 0);
}

const char *intake_disclosure_check(const struct principal *p,
                                    const Troth__V1__DisclosureRequest *r)
{
    return !(p->rights & RIGHT_DISCLOSURE) ? "not_permitted"
           : !is_complete(r)               ? "field_missing"
           : !intake_disclosure_is_purpose(r->purpose) ||
                   !intake_disclosure_is_behalf(r->on_behalf_of)
               ? "text_invalid"
               : NULL;
}

bool intake_disclosure_is_behalf(const char *text)
{
    size_t len = 0;
    for (; text && text[len]; len++) {
        if ((unsigned char)text[len] <= ' ' || text[len] == 0x7f) {
            return false;
        }
    }
    return len <= INTAKE_DISCLOSURE_BEHALF_MAX;
}

bool intake_disclosure_may_read(const struct principal *p, Troth__V1__DisclosureKind kind)
{
    return (unsigned)kind < 64 && (p->disclosure_kinds & UINT64_C(1) << (unsigned)kind);
}

static const char *check(const struct principal *p, const ProtobufCMessage *request)
{
    return intake_disclosure_check(p, (const Troth__V1__DisclosureRequest *)request);
}

static void keep(void *state, const struct principal *p, const ProtobufCMessage *request,
                 const char *request_id)
{
    const Troth__V1__DisclosureRequest *r = (const Troth__V1__DisclosureRequest *)request;
    struct question *question = state;
    (void)text_copy(question->request_id, sizeof(question->request_id), request_id);
    (void)text_copy(question->purpose, sizeof(question->purpose), r->purpose);
    (void)text_copy(question->on_behalf_of, sizeof(question->on_behalf_of),
                    r->on_behalf_of ? r->on_behalf_of : "");
    question->disclosure = (struct intake_disclosure){
        .customer = r->customer,
        .service_case = r->service_case,
        .kind = r->kind,
        .purpose = question->purpose,
        .on_behalf_of = question->on_behalf_of,
        .reader_id = p->id,
        .after_us = r->has_after_us ? r->after_us : DB_NO_TIME,
        .after_number = r->after_number,
        .with_void = r->with_void,
    };
    question->is_refused = !intake_disclosure_may_read(p, r->kind);
    question->disclosure.outcome = "kind_not_permitted";
}

const struct intake_question_kind intake_disclosure_question = {
    .descriptor = &troth__v1__disclosure_request__descriptor,
    .request_id_at = offsetof(Troth__V1__DisclosureRequest, request_id),
    .size = sizeof(struct question),
    .check = check,
    .keep = keep,
    .start = start,
    .refuse = refuse_now,
};
