/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_disclosure_store.h"

#include "common/domain/identifier.h"

static const struct db_query intake_disclosure_phone = {
    "intake_disclosure_phone",
    "SELECT 'phone', NULL::timestamptz, phone FROM intake.person"
    " WHERE bucket = $1 AND customer_number = $2 AND phone <> ''",
    DB_ROWS};

static const struct db_query intake_disclosure_name = {
    "intake_disclosure_name",
    "SELECT 'name', NULL::timestamptz, name FROM intake.person"
    " WHERE bucket = $1 AND customer_number = $2 AND name <> ''",
    DB_ROWS};

static const struct db_query intake_disclosure_texts = {
    "intake_disclosure_texts",
    "SELECT field, at, body FROM intake.contact_text"
    " WHERE bucket = $1 AND customer_number = $2 AND case_number = $3"
    " ORDER BY at, number, field DESC",
    DB_ROWS};

static const struct db_query intake_disclosure_add = {
    "intake_disclosure_add",
    "INSERT INTO intake.disclosure (bucket, number, customer_number, case_number, kind, purpose,"
    "       reader_id, at, was_found) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    DB_NONE};

void intake_disclosure_read(struct db *db, const struct intake_disclosure *d)
{
    struct db_params p = {0};
    db_put_int2(&p, identifier_bucket(d->customer));
    db_put_int8(&p, d->customer);
    if (d->kind == TROTH__V1__DISCLOSURE_KIND__DISCLOSURE_KIND_CASE_TEXTS) {
        db_put_int8(&p, d->service_case);
        db_query(db, &intake_disclosure_texts, &p);
    } else if (d->kind == TROTH__V1__DISCLOSURE_KIND__DISCLOSURE_KIND_NAME) {
        db_query(db, &intake_disclosure_name, &p);
    } else {
        db_query(db, &intake_disclosure_phone, &p);
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
    db_put_bool(&p, d->was_found);
    db_query(db, &intake_disclosure_add, &p);
    db_params_free(&p);
}
