/* SPDX-License-Identifier: Apache-2.0 */
/*
 * demo_clock_store.c - one look at everything that could still happen at this instant.
 *
 * A process that has not been heard of for half a minute is taken for dead; one that is only slow
 * must have seen the clock before anybody goes on, or it would decide by what was held back before.
 *
 * Each service finishes what it took in the transaction that also moves its cursor, clears the due
 * row or queues the next thing. So one statement, which sees one instant of the database, finds
 * zero only when really nothing is under way.
 */
#include "services/cli/demo_clock_store.h"

#include "common/base/text.h"

static const struct db_query set_clock = {
    .name = "demo_clock_set",
    .sql = "UPDATE log.clock SET demo_now = $1, demo_holds = $2::int2",
    .shape = DB_NONE,
};

/* The stages of enum demo_stage in the column "stage". */
static const struct db_query read_backlog = {
    .name = "demo_clock_read_backlog",
    .sql =
        "WITH waiting (stage, name, count) AS ("
        "  SELECT CASE reader.consumer WHEN 'loyalty' THEN 1 WHEN 'followup' THEN 2 ELSE 0 END,"
        "         'events for ' || reader.consumer,"
        "         coalesce(sum(h.seq - coalesce(c.seq, 0)), 0)::int8"
        "    FROM (VALUES ('followup', 'intake.%'), ('followup', 'loyalty.%'),"
        "                 ('loyalty', 'intake.%'), ('reporting', '%'))"
        "         AS reader (consumer, streams)"
        "    JOIN log.head h ON h.stream LIKE reader.streams"
        "    LEFT JOIN log.consumer_cursor c"
        "      ON c.consumer = reader.consumer AND c.stream = h.stream AND c.bucket = h.bucket"
        "   GROUP BY reader.consumer"
        "  UNION ALL"
        "  SELECT 0, 'processes that have not seen the clock', count(*) FROM log.alive, log.clock"
        "   WHERE at > clock_timestamp() - interval '30 s'"
        "     AND (alive.demo_now, alive.demo_holds)"
        "         IS DISTINCT FROM (clock.demo_now, clock.demo_holds)"
        "  UNION ALL"
        "  SELECT 0, 'promise steps', count(*) FROM intake.promise WHERE next_step_at <= log.now()"
        "  UNION ALL"
        "  SELECT 1, 'scores to look at', (SELECT count(*) FROM loyalty.customer_score"
        "                                   WHERE next_change_at <= log.now())"
        "                               + (SELECT count(*) FROM loyalty.look_request)"
        "                               + (SELECT count(*) FROM loyalty.points_entry"
        "                                   WHERE points_left > 0 AND expires_at"
        "                                         <= log.now() - interval '1 day 1 minute')"
        "  UNION ALL"
        "  SELECT 0, 'forecasts', count(*) FROM intake.upkeep AS u"
        "   WHERE u.name = 'compute-forecasts' AND $1::int8 > 0"
        "     AND (u.began_at <= log.now() - $1::int8 * interval '1 microsecond'"
        "       OR (EXISTS (SELECT FROM intake.promise"
        "                    WHERE source_id IS NULL AND NOT is_void AND made_at <= u.began_at"
        "                      AND made_at > u.began_at - interval '365 days')"
        "           AND NOT EXISTS (SELECT FROM intake.forecast WHERE computed_at = u.began_at)))"
        "  UNION ALL"
        "  SELECT CASE WHEN name LIKE '%_to_plan' THEN 3 ELSE 4 END, name, count"
        "    FROM followup.backlog)"
        " SELECT coalesce(sum(count) FILTER (WHERE stage = 0), 0)::int8,"
        "        coalesce(sum(count) FILTER (WHERE stage = 1), 0)::int8,"
        "        coalesce(sum(count) FILTER (WHERE stage = 2), 0)::int8,"
        "        coalesce(sum(count) FILTER (WHERE stage = 3), 0)::int8,"
        "        coalesce(sum(count) FILTER (WHERE stage = 4), 0)::int8,"
        "        least((SELECT min(next_step_at) FROM intake.promise WHERE next_step_at > "
        "log.now()),"
        "              (SELECT min(next_attempt_at) FROM followup.follow_up"
        "                WHERE next_attempt_at > log.now()),"
        "              (SELECT min(next_change_at) FROM loyalty.customer_score"
        "                WHERE next_change_at > log.now()),"
        "              (SELECT min((planned_until - ahead_days + 1)::timestamp AT TIME ZONE 'UTC')"
        "                 FROM followup.plan_round)),"
        "        (SELECT name || ': ' || count FROM waiting WHERE count > 0"
        "          ORDER BY stage, name LIMIT 1)"
        "   FROM waiting",
    .shape = DB_ONE,
};

static const struct db_query read_totals = {
    .name = "demo_clock_read_totals",
    .sql =
        "SELECT (SELECT count(*) FROM intake.service_case),"
        "       count(*), count(*) FILTER (WHERE state = 3), count(*) FILTER (WHERE state IN "
        "(4, 5, 9)),"
        "       (SELECT count(*) FROM followup.follow_up),"
        "       (SELECT count(*) FROM followup.follow_up_attempt WHERE outcome NOT IN (7, 12, 13)),"
        "       (SELECT count(*) FROM followup.follow_up_attempt WHERE outcome IN (1, 5, 8, 10)),"
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

int demo_clock_set(struct db *db, int64_t at_us, int32_t holds, struct err *err)
{
    struct db_params params = {0};
    db_put_time(&params, at_us);
    db_put_int2(&params, (int16_t)holds);
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
    for (int stage = 0; stage < DEMO_STAGES; stage++) {
        ret_backlog->waiting[stage] = db_get_int(rows, 0, stage);
    }
    ret_backlog->next_due_us =
        db_is_null(rows, 0, DEMO_STAGES) ? INT64_MAX : db_get_time(rows, 0, DEMO_STAGES);
    (void)text_copy(ret_backlog->what, sizeof ret_backlog->what,
                    db_get_text(rows, 0, DEMO_STAGES + 1));
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
