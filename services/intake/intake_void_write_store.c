/* SPDX-License-Identifier: Apache-2.0 */
/* intake_void_write_store.c - the writing half of intake_void_store.h. */
#include "common/domain/identifier.h"
#include "services/intake/case_history.h"
#include "services/intake/intake_class_store.h"
#include "services/intake/intake_rows.h"
#include "services/intake/intake_void_store.h"

#define BODY(name) TROTH__V1__RECORD__BODY_##name

/* ---- what was taken back */

static const struct db_query intake_void_records = {
    "intake_void_records",
    "INSERT INTO intake.record_void (bucket, number, record_kind, fact_number, source_id,"
    "       occurred_at, received_at)"
    " SELECT u.*, $7 FROM unnest($1::int2[], $2::int8[], $3::int2[], $4::int8[], $5::int4[],"
    "       $6::timestamptz[]) AS u",
    DB_NONE};

static size_t write_records(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_INT2, DB_INT8, DB_INT4, DB_TIME);
    WORK_EACH(const struct work_void, v, &w->voids)
    {
        put_key(&rows, v->number);
        put_int(&rows, v->record_kind);
        put_int(&rows, v->fact_number);
        put_int(&rows, v->source_id);
        put_time(&rows, v->occurred_us);
    }
    return rows_send_at(&rows, db, &intake_void_records, w->now_us);
}

/* The instant of each is the same: that of this work. */
static const struct db_query intake_void_receipts = {
    "intake_void_receipts",
    "WITH changed AS ("
    "UPDATE intake.receipt AS r SET voided_at = u.at"
    "  FROM unnest($1::int2[], $2::int4[], $3::text[], $4::timestamptz[])"
    "       AS u (bucket, source_id, key, at)"
    " WHERE (r.bucket, r.source_id, r.key) = (u.bucket, u.source_id, u.key)"
    "   AND r.voided_at IS NULL"
    " RETURNING 1)"
    " SELECT intake.expect_rows(count(*), $5) FROM changed",
    DB_HIDDEN};

static size_t write_receipts(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT4, DB_TEXT, DB_TIME);
    WORK_EACH(const struct work_void, v, &w->voids)
    {
        put_int(&rows, v->receipt_bucket);
        put_int(&rows, v->source_id);
        put_text(&rows, v->key);
        put_time(&rows, w->now_us);
    }
    return rows_send_expecting(&rows, db, &intake_void_receipts);
}

/* ---- facts that stand alone */

#define MARK(name, table)                                                                          \
    static const struct db_query name = {                                                          \
        #name,                                                                                     \
        "UPDATE " table " AS f SET is_void = true"                                                 \
        "  FROM unnest($1::int2[], $2::int8[]) AS u (bucket, number)"                              \
        " WHERE (f.bucket, f.number) = (u.bucket, u.number)",                                      \
        DB_NONE}

MARK(intake_void_mark_answers, "intake.survey_answer");
MARK(intake_void_mark_purchases, "intake.purchase");
MARK(intake_void_mark_refunds, "intake.refund");
MARK(intake_void_mark_device_signals, "intake.device_signal");
MARK(intake_void_mark_redemptions, "intake.points_redemption");
MARK(intake_void_mark_expectations, "intake.expectation");
MARK(intake_void_mark_contacts, "intake.contact");

static const struct {
    int record_kind;
    const struct db_query *query;
} marks[] = {
    {BODY(SURVEY_ANSWER),     &intake_void_mark_answers       },
    {BODY(PURCHASE),          &intake_void_mark_purchases     },
    {BODY(REFUND),            &intake_void_mark_refunds       },
    {BODY(DEVICE_SIGNAL),     &intake_void_mark_device_signals},
    {BODY(POINTS_REDEMPTION), &intake_void_mark_redemptions   },
    {BODY(EXPECTATION),       &intake_void_mark_expectations  },
    {BODY(CONTACT),           &intake_void_mark_contacts      },
};

static size_t mark(struct db *db, const struct intake_work *w, size_t i)
{
    ROWS(rows, DB_INT2, DB_INT8);
    WORK_EACH(const struct work_void, v, &w->voids)
    {
        if (v->record_kind == marks[i].record_kind) {
            put_key(&rows, v->fact_number);
        }
    }
    return rows_send(&rows, db, marks[i].query);
}

/* ---- what belongs to cases */

static const struct case_entry *first_entry(const struct work_case *c)
{
    return c->history ? c->history->first : NULL;
}

static const struct db_query intake_void_moves = {
    "intake_void_moves",
    "UPDATE intake.case_event AS e"
    "   SET action = u.action, from_state = u.from_state, to_state = u.to_state,"
    "       is_void = u.is_void"
    "  FROM unnest($1::int2[], $2::int8[], $3::int2[], $4::int2[], $5::int2[], $6::bool[])"
    "       AS u (bucket, number, action, from_state, to_state, is_void)"
    " WHERE (e.bucket, e.number) = (u.bucket, u.number)",
    DB_NONE};

static size_t write_moves(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_INT2, DB_INT2, DB_INT2, DB_BOOL);
    WORK_EACH(const struct work_case, c, &w->cases)
    {
        for (const struct case_entry *e = first_entry(c); e; e = e->next) {
            if (e->move.is_changed) {
                put_key(&rows, e->move.number);
                put_int(&rows, (int64_t)e->move.action);
                put_int(&rows, (int64_t)e->move.from);
                put_int(&rows, (int64_t)e->move.to);
                put_bool(&rows, e->move.is_void);
            }
        }
    }
    return rows_send(&rows, db, &intake_void_moves);
}

MARK(intake_void_mark_promise_events, "intake.promise_event");

static size_t write_promise_events(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8);
    WORK_EACH(const struct work_case, c, &w->cases)
    {
        for (const struct case_entry *e = first_entry(c); e; e = e->next) {
            if (e->kind == CASE_ENTRY_PROMISE && e->is_changed) {
                put_key(&rows, e->number);
            }
        }
    }
    return rows_send(&rows, db, &intake_void_mark_promise_events);
}

static const struct db_query intake_void_promises = {
    "intake_void_promises",
    "UPDATE intake.promise AS p SET is_void = u.is_void"
    "  FROM unnest($1::int2[], $2::int8[], $3::bool[]) AS u (bucket, number, is_void)"
    " WHERE (p.bucket, p.number) = (u.bucket, u.number) AND p.is_void <> u.is_void",
    DB_NONE};

static size_t write_promises(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_BOOL);
    WORK_EACH(const struct work_case, c, &w->cases)
    {
        for (const struct work_promise *p = c->history ? c->promises : NULL; p; p = p->next) {
            put_key(&rows, p->number);
            put_bool(&rows, p->is_void);
        }
    }
    return rows_send(&rows, db, &intake_void_promises);
}

static const struct db_query intake_void_compensations = {
    "intake_void_compensations_changed",
    "UPDATE intake.compensation AS k SET is_void = u.is_void"
    "  FROM unnest($1::int2[], $2::int8[], $3::bool[]) AS u (bucket, number, is_void)"
    " WHERE (k.bucket, k.promise_number) = (u.bucket, u.number)",
    DB_NONE};

static size_t write_compensations(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_BOOL);
    WORK_EACH(const struct work_case, c, &w->cases)
    {
        const struct case_amends *a = c->history ? c->history->amends : NULL;
        for (; a; a = a->next) {
            if (a->is_changed) {
                put_key(&rows, a->row.promise);
                put_bool(&rows, a->is_void);
            }
        }
    }
    return rows_send(&rows, db, &intake_void_compensations);
}

size_t intake_void_queue_marks(struct db *db, const struct intake_work *w)
{
    size_t count = write_receipts(db, w);
    count += write_records(db, w);
    for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
        count += mark(db, w, i);
    }
    return count;
}

size_t intake_void_queue(struct db *db, const struct intake_work *w)
{
    size_t count = write_moves(db, w);
    count += intake_class_queue_changes(db, w);
    count += write_promise_events(db, w);
    count += write_promises(db, w);
    count += write_compensations(db, w);
    return count;
}
