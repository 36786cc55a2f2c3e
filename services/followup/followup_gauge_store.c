/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_gauge_store.c - each question is answered from an index, and counts no more than 10,000
 * rows.
 *
 * With 1,000,000 follow-ups, attempts, answers and deliveries each, on one core: due and deliveries
 * under 0.1 ms. What waits is counted: 10,000 listed 0.6 ms, 10,000 waiting answers 12 ms, and
 * 10,000 orders among 40,000 open ones, more than any dialer has, 18 ms.
 */
#include "services/followup/followup_gauge_store.h"

/* The first rows of each channel and priority by follow_up_by_due_lane. One that was planned late
 * waits since then. */
/* clang-format off */
static const struct db_query due = {
    .name = "followup_gauge_store_due",
    .sql = "SELECT c.name, " GAUGE_AGE("$1", "min(f.since)")
           " FROM (VALUES (1::int2, 'call'), (2::int2, 'message'), (3::int2, 'mail'),"
           "  (4::int2, 'person')) AS c (channel, name)"
           " CROSS JOIN generate_series(1, 4) AS p (priority)"
           " LEFT JOIN LATERAL (SELECT greatest(next_attempt_at, planned_at) AS since"
           "  FROM followup.follow_up"
           "  WHERE state = 1 AND channel = c.channel AND priority = p.priority::int2"
           "  ORDER BY next_attempt_at LIMIT 4) AS f ON true GROUP BY c.name",
    .shape = DB_ROWS,
};

static const struct db_query orders = {
    .name = "followup_gauge_store_orders",
    .sql = "SELECT " GAUGE_AGE("$1", "min(a.ordered_at)") ", count(*)"
           " FROM (SELECT ordered_at FROM followup.follow_up_attempt"
           "  WHERE state IN (1, 2) AND NOT starts_with(dialer, 'person/') LIMIT 10000) AS a",
    .shape = DB_ONE,
};

static const struct db_query outbox = {
    .name = "followup_gauge_store_outbox",
    .sql = "SELECT " GAUGE_AGE("$1", "min(o.added_at)") ", count(*)"
           " FROM (SELECT added_at FROM followup.record_outbox WHERE state = 1 LIMIT 10000) AS o",
    .shape = DB_ONE,
};

/* Machine time. What waits for its next attempt is not late before it. */
static const struct db_query deliveries = {
    .name = "followup_gauge_store_deliveries",
    .sql = "SELECT " GAUGE_AGE("clock_timestamp()", "min(d.next_attempt_at)")
           " FROM followup.subscription AS s,"
           " LATERAL (SELECT next_attempt_at FROM followup.delivery"
           "  WHERE subscription_id = s.id AND state = 1 ORDER BY next_attempt_at LIMIT 1) AS d"
           " WHERE s.ended_at IS NULL",
    .shape = DB_ONE,
};

static const struct db_query listed = {
    .name = "followup_gauge_store_listed",
    .sql = "SELECT count(*) FROM (SELECT FROM followup.follow_up WHERE state = 8 LIMIT 10000) AS l",
    .shape = DB_ONE,
};

const struct gauge_question followup_gauge_questions[] = {
    {.query = &due, .label = "channel", .wants_now = true, .columns = {
        {"troth_followup_due_age_seconds",
         "How long the oldest due follow-up of a channel waits to be claimed.", true, false}}},
    {.query = &orders, .wants_now = true, .columns = {
        {"troth_followup_orders_open_age_seconds",
         "How long the oldest order of a dialer is without a result.", true, false},
        {"troth_followup_orders_open", "Orders of dialers without a result.", false, false}}},
    {.query = &outbox, .wants_now = true, .columns = {
        {"troth_followup_outbox_age_seconds",
         "How long the oldest answer waits that intake has not decided on, of 10,000 at most.",
         true, false},
        {"troth_followup_outbox_waiting", "Such answers, 10,000 at most.", false, false}}},
    {.query = &deliveries, .columns = {
        {"troth_followup_deliveries_due_age_seconds",
         "How long the oldest delivery waits that could be attempted.", true, false}}},
    {.query = &listed, .columns = {
        {"troth_followup_listed", "Follow-ups that wait for a person, 10,000 at most.",
         false, false}}},
    {.query = NULL},
};
/* clang-format on */
