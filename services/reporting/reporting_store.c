/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/reporting_store.h"

#include <string.h>

#include "common/domain/identifier.h"
#include "common/runtime/db_columns.h"

/* ---- the zone */

static const struct db_query check_zone = {
    .name = "reporting_check_zone",
    .sql = "SELECT log.now() AT TIME ZONE $1 IS NOT NULL",
    .shape = DB_ONE,
};

static const struct db_query fold_zone = {
    .name = "reporting_fold_zone",
    .sql = "SELECT time_zone FROM reporting.fold_zone",
    .shape = DB_OPTIONAL,
};

static int compare_zone(const struct db_reply *reply, const char *time_zone, struct err *err)
{
    if (reply->outcome == DB_DATA) {
        return err_set_field(err, "time_zone_unknown", "time_zone",
                             "PostgreSQL knows no time zone '%s'", time_zone);
    }
    if (reply->outcome != DB_OK) {
        *err = reply->err;
        return -1;
    }
    const struct db_rows *stored = reply->rows[1];
    if (db_row_count(stored) > 0 && strcmp(db_get_text(stored, 0, 0), time_zone) != 0) {
        return err_set_field(
            err, "time_zone_differs", "time_zone",
            "the figures were folded in %s: to change it, stop every reporting process and let "
            "the operator call reporting.start_over()",
            db_get_text(stored, 0, 0));
    }
    return 0;
}

int reporting_store_check_zone(struct db_pool *pool, const char *time_zone, int64_t timeout_us,
                               struct err *err)
{
    struct db_params params = {.count = 0};
    struct db *db = db_pool_wait(pool, timeout_us, err);

    if (db == NULL) {
        return -1;
    }
    db_put_text(&params, time_zone);
    db_query(db, &check_zone, &params);
    db_query(db, &fold_zone, NULL);
    db_params_free(&params);
    int rc = compare_zone(db_run_wait(db), time_zone, err);
    db_release(db);
    return rc;
}

/* ---- reading */

static const struct db_query read_promises = {
    .name = "reporting_read_promises",
    .sql = "SELECT p.promise_number, p.version, p.counted_as, p.counted_at, p.branch"
           " FROM unnest($1::int2[], $2::int8[]) AS k (bucket, promise_number)"
           " JOIN reporting.promise_fact AS p USING (bucket, promise_number)",
    .shape = DB_ROWS,
};

void reporting_store_read(struct db *db, struct figure_fold *fold)
{
    static const enum db_type types[] = {DB_INT2, DB_INT8};
    struct db_columns keys;
    struct figure_promise *list;
    size_t count = figure_fold_promises(fold, &list);

    db_columns_init(&keys, types, ARRAY_LEN(types));
    for (size_t i = 0; i < count; i++) {
        db_array_add_int(&keys.array[0], identifier_bucket(list[i].number));
        db_array_add_int(&keys.array[1], list[i].number);
    }
    db_columns_query(&keys, db, &read_promises);
}

void reporting_store_take(const struct db_rows *rows, struct figure_fold *fold)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        struct figure_promise *p = figure_fold_find_promise(fold, db_get_int(rows, i, 0));
        if (p != NULL) {
            p->version = db_get_int(rows, i, 1);
            p->counted_as = (enum promise_count)db_get_int(rows, i, 2);
            p->counted_us = db_get_time(rows, i, 3);
            p->branch = db_get_text(rows, i, 4);
        }
    }
}

/* ---- writing */

/* With the first batch, also after a start-over. */
static const struct db_query write_zone = {
    .name = "reporting_write_zone",
    .sql = "INSERT INTO reporting.fold_zone (time_zone) VALUES ($1) ON CONFLICT DO NOTHING",
    .shape = DB_NONE,
};

/* Another process, or a start-over, may have written another zone since we started. The second row
 * that fold_zone does not allow makes the batch fail: days of two zones must not be added up. */
static const struct db_query refuse_zone = {
    .name = "reporting_refuse_zone",
    .sql = "INSERT INTO reporting.fold_zone (is_only, time_zone)"
           " SELECT false, $1 WHERE EXISTS (SELECT FROM reporting.fold_zone WHERE time_zone <> $1)",
    .shape = DB_NONE,
};

/* Sorted, so that two writers would take rows in the same order. */
static const struct db_query write_deltas = {
    .name = "reporting_write_deltas",
    .sql = "INSERT INTO reporting.daily_fact AS d (lane, day, branch, measure, count, sum)"
           " SELECT f.lane, (f.at AT TIME ZONE $7)::date, f.branch, f.measure,"
           " sum(f.count)::int8, sum(f.sum)::int8"
           " FROM unnest($1::int2[], $2::timestamptz[], $3::text[], $4::text[], $5::int8[],"
           " $6::int8[]) AS f (lane, at, branch, measure, count, sum)"
           " GROUP BY 1, 2, 3, 4 HAVING sum(f.count) <> 0 OR sum(f.sum) <> 0"
           " ORDER BY 1, 2, 3, 4"
           " ON CONFLICT (lane, day, branch, measure) DO UPDATE"
           " SET count = d.count + excluded.count, sum = d.sum + excluded.sum",
    .shape = DB_NONE,
};

static const struct db_query write_durations = {
    .name = "reporting_write_durations",
    .sql = "INSERT INTO reporting.duration_fact AS d (bucket, case_number, measure, version, day,"
           " branch, value_us)"
           " SELECT f.bucket, f.case_number, f.measure, f.version,"
           " (f.at AT TIME ZONE $8)::date, f.branch, f.value_us"
           " FROM unnest($1::int2[], $2::int8[], $3::text[], $4::int8[], $5::timestamptz[],"
           " $6::text[], $7::int8[])"
           " AS f (bucket, case_number, measure, version, at, branch, value_us)"
           " ON CONFLICT (bucket, case_number, measure) DO UPDATE"
           " SET version = excluded.version, day = excluded.day, branch = excluded.branch,"
           " value_us = excluded.value_us"
           " WHERE d.version < excluded.version",
    .shape = DB_NONE,
};

static const struct db_query write_promises = {
    .name = "reporting_write_promises",
    .sql = "INSERT INTO reporting.promise_fact (bucket, promise_number, version, counted_as,"
           " counted_at, branch)"
           " SELECT * FROM unnest($1::int2[], $2::int8[], $3::int8[], $4::int2[],"
           " $5::timestamptz[], $6::text[])"
           " ON CONFLICT (bucket, promise_number) DO UPDATE"
           " SET version = excluded.version, counted_as = excluded.counted_as,"
           " counted_at = excluded.counted_at, branch = excluded.branch",
    .shape = DB_NONE,
};

/* The columns, then the zone as the last parameter. */
static void query_with_zone(struct db *db, const struct db_query *q, struct db_columns *columns,
                            const char *time_zone)
{
    struct db_params params = {.count = 0};

    db_columns_put(columns, &params);
    db_put_text(&params, time_zone);
    db_query(db, q, &params);
    db_params_free(&params);
}

static void put_deltas(struct db *db, const struct figure_fold *fold, const char *time_zone)
{
    static const enum db_type types[] = {DB_INT2, DB_TIME, DB_TEXT, DB_TEXT, DB_INT8, DB_INT8};
    struct db_columns to;
    const struct figure_delta *list;
    size_t count = figure_fold_deltas(fold, &list);

    if (count == 0) {
        return;
    }
    db_columns_init(&to, types, ARRAY_LEN(types));
    for (size_t i = 0; i < count; i++) {
        db_array_add_int(&to.array[0], list[i].lane);
        db_array_add_time(&to.array[1], list[i].at_us);
        db_array_add_text(&to.array[2], list[i].branch);
        db_array_add_text(&to.array[3], list[i].measure);
        db_array_add_int(&to.array[4], list[i].count);
        db_array_add_int(&to.array[5], list[i].sum);
    }
    query_with_zone(db, &write_deltas, &to, time_zone);
}

static void put_durations(struct db *db, const struct figure_fold *fold, const char *time_zone)
{
    static const enum db_type types[] = {DB_INT2, DB_INT8, DB_TEXT, DB_INT8,
                                         DB_TIME, DB_TEXT, DB_INT8};
    struct db_columns to;
    const struct figure_duration *list;
    size_t count = figure_fold_durations(fold, &list);

    if (count == 0) {
        return;
    }
    db_columns_init(&to, types, ARRAY_LEN(types));
    for (size_t i = 0; i < count; i++) {
        db_array_add_int(&to.array[0], identifier_bucket(list[i].service_case));
        db_array_add_int(&to.array[1], list[i].service_case);
        db_array_add_text(&to.array[2], list[i].measure);
        db_array_add_int(&to.array[3], list[i].version);
        db_array_add_time(&to.array[4], list[i].at_us);
        db_array_add_text(&to.array[5], list[i].branch);
        if (list[i].has_value) {
            db_array_add_int(&to.array[6], list[i].value_us);
        } else {
            db_array_add_null(&to.array[6]);
        }
    }
    query_with_zone(db, &write_durations, &to, time_zone);
}

static void put_promises(struct db *db, struct figure_fold *fold)
{
    static const enum db_type types[] = {DB_INT2, DB_INT8, DB_INT8, DB_INT2, DB_TIME, DB_TEXT};
    struct db_columns to;
    struct figure_promise *list;
    size_t count = figure_fold_promises(fold, &list);

    db_columns_init(&to, types, ARRAY_LEN(types));
    for (size_t i = 0; i < count; i++) {
        if (!list[i].is_changed) {
            continue;
        }
        db_array_add_int(&to.array[0], identifier_bucket(list[i].number));
        db_array_add_int(&to.array[1], list[i].number);
        db_array_add_int(&to.array[2], list[i].version);
        db_array_add_int(&to.array[3], list[i].counted_as);
        db_array_add_time(&to.array[4], list[i].counted_us);
        db_array_add_text(&to.array[5], list[i].branch);
    }
    if (db_columns_rows(&to) > 0) {
        db_columns_query(&to, db, &write_promises);
    } else {
        db_columns_free(&to);
    }
}

void reporting_store_write(struct db *db, struct figure_fold *fold, const char *time_zone)
{
    struct db_params params = {.count = 0};

    db_put_text(&params, time_zone);
    db_query(db, &write_zone, &params);
    db_query(db, &refuse_zone, &params);
    db_params_free(&params);
    put_deltas(db, fold, time_zone);
    put_durations(db, fold, time_zone);
    put_promises(db, fold);
}
