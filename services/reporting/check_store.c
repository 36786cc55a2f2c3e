/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/check_store.h"

#include "services/reporting/report_day.h"

/* Those that were looked at longest ago first. */
static const struct db_query older = {
    .name = "check_older",
    .sql = "SELECT d.day - DATE '1970-01-01' FROM (SELECT DISTINCT f.day"
           " FROM reporting.figure_difference AS f WHERE f.day < CAST($1::text AS date)) AS d"
           " LEFT JOIN reporting.figure_check AS k ON k.day = d.day"
           " ORDER BY k.checked_at NULLS FIRST, d.day LIMIT $2",
    .shape = DB_ROWS,
};

#define FOUND "unnest($2::text[], $3::text[], $4::text[], $5::int8[], $6::int8[])"

/* $1: the days that were compared, and with them their months. */
static const struct db_query remove_equal = {
    .name = "check_remove",
    .sql =
        "DELETE FROM reporting.figure_difference AS d"
        " WHERE CASE WHEN d.figure ~ '_month(_content)?$' THEN date_trunc('month', d.day)"
        " IN (SELECT date_trunc('month', CAST(c.day AS date)) FROM unnest($1::text[]) AS c (day))"
        " ELSE d.day::text = ANY ($1::text[]) END"
        " AND NOT EXISTS (SELECT FROM " FOUND " AS f (day, figure, branch, counted, facts)"
        " WHERE f.day = d.day::text AND f.figure = d.figure AND f.branch = d.branch"
        " AND f.counted = d.counted AND f.facts = d.facts)",
    .shape = DB_NONE,
};

/* Those that were there already are not returned: they were told. */
static const struct db_query add_new = {
    .name = "check_add",
    .sql = "WITH added AS (INSERT INTO reporting.figure_difference AS d (day, figure, branch,"
           " counted, facts, found_at)"
           " SELECT CAST(f.day AS date), f.figure, f.branch, f.counted, f.facts, $6 FROM "
           "unnest($1::text[], $2::text[], $3::text[], $4::int8[], $5::int8[])"
           " AS f (day, figure, branch, counted, facts)"
           " ON CONFLICT DO NOTHING RETURNING day, figure, branch, counted, facts)"
           " SELECT a.day::text, a.figure, a.branch, a.counted, a.facts FROM added AS a"
           " ORDER BY 1, 2, 3",
    .shape = DB_ROWS,
};

static const struct db_query write_days = {
    .name = "check_days",
    .sql = "INSERT INTO reporting.figure_check AS k (day, checked_at, figures, different)"
           " SELECT CAST(d.day AS date), $4, d.figures, d.different"
           " FROM unnest($1::text[], $2::int4[], $3::int4[]) AS d (day, figures, different)"
           " ON CONFLICT (day) DO UPDATE SET checked_at = excluded.checked_at,"
           " figures = excluded.figures, different = excluded.different",
    .shape = DB_NONE,
};

static const struct db_query total = {
    .name = "check_total",
    .sql = "SELECT count(*) FROM reporting.figure_difference",
    .shape = DB_ONE,
};

void check_store_ask_older(struct db *db, int64_t before, int most)
{
    struct db_params params = {.count = 0};
    char text[REPORT_DAY_SIZE];

    db_put_text(&params, report_day_format(before, text));
    db_put_int8(&params, most);
    db_query(db, &older, &params);
    db_params_free(&params);
}

enum {
    COLUMNS = 5
};

static void add_difference(void *ctx, const struct check_difference *d)
{
    struct db_array *to = ctx;
    char day[REPORT_DAY_SIZE];

    db_array_add_text(&to[0], report_day_format(d->day, day));
    db_array_add_text(&to[1], d->figure);
    db_array_add_text(&to[2], d->branch);
    db_array_add_int(&to[3], d->figures);
    db_array_add_int(&to[4], d->facts);
}

static void put_days(struct db *db, const struct check_compare *c, const struct check_days *checked,
                     int64_t now_us)
{
    struct db_params params = {.count = 0};
    struct db_array days, figures, different;

    db_array_init(&days, DB_TEXT);
    db_array_init(&figures, DB_INT4);
    db_array_init(&different, DB_INT4);
    for (size_t i = 0; i < checked->count; i++) {
        for (int64_t day = checked->parts[i].from; day <= checked->parts[i].to; day++) {
            char text[REPORT_DAY_SIZE];
            int32_t counted, unequal;
            check_compare_day(c, day, &counted, &unequal);
            db_array_add_text(&days, report_day_format(day, text));
            db_array_add_int(&figures, counted);
            db_array_add_int(&different, unequal);
        }
    }
    db_put_array(&params, &days);
    db_put_array(&params, &figures);
    db_put_array(&params, &different);
    db_put_time(&params, now_us);
    db_query(db, &write_days, &params);
    db_params_free(&params);
    db_array_free(&days);
    db_array_free(&figures);
    db_array_free(&different);
}

static void put_checked(struct db_params *params, const struct check_days *checked)
{
    struct db_array days;
    char text[REPORT_DAY_SIZE];

    db_array_init(&days, DB_TEXT);
    for (size_t i = 0; i < checked->count; i++) {
        for (int64_t day = checked->parts[i].from; day <= checked->parts[i].to; day++) {
            db_array_add_text(&days, report_day_format(day, text));
        }
    }
    db_put_array(params, &days);
    db_array_free(&days);
}

void check_store_put(struct db *db, const struct check_compare *c, const struct check_days *checked,
                     int64_t now_us)
{
    static const enum db_type types[COLUMNS] = {DB_TEXT, DB_TEXT, DB_TEXT, DB_INT8, DB_INT8};
    struct db_params params = {.count = 0};
    struct db_array columns[COLUMNS];

    for (size_t i = 0; i < COLUMNS; i++) {
        db_array_init(&columns[i], types[i]);
    }
    check_compare_list(c, add_difference, columns);
    put_checked(&params, checked);
    for (size_t i = 0; i < COLUMNS; i++) {
        db_put_array(&params, &columns[i]);
    }
    db_query(db, &remove_equal, &params);
    db_params_free(&params);
    params = (struct db_params){.count = 0};
    for (size_t i = 0; i < COLUMNS; i++) {
        db_put_array(&params, &columns[i]);
        db_array_free(&columns[i]);
    }
    db_put_time(&params, now_us);
    db_query(db, &add_new, &params);
    db_params_free(&params);
    put_days(db, c, checked, now_us);
    db_query(db, &total, NULL);
}
