/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_fact_store.h"

#include "common/domain/identifier.h"
#include "services/intake/intake_class_store.h"
#include "services/intake/intake_other_store.h"
#include "services/intake/intake_promise_store.h"
#include "services/intake/intake_rows.h"

/* ---- promises */

#define PROMISE_COLUMNS                                                                            \
    "bucket, number, case_number, customer_number, kind, branch, state, version, made_at,"         \
    " target_us, due_at, next_step, next_step_at, done_at, settled_at, standard_id,"               \
    " is_historical, made_by, rule, chance, safe_at, past_cases"
#define PROMISE_ARRAYS                                                                             \
    "unnest($1::int2[]), unnest($2::int8[]), unnest($3::int8[]), unnest($4::int8[]),"              \
    " unnest($5::text[]), unnest($6::text[]), unnest($7::int2[]), unnest($8::int4[]),"             \
    " unnest($9::timestamptz[]), unnest($10::int8[]), unnest($11::timestamptz[]),"                 \
    " unnest($12::int2[]), unnest($13::timestamptz[]), unnest($14::timestamptz[]),"                \
    " unnest($15::timestamptz[]), unnest($16::int4[]), unnest($17::bool[]), unnest($18::int8[]),"  \
    " unnest($19::text[]), unnest($20::float8[]), unnest($21::timestamptz[]), unnest($22::int4[])"
#define PROMISE_TYPES                                                                              \
    DB_INT2, DB_INT8, DB_INT8, DB_INT8, DB_TEXT, DB_TEXT, DB_INT2, DB_INT4, DB_TIME, DB_INT8,      \
        DB_TIME, DB_INT2, DB_TIME, DB_TIME, DB_TIME, DB_INT4, DB_BOOL, DB_INT8, DB_TEXT,           \
        DB_FLOAT8, DB_TIME, DB_INT4

static const struct db_query intake_write_promises = {
    "intake_write_promises",
    "INSERT INTO intake.promise (" PROMISE_COLUMNS ") SELECT " PROMISE_ARRAYS, DB_NONE};

/* Of most there is nothing more to say; of these there is: a person gave them, or the very work
 * that made them went on with them. */
static const struct db_query intake_write_other_promises = {
    "intake_write_other_promises",
    "INSERT INTO intake.promise (" PROMISE_COLUMNS ", is_due_fixed, source_id, reference, replaces,"
    "       done_by, cause, customer_word, counted_us, clock_version)"
    " SELECT " PROMISE_ARRAYS ", unnest($23::bool[]), unnest($24::int4[]), unnest($25::text[]),"
    "       unnest($26::int8[]), unnest($27::int2[]), unnest($28::int2[]), unnest($29::int2[]),"
    "       unnest($30::int8[]), unnest($31::int4[])",
    DB_NONE};

static void put_progress(struct rows *rows, const struct work_promise *p)
{
    put_time(rows, p->due_us == CLOCK_NEVER ? DB_NO_TIME : p->due_us);
    put_int(rows, p->next_step);
    put_time(rows, p->next_step_us);
    put_time(rows, p->done_us);
    put_time(rows, p->settled_us);
}

static void put_promise(struct rows *rows, const struct work_case *c, const struct work_promise *p)
{
    put_key(rows, p->number);
    put_int(rows, c->number);
    put_int(rows, c->customer);
    put_text(rows, p->kind);
    put_optional(rows, c->branch);
    put_int(rows, (int64_t)p->state);
    put_int(rows, p->version);
    put_time(rows, p->made_us);
    put_int(rows, p->target_us);
    put_progress(rows, p);
    put_int(rows, p->standard_id);
    put_bool(rows, p->is_historical);
    put_number(rows, p->made_by);
    put_optional(rows, p->rule);
    put_double(rows, p->past_cases > 0, p->chance);
    put_time(rows, p->safe_us);
    put_number(rows, p->past_cases);
}

static bool is_plain(const struct work_promise *p)
{
    return !p->source_id && p->counted_us == WORK_NO_TIME && p->clock_version == 1;
}

static void put_counted(struct rows *rows, const struct work_promise *p)
{
    if (p->counted_us == WORK_NO_TIME) {
        put_null(rows);
    } else {
        put_int(rows, p->counted_us);
    }
}

static void put_rest(struct rows *rows, const struct work_promise *p)
{
    put_bool(rows, p->is_due_fixed);
    put_number(rows, p->source_id);
    put_optional(rows, p->reference);
    put_number(rows, p->replaces);
    put_number(rows, p->done_by);
    put_number(rows, p->cause);
    put_number(rows, p->customer_word);
    put_counted(rows, p);
    put_int(rows, p->clock_version);
}

static size_t write_new_promises(struct db *db, const struct intake_work *w)
{
    ROWS(rows, PROMISE_TYPES);
    ROWS(others, PROMISE_TYPES, DB_BOOL, DB_INT4, DB_TEXT, DB_INT8, DB_INT2, DB_INT2, DB_INT2,
         DB_INT8, DB_INT4);
    WORK_EACH(const struct work_case, c, &w->cases)
    {
        for (const struct work_promise *p = c->promises; p; p = p->next) {
            if (p->version_read) {
                continue;
            }
            put_promise(is_plain(p) ? &rows : &others, c, p);
            if (!is_plain(p)) {
                put_rest(&others, p);
            }
        }
    }
    return rows_send(&rows, db, &intake_write_promises) +
           rows_send(&others, db, &intake_write_other_promises);
}

static const struct db_query intake_write_promise_changes = {
    "intake_write_promise_changes",
    "UPDATE intake.promise AS p"
    "   SET state = u.state, version = u.version, due_at = u.due_at, next_step = u.next_step,"
    "       next_step_at = u.next_step_at, done_at = u.done_at, settled_at = u.settled_at,"
    "       target_us = u.target_us, standard_id = u.standard_id, rule = u.rule,"
    "       clock_version = u.clock_version, cause = u.cause, customer_word = u.customer_word,"
    "       counted_us = u.counted_us"
    "  FROM unnest($1::int2[], $2::int8[], $3::int2[], $4::int4[], $5::timestamptz[],"
    "              $6::int2[], $7::timestamptz[], $8::timestamptz[], $9::timestamptz[],"
    "              $10::int8[], $11::int4[], $12::text[], $13::int4[], $14::int2[], $15::int2[],"
    "              $16::int8[])"
    "       AS u (bucket, number, state, version, due_at, next_step, next_step_at, done_at,"
    "             settled_at, target_us, standard_id, rule, clock_version, cause, customer_word,"
    "             counted_us)"
    " WHERE p.bucket = u.bucket AND p.number = u.number",
    DB_NONE};

size_t intake_fact_promise_changes(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_INT2, DB_INT4, DB_TIME, DB_INT2, DB_TIME, DB_TIME, DB_TIME,
         DB_INT8, DB_INT4, DB_TEXT, DB_INT4, DB_INT2, DB_INT2, DB_INT8);
    WORK_EACH(const struct work_case, c, &w->cases)
    {
        for (const struct work_promise *p = c->promises; p; p = p->next) {
            if (p->version_read && p->is_changed) {
                put_key(&rows, p->number);
                put_int(&rows, (int64_t)p->state);
                put_int(&rows, p->version);
                put_progress(&rows, p);
                put_int(&rows, p->target_us);
                put_int(&rows, p->standard_id);
                put_optional(&rows, p->rule);
                put_int(&rows, p->clock_version);
                put_number(&rows, p->cause);
                put_number(&rows, p->customer_word);
                put_counted(&rows, p);
            }
        }
    }
    return rows_send(&rows, db, &intake_write_promise_changes);
}

/* ---- what only ever comes to be */

static const struct db_query intake_fact_contacts = {
    "intake_fact_contacts",
    "INSERT INTO intake.contact (bucket, number, customer_number, case_number, source_id, kind,"
    "       channel, occurred_at, is_historical, case_version, origin, is_thanks, received_at)"
    " SELECT unnest($1::int2[]), unnest($2::int8[]), unnest($3::int8[]), unnest($4::int8[]),"
    "      unnest($5::int4[]), unnest($6::int2[]), unnest($7::text[]), unnest($8::timestamptz[]),"
    "      unnest($9::bool[]), unnest($10::int8[]), unnest($11::int2[]), unnest($12::bool[]), $13",
    DB_NONE};

static size_t write_contacts(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_INT8, DB_INT8, DB_INT4, DB_INT2, DB_TEXT, DB_TIME, DB_BOOL,
         DB_INT8, DB_INT2, DB_BOOL);
    WORK_EACH(const struct work_contact, c, &w->contacts)
    {
        put_key(&rows, c->number);
        put_int(&rows, c->customer);
        put_number(&rows, c->service_case);
        put_int(&rows, c->source_id);
        put_int(&rows, (int64_t)c->kind);
        put_optional(&rows, c->channel);
        put_time(&rows, c->occurred_us);
        put_bool(&rows, c->is_historical);
        put_number(&rows, c->case_version);
        put_int(&rows, (int64_t)c->origin);
        put_bool(&rows, c->is_thanks);
    }
    return rows_send_at(&rows, db, &intake_fact_contacts, w->now_us);
}

static const struct db_query intake_fact_case_events = {
    "intake_fact_case_events",
    "INSERT INTO intake.case_event (bucket, number, case_number, case_version, contact_number,"
    "       action, from_state, to_state, staff, source_id, occurred_at, named_case, standard_id,"
    "       received_at)"
    " SELECT unnest($1::int2[]), unnest($2::int8[]), unnest($3::int8[]), unnest($4::int8[]),"
    "      unnest($5::int8[]), unnest($6::int2[]), unnest($7::int2[]), unnest($8::int2[]),"
    "      unnest($9::text[]), unnest($10::int4[]), unnest($11::timestamptz[]),"
    "      unnest($12::int8[]), unnest($13::int4[]), $14",
    DB_NONE};

static size_t write_case_events(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_INT8, DB_INT8, DB_INT8, DB_INT2, DB_INT2, DB_INT2, DB_TEXT,
         DB_INT4, DB_TIME, DB_INT8, DB_INT4);
    WORK_EACH(const struct work_case_event, e, &w->case_events)
    {
        put_key(&rows, e->number);
        put_int(&rows, e->service_case);
        put_int(&rows, e->case_version);
        put_number(&rows, e->contact);
        put_int(&rows, (int64_t)e->action);
        put_int(&rows, (int64_t)e->from);
        put_int(&rows, (int64_t)e->to);
        put_optional(&rows, e->staff);
        put_int(&rows, e->source_id);
        put_time(&rows, e->occurred_us);
        put_number(&rows, e->named_case);
        put_int(&rows, e->standard_id);
    }
    return rows_send_at(&rows, db, &intake_fact_case_events, w->now_us);
}

static const struct db_query intake_fact_texts = {
    "intake_fact_texts",
    "INSERT INTO intake.contact_text (bucket, number, customer_number, case_number, at, sealed)"
    " SELECT unnest($1::int2[]), unnest($2::int8[]), unnest($3::int8[]), unnest($4::int8[]),"
    "      unnest($5::timestamptz[]), unnest($6::bytea[])",
    DB_NONE};

static size_t write_texts(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_INT8, DB_INT8, DB_TIME, DB_BYTES);
    WORK_EACH(const struct work_sealed, s, &w->sealed_texts)
    {
        put_key(&rows, s->number);
        put_int(&rows, s->customer);
        put_number(&rows, s->service_case);
        put_time(&rows, s->at_us);
        put_bytes(&rows, s->sealed);
    }
    return rows_send(&rows, db, &intake_fact_texts);
}

static const struct db_query intake_fact_answers = {
    "intake_fact_answers",
    "INSERT INTO intake.survey_answer (bucket, number, customer_number, case_number,"
    "       follow_up_number, branch, instrument, question, value, source_id, occurred_at,"
    "       received_at)"
    " SELECT unnest($1::int2[]), unnest($2::int8[]), unnest($3::int8[]), unnest($4::int8[]),"
    "      unnest($5::int8[]), unnest($6::text[]), unnest($7::int2[]), unnest($8::text[]),"
    "      unnest($9::int2[]), unnest($10::int4[]), unnest($11::timestamptz[]), $12",
    DB_NONE};

static void put_answer_value(struct rows *rows, const struct work_answer *a)
{
    if (a->has_value) {
        put_int(rows, a->value);
    } else {
        put_null(rows);
    }
}

static size_t write_answers(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_INT8, DB_INT8, DB_INT8, DB_TEXT, DB_INT2, DB_TEXT, DB_INT2,
         DB_INT4, DB_TIME);
    WORK_EACH(const struct work_answer, a, &w->answers)
    {
        put_key(&rows, a->number);
        put_int(&rows, a->customer);
        put_number(&rows, a->service_case);
        put_number(&rows, a->follow_up);
        put_optional(&rows, a->branch);
        put_int(&rows, (int64_t)a->instrument);
        put_text(&rows, a->question);
        put_answer_value(&rows, a);
        put_int(&rows, a->source_id);
        put_time(&rows, a->occurred_us);
    }
    return rows_send_at(&rows, db, &intake_fact_answers, w->now_us);
}

#define PURCHASE_COLUMNS                                                                           \
    " (bucket, number, customer_number, order_ref, branch, product, amount_minor, currency,"       \
    " source_id, occurred_at, received_at)"                                                        \
    " SELECT unnest($1::int2[]), unnest($2::int8[]), unnest($3::int8[]), unnest($4::text[]),"      \
    "      unnest($5::text[]), unnest($6::text[]), unnest($7::int8[]), unnest($8::text[]),"        \
    "      unnest($9::int4[]), unnest($10::timestamptz[]), $11"

static const struct db_query intake_fact_purchases = {
    "intake_fact_purchases", "INSERT INTO intake.purchase" PURCHASE_COLUMNS, DB_NONE};
static const struct db_query intake_fact_refunds = {
    "intake_fact_refunds", "INSERT INTO intake.refund" PURCHASE_COLUMNS, DB_NONE};

static size_t write_purchases(struct db *db, const struct intake_work *w,
                              const struct work_list *list, const struct db_query *q)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_INT8, DB_TEXT, DB_TEXT, DB_TEXT, DB_INT8, DB_TEXT, DB_INT4,
         DB_TIME);
    WORK_EACH(const struct work_purchase, p, list)
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
    return rows_send_at(&rows, db, q, w->now_us);
}

/* ---- receipts */

static const struct db_query intake_fact_receipts = {
    "intake_fact_receipts",
    "INSERT INTO intake.receipt (bucket, source_id, key, digest, body, is_permanent,"
    "       record_kind, fact_number, received_at)"
    " SELECT unnest($1::int2[]), unnest($2::int4[]), unnest($3::text[]), unnest($4::bytea[]),"
    "      unnest($5::bytea[]), unnest($6::bool[]), unnest($7::int2[]), unnest($8::int8[]), $9",
    DB_NONE};

static size_t write_receipts(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT4, DB_TEXT, DB_BYTES, DB_BYTES, DB_BOOL, DB_INT2, DB_INT8);
    WORK_EACH(const struct work_receipt, r, &w->receipts)
    {
        if (r->is_new) {
            put_int(&rows, r->bucket);
            put_int(&rows, r->source_id);
            put_text(&rows, r->key);
            put_bytes(&rows, r->digest);
            put_bytes(&rows, r->body);
            put_bool(&rows, r->is_permanent);
            put_int(&rows, r->record_kind);
            put_number(&rows, r->fact_number);
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
    count += write_purchases(db, w, &w->purchases, &intake_fact_purchases);
    count += write_purchases(db, w, &w->refunds, &intake_fact_refunds);
    count += intake_class_queue(db, w);
    count += intake_other_queue(db, w);
    count += intake_promise_queue(db, w);
    count += write_receipts(db, w);
    return count;
}
