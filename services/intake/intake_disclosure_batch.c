/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_disclosure_batch.h"

#include <string.h>

#include "common/base/crash_point.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/runtime/message_check.h"
#include "services/intake/borrowed.h"
#include "services/intake/intake_disclosure.h"
#include "services/intake/intake_disclosure_open.h"
#include "services/intake/intake_disclosure_store.h"
#include "services/intake/intake_read_store.h"

enum {
    ANSWER_BYTES_MAX = (BUS_MESSAGE_MAX - 8192) / INTAKE_DISCLOSURE_BATCH_MAX,
    ARENA_BYTES = 64 * BUS_MESSAGE_MAX,
};

struct one {
    char request_id[INTAKE_QUESTION_ID_MAX + 1];
    char purpose[INTAKE_DISCLOSURE_TEXT_MAX + 1];
    char on_behalf_of[INTAKE_DISCLOSURE_BEHALF_MAX + 1];
    const char *code; /* not even written down; NULL: it stands among the readings */
    size_t reading;
};

struct question {
    struct one ones[INTAKE_DISCLOSURE_BATCH_MAX];
    size_t count;
    /* Those that are written down: the first ones are read, the others refused by their kind. */
    struct intake_disclosure readings[INTAKE_DISCLOSURE_BATCH_MAX];
    size_t reading_count, read_count;
    struct intake_reads reads;
    struct arena *arena; /* of the answer, from when it was read until the readings are committed */
    Troth__V1__DisclosureReply replies[INTAKE_DISCLOSURE_BATCH_MAX]; /* in step with readings */
};

/* ---- answers */

/* code: for every question that has no other; NULL: as it was read. */
static void answer(struct inquiry *q, const char *code)
{
    struct question *question = inquiry_question(q);
    struct arena *arena = question->arena;
    Troth__V1__DisclosureReply refusals[INTAKE_DISCLOSURE_BATCH_MAX];
    Troth__V1__DisclosureReply *list[INTAKE_DISCLOSURE_BATCH_MAX];
    Troth__V1__DisclosureReplyBatch body = TROTH__V1__DISCLOSURE_REPLY_BATCH__INIT;
    Troth__V1__IntakeReply reply = TROTH__V1__INTAKE_REPLY__INIT;
    for (size_t i = 0; i < question->count; i++) {
        struct one *one = &question->ones[i];
        refusals[i] = (Troth__V1__DisclosureReply)TROTH__V1__DISCLOSURE_REPLY__INIT;
        refusals[i].code = borrowed(one->code ? one->code : code);
        list[i] = one->code || code ? &refusals[i] : &question->replies[one->reading];
        list[i]->request_id = one->request_id;
    }
    body.n_replies = question->count;
    body.replies = list;
    reply.body_case = TROTH__V1__INTAKE_REPLY__BODY_DISCLOSURES;
    reply.disclosures = &body;
    inquiry_answer(q, (const ProtobufCMessage *)&reply);
    arena_free(arena);
}

/* ---- reading, writing down, answering */

static void fail(struct inquiry *q, struct db *db, const struct db_reply *reply)
{
    log_warning("disclosures_failed", LOG_TEXT("sqlstate", reply->sqlstate), LOG_ERR(&reply->err));
    db_release(db);
    answer(q, "unavailable");
}

static void on_written(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct inquiry *q = ctx;
    const struct question *question = inquiry_question(q);
    struct intake *in = inquiry_owner(q);
    if (reply->outcome != DB_OK) {
        fail(q, db, reply);
        return;
    }
    CRASH_POINT("intake.disclosures.committed");
    db_release(db);
    *in->metrics.disclosures += (int64_t)question->reading_count;
    answer(q, NULL);
    CRASH_POINT("intake.disclosures.answered");
}

static void open_reading(struct question *question, const struct keyring *keyring, size_t i,
                         const struct intake_sealed_rows *sealed)
{
    struct intake_disclosure *d = &question->readings[i];
    Troth__V1__DisclosureReply *reply = &question->replies[i];
    struct intake_opened opened =
        intake_disclosure_open(d, keyring, sealed, ANSWER_BYTES_MAX, question->arena, reply);
    d->outcome = opened.damaged ? "damaged" : opened.texts > 0 ? "disclosed" : "unknown";
    reply->code = opened.damaged || opened.texts == 0 ? borrowed(d->outcome) : NULL;
}

static void open_all(struct question *question, const struct keyring *keyring,
                     const struct db_rows *rows)
{
    struct intake_sealed_rows sealed = {.rows = rows};
    for (size_t i = 0; i < question->read_count; i++) {
        sealed.begin = sealed.end;
        while (sealed.end < db_row_count(rows) &&
               db_get_int(rows, sealed.end, DISCLOSURE_ORDINAL) == (int64_t)i) {
            sealed.end++;
        }
        open_reading(question, keyring, i, &sealed);
    }
}

static void on_read(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct inquiry *q = ctx;
    struct question *question = inquiry_question(q);
    struct intake *in = inquiry_owner(q);
    if (reply->outcome != DB_OK) {
        fail(q, db, reply);
        return;
    }
    intake_read_load_blocks(&question->reads, reply, &in->disclosure_numbers);
    question->arena = arena_new(ARENA_BYTES);
    open_all(question, in->keyring, reply->rows[question->reads.next]);
    for (size_t i = 0; i < question->reading_count; i++) {
        struct intake_disclosure *d = &question->readings[i];
        d->number = intake_numbers_take(&in->disclosure_numbers, (int16_t)(d->customer & 0xff));
    }
    intake_disclosure_write_all(db, question->readings, question->reading_count);
    CRASH_POINT("intake.disclosures.read");
    db_commit(db);
    db_run(db, on_written, q);
    CRASH_POINT("intake.disclosures.sent");
}

static void start(void *ctx, struct db *db)
{
    struct inquiry *q = ctx;
    struct question *question = inquiry_question(q);
    struct intake *in = inquiry_owner(q);
    int64_t now_us = service_now_us(in->service);
    for (size_t i = 0; i < question->reading_count; i++) {
        question->readings[i].at_us = now_us;
    }
    db_begin(db);
    question->reads = intake_read_nothing();
    intake_read_blocks(
        db, intake_numbers_missing(&in->disclosure_numbers, INTAKE_DISCLOSURE_NUMBERS_MAX),
        &question->reads);
    intake_disclosure_read_persons(db, question->readings, question->read_count);
    db_run(db, on_read, q);
}

/* ---- the request */

static bool is_of_person(Troth__V1__DisclosureKind kind)
{
    return kind != TROTH__V1__DISCLOSURE_KIND__DISCLOSURE_KIND_CASE_TEXTS &&
           kind != TROTH__V1__DISCLOSURE_KIND__DISCLOSURE_KIND_CUSTOMER_TEXTS;
}

/* What may be read comes first, what is refused by its kind after it. */
static void add_reading(struct question *question, struct one *one, int32_t reader_id,
                        const Troth__V1__DisclosureRequest *r)
{
    (void)text_copy(one->purpose, sizeof(one->purpose), r->purpose);
    (void)text_copy(one->on_behalf_of, sizeof(one->on_behalf_of),
                    r->on_behalf_of ? r->on_behalf_of : "");
    one->reading = question->reading_count++;
    question->readings[one->reading] = (struct intake_disclosure){
        .customer = r->customer,
        .kind = r->kind,
        .purpose = one->purpose,
        .on_behalf_of = one->on_behalf_of,
        .reader_id = reader_id,
        .outcome = "kind_not_permitted",
    };
    question->replies[one->reading] = (Troth__V1__DisclosureReply)TROTH__V1__DISCLOSURE_REPLY__INIT;
    question->replies[one->reading].code = borrowed("kind_not_permitted");
}

static void fill(struct question *question, const struct principal *p,
                 const Troth__V1__DisclosureBatch *batch)
{
    question->count = batch->n_requests;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < batch->n_requests; i++) {
            const Troth__V1__DisclosureRequest *r = batch->requests[i];
            struct one *one = &question->ones[i];
            const char *code = intake_disclosure_check(p, r);
            bool is_read = is_of_person(r->kind) && intake_disclosure_may_read(p, r->kind);
            if (code) {
                one->code = code;
            } else if (is_read == (pass == 0)) {
                add_reading(question, one, p->id, r);
            }
            if (!r->request_id ||
                !text_copy(one->request_id, sizeof(one->request_id), r->request_id)) {
                one->request_id[0] = '\0';
            }
        }
        if (pass == 0) {
            question->read_count = question->reading_count;
        }
    }
}

static void ask(struct intake *in, struct bus_socket *s, const struct bus_message *m,
                const Troth__V1__DisclosureBatch *batch)
{
    struct inquiry *q = in->service->is_draining
                            ? NULL
                            : inquiry_open(in->batch_desk, s, m, sizeof(struct question));
    if (!q) {
        return; /* they are asked again */
    }
    struct question *question = inquiry_question(q);
    fill(question, &m->principal, batch);
    if (question->reading_count > 0) {
        inquiry_submit(q, start);
    } else {
        answer(q, NULL);
    }
}

int intake_disclosure_batch_ask(struct intake *in, struct bus_socket *s,
                                const struct bus_message *m, struct bytes wire, struct err *err)
{
    struct arena *arena = arena_new((size_t)4 * BUS_MESSAGE_MAX);
    const Troth__V1__DisclosureBatch *batch = (const Troth__V1__DisclosureBatch *)message_unpack(
        &troth__v1__disclosure_batch__descriptor, wire, arena, err);
    int rc = batch ? 0 : -1;
    if (batch && (batch->n_requests == 0 || batch->n_requests > INTAKE_DISCLOSURE_BATCH_MAX)) {
        rc = err_set(err, batch->n_requests == 0 ? "malformed" : "too_many_records",
                     "1 to %d questions go into one message", INTAKE_DISCLOSURE_BATCH_MAX);
    }
    if (rc == 0) {
        ask(in, s, m, batch);
    }
    arena_free(arena);
    return rc;
}
