/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_other_store.h"

#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/intake/intake_rows.h"

/* ---- items of SERVQUAL */

static const struct db_query intake_other_items = {
    "intake_other_items",
    "INSERT INTO intake.survey_item (bucket, answer_number, item, dimension, expectation,"
    "       perception)"
    " SELECT * FROM unnest($1::int2[], $2::int8[], $3::int2[], $4::int2[], $5::int2[], $6::int2[])",
    DB_NONE};

static void put_score(struct rows *rows, bool has, int value)
{
    if (has) {
        put_int(rows, value);
    } else {
        put_null(rows);
    }
}

static size_t write_items(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_INT2, DB_INT2, DB_INT2, DB_INT2);
    WORK_EACH(const struct work_answer, a, &w->answers)
    {
        for (size_t i = 0; i < a->item_count; i++) {
            const Troth__V1__ServqualItem *item = a->items[i];
            put_key(&rows, a->number);
            put_int(&rows, item->item);
            put_int(&rows, (int64_t)item->dimension);
            put_score(&rows, item->has_expectation, item->expectation);
            put_score(&rows, item->has_perception, item->perception);
        }
    }
    return rows_send(&rows, db, &intake_other_items);
}

/* ---- points */

static const struct db_query intake_other_redemptions = {
    "intake_other_redemptions",
    "INSERT INTO intake.points_redemption (bucket, number, customer_number, reference, branch,"
    "       points, source_id, occurred_at, received_at)"
    " SELECT u.*, $9 FROM unnest($1::int2[], $2::int8[], $3::int8[], $4::text[], $5::text[],"
    "       $6::int8[], $7::int4[], $8::timestamptz[]) AS u",
    DB_NONE};

static size_t write_redemptions(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_INT8, DB_TEXT, DB_TEXT, DB_INT8, DB_INT4, DB_TIME);
    WORK_EACH(const struct work_redemption, r, &w->redemptions)
    {
        if (r->is_new) {
            put_key(&rows, r->number);
            put_int(&rows, r->customer);
            put_text(&rows, r->reference);
            put_text(&rows, text_is_empty(r->branch) ? NULL : r->branch);
            put_int(&rows, r->points);
            put_int(&rows, r->source_id);
            put_time(&rows, r->occurred_us);
        }
    }
    return rows_send_at(&rows, db, &intake_other_redemptions, w->now_us);
}

/* ---- consents */

static const struct db_query intake_other_consents = {
    "intake_other_consents",
    "INSERT INTO intake.consent_statement (bucket, customer_number, version, place, purpose,"
    "       channel, is_given, wording, obtained, source_id, occurred_at, received_at)"
    " SELECT u.*, $12 FROM unnest($1::int2[], $2::int8[], $3::int8[], $4::int2[], $5::int2[],"
    "       $6::int2[], $7::bool[], $8::text[], $9::text[], $10::int4[], $11::timestamptz[]) AS u",
    DB_NONE};

static size_t write_consents(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_INT8, DB_INT2, DB_INT2, DB_INT2, DB_BOOL, DB_TEXT, DB_TEXT,
         DB_INT4, DB_TIME);
    WORK_EACH(const struct work_consent, c, &w->consents)
    {
        put_key(&rows, c->customer);
        put_int(&rows, c->version);
        put_int(&rows, c->place);
        put_int(&rows, c->purpose);
        put_int(&rows, c->channel);
        put_bool(&rows, c->is_given);
        put_optional(&rows, c->wording);
        put_optional(&rows, c->obtained);
        put_int(&rows, c->source_id);
        put_time(&rows, c->occurred_us);
    }
    return rows_send_at(&rows, db, &intake_other_consents, w->now_us);
}

/* ---- devices */

static const struct db_query intake_other_device_signals = {
    "intake_other_device_signals",
    "INSERT INTO intake.device_signal (bucket, number, customer_number, device, product, "
    "fault_code,"
    "       mileage_km, usage, usage_unit, source_id, occurred_at, received_at)"
    " SELECT u.*, $12 FROM unnest($1::int2[], $2::int8[], $3::int8[], $4::bytea[], $5::text[],"
    "       $6::text[], $7::float8[], $8::float8[], $9::text[], $10::int4[],"
    "       $11::timestamptz[]) AS u",
    DB_NONE};

static size_t write_device_signals(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_INT8, DB_BYTES, DB_TEXT, DB_TEXT, DB_FLOAT8, DB_FLOAT8, DB_TEXT,
         DB_INT4, DB_TIME);
    WORK_EACH(const struct work_device_signal, d, &w->device_signals)
    {
        put_key(&rows, d->number);
        put_int(&rows, d->customer);
        if (d->has_device) {
            put_bytes(&rows, (struct bytes){d->device, sizeof(d->device)});
        } else {
            put_null(&rows);
        }
        put_optional(&rows, d->message->product);
        put_optional(&rows, d->message->fault_code);
        put_double(&rows, d->message->has_mileage_km, d->message->mileage_km);
        put_double(&rows, d->message->has_usage, d->message->usage);
        put_optional(&rows, d->message->usage_unit);
        put_int(&rows, d->source_id);
        put_time(&rows, d->occurred_us);
    }
    return rows_send_at(&rows, db, &intake_other_device_signals, w->now_us);
}

/* ---- branches and staff: the newest word counts, also over what stands */

static const struct db_query intake_other_branches = {
    "intake_other_branches",
    "INSERT INTO intake.branch AS b (source_id, branch, name, time_zone, language, is_closed,"
    "       changed_at)"
    " SELECT * FROM unnest($1::int4[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bool[],"
    "       $7::timestamptz[])"
    " ON CONFLICT (source_id, branch) DO UPDATE"
    "    SET name = excluded.name, time_zone = excluded.time_zone, language = excluded.language,"
    "        is_closed = excluded.is_closed, changed_at = excluded.changed_at"
    "  WHERE b.changed_at <= excluded.changed_at",
    DB_NONE};

static size_t write_branches(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT4, DB_TEXT, DB_TEXT, DB_TEXT, DB_TEXT, DB_BOOL, DB_TIME);
    WORK_EACH(const struct work_master, m, &w->branches)
    {
        put_int(&rows, m->source_id);
        put_text(&rows, m->code);
        put_optional(&rows, m->branch->name);
        put_optional(&rows, m->branch->time_zone);
        put_optional(&rows, m->branch->language);
        put_bool(&rows, m->branch->is_closed);
        put_time(&rows, m->changed_us);
    }
    return rows_send(&rows, db, &intake_other_branches);
}

static const struct db_query intake_other_staff = {
    "intake_other_staff",
    "INSERT INTO intake.staff AS s (source_id, staff, branch, team, has_left, changed_at)"
    " SELECT * FROM unnest($1::int4[], $2::text[], $3::text[], $4::text[], $5::bool[],"
    "       $6::timestamptz[])"
    " ON CONFLICT (source_id, staff) DO UPDATE"
    "    SET branch = excluded.branch, team = excluded.team, has_left = excluded.has_left,"
    "        changed_at = excluded.changed_at"
    "  WHERE s.changed_at <= excluded.changed_at",
    DB_NONE};

static size_t write_staff(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT4, DB_TEXT, DB_TEXT, DB_TEXT, DB_BOOL, DB_TIME);
    WORK_EACH(const struct work_master, m, &w->staff)
    {
        put_int(&rows, m->source_id);
        put_text(&rows, m->code);
        put_optional(&rows, m->staff->branch);
        put_optional(&rows, m->staff->team);
        put_bool(&rows, m->staff->has_left);
        put_time(&rows, m->changed_us);
    }
    return rows_send(&rows, db, &intake_other_staff);
}

/* ---- improvements: the first word counts */

static const struct db_query intake_other_improvements = {
    "intake_other_improvements",
    "INSERT INTO intake.improvement (number, source_id, improvement_ref, category, product, branch,"
    "       reported_from, words, occurred_at, received_at)"
    " SELECT u.*, $10 FROM unnest($1::int8[], $2::int4[], $3::text[], $4::text[], $5::text[],"
    "       $6::text[], $7::timestamptz[], $8::text[], $9::timestamptz[]) AS u"
    " ON CONFLICT DO NOTHING",
    DB_NONE};

static size_t write_improvements(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT8, DB_INT4, DB_TEXT, DB_TEXT, DB_TEXT, DB_TEXT, DB_TIME, DB_TEXT, DB_TIME);
    WORK_EACH(const struct work_improvement, i, &w->improvements)
    {
        put_int(&rows, i->number);
        put_int(&rows, i->source_id);
        put_text(&rows, i->message->improvement_ref);
        put_optional(&rows, i->message->category);
        put_optional(&rows, i->message->product);
        put_optional(&rows, i->message->branch);
        put_time(&rows, i->reported_from_us);
        put_optional(&rows, i->message->words);
        put_time(&rows, i->occurred_us);
    }
    return rows_send_at(&rows, db, &intake_other_improvements, w->now_us);
}

size_t intake_other_queue(struct db *db, const struct intake_work *w)
{
    size_t count = write_items(db, w);
    count += write_device_signals(db, w);
    count += write_branches(db, w);
    count += write_staff(db, w);
    count += write_improvements(db, w);
    count += write_redemptions(db, w);
    count += write_consents(db, w);
    return count;
}
