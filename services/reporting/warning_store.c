/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/warning_store.h"

#include "common/base/compiler.h"
#include "services/reporting/figure_cells.h"
#include "services/reporting/report_day.h"
#include "services/reporting/sheet_read.h"

/* The lanes are named so that the key serves: each begins with the newest rows of no other. */
static const struct db_query first_day = {
    .name = "warning_first_day",
    .sql =
        "SELECT min(f.day) - DATE '1970-01-01' FROM unnest('{0,1,2,3,4,5,6,7}'::int2[]) AS l (lane)"
        " CROSS JOIN LATERAL (SELECT d.day FROM reporting.daily_fact AS d"
        " WHERE d.lane = l.lane AND d.sheet = 1 AND d.part = 1 AND d.branch = ''"
        " ORDER BY d.day LIMIT 1) AS f",
    .shape = DB_ONE,
};

static const struct db_query one_day = {
    .name = "warning_day",
    .sql = "SELECT f.figures FROM reporting.daily_fact AS f"
           " WHERE f.lane IN (0, 1, 2, 3, 4, 5, 6, 7) AND f.sheet = 1"
           " AND f.branch = '' AND f.day = CAST($1::text AS date)",
    .shape = DB_ROWS,
};
_Static_assert(SHEET_CASES == 1, "as in the statements");

/* Of those that would ask a person, complaints before the cases that they are a part of, and none
 * of what somebody was asked about in the last $12 days. $13: the complaints. */
static const struct db_query write_alarms = {
    .name = "warning_write",
    .sql = "WITH made AS (SELECT * FROM unnest($2::int2[], $3::text[], $4::int2[], $5::text[],"
           " $6::int8[], $7::float8[], $8::float8[], $9::float8[], $10::float8[], $14::bool[])"
           " AS a (dimension, value, measure, detector, count, mean, deviation, statistic,"
           " threshold, is_for_person)),"
           " written AS (INSERT INTO reporting.early_warning (day, dimension, value, measure,"
           " detector, count, mean, deviation, statistic, threshold, raised_at, is_for_person)"
           " SELECT CAST($1::text AS date), m.dimension, m.value, m.measure, m.detector, m.count,"
           " m.mean, m.deviation, m.statistic, m.threshold, $11,"
           " m.is_for_person AND (m.measure = $13 OR NOT EXISTS (SELECT FROM made AS o"
           " WHERE o.dimension = m.dimension AND o.value = m.value AND o.measure = $13"
           " AND o.is_for_person)) AND NOT EXISTS (SELECT FROM reporting.early_warning AS w"
           " WHERE w.dimension = m.dimension AND w.value = m.value AND w.is_for_person"
           " AND w.day < CAST($1::text AS date) AND w.day >= CAST($1::text AS date) - $12::int4)"
           " FROM made AS m"
           " ON CONFLICT DO NOTHING RETURNING dimension, value, measure, detector, count,"
           " is_for_person)"
           " SELECT w.dimension, w.value, w.measure, string_agg(w.detector, ',' ORDER BY"
           " w.detector), max(w.count) FROM written AS w WHERE w.is_for_person GROUP BY 1, 2, 3",
    .shape = DB_ROWS,
};

static const struct db_query mark_seen = {
    .name = "warning_seen",
    .sql = "WITH marked AS (UPDATE reporting.early_warning AS w"
           " SET seen_at = coalesce(w.seen_at, $5), seen_by = coalesce(w.seen_by, nullif($6, 0))"
           " WHERE w.day = CAST($1::text AS date) AND w.dimension = $2 AND w.value = $3"
           " AND w.measure = $4 RETURNING 1) SELECT count(*) FROM marked",
    .shape = DB_ONE,
};

void warning_store_ask_first(struct db *db)
{
    db_query(db, &first_day, NULL);
}

void warning_store_take_first(const struct db_rows *rows, struct warning_series *s)
{
    if (!db_is_null(rows, 0, 0)) {
        warning_series_begin(s, db_get_int(rows, 0, 0));
    }
}

void warning_store_ask_day(struct db *db, int64_t day)
{
    struct db_params params = {.count = 0};
    char text[REPORT_DAY_SIZE];

    db_put_text(&params, report_day_format(day, text));
    db_query(db, &one_day, &params);
    db_params_free(&params);
}

static bool is_watched(const struct figure_cell *cell)
{
    bool is_one = cell->dimension == DIMENSION_BRANCH || cell->dimension == DIMENSION_CATEGORY ||
                  cell->dimension == DIMENSION_PRODUCT;

    return cell->dimension == DIMENSION_ALL || (is_one && cell->value.len > 0);
}

static void take_cell(const struct figure_cell *cell, int64_t day, struct warning_series *s)
{
    static const enum figure_measure measures[] = {MEASURE_CASES, MEASURE_COMPLAINTS};
    char value[WARNING_VALUE_SIZE];

    (void)figure_cell_value(cell, value, sizeof(value));
    for (size_t i = 0; i < ARRAY_LEN(measures); i++) {
        warning_series_add(s, cell->dimension, value, measures[i], day,
                           sheet_read_count(cell->figures, measures[i]));
    }
}

void warning_store_take_day(const struct db_rows *rows, int64_t day, struct warning_series *s)
{
    for (size_t row = 0; row < db_row_count(rows); row++) {
        struct figure_cells cells = {.left = db_get_bytes(rows, row, 0)};
        struct figure_cell cell;
        while (figure_cells_next(&cells, &cell)) {
            if (is_watched(&cell)) {
                take_cell(&cell, day, s);
            }
        }
    }
}

enum {
    COLUMNS = 9
};

struct alarm_columns {
    struct db_array columns[COLUMNS], are_for_person;
};

static void add_alarm(void *ctx, const struct early_alarm *a)
{
    struct alarm_columns *made = ctx;
    struct db_array *to = made->columns;

    db_array_add_int(&to[0], (int64_t)a->dimension);
    db_array_add_text(&to[1], a->value);
    db_array_add_int(&to[2], (int64_t)a->measure);
    db_array_add_text(&to[3], a->detector);
    db_array_add_int(&to[4], a->count);
    db_array_add_float8(&to[5], a->mean);
    db_array_add_float8(&to[6], a->deviation);
    db_array_add_float8(&to[7], a->statistic);
    db_array_add_float8(&to[8], a->threshold);
    db_array_add_bool(&made->are_for_person, a->is_for_person);
}

void warning_store_put(struct db *db, const struct warning_series *s, int64_t day,
                       const struct warning_policy *policy, int64_t now_us)
{
    static const enum db_type types[COLUMNS] = {DB_INT2,   DB_TEXT,   DB_INT2,   DB_TEXT,  DB_INT8,
                                                DB_FLOAT8, DB_FLOAT8, DB_FLOAT8, DB_FLOAT8};
    struct db_params params = {.count = 0};
    struct alarm_columns made;
    char text[REPORT_DAY_SIZE];

    for (size_t i = 0; i < COLUMNS; i++) {
        db_array_init(&made.columns[i], types[i]);
    }
    db_array_init(&made.are_for_person, DB_BOOL);
    warning_series_judge(s, day, &policy->rule, add_alarm, &made);
    db_put_text(&params, report_day_format(day, text));
    for (size_t i = 0; i < COLUMNS; i++) {
        db_put_array(&params, &made.columns[i]);
        db_array_free(&made.columns[i]);
    }
    db_put_time(&params, now_us);
    db_put_int4(&params, (int32_t)policy->quiet_days);
    db_put_int2(&params, MEASURE_COMPLAINTS);
    db_put_array(&params, &made.are_for_person);
    db_array_free(&made.are_for_person);
    db_query(db, &write_alarms, &params);
    db_params_free(&params);
}

void warning_store_put_seen(struct db *db, const struct warning_named *named, int64_t user,
                            int64_t now_us)
{
    struct db_params params = {.count = 0};

    db_put_text(&params, named->day);
    db_put_int2(&params, (int16_t)named->dimension);
    db_put_text(&params, named->value);
    db_put_int2(&params, (int16_t)named->measure);
    db_put_time(&params, now_us);
    db_put_int8(&params, user);
    db_query(db, &mark_seen, &params);
    db_params_free(&params);
}
