/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_disclosure_store.h"

#include "common/domain/identifier.h"

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

/* What its source took back was never said. */
#define IS_NOT_VOID                                                                                \
    " AND NOT EXISTS (SELECT FROM intake.record_void AS v"                                         \
    "                  WHERE v.bucket = t.bucket AND v.fact_number = t.number)"                    \
    " AND NOT EXISTS (SELECT FROM intake.promise AS p" /* in whose words it was given */           \
    "                  WHERE p.bucket = t.bucket AND p.number = t.number"                          \
    "                    AND p.is_void AND p.standard_id = 0)"

/* A case keeps its customer when that one is merged into another; who asks may know either. */
static const struct db_query intake_disclosure_case_texts = {
    "intake_disclosure_case_texts",
    "SELECT c.number, c.key_generation, c.wrapped_key, t.number, t.at, t.sealed"
    "  FROM intake.contact_text AS t"
    "  JOIN intake.customer AS c ON (c.bucket, c.number) = (t.bucket, t.customer_number)"
    " WHERE t.bucket = $1 AND t.case_number = $2 AND (c.number = $3 OR c.merged_into = "
    "$3)" IS_NOT_VOID " ORDER BY t.at, t.number LIMIT $4",
    DB_ROWS};

static const struct db_query intake_disclosure_customer_texts = {
    "intake_disclosure_customer_texts",
    "SELECT c.number, c.key_generation, c.wrapped_key, t.number, t.at, t.sealed"
    "  FROM intake.contact_text AS t"
    "  JOIN intake.customer AS c ON (c.bucket, c.number) = (t.bucket, t.customer_number)"
    " WHERE t.bucket = $1 AND t.customer_number = $2 AND t.case_number IS NULL" IS_NOT_VOID
    " ORDER BY t.at, t.number LIMIT $3",
    DB_ROWS};

static const struct db_query intake_disclosure_add = {
    "intake_disclosure_add",
    "INSERT INTO intake.disclosure (bucket, number, customer_number, case_number, kind, purpose,"
    "       reader_id, at, outcome) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    DB_NONE};

void intake_disclosure_read(struct db *db, const struct intake_disclosure *d)
{
    struct db_params p = {0};
    if (d->kind == TROTH__V1__DISCLOSURE_KIND__DISCLOSURE_KIND_CASE_TEXTS) {
        db_put_int2(&p, identifier_bucket(d->service_case));
        db_put_int8(&p, d->service_case);
        db_put_int8(&p, d->customer);
        db_put_int8(&p, DISCLOSURE_ROWS_MAX + 1);
        db_query(db, &intake_disclosure_case_texts, &p);
    } else if (d->kind == TROTH__V1__DISCLOSURE_KIND__DISCLOSURE_KIND_CUSTOMER_TEXTS) {
        db_put_int2(&p, identifier_bucket(d->customer));
        db_put_int8(&p, d->customer);
        db_put_int8(&p, DISCLOSURE_ROWS_MAX + 1);
        db_query(db, &intake_disclosure_customer_texts, &p);
    } else {
        db_put_int2(&p, identifier_bucket(d->customer));
        db_put_int8(&p, d->customer);
        db_put_int8(&p, DISCLOSURE_ROWS_MAX);
        db_query(db, &intake_disclosure_person, &p);
    }
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
    db_query(db, &intake_disclosure_add, &p);
    db_params_free(&p);
}
