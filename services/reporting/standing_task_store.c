/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/standing_task_store.h"

#include "services/reporting/night_buckets.h"

/* What a change after the day's end says was there before it. $1: buckets, $2: day, $3: its end. */
static const struct db_query remove_day = {
    .name = "standing_remove",
    .sql = "DELETE FROM reporting.standing_day"
           " WHERE day = CAST($2::text AS date) AND (bucket = ANY ($1::int2[])"
           " OR bucket = -1 AND 255 = ANY ($1::int2[]))",
    .shape = DB_NONE,
};

/* With the last buckets. */
static const struct db_query add_up = {
    .name = "standing_add_up",
    .sql = "INSERT INTO reporting.standing_day (day, bucket, tier, churn_level, index_tenth,"
           " customers, index_sum, churn_sum)"
           " SELECT s.day, -1, s.tier, s.churn_level, s.index_tenth, sum(s.customers),"
           " sum(s.index_sum), sum(s.churn_sum) FROM reporting.standing_day AS s"
           " WHERE 255 = ANY ($1::int2[]) AND s.day = CAST($2::text AS date) AND s.bucket >= 0"
           " GROUP BY s.day, s.tier, s.churn_level, s.index_tenth",
    .shape = DB_NONE,
};

static const struct db_query remove_buckets = {
    .name = "standing_remove_buckets",
    .sql = "DELETE FROM reporting.standing_day AS s WHERE 255 = ANY ($1::int2[])"
           " AND s.day = CAST($2::text AS date) AND s.bucket >= 0",
    .shape = DB_NONE,
};

static const struct db_query write_day = {
    .name = "standing_write",
    .sql =
        "WITH moved AS (SELECT DISTINCT ON (h.bucket, h.customer_number) h.bucket,"
        " h.customer_number, h.index_before FROM loyalty.score_history_public AS h"
        " WHERE h.bucket = ANY ($1::int2[]) AND h.at >= $3"
        " ORDER BY h.bucket, h.customer_number, h.version),"
        " changed AS (SELECT DISTINCT ON (h.bucket, h.customer_number, h.what) h.bucket,"
        " h.customer_number, h.what, h.before FROM loyalty.standing_history_public AS h"
        " WHERE h.bucket = ANY ($1::int2[]) AND h.at >= $3 AND h.what IN (1, 2)"
        " ORDER BY h.bucket, h.customer_number, h.what, h.version),"
        " stood AS (SELECT s.bucket,"
        " coalesce(t.before, CASE s.tier WHEN 'bronze' THEN 1 WHEN 'silver' THEN 2 ELSE 3 END)"
        " AS tier, coalesce(c.before, s.churn_level) AS churn_level,"
        " round((coalesce(m.index_before, s.index) * 100)::numeric)::int8 AS hundredths, s.churn"
        " FROM loyalty.customer_score_public AS s"
        " JOIN intake.customer_public AS k ON k.bucket = s.bucket AND k.number = s.customer_number"
        " LEFT JOIN moved AS m ON m.bucket = s.bucket AND m.customer_number = s.customer_number"
        " LEFT JOIN changed AS t ON t.bucket = s.bucket"
        " AND t.customer_number = s.customer_number AND t.what = 1"
        " LEFT JOIN changed AS c ON c.bucket = s.bucket"
        " AND c.customer_number = s.customer_number AND c.what = 2"
        " WHERE s.bucket = ANY ($1::int2[]) AND k.first_seen_at < $3 AND k.merged_into IS NULL)"
        " INSERT INTO reporting.standing_day (day, bucket, tier, churn_level, index_tenth,"
        " customers, index_sum, churn_sum)"
        " SELECT CAST($2::text AS date), bucket, tier, churn_level,"
        " least(hundredths / 1000, 9)::int2, count(*), sum(hundredths), sum(churn)"
        " FROM stood GROUP BY bucket, tier, churn_level, least(hundredths / 1000, 9)",
    .shape = DB_NONE,
};

static const struct night_plan plan = {
    .statements = {{&remove_day, 2}, {&write_day, 3}, {&add_up, 2}, {&remove_buckets, 2}},
    .slice = 8,
};

static void *begin(const struct night_world *world, const struct night_range *range)
{
    return night_buckets_begin(&plan, world, range);
}

const struct night_task standing_task = {
    .name = "standing",
    .help = "write down how the customers stood at the end of each day",
    .is_for_each_day = true,
    .begin = begin,
    .ask = night_buckets_ask,
    .take = night_buckets_take,
    .end = night_buckets_end,
};
