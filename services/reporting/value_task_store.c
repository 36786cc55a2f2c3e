/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/value_task_store.h"

#include "services/reporting/night_buckets.h"
#include "services/reporting/night_person_store.h"

static const struct db_query remove_day = {
    .name = "value_remove",
    .sql = "DELETE FROM reporting.value_day"
           " WHERE bucket = ANY ($1::int2[]) AND day = CAST($2::text AS date)",
    .shape = DB_NONE,
};

static const struct db_query write_day = {
    .name = "value_write",
    .sql = NIGHT_NUMBERS
    " moved AS (SELECT n.home, n.person, m.* FROM numbers AS n CROSS JOIN LATERAL ("
    "SELECT p.currency, p.amount_minor AS amount FROM intake.purchase_public AS p"
    " WHERE p.bucket = n.bucket AND p.customer_number = n.number AND NOT p.is_void"
    " AND p.occurred_at >= $3 - interval '365 days' AND p.occurred_at < $3"
    " UNION ALL SELECT r.currency, -r.amount_minor FROM intake.refund_public AS r"
    " WHERE r.bucket = n.bucket AND r.customer_number = n.number AND NOT r.is_void"
    " AND r.occurred_at >= $3 - interval '365 days' AND r.occurred_at < $3 OFFSET 0) AS m),"
    " paid AS (SELECT m.home, m.person, m.currency, sum(m.amount) AS spent"
    " FROM moved AS m GROUP BY 1, 2, 3)"
    " INSERT INTO reporting.value_day (day, bucket, churn_level, currency, customers, spent,"
    " at_risk)"
    " SELECT CAST($2::text AS date), p.home, s.churn_level, p.currency, count(*),"
    " sum(p.spent)::int8, sum(p.spent * s.churn)"
    " FROM paid AS p JOIN loyalty.customer_score_public AS s"
    " ON s.bucket = p.home AND s.customer_number = p.person"
    " GROUP BY p.home, s.churn_level, p.currency",
    .shape = DB_NONE,
};

static const struct night_plan plan = {
    .statements = {{&remove_day, 2}, {&write_day, 3}},
    .slice = 8,
};

static void *begin(const struct night_world *world, const struct night_range *range)
{
    return night_buckets_begin(&plan, world, range);
}

const struct night_task value_task = {
    .name = "value",
    .help = "what customers who may leave have bought",
    .is_for_each_day = false,
    .begin = begin,
    .ask = night_buckets_ask,
    .take = night_buckets_take,
    .end = night_buckets_end,
};
