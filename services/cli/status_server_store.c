/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/status_server_store.h"

#include "common/base/compiler.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "services/cli/status_sql.h"

static const struct db_query schema = {
    "status_store_schema",
    "SELECT log.schema_version()::int8, " BUSINESS ","
    " EXISTS (SELECT FROM log.clock WHERE demo_now IS NOT NULL)",
    DB_ONE,
};

static const struct db_query expansion = {
    "status_store_expansion",
    "SELECT log.schema_expansion()::int8",
    DB_ONE,
};

static const struct db_query server = {
    "status_store_server",
    "SELECT split_part(current_setting('server_version'), ' ', 1), " MACHINE ","
    " pg_is_in_recovery(), pg_has_role(session_user, 'pg_read_all_stats', 'USAGE'),"
    " current_setting('synchronous_standby_names') <> '',"
    " current_setting('archive_mode') <> 'off', pg_database_size(d.oid),"
    " (SELECT sum(numbackends)::int8 FROM pg_stat_database),"
    " current_setting('max_connections')::int8, age(d.datfrozenxid)::int8,"
    " coalesce(s.checksum_failures, 0)"
    " FROM pg_database AS d JOIN pg_stat_database AS s ON s.datid = d.oid"
    " WHERE d.datname = current_database()",
    DB_ONE,
};

static const struct db_query oldest = {
    "status_store_oldest",
    "SELECT (extract(epoch FROM " MACHINE " - xact_start) * 1000000)::int8, pid::int8"
    " FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    " AND xact_start IS NOT NULL ORDER BY xact_start LIMIT 1",
    DB_OPTIONAL,
};

static const struct db_query standbys = {
    "status_store_standbys",
    "SELECT count(*), count(*) FILTER (WHERE sync_state IN ('sync', 'quorum')),"
    " coalesce((extract(epoch FROM max(replay_lag)) * 1000000)::int8, 0),"
    " coalesce(max(CASE WHEN NOT pg_is_in_recovery()"
    "  THEN pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::int8 END), 0),"
    " coalesce((SELECT max(CASE WHEN NOT pg_is_in_recovery()"
    "  THEN pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::int8 END)"
    "  FROM pg_replication_slots WHERE NOT active), 0)"
    " FROM pg_stat_replication WHERE state = 'streaming'",
    DB_ONE,
};

/* clang-format off */
static const struct db_query archive = {
    "status_store_archive",
    "SELECT " AGE(MACHINE, "last_archived_time") ", " AGE(MACHINE, "last_failed_time")
    " FROM pg_stat_archiver",
    DB_ONE,
};

/* Who may not read all settings is not told the folder. */
static const struct db_query place = {
    "status_store_place",
    "SELECT " AGE(MACHINE, "pg_postmaster_start_time()") ", inet_server_addr() IS NULL,"
    " coalesce((SELECT setting FROM pg_settings WHERE name = 'data_directory'), '')",
    DB_ONE,
};
/* clang-format on */

static void take_schema(const struct db_rows *r, struct status_facts *f)
{
    f->schema_version = db_get_int(r, 0, 0);
    f->server.business_us = db_get_time(r, 0, 1);
    f->server.is_demo = db_get_bool(r, 0, 2);
}

static void take_expansion(const struct db_rows *r, struct status_facts *f)
{
    f->schema_expansion = db_get_int(r, 0, 0);
}

static void take_server(const struct db_rows *r, struct status_facts *f)
{
    struct status_server *s = &f->server;
    (void)text_copy(s->version, sizeof(s->version), db_get_text(r, 0, 0));
    s->skew_us = instant_now_us() - db_get_time(r, 0, 1);
    s->is_standby = db_get_bool(r, 0, 2);
    s->sees_all = db_get_bool(r, 0, 3);
    s->waits_for_standby = db_get_bool(r, 0, 4);
    s->is_archived = db_get_bool(r, 0, 5);
    s->size_bytes = db_get_int(r, 0, 6);
    s->connections = db_get_int(r, 0, 7);
    s->connections_max = db_get_int(r, 0, 8);
    s->transactions_age = db_get_int(r, 0, 9);
    s->checksum_failures = db_get_int(r, 0, 10);
}

static void take_oldest(const struct db_rows *r, struct status_facts *f)
{
    if (db_row_count(r) > 0) {
        f->server.oldest_us = db_get_int(r, 0, 0);
        f->server.oldest_pid = db_get_int(r, 0, 1);
    }
}

static void take_standbys(const struct db_rows *r, struct status_facts *f)
{
    f->server.standbys = db_get_int(r, 0, 0);
    f->server.standbys_sync = db_get_int(r, 0, 1);
    f->server.standby_lag_us = db_get_int(r, 0, 2);
    f->server.standby_lag_bytes = db_get_int(r, 0, 3);
    f->server.slot_bytes = db_get_int(r, 0, 4);
}

static void take_archive(const struct db_rows *r, struct status_facts *f)
{
    f->server.archive_age_us = db_get_int(r, 0, 0);
    f->server.archive_failed_age_us = db_get_int(r, 0, 1);
}

static void take_place(const struct db_rows *r, struct status_facts *f)
{
    f->server.up_us = db_get_int(r, 0, 0);
    f->server.is_here = db_get_bool(r, 0, 1);
    (void)text_copy(f->server.data_folder, sizeof(f->server.data_folder), db_get_text(r, 0, 2));
}

/* ---- asking */

static void note_unread(struct status_facts *f, const char *part, const struct err *err)
{
    if (f->unread_count < STATUS_LIST_MAX) {
        struct status_unread *u = &f->unread[f->unread_count++];
        (void)text_copy(u->part, sizeof(u->part), part);
        (void)text_copy(u->why, sizeof(u->why), err->text);
    }
}

void status_server_store_ask(struct db *db, const struct status_question *q, struct status_facts *f)
{
    db_query(db, q->query, NULL);
    const struct db_reply *reply = db_run_wait(db);
    if (reply->outcome == DB_OK) {
        q->take(reply->rows[0], f);
    } else if (q->query != &expansion) { /* an older schema has none */
        note_unread(f, q->part, &reply->err);
    }
}

void status_server_store_read(struct db *db, struct status_facts *f)
{
    static const struct status_question questions[] = {
        {"schema",    &schema,    take_schema   },
        {"expansion", &expansion, take_expansion},
        {"server",    &server,    take_server   },
        {"sessions",  &oldest,    take_oldest   },
        {"standbys",  &standbys,  take_standbys },
        {"archive",   &archive,   take_archive  },
        {"server",    &place,     take_place    },
    };
    for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
        status_server_store_ask(db, &questions[i], f);
    }
}
