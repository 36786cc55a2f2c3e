/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_write_store.h"

#include "common/domain/identifier.h"
#include "services/intake/erasure_store.h"
#include "services/intake/identity_write_store.h"
#include "services/intake/intake_fact_store.h"
#include "services/intake/intake_keyring_store.h"
#include "services/intake/intake_rows.h"
#include "services/intake/intake_void_store.h"

/* Who changes the same rows at the same instant waits for them in the same order: two that waited
 * for each other would cost the server's deadlock_timeout. */
#define IN_ORDER " ORDER BY 1, 2"

/* ---- customers */

static const struct db_query intake_write_customers = {
    "intake_write_customers",
    "INSERT INTO intake.customer (bucket, number, version, language, time_zone, birth_month,"
    "       birth_day, birth_is_lunar, birth_is_leap_month, has_phone, has_email, phone_handle,"
    "       email_handle, consents, refusals, first_seen_at, key_generation, wrapped_key,"
    "       do_not_call, merged_into, follower_count)"
    " SELECT unnest($1::int2[]), unnest($2::int8[]), unnest($3::int8[]), unnest($4::text[]),"
    "      unnest($5::text[]), unnest($6::int2[]), unnest($7::int2[]), unnest($8::bool[]),"
    "      unnest($9::bool[]), unnest($10::bool[]), unnest($11::bool[]), unnest($12::int8[]),"
    "      unnest($13::int8[]), unnest($14::int8[]), unnest($15::int8[]),"
    "      unnest($16::timestamptz[]), unnest($17::int2[]), unnest($18::bytea[]),"
    "      unnest($19::bool[]), unnest($20::int8[]), unnest($21::int4[])",
    DB_NONE};

/* Columns that a new row and a changed one have alike, in this order. */
#define DETAIL_TYPES                                                                               \
    DB_TEXT, DB_TEXT, DB_INT2, DB_INT2, DB_BOOL, DB_BOOL, DB_BOOL, DB_BOOL, DB_INT8, DB_INT8,      \
        DB_INT8, DB_INT8
static void put_details(struct rows *rows, const struct work_customer *c)
{
    put_text(rows, c->language);
    put_text(rows, c->time_zone);
    put_number(rows, c->birth_month);
    put_number(rows, c->birth_day);
    put_bool(rows, c->birth_is_lunar);
    put_bool(rows, c->birth_is_leap_month);
    put_bool(rows, c->has_phone);
    put_bool(rows, c->has_email);
    put_number(rows, c->phone_handle);
    put_number(rows, c->email_handle);
    put_int(rows, c->consents);
    put_int(rows, c->refusals);
}

/* What a customer forbids, and who is the same person. */
static void put_link(struct rows *rows, const struct work_customer *c)
{
    put_bool(rows, c->do_not_call);
    put_number(rows, c->merged_into);
    put_int(rows, c->follower_count);
}

static size_t write_new_customers(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_INT8, DETAIL_TYPES, DB_TIME, DB_INT2, DB_BYTES, DB_BOOL,
         DB_INT8, DB_INT4);
    bool has_new = false;
    WORK_EACH(const struct work_customer, c, &w->customers)
    {
        if (c->version_read) {
            continue;
        }
        put_key(&rows, c->number);
        put_int(&rows, c->version);
        put_details(&rows, c);
        put_time(&rows, c->first_seen_us);
        const struct work_key *key = work_find_key(w, c->number); /* made by intake_seal() */
        put_int(&rows, key->generation);
        put_bytes(&rows, key->wrapped);
        put_link(&rows, c);
        has_new = true;
    }
    if (has_new) { /* intake_seal() wrapped all of them with this one */
        intake_keyring_put_fence(db, keyring_sealing(w->keyring));
    }
    return rows_send(&rows, db, &intake_write_customers);
}

static const struct db_query intake_write_customer_changes = {
    "intake_write_customer_changes",
    "WITH changed AS ("
    "UPDATE intake.customer AS c"
    "   SET version = u.version, language = u.language, time_zone = u.time_zone,"
    "       birth_month = u.birth_month, birth_day = u.birth_day,"
    "       birth_is_lunar = u.birth_is_lunar, birth_is_leap_month = u.birth_is_leap_month,"
    "       has_phone = u.has_phone, has_email = u.has_email, phone_handle = u.phone_handle,"
    "       email_handle = u.email_handle, consents = u.consents, refusals = u.refusals,"
    "       do_not_call = u.do_not_call, merged_into = u.merged_into,"
    "       follower_count = u.follower_count"
    "  FROM (SELECT * FROM unnest($1::int2[], $2::int8[], $3::int8[], $4::int8[], $5::text[],"
    "              $6::text[], $7::int2[], $8::int2[], $9::bool[], $10::bool[], $11::bool[],"
    "              $12::bool[], $13::int8[], $14::int8[], $15::int8[], $16::int8[], $17::bool[],"
    "              $18::int8[], $19::int4[])"
    "         AS x (bucket, number, version_read, version, language, time_zone, birth_month,"
    "               birth_day, birth_is_lunar, birth_is_leap_month, has_phone, has_email,"
    "               phone_handle, email_handle, consents, refusals, do_not_call, merged_into,"
    "               follower_count)" IN_ORDER ") AS u"
    " WHERE c.bucket = u.bucket AND c.number = u.number AND c.version = u.version_read"
    " RETURNING 1)"
    " SELECT intake.expect_rows(count(*), $20) FROM changed",
    DB_HIDDEN};

static size_t write_changed_customers(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_INT8, DB_INT8, DETAIL_TYPES, DB_BOOL, DB_INT8, DB_INT4);
    WORK_EACH(const struct work_customer, c, &w->customers)
    {
        if (!c->version_read || !c->is_changed) {
            continue;
        }
        put_key(&rows, c->number);
        put_int(&rows, c->version_read);
        put_int(&rows, c->version);
        put_details(&rows, c);
        put_link(&rows, c);
    }
    return rows_send_expecting(&rows, db, &intake_write_customer_changes);
}

static const struct db_query intake_write_references = {
    "intake_write_references",
    "INSERT INTO intake.customer_reference (bucket, source_id, reference, customer_number)"
    " SELECT unnest($1::int2[]), unnest($2::int4[]), unnest($3::text[]), unnest($4::int8[])"
    " ORDER BY 1, 2, 3", /* who makes the same ones at the same instant waits in the same order */
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
    "INSERT INTO intake.person (bucket, customer_number, sealed)"
    " SELECT unnest($1::int2[]), unnest($2::int8[]), unnest($3::bytea[])"
    " ON CONFLICT (bucket, customer_number) DO UPDATE SET sealed = excluded.sealed",
    DB_NONE};

static size_t write_persons(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_BYTES);
    WORK_EACH(const struct work_sealed, s, &w->sealed_persons)
    {
        put_key(&rows, s->number);
        put_bytes(&rows, s->sealed);
    }
    return rows_send(&rows, db, &intake_write_persons);
}

/* ---- cases */

static const struct db_query intake_write_cases = {
    "intake_write_cases",
    "INSERT INTO intake.service_case (bucket, number, customer_number, version, state, kind,"
    "       channel, branch, category, product, priority, owner_team, standard_id, rule,"
    "       opened_at, first_response_at, resolved_at, closed_at, reopened_count, is_historical,"
    "       last_contact_at, opened_by, category_by, mood)"
    " SELECT unnest($1::int2[]), unnest($2::int8[]), unnest($3::int8[]), unnest($4::int8[]),"
    "      unnest($5::int2[]), unnest($6::int2[]), unnest($7::text[]), unnest($8::text[]),"
    "      unnest($9::text[]), unnest($10::text[]), unnest($11::int2[]), unnest($12::text[]),"
    "      unnest($13::int4[]), unnest($14::text[]), unnest($15::timestamptz[]),"
    "      unnest($16::timestamptz[]), unnest($17::timestamptz[]), unnest($18::timestamptz[]),"
    "      unnest($19::int4[]), unnest($20::bool[]), unnest($21::timestamptz[]),"
    "      unnest($22::int8[]), unnest($23::int2[]), unnest($24::int2[])",
    DB_NONE};

static size_t write_new_cases(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_INT8, DB_INT8, DB_INT2, DB_INT2, DB_TEXT, DB_TEXT, DB_TEXT,
         DB_TEXT, DB_INT2, DB_TEXT, DB_INT4, DB_TEXT, DB_TIME, DB_TIME, DB_TIME, DB_TIME, DB_INT4,
         DB_BOOL, DB_TIME, DB_INT8, DB_INT2, DB_INT2);
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
        put_time(&rows, c->last_contact_us);
        put_number(&rows, c->opened_by);
        put_int(&rows, c->category_by);
        put_int(&rows, c->mood);
    }
    return rows_send(&rows, db, &intake_write_cases);
}

static const struct db_query intake_write_case_changes = {
    "intake_write_case_changes",
    "WITH changed AS ("
    "UPDATE intake.service_case AS c"
    "   SET version = u.version, state = u.state, first_response_at = u.first_response_at,"
    "       resolved_at = u.resolved_at, closed_at = u.closed_at,"
    "       reopened_count = u.reopened_count, last_contact_at = u.last_contact_at,"
    "       kind = u.kind, category = u.category, priority = u.priority,"
    "       owner_team = u.owner_team, standard_id = u.standard_id, rule = u.rule,"
    "       category_by = u.category_by, asked_priority = u.asked_priority,"
    "       joined_case = u.joined_case, solved_like = u.solved_like,"
    "       is_reference = u.is_reference"
    "  FROM (SELECT * FROM unnest($1::int2[], $2::int8[], $3::int8[], $4::int8[], $5::int2[],"
    "              $6::timestamptz[], $7::timestamptz[], $8::timestamptz[], $9::int4[],"
    "              $10::timestamptz[], $11::int2[], $12::text[], $13::int2[], $14::text[],"
    "              $15::int4[], $16::text[], $17::int2[], $18::int2[], $19::int8[], $20::int8[],"
    "              $21::bool[])"
    "         AS x (bucket, number, version_read, version, state, first_response_at, resolved_at,"
    "               closed_at, reopened_count, last_contact_at, kind, category, priority,"
    "               owner_team, standard_id, rule, category_by, asked_priority, joined_case,"
    "               solved_like, is_reference)" IN_ORDER ") AS u"
    " WHERE c.bucket = u.bucket AND c.number = u.number AND c.version = u.version_read"
    " RETURNING 1)"
    " SELECT intake.expect_rows(count(*), $22) FROM changed",
    DB_HIDDEN};

static size_t write_changed_cases(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_INT8, DB_INT8, DB_INT2, DB_TIME, DB_TIME, DB_TIME, DB_INT4,
         DB_TIME, DB_INT2, DB_TEXT, DB_INT2, DB_TEXT, DB_INT4, DB_TEXT, DB_INT2, DB_INT2, DB_INT8,
         DB_INT8, DB_BOOL);
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
        put_time(&rows, c->last_contact_us);
        put_int(&rows, (int64_t)c->kind);
        put_optional(&rows, c->category);
        put_int(&rows, c->priority);
        put_optional(&rows, c->owner_team);
        put_int(&rows, c->standard_id);
        put_text(&rows, c->rule);
        put_int(&rows, c->category_by);
        put_number(&rows, c->asked_priority);
        put_number(&rows, c->joined_case);
        put_number(&rows, c->solved_like);
        put_bool(&rows, c->is_reference);
    }
    return rows_send_expecting(&rows, db, &intake_write_case_changes);
}

static const struct db_query intake_write_case_references = {
    "intake_write_case_references",
    "INSERT INTO intake.case_reference (bucket, source_id, customer_number, reference, case_number)"
    " SELECT unnest($1::int2[]), unnest($2::int4[]), unnest($3::int8[]), unnest($4::text[]),"
    "      unnest($5::int8[])",
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

/* A reference of a case that was taken back names another one now. */
static const struct db_query intake_write_case_reference_moves = {
    "intake_write_case_reference_moves",
    "WITH changed AS ("
    "UPDATE intake.case_reference AS n SET case_number = u.case_number"
    "  FROM unnest($1::int2[], $2::int4[], $3::int8[], $4::text[], $5::int8[], $6::int8[])"
    "       AS u (bucket, source_id, customer_number, reference, case_number, moved_from)"
    " WHERE (n.bucket, n.source_id, n.customer_number, n.reference)"
    "       = (u.bucket, u.source_id, u.customer_number, u.reference)"
    "   AND n.case_number = u.moved_from"
    " RETURNING 1)"
    " SELECT intake.expect_rows(count(*), $7) FROM changed",
    DB_HIDDEN};

static size_t write_case_reference_moves(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT4, DB_INT8, DB_TEXT, DB_INT8, DB_INT8);
    WORK_EACH(const struct work_case_reference, r, &w->case_references)
    {
        if (r->moved_from) {
            put_int(&rows, identifier_bucket(r->customer));
            put_int(&rows, r->source_id);
            put_int(&rows, r->customer);
            put_text(&rows, r->reference);
            put_int(&rows, r->service_case->number);
            put_int(&rows, r->moved_from);
        }
    }
    return rows_send_expecting(&rows, db, &intake_write_case_reference_moves);
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
    count += identity_write_queue(db, w);
    count += write_persons(db, w);
    count += write_new_cases(db, w);
    count += write_case_references(db, w);
    count += write_case_reference_moves(db, w);
    count += intake_void_queue_marks(db, w);
    count += intake_fact_queue(db, w);
    count += intake_void_queue(db, w);
    count += erasure_write_allowed(db, w);
    count += erasure_write_queue(db, w);
    return count;
}
