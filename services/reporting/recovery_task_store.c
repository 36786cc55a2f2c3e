/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/recovery_task_store.h"

#include "services/reporting/night_buckets.h"

static const struct db_query remove_sums = {
    .name = "recovery_remove",
    .sql = "DELETE FROM reporting.recovery_sum WHERE bucket = ANY ($1::int2[])",
    .shape = DB_NONE,
};

/* went_wrong: what and when; first: of each customer the first of the time looked at, a complaint
 * before a break. The index before is the newest that was known by then. $2 is not needed. */
#define WENT_WRONG                                                                                 \
    "WITH went_wrong AS (SELECT c.bucket, c.customer_number, c.opened_at AS at, 1 AS what"         \
    " FROM intake.service_case_public AS c WHERE c.bucket = ANY ($1::int2[]) AND c.kind = 2"       \
    " AND c.state <> 7 AND c.opened_at < $3"                                                       \
    " UNION ALL SELECT p.bucket, p.customer_number, p.due_at, 2 FROM intake.promise_public AS p"   \
    " WHERE p.bucket = ANY ($1::int2[]) AND p.state IN (4, 5, 9) AND NOT p.is_void"                \
    " AND p.due_at IS NOT NULL AND p.due_at < $3),"
#define COHORTS                                                                                    \
    " first AS (SELECT DISTINCT ON (w.bucket, w.customer_number) w.bucket, w.customer_number,"     \
    " w.at, w.what FROM went_wrong AS w WHERE w.at >= $3 - interval '365 days'"                    \
    " AND w.at < $3 - interval '90 days' ORDER BY w.bucket, w.customer_number, w.what, w.at),"     \
    " cohorts AS (SELECT f.bucket, f.customer_number, f.at,"                                       \
    " CASE f.what WHEN 1 THEN 'complaint' ELSE 'broken' END"                                       \
    " || CASE WHEN EXISTS (SELECT FROM intake.compensation_public AS m"                            \
    " WHERE m.bucket = f.bucket AND m.customer_number = f.customer_number AND NOT m.is_void"       \
    " AND m.occurred_at >= f.at AND m.occurred_at < f.at + interval '30 days')"                    \
    " THEN '_made_good' ELSE '' END AS cohort FROM first AS f"                                     \
    " UNION ALL SELECT k.bucket, k.number, $3 - interval '90 days', 'none'"                        \
    " FROM intake.customer_public AS k WHERE k.bucket = ANY ($1::int2[])"                          \
    " AND k.merged_into IS NULL AND k.first_seen_at < $3 - interval '90 days' AND NOT EXISTS"      \
    " (SELECT FROM went_wrong AS w WHERE w.bucket = k.bucket AND w.customer_number = k.number)),"
#define BOUGHT                                                                                     \
    " bought AS (SELECT c.bucket, c.customer_number,"                                              \
    " count(*) FILTER (WHERE p.occurred_at < c.at AND p.occurred_at >= c.at - interval '90 days')" \
    " AS before, count(*) FILTER (WHERE p.occurred_at >= c.at) AS after"                           \
    " FROM cohorts AS c JOIN intake.purchase_public AS p ON p.bucket = c.bucket"                   \
    " AND p.customer_number = c.customer_number AND NOT p.is_void"                                 \
    " AND p.occurred_at >= c.at - interval '365 days'"                                             \
    " AND p.occurred_at < c.at + interval '90 days' GROUP BY c.bucket, c.customer_number"          \
    " HAVING bool_or(p.occurred_at < c.at)),"
#define MOVED                                                                                      \
    " moved AS (SELECT c.bucket, c.customer_number, c.cohort, b.before, b.after,"                  \
    " later.index - earlier.index AS moved FROM cohorts AS c JOIN bought AS b"                     \
    " ON b.bucket = c.bucket AND b.customer_number = c.customer_number"                            \
    " LEFT JOIN LATERAL (SELECT h.index FROM loyalty.score_history_public AS h"                    \
    " WHERE h.bucket = c.bucket AND h.customer_number = c.customer_number"                         \
    " AND h.at < c.at - interval '1 day' ORDER BY h.version DESC LIMIT 1) AS earlier ON true"      \
    " LEFT JOIN LATERAL (SELECT h.index FROM loyalty.score_history_public AS h"                    \
    " WHERE h.bucket = c.bucket AND h.customer_number = c.customer_number"                         \
    " AND h.at < c.at + interval '90 days' ORDER BY h.version DESC LIMIT 1) AS later ON true)"

static const struct db_query write_sums = {
    .name = "recovery_write",
    .sql = WENT_WRONG COHORTS BOUGHT MOVED
    " INSERT INTO reporting.recovery_sum (bucket, cohort, made_at, customers, bought_before,"
    " bought_after, change_sum, change_squares, index_customers, index_sum, index_squares)"
    " SELECT m.bucket, m.cohort, $4, count(*), sum(m.before), sum(m.after),"
    " sum(m.after - m.before), sum((m.after - m.before) * (m.after - m.before)), count(m.moved),"
    " coalesce(sum(m.moved), 0), coalesce(sum(m.moved * m.moved), 0)"
    " FROM moved AS m WHERE CAST($2::text AS date) IS NOT NULL GROUP BY m.bucket, m.cohort",
    .shape = DB_NONE,
};

static const struct night_plan plan = {
    .statements = {{&remove_sums, 1}, {&write_sums, 4}},
    .slice = 2,
};

static void *begin(const struct night_world *world, const struct night_range *range)
{
    return night_buckets_begin(&plan, world, range);
}

const struct night_task recovery_task = {
    .name = "recovery",
    .help = "customers with a complaint or broken promise against those without",
    .is_for_each_day = false,
    .begin = begin,
    .ask = night_buckets_ask,
    .take = night_buckets_take,
    .end = night_buckets_end,
};
