/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_similar.h"

#include <string.h>

#include "common/base/log.h"
#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/intake/borrowed.h"
#include "services/intake/intake_disclosure.h"
#include "services/intake/intake_disclosure_open.h"
#include "services/intake/intake_disclosure_store.h"
#include "services/intake/intake_read_store.h"
#include "services/intake/intake_similar_store.h"
#include "services/intake/opened_text.h"

enum {
    LIST_MAX = 60,         /* the best: some are not solved any more */
    NOTE_BYTES_MAX = 2000, /* of 20 notes one message has room for as much */
    READINGS_MAX = INTAKE_SIMILAR_MAX + 1,
    ANSWER_BYTES = 2 * BUS_MESSAGE_MAX,
    TEXT_BYTES = 1024 * 1024,
};

struct question {
    char request_id[INTAKE_QUESTION_ID_MAX + 1];
    char purpose[INTAKE_DISCLOSURE_TEXT_MAX + 1];
    char on_behalf_of[INTAKE_DISCLOSURE_BEHALF_MAX + 1];
    int64_t service_case;
    int64_t count;
    int32_t reader_id;
    bool is_refused;  /* the reader may not read texts of cases: written down, not read */
    const char *code; /* what is answered; NULL: the cases */
    struct intake_reads reads;
    struct fingerprints asked;
    struct similarity similarity;
    struct similar best[LIST_MAX];
    struct similar_list list;
    struct {
        int64_t service_case, customer;
        const char *outcome;
    } readings[READINGS_MAX];
    size_t reading_count;
    struct arena *arena; /* of the answer */
    Troth__V1__SimilarReply reply;
};

/* ---- answers */

static void send_answer(struct inquiry *q, const char *code)
{
    struct question *question = inquiry_question(q);
    struct arena *arena = question->arena;
    Troth__V1__IntakeReply reply = TROTH__V1__INTAKE_REPLY__INIT;
    question->reply.request_id = question->request_id;
    question->reply.code = code ? borrowed(code) : NULL;
    reply.body_case = TROTH__V1__INTAKE_REPLY__BODY_SIMILAR;
    reply.similar = &question->reply;
    inquiry_answer(q, (const ProtobufCMessage *)&reply);
    arena_free(arena);
}

/* Nothing of the cases goes with it. */
static void refuse(struct inquiry *q, const char *code)
{
    struct question *question = inquiry_question(q);
    question->reply = (Troth__V1__SimilarReply)TROTH__V1__SIMILAR_REPLY__INIT;
    send_answer(q, code);
}

static void refuse_now(struct bus_socket *s, const struct bus_message *m, const char *request_id,
                       const char *code)
{
    Troth__V1__IntakeReply reply = TROTH__V1__INTAKE_REPLY__INIT;
    Troth__V1__SimilarReply body = TROTH__V1__SIMILAR_REPLY__INIT;
    body.request_id = borrowed(request_id);
    body.code = borrowed(code);
    reply.body_case = TROTH__V1__INTAKE_REPLY__BODY_SIMILAR;
    reply.similar = &body;
    inquiry_answer_now(s, m, (const ProtobufCMessage *)&reply);
}

/* True when the step failed: then the inquiry is over. */
static bool has_failed(struct inquiry *q, struct db *db, const struct db_reply *reply)
{
    if (reply->outcome == DB_OK) {
        return false;
    }
    log_warning("similar_failed", LOG_TEXT("sqlstate", reply->sqlstate), LOG_ERR(&reply->err));
    db_release(db);
    refuse(q, "unavailable");
    return true;
}

/* ---- written down, then answered */

static void note_reading(struct question *question, int64_t service_case, int64_t customer,
                         const char *outcome)
{
    if (question->reading_count < READINGS_MAX) {
        question->readings[question->reading_count].service_case = service_case;
        question->readings[question->reading_count].customer = customer;
        question->readings[question->reading_count++].outcome = outcome;
    }
}

static void on_written(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct inquiry *q = ctx;
    const struct question *question = inquiry_question(q);
    struct intake *in = inquiry_owner(q);
    if (has_failed(q, db, reply)) {
        return;
    }
    db_release(db);
    *in->metrics.disclosures += (int64_t)question->reading_count;
    send_answer(q, question->code); /* what is damaged is said beside what could be opened */
}

static void write_down(struct inquiry *q, struct db *db)
{
    const struct question *question = inquiry_question(q);
    struct intake *in = inquiry_owner(q);
    for (size_t i = 0; i < question->reading_count; i++) {
        int64_t customer = question->readings[i].customer;
        const struct intake_disclosure d = {
            .number = intake_numbers_take(&in->disclosure_numbers, identifier_bucket(customer)),
            .customer = customer,
            .service_case = question->readings[i].service_case,
            .kind = TROTH__V1__DISCLOSURE_KIND__DISCLOSURE_KIND_CASE_TEXTS,
            .purpose = question->purpose,
            .on_behalf_of = question->on_behalf_of,
            .reader_id = question->reader_id,
            .at_us = service_now_us(in->service),
            .outcome = question->readings[i].outcome,
        };
        intake_disclosure_write(db, &d);
    }
    db_commit(db);
    db_run(db, on_written, q);
}

/* ---- the solved ones */

/* What solved it; NULL: nothing is written, or it does not open. */
static char *open_note(struct inquiry *q, const struct db_rows *rows, size_t i)
{
    struct question *question = inquiry_question(q);
    const struct intake *in = inquiry_owner(q);
    struct arena *arena = arena_new(TEXT_BYTES);
    struct err err = ERR_NONE;
    const char *note = NULL;
    char *copy = NULL;
    int64_t service_case = db_get_int(rows, i, SOLVED_CASE);
    int64_t customer = db_get_int(rows, i, SOLVED_CUSTOMER);
    const struct opened_place place = {in->keyring, rows, i, SOLVED_NOTE, arena};
    if (opened_text_field(&place, "note", &note, &err) < 0) {
        question->code = "damaged";
        note_reading(question, service_case, customer, "damaged");
        opened_text_log_damaged(&place, &err);
    } else if (note) {
        copy = arena_alloc(question->arena, NOTE_BYTES_MAX);
        note_reading(question, service_case, customer, "disclosed");
    }
    if (copy) {
        (void)text_copy(copy, NOTE_BYTES_MAX, note);
    }
    arena_free(arena);
    return copy;
}

static char *copy_column(struct arena *arena, const struct db_rows *rows, size_t i, int column)
{
    return db_is_null(rows, i, column) ? NULL
                                       : arena_copy_text(arena, db_get_text(rows, i, column));
}

static double similarity_at(const struct question *question, int64_t rank)
{
    return rank >= 1 && (size_t)rank <= question->list.count
               ? question->list.at[rank - 1].similarity
               : 0;
}

static Troth__V1__SimilarCase *make_case(struct inquiry *q, const struct db_rows *rows, size_t i)
{
    const struct question *question = inquiry_question(q);
    struct arena *arena = question->arena;
    Troth__V1__SimilarCase *c = arena_alloc(arena, sizeof(*c));
    char number[IDENTIFIER_TEXT_SIZE];
    if (!c) {
        return NULL;
    }
    *c = (Troth__V1__SimilarCase)TROTH__V1__SIMILAR_CASE__INIT;
    c->case_number = arena_copy_text(
        arena, identifier_format(IDENTIFIER_CASE, db_get_int(rows, i, SOLVED_CASE), number));
    c->has_similarity = c->has_is_reference = c->has_times_used = c->has_times_succeeded = 1;
    c->similarity = similarity_at(question, db_get_int(rows, i, SOLVED_RANK));
    c->category = copy_column(arena, rows, i, SOLVED_CATEGORY);
    c->has_resolved_us = c->has_took_us = !db_is_null(rows, i, SOLVED_RESOLVED_AT);
    if (c->has_resolved_us) {
        c->resolved_us = db_get_time(rows, i, SOLVED_RESOLVED_AT);
        c->took_us = c->resolved_us - db_get_time(rows, i, SOLVED_OPENED_AT);
    }
    c->staff = copy_column(arena, rows, i, SOLVED_STAFF);
    c->is_reference = db_get_bool(rows, i, SOLVED_IS_REFERENCE);
    c->times_used = (int32_t)db_get_int(rows, i, SOLVED_TIMES_USED);
    c->times_succeeded = (int32_t)db_get_int(rows, i, SOLVED_TIMES_SUCCEEDED);
    c->note = open_note(q, rows, i);
    return c;
}

static void on_solved(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct inquiry *q = ctx;
    struct question *question = inquiry_question(q);
    if (has_failed(q, db, reply)) {
        return;
    }
    const struct db_rows *rows = reply->rows[0];
    size_t count = db_row_count(rows);
    question->reply.cases =
        arena_alloc(question->arena, INTAKE_SIMILAR_MAX * sizeof(Troth__V1__SimilarCase *));
    for (size_t i = 0; question->reply.cases && i < count && i < INTAKE_SIMILAR_MAX; i++) {
        Troth__V1__SimilarCase *c = make_case(q, rows, i);
        if (c) {
            question->reply.cases[question->reply.n_cases++] = c;
        }
    }
    write_down(q, db);
}

/* ---- the candidates */

static void on_candidates(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct inquiry *q = ctx;
    struct question *question = inquiry_question(q);
    if (has_failed(q, db, reply)) {
        return;
    }
    const struct db_rows *rows = reply->rows[0];
    for (size_t i = 0; i < db_row_count(rows); i++) {
        struct fingerprints stored;
        intake_similar_read(rows, i, 1, &stored);
        similar_list_add(&question->list,
                         (struct similar){db_get_int(rows, i, 0),
                                          similarity_of(&question->similarity, &stored)});
    }
    intake_similar_solved(db, &question->list, question->count);
    db_run(db, on_solved, q);
}

static void on_counts(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct inquiry *q = ctx;
    struct question *question = inquiry_question(q);
    struct fingerprint_count counts[FINGERPRINTS_MAX];
    struct fingerprints chosen;
    size_t count = 0;
    int64_t total = 0;
    if (has_failed(q, db, reply)) {
        return;
    }
    const struct db_rows *rows = reply->rows[0];
    for (size_t i = 0; i < db_row_count(rows); i++) {
        int32_t fingerprint = (int32_t)db_get_int(rows, i, 0);
        int64_t cases = db_get_int(rows, i, 1);
        if (fingerprint == 0) {
            total = cases;
        } else if (count < FINGERPRINTS_MAX) {
            counts[count++] = (struct fingerprint_count){fingerprint, cases};
        }
    }
    similarity_ask(&question->similarity, &question->asked, counts, count, total);
    bool is_any = similarity_choose(&question->similarity, &chosen);
    intake_similar_candidates(db, question->service_case, &chosen, is_any);
    db_run(db, on_candidates, q);
}

/* ---- the case */

/* A new case is read here: the job has not come to it yet. */
static void take_fingerprints(struct inquiry *q, const struct db_rows *rows)
{
    struct question *question = inquiry_question(q);
    const struct intake *in = inquiry_owner(q);
    int64_t customer = db_get_int(rows, 0, SIMILAR_CUSTOMER);
    if (!db_is_null(rows, 0, SIMILAR_FINGERPRINTS)) {
        intake_similar_read(rows, 0, SIMILAR_FINGERPRINTS, &question->asked);
        return;
    }
    struct arena *arena = arena_new(TEXT_BYTES);
    struct plain_text text = {0};
    struct err err = ERR_NONE;
    uint8_t key[KEYRING_GRAM_KEY_LEN];
    const struct opened_place place = {in->keyring, rows, 0, SIMILAR_TEXT, arena};
    bool is_open = opened_text_plain(&place, &text, &err) == 0;
    if (!is_open) {
        question->code = "damaged";
        opened_text_log_damaged(&place, &err);
    }
    keyring_gram_key(in->keyring, key);
    fingerprint_text(key, &text, &question->asked);
    note_reading(question, question->service_case, customer, is_open ? "disclosed" : "damaged");
    plain_text_free(&text);
    arena_free(arena);
}

static void on_case(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct inquiry *q = ctx;
    struct question *question = inquiry_question(q);
    struct intake *in = inquiry_owner(q);
    if (has_failed(q, db, reply)) {
        return;
    }
    intake_read_load_blocks(&question->reads, reply, &in->disclosure_numbers);
    const struct db_rows *rows = reply->rows[question->reads.next];
    bool is_known = db_row_count(rows) > 0;
    if (!is_known || question->is_refused) {
        question->code = question->is_refused ? "kind_not_permitted" : "unknown";
        note_reading(question, question->service_case,
                     is_known ? db_get_int(rows, 0, SIMILAR_CUSTOMER) : 0, question->code);
        write_down(q, db);
        return;
    }
    take_fingerprints(q, rows);
    intake_similar_counts(db, &question->asked);
    db_run(db, on_counts, q);
}

static void start(void *ctx, struct db *db)
{
    struct inquiry *q = ctx;
    struct question *question = inquiry_question(q);
    const struct intake *in = inquiry_owner(q);
    db_begin(db);
    question->arena = arena_new(ANSWER_BYTES);
    question->reads = intake_read_nothing();
    /* All that are open could take theirs before our answer comes. */
    intake_read_blocks(
        db, intake_numbers_missing(&in->disclosure_numbers, INTAKE_DISCLOSURE_NUMBERS_MAX),
        &question->reads);
    intake_similar_case(db, question->service_case);
    db_run(db, on_case, q);
}

/* ---- the request */

static const char *check(const struct principal *p, const ProtobufCMessage *request)
{
    const Troth__V1__SimilarRequest *r = (const Troth__V1__SimilarRequest *)request;
    int64_t service_case = 0;
    if (!(p->rights & RIGHT_DISCLOSURE)) {
        return "not_permitted";
    }
    if (text_is_empty(r->case_number) || text_is_empty(r->purpose) ||
        strlen(r->purpose) > INTAKE_DISCLOSURE_TEXT_MAX ||
        (r->request_id && strlen(r->request_id) > INTAKE_QUESTION_ID_MAX)) {
        return "field_missing";
    }
    if (r->has_count && (r->count < 1 || r->count > INTAKE_SIMILAR_MAX)) {
        return "value_out_of_range";
    }
    if (identifier_parse(IDENTIFIER_CASE, r->case_number, &service_case, NULL) < 0) {
        return "case_number_invalid";
    }
    return intake_disclosure_is_purpose(r->purpose) && intake_disclosure_is_behalf(r->on_behalf_of)
               ? NULL
               : "text_invalid";
}

static void keep(void *state, const struct principal *p, const ProtobufCMessage *request,
                 const char *request_id)
{
    const uint64_t case_texts = UINT64_C(1)
                                << TROTH__V1__DISCLOSURE_KIND__DISCLOSURE_KIND_CASE_TEXTS;
    const Troth__V1__SimilarRequest *r = (const Troth__V1__SimilarRequest *)request;
    struct question *question = state;
    (void)text_copy(question->request_id, sizeof(question->request_id), request_id);
    (void)text_copy(question->purpose, sizeof(question->purpose), r->purpose);
    (void)text_copy(question->on_behalf_of, sizeof(question->on_behalf_of),
                    r->on_behalf_of ? r->on_behalf_of : "");
    if (identifier_parse(IDENTIFIER_CASE, r->case_number, &question->service_case, NULL) < 0) {
        BUG("similar cases are asked for without a number that was checked");
    }
    question->count = r->has_count ? r->count : INTAKE_SIMILAR_USUAL;
    question->reader_id = p->id;
    question->is_refused = !(p->disclosure_kinds & case_texts);
    question->list = (struct similar_list){.at = question->best, .max = LIST_MAX};
    question->reply = (Troth__V1__SimilarReply)TROTH__V1__SIMILAR_REPLY__INIT;
}

const struct intake_question_kind intake_similar_question = {
    .descriptor = &troth__v1__similar_request__descriptor,
    .request_id_at = offsetof(Troth__V1__SimilarRequest, request_id),
    .size = sizeof(struct question),
    .check = check,
    .keep = keep,
    .start = start,
    .refuse = refuse_now,
};
