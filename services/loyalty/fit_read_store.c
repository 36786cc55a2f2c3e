/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/fit_read_store.h"

#include "intake.pb-c.h"
#include "services/loyalty/evidence_store.h"

/* Whoever has evidence has a score; bounds only cut, so nobody is lost who has none. */
static const struct db_query read_bound = {
    .name = "fit_read_bound",
    .sql = "SELECT customer_number FROM loyalty.customer_score"
           " WHERE bucket = $1 AND customer_number > $2"
           " ORDER BY customer_number OFFSET $3 - 1 LIMIT 1",
    .shape = DB_OPTIONAL,
};

static const struct db_query read_currencies = {
    .name = "fit_read_currencies",
    .sql = "SELECT currency, count(*), min(first_purchase_at) FROM loyalty.customer_score"
           " WHERE bucket = $1 AND purchase_days > 0 GROUP BY currency",
    .shape = DB_ROWS,
};

static const struct db_query read_buyers = {
    .name = "fit_read_buyers",
    .sql = "SELECT min(at) FILTER (WHERE kind = $6), max(at) FILTER (WHERE kind = $6),"
           " max(at) FILTER (WHERE kind = $6 AND at < $4),"
           " count(DISTINCT (at AT TIME ZONE 'UTC')::date) FILTER (WHERE kind = $6),"
           " count(DISTINCT (at AT TIME ZONE 'UTC')::date) FILTER (WHERE kind = $6 AND at < $4),"
           " coalesce(sum(CASE kind WHEN $6 THEN value ELSE -value END::float8)"
           "          FILTER (WHERE label = $5), 0),"
           " bool_and(label = $5)"
           " FROM (SELECT DISTINCT ON (customer_number, kind, subject)"
           "              customer_number, kind, value, at, label, is_void"
           "         FROM loyalty.score_evidence"
           "        WHERE bucket = $1 AND customer_number > $2 AND customer_number <= $3"
           "          AND kind IN ($6, $7)"
           "        ORDER BY customer_number, kind, subject, version DESC) AS e"
           " WHERE NOT is_void GROUP BY customer_number HAVING bool_or(kind = $6)"
           " ORDER BY customer_number",
    .shape = DB_ROWS,
};

static const struct db_query read_sums = {
    .name = "fit_read_sums",
    .sql = "SELECT measure, sum(count)::int8, sum(weight), sum(value) FROM loyalty.score_sum"
           " WHERE bucket = $1 AND count > 0 GROUP BY measure",
    .shape = DB_ROWS,
};

static const struct db_query read_evidence = {
    .name = "fit_read_evidence",
    .sql = "SELECT " EVIDENCE_COLUMNS " FROM loyalty.score_evidence AS e"
           " WHERE e.bucket = $1 AND e.customer_number > $2 AND e.customer_number <= $3"
           " ORDER BY e.customer_number, e.kind, e.subject, e.part, e.version",
    .shape = DB_ROWS,
};

/* Of people: the first contact of a case, and what was added by somebody. A stretch begins after
 * its first instant and holds its last one. */
static const struct db_query read_contacts = {
    .name = "fit_read_contacts",
    .sql = "SELECT customer_number, max(occurred_at)"
           "  FROM intake.contact_public"
           " WHERE bucket = $1 AND occurred_at > $2 AND NOT is_void"
           "   AND (case_number IS NOT NULL AND case_version IS NULL OR origin IN ($4, $5))"
           " GROUP BY customer_number, ceil(extract(epoch FROM occurred_at - $2) / (86400 * $3))"
           " ORDER BY customer_number, max(occurred_at)",
    .shape = DB_ROWS,
};

static void put_slice(struct db_params *p, const struct fit_slice *slice)
{
    db_put_int2(p, slice->bucket);
    db_put_int8(p, slice->after);
    db_put_int8(p, slice->upto);
}

void fit_read_bound(struct db *db, const struct fit_slice *slice)
{
    struct db_params p = {0};
    db_put_int2(&p, slice->bucket);
    db_put_int8(&p, slice->after);
    db_put_int8(&p, slice->customers);
    db_query(db, &read_bound, &p);
    db_params_free(&p);
}

static void query_bucket(struct db *db, const struct db_query *q, int16_t bucket)
{
    struct db_params p = {0};
    db_put_int2(&p, bucket);
    db_query(db, q, &p);
    db_params_free(&p);
}

void fit_read_currencies(struct db *db, int16_t bucket)
{
    query_bucket(db, &read_currencies, bucket);
}

void fit_read_sums(struct db *db, int16_t bucket)
{
    query_bucket(db, &read_sums, bucket);
}

void fit_read_buyers(struct db *db, const struct fit_buyers_question *q)
{
    struct db_params p = {0};
    put_slice(&p, q->slice);
    db_put_time(&p, q->span->held_from_us);
    db_put_text(&p, q->currency);
    db_put_int2(&p, EVIDENCE_PURCHASE);
    db_put_int2(&p, EVIDENCE_REFUND);
    db_query(db, &read_buyers, &p);
    db_params_free(&p);
}

void fit_read_take_buyer(const struct db_rows *rows, size_t row, struct buyer_history *ret)
{
    *ret = (struct buyer_history){
        .first_us = db_get_time(rows, row, 0),
        .last_us = db_get_time(rows, row, 1),
        .last_before_us = db_get_time(rows, row, 2),
        .days = db_get_int(rows, row, 3),
        .days_before = db_get_int(rows, row, 4),
        .money_minor = db_get_float8(rows, row, 5),
        .is_in_main_currency = db_get_bool(rows, row, 6),
    };
}

void fit_read_take_sum(const struct db_rows *rows, size_t row,
                       struct measure_sum to[static MEASURE_END])
{
    int64_t measure = db_get_int(rows, row, 0);
    if (measure > 0 && measure < MEASURE_END) {
        to[measure].count += db_get_int(rows, row, 1);
        to[measure].weight += db_get_float8(rows, row, 2);
        to[measure].value += db_get_float8(rows, row, 3);
    }
}

void fit_read_evidence(struct db *db, const struct fit_slice *slice)
{
    struct db_params p = {0};
    put_slice(&p, slice);
    db_query(db, &read_evidence, &p);
    db_params_free(&p);
}

void fit_read_contacts(struct db *db, int16_t bucket, int64_t after_us, int64_t stretch_days)
{
    struct db_params p = {0};
    db_put_int2(&p, bucket);
    db_put_time(&p, after_us);
    db_put_int8(&p, stretch_days);
    db_put_int2(&p, TROTH__V1__CONTACT_ORIGIN__CONTACT_ORIGIN_UNSPECIFIED);
    db_put_int2(&p, TROTH__V1__CONTACT_ORIGIN__CONTACT_ORIGIN_PERSON);
    db_query(db, &read_contacts, &p);
    db_params_free(&p);
}
