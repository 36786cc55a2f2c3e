/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/improvement_store.h"

#include <math.h>
#include <string.h>

#include "common/base/text.h"
#include "services/reporting/report_day.h"

#define ROWS                                                                                       \
    "SELECT a.id, a.kind, a.title, a.cause_measure, a.category, a.product, a.branch, a.team,"      \
    " a.staff, a.skill, a.owner, a.expectation, a.starts_on - DATE '1970-01-01',"                  \
    " a.ends_on - DATE '1970-01-01', a.announced_at, a.created_at, a.created_by, a.version,"       \
    " e.verdict, e.unit, e.days_before, e.days_after, e.events_before, e.events_after,"            \
    " e.before_rate, e.after_rate, e.ratio, e.low, e.high, e.others_ratio, e.others_low,"          \
    " e.others_high FROM reporting.improvement_action AS a"                                        \
    " LEFT JOIN reporting.improvement_effect AS e ON e.id = a.id"

static const struct db_query all = {
    .name = "improvement_all",
    .sql = ROWS " ORDER BY a.starts_on DESC, a.id DESC LIMIT 1000",
    .shape = DB_ROWS,
};
_Static_assert(IMPROVEMENTS_MAX == 1000, "as in the statement");

static const struct db_query one = {
    .name = "improvement_one",
    .sql = ROWS " WHERE a.id = $1",
    .shape = DB_OPTIONAL,
};

static const struct db_query add = {
    .name = "improvement_add",
    .sql = "INSERT INTO reporting.improvement_action (kind, title, cause_measure, category,"
           " product, branch, team, staff, skill, owner, expectation, starts_on, ends_on,"
           " created_at, created_by, create_key)"
           " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, CAST($12::text AS date),"
           " CAST($13::text AS date), $14, $15, nullif($16, ''))"
           " ON CONFLICT (create_key) DO NOTHING RETURNING id",
    .shape = DB_OPTIONAL,
};

/* A statement of its own: it sees what another transaction has added meanwhile. */
static const struct db_query added = {
    .name = "improvement_added",
    .sql = ROWS " WHERE a.create_key = nullif($1, '')",
    .shape = DB_OPTIONAL,
};

static const struct db_query change = {
    .name = "improvement_change",
    .sql = "WITH changed AS (UPDATE reporting.improvement_action SET kind = $1, title = $2,"
           " cause_measure = $3, category = $4, product = $5, branch = $6, team = $7, staff = $8,"
           " skill = $9, owner = $10, expectation = $11, starts_on = CAST($12::text AS date),"
           " ends_on = CAST($13::text AS date), version = version + 1"
           " WHERE id = $14 AND version = $15 RETURNING 1)"
           " SELECT EXISTS (SELECT FROM changed)",
    .shape = DB_ONE,
};

static const struct db_query announced = {
    .name = "improvement_announced",
    .sql = "UPDATE reporting.improvement_action SET announced_at = coalesce(announced_at, $2)"
           " WHERE id = $1",
    .shape = DB_NONE,
};

static const struct db_query put_effect = {
    .name = "improvement_put_effect",
    .sql = "INSERT INTO reporting.improvement_effect AS e (id, judged_at, days_before, days_after,"
           " events_before, events_after, unit, before_rate, after_rate, ratio, low, high,"
           " others_ratio, others_low, others_high, verdict)"
           " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
           " ON CONFLICT (id) DO UPDATE SET judged_at = excluded.judged_at,"
           " days_before = excluded.days_before, days_after = excluded.days_after,"
           " events_before = excluded.events_before, events_after = excluded.events_after,"
           " unit = excluded.unit, before_rate = excluded.before_rate,"
           " after_rate = excluded.after_rate, ratio = excluded.ratio, low = excluded.low,"
           " high = excluded.high, others_ratio = excluded.others_ratio,"
           " others_low = excluded.others_low, others_high = excluded.others_high,"
           " verdict = excluded.verdict",
    .shape = DB_NONE,
};

void improvement_store_ask_all(struct db *db)
{
    db_query(db, &all, NULL);
}

void improvement_store_ask_one(struct db *db, int64_t id)
{
    struct db_params params = {.count = 0};

    db_put_int8(&params, id);
    db_query(db, &one, &params);
    db_params_free(&params);
}

/* ---- taking */

static double number(const struct db_rows *rows, size_t row, int column)
{
    return db_is_null(rows, row, column) ? NAN : db_get_float8(rows, row, column);
}

static void take_effect(const struct db_rows *rows, size_t row, struct improvement *ret)
{
    ret->has_effect = !db_is_null(rows, row, 18);
    if (!ret->has_effect) {
        return;
    }
    ret->effect = (struct effect){
        .verdict = effect_verdict_by_name(db_get_text(rows, row, 18)),
        .unit = effect_unit_by_name(db_get_text(rows, row, 19)),
        .days_before = db_get_int(rows, row, 20),
        .days_after = db_get_int(rows, row, 21),
        .events_before = db_get_int(rows, row, 22),
        .events_after = db_get_int(rows, row, 23),
        .before_rate = number(rows, row, 24),
        .after_rate = number(rows, row, 25),
        .ratio = number(rows, row, 26),
        .interval = {number(rows, row, 27), number(rows, row, 28)},
        .others_ratio = number(rows, row, 29),
        .against_others = {number(rows, row, 30), number(rows, row, 31)},
    };
}

#define TAKE_TEXT(field, column)                                                                   \
    (void)text_copy(ret->field, sizeof(ret->field), db_get_text(rows, row, column))

void improvement_store_take(const struct db_rows *rows, size_t row, struct improvement *ret)
{
    *ret = (struct improvement){
        .id = db_get_int(rows, row, 0),
        .is_training = strcmp(db_get_text(rows, row, 1), "training") == 0,
        .expectation = db_get_float8(rows, row, 11),
        .starts_on = db_get_int(rows, row, 12),
        .ends_on = db_is_null(rows, row, 13) ? IMPROVEMENT_NO_DAY : db_get_int(rows, row, 13),
        .announced_us = db_get_time(rows, row, 14),
        .created_us = db_get_time(rows, row, 15),
        .version = db_get_int(rows, row, 17),
    };
    TAKE_TEXT(title, 2);
    TAKE_TEXT(cause_measure, 3);
    TAKE_TEXT(category, 4);
    TAKE_TEXT(product, 5);
    TAKE_TEXT(branch, 6);
    TAKE_TEXT(team, 7);
    TAKE_TEXT(staff, 8);
    TAKE_TEXT(skill, 9);
    TAKE_TEXT(owner, 10);
    TAKE_TEXT(created_by, 16);
    take_effect(rows, row, ret);
}
/* NOLINTNEXTLINE(misc-redundant-expression): that is what it asserts */
_Static_assert(IMPROVEMENT_NO_TIME == DB_NO_TIME, "an instant that is not there");

/* ---- writing */

static void put_fields(struct db_params *params, const struct improvement *a)
{
    char day[REPORT_DAY_SIZE];

    db_put_text(params, a->is_training ? "training" : "action");
    db_put_text(params, a->title);
    db_put_text(params, a->cause_measure);
    db_put_text(params, a->category);
    db_put_text(params, a->product);
    db_put_text(params, a->branch);
    db_put_text(params, a->team);
    db_put_text(params, a->staff);
    db_put_text(params, a->skill);
    db_put_text(params, a->owner);
    db_put_float8(params, a->expectation);
    db_put_text(params, report_day_format(a->starts_on, day));
    db_put_text(params,
                a->ends_on == IMPROVEMENT_NO_DAY ? NULL : report_day_format(a->ends_on, day));
}

void improvement_store_add(struct db *db, const struct improvement *a)
{
    struct db_params params = {.count = 0};

    put_fields(&params, a);
    db_put_time(&params, a->created_us);
    db_put_text(&params, a->created_by);
    db_put_text(&params, a->key);
    db_query(db, &add, &params);
    db_params_free(&params);
    params = (struct db_params){.count = 0};
    db_put_text(&params, a->key);
    db_query(db, &added, &params);
    db_params_free(&params);
}

void improvement_store_change(struct db *db, const struct improvement *a)
{
    struct db_params params = {.count = 0};

    put_fields(&params, a);
    db_put_int8(&params, a->id);
    db_put_int4(&params, (int32_t)a->version);
    db_query(db, &change, &params);
    db_params_free(&params);
}

void improvement_store_announced(struct db *db, int64_t id, int64_t now_us)
{
    struct db_params params = {.count = 0};

    db_put_int8(&params, id);
    db_put_time(&params, now_us);
    db_query(db, &announced, &params);
    db_params_free(&params);
}

static void put_number(struct db_params *params, double value)
{
    if (isnan(value)) {
        db_put_null(params, DB_FLOAT8);
    } else {
        db_put_float8(params, value);
    }
}

void improvement_store_put_effect(struct db *db, int64_t id, const struct effect *e, int64_t now_us)
{
    struct db_params params = {.count = 0};

    db_put_int8(&params, id);
    db_put_time(&params, now_us);
    db_put_int4(&params, (int32_t)e->days_before);
    db_put_int4(&params, (int32_t)e->days_after);
    db_put_int8(&params, e->events_before);
    db_put_int8(&params, e->events_after);
    db_put_text(&params, effect_unit_name(e->unit));
    put_number(&params, e->before_rate);
    put_number(&params, e->after_rate);
    put_number(&params, e->ratio);
    put_number(&params, e->interval.low);
    put_number(&params, e->interval.high);
    put_number(&params, e->others_ratio);
    put_number(&params, e->against_others.low);
    put_number(&params, e->against_others.high);
    db_put_text(&params, effect_verdict_name(e->verdict));
    db_query(db, &put_effect, &params);
    db_params_free(&params);
}
