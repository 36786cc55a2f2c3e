/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_void_store.h"

#include <string.h>

#include "common/base/log.h"
#include "common/domain/identifier.h"
#include "services/intake/borrowed.h"
#include "services/intake/history_read_store.h"
#include "services/intake/intake_class_store.h"
#include "services/intake/intake_read_rows.h"
#include "services/intake/intake_rows.h"

#define BODY(name) TROTH__V1__RECORD__BODY_##name

/* ---- the receipts of what is to be taken back */

static const struct db_query intake_void_targets = {
    "intake_void_targets",
    "SELECT r.source_id, r.key, r.record_kind, r.fact_number, r.voided_at IS NOT NULL, r.body"
    "  FROM unnest($1::int2[], $2::int4[], $3::text[]) AS u (bucket, source_id, key)"
    "  JOIN intake.receipt AS r ON (r.bucket, r.source_id, r.key) = (u.bucket, u.source_id, u.key)",
    DB_ROWS};

static bool is_void(const struct intake_record *r)
{
    return r->message->body_case == BODY(RECORD_VOID);
}

bool intake_void_ask_targets(struct db *db, struct intake_record *const *records, size_t count)
{
    ROWS(rows, DB_INT2, DB_INT4, DB_TEXT);
    for (size_t i = 0; i < count; i++) {
        if (is_void(records[i])) {
            int32_t source_id = records[i]->request->sender.source_id;
            const char *key = records[i]->message->record_void->record_key;
            put_int(&rows, identifier_bucket_of_reference(source_id, key));
            put_int(&rows, source_id);
            put_text(&rows, key);
        }
    }
    return rows_send(&rows, db, &intake_void_targets) > 0;
}

/* Our own receipts: a number that does not parse is none. */
static int64_t number_of(enum identifier_kind kind, const char *text)
{
    struct err err = ERR_NONE;
    int64_t number = 0;
    return text && identifier_parse(kind, text, &number, &err) == 0 ? number : 0;
}

static void load_target(const struct db_rows *rows, size_t i, struct intake_record *r,
                        struct intake_work *w)
{
    const struct bytes body = db_get_bytes(rows, i, 5);
    const Troth__V1__Receipt *receipt =
        troth__v1__receipt__unpack(arena_allocator(w->arena), body.len, body.data);
    if (!receipt) {
        BUG("a stored receipt cannot be unpacked");
    }
    r->target = (struct intake_void_target){
        .is_known = true,
        .is_voided = db_get_bool(rows, i, 4),
        .record_kind = (int)db_get_int(rows, i, 2),
        .fact_number = db_get_int(rows, i, 3),
    };
    r->names.customer_number = number_of(IDENTIFIER_CUSTOMER, receipt->customer_number);
    r->names.case_number = number_of(IDENTIFIER_CASE, receipt->case_number);
    if (r->target.fact_number) {
        r->bucket = identifier_bucket(r->target.fact_number);
    }
}

void intake_void_load_targets(const struct db_rows *rows, struct intake_record *const *records,
                              size_t count, struct intake_work *w)
{
    for (size_t k = 0; k < count; k++) {
        struct intake_record *r = records[k];
        if (!is_void(r)) {
            continue;
        }
        r->target = (struct intake_void_target){.is_known = false};
        r->names.customer_number = r->names.case_number = 0;
        for (size_t i = 0; i < db_row_count(rows); i++) {
            if (db_get_int(rows, i, 0) == r->request->sender.source_id &&
                strcmp(db_get_text(rows, i, 1), r->message->record_void->record_key) == 0) {
                load_target(rows, i, r, w);
                break;
            }
        }
    }
}

/* ---- the facts */

#define OF_FACTS(columns, table)                                                                   \
    "SELECT " columns "  FROM unnest($1::int2[], $2::int8[]) AS u (bucket, number)"                \
    "  JOIN " table " AS f ON (f.bucket, f.number) = (u.bucket, u.number)"

static const struct db_query intake_void_answers = {
    "intake_void_answers",
    OF_FACTS("f.number, f.customer_number, f.case_number, f.follow_up_number, f.branch,"
             " f.instrument, f.value, f.source_id, f.occurred_at, f.question",
             "intake.survey_answer"),
    DB_ROWS};

static const struct db_query intake_void_items = {
    "intake_void_items",
    "SELECT f.answer_number, f.item, f.dimension, f.expectation, f.perception"
    "  FROM unnest($1::int2[], $2::int8[]) AS u (bucket, number)"
    "  JOIN intake.survey_item AS f ON (f.bucket, f.answer_number) = (u.bucket, u.number)"
    " ORDER BY f.answer_number, f.item",
    DB_ROWS};

#define SALE                                                                                       \
    "f.number, f.customer_number, f.branch, f.product, f.amount_minor, f.currency,"                \
    " f.source_id, f.occurred_at"

static const struct db_query intake_void_purchases = {"intake_void_purchases",
                                                      OF_FACTS(SALE, "intake.purchase"), DB_ROWS};
static const struct db_query intake_void_refunds = {"intake_void_refunds",
                                                    OF_FACTS(SALE, "intake.refund"), DB_ROWS};

static const struct db_query intake_void_device_signals = {
    "intake_void_device_signals",
    OF_FACTS("f.number, f.customer_number, f.device, f.product, f.fault_code, f.mileage_km,"
             " f.usage, f.usage_unit, f.source_id, f.occurred_at",
             "intake.device_signal"),
    DB_ROWS};

static const struct db_query intake_void_redemptions = {
    "intake_void_redemptions",
    OF_FACTS("f.number, f.customer_number, f.reference, f.branch, f.points, f.source_id,"
             " f.occurred_at",
             "intake.points_redemption"),
    DB_ROWS};

static const struct db_query intake_void_expectations = {
    "intake_void_expectations",
    OF_FACTS("f.number, f.case_number, f.customer_number, f.reference, f.expected_at,"
             " f.has_outcome, f.has_manner, f.is_confirmed, f.source_id, f.occurred_at",
             "intake.expectation"),
    DB_ROWS};

/* ---- asking */

static bool is_of_case(int kind)
{
    return kind == BODY(CONTACT) || kind == BODY(CASE_UPDATE) || kind == BODY(PROMISE_GIVEN) ||
           kind == BODY(PROMISE_UPDATE) || kind == BODY(COMPENSATION);
}

static void load_answers(const struct db_rows *rows, struct intake_work *w);
static void load_items(const struct db_rows *rows, struct intake_work *w);
static void load_purchases(const struct db_rows *rows, struct intake_work *w);
static void load_refunds(const struct db_rows *rows, struct intake_work *w);
static void load_device_signals(const struct db_rows *rows, struct intake_work *w);
static void load_expectations(const struct db_rows *rows, struct intake_work *w);
static void load_redemptions(const struct db_rows *rows, struct intake_work *w);

/* In the order in which they are loaded: what a contact did comes after the contacts. */
static const struct {
    const struct db_query *query;
    int record_kind; /* 0: all kinds that belong to the history of a case */
    void (*load)(const struct db_rows *rows, struct intake_work *w);
} questions[INTAKE_VOID_QUESTIONS] = {
    {&intake_void_answers,           BODY(SURVEY_ANSWER),     load_answers                    },
    {&intake_void_items,             BODY(SURVEY_ANSWER),     load_items                      },
    {&intake_void_purchases,         BODY(PURCHASE),          load_purchases                  },
    {&intake_void_refunds,           BODY(REFUND),            load_refunds                    },
    {&intake_void_device_signals,    BODY(DEVICE_SIGNAL),     load_device_signals             },
    {&intake_void_expectations,      BODY(EXPECTATION),       load_expectations               },
    {&intake_void_redemptions,       BODY(POINTS_REDEMPTION), load_redemptions                },
    {&history_read_contacts,         0,                       history_read_load_contacts      },
    {&history_read_case_events,      0,                       history_read_load_case_events   },
    {&history_read_promise_events,   0,                       history_read_load_promise_events},
    {&history_read_compensations,    0,                       history_read_load_compensations },
    {&intake_class_read_classes,     0,                       intake_class_load_classes       },
    {&intake_class_read_first_terms, 0,                       intake_class_load_first_terms   },
};

/* The number that the question is about; 0: it is not about this record. */
static int64_t asked_number(const struct intake_record *r, int record_kind)
{
    const struct intake_void_target *t = &r->target;
    if (!is_void(r) || !t->is_known || t->is_voided) {
        return 0;
    }
    if (record_kind) {
        return t->record_kind == record_kind ? t->fact_number : 0;
    }
    return is_of_case(t->record_kind) ? r->names.case_number : 0;
}

/* Many records may be about one case: its history is asked for once. */
static bool is_asked(struct intake_record *const *records, size_t count, int record_kind,
                     int64_t number)
{
    for (size_t i = 0; i < count; i++) {
        if (asked_number(records[i], record_kind) == number) {
            return true;
        }
    }
    return false;
}

static size_t ask(struct db *db, size_t question, struct intake_record *const *records,
                  size_t count)
{
    const int kind = questions[question].record_kind;
    ROWS(rows, DB_INT2, DB_INT8);
    for (size_t i = 0; i < count; i++) {
        int64_t number = asked_number(records[i], kind);
        if (number && !is_asked(records, i, kind, number)) {
            put_key(&rows, number);
        }
    }
    return rows_send(&rows, db, questions[question].query);
}

struct intake_void_reads intake_void_read_nothing(void)
{
    struct intake_void_reads none;
    for (size_t q = 0; q < INTAKE_VOID_QUESTIONS; q++) {
        none.sets[q] = -1;
    }
    return none;
}

void intake_void_read(struct db *db, struct intake_record *const *records, size_t count, int *next,
                      struct intake_void_reads *ret_reads)
{
    for (size_t q = 0; q < INTAKE_VOID_QUESTIONS; q++) {
        ret_reads->sets[q] = ask(db, q, records, count) > 0 ? (*next)++ : -1;
    }
}

void intake_void_load(const struct intake_void_reads *reads, const struct db_reply *reply,
                      struct intake_work *w)
{
    for (size_t q = 0; q < INTAKE_VOID_QUESTIONS; q++) {
        if (reads->sets[q] >= 0) {
            questions[q].load(reply->rows[reads->sets[q]], w);
        }
    }
}

/* ---- loading facts */

static void load_answers(const struct db_rows *rows, struct intake_work *w)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        struct work_answer *a = work_append(w, &w->taken_answers, sizeof(*a));
        a->number = db_get_int(rows, i, 0);
        a->customer = db_get_int(rows, i, 1);
        a->service_case = db_get_int(rows, i, 2);
        a->follow_up = db_get_int(rows, i, 3);
        a->branch = intake_read_text(rows, i, 4);
        a->instrument = (Troth__V1__SurveyInstrument)db_get_int(rows, i, 5);
        a->has_value = !db_is_null(rows, i, 6);
        a->value = (int)db_get_int(rows, i, 6);
        a->source_id = (int32_t)db_get_int(rows, i, 7);
        a->occurred_us = db_get_time(rows, i, 8);
        a->question = intake_read_text(rows, i, 9);
    }
}

#define ITEMS_MAX 22 /* of SERVQUAL */

static void load_item(const struct db_rows *rows, size_t i, struct intake_work *w,
                      struct work_answer *a)
{
    if (!a->items) {
        a->items = work_alloc(w, ITEMS_MAX * sizeof(struct Troth__V1__ServqualItem *));
    }
    if (a->item_count == ITEMS_MAX) {
        return; /* the check lets no more in */
    }
    Troth__V1__ServqualItem *item = work_alloc(w, sizeof(*item));
    *item = (Troth__V1__ServqualItem)TROTH__V1__SERVQUAL_ITEM__INIT;
    item->has_item = item->has_dimension = true;
    item->item = (int32_t)db_get_int(rows, i, 1);
    item->dimension = (Troth__V1__ServqualDimension)db_get_int(rows, i, 2);
    item->has_expectation = !db_is_null(rows, i, 3);
    item->expectation = (int32_t)db_get_int(rows, i, 3);
    item->has_perception = !db_is_null(rows, i, 4);
    item->perception = (int32_t)db_get_int(rows, i, 4);
    a->items[a->item_count++] = item;
}

static void load_items(const struct db_rows *rows, struct intake_work *w)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        struct work_answer *a = w->taken_answers.first;
        while (a && a->number != db_get_int(rows, i, 0)) {
            a = a->next;
        }
        if (a) {
            load_item(rows, i, w, a);
        }
    }
}

static void load_sales(const struct db_rows *rows, struct intake_work *w, struct work_list *list)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        struct work_purchase *p = work_append(w, list, sizeof(*p));
        p->number = db_get_int(rows, i, 0);
        p->customer = db_get_int(rows, i, 1);
        p->branch = intake_read_text(rows, i, 2);
        p->product = intake_read_text(rows, i, 3);
        p->amount_minor = db_get_int(rows, i, 4);
        p->currency = db_get_text(rows, i, 5);
        p->source_id = (int32_t)db_get_int(rows, i, 6);
        p->occurred_us = db_get_time(rows, i, 7);
    }
}

static void load_purchases(const struct db_rows *rows, struct intake_work *w)
{
    load_sales(rows, w, &w->taken_purchases);
}

static void load_refunds(const struct db_rows *rows, struct intake_work *w)
{
    load_sales(rows, w, &w->taken_refunds);
}

static void load_redemptions(const struct db_rows *rows, struct intake_work *w)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        struct work_redemption *r = work_append(w, &w->taken_redemptions, sizeof(*r));
        r->number = db_get_int(rows, i, 0);
        r->customer = db_get_int(rows, i, 1);
        r->reference = db_get_text(rows, i, 2);
        r->branch = intake_read_text(rows, i, 3);
        r->points = db_get_int(rows, i, 4);
        r->source_id = (int32_t)db_get_int(rows, i, 5);
        r->occurred_us = db_get_time(rows, i, 6);
    }
}

static void load_device(struct bytes hash, struct work_device_signal *d)
{
    d->has_device = hash.len == sizeof(d->device);
    if (d->has_device) {
        memcpy(d->device, hash.data, sizeof(d->device));
    }
}

static void load_device_signals(const struct db_rows *rows, struct intake_work *w)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        struct work_device_signal *d = work_append(w, &w->taken_device_signals, sizeof(*d));
        Troth__V1__DeviceSignal *m = work_alloc(w, sizeof(*m));
        *m = (Troth__V1__DeviceSignal)TROTH__V1__DEVICE_SIGNAL__INIT;
        d->number = db_get_int(rows, i, 0);
        d->customer = db_get_int(rows, i, 1);
        if (!db_is_null(rows, i, 2)) {
            load_device(db_get_bytes(rows, i, 2), d);
        }
        m->product = borrowed(intake_read_text(rows, i, 3));
        m->fault_code = borrowed(intake_read_text(rows, i, 4));
        m->has_mileage_km = !db_is_null(rows, i, 5);
        m->mileage_km = m->has_mileage_km ? db_get_float8(rows, i, 5) : 0;
        m->has_usage = !db_is_null(rows, i, 6);
        m->usage = m->has_usage ? db_get_float8(rows, i, 6) : 0;
        m->usage_unit = borrowed(intake_read_text(rows, i, 7));
        d->message = m;
        d->source_id = (int32_t)db_get_int(rows, i, 8);
        d->occurred_us = db_get_time(rows, i, 9);
    }
}

static void load_expectations(const struct db_rows *rows, struct intake_work *w)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        struct work_expectation *e = work_append(w, &w->taken_expectations, sizeof(*e));
        e->number = db_get_int(rows, i, 0);
        e->service_case = db_get_int(rows, i, 1);
        e->customer = db_get_int(rows, i, 2);
        e->reference = intake_read_text(rows, i, 3);
        e->expected_us = db_get_time(rows, i, 4);
        e->has_outcome = db_get_bool(rows, i, 5);
        e->has_manner = db_get_bool(rows, i, 6);
        e->is_confirmed = db_get_bool(rows, i, 7);
        e->source_id = (int32_t)db_get_int(rows, i, 8);
        e->occurred_us = db_get_time(rows, i, 9);
    }
}
