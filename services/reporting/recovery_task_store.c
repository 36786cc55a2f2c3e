/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/recovery_task_store.h"

#include "services/reporting/night_buckets.h"
#include "services/reporting/night_person_store.h"

static const struct db_query remove_sums = {
    .name = "recovery_remove",
    .sql = "DELETE FROM reporting.recovery_sum WHERE bucket = ANY ($1::int2[])",
    .shape = DB_NONE,
};

/* What each person has, under whichever number. */
#define FACTS                                                                                      \
    " cases AS MATERIALIZED (SELECT n.home, n.person, c.* FROM numbers AS n CROSS JOIN LATERAL"    \
    " (SELECT c.bucket, c.number, c.kind, c.state, c.opened_at FROM intake.service_case_public"    \
    " AS c WHERE c.bucket = n.bucket AND c.customer_number = n.number OFFSET 0) AS c),"            \
    " promises AS MATERIALIZED (SELECT c.home, c.person, p.* FROM cases AS c CROSS JOIN LATERAL"   \
    " (SELECT p.bucket, p.number, p.due_at, p.state IN (4, 5, 9) AND NOT p.is_void AS is_broken"   \
    " FROM intake.promise_public AS p WHERE p.bucket = c.bucket AND p.case_number = c.number"      \
    " OFFSET 0) AS p),"                                                                            \
    " compensations AS (SELECT p.home, p.person, m.at FROM promises AS p CROSS JOIN LATERAL"       \
    " (SELECT m.occurred_at AS at FROM intake.compensation_public AS m WHERE m.bucket = p.bucket"  \
    " AND m.promise_number = p.number AND NOT m.is_void OFFSET 0) AS m),"                          \
    " purchases AS (SELECT n.home, n.person, p.at FROM numbers AS n CROSS JOIN LATERAL"            \
    " (SELECT p.occurred_at AS at FROM intake.purchase_public AS p WHERE p.bucket = n.bucket"      \
    " AND p.customer_number = n.number AND NOT p.is_void AND p.occurred_at < $3"                   \
    " AND p.occurred_at >= $3 - interval '730 days' OFFSET 0) AS p),"
/* went_wrong: what and when; first: of each person the first of the time looked at, a complaint
 * before a break. The index before is the newest that was known by then: stored of the survivor, it
 * is the person's. $2 is not needed. */
#define COHORTS                                                                                    \
    " went_wrong (home, person, at, what) AS (SELECT c.home, c.person, c.opened_at, 1"             \
    " FROM cases AS c WHERE c.kind = 2 AND c.state <> 7 AND c.opened_at < $3 UNION ALL"            \
    " SELECT p.home, p.person, p.due_at, 2 FROM promises AS p WHERE p.is_broken"                   \
    " AND p.due_at < $3),"                                                                         \
    " first AS (SELECT DISTINCT ON (w.person) w.* FROM went_wrong AS w"                            \
    " WHERE w.at >= $3 - interval '365 days' AND w.at < $3 - interval '90 days'"                   \
    " ORDER BY w.person, w.what, w.at),"                                                           \
    " cohorts AS (SELECT f.home, f.person, f.at,"                                                  \
    " CASE f.what WHEN 1 THEN 'complaint' ELSE 'broken' END"                                       \
    " || CASE WHEN bool_or(m.at >= f.at AND m.at < f.at + interval '30 days')"                     \
    " THEN '_made_good' ELSE '' END AS cohort FROM first AS f"                                     \
    " LEFT JOIN compensations AS m ON m.person = f.person GROUP BY 1, 2, 3, f.what"                \
    " UNION ALL SELECT k.bucket, k.number, $3 - interval '90 days', 'none'"                        \
    " FROM intake.customer_public AS k WHERE k.bucket = ANY ($1::int2[])"                          \
    " AND k.merged_into IS NULL AND k.first_seen_at < $3 - interval '90 days' AND NOT EXISTS"      \
    " (SELECT FROM went_wrong AS w WHERE w.person = k.number)),"
#define BOUGHT                                                                                     \
    " bought AS (SELECT c.person,"                                                                 \
    " count(*) FILTER (WHERE p.at < c.at AND p.at >= c.at - interval '90 days') AS before,"        \
    " count(*) FILTER (WHERE p.at >= c.at) AS after"                                               \
    " FROM cohorts AS c JOIN purchases AS p ON p.person = c.person"                                \
    " AND p.at >= c.at - interval '365 days' AND p.at < c.at + interval '90 days'"                 \
    " GROUP BY c.person HAVING bool_or(p.at < c.at)),"
#define MOVED                                                                                      \
    " moved AS (SELECT c.home, c.cohort, b.before, b.after,"                                       \
    " later.index - earlier.index AS moved FROM cohorts AS c JOIN bought AS b"                     \
    " ON b.person = c.person"                                                                      \
    " LEFT JOIN LATERAL (SELECT h.index FROM loyalty.score_history_public AS h"                    \
    " WHERE h.bucket = c.home AND h.customer_number = c.person"                                    \
    " AND h.at < c.at - interval '1 day' ORDER BY h.version DESC LIMIT 1) AS earlier ON true"      \
    " LEFT JOIN LATERAL (SELECT h.index FROM loyalty.score_history_public AS h"                    \
    " WHERE h.bucket = c.home AND h.customer_number = c.person"                                    \
    " AND h.at < c.at + interval '90 days' ORDER BY h.version DESC LIMIT 1) AS later ON true)"

static const struct db_query write_sums = {
    .name = "recovery_write",
    .sql = NIGHT_NUMBERS FACTS COHORTS BOUGHT MOVED
    " INSERT INTO reporting.recovery_sum (bucket, cohort, made_at, customers, bought_before,"
    " bought_after, change_sum, change_squares, index_customers, index_sum, index_squares)"
    " SELECT m.home, m.cohort, $4, count(*), sum(m.before), sum(m.after),"
    " sum(m.after - m.before), sum((m.after - m.before) * (m.after - m.before)), count(m.moved),"
    " coalesce(sum(m.moved), 0), coalesce(sum(m.moved * m.moved), 0)"
    " FROM moved AS m WHERE CAST($2::text AS date) IS NOT NULL GROUP BY m.home, m.cohort",
    .shape = DB_NONE,
};

static const struct night_plan plan = {
    .statements = {{&remove_sums, 1}, {&write_sums, 4}},
    .slice = 4,
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
