/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/night_store.h"

#include <string.h>

#include "services/reporting/report_day.h"

static const struct db_query done = {
    .name = "night_done",
    .sql = "SELECT n.task, n.day - DATE '1970-01-01' FROM reporting.night_task AS n",
    .shape = DB_ROWS,
};

/* Of each stream and bucket that is behind, the first event that was not counted. */
static const struct db_query counted = {
    .name = "night_counted",
    .sql = "SELECT NOT EXISTS (SELECT FROM log.head AS h"
           " LEFT JOIN log.consumer_cursor AS c"
           " ON c.consumer = 'reporting' AND c.stream = h.stream AND c.bucket = h.bucket"
           " JOIN log.event AS e ON e.stream = h.stream AND e.bucket = h.bucket"
           " AND e.seq = coalesce(c.seq, 0) + 1"
           " WHERE split_part(h.stream, '.', 1) IN ('intake', 'followup', 'loyalty')"
           " AND h.seq > coalesce(c.seq, 0) AND e.at < $1)",
    .shape = DB_ONE,
};

static const struct db_query different = {
    .name = "night_different",
    .sql = "SELECT count(*) FROM reporting.figure_difference",
    .shape = DB_ONE,
};

static const struct db_query put_done = {
    .name = "night_put_done",
    .sql = "INSERT INTO reporting.night_task AS n (task, day, done_at)"
           " VALUES ($1, CAST($2::text AS date), $3)"
           " ON CONFLICT (task) DO UPDATE SET day = greatest(n.day, excluded.day),"
           " done_at = excluded.done_at",
    .shape = DB_NONE,
};

void night_store_ask(struct db *db, int64_t until_us)
{
    struct db_params params = {.count = 0};

    db_query(db, &done, NULL);
    db_put_time(&params, until_us);
    db_query(db, &counted, &params);
    db_query(db, &different, NULL);
    db_params_free(&params);
}

bool night_store_done_until(const struct db_rows *rows, const char *task, int64_t *ret_day)
{
    for (size_t row = 0; row < db_row_count(rows); row++) {
        if (strcmp(db_get_text(rows, row, 0), task) == 0) {
            *ret_day = db_get_int(rows, row, 1);
            return true;
        }
    }
    return false;
}

bool night_store_is_counted(const struct db_rows *rows)
{
    return db_get_bool(rows, 0, 0);
}

void night_store_put_done(struct db *db, const char *task, int64_t day, int64_t now_us)
{
    struct db_params params = {.count = 0};
    char text[REPORT_DAY_SIZE];

    db_put_text(&params, task);
    db_put_text(&params, report_day_format(day, text));
    db_put_time(&params, now_us);
    db_query(db, &put_done, &params);
    db_params_free(&params);
}
