/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/followup_by_rule_store.h"

/* Called: a telephone rang; reached: the customer was there; sent: a mail or message. Outcomes and
 * states as in proto/event.proto; a call counts for the follow-up that led it. */
static const struct db_query rules_query = {
    "followup_by_rule_rules",
    "SELECT f.trigger, f.rule, count(*), count(*) FILTER (WHERE s.was_deferred),"
    " count(*) FILTER (WHERE a.rang), count(*) FILTER (WHERE a.reached),"
    " count(*) FILTER (WHERE a.sent), count(*) FILTER (WHERE f.state = 9),"
    " count(*) FILTER (WHERE f.state = 6), count(*) FILTER (WHERE f.state = 5),"
    " count(*) FILTER (WHERE f.state = 7), count(*) FILTER (WHERE f.state = 8),"
    " count(*) FILTER (WHERE f.state < 4)"
    " FROM followup.follow_up_public AS f"
    " LEFT JOIN (SELECT bucket, follow_up_number, bool_or(outcome NOT IN (7, 12, 13)) AS rang,"
    " bool_or(outcome IN (1, 5, 8, 10)) AS reached, bool_or(outcome = 13) AS sent"
    " FROM followup.follow_up_attempt_public WHERE state = 3 GROUP BY 1, 2) AS a"
    " ON a.bucket = f.bucket AND a.follow_up_number = f.number"
    " LEFT JOIN (SELECT DISTINCT bucket, follow_up_number, true AS was_deferred"
    " FROM followup.follow_up_step_public WHERE step = 'deferred') AS s"
    " ON s.bucket = f.bucket AND s.follow_up_number = f.number"
    " GROUP BY f.trigger, f.rule ORDER BY f.trigger, f.rule COLLATE \"C\"",
    DB_ROWS,
};

static const struct db_query reasons_query = {
    "followup_by_rule_reasons",
    "SELECT 1 AS state, reason, count(DISTINCT (bucket, follow_up_number))"
    " FROM followup.follow_up_step_public WHERE step = 'deferred' GROUP BY reason"
    " UNION ALL SELECT state, reason, count(*) FROM followup.follow_up_public WHERE state > 3"
    " GROUP BY state, reason ORDER BY 1, 3 DESC, 2",
    DB_ROWS,
};

void followup_by_rule_store_put(struct db *db)
{
    db_query(db, &rules_query, NULL);
    db_query(db, &reasons_query, NULL);
}
