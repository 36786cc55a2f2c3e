/* SPDX-License-Identifier: Apache-2.0 */
/*
 * score_find_store.c
 *
 * The index of a table leads with the bucket: so each bucket gives its first, and those are sorted
 * together. Whatever is asked, one index has those it can be in their order, or has few of them.
 */
#include "services/loyalty/score_find_store.h"

static const struct db_query sources_by_name = {
    .name = "score_sources_by_name",
    .sql = "SELECT id, name FROM intake.source_public WHERE $1 = '' OR name = $1",
    .shape = DB_ROWS,
};

void score_find_ask_sources(struct db *db, const char *source)
{
    struct db_params params = {.count = 0};

    db_put_text(&params, source);
    db_query(db, &sources_by_name, &params);
    db_params_free(&params);
}

/* ---- segments */

/* Who follows another by a merge is part of that one's line; of a hundred few do. Asked row by row,
 * in their order, until there are enough: as a join it would read all customers. */
#define IS_SURVIVOR                                                                                \
    "(SELECT c.merged_into IS NULL FROM intake.customer_public AS c"                               \
    " WHERE c.bucket = (s.customer_number & 255)::int2 AND c.number = s.customer_number)"

/* part: the rows of one index, of a bucket. */
#define SEGMENT(buckets, part, order)                                                              \
    "SELECT s.customer_number FROM (SELECT i.* FROM " buckets                                      \
    " CROSS JOIN LATERAL (SELECT o.customer_number, o.index_hundredths, o.churn"                   \
    " FROM loyalty.customer_score AS o WHERE o.bucket = b.bucket::int2 AND " part                  \
    " AND o.index_hundredths >= $1 AND o.index_hundredths < $2 AND ($3 = 0 OR o.tier = $3)"        \
    " AND ($4 = 0 OR o.churn_level = $4) AND ($5 IS NULL OR o.is_trust_broken = $5)"               \
    " ORDER BY " order " LIMIT $6 + 10) AS i ORDER BY " order ", i.customer_number OFFSET 0) AS s" \
    " WHERE " IS_SURVIVOR " LIMIT $6"

#define BUCKETS "generate_series(0, 255) AS b (bucket)"
#define EVERYBODY(order)                                                                           \
    SEGMENT(BUCKETS " JOIN generate_series(1, 3) AS t (tier) ON $3 = 0 OR t.tier = $3",            \
            "o.tier = t.tier::int2", order)
#define AT_RISK(order)      SEGMENT(BUCKETS, "o.churn_level > 1", order)
#define TRUST_BROKEN(order) SEGMENT(BUCKETS, "o.is_trust_broken", order)

enum part {
    PART_EVERYBODY,
    PART_AT_RISK,
    PART_TRUST_BROKEN,
    PART_COUNT
};

#define LOWEST        "index_hundredths"
#define HIGHEST       "index_hundredths DESC"
#define HIGHEST_CHURN "churn DESC"
#define QUERY(part, order)                                                                         \
    {                                                                                              \
        .name = "score_segment_" #part "_" #order, .sql = part(order), .shape = DB_ROWS            \
    }

static const struct db_query lowest[PART_COUNT] = {
    [PART_EVERYBODY] = QUERY(EVERYBODY, LOWEST),
    [PART_AT_RISK] = QUERY(AT_RISK, LOWEST),
    [PART_TRUST_BROKEN] = QUERY(TRUST_BROKEN, LOWEST),
};
static const struct db_query highest[PART_COUNT] = {
    [PART_EVERYBODY] = QUERY(EVERYBODY, HIGHEST),
    [PART_AT_RISK] = QUERY(AT_RISK, HIGHEST),
    [PART_TRUST_BROKEN] = QUERY(TRUST_BROKEN, HIGHEST),
};
static const struct db_query highest_churn = QUERY(AT_RISK, HIGHEST_CHURN);

static const struct db_query *query_of(const struct score_segment *segment)
{
    enum part part = PART_EVERYBODY;

    if (segment->order == TROTH__V1__SEGMENT_ORDER__SEGMENT_ORDER_HIGHEST_CHURN) {
        return &highest_churn;
    }
    if (segment->has_trust_broken && segment->is_trust_broken) {
        part = PART_TRUST_BROKEN;
    } else if (segment->churn_level > CHURN_LOW) {
        part = PART_AT_RISK;
    }
    return segment->order == TROTH__V1__SEGMENT_ORDER__SEGMENT_ORDER_HIGHEST_INDEX ? &highest[part]
                                                                                   : &lowest[part];
}

void score_find_ask_segment(struct db *db, const struct score_segment *segment, int32_t limit)
{
    struct db_params params = {.count = 0};

    db_put_int4(&params, segment->index_from_hundredths);
    db_put_int4(&params, segment->index_below_hundredths);
    db_put_int4(&params, (int32_t)segment->tier);
    db_put_int4(&params, (int32_t)segment->churn_level);
    if (segment->has_trust_broken) {
        db_put_bool(&params, segment->is_trust_broken);
    } else {
        db_put_null(&params, DB_BOOL);
    }
    db_put_int4(&params, limit);
    db_query(db, query_of(segment), &params);
    db_params_free(&params);
}

/* ---- falls */

/* By the moves that events made, so that nobody is found because of time alone. Those of customers
 * who are one person are added up before anybody is left out; few follow another. */
static const struct db_query fallen = {
    .name = "score_fallen",
    .sql = "WITH moved AS MATERIALIZED (SELECT m.* FROM " BUCKETS
           " CROSS JOIN LATERAL (SELECT h.customer_number,"
           " sum(h.after_hundredths - h.before_hundredths) AS fall"
           " FROM loyalty.score_history AS h WHERE h.bucket = b.bucket::int2 AND h.at > $1"
           " GROUP BY h.customer_number) AS m), followers AS MATERIALIZED"
           " (SELECT c.number, c.merged_into FROM intake.customer_public AS c"
           " WHERE c.merged_into IS NOT NULL)"
           " SELECT coalesce(f.merged_into, m.customer_number) AS person, sum(m.fall)::int4"
           " FROM moved AS m LEFT JOIN followers AS f ON f.number = m.customer_number"
           " GROUP BY person HAVING sum(m.fall) < 0 ORDER BY sum(m.fall), person LIMIT $2",
    .shape = DB_ROWS,
};

void score_find_ask_fallen(struct db *db, int64_t since_us, int32_t limit)
{
    struct db_params params = {.count = 0};

    db_put_time(&params, since_us);
    db_put_int4(&params, limit);
    db_query(db, &fallen, &params);
    db_params_free(&params);
}

size_t score_find_take(const struct db_rows *rows, int64_t ret_customers[static SCORE_LIST_MAX])
{
    size_t count = 0;

    while (count < db_row_count(rows) && count < SCORE_LIST_MAX) {
        ret_customers[count] = db_get_int(rows, count, 0);
        count++;
    }
    return count;
}

int32_t score_find_fall(const struct db_rows *rows, size_t place)
{
    return (int32_t)db_get_int(rows, place, 1);
}

/* ---- groups */

/* Ordered by the expectation of beta_reputation.h. */
static const struct db_query groups = {
    .name = "score_groups",
    .sql = "SELECT g.name, sum(g.kept)::int8, sum(g.late)::int8, sum(g.broken)::int8,"
           " sum(g.weight), sum(g.value) FROM loyalty.group_trust AS g WHERE g.grouping = $1"
           " GROUP BY g.name HAVING sum(g.kept + g.late + g.broken) > 0"
           " ORDER BY ($2 * (sum(g.weight) + sum(g.value)) / 2 + 1) / ($2 * sum(g.weight) + 2),"
           " g.name LIMIT $3",
    .shape = DB_ROWS,
};

void score_find_ask_groups(struct db *db, int32_t grouping, double factor, int32_t limit)
{
    struct db_params params = {.count = 0};

    db_put_int4(&params, grouping);
    db_put_float8(&params, factor);
    db_put_int4(&params, limit);
    db_query(db, &groups, &params);
    db_params_free(&params);
}

struct score_group score_find_group(const struct db_rows *rows, size_t row)
{
    return (struct score_group){
        .name = db_get_text(rows, row, 0),
        .kept = db_get_int(rows, row, 1),
        .late = db_get_int(rows, row, 2),
        .broken = db_get_int(rows, row, 3),
        .weight = db_get_float8(rows, row, 4),
        .value = db_get_float8(rows, row, 5),
    };
}
