/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/followup_explain_store.h"

#include "common/domain/identifier.h"

static const struct db_query row = {
    "followup_explain_row",
    "SELECT f.customer_number, f.case_number, f.rule, f.rule_version, v.hash, v.body, f.trigger,"
    "       f.subject, f.occurrence, f.purpose, f.priority, f.channel, f.branch, f.state, f.reason,"
    "       f.planned_at, f.due_at, f.window_end_at, f.next_attempt_at, f.attempts, f.merged_into,"
    "       l.state, l.reason, f.is_historical, f.settled_at, log.now(),"
    "       (SELECT body FROM followup.rule_version_public ORDER BY last_used_at DESC, id DESC"
    "         LIMIT 1), f.last_outcome"
    "  FROM followup.follow_up_public AS f"
    "  LEFT JOIN followup.rule_version_public AS v ON v.id = f.rule_version"
    "  LEFT JOIN followup.follow_up_public AS l"
    "       ON l.bucket = (f.merged_into & 255)::int2 AND l.number = f.merged_into"
    " WHERE f.bucket = $1 AND f.number = $2",
    DB_OPTIONAL};

/* What the row says of its beginning and its end is not repeated. */
static const struct db_query history = {
    "followup_explain_history",
    "SELECT h.* FROM (SELECT s.at, s.step AS what, s.reason AS why, 0::int2 AS outcome, s.until_at,"
    "                        s.other_number, '' AS who, s.version AS place"
    "          FROM followup.follow_up_step_public AS s"
    "         WHERE s.bucket = $1 AND s.follow_up_number = $2"
    "        UNION ALL"
    "        SELECT a.ordered_at, 'ordered', a.order_key, 0::int2, NULL, NULL, a.dialer, a.attempt"
    "          FROM followup.follow_up_attempt_public AS a"
    "         WHERE a.bucket = $1 AND a.follow_up_number = $2"
    "        UNION ALL"
    "        SELECT a.finished_at, CASE a.state WHEN 3 THEN 'called' WHEN 4 THEN 'barred'"
    "               ELSE 'unknown' END, a.order_key, coalesce(a.outcome, 0)::int2, NULL, NULL,"
    "               a.dialer, a.attempt"
    "          FROM followup.follow_up_attempt_public AS a"
    "         WHERE a.bucket = $1 AND a.follow_up_number = $2 AND a.finished_at IS NOT NULL) AS h"
    " ORDER BY h.at, h.what = 'ordered' DESC, h.place",
    DB_ROWS};

static const struct db_query covered = {
    "followup_explain_covered",
    "SELECT f.number, f.rule, f.reason FROM followup.follow_up_public AS f"
    " WHERE f.bucket = ANY (ARRAY(SELECT b::int2 FROM generate_series(0, 255) AS b))"
    "   AND f.merged_into = $1 AND f.state = 9 ORDER BY f.due_at, f.number",
    DB_ROWS};

static const struct db_query ended_counts = {
    "followup_explain_ended",
    "SELECT state, reason, rule, count(*), min(settled_at), max(settled_at)"
    "  FROM followup.follow_up_public WHERE state = ANY ($1)"
    " GROUP BY state, reason, rule ORDER BY state, count(*) DESC, reason, rule",
    DB_ROWS};

static const struct db_query ended_rows = {
    "followup_explain_ended_rows",
    "SELECT number, customer_number, rule, state, reason, due_at, settled_at, merged_into"
    "  FROM followup.follow_up_public WHERE state = ANY ($1)"
    " ORDER BY settled_at DESC, number DESC LIMIT $2",
    DB_ROWS};

static const struct db_query zoneless = {
    "followup_explain_zoneless",
    "SELECT f.number, f.customer_number, f.branch, f.rule, f.due_at, f.reason"
    "  FROM followup.follow_up_public AS f"
    "  LEFT JOIN intake.customer_public AS c"
    "       ON c.bucket = f.bucket AND c.number = f.customer_number"
    " WHERE f.state IN (1, 2) AND c.time_zone IS NULL"
    "   AND NOT EXISTS (SELECT FROM intake.branch_public AS b"
    "                    WHERE b.branch = f.branch AND b.time_zone IS NOT NULL)"
    " ORDER BY f.due_at, f.number LIMIT $1",
    DB_ROWS};

void followup_explain_store_ask(struct db *db, int64_t number)
{
    struct db_params p = {.count = 0};

    db_put_int2(&p, identifier_bucket(number));
    db_put_int8(&p, number);
    db_query(db, &row, &p);
    db_query(db, &history, &p);
    db_params_clear(&p);
    db_put_int8(&p, number);
    db_query(db, &covered, &p);
    db_params_free(&p);
}

void followup_explain_store_ask_ended(struct db *db, const struct db_array *states, int32_t limit)
{
    struct db_params p = {.count = 0};

    db_put_array(&p, states);
    db_query(db, &ended_counts, &p);
    db_put_int4(&p, limit);
    db_query(db, &ended_rows, &p);
    db_params_free(&p);
}

void followup_explain_store_ask_zoneless(struct db *db, int32_t limit)
{
    struct db_params p = {.count = 0};

    db_put_int4(&p, limit);
    db_query(db, &zoneless, &p);
    db_params_free(&p);
}
