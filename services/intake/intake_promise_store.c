/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_promise_store.h"

#include "common/domain/identifier.h"
#include "services/intake/intake_rows.h"

/* ---- promises */

static const struct db_query intake_promise_events = {
    "intake_promise_events",
    "INSERT INTO intake.promise_event (bucket, number, promise_number, case_number,"
    "       case_version, promise_version, action, from_state, to_state, staff, source_id,"
    "       occurred_at, cause, received_at)"
    " SELECT unnest($1::int2[]), unnest($2::int8[]), unnest($3::int8[]), unnest($4::int8[]),"
    "      unnest($5::int8[]), unnest($6::int4[]), unnest($7::int2[]), unnest($8::int2[]),"
    "      unnest($9::int2[]), unnest($10::text[]), unnest($11::int4[]),"
    "      unnest($12::timestamptz[]), unnest($13::int2[]), $14",
    DB_NONE};

static size_t write_events(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_INT8, DB_INT8, DB_INT8, DB_INT4, DB_INT2, DB_INT2, DB_INT2,
         DB_TEXT, DB_INT4, DB_TIME, DB_INT2);
    WORK_EACH(const struct work_promise_event, e, &w->promise_events)
    {
        put_key(&rows, e->number);
        put_int(&rows, e->promise);
        put_int(&rows, e->service_case);
        put_int(&rows, e->case_version);
        put_int(&rows, e->promise_version);
        put_int(&rows, (int64_t)e->action);
        put_int(&rows, (int64_t)e->from);
        put_int(&rows, (int64_t)e->to);
        put_optional(&rows, e->staff);
        put_int(&rows, e->source_id);
        put_time(&rows, e->occurred_us);
        put_number(&rows, e->cause);
    }
    return rows_send_at(&rows, db, &intake_promise_events, w->now_us);
}

static const struct db_query intake_promise_steps = {
    "intake_promise_steps",
    "INSERT INTO intake.promise_step (bucket, promise_number, clock_version, step, due_at, tell,"
    "       taken_at)"
    " SELECT unnest($1::int2[]), unnest($2::int8[]), unnest($3::int4[]), unnest($4::int2[]),"
    "      unnest($5::timestamptz[]), unnest($6::text[]), $7"
    " ON CONFLICT DO NOTHING", /* next_step only moves forward; else the first one stands */
    DB_NONE};

static size_t write_steps(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_INT4, DB_INT2, DB_TIME, DB_TEXT);
    WORK_EACH(const struct work_promise_step, s, &w->promise_steps)
    {
        put_key(&rows, s->promise);
        put_int(&rows, s->clock_version);
        put_int(&rows, s->step);
        put_time(&rows, s->due_us);
        put_optional(&rows, s->tell);
    }
    return rows_send_at(&rows, db, &intake_promise_steps, w->now_us);
}

static const struct db_query intake_promise_compensations = {
    "intake_promise_compensations",
    "INSERT INTO intake.compensation (bucket, promise_number, case_number, customer_number, kind,"
    "       amount_minor, currency, source_id, occurred_at, received_at)"
    " SELECT unnest($1::int2[]), unnest($2::int8[]), unnest($3::int8[]), unnest($4::int8[]),"
    "      unnest($5::int2[]), unnest($6::int8[]), unnest($7::text[]), unnest($8::int4[]),"
    "      unnest($9::timestamptz[]), $10",
    DB_NONE};

static size_t write_compensations(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_INT8, DB_INT8, DB_INT2, DB_INT8, DB_TEXT, DB_INT4, DB_TIME);
    WORK_EACH(const struct work_compensation, c, &w->compensations)
    {
        put_key(&rows, c->promise);
        put_int(&rows, c->service_case);
        put_int(&rows, c->customer);
        put_int(&rows, (int64_t)c->kind);
        put_number(&rows, c->has_amount ? c->amount_minor : 0); /* never 0 */
        put_optional(&rows, c->currency);
        put_int(&rows, c->source_id);
        put_time(&rows, c->occurred_us);
    }
    return rows_send_at(&rows, db, &intake_promise_compensations, w->now_us);
}

/* ---- expectations */

static const struct db_query intake_promise_expectations = {
    "intake_promise_expectations",
    "INSERT INTO intake.expectation (bucket, number, case_number, customer_number, reference,"
    "       expected_at, has_outcome, has_manner, is_confirmed, source_id, occurred_at,"
    "       received_at)"
    " SELECT unnest($1::int2[]), unnest($2::int8[]), unnest($3::int8[]), unnest($4::int8[]),"
    "      unnest($5::text[]), unnest($6::timestamptz[]), unnest($7::bool[]), unnest($8::bool[]),"
    "      unnest($9::bool[]), unnest($10::int4[]), unnest($11::timestamptz[]), $12",
    DB_NONE};

static size_t write_expectations(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_INT8, DB_INT8, DB_TEXT, DB_TIME, DB_BOOL, DB_BOOL, DB_BOOL,
         DB_INT4, DB_TIME);
    WORK_EACH(const struct work_expectation, e, &w->expectations)
    {
        put_key(&rows, e->number);
        put_int(&rows, e->service_case);
        put_int(&rows, e->customer);
        put_optional(&rows, e->reference);
        put_time(&rows, e->expected_us);
        put_bool(&rows, e->has_outcome);
        put_bool(&rows, e->has_manner);
        put_bool(&rows, e->is_confirmed);
        put_int(&rows, e->source_id);
        put_time(&rows, e->occurred_us);
    }
    return rows_send_at(&rows, db, &intake_promise_expectations, w->now_us);
}

size_t intake_promise_queue(struct db *db, const struct intake_work *w)
{
    size_t count = write_events(db, w);
    count += write_steps(db, w);
    count += write_compensations(db, w);
    count += write_expectations(db, w);
    return count;
}
