/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_round_store.c
 *
 * A slice begins in each bucket after the number it had come to, takes the first rows of every
 * bucket and of these the first ones over all buckets: whatever comes before the last row taken has
 * been looked at.
 */
#include "services/followup/plan_round_store.h"

#include <math.h>

#include "common/runtime/db_columns.h"

#define PLACES               "unnest($1::int2[], $2::int8[]) AS k (bucket, after)"
#define LIVING               "NOT c.is_erased"
#define CANDIDATE(texts, at) "n.number, n.customer, n.time_zone, s.tier, " texts ", " at
#define SCORE                                                                                      \
    " LEFT JOIN loyalty.customer_score_public AS s"                                                \
    " ON s.bucket = n.bucket AND s.customer_number = n.customer ORDER BY n.bucket, n.number"

static const struct db_query topics_put = {
    "plan_round_store_topics",
    "INSERT INTO followup.plan_round AS r (bucket, topic, planned_until, ahead_days, rule_version)"
    " SELECT b.bucket, t.topic, date '1970-01-01' + ($4::int8 - 1)::int4, t.ahead, $5"
    " FROM unnest($1::int2[]) AS b (bucket), unnest($2::text[], $3::int2[]) AS t (topic, ahead)"
    " ON CONFLICT (bucket, topic) DO UPDATE SET ahead_days = excluded.ahead_days,"
    " rule_version = excluded.rule_version, after_number = 0,"
    " planned_until = least(r.planned_until, excluded.planned_until)"
    " WHERE r.rule_version <> excluded.rule_version"
    " OR r.ahead_days IS DISTINCT FROM excluded.ahead_days",
    DB_NONE,
};

static const struct db_query topics_left = {
    "plan_round_store_topics_left",
    "UPDATE followup.plan_round SET ahead_days = NULL"
    " WHERE bucket = ANY ($1::int2[]) AND topic <> ALL ($2::text[]) AND ahead_days IS NOT NULL",
    DB_NONE,
};

static const struct db_query behind = {
    "plan_round_store_behind",
    "SELECT topic, bucket, planned_until - date '1970-01-01', after_number"
    " FROM followup.plan_round WHERE bucket = ANY ($1::int2[])"
    " AND planned_until < date '1970-01-01' + $2::int4 + ahead_days"
    " ORDER BY topic, planned_until, bucket LIMIT 256",
    DB_ROWS,
};

static const struct db_query advance = {
    "plan_round_store_advance",
    "WITH moved AS (UPDATE followup.plan_round AS r"
    " SET planned_until = date '1970-01-01' + n.until::int4, after_number = n.after"
    " FROM unnest($2::int2[], $3::int8[], $4::int8[], $5::int8[], $6::int8[])"
    " AS n (bucket, was_until, was_after, until, after)"
    " WHERE r.bucket = n.bucket AND r.topic = $1 AND r.after_number = n.was_after"
    " AND r.planned_until = date '1970-01-01' + n.was_until::int4 RETURNING 1)"
    " SELECT followup.expect_rows(count(*), cardinality($2::int2[])) FROM moved",
    DB_HIDDEN,
};

/* A month and day alone find few rows by their index. */
/* clang-format off */
static const struct db_query birthdays = {
    "plan_round_store_birthdays",
    "SELECT " CANDIDATE("NULL::text, NULL::text", "NULL::timestamptz")
    ", n.birth_month, n.birth_day, n.birth_is_lunar, n.birth_is_leap_month"
    " FROM (SELECT c.bucket, c.number, c.number AS customer, c.time_zone, c.birth_month,"
    " c.birth_day, c.birth_is_lunar, c.birth_is_leap_month FROM " PLACES
    " CROSS JOIN unnest($3::bool[], $4::int2[], $5::int2[]) AS d (is_lunar, month, day)"
    " JOIN intake.customer_public AS c ON c.bucket = k.bucket AND c.number > k.after"
    " AND c.birth_month = d.month AND c.birth_day = d.day AND c.birth_is_lunar = d.is_lunar"
    " AND c.merged_into IS NULL AND " LIVING
    " ORDER BY c.bucket, c.number LIMIT $6) AS n" SCORE,
    DB_ROWS,
};
/* clang-format on */

#define NO_BIRTHDAY ", NULL::int2, NULL::int2, NULL::bool, NULL::bool"

static const struct db_query everybody = {
    "plan_round_store_everybody",
    "SELECT " CANDIDATE("NULL::text, NULL::text", "NULL::timestamptz") NO_BIRTHDAY
    " FROM (SELECT c.bucket, c.number, c.number AS customer, c.time_zone FROM " PLACES
    " CROSS JOIN LATERAL (SELECT * FROM intake.customer_public AS c WHERE c.bucket = k.bucket"
    " AND c.number > k.after AND c.merged_into IS NULL AND " LIVING
    " ORDER BY c.number LIMIT $3) AS c ORDER BY c.bucket, c.number LIMIT $3) AS n" SCORE,
    DB_ROWS,
};

/* Who is the same person under another number may have said something there since. */
static const struct db_query silent = {
    "plan_round_store_silent",
    "SELECT " CANDIDATE("NULL::text, NULL::text", "n.at") NO_BIRTHDAY
    " FROM (SELECT c.bucket, c.number, c.number AS customer, c.time_zone, r.last_contact_at AS at"
    " FROM " PLACES " CROSS JOIN unnest($3::timestamptz[], $4::timestamptz[]) AS w (a, b)"
    " JOIN followup.customer_rhythm AS r ON r.bucket = k.bucket AND r.customer_number > k.after"
    " AND r.last_contact_at >= w.a AND r.last_contact_at < w.b"
    " JOIN intake.customer_public AS c ON c.bucket = r.bucket AND c.number = r.customer_number"
    " AND c.merged_into IS NULL AND " LIVING " AND (c.follower_count = 0 OR NOT EXISTS ("
    " SELECT FROM intake.customer_public AS m JOIN followup.customer_rhythm AS o"
    " ON o.bucket = m.bucket AND o.customer_number = m.number"
    " WHERE m.merged_into = c.number AND o.last_contact_at > r.last_contact_at))"
    " ORDER BY c.bucket, c.number LIMIT $5) AS n" SCORE,
    DB_ROWS,
};

/* A purchase stays with the number it was made under, also when that follows another one. */
static const struct db_query purchases = {
    "plan_round_store_purchases",
    "SELECT " CANDIDATE("n.product, n.branch", "n.at") NO_BIRTHDAY
    " FROM (SELECT p.bucket, p.number, c.number AS customer, c.time_zone, p.product, p.branch,"
    " p.occurred_at AS at FROM " PLACES
    " CROSS JOIN unnest($3::timestamptz[], $4::timestamptz[]) AS w (a, b)"
    " JOIN intake.purchase_public AS p ON p.bucket = k.bucket AND p.number > k.after"
    " AND p.occurred_at >= w.a AND p.occurred_at < w.b AND NOT p.is_void"
    " JOIN intake.customer_public AS c ON c.bucket = p.bucket AND c.number = p.customer_number"
    " AND " LIVING " ORDER BY p.bucket, p.number LIMIT $5) AS n" SCORE,
    DB_ROWS,
};

static const struct db_query improvements_put = {
    "plan_round_store_improvements",
    "INSERT INTO followup.improvement_round (bucket, improvement, is_historical)"
    " SELECT b, n.improvement, n.is_historical FROM generate_series(0, 255) AS b,"
    " unnest($1::int8[], $2::bool[]) AS n (improvement, is_historical)"
    " ON CONFLICT (bucket, improvement) DO NOTHING",
    DB_NONE,
};

static const struct db_query open_put = {
    "plan_round_store_open",
    "SELECT r.bucket, r.customer_after, r.improvement, r.is_historical, i.occurred_at"
    " FROM followup.improvement_round AS r JOIN intake.improvement_public AS i"
    " ON i.number = r.improvement WHERE r.done_at IS NULL AND r.bucket = ANY ($1::int2[])"
    " ORDER BY r.improvement, r.bucket LIMIT 256",
    DB_ROWS,
};

/* 7: the contact that opened the case was taken back. */
static const struct db_query reporters = {
    "plan_round_store_reporters",
    "SELECT " CANDIDATE("n.product, n.branch", "n.at") NO_BIRTHDAY
    ", n.case_number, n.kind, n.priority, n.category"
    " FROM (SELECT DISTINCT ON (s.bucket, s.customer_number) s.bucket,"
    " s.customer_number AS number, s.customer_number AS customer, c.time_zone, s.product, s.branch,"
    " s.opened_at AS at, s.number AS case_number, s.kind, s.priority, s.category"
    " FROM intake.improvement_public AS i, " PLACES
    " JOIN intake.service_case_public AS s ON s.bucket = k.bucket AND s.customer_number > k.after"
    " JOIN intake.customer_public AS c ON c.bucket = s.bucket AND c.number = s.customer_number"
    " AND " LIVING " WHERE i.number = $3 AND s.opened_at >= i.reported_from"
    " AND s.opened_at <= i.occurred_at AND s.state <> 7"
    " AND (i.category IS NULL OR s.category = i.category)"
    " AND (i.product IS NULL OR s.product = i.product)"
    " AND (i.branch IS NULL OR s.branch = i.branch)"
    " ORDER BY s.bucket, s.customer_number, s.opened_at DESC LIMIT $4) AS n" SCORE,
    DB_ROWS,
};

static const struct db_query told = {
    "plan_round_store_told",
    "WITH moved AS (UPDATE followup.improvement_round AS r SET customer_after = n.after,"
    " done_at = CASE WHEN n.after = 0 THEN $5::timestamptz END"
    " FROM unnest($2::int2[], $3::int8[], $4::int8[]) AS n (bucket, was_after, after)"
    " WHERE r.bucket = n.bucket AND r.improvement = $1 AND r.customer_after = n.was_after"
    " AND r.done_at IS NULL RETURNING 1)"
    " SELECT followup.expect_rows(count(*), cardinality($2::int2[])) FROM moved",
    DB_HIDDEN,
};

/* ---- rounds */

void plan_round_store_put_topics(struct db *db, const struct db_array *buckets,
                                 const struct db_array *topics, const struct db_array *aheads,
                                 int64_t today, int32_t rule_version)
{
    struct db_params p = {.count = 0};
    db_put_array(&p, buckets);
    db_put_array(&p, topics);
    db_put_array(&p, aheads);
    db_put_int8(&p, today);
    db_put_int4(&p, rule_version);
    db_query(db, &topics_put, &p);
    db_params_clear(&p);
    db_put_array(&p, buckets);
    db_put_array(&p, topics);
    db_query(db, &topics_left, &p);
    db_params_free(&p);
}

void plan_round_store_put_behind(struct db *db, const struct db_array *buckets, int64_t today)
{
    struct db_params p = {.count = 0};
    db_put_array(&p, buckets);
    db_put_int4(&p, (int32_t)today);
    db_query(db, &behind, &p);
    db_params_free(&p);
}

const char *plan_round_store_get_behind(const struct db_rows *r, size_t row,
                                        struct plan_round_place *ret)
{
    *ret = (struct plan_round_place){
        .bucket = (int16_t)db_get_int(r, row, 1),
        .planned_until = db_get_int(r, row, 2),
        .after = db_get_int(r, row, 3),
    };
    return db_get_text(r, row, 0);
}

void plan_round_store_put_advance(struct db *db, const char *topic,
                                  const struct plan_round_place *places, size_t count,
                                  int64_t after)
{
    static const enum db_type types[] = {DB_INT2, DB_INT8, DB_INT8, DB_INT8, DB_INT8};
    struct db_params p = {.count = 0};
    struct db_columns c;
    db_columns_init(&c, types, ARRAY_LEN(types));
    for (size_t i = 0; i < count; i++) {
        bool is_partly = i + 1 == count && after != 0;
        db_array_add_int(&c.array[0], places[i].bucket);
        db_array_add_int(&c.array[1], places[i].planned_until);
        db_array_add_int(&c.array[2], places[i].after);
        db_array_add_int(&c.array[3], places[i].planned_until + (is_partly ? 0 : 1));
        db_array_add_int(&c.array[4], is_partly ? after : 0);
    }
    db_put_text(&p, topic);
    db_columns_put(&c, &p);
    db_query(db, &advance, &p);
    db_params_free(&p);
}

/* ---- whom to look at */

static void put_places(struct db_params *p, const struct plan_round_place *places, size_t count)
{
    static const enum db_type types[] = {DB_INT2, DB_INT8};
    struct db_columns c;
    db_columns_init(&c, types, ARRAY_LEN(types));
    for (size_t i = 0; i < count; i++) {
        db_array_add_int(&c.array[0], places[i].bucket);
        db_array_add_int(&c.array[1], places[i].after);
    }
    db_columns_put(&c, p);
}

void plan_round_store_put_birthdays(struct db *db, const struct plan_round_place *places,
                                    size_t count, const struct plan_day_date *dates,
                                    size_t date_count, int32_t limit)
{
    static const enum db_type types[] = {DB_BOOL, DB_INT2, DB_INT2};
    struct db_params p = {.count = 0};
    struct db_columns c;
    put_places(&p, places, count);
    db_columns_init(&c, types, ARRAY_LEN(types));
    for (size_t i = 0; i < date_count; i++) {
        db_array_add_bool(&c.array[0], dates[i].is_lunar);
        db_array_add_int(&c.array[1], dates[i].month);
        db_array_add_int(&c.array[2], dates[i].day);
    }
    db_columns_put(&c, &p);
    db_put_int4(&p, limit);
    db_query(db, &birthdays, &p);
    db_params_free(&p);
}

void plan_round_store_put_everybody(struct db *db, const struct plan_round_place *places,
                                    size_t count, int32_t limit)
{
    struct db_params p = {.count = 0};
    put_places(&p, places, count);
    db_put_int4(&p, limit);
    db_query(db, &everybody, &p);
    db_params_free(&p);
}

static void put_spans(struct db_params *p, const struct plan_round_place *places, size_t count,
                      const struct plan_day_span *spans, size_t span_count, int32_t limit)
{
    static const enum db_type types[] = {DB_TIME, DB_TIME};
    struct db_columns c;
    put_places(p, places, count);
    db_columns_init(&c, types, ARRAY_LEN(types));
    for (size_t i = 0; i < span_count; i++) {
        db_array_add_time(&c.array[0], spans[i].from_us);
        db_array_add_time(&c.array[1], spans[i].until_us);
    }
    db_columns_put(&c, p);
    db_put_int4(p, limit);
}

void plan_round_store_put_silent(struct db *db, const struct plan_round_place *places, size_t count,
                                 const struct plan_day_span *spans, size_t span_count,
                                 int32_t limit)
{
    struct db_params p = {.count = 0};
    put_spans(&p, places, count, spans, span_count, limit);
    db_query(db, &silent, &p);
    db_params_free(&p);
}

void plan_round_store_put_purchases(struct db *db, const struct plan_round_place *places,
                                    size_t count, const struct plan_day_span *spans,
                                    size_t span_count, int32_t limit)
{
    struct db_params p = {.count = 0};
    put_spans(&p, places, count, spans, span_count, limit);
    db_query(db, &purchases, &p);
    db_params_free(&p);
}

void plan_round_store_get_candidate(const struct db_rows *r, size_t row, struct plan_candidate *ret)
{
    *ret = (struct plan_candidate){
        .number = db_get_int(r, row, 0),
        .customer = db_get_int(r, row, 1),
        .zone_name = db_get_text(r, row, 2),
        .tier = db_get_text(r, row, 3),
        .product = db_get_text(r, row, 4),
        .branch = db_get_text(r, row, 5),
        .at_us = db_is_null(r, row, 6) ? 0 : db_get_time(r, row, 6),
        .birth_month = (int)db_get_int(r, row, 7),
        .birth_day = (int)db_get_int(r, row, 8),
        .is_lunar = db_get_bool(r, row, 9),
        .is_leap_month = db_get_bool(r, row, 10),
    };
}

/* ---- improvements */

void plan_round_store_put_improvements(struct db *db, const struct db_array *improvements,
                                       const struct db_array *historical)
{
    struct db_params p = {.count = 0};
    if (improvements->count == 0) {
        return;
    }
    db_put_array(&p, improvements);
    db_put_array(&p, historical);
    db_query(db, &improvements_put, &p);
    db_params_free(&p);
}

void plan_round_store_put_open(struct db *db, const struct db_array *buckets)
{
    struct db_params p = {.count = 0};
    db_put_array(&p, buckets);
    db_query(db, &open_put, &p);
    db_params_free(&p);
}

void plan_round_store_get_open(const struct db_rows *r, size_t row, struct plan_round_place *ret,
                               struct plan_improvement *ret_improvement)
{
    *ret = (struct plan_round_place){
        .bucket = (int16_t)db_get_int(r, row, 0),
        .after = db_get_int(r, row, 1),
    };
    *ret_improvement = (struct plan_improvement){
        .number = db_get_int(r, row, 2),
        .is_historical = db_get_bool(r, row, 3),
        .shipped_us = db_get_time(r, row, 4),
    };
}

void plan_round_store_put_reporters(struct db *db, int64_t improvement,
                                    const struct plan_round_place *places, size_t count,
                                    int32_t limit)
{
    struct db_params p = {.count = 0};
    put_places(&p, places, count);
    db_put_int8(&p, improvement);
    db_put_int4(&p, limit);
    db_query(db, &reporters, &p);
    db_params_free(&p);
}

void plan_round_store_get_reporter(const struct db_rows *r, size_t row, struct plan_candidate *ret,
                                   struct plan_reporter *ret_reporter)
{
    plan_round_store_get_candidate(r, row, ret);
    *ret_reporter = (struct plan_reporter){
        .service_case = db_get_int(r, row, 11),
        .kind = (int32_t)db_get_int(r, row, 12),
        .priority = (int32_t)db_get_int(r, row, 13),
        .category = db_get_text(r, row, 14),
    };
}

void plan_round_store_put_told(struct db *db, int64_t improvement,
                               const struct plan_round_place *places, size_t count, int64_t after,
                               int64_t now_us)
{
    static const enum db_type types[] = {DB_INT2, DB_INT8, DB_INT8};
    struct db_params p = {.count = 0};
    struct db_columns c;
    db_columns_init(&c, types, ARRAY_LEN(types));
    for (size_t i = 0; i < count; i++) {
        db_array_add_int(&c.array[0], places[i].bucket);
        db_array_add_int(&c.array[1], places[i].after);
        db_array_add_int(&c.array[2], i + 1 == count ? after : 0);
    }
    db_put_int8(&p, improvement);
    db_columns_put(&c, &p);
    db_put_time(&p, now_us);
    db_query(db, &told, &p);
    db_params_free(&p);
}
