/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_disclosure_store.h"

#include "common/domain/identifier.h"
#include "common/runtime/db_columns.h"

/* Whom others were merged with knows what they know: the one who is asked for first, then who
 * survived, then the rest. */
static const struct db_query intake_disclosure_person = {
    "intake_disclosure_person",
    "WITH asked AS (SELECT bucket, number, merged_into FROM intake.customer"
    "                WHERE bucket = $1 AND number = $2),"
    "     member AS (SELECT bucket, number, 0 AS rank FROM asked UNION ALL"
    "                SELECT (merged_into & 255)::int2, merged_into, 1 FROM asked"
    "                 WHERE merged_into IS NOT NULL UNION ALL"
    "                SELECT c.bucket, c.number, 2 FROM asked JOIN intake.customer AS c"
    "                    ON c.merged_into = coalesce(asked.merged_into, asked.number)"
    "                 WHERE c.number <> asked.number)"
    " SELECT c.number, c.key_generation, c.wrapped_key, c.number, NULL::timestamptz, p.sealed"
    "  FROM member AS m"
    "  JOIN intake.customer AS c ON (c.bucket, c.number) = (m.bucket, m.number)"
    "  JOIN intake.person AS p ON (p.bucket, p.customer_number) = (m.bucket, m.number)"
    " ORDER BY m.rank, m.number LIMIT $3",
    DB_ROWS};

/* The same for many; a customer with so many others merged into it that they are cut is cut by the
 * caller. */
static const struct db_query intake_disclosure_persons = {
    "intake_disclosure_persons",
    "WITH asked AS MATERIALIZED (SELECT n.ordinal, c.bucket, c.number, c.merged_into,"
    "                   c.follower_count FROM unnest($1::int2[], $2::int8[])"
    "                     WITH ORDINALITY AS n (bucket, number, ordinal)"
    "                CROSS JOIN LATERAL (SELECT * FROM intake.customer AS c"
    "                     WHERE c.bucket = n.bucket AND c.number = n.number LIMIT 1) AS c),"
    "     member AS (SELECT ordinal, bucket, number, 0 AS rank FROM asked UNION ALL"
    "                SELECT ordinal, (merged_into & 255)::int2, merged_into, 1 FROM asked"
    "                 WHERE merged_into IS NOT NULL UNION ALL"
    "                SELECT a.ordinal, c.bucket, c.number, 2 FROM asked AS a"
    "                 CROSS JOIN LATERAL (SELECT * FROM intake.customer AS c"
    "                     WHERE c.merged_into = coalesce(a.merged_into, a.number) LIMIT $3) AS c"
    "                 WHERE (a.merged_into IS NOT NULL OR a.follower_count > 0)"
    "                   AND c.number <> a.number)"
    " SELECT c.number, c.key_generation, c.wrapped_key, c.number, NULL::timestamptz, p.sealed,"
    "       m.ordinal - 1 FROM member AS m"
    " CROSS JOIN LATERAL (SELECT * FROM intake.customer AS c"
    "     WHERE c.bucket = m.bucket AND c.number = m.number LIMIT 1) AS c"
    " CROSS JOIN LATERAL (SELECT * FROM intake.person AS p"
    "     WHERE p.bucket = m.bucket AND p.customer_number = m.number LIMIT 1) AS p"
    " ORDER BY m.ordinal, m.rank, m.number",
    DB_ROWS};

/* What its source took back was never said, unless that is asked for. */
#define IS_NOT_VOID                                                                                \
    " AND ($5 OR (NOT EXISTS (SELECT FROM intake.record_void AS v"                                 \
    "                  WHERE v.bucket = t.bucket AND v.fact_number = t.number)"                    \
    " AND NOT EXISTS (SELECT FROM intake.promise AS p" /* in whose words it was given */           \
    "                  WHERE p.bucket = t.bucket AND p.number = t.number"                          \
    "                    AND p.is_void AND p.standard_id = 0)))"

#define FROM_PLACE_ON                                                                              \
    " AND (t.at, t.number) > (coalesce($3, '-infinity'), $4) ORDER BY t.at, t.number LIMIT $6"

/* A case keeps its customer when that one is merged into another; who asks may know either. */
static const struct db_query intake_disclosure_case_texts = {
    "intake_disclosure_case_texts",
    "SELECT c.number, c.key_generation, c.wrapped_key, t.number, t.at, t.sealed"
    "  FROM intake.contact_text AS t"
    "  JOIN intake.customer AS c ON (c.bucket, c.number) = (t.bucket, t.customer_number)"
    " WHERE t.bucket = $1 AND t.case_number = $2 AND (c.number = $7 OR c.merged_into = "
    "$7)" IS_NOT_VOID FROM_PLACE_ON,
    DB_ROWS};

static const struct db_query intake_disclosure_customer_texts = {
    "intake_disclosure_customer_texts",
    "SELECT c.number, c.key_generation, c.wrapped_key, t.number, t.at, t.sealed"
    "  FROM intake.contact_text AS t"
    "  JOIN intake.customer AS c ON (c.bucket, c.number) = (t.bucket, t.customer_number)"
    " WHERE t.bucket = $1 AND t.customer_number = $2 AND t.case_number IS NULL" IS_NOT_VOID
        FROM_PLACE_ON,
    DB_ROWS};

static const struct db_query intake_disclosure_add = {
    "intake_disclosure_add",
    "INSERT INTO intake.disclosure (bucket, number, customer_number, case_number, kind, purpose,"
    "       reader_id, at, outcome, on_behalf_of)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, nullif($10, ''))",
    DB_NONE};

static void read_texts(struct db *db, const struct intake_disclosure *d)
{
    bool is_case = d->kind == TROTH__V1__DISCLOSURE_KIND__DISCLOSURE_KIND_CASE_TEXTS;
    int64_t of = is_case ? d->service_case : d->customer;
    struct db_params p = {0};
    db_put_int2(&p, identifier_bucket(of));
    db_put_int8(&p, of);
    db_put_time(&p, d->after_us);
    db_put_int8(&p, d->after_number);
    db_put_bool(&p, d->with_void);
    db_put_int8(&p, DISCLOSURE_ROWS_MAX + 1);
    if (is_case) {
        db_put_int8(&p, d->customer);
    }
    db_query(db, is_case ? &intake_disclosure_case_texts : &intake_disclosure_customer_texts, &p);
    db_params_free(&p);
}

void intake_disclosure_read(struct db *db, const struct intake_disclosure *d)
{
    struct db_params p = {0};
    if (d->kind == TROTH__V1__DISCLOSURE_KIND__DISCLOSURE_KIND_CASE_TEXTS ||
        d->kind == TROTH__V1__DISCLOSURE_KIND__DISCLOSURE_KIND_CUSTOMER_TEXTS) {
        read_texts(db, d);
        return;
    }
    db_put_int2(&p, identifier_bucket(d->customer));
    db_put_int8(&p, d->customer);
    db_put_int8(&p, DISCLOSURE_ROWS_MAX);
    db_query(db, &intake_disclosure_person, &p);
    db_params_free(&p);
}

void intake_disclosure_write(struct db *db, const struct intake_disclosure *d)
{
    struct db_params p = {0};
    db_put_int2(&p, identifier_bucket(d->customer));
    db_put_int8(&p, d->number);
    db_put_int8(&p, d->customer);
    if (d->service_case) {
        db_put_int8(&p, d->service_case);
    } else {
        db_put_null(&p, DB_INT8);
    }
    db_put_int2(&p, (int16_t)d->kind);
    db_put_text(&p, d->purpose);
    db_put_int4(&p, d->reader_id);
    db_put_time(&p, d->at_us);
    db_put_text(&p, d->outcome);
    db_put_text(&p, d->on_behalf_of);
    db_query(db, &intake_disclosure_add, &p);
    db_params_free(&p);
}

static const struct db_query intake_disclosure_add_all = {
    "intake_disclosure_add_all",
    "INSERT INTO intake.disclosure (bucket, number, customer_number, case_number, kind, purpose,"
    "       reader_id, at, outcome, on_behalf_of)"
    " SELECT n.bucket, n.number, n.customer, NULL, n.kind, n.purpose, $6, $7, n.outcome,"
    "       nullif(n.behalf, '')"
    "  FROM unnest($1::int2[], $2::int8[], $3::int8[], $4::int2[], $5::text[], $8::text[],"
    "       $9::text[]) AS n (bucket, number, customer, kind, purpose, outcome, behalf)",
    DB_NONE};

void intake_disclosure_read_persons(struct db *db, const struct intake_disclosure *list,
                                    size_t count)
{
    static const enum db_type types[] = {DB_INT2, DB_INT8};
    struct db_columns c;
    struct db_params p = {0};
    db_columns_init(&c, types, ARRAY_LEN(types));
    for (size_t i = 0; i < count; i++) {
        db_array_add_int(&c.array[0], identifier_bucket(list[i].customer));
        db_array_add_int(&c.array[1], list[i].customer);
    }
    db_columns_put(&c, &p);
    db_put_int8(&p, DISCLOSURE_ROWS_MAX);
    db_query(db, &intake_disclosure_persons, &p);
    db_params_free(&p);
}

void intake_disclosure_write_all(struct db *db, const struct intake_disclosure *list, size_t count)
{
    static const enum db_type types[] = {DB_INT2, DB_INT8, DB_INT8, DB_INT2, DB_TEXT};
    struct db_columns c;
    struct db_array outcomes, behalves;
    struct db_params p = {0};
    db_columns_init(&c, types, ARRAY_LEN(types));
    db_array_init(&outcomes, DB_TEXT);
    db_array_init(&behalves, DB_TEXT);
    for (size_t i = 0; i < count; i++) {
        const struct intake_disclosure *d = &list[i];
        db_array_add_int(&c.array[0], identifier_bucket(d->customer));
        db_array_add_int(&c.array[1], d->number);
        db_array_add_int(&c.array[2], d->customer);
        db_array_add_int(&c.array[3], d->kind);
        db_array_add_text(&c.array[4], d->purpose);
        db_array_add_text(&outcomes, d->outcome);
        db_array_add_text(&behalves, d->on_behalf_of ? d->on_behalf_of : "");
    }
    db_columns_put(&c, &p);
    db_put_int4(&p, list[0].reader_id);
    db_put_time(&p, list[0].at_us);
    db_put_array(&p, &outcomes);
    db_put_array(&p, &behalves);
    db_query(db, &intake_disclosure_add_all, &p);
    db_params_free(&p);
    db_array_free(&behalves);
    db_array_free(&outcomes);
}
