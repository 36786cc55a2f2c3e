/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/score_store.h"

#include <math.h>

#include "common/base/compiler.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "common/runtime/db_columns.h"

/* ---- references */

static const struct db_query sources_by_name = {
    .name = "score_sources_by_name",
    .sql = "SELECT id, name FROM intake.source_public WHERE $1 = '' OR name = $1",
    .shape = DB_ROWS,
};

static const struct db_query customers_by_reference = {
    .name = "score_customers_by_reference",
    .sql = "SELECT DISTINCT r.customer_number"
           " FROM unnest($1::int2[], $2::text[]) AS k (bucket, source)"
           " JOIN intake.customer_reference_public AS r"
           " ON r.bucket = k.bucket AND r.source = k.source AND r.reference = $3"
           " LIMIT 2",
    .shape = DB_ROWS,
};

void score_store_ask_sources(struct db *db, const char *source)
{
    struct db_params params = {.count = 0};

    db_put_text(&params, source);
    db_query(db, &sources_by_name, &params);
    db_params_free(&params);
}

void score_store_ask_reference(struct db *db, const struct db_rows *sources, const char *reference)
{
    struct db_params params = {.count = 0};
    struct db_array buckets, names;

    db_array_init(&buckets, DB_INT2);
    db_array_init(&names, DB_TEXT);
    for (size_t i = 0; i < db_row_count(sources); i++) {
        int32_t id = (int32_t)db_get_int(sources, i, 0);
        db_array_add_int(&buckets, identifier_bucket_of_reference(id, reference));
        db_array_add_text(&names, db_get_text(sources, i, 1));
    }
    db_put_array(&params, &buckets);
    db_put_array(&params, &names);
    db_put_text(&params, reference);
    db_query(db, &customers_by_reference, &params);
    db_array_free(&buckets);
    db_array_free(&names);
    db_params_free(&params);
}

size_t score_store_take_reference(const struct db_rows *rows, int64_t *ret_number)
{
    if (db_row_count(rows) > 0) {
        *ret_number = db_get_int(rows, 0, 0);
    }
    return db_row_count(rows);
}

/* ---- falls */

/* The first change after the instant knows the index at the instant. A score that is lower now has
 * changed since. */
static const struct db_query fallen = {
    .name = "score_fallen",
    .sql = "SELECT s.customer_number, h.index_before"
           " FROM loyalty.customer_score AS s"
           " CROSS JOIN LATERAL (SELECT c.index_before FROM loyalty.score_history AS c"
           " WHERE c.bucket = s.bucket AND c.customer_number = s.customer_number AND c.at > $1"
           " ORDER BY c.version LIMIT 1) AS h"
           " WHERE s.changed_at > $1 AND s.index < h.index_before"
           " ORDER BY s.index - h.index_before, s.customer_number LIMIT $2",
    .shape = DB_ROWS,
};

void score_store_ask_fallen(struct db *db, int64_t since_us, int32_t limit)
{
    struct db_params params = {.count = 0};

    db_put_time(&params, since_us);
    db_put_int4(&params, limit);
    db_query(db, &fallen, &params);
    db_params_free(&params);
}

size_t score_store_take_fallen(const struct db_rows *rows, struct score_row *list, size_t max)
{
    size_t count = db_row_count(rows) < max ? db_row_count(rows) : max;

    for (size_t i = 0; i < count; i++) {
        list[i] = (struct score_row){
            .customer.number = db_get_int(rows, i, 0),
            .has_index_before = true,
            .index_before = db_get_float8(rows, i, 1),
        };
    }
    return count;
}

/* ---- scores */

/* A customer k and, where $3 asks for them, the others who are the same person by a merge. */
#define WITH_GROUP                                                                                 \
    " CROSS JOIN LATERAL (SELECT k.bucket, k.number UNION ALL SELECT m.bucket, m.number"           \
    " FROM intake.customer_public AS c JOIN intake.customer_public AS m ON m.number <> c.number"   \
    " AND (m.merged_into = coalesce(c.merged_into, c.number)"                                      \
    " OR (m.bucket = (c.merged_into & 255)::int2 AND m.number = c.merged_into))"                   \
    " WHERE $3 AND c.bucket = k.bucket AND c.number = k.number"                                    \
    " AND (c.merged_into IS NOT NULL OR c.follower_count > 0)) AS g"

/* One customer's points are those that were stored; a person's are made from the sums. */
static const struct db_query scores = {
    .name = "score_of_customers",
    .sql = "SELECT k.number, sum(a.kept)::int8, sum(a.kept_late)::int8, sum(a.broken)::int8,"
           " CASE WHEN count(*) = 1 THEN max(s.base_points) END, max(s.trust_points),"
           " max(s.satisfaction_points), max(s.recommendation_points), sum(s.csat_count)::int8,"
           " sum(s.csat_sum)::int8, sum(s.nps_promoters)::int8, sum(s.nps_passives)::int8,"
           " sum(s.nps_detractors)::int8, max(s.changed_at), count(*) - 1"
           " FROM unnest($1::int2[], $2::int8[]) AS k (bucket, number)"
           " JOIN intake.customer_public AS c ON c.bucket = k.bucket AND c.number = "
           "k.number" WITH_GROUP " LEFT JOIN loyalty.customer_score AS s"
           " ON s.bucket = g.bucket AND s.customer_number = g.number"
           " LEFT JOIN loyalty.trust_account AS a"
           " ON a.bucket = g.bucket AND a.customer_number = g.number"
           " GROUP BY k.number",
    .shape = DB_ROWS,
};

/* Promises that are open or withdrawn are no evidence, nor is an answer that was taken back. */
static const struct db_query newest_evidence = {
    .name = "score_newest_evidence",
    .sql = "SELECT k.number, e.kind, e.subject, e.value, e.case_number, e.at,"
           " e.event_stream, e.event_seq"
           " FROM unnest($1::int2[], $2::int8[]) AS k (bucket, number)" WITH_GROUP
           " CROSS JOIN (VALUES (1::int2), (2::int2), (3::int2)) AS kinds (kind)"
           " CROSS JOIN LATERAL (SELECT * FROM loyalty.score_evidence AS one"
           " WHERE one.bucket = g.bucket AND one.customer_number = g.number"
           " AND one.kind = kinds.kind AND NOT one.is_void"
           " AND (one.kind <> 1 OR one.value IN (3, 4, 5, 9))"
           " ORDER BY one.at DESC, one.subject DESC LIMIT $4) AS e"
           " ORDER BY k.number, e.kind, e.at DESC, e.subject DESC",
    .shape = DB_ROWS,
};

void score_store_ask_scores(struct db *db, const struct score_row *list, size_t count,
                            bool of_person)
{
    struct db_params params = {.count = 0};
    struct db_array buckets, numbers;

    db_array_init(&buckets, DB_INT2);
    db_array_init(&numbers, DB_INT8);
    for (size_t i = 0; i < count; i++) {
        db_array_add_int(&buckets, identifier_bucket(list[i].customer.number));
        db_array_add_int(&numbers, list[i].customer.number);
    }
    db_put_array(&params, &buckets);
    db_put_array(&params, &numbers);
    db_put_bool(&params, of_person);
    db_query(db, &scores, &params);
    db_put_int4(&params, SCORE_EVIDENCE_MAX);
    db_query(db, &newest_evidence, &params);
    db_array_free(&buckets);
    db_array_free(&numbers);
    db_params_free(&params);
}

static void take_score(const struct db_rows *rows, size_t row, struct loyalty_customer *c)
{
    c->account.kept = db_get_int(rows, row, 1);
    c->account.kept_late = db_get_int(rows, row, 2);
    c->account.broken = db_get_int(rows, row, 3);
    c->answers.csat_count = db_get_int(rows, row, 8);
    c->answers.csat_sum = db_get_int(rows, row, 9);
    c->answers.nps_promoters = db_get_int(rows, row, 10);
    c->answers.nps_passives = db_get_int(rows, row, 11);
    c->answers.nps_detractors = db_get_int(rows, row, 12);
    c->changed_us = db_get_time(rows, row, 13);
    if (db_is_null(rows, row, 4)) {
        c->index = index_of(&c->account, &c->answers);
        return;
    }
    for (int i = 0; i < CONTRIBUTION_COUNT; i++) {
        c->index.hundredths[i] = (int32_t)lround(100.0 * db_get_float8(rows, row, 4 + i));
    }
}

bool score_store_take_scores(const struct db_rows *rows, struct score_row *list, size_t count)
{
    size_t found = 0;

    for (size_t row = 0; row < db_row_count(rows); row++) {
        for (size_t i = 0; i < count; i++) {
            if (list[i].customer.number == db_get_int(rows, row, 0)) {
                take_score(rows, row, &list[i].customer);
                list[i].merged_count = (int32_t)db_get_int(rows, row, 14);
                found++;
            }
        }
    }
    return found == count;
}

size_t score_store_take_evidence(const struct db_rows *rows, struct evidence **ret_list)
{
    size_t count = db_row_count(rows);
    struct evidence *list = xcalloc(count + 1, sizeof(*list));

    for (size_t i = 0; i < count; i++) {
        list[i] = (struct evidence){
            .customer = db_get_int(rows, i, 0),
            .kind = (enum evidence_kind)db_get_int(rows, i, 1),
            .subject = db_get_int(rows, i, 2),
            .value = (int32_t)db_get_int(rows, i, 3),
            .service_case = db_get_int(rows, i, 4),
            .at_us = db_get_time(rows, i, 5),
            .stream = db_get_text(rows, i, 6),
            .seq = db_get_int(rows, i, 7),
        };
    }
    *ret_list = list;
    return count;
}
