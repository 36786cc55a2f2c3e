/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/reporting_store.h"

#include <inttypes.h>
#include <string.h>

#include "common/base/duration.h"

/* ---- the zone */

static const struct db_query check_zone = {
    .name = "reporting_check_zone",
    .sql = "SELECT log.now() AT TIME ZONE $1 IS NOT NULL",
    .shape = DB_ONE,
};

static const struct db_query fold_zone = {
    .name = "reporting_fold_zone",
    .sql = "SELECT time_zone, return_window_us FROM reporting.fold_zone",
    .shape = DB_OPTIONAL,
};

#define START_OVER                                                                                 \
    "to change it, stop every reporting process and let the operator call reporting.start_over()"

static int compare_zone(const struct db_reply *reply, const char *time_zone,
                        int64_t return_window_us, struct err *err)
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
        return err_set_field(err, "time_zone_differs", "time_zone",
                             "the figures were folded in %s: " START_OVER,
                             db_get_text(stored, 0, 0));
    }
    if (db_row_count(stored) > 0 && db_get_int(stored, 0, 1) != return_window_us) {
        return err_set_field(err, "return_window_differs", "return_window",
                             "the figures were folded with %" PRId64 " days: " START_OVER,
                             db_get_int(stored, 0, 1) / DURATION_DAY);
    }
    return 0;
}

int reporting_store_check_zone(struct db_pool *pool, const char *time_zone,
                               int64_t return_window_us, int64_t timeout_us, struct err *err)
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
    int rc = compare_zone(db_run_wait(db), time_zone, return_window_us, err);
    db_release(db);
    return rc;
}

/* ---- a batch */

/* Every statement names the rows it is about by key, so an index is right however large the tables
 * are or were when the plan was made: on tables that were empty then, or that nobody has analyzed,
 * the planner would read all of them, each time. */
static const struct db_query plan = {
    .name = "reporting_plan",
    .sql = "SELECT set_config('plan_cache_mode', 'force_generic_plan', true),"
           " set_config('enable_seqscan', 'off', true),"
           " set_config('enable_hashjoin', 'off', true),"
           " set_config('enable_mergejoin', 'off', true)",
    .shape = DB_HIDDEN,
};

void reporting_store_plan(struct db *db)
{
    db_query(db, &plan, NULL);
}

static const struct db_query write_zone = {
    .name = "reporting_write_zone",
    .sql = "INSERT INTO reporting.fold_zone (time_zone, return_window_us) VALUES ($1, $2)"
           " ON CONFLICT DO NOTHING",
    .shape = DB_NONE,
};

/* Another process, or a start-over, may have written another zone or window since we started. The
 * second row that fold_zone does not allow makes the batch fail: days of two zones must not be
 * added up. */
static const struct db_query refuse_zone = {
    .name = "reporting_refuse_zone",
    .sql = "INSERT INTO reporting.fold_zone (is_only, time_zone, return_window_us)"
           " SELECT false, $1, $2 WHERE EXISTS (SELECT FROM reporting.fold_zone"
           " WHERE time_zone <> $1 OR return_window_us <> $2)",
    .shape = DB_NONE,
};

void reporting_store_put_zone(struct db *db, const char *time_zone, int64_t return_window_us)
{
    struct db_params params = {.count = 0};

    db_put_text(&params, time_zone);
    db_put_int8(&params, return_window_us);
    db_query(db, &write_zone, &params);
    db_query(db, &refuse_zone, &params);
    db_params_free(&params);
}
