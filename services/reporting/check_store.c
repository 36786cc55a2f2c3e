/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/check_store.h"

#include "services/reporting/report_day.h"

static const struct db_query oldest = {
    .name = "check_oldest",
    .sql = "SELECT min(d.day) - DATE '1970-01-01' FROM reporting.figure_difference AS d",
    .shape = DB_ONE,
};

#define FOUND "unnest($3::text[], $4::text[], $5::text[], $6::int8[], $7::int8[])"

/* $1 and $2: the days that were compared. */
static const struct db_query remove_equal = {
    .name = "check_remove",
    .sql = "DELETE FROM reporting.figure_difference AS d"
           " WHERE d.day BETWEEN CAST($1::text AS date) AND CAST($2::text AS date)"
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
           " SELECT CAST(f.day AS date), f.figure, f.branch, f.counted, f.facts, $8 FROM " FOUND
           " AS f (day, figure, branch, counted, facts)"
           " WHERE CAST(f.day AS date) BETWEEN CAST($1::text AS date) AND CAST($2::text AS date)"
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

void check_store_ask_oldest(struct db *db)
{
    db_query(db, &oldest, NULL);
}

int64_t check_store_take_oldest(const struct db_rows *rows, int64_t usual)
{
    return db_is_null(rows, 0, 0) ? usual : db_get_int(rows, 0, 0);
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

static void put_days(struct db *db, const struct check_compare *c, const struct night_range *range,
                     int64_t now_us)
{
    struct db_params params = {.count = 0};
    struct db_array days, figures, different;

    db_array_init(&days, DB_TEXT);
    db_array_init(&figures, DB_INT4);
    db_array_init(&different, DB_INT4);
    for (int64_t day = range->from; day <= range->to; day++) {
        char text[REPORT_DAY_SIZE];
        int32_t counted, unequal;
        check_compare_day(c, day, &counted, &unequal);
        db_array_add_text(&days, report_day_format(day, text));
        db_array_add_int(&figures, counted);
        db_array_add_int(&different, unequal);
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

void check_store_put(struct db *db, const struct check_compare *c, const struct night_range *range,
                     int64_t now_us)
{
    static const enum db_type types[COLUMNS] = {DB_TEXT, DB_TEXT, DB_TEXT, DB_INT8, DB_INT8};
    struct db_params params = {.count = 0};
    struct db_array columns[COLUMNS];
    char from[REPORT_DAY_SIZE], to[REPORT_DAY_SIZE];

    for (size_t i = 0; i < COLUMNS; i++) {
        db_array_init(&columns[i], types[i]);
    }
    check_compare_list(c, add_difference, columns);
    db_put_text(&params, report_day_format(range->from, from));
    db_put_text(&params, report_day_format(range->to, to));
    for (size_t i = 0; i < COLUMNS; i++) {
        db_put_array(&params, &columns[i]);
        db_array_free(&columns[i]);
    }
    db_query(db, &remove_equal, &params);
    db_put_time(&params, now_us);
    db_query(db, &add_new, &params);
    db_params_free(&params);
    put_days(db, c, range, now_us);
    db_query(db, &total, NULL);
}
