/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/erasure_store.h"

#include <string.h>

#include "common/base/compiler.h"
#include "common/base/log.h"
#include "common/domain/identifier.h"
#include "services/intake/erasure_redact.h"
#include "services/intake/intake_read_rows.h"
#include "services/intake/intake_rows.h"

/* ---- reading */

#define MEMBERS "intake.erasure_members($1, $2, $3, $4) AS m (number)"

static const struct db_query erasure_read_members = {
    "erasure_read_members",
    "SELECT " CUSTOMER_COLUMNS "  FROM (SELECT m.number, false AS wants_person FROM " MEMBERS
    ") AS u"
    "  JOIN intake.customer AS c ON (c.bucket, c.number) = ((u.number & 255)::int2, "
    "u.number)" JOIN_PERSON,
    DB_ROWS};

static const struct db_query erasure_read_references = {
    "erasure_read_references",
    "SELECT s.name, r.reference FROM " MEMBERS
    "  JOIN intake.customer_reference AS r ON r.customer_number = m.number"
    "  JOIN intake.source_public AS s ON s.id = r.source_id"
    " ORDER BY 1, 2",
    DB_ROWS};

/* Bucket after bucket, for the log has no index by customer. */
static const struct db_query erasure_read_events = {
    "erasure_read_events",
    "SELECT e.stream, e.bucket, e.seq, e.at, e.customer_id, e.version, e.kind, e.body,"
    "       EXISTS (SELECT FROM audit.run)"
    "  FROM " MEMBERS " CROSS JOIN LATERAL (SELECT * FROM log.event"
    "         WHERE stream = ANY ('{intake.0,intake.1,intake.2,intake.3,intake.4,intake.5,"
    "intake.6,intake.7}'::text[]) AND bucket = (m.number & 255)::int2"
    "           AND customer_id = m.number AND kind IN (" ERASURE_REDACT_KINDS ") OFFSET 0) AS e",
    DB_ROWS};

/* What was said in a call, until intake has the record of it. */
static const struct db_query erasure_read_told = {
    "erasure_read_told",
    "SELECT EXISTS (SELECT FROM " MEMBERS "  JOIN followup.customer_rhythm_public AS y"
    "    ON (y.bucket, y.customer_number) = ((m.number & 255)::int2, m.number)"
    " WHERE y.told_do_not_call)",
    DB_ONE};

void erasure_read_records(struct db *db, struct intake_record *const *records, size_t count,
                          struct intake_reads *reads)
{
    const struct intake_record *r = count > 0 ? records[0] : NULL;
    struct db_params p = {0};
    if (!r || r->message->body_case != TROTH__V1__RECORD__BODY_CUSTOMER_ERASURE) {
        return;
    }
    int32_t source_id = r->request->sender.source_id;
    const char *reference = r->names.customer_ref;
    if (r->names.customer_number) {
        db_put_int8(&p, r->names.customer_number);
    } else {
        db_put_null(&p, DB_INT8);
    }
    if (reference) {
        db_put_int2(&p, identifier_bucket_of_reference(source_id, reference));
    } else {
        db_put_null(&p, DB_INT2);
    }
    db_put_int4(&p, source_id);
    db_put_text(&p, reference);
    db_query(db, &erasure_read_members, &p);
    reads->erasure_members = reads->next++;
    db_query(db, &erasure_read_references, &p);
    reads->erasure_references = reads->next++;
    db_query(db, &erasure_read_events, &p);
    reads->erasure_events = reads->next++;
    db_query(db, &erasure_read_told, &p);
    reads->erasure_told = reads->next++;
    db_params_free(&p);
}

void erasure_read_load_members(const struct db_rows *rows, struct intake_work *w)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        (void)intake_read_customer(rows, i, w);
    }
}

void erasure_read_load_references(const struct db_rows *rows, struct intake_work *w)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        struct work_erased_reference *r = work_append(w, &w->erased_references, sizeof(*r));
        keyring_hash_reference(w->keyring, db_get_text(rows, i, 0), db_get_text(rows, i, 1),
                               r->hash);
    }
}

static struct audit_event event_of(const struct db_rows *rows, size_t i)
{
    return (struct audit_event){
        .place = {.stream = db_get_text(rows, i, 0),
                  .bucket = (int16_t)db_get_int(rows, i, 1),
                  .seq = db_get_int(rows, i, 2)},
        .at_us = db_get_time(rows, i, 3),
        .customer = db_get_int(rows, i, 4),
        .version = db_get_int(rows, i, 5),
        .kind = db_get_text(rows, i, 6),
        .body = db_get_bytes(rows, i, 7),
    };
}

/* Without the key nobody could make the leaf of what is left. */
static bool may_redact(const struct intake_work *w, bool is_recorded)
{
    if (is_recorded && !w->audit_key) {
        log_error("erasure_leaves_events",
                  LOG_TEXT("reason", "there is a tamper-evident record and no audit_key_file"));
        return false;
    }
    return true;
}

void erasure_read_load_told(const struct db_rows *rows, struct intake_work *w)
{
    w->told_do_not_call = db_get_bool(rows, 0, 0);
}

void erasure_read_load_events(const struct db_rows *rows, struct intake_work *w)
{
    const bool is_redacted = db_row_count(rows) > 0 && may_redact(w, db_get_bool(rows, 0, 8));
    for (size_t i = 0; i < db_row_count(rows); i++) {
        const struct audit_event e = event_of(rows, i);
        struct bytes body = erasure_redact(&e, w->audit_key, w->arena);
        if (body.data && !is_redacted) {
            w->erased_events_left++;
        } else if (body.data) {
            struct work_erased_event *kept = work_append(w, &w->erased_events, sizeof(*kept));
            kept->stream = e.place.stream;
            kept->bucket = e.place.bucket;
            kept->seq = e.place.seq;
            kept->customer = e.customer;
            kept->body = body;
        }
    }
}

/* ---- writing */

static const struct db_query erasure_write_not_called = {
    "erasure_write_not_called",
    "INSERT INTO intake.do_not_call (handle, since)"
    " SELECT DISTINCT u.handle, $2::timestamptz FROM unnest($1::int8[]) AS u (handle) ORDER BY 1"
    " ON CONFLICT (handle) DO NOTHING",
    DB_NONE};

static const struct db_query erasure_write_allowed_again = {
    "erasure_write_allowed_again", "DELETE FROM intake.do_not_call WHERE handle = ANY ($1::int8[])",
    DB_NONE};

static const struct db_query erasure_write_events = {
    "erasure_write_events",
    "SELECT log.redact($1::text[], $2::int2[], $3::int8[], $4::int8[], $5::bytea[])", DB_HIDDEN};

static const struct db_query erasure_write_erasure = {
    "erasure_write_erasure",
    "INSERT INTO intake.erasure (bucket, number, customer_number, ground, asked_by,"
    "       keeps_do_not_call, wants_rotation, key_generation, events, source_id, occurred_at,"
    "       received_at, members, reference_hashes, events_left, removed)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,"
    "         intake.erase_rows($13, $16, $17))",
    DB_NONE};

static void put_numbers(struct db_params *p, const struct work_list *list)
{
    struct db_array a;
    db_array_init(&a, DB_INT8);
    WORK_EACH(const struct work_erased_number, n, list)
    {
        db_array_add_int(&a, n->number);
    }
    db_put_array(p, &a);
    db_array_free(&a);
}

static void put_hashes(struct db_params *p, const struct intake_work *w)
{
    struct db_array a;
    db_array_init(&a, DB_BYTES);
    WORK_EACH(const struct work_erased_reference, r, &w->erased_references)
    {
        db_array_add_bytes(&a, (struct bytes){r->hash, sizeof(r->hash)});
    }
    db_put_array(p, &a);
    db_array_free(&a);
}

static void write_one(struct db *db, const struct intake_work *w, const struct work_erasure *e)
{
    struct db_params p = {0};
    db_put_int2(&p, identifier_bucket(e->number));
    db_put_int8(&p, e->number);
    db_put_int8(&p, e->customer);
    db_put_int2(&p, (int16_t)e->ground);
    db_put_text(&p, e->asked_by);
    db_put_bool(&p, e->keeps_do_not_call);
    db_put_bool(&p, e->wants_rotation);
    db_put_int2(&p, e->key_generation);
    db_put_int4(&p, (int32_t)w->erased_events.count);
    db_put_int4(&p, e->source_id);
    db_put_time(&p, e->occurred_us);
    db_put_time(&p, w->now_us);
    put_numbers(&p, &e->members);
    put_hashes(&p, w);
    db_put_int4(&p, w->erased_events_left);
    put_numbers(&p, &e->phones);
    put_numbers(&p, &e->emails);
    db_query(db, &erasure_write_erasure, &p);
    db_params_clear(&p);
    if (e->not_called.count > 0) {
        put_numbers(&p, &e->not_called);
        db_put_time(&p, w->now_us);
        db_query(db, &erasure_write_not_called, &p);
    }
    db_params_free(&p);
}

static void write_events(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_TEXT, DB_INT2, DB_INT8, DB_INT8, DB_BYTES);
    WORK_EACH(const struct work_erased_event, e, &w->erased_events)
    {
        put_text(&rows, e->stream);
        put_int(&rows, e->bucket);
        put_int(&rows, e->seq);
        put_int(&rows, e->customer);
        put_bytes(&rows, e->body);
    }
    (void)rows_send(&rows, db, &erasure_write_events);
}

size_t erasure_write_queue(struct db *db, const struct intake_work *w)
{
    size_t count = 0;
    WORK_EACH(const struct work_erasure, e, &w->erasures)
    {
        write_one(db, w, e);
        count++;
    }
    if (count > 0) {
        write_events(db, w);
    }
    return count;
}

size_t erasure_write_allowed(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT8);
    WORK_EACH(const struct work_erased_number, n, &w->allowed_handles)
    {
        put_int(&rows, n->number);
    }
    return rows_send(&rows, db, &erasure_write_allowed_again);
}
