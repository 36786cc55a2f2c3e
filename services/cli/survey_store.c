/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/survey_store.h"

#include "common/domain/identifier.h"

static const struct db_query now = {"survey_now", "SELECT log.now()", DB_ONE};

/* The branch is that of the case when the answer came; product and team are those it has now. $4:
 * enum survey_by; the name is null when there are no groups. */
#define ANSWERS                                                                                    \
    "WITH answers AS ("                                                                            \
    " SELECT a.bucket, a.number, a.instrument, a.value,"                                           \
    "        CASE $4::int2 WHEN 1 THEN coalesce(a.branch, '') WHEN 2 THEN coalesce(c.product, '')" \
    "                      WHEN 3 THEN coalesce(c.owner_team, '') END AS name"                     \
    "   FROM intake.survey_answer_public AS a"                                                     \
    "   LEFT JOIN intake.service_case_public AS c"                                                 \
    "     ON (c.bucket, c.number) = (a.bucket, a.case_number)"                                     \
    "  WHERE a.bucket = $1 AND a.occurred_at >= $2 AND a.occurred_at < $3 AND NOT a.is_void"       \
    "    AND a.instrument BETWEEN 1 AND 4)"

static const struct db_query values = {
    "survey_values",
    ANSWERS " SELECT name, instrument, coalesce(value, 0), count(*)"
            "   FROM answers GROUP BY 1, 2, 3 ORDER BY 1",
    DB_ROWS,
};

#define ITEMS                                                                                      \
    "   FROM answers AS a"                                                                         \
    "   JOIN intake.survey_item_public AS i ON (i.bucket, i.answer_number) = (a.bucket, a.number)"

static const struct db_query items = {
    "survey_items",
    ANSWERS " SELECT a.name, i.item, coalesce(i.expectation, 0), coalesce(i.perception, 0),"
            "        count(*)" ITEMS "  WHERE a.instrument = 4 GROUP BY 1, 2, 3, 4 ORDER BY 1",
    DB_ROWS};

/* $5: the dimension of each item. Answers with all items of a dimension are told apart by what they
 * say, not by who gave them. */
static const struct db_query forms = {
    "survey_forms",
    ANSWERS ", scale AS ("
            " SELECT item, dimension, count(*) OVER (PARTITION BY dimension) AS items"
            "   FROM unnest($5::int2[]) WITH ORDINALITY AS s (dimension, item)),"
            " forms AS ("
            " SELECT a.name, s.dimension, count(i.perception) > 0 AS is_perceived,"
            "        count(i.expectation) > 0 AS is_expected,"
            "        CASE WHEN count(i.perception) = s.items"
            "             THEN string_agg(i.perception::text, '' ORDER BY i.item) ELSE '' END"
            "          AS perceptions" ITEMS " JOIN scale AS s ON s.item = i.item"
            "  WHERE a.instrument = 4 GROUP BY a.number, 1, 2, s.items)"
            " SELECT name, dimension, perceptions, count(*) FILTER (WHERE is_perceived),"
            "        count(*) FILTER (WHERE is_expected)"
            "   FROM forms GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
    DB_ROWS};

static void put_scale(struct db_params *p)
{
    struct db_array scale;

    db_array_init(&scale, DB_INT2);
    for (size_t i = 0; i < servqual_scale_1988.items; i++) {
        db_array_add_int(&scale, servqual_scale_1988.dimension_of[i]);
    }
    db_put_array(p, &scale);
    db_array_free(&scale);
}

static void ask(struct db *db, const struct survey_question *q, int16_t bucket)
{
    struct db_params p = {0};

    db_put_int2(&p, bucket);
    db_put_time(&p, q->since_us);
    db_put_time(&p, q->until_us);
    db_put_int2(&p, (int16_t)q->by);
    db_query(db, &values, &p);
    db_query(db, &items, &p);
    put_scale(&p);
    db_query(db, &forms, &p);
    db_params_free(&p);
}

/* ---- the answers */

static const char *name_at(const struct db_rows *rows, size_t i)
{
    return db_is_null(rows, i, 0) ? NULL : db_get_text(rows, i, 0);
}

static void add_values(const struct db_rows *rows, struct survey_tally *t)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        survey_tally_value(t, name_at(rows, i),
                           &(struct survey_value){.instrument = db_get_int(rows, i, 1),
                                                  .value = db_get_int(rows, i, 2),
                                                  .count = db_get_int(rows, i, 3)});
    }
}

static void add_items(const struct db_rows *rows, struct survey_tally *t)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        survey_tally_item(t, name_at(rows, i),
                          &(struct survey_item){.item = db_get_int(rows, i, 1),
                                                .expectation = db_get_int(rows, i, 2),
                                                .perception = db_get_int(rows, i, 3),
                                                .count = db_get_int(rows, i, 4)});
    }
}

static void add_forms(const struct db_rows *rows, struct survey_tally *t)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        survey_tally_form(t, name_at(rows, i),
                          &(struct survey_form){.dimension = db_get_int(rows, i, 1),
                                                .perceptions = db_get_text(rows, i, 2),
                                                .perceived = db_get_int(rows, i, 3),
                                                .expected = db_get_int(rows, i, 4)});
    }
}

int survey_store_now(struct db *db, int64_t *ret_now_us, struct err *err)
{
    db_query(db, &now, NULL);
    const struct db_reply *reply = db_run_wait(db);

    if (reply->outcome != DB_OK) {
        *err = reply->err;
        return -1;
    }
    *ret_now_us = db_get_time(reply->rows[0], 0, 0);
    return 0;
}

int survey_store_read(struct db *db, const struct survey_question *q, struct survey_tally *t,
                      struct err *err)
{
    for (int16_t bucket = 0; bucket < BUCKET_COUNT; bucket++) {
        ask(db, q, bucket);
        const struct db_reply *reply = db_run_wait(db);

        if (reply->outcome != DB_OK) {
            *err = reply->err;
            return -1;
        }
        add_values(reply->rows[0], t);
        add_items(reply->rows[1], t);
        add_forms(reply->rows[2], t);
    }
    return 0;
}
