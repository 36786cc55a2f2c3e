/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/skill_task_store.h"

#include <stdlib.h>

#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "services/reporting/question_store.h"
#include "services/reporting/report_day.h"

enum {
    DAYS_AGAIN = 33, /* before the first one: answers come late */
    SLICE_DAYS = 30,
    SLICE_BUCKETS = 8,
};

/* How far it is done, and the first day of all: a history that came before the first night is made
 * up for. */
static const struct db_query done = {
    .name = "skill_done",
    .sql = "SELECT max(n.day) - DATE '1970-01-01' FROM reporting.night_task AS n"
           " WHERE n.task = 'skills'",
    .shape = DB_ONE,
};

static const struct db_query remove_days = {
    .name = "skill_remove",
    .sql = "DELETE FROM reporting.skill_day WHERE bucket = ANY ($1::int2[])"
           " AND day BETWEEN CAST($2::text AS date) AND CAST($3::text AS date)",
    .shape = DB_NONE,
};

/* A question of the company's own is judged by its scale in the questionnaire ($6 to $8): low is
 * what lies below the middle, so of yes and no the no alone. One that is not in the questionnaire
 * any more has 0 to 100. */
static const struct db_query write_days = {
    .name = "skill_write",
    .sql = "WITH said AS (SELECT a.bucket, a.number, a.case_number,"
           " (a.occurred_at AT TIME ZONE $5)::date AS day, a.instrument, a.question, a.value"
           " FROM intake.survey_answer_public AS a WHERE a.bucket = ANY ($1::int2[])"
           " AND NOT a.is_void AND a.case_number IS NOT NULL AND a.occurred_at >= $2"
           " AND a.occurred_at < $3 AND a.occurred_at <= $4),"
           " marks AS (SELECT s.bucket, s.case_number, s.day, (ARRAY['tangibles', 'reliability',"
           " 'responsiveness', 'assurance', 'empathy'])[i.dimension] AS skill,"
           " i.perception - i.expectation AS mark, i.perception < i.expectation AS is_low"
           " FROM said AS s JOIN intake.survey_item_public AS i"
           " ON i.bucket = s.bucket AND i.answer_number = s.number"
           " WHERE s.instrument = 4 AND i.perception IS NOT NULL AND i.expectation IS NOT NULL"
           " UNION ALL SELECT s.bucket, s.case_number, s.day, s.question, s.value,"
           " 2 * s.value < coalesce(q.low + q.high, 100)"
           " FROM said AS s LEFT JOIN unnest($6::text[], $7::int4[], $8::int4[])"
           " AS q (code, low, high) ON q.code = s.question WHERE s.instrument = 5 AND s.value IS "
           "NOT NULL"
           " AND s.question IS NOT NULL)"
           " INSERT INTO reporting.skill_day (day, bucket, grouping, name, skill, answers, low,"
           " sum, squares)"
           " SELECT m.day, m.bucket, g.grouping, g.name, m.skill, count(*),"
           " count(*) FILTER (WHERE m.is_low), sum(m.mark), sum(m.mark * m.mark)"
           " FROM marks AS m JOIN reporting.case_fact AS c"
           " ON c.bucket = m.bucket AND c.case_number = m.case_number"
           " CROSS JOIN LATERAL (VALUES ('team', c.team), ('staff', c.staff)) AS g (grouping, name)"
           " WHERE g.name <> '' AND m.skill IS NOT NULL"
           " GROUP BY m.day, m.bucket, g.grouping, g.name, m.skill",
    .shape = DB_NONE,
};

struct skill_work {
    const struct night_world *world;
    struct night_range range;
    bool is_begun;
    struct questionnaire *questionnaire; /* NULL: there is none */
    int64_t day;                         /* the first of the slice */
    int bucket;
};

static void *begin(const struct night_world *world, const struct night_range *range)
{
    struct skill_work *w = xcalloc(1, sizeof(*w));

    *w = (struct skill_work){.world = world, .range = *range};
    return w;
}

static int64_t last_day(const struct skill_work *w)
{
    int64_t day = w->day + SLICE_DAYS - 1;

    return day < w->range.to ? day : w->range.to;
}

static void put_scales(const struct skill_work *w, struct db_params *params)
{
    const struct questionnaire *q = w->questionnaire;
    struct db_array codes, lows, highs;

    db_array_init(&codes, DB_TEXT);
    db_array_init(&lows, DB_INT4);
    db_array_init(&highs, DB_INT4);
    for (size_t i = 0; q && i < questionnaire_question_count(q); i++) {
        const struct questionnaire_question *question = questionnaire_question(q, i);
        db_array_add_text(&codes, question->code);
        db_array_add_int(&lows, question->low);
        db_array_add_int(&highs, question->high);
    }
    db_put_array(params, &codes);
    db_put_array(params, &lows);
    db_put_array(params, &highs);
    db_array_free(&codes);
    db_array_free(&lows);
    db_array_free(&highs);
}

static void put_slice(const struct skill_work *w, struct db *db, const struct db_array *buckets)
{
    struct db_params params = {.count = 0};
    char from[REPORT_DAY_SIZE], to[REPORT_DAY_SIZE];

    db_put_array(&params, buckets);
    db_put_text(&params, report_day_format(w->day, from));
    db_put_text(&params, report_day_format(last_day(w), to));
    db_query(db, &remove_days, &params);
    db_params_free(&params);
    params = (struct db_params){.count = 0};
    db_put_array(&params, buckets);
    db_put_time(&params, night_day_begin_us(w->world, w->day));
    db_put_time(&params, night_day_begin_us(w->world, last_day(w) + 1));
    db_put_time(&params, w->world->now_us);
    db_put_text(&params, w->world->time_zone);
    put_scales(w, &params);
    db_query(db, &write_days, &params);
    db_params_free(&params);
}

static bool ask(void *work, struct db *db)
{
    const struct skill_work *w = work;
    struct db_array buckets;

    if (!w->is_begun) {
        db_query(db, &done, NULL);
        warning_store_ask_first(db);
        question_store_put(db, "");
        return true;
    }
    if (w->day > w->range.to) {
        return false;
    }
    db_array_init(&buckets, DB_INT2);
    for (int i = 0; i < SLICE_BUCKETS; i++) {
        db_array_add_int(&buckets, w->bucket + i);
    }
    night_begin_write(db, w->world);
    put_slice(w, db, &buckets);
    db_commit(db);
    db_array_free(&buckets);
    return true;
}

static void take_begin(struct skill_work *w, const struct db_reply *reply)
{
    const struct db_rows *last = reply->rows[0], *first = reply->rows[1];

    w->is_begun = true;
    w->questionnaire = question_store_take(reply->rows[2]);
    w->day = w->range.from;
    if (!db_is_null(last, 0, 0)) {
        w->day = db_get_int(last, 0, 0) < w->day ? db_get_int(last, 0, 0) : w->day;
    } else if (!db_is_null(first, 0, 0)) {
        w->day = db_get_int(first, 0, 0) < w->day ? db_get_int(first, 0, 0) : w->day;
    }
    w->day -= DAYS_AGAIN;
}

static enum night_step take(void *work, const struct db_reply *reply)
{
    struct skill_work *w = work;

    if (!w->is_begun) {
        take_begin(w, reply);
        return NIGHT_GO_ON;
    }
    w->bucket += SLICE_BUCKETS;
    if (w->bucket >= BUCKET_COUNT) {
        w->bucket = 0;
        w->day += SLICE_DAYS;
    }
    return NIGHT_GO_ON;
}

static void end(void *work)
{
    struct skill_work *w = work;

    questionnaire_free(w->questionnaire);
    free(w);
}

const struct night_task skill_task = {
    .name = "skills",
    .help = "which skills the answers point to, by team and staff",
    .is_for_each_day = false,
    .begin = begin,
    .ask = ask,
    .take = take,
    .end = end,
};
