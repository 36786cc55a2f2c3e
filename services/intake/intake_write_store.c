/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_write_store.h"

#include "common/domain/identifier.h"
#include "services/intake/intake_fact_store.h"
#include "services/intake/intake_rows.h"

/* ---- customers */

static const struct db_query intake_write_customers = {
    "intake_write_customers",
    "INSERT INTO intake.customer (bucket, number, version, language, time_zone, birth_month,"
    "       birth_day, has_phone, has_email, consents, refusals, first_seen_at)"
    " SELECT * FROM unnest($1::int2[], $2::int8[], $3::int8[], $4::text[], $5::text[],"
    "       $6::int2[], $7::int2[], $8::bool[], $9::bool[], $10::int2[], $11::int2[],"
    "       $12::timestamptz[])",
    DB_NONE};

static size_t write_new_customers(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_INT8, DB_TEXT, DB_TEXT, DB_INT2, DB_INT2, DB_BOOL, DB_BOOL,
         DB_INT2, DB_INT2, DB_TIME);
    WORK_EACH(const struct work_customer, c, &w->customers)
    {
        if (c->version_read) {
            continue;
        }
        put_key(&rows, c->number);
        put_int(&rows, c->version);
        put_text(&rows, c->language);
        put_text(&rows, c->time_zone);
        put_number(&rows, c->birth_month);
        put_number(&rows, c->birth_day);
        put_bool(&rows, c->has_phone);
        put_bool(&rows, c->has_email);
        put_int(&rows, c->consents);
        put_int(&rows, c->refusals);
        put_time(&rows, c->first_seen_us);
    }
    return rows_send(&rows, db, &intake_write_customers);
}

static const struct db_query intake_write_customer_changes = {
    "intake_write_customer_changes",
    "WITH changed AS ("
    "UPDATE intake.customer AS c"
    "   SET version = u.version, language = u.language, time_zone = u.time_zone,"
    "       birth_month = u.birth_month, birth_day = u.birth_day, has_phone = u.has_phone,"
    "       has_email = u.has_email, consents = u.consents, refusals = u.refusals"
    "  FROM unnest($1::int2[], $2::int8[], $3::int8[], $4::int8[], $5::text[], $6::text[],"
    "              $7::int2[], $8::int2[], $9::bool[], $10::bool[], $11::int2[], $12::int2[])"
    "       AS u (bucket, number, version_read, version, language, time_zone, birth_month,"
    "             birth_day, has_phone, has_email, consents, refusals)"
    " WHERE c.bucket = u.bucket AND c.number = u.number AND c.version = u.version_read"
    " RETURNING 1)"
    " SELECT intake.expect_rows(count(*), $13) FROM changed",
    DB_HIDDEN};

static size_t write_changed_customers(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_INT8, DB_INT8, DB_TEXT, DB_TEXT, DB_INT2, DB_INT2, DB_BOOL,
         DB_BOOL, DB_INT2, DB_INT2);
    WORK_EACH(const struct work_customer, c, &w->customers)
    {
        if (!c->version_read || !c->is_changed) {
            continue;
        }
        put_key(&rows, c->number);
        put_int(&rows, c->version_read);
        put_int(&rows, c->version);
        put_text(&rows, c->language);
        put_text(&rows, c->time_zone);
        put_number(&rows, c->birth_month);
        put_number(&rows, c->birth_day);
        put_bool(&rows, c->has_phone);
        put_bool(&rows, c->has_email);
        put_int(&rows, c->consents);
        put_int(&rows, c->refusals);
    }
    return rows_send_expecting(&rows, db, &intake_write_customer_changes);
}

static const struct db_query intake_write_references = {
    "intake_write_references",
    "INSERT INTO intake.customer_reference (bucket, source_id, reference, customer_number)"
    " SELECT * FROM unnest($1::int2[], $2::int4[], $3::text[], $4::int8[])",
    DB_NONE};

static size_t write_references(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT4, DB_TEXT, DB_INT8);
    WORK_EACH(const struct work_reference, r, &w->references)
    {
        if (r->is_new) {
            put_int(&rows, identifier_bucket_of_reference(r->source_id, r->reference));
            put_int(&rows, r->source_id);
            put_text(&rows, r->reference);
            put_int(&rows, r->customer->number);
        }
    }
    return rows_send(&rows, db, &intake_write_references);
}

static const struct db_query intake_write_persons = {
    "intake_write_persons",
    "INSERT INTO intake.person AS p (bucket, customer_number, name, phone, email, birthday)"
    " SELECT * FROM unnest($1::int2[], $2::int8[], $3::text[], $4::text[], $5::text[], $6::text[])"
    " ON CONFLICT (bucket, customer_number) DO UPDATE"
    "   SET name = coalesce(excluded.name, p.name), phone = coalesce(excluded.phone, p.phone),"
    "       email = coalesce(excluded.email, p.email),"
    "       birthday = coalesce(excluded.birthday, p.birthday)",
    DB_NONE};

static size_t write_persons(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_TEXT, DB_TEXT, DB_TEXT, DB_TEXT);
    WORK_EACH(const struct work_customer, c, &w->customers)
    {
        if (c->has_person) {
            put_key(&rows, c->number);
            put_text(&rows, c->name);
            put_text(&rows, c->phone);
            put_text(&rows, c->email);
            put_text(&rows, c->birthday);
        }
    }
    return rows_send(&rows, db, &intake_write_persons);
}

/* ---- cases */

static const struct db_query intake_write_cases = {
    "intake_write_cases",
    "INSERT INTO intake.service_case (bucket, number, customer_number, version, state, kind,"
    "       channel, branch, category, product, priority, owner_team, standard_id, rule,"
    "       opened_at, first_response_at, resolved_at, closed_at, reopened_count, is_historical)"
    " SELECT * FROM unnest($1::int2[], $2::int8[], $3::int8[], $4::int8[], $5::int2[],"
    "       $6::int2[], $7::text[], $8::text[], $9::text[], $10::text[], $11::int2[],"
    "       $12::text[], $13::int4[], $14::text[], $15::timestamptz[], $16::timestamptz[],"
    "       $17::timestamptz[], $18::timestamptz[], $19::int4[], $20::bool[])",
    DB_NONE};

static size_t write_new_cases(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_INT8, DB_INT8, DB_INT2, DB_INT2, DB_TEXT, DB_TEXT, DB_TEXT,
         DB_TEXT, DB_INT2, DB_TEXT, DB_INT4, DB_TEXT, DB_TIME, DB_TIME, DB_TIME, DB_TIME, DB_INT4,
         DB_BOOL);
    WORK_EACH(const struct work_case, c, &w->cases)
    {
        if (c->version_read) {
            continue;
        }
        put_key(&rows, c->number);
        put_int(&rows, c->customer);
        put_int(&rows, c->version);
        put_int(&rows, (int64_t)c->state);
        put_int(&rows, (int64_t)c->kind);
        put_optional(&rows, c->channel);
        put_optional(&rows, c->branch);
        put_optional(&rows, c->category);
        put_optional(&rows, c->product);
        put_int(&rows, c->priority);
        put_optional(&rows, c->owner_team);
        put_int(&rows, c->standard_id);
        put_text(&rows, c->rule);
        put_time(&rows, c->opened_us);
        put_time(&rows, c->first_response_us);
        put_time(&rows, c->resolved_us);
        put_time(&rows, c->closed_us);
        put_int(&rows, c->reopened_count);
        put_bool(&rows, c->is_historical);
    }
    return rows_send(&rows, db, &intake_write_cases);
}

static const struct db_query intake_write_case_changes = {
    "intake_write_case_changes",
    "WITH changed AS ("
    "UPDATE intake.service_case AS c"
    "   SET version = u.version, state = u.state, first_response_at = u.first_response_at,"
    "       resolved_at = u.resolved_at, closed_at = u.closed_at,"
    "       reopened_count = u.reopened_count"
    "  FROM unnest($1::int2[], $2::int8[], $3::int8[], $4::int8[], $5::int2[],"
    "              $6::timestamptz[], $7::timestamptz[], $8::timestamptz[], $9::int4[])"
    "       AS u (bucket, number, version_read, version, state, first_response_at, resolved_at,"
    "             closed_at, reopened_count)"
    " WHERE c.bucket = u.bucket AND c.number = u.number AND c.version = u.version_read"
    " RETURNING 1)"
    " SELECT intake.expect_rows(count(*), $10) FROM changed",
    DB_HIDDEN};

static size_t write_changed_cases(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_INT8, DB_INT8, DB_INT2, DB_TIME, DB_TIME, DB_TIME, DB_INT4);
    WORK_EACH(const struct work_case, c, &w->cases)
    {
        if (!c->version_read || !c->is_changed) {
            continue;
        }
        put_key(&rows, c->number);
        put_int(&rows, c->version_read);
        put_int(&rows, c->version);
        put_int(&rows, (int64_t)c->state);
        put_time(&rows, c->first_response_us);
        put_time(&rows, c->resolved_us);
        put_time(&rows, c->closed_us);
        put_int(&rows, c->reopened_count);
    }
    return rows_send_expecting(&rows, db, &intake_write_case_changes);
}

static const struct db_query intake_write_case_references = {
    "intake_write_case_references",
    "INSERT INTO intake.case_reference (bucket, source_id, customer_number, reference, case_number)"
    " SELECT * FROM unnest($1::int2[], $2::int4[], $3::int8[], $4::text[], $5::int8[])",
    DB_NONE};

static size_t write_case_references(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT4, DB_INT8, DB_TEXT, DB_INT8);
    WORK_EACH(const struct work_case_reference, r, &w->case_references)
    {
        if (r->is_new) {
            put_int(&rows, identifier_bucket(r->customer));
            put_int(&rows, r->source_id);
            put_int(&rows, r->customer);
            put_text(&rows, r->reference);
            put_int(&rows, r->service_case->number);
        }
    }
    return rows_send(&rows, db, &intake_write_case_references);
}

size_t intake_write_queue(struct db *db, const struct intake_work *w)
{
    /* Whoever waits for somebody waits in this order: customers, cases, promises, heads of the log.
     */
    size_t count = write_changed_customers(db, w);
    count += write_changed_cases(db, w);
    count += intake_fact_promise_changes(db, w);
    count += write_new_customers(db, w);
    count += write_references(db, w);
    count += write_persons(db, w);
    count += write_new_cases(db, w);
    count += write_case_references(db, w);
    count += intake_fact_queue(db, w);
    return count;
}
