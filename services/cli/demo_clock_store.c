/* SPDX-License-Identifier: Apache-2.0 */
/*
 * demo_clock_store.c - one look at everything that could still happen at this instant.
 *
 * Each service finishes what it took in the transaction that also moves its cursor, clears the due
 * row or queues the next thing. So one statement, which sees one instant of the database, finds
 * zero only when really nothing is under way.
 */
#include "services/cli/demo_clock_store.h"

#include "common/base/text.h"

static const struct db_query set_clock = {
    .name = "demo_clock_set",
    .sql = "UPDATE log.clock SET demo_now = $1",
    .shape = DB_NONE,
};

static const struct db_query read_backlog = {
    .name = "demo_clock_read_backlog",
    .sql =
        "WITH waiting (name, count) AS ("
        "  SELECT 'events for ' || reader.consumer,"
        "         coalesce(sum(h.seq - coalesce(c.seq, 0)), 0)::int8"
        "    FROM (VALUES ('followup', 'intake.%'), ('loyalty', 'intake.%'), ('reporting', '%'))"
        "         AS reader (consumer, streams)"
        "    JOIN log.head h ON h.stream LIKE reader.streams"
        "    LEFT JOIN log.consumer_cursor c"
        "      ON c.consumer = reader.consumer AND c.stream = h.stream AND c.bucket = h.bucket"
        "   GROUP BY reader.consumer"
        "  UNION ALL"
        "  SELECT 'processes that have not seen the clock', count(*) FROM log.alive, log.clock"
        "   WHERE at > clock_timestamp() - interval '5 s' AND alive.demo_now IS DISTINCT FROM "
        "clock.demo_now"
        "  UNION ALL"
        "  SELECT 'promise steps', count(*) FROM intake.promise WHERE next_step_at <= log.now()"
        "  UNION ALL"
        "  SELECT 'forecasts', count(*) FROM intake.upkeep AS u"
        "   WHERE u.name = 'compute-forecasts' AND $1::int8 > 0"
        "     AND (u.began_at <= log.now() - $1::int8 * interval '1 microsecond'"
        "       OR (EXISTS (SELECT FROM intake.promise"
        "                    WHERE source_id IS NULL AND NOT is_void AND made_at <= u.began_at"
        "                      AND made_at > u.began_at - interval '365 days')"
        "           AND NOT EXISTS (SELECT FROM intake.forecast WHERE computed_at = u.began_at)))"
        "  UNION ALL"
        "  SELECT name, count FROM followup.backlog)"
        " SELECT (SELECT coalesce(sum(count), 0)::int8 FROM waiting),"
        "        least((SELECT min(next_step_at) FROM intake.promise WHERE next_step_at > "
        "log.now()),"
        "              (SELECT min(next_attempt_at) FROM followup.follow_up"
        "                WHERE next_attempt_at > log.now())),"
        "        (SELECT name || ': ' || count FROM waiting WHERE count > 0 ORDER BY name LIMIT 1)",
    .shape = DB_ONE,
};

static const struct db_query read_totals = {
    .name = "demo_clock_read_totals",
    .sql = "SELECT (SELECT count(*) FROM intake.service_case),"
           "       count(*), count(*) FILTER (WHERE state = 3), count(*) FILTER (WHERE state IN "
           "(4, 5, 9)),"
           "       (SELECT count(*) FROM followup.follow_up),"
           "       (SELECT count(*) FROM followup.follow_up_attempt WHERE state = 3),"
           "       (SELECT count(*) FROM followup.follow_up_attempt WHERE outcome IN (1, 5)),"
           "       (SELECT count(*) FROM loyalty.customer_score)"
           "  FROM intake.promise",
    .shape = DB_ONE,
};

/* The reply of one statement, or NULL with err. */
static const struct db_rows *ask(struct db *db, const struct db_query *query,
                                 const struct db_params *params, struct err *err)
{
    db_query(db, query, params);
    const struct db_reply *reply = db_run_wait(db);
    if (reply->outcome != DB_OK) {
        *err = reply->err;
        return NULL;
    }
    return reply->rows[0];
}

int demo_clock_set(struct db *db, int64_t at_us, struct err *err)
{
    struct db_params params = {0};
    db_put_time(&params, at_us);
    const struct db_rows *rows = ask(db, &set_clock, &params, err);
    db_params_free(&params);
    return rows == NULL ? -1 : 0;
}

int demo_clock_read_backlog(struct db *db, int64_t forecasts_every_us,
                            struct demo_backlog *ret_backlog, struct err *err)
{
    struct db_params params = {0};
    db_put_int8(&params, forecasts_every_us);
    const struct db_rows *rows = ask(db, &read_backlog, &params, err);
    db_params_free(&params);
    if (rows == NULL) {
        return -1;
    }
    ret_backlog->waiting = db_get_int(rows, 0, 0);
    ret_backlog->next_due_us = db_is_null(rows, 0, 1) ? INT64_MAX : db_get_time(rows, 0, 1);
    (void)text_copy(ret_backlog->what, sizeof ret_backlog->what, db_get_text(rows, 0, 2));
    return 0;
}

int demo_clock_read_totals(struct db *db, struct demo_totals *ret_totals, struct err *err)
{
    const struct db_rows *rows = ask(db, &read_totals, NULL, err);
    if (rows == NULL) {
        return -1;
    }
    *ret_totals = (struct demo_totals){
        .cases = db_get_int(rows, 0, 0),
        .promises = db_get_int(rows, 0, 1),
        .kept = db_get_int(rows, 0, 2),
        .broken = db_get_int(rows, 0, 3),
        .follow_ups = db_get_int(rows, 0, 4),
        .calls = db_get_int(rows, 0, 5),
        .reached = db_get_int(rows, 0, 6),
        .scores = db_get_int(rows, 0, 7),
    };
    return 0;
}
