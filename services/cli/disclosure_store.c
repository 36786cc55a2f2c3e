/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/disclosure_store.h"

/* The formatter would break the statements where nobody reads them. */
/* clang-format off */

/* What the dashboard showed of sealed texts stands with intake too, so of reporting's own list only
 * what is not sealed (references) is taken, and what intake wrote down without the user's name:
 * before readers said whom they ask for. A number that was read for a call went to the dialer that
 * got the order, when the reader did not say. */
#define READINGS \
    "SELECT d.at, coalesce(d.reader, '') AS reader, coalesce(d.on_behalf_of, o.dialer, '') AS who," \
    " d.customer_number, d.case_number, lower((ARRAY['phone', 'name', 'case texts', 'email', 'address', 'person'," \
    " 'customer texts'])[d.kind]) AS what, d.purpose, d.outcome" \
    " FROM intake.disclosure_for_operator AS d" \
    " LEFT JOIN LATERAL (SELECT a.dialer FROM followup.follow_up_attempt_public AS a" \
    " WHERE d.on_behalf_of IS NULL AND d.purpose ~ '^follow_up F-[0-9]{1,18}-[0-9]$'" \
    " AND a.follow_up_number = split_part(d.purpose, '-', 2)::int8" \
    " AND a.bucket = (split_part(d.purpose, '-', 2)::int8 & 255)::int2 AND a.ordered_at >= d.at" \
    " ORDER BY a.ordered_at LIMIT 1) AS o ON true" \
    " UNION ALL" \
    " SELECT v.at, 'reporting', v.user_name, v.customer_number, v.case_number, v.what, v.purpose, 'disclosed'" \
    " FROM reporting.personal_view AS v WHERE v.what = 'references' OR NOT EXISTS (" \
    "SELECT FROM intake.disclosure_for_operator AS d WHERE d.bucket = (v.customer_number & 255)::int2" \
    " AND d.customer_number = v.customer_number AND d.on_behalf_of = replace(v.user_name, ' ', ':')" \
    " AND d.at BETWEEN v.at - interval '1 minute' AND v.at + interval '1 minute')"

#define FILTER \
    " WHERE (cardinality($1::int8[]) = 0 OR r.customer_number = ANY ($1)) AND r.at >= coalesce($2, '-infinity')" \
    " AND ($3 = '' OR r.reader = $3 OR r.who = $3)"

static const struct db_query list = {
    "disclosure_store_list",
    "SELECT r.at, r.reader, r.who, r.customer_number, r.case_number, r.what, r.purpose, r.outcome"
    " FROM (" READINGS ") AS r" FILTER " ORDER BY r.at DESC, r.customer_number, r.what LIMIT $4",
    DB_ROWS};

/* Days of the past are needed to say what is usual: the first day is left to the caller's since. */
static const struct db_query days = {
    "disclosure_store_days",
    "WITH reading AS (SELECT * FROM (" READINGS ") AS r"
    " WHERE (cardinality($1::int8[]) = 0 OR r.customer_number = ANY ($1))"
    " AND r.at >= coalesce($2 - interval '28 days', '-infinity') AND ($3 = '' OR r.reader = $3 OR r.who = $3)),"
    " day AS (SELECT (at AT TIME ZONE 'UTC')::date AS day, reader, who, count(*) AS readings,"
    " count(DISTINCT customer_number) AS persons FROM reading WHERE outcome = 'disclosed' GROUP BY 1, 2, 3)"
    " SELECT d.day::text, d.reader, d.who, d.readings, d.persons,"
    " (SELECT avg(b.persons)::float8 FROM day AS b WHERE b.reader = d.reader AND b.who = d.who"
    " AND b.day BETWEEN d.day - 28 AND d.day - 1)"
    " FROM day AS d WHERE d.day >= coalesce(($2 AT TIME ZONE 'UTC')::date, '-infinity'::date)"
    " ORDER BY d.day DESC, d.persons DESC, d.reader, d.who LIMIT $4",
    DB_ROWS};

/* clang-format on */

static const struct db_rows *ask(struct db *db, const struct db_query *q,
                                 const struct disclosure_filter *f, struct err *err)
{
    struct db_params p = {0};
    db_put_array(&p, f->members);
    db_put_time(&p, f->since_us);
    db_put_text(&p, f->who);
    db_put_int8(&p, f->limit);
    db_query(db, q, &p);
    db_params_free(&p);
    const struct db_reply *reply = db_run_wait(db);
    if (reply->outcome != DB_OK) {
        *err = reply->err;
        return NULL;
    }
    return reply->rows[0];
}

const struct db_rows *disclosure_store_list(struct db *db, const struct disclosure_filter *f,
                                            struct err *err)
{
    return ask(db, &list, f, err);
}

const struct db_rows *disclosure_store_days(struct db *db, const struct disclosure_filter *f,
                                            struct err *err)
{
    return ask(db, &days, f, err);
}
