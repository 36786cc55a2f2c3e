/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/skill_task_store.h"

#include "services/reporting/night_buckets.h"

/* Somewhat more: the days themselves are compared below. */
#define WINDOW " >= $3 - interval '35 days'"

static const struct db_query remove_days = {
    .name = "skill_remove",
    .sql = "DELETE FROM reporting.skill_day WHERE bucket = ANY ($1::int2[])"
           " AND day > CAST($2::text AS date) - 34 AND day <= CAST($2::text AS date)",
    .shape = DB_NONE,
};

static const struct db_query write_days = {
    .name = "skill_write",
    .sql = "WITH said AS (SELECT a.bucket, a.number, a.case_number,"
           " (a.occurred_at AT TIME ZONE $5)::date AS day, a.instrument, a.question, a.value"
           " FROM intake.survey_answer_public AS a WHERE a.bucket = ANY ($1::int2[])"
           " AND NOT a.is_void AND a.case_number IS NOT NULL AND a.occurred_at < $3"
           " AND a.occurred_at" WINDOW " AND a.occurred_at <= $4),"
           " marks AS (SELECT s.bucket, s.case_number, s.day, (ARRAY['tangibles', 'reliability',"
           " 'responsiveness', 'assurance', 'empathy'])[i.dimension] AS skill,"
           " i.perception - i.expectation AS mark, i.perception < i.expectation AS is_low"
           " FROM said AS s JOIN intake.survey_item_public AS i"
           " ON i.bucket = s.bucket AND i.answer_number = s.number"
           " WHERE s.instrument = 4 AND i.perception IS NOT NULL AND i.expectation IS NOT NULL"
           " UNION ALL SELECT s.bucket, s.case_number, s.day, s.question, s.value, s.value < 50"
           " FROM said AS s WHERE s.instrument = 5 AND s.value IS NOT NULL"
           " AND s.question IS NOT NULL)"
           " INSERT INTO reporting.skill_day (day, bucket, grouping, name, skill, answers, low,"
           " sum, squares)"
           " SELECT m.day, m.bucket, g.grouping, g.name, m.skill, count(*),"
           " count(*) FILTER (WHERE m.is_low), sum(m.mark), sum(m.mark * m.mark)"
           " FROM marks AS m JOIN reporting.case_fact AS c"
           " ON c.bucket = m.bucket AND c.case_number = m.case_number"
           " CROSS JOIN LATERAL (VALUES ('team', c.team), ('staff', c.staff)) AS g (grouping, name)"
           " WHERE g.name <> '' AND m.skill IS NOT NULL AND m.day > CAST($2::text AS date) - 34"
           " GROUP BY m.day, m.bucket, g.grouping, g.name, m.skill",
    .shape = DB_NONE,
};

static const struct night_plan plan = {
    .statements = {{&remove_days, 2}, {&write_days, 5}},
    .slice = 8,
};

static void *begin(const struct night_world *world, const struct night_range *range)
{
    return night_buckets_begin(&plan, world, range);
}

const struct night_task skill_task = {
    .name = "skills",
    .help = "which skills the answers point to, by team and staff",
    .is_for_each_day = false,
    .begin = begin,
    .ask = night_buckets_ask,
    .take = night_buckets_take,
    .end = night_buckets_end,
};
