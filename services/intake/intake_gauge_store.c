/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_gauge_store.c - each question is answered from indexes or the server's statistics: none
 * becomes slower with the number of customers, cases or events.
 *
 * With 1,000,000 events and promises, two intakes, followups and loyalties (1,536 heads), on one
 * core: unread 5 ms, and 35 ms when every reader is behind in all 5,120 places; steps 2 ms;
 * database 2 ms (the size of its files); the others under 0.1 ms.
 */
#include "services/intake/intake_gauge_store.h"

/* The first rows of each bucket by promise_by_step. A record that tells of an older happening makes
 * steps that are due at once: they wait since it was received. */
/* clang-format off */
static const struct db_query steps = {
    .name = "intake_gauge_store_steps",
    .sql = "SELECT " GAUGE_AGE("$1", "min(greatest(p.next_step_at, e.received_at))")
           " FROM generate_series(0, 255) AS b (bucket),"
           " LATERAL (SELECT case_number, next_step_at FROM intake.promise"
           "  WHERE bucket = b.bucket::int2 AND next_step_at IS NOT NULL AND next_step_at <= $1"
           "  ORDER BY next_step_at LIMIT 4) AS p,"
           " LATERAL (SELECT max(received_at) AS received_at FROM"
           "  (SELECT received_at FROM intake.case_event"
           "   WHERE (bucket, case_number) = (b.bucket::int2, p.case_number)"
           "   UNION ALL SELECT o.received_at FROM intake.service_case AS c"
           "   JOIN intake.contact AS o ON (o.bucket, o.number) = (c.bucket, c.opened_by)"
           "   WHERE (c.bucket, c.number) = (b.bucket::int2, p.case_number)) AS said) AS e",
    .shape = DB_ONE,
};
/* clang-format on */

/* Who reads which services' events; a reader that never read is not there (yet). One row of the log
 * for each place where a reader is behind, looked for in the open part of the log first. The
 * cursors are read whole: looking them up one by one takes twice as long. */
/* clang-format off */
static const struct db_query unread = {
    .name = "intake_gauge_store_unread",
    .sql = "WITH reads (consumer, service) AS (VALUES"
           "  ('followup', 'intake'), ('followup', 'loyalty'),"
           "  ('followup.delivery', 'intake'), ('followup.delivery', 'followup'),"
           "  ('followup.delivery', 'loyalty'), ('intake.audit', 'intake'), ('loyalty', 'intake'),"
           "  ('reporting', 'intake'), ('reporting', 'followup'), ('reporting', 'loyalty')),"
           " cursors AS MATERIALIZED"
           "  (SELECT consumer, stream, bucket, seq FROM log.consumer_cursor),"
           " places AS (SELECT r.consumer, h.stream, h.bucket, coalesce(c.seq, 0) AS seq,"
           "   h.seq - coalesce(c.seq, 0) AS unread"
           "  FROM reads AS r JOIN log.head AS h ON split_part(h.stream, '.', 1) = r.service"
           "  LEFT JOIN cursors AS c"
           "   ON c.consumer = r.consumer AND c.stream = h.stream AND c.bucket = h.bucket"
           "  WHERE EXISTS (SELECT FROM log.consumer_cursor AS k WHERE k.consumer = r.consumer)),"
           " oldest AS (SELECT p.consumer, p.unread, CASE WHEN p.unread > 0 THEN coalesce("
           "   (SELECT at FROM ONLY log.event"
           "     WHERE stream = p.stream AND bucket = p.bucket AND seq = p.seq + 1),"
           "   (SELECT at FROM log.event WHERE stream = p.stream AND bucket = p.bucket"
           "     AND seq > p.seq ORDER BY seq LIMIT 1)) END AS at FROM places AS p)"
           " SELECT consumer, " GAUGE_AGE("$1", "min(at)") ", sum(unread)::bigint"
           " FROM oldest GROUP BY consumer",
    .shape = DB_ROWS,
};
/* clang-format on */

/* The newest head while an entry is not under it; nothing where no head was ever signed. */
/* clang-format off */
static const struct db_query unsigned_entries = {
    .name = "intake_gauge_store_unsigned_entries",
    .sql = "SELECT (SELECT CASE WHEN r.first_position + r.last_seq - r.first_seq >= h.tree_size"
           "  THEN " GAUGE_AGE("clock_timestamp()", "h.at") " ELSE 0 END"
           " FROM (SELECT first_position, first_seq, last_seq FROM audit.run"
           "  ORDER BY first_position DESC LIMIT 1) AS r,"
           " (SELECT tree_size, at FROM audit.head ORDER BY number DESC LIMIT 1) AS h)",
    .shape = DB_ONE,
};
/* clang-format on */

static const struct db_query database = {
    .name = "intake_gauge_store_database",
    .sql = "SELECT pg_database_size(d.oid), s.deadlocks, s.checksum_failures,"
           " (s.xact_commit)::bigint, (s.xact_rollback)::bigint, s.blks_hit, s.blks_read, "
           "s.temp_bytes,"
           " age(d.datfrozenxid)::bigint, pg_is_in_recovery()::int::bigint,"
           " pg_has_role(session_user, 'pg_read_all_stats', 'USAGE')::int::bigint"
           " FROM pg_database AS d JOIN pg_stat_database AS s ON s.datid = d.oid"
           " WHERE d.datname = current_database()",
    .shape = DB_ONE,
};

/* Without the right to see all, the state of other roles' sessions is NULL, and so is the age. */
static const struct db_query sessions = {
    .name = "intake_gauge_store_sessions",
    .sql = "SELECT (SELECT sum(numbackends)::bigint FROM pg_stat_database),"
           " current_setting('max_connections')::bigint,"
           " CASE WHEN pg_has_role(session_user, 'pg_read_all_stats', 'USAGE') THEN"
           "  coalesce((extract(epoch FROM max(clock_timestamp() - a.xact_start)"
           "   FILTER (WHERE a.backend_type = 'client backend' AND a.pid <> pg_backend_pid()))"
           "   * 1000000)::bigint, 0) END,"
           " CASE WHEN pg_has_role(session_user, 'pg_read_all_stats', 'USAGE') THEN"
           "  count(*) FILTER (WHERE a.wait_event_type = 'Lock') END"
           " FROM pg_stat_activity AS a WHERE a.datname = current_database()",
    .shape = DB_ONE,
};

static const struct db_query roles = {
    .name = "intake_gauge_store_roles",
    .sql = "SELECT CASE WHEN usename LIKE 'troth\\_%' THEN usename::text ELSE 'other' END,"
           " count(*) FROM pg_stat_activity WHERE datname = current_database() GROUP BY 1",
    .shape = DB_ROWS,
};

/* One that was away first catches up: then it is farthest behind. */
static const struct db_query standbys = {
    .name = "intake_gauge_store_standbys",
    .sql = "SELECT application_name::text,"
           " max(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn))::bigint,"
           " coalesce((extract(epoch FROM max(replay_lag)) * 1000000)::bigint, 0)"
           " FROM pg_stat_replication WHERE state IN ('catchup', 'streaming')"
           " AND NOT pg_is_in_recovery()"
           " GROUP BY 1",
    .shape = DB_ROWS,
};

static const struct db_query slots = {
    .name = "intake_gauge_store_slots",
    .sql = "SELECT slot_name::text,"
           " pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint, active::int::bigint"
           " FROM pg_replication_slots WHERE NOT pg_is_in_recovery()",
    .shape = DB_ROWS,
};

/* Nothing where no log is archived; and no age where PostgreSQL is not told to archive a segment
 * before it is full: then there may be nothing to archive for days. */
/* clang-format off */
static const struct db_query archive = {
    .name = "intake_gauge_store_archive",
    .sql = "SELECT CASE WHEN s.is_on THEN"
           "  (last_failed_time > coalesce(last_archived_time, '-infinity')) IS TRUE"
           "  END::int::bigint,"
           " CASE WHEN s.is_on AND s.has_timeout THEN"
           " " GAUGE_AGE("clock_timestamp()",
                         "greatest(last_archived_time, stats_reset, pg_postmaster_start_time())")
           " END FROM pg_stat_archiver,"
           " (SELECT current_setting('archive_mode') <> 'off' AND NOT pg_is_in_recovery() AS is_on,"
           "  current_setting('archive_timeout') <> '0' AS has_timeout) AS s",
    .shape = DB_ONE,
};
/* clang-format on */

/* Where rows are changed in place all day. */
static const struct db_query tables = {
    .name = "intake_gauge_store_tables",
    .sql =
        "SELECT schemaname || '.' || relname, n_dead_tup, n_live_tup,"
        " extract(epoch FROM greatest(last_vacuum, last_autovacuum))::bigint"
        " FROM pg_stat_user_tables"
        " WHERE (schemaname, relname) IN (('log', 'head'), ('log', 'consumer_cursor'),"
        "  ('log', 'lease'), ('log', 'alive'), ('intake', 'promise'), ('intake', 'service_case'),"
        "  ('followup', 'follow_up'), ('followup', 'record_outbox'), ('followup', 'delivery'),"
        "  ('loyalty', 'customer_score'))",
    .shape = DB_ROWS,
};

/* Names with their units stand in rows; the formatter would part them. */
/* clang-format off */
const struct gauge_question intake_gauge_questions[] = {
    {.query = &steps, .wants_now = true, .columns = {
        {"troth_intake_steps_due_age_seconds",
         "How long the oldest due step of a promise waits.", true, false}}},
    {.query = &unread, .label = "consumer", .wants_now = true, .columns = {
        {"troth_events_unread_age_seconds",
         "How long the oldest event waits that a reader has not applied.", true, false},
        {"troth_events_unread",
         "Events that a reader has not applied.", false, false}}},
    {.query = &unsigned_entries, .columns = {
        {"troth_intake_audit_unsigned_age_seconds",
         "How old the newest signed root is while entries are not under it; 0 while all are.",
         true, false}}},
    {.query = &database, .columns = {
        {"troth_postgresql_database_size_bytes", "Size of the database.", false, false},
        {"troth_postgresql_deadlocks_total", "Deadlocks.", false, true},
        {"troth_postgresql_checksum_failures_total",
         "Pages whose checksum was wrong.", false, true},
        {"troth_postgresql_commits_total", "Transactions that were committed.", false, true},
        {"troth_postgresql_rollbacks_total", "Transactions that were rolled back.", false, true},
        {"troth_postgresql_blocks_hit_total", "Pages that were found in memory.", false, true},
        {"troth_postgresql_blocks_read_total", "Pages that were not.", false, true},
        {"troth_postgresql_temporary_bytes_total",
         "Written to files by sorts that had too little memory.", false, true},
        {"troth_postgresql_oldest_row_transactions",
         "Age of the oldest row that is not frozen, in transactions; stops at 2 thousand million.",
         false, false},
        {"troth_postgresql_is_standby", "1: this server takes no writes.", false, false},
        {"troth_postgresql_sees_all",
         "1: transactions of all roles are seen here (pg_read_all_stats).", false, false}}},
    {.query = &sessions, .columns = {
        {"troth_postgresql_connections_all",
         "Connections to the server, whatever the database.", false, false},
        {"troth_postgresql_connections_max", "How many there may be.", false, false},
        {"troth_postgresql_oldest_transaction_age_seconds",
         "How long the oldest transaction of a client is open.", true, false},
        {"troth_postgresql_sessions_locked",
         "Sessions that wait for a lock.", false, false}}},
    {.query = &roles, .label = "role", .columns = {
        {"troth_postgresql_connections",
         "Connections to this database by role.", false, false}}},
    {.query = &standbys, .label = "standby", .columns = {
        {"troth_postgresql_standby_lag_bytes",
         "Log that a standby has not replayed.", false, false},
        {"troth_postgresql_standby_lag_seconds",
         "How long the newest commit took to be replayed there.", true, false}}},
    {.query = &slots, .label = "slot", .columns = {
        {"troth_postgresql_slot_retained_bytes",
         "Log that a replication slot keeps on the disk.", false, false},
        {"troth_postgresql_slot_active", "1: somebody reads it.", false, false}}},
    {.query = &archive, .columns = {
        {"troth_postgresql_archive_failing",
         "1: the log could not be archived when that was tried last.", false, false},
        {"troth_postgresql_archived_age_seconds",
         "How long ago a part of the log was archived, or the server started.", true, false}}},
    {.query = &tables, .label = "table", .columns = {
        {"troth_postgresql_dead_rows",
         "Rows of a busy table that vacuum has not removed.", false, false},
        {"troth_postgresql_live_rows", "Rows of it.", false, false},
        {"troth_postgresql_vacuum_timestamp_seconds",
         "When it was vacuumed last.", false, false}}},
    {.query = NULL},
};
/* clang-format on */
