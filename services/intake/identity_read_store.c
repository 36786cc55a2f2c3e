/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/identity_read_store.h"

#include "common/domain/identifier.h"
#include "common/runtime/db_columns.h"
#include "services/intake/intake_read_rows.h"

/* Whom the owner follows comes along: who joins, joins the survivor. */
static const struct db_query identity_read_points = {
    "identity_read_points",
    "SELECT " CUSTOMER_COLUMNS ", u.kind, u.hash, o.number"
    "  FROM (SELECT true AS wants_person, x.*"
    "          FROM unnest($1::int2[], $2::int2[], $3::bytea[]) AS x (bucket, kind, hash)) AS u"
    "  JOIN intake.contact_point AS t"
    "       ON (t.bucket, t.kind, t.hash) = (u.bucket, u.kind, u.hash)"
    "  JOIN intake.customer AS o"
    "       ON (o.bucket, o.number) = ((t.customer_number & 255)::int2, t.customer_number)"
    "  JOIN intake.customer AS c"
    "       ON (c.bucket, c.number) = ((coalesce(o.merged_into, o.number) & 255)::int2,"
    "                                  coalesce(o.merged_into, o.number))" JOIN_PERSON,
    DB_ROWS};
enum {
    POINT_KIND = CUSTOMER_COLUMN_COUNT,
    POINT_HASH,
    POINT_OWNER,
};

/* The newest of each customer; more are not open at once about one thing. */
#define OPEN_CASES                                                                                 \
    " FROM unnest($1::int2[], $2::int4[], $3::text[], $4::timestamptz[], $5::timestamptz[],"       \
    "             $6::bool[]) AS u (bucket, source_id, reference, since, until, reopens)"          \
    " JOIN intake.customer_reference AS r"                                                         \
    "      ON (r.bucket, r.source_id, r.reference) = (u.bucket, u.source_id, u.reference)"         \
    " CROSS JOIN LATERAL"                                                                          \
    "      (SELECT * FROM intake.service_case AS one"                                              \
    "        WHERE one.bucket = (r.customer_number & 255)::int2"                                   \
    "          AND one.customer_number = r.customer_number"                                        \
    "          AND (one.state < 5 OR (u.reopens AND one.state < 7))"                               \
    "          AND one.last_contact_at >= u.since AND one.opened_at <= u.until"                    \
    "        ORDER BY one.last_contact_at DESC, one.number DESC LIMIT 64) AS c"

static const struct db_query identity_read_open_cases = {
    "identity_read_open_cases",
    "SELECT " CASE_COLUMNS CASE_KEY_COLUMNS OPEN_CASES
    " JOIN intake.customer AS k ON (k.bucket, k.number) = (c.bucket, c.customer_number)"
    " LEFT JOIN intake.promise AS p ON (p.bucket, p.case_number) = (c.bucket, c.number)"
    " ORDER BY c.number, p.number",
    DB_ROWS};

static const struct db_query identity_read_open_pauses = {
    "identity_read_open_pauses",
    "SELECT " PAUSE_COLUMNS OPEN_CASES
    " JOIN intake.case_event AS e ON (e.bucket, e.case_number) = (c.bucket, c.number)"
    " WHERE (e.from_state = 3 OR e.to_state = 3) AND NOT e.is_void"
    " ORDER BY e.case_number, e.case_version",
    DB_ROWS};

static void add_points(struct db_columns *c, const struct intake_needs *needs)
{
    for (int kind = 0; kind < CONTACT_POINT_KINDS; kind++) {
        if (needs->points[kind].is_set) {
            db_array_add_int(&c->array[0], needs->points[kind].hash[0]);
            db_array_add_int(&c->array[1], kind + 1);
            db_array_add_bytes(&c->array[2], (struct bytes){.data = needs->points[kind].hash,
                                                            .len = KEYRING_HASH_LEN});
        }
    }
}

static void add_contact(struct db_columns *c, const struct intake_record *r)
{
    int32_t source_id = r->request->sender.source_id;
    if (r->needs.dedup_window_us) {
        const char *reference = r->names.customer_ref;
        db_array_add_int(&c->array[0], identifier_bucket_of_reference(source_id, reference));
        db_array_add_int(&c->array[1], source_id);
        db_array_add_text(&c->array[2], reference);
        db_array_add_time(&c->array[3], r->message->occurred_us - r->needs.dedup_window_us);
        db_array_add_time(&c->array[4], r->message->occurred_us + r->needs.dedup_window_us);
        db_array_add_bool(&c->array[5], r->needs.dedup_reopens);
    }
}

void identity_read_records(struct db *db, struct intake_record *const *records, size_t count,
                           struct intake_reads *reads)
{
    static const enum db_type point_key[] = {DB_INT2, DB_INT2, DB_BYTES};
    static const enum db_type case_key[] = {DB_INT2, DB_INT4, DB_TEXT, DB_TIME, DB_TIME, DB_BOOL};
    struct db_columns points;
    struct db_columns contacts;
    db_columns_init(&points, point_key, ARRAY_LEN(point_key));
    db_columns_init(&contacts, case_key, ARRAY_LEN(case_key));
    for (size_t i = 0; i < count; i++) {
        add_points(&points, &records[i]->needs);
        add_contact(&contacts, records[i]);
    }
    if (db_columns_rows(&points) > 0) {
        db_columns_query(&points, db, &identity_read_points);
        reads->points = reads->next++;
    } else {
        db_columns_free(&points);
    }
    if (db_columns_rows(&contacts) > 0) {
        struct db_params p = {0};
        db_columns_put(&contacts, &p);
        db_query(db, &identity_read_open_cases, &p);
        reads->open_cases = reads->next++;
        db_query(db, &identity_read_open_pauses, &p);
        reads->open_pauses = reads->next++;
        db_params_free(&p);
    } else {
        db_columns_free(&contacts);
    }
}

void identity_read_load_points(const struct db_rows *rows, struct intake_work *w)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        const struct work_customer *survivor = intake_read_customer(rows, i, w);
        struct bytes hash = db_get_bytes(rows, i, POINT_HASH);
        if (hash.len == KEYRING_HASH_LEN) {
            struct work_contact_point *p =
                work_add_contact_point(w, (int)db_get_int(rows, i, POINT_KIND) - 1, hash.data);
            p->owner = db_get_int(rows, i, POINT_OWNER);
            p->survivor = survivor->number;
        }
    }
}
