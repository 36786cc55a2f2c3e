/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_fact_store.h"

#include "common/domain/identifier.h"
#include "services/intake/intake_rows.h"

/* ---- promises */

static const struct db_query intake_write_promises = {
    "intake_write_promises",
    "INSERT INTO intake.promise (bucket, number, case_number, customer_number, kind, branch,"
    "       state, version, made_at, target_us, due_at, next_step, next_step_at, done_at,"
    "       settled_at, standard_id, is_historical)"
    " SELECT * FROM unnest($1::int2[], $2::int8[], $3::int8[], $4::int8[], $5::text[],"
    "       $6::text[], $7::int2[], $8::int4[], $9::timestamptz[], $10::int8[],"
    "       $11::timestamptz[], $12::int2[], $13::timestamptz[], $14::timestamptz[],"
    "       $15::timestamptz[], $16::int4[], $17::bool[])",
    DB_NONE};

static void put_progress(struct rows *rows, const struct work_promise *p)
{
    put_time(rows, p->due_us == CLOCK_NEVER ? DB_NO_TIME : p->due_us);
    put_int(rows, p->next_step);
    put_time(rows, p->next_step_us);
    put_time(rows, p->done_us);
    put_time(rows, p->settled_us);
}

static size_t write_new_promises(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_INT8, DB_INT8, DB_TEXT, DB_TEXT, DB_INT2, DB_INT4, DB_TIME,
         DB_INT8, DB_TIME, DB_INT2, DB_TIME, DB_TIME, DB_TIME, DB_INT4, DB_BOOL);
    WORK_EACH(const struct work_case, c, &w->cases)
    {
        for (const struct work_promise *p = c->promises; p; p = p->next) {
            if (p->version_read) {
                continue;
            }
            put_key(&rows, p->number);
            put_int(&rows, c->number);
            put_int(&rows, c->customer);
            put_text(&rows, p->kind);
            put_optional(&rows, c->branch);
            put_int(&rows, (int64_t)p->state);
            put_int(&rows, p->version);
            put_time(&rows, p->made_us);
            put_int(&rows, p->target_us);
            put_progress(&rows, p);
            put_int(&rows, p->standard_id);
            put_bool(&rows, p->is_historical);
        }
    }
    return rows_send(&rows, db, &intake_write_promises);
}

static const struct db_query intake_write_promise_changes = {
    "intake_write_promise_changes",
    "UPDATE intake.promise AS p"
    "   SET state = u.state, version = u.version, due_at = u.due_at, next_step = u.next_step,"
    "       next_step_at = u.next_step_at, done_at = u.done_at, settled_at = u.settled_at"
    "  FROM unnest($1::int2[], $2::int8[], $3::int2[], $4::int4[], $5::timestamptz[],"
    "              $6::int2[], $7::timestamptz[], $8::timestamptz[], $9::timestamptz[])"
    "       AS u (bucket, number, state, version, due_at, next_step, next_step_at, done_at,"
    "             settled_at)"
    " WHERE p.bucket = u.bucket AND p.number = u.number",
    DB_NONE};

size_t intake_fact_promise_changes(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_INT2, DB_INT4, DB_TIME, DB_INT2, DB_TIME, DB_TIME, DB_TIME);
    WORK_EACH(const struct work_case, c, &w->cases)
    {
        for (const struct work_promise *p = c->promises; p; p = p->next) {
            if (p->version_read && p->is_changed) {
                put_key(&rows, p->number);
                put_int(&rows, (int64_t)p->state);
                put_int(&rows, p->version);
                put_progress(&rows, p);
            }
        }
    }
    return rows_send(&rows, db, &intake_write_promise_changes);
}

/* ---- what only ever comes to be */

static const struct db_query intake_fact_contacts = {
    "intake_fact_contacts",
    "INSERT INTO intake.contact (bucket, number, customer_number, case_number, source_id, kind,"
    "       channel, occurred_at, is_historical, received_at)"
    " SELECT u.*, $10 FROM unnest($1::int2[], $2::int8[], $3::int8[], $4::int8[], $5::int4[],"
    "       $6::int2[], $7::text[], $8::timestamptz[], $9::bool[]) AS u",
    DB_NONE};

static size_t write_contacts(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_INT8, DB_INT8, DB_INT4, DB_INT2, DB_TEXT, DB_TIME, DB_BOOL);
    WORK_EACH(const struct work_contact, c, &w->contacts)
    {
        put_key(&rows, c->number);
        put_int(&rows, c->customer);
        put_int(&rows, c->service_case);
        put_int(&rows, c->source_id);
        put_int(&rows, (int64_t)c->kind);
        put_optional(&rows, c->channel);
        put_time(&rows, c->occurred_us);
        put_bool(&rows, c->is_historical);
    }
    return rows_send_at(&rows, db, &intake_fact_contacts, w->now_us);
}

static const struct db_query intake_fact_case_events = {
    "intake_fact_case_events",
    "INSERT INTO intake.case_event (bucket, number, case_number, case_version, action,"
    "       from_state, to_state, staff, source_id, occurred_at, received_at)"
    " SELECT u.*, $11 FROM unnest($1::int2[], $2::int8[], $3::int8[], $4::int8[], $5::int2[],"
    "       $6::int2[], $7::int2[], $8::text[], $9::int4[], $10::timestamptz[]) AS u",
    DB_NONE};

static size_t write_case_events(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_INT8, DB_INT8, DB_INT2, DB_INT2, DB_INT2, DB_TEXT, DB_INT4,
         DB_TIME);
    WORK_EACH(const struct work_case_event, e, &w->case_events)
    {
        put_key(&rows, e->number);
        put_int(&rows, e->service_case);
        put_int(&rows, e->case_version);
        put_int(&rows, (int64_t)e->action);
        put_int(&rows, (int64_t)e->from);
        put_int(&rows, (int64_t)e->to);
        put_optional(&rows, e->staff);
        put_int(&rows, e->source_id);
        put_time(&rows, e->occurred_us);
    }
    return rows_send_at(&rows, db, &intake_fact_case_events, w->now_us);
}

static const struct db_query intake_fact_texts = {
    "intake_fact_texts",
    "INSERT INTO intake.contact_text (bucket, number, field, customer_number, case_number, at, "
    "body)"
    " SELECT * FROM unnest($1::int2[], $2::int8[], $3::text[], $4::int8[], $5::int8[],"
    "       $6::timestamptz[], $7::text[])",
    DB_NONE};

static size_t write_texts(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_TEXT, DB_INT8, DB_INT8, DB_TIME, DB_TEXT);
    WORK_EACH(const struct work_text, t, &w->texts)
    {
        put_key(&rows, t->number);
        put_text(&rows, t->field);
        put_int(&rows, t->customer);
        put_number(&rows, t->service_case);
        put_time(&rows, t->at_us);
        put_text(&rows, t->body);
    }
    return rows_send(&rows, db, &intake_fact_texts);
}

static const struct db_query intake_fact_answers = {
    "intake_fact_answers",
    "INSERT INTO intake.survey_answer (bucket, number, customer_number, case_number,"
    "       follow_up_number, branch, instrument, value, source_id, occurred_at, received_at)"
    " SELECT u.*, $11 FROM unnest($1::int2[], $2::int8[], $3::int8[], $4::int8[], $5::int8[],"
    "       $6::text[], $7::int2[], $8::int2[], $9::int4[], $10::timestamptz[]) AS u",
    DB_NONE};

static size_t write_answers(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_INT8, DB_INT8, DB_INT8, DB_TEXT, DB_INT2, DB_INT2, DB_INT4,
         DB_TIME);
    WORK_EACH(const struct work_answer, a, &w->answers)
    {
        put_key(&rows, a->number);
        put_int(&rows, a->customer);
        put_number(&rows, a->service_case);
        put_number(&rows, a->follow_up);
        put_optional(&rows, a->branch);
        put_int(&rows, (int64_t)a->instrument);
        put_int(&rows, a->value);
        put_int(&rows, a->source_id);
        put_time(&rows, a->occurred_us);
    }
    return rows_send_at(&rows, db, &intake_fact_answers, w->now_us);
}

static const struct db_query intake_fact_purchases = {
    "intake_fact_purchases",
    "INSERT INTO intake.purchase (bucket, number, customer_number, order_ref, branch, product,"
    "       amount_minor, currency, source_id, occurred_at, received_at)"
    " SELECT u.*, $11 FROM unnest($1::int2[], $2::int8[], $3::int8[], $4::text[], $5::text[],"
    "       $6::text[], $7::int8[], $8::text[], $9::int4[], $10::timestamptz[]) AS u",
    DB_NONE};

static size_t write_purchases(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_INT8, DB_TEXT, DB_TEXT, DB_TEXT, DB_INT8, DB_TEXT, DB_INT4,
         DB_TIME);
    WORK_EACH(const struct work_purchase, p, &w->purchases)
    {
        put_key(&rows, p->number);
        put_int(&rows, p->customer);
        put_optional(&rows, p->order_ref);
        put_optional(&rows, p->branch);
        put_optional(&rows, p->product);
        put_int(&rows, p->amount_minor);
        put_text(&rows, p->currency);
        put_int(&rows, p->source_id);
        put_time(&rows, p->occurred_us);
    }
    return rows_send_at(&rows, db, &intake_fact_purchases, w->now_us);
}

/* ---- receipts */

static const struct db_query intake_fact_receipts = {
    "intake_fact_receipts",
    "INSERT INTO intake.receipt (bucket, source_id, key, digest, body, is_permanent, received_at)"
    " SELECT u.*, $7 FROM unnest($1::int2[], $2::int4[], $3::text[], $4::bytea[], $5::bytea[],"
    "       $6::bool[]) AS u",
    DB_NONE};

static size_t write_receipts(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT4, DB_TEXT, DB_BYTES, DB_BYTES, DB_BOOL);
    WORK_EACH(const struct work_receipt, r, &w->receipts)
    {
        if (r->is_new) {
            put_int(&rows, r->bucket);
            put_int(&rows, r->source_id);
            put_text(&rows, r->key);
            put_bytes(&rows, r->digest);
            put_bytes(&rows, r->body);
            put_bool(&rows, r->is_permanent);
        }
    }
    return rows_send_at(&rows, db, &intake_fact_receipts, w->now_us);
}

size_t intake_fact_queue(struct db *db, const struct intake_work *w)
{
    size_t count = write_new_promises(db, w);
    count += write_contacts(db, w);
    count += write_case_events(db, w);
    count += write_texts(db, w);
    count += write_answers(db, w);
    count += write_purchases(db, w);
    count += write_receipts(db, w);
    return count;
}
