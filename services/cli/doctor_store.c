/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/doctor_store.h"

#include "common/base/instant.h"
#include "common/base/text.h"

static const struct db_query settings = {
    "doctor_store_settings",
    "SELECT current_setting('server_version_num')::int8, current_setting('fsync')::bool,"
    " current_setting('full_page_writes')::bool, current_setting('data_checksums')::bool,"
    " current_setting('synchronous_commit') <> 'off', current_setting('archive_mode') <> 'off',"
    " current_setting('server_encoding') = 'UTF8', current_setting('wal_level'),"
    " current_setting('server_encoding'), current_setting('max_connections')::int8,"
    " coalesce((SELECT coalesce(r.rolname, d.datname, 'all')::text FROM pg_db_role_setting AS s"
    "  LEFT JOIN pg_roles AS r ON r.oid = s.setrole LEFT JOIN pg_database AS d"
    "  ON d.oid = s.setdatabase WHERE 'synchronous_commit=off' = ANY (s.setconfig)"
    "  AND (s.setdatabase = 0 OR d.datname = current_database()) LIMIT 1), ''), clock_timestamp()",
    DB_ONE,
};

static const struct db_query schema = {"doctor_store_schema", "SELECT log.schema_version()::int8",
                                       DB_ONE};

static const struct db_query expansion = {"doctor_store_expansion",
                                          "SELECT log.schema_expansion()::int8", DB_ONE};

/* Each role, whose schemas it writes; nobody else does. */
#define ROLES                                                                                      \
    "(VALUES ('troth_intake', '{intake,audit}'::text[]), ('troth_followup', '{followup}'),"        \
    " ('troth_loyalty', '{loyalty}'), ('troth_reporting', '{reporting}'), ('troth_operator', "     \
    "'{}')) AS w (role, schemas)"

static const struct db_query roles = {
    "doctor_store_roles",
    "SELECT w.role || CASE WHEN r.oid IS NULL THEN ' does not exist'"
    " WHEN NOT r.rolcanlogin THEN ' may not log in'"
    " WHEN r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolbypassrls OR r.rolreplication"
    "  THEN ' has power over the server'"
    " WHEN pg_has_role(r.oid, 'troth_owner', 'MEMBER') THEN ' may act as the owner'"
    " ELSE ' may not connect' END"
    " FROM " ROLES " LEFT JOIN pg_roles AS r ON r.rolname = w.role"
    " WHERE r.oid IS NULL OR NOT r.rolcanlogin OR r.rolsuper OR r.rolcreaterole OR r.rolcreatedb"
    " OR r.rolbypassrls OR r.rolreplication OR pg_has_role(r.oid, 'troth_owner', 'MEMBER')"
    " OR NOT has_database_privilege(r.oid, current_database(), 'CONNECT')"
    " UNION ALL SELECT 'everybody may connect' FROM pg_database AS d, aclexplode(d.datacl) AS a"
    "  WHERE d.datname = current_database() AND a.grantee = 0 AND a.privilege_type = 'CONNECT'"
    " UNION ALL SELECT 'everybody may connect' FROM pg_database"
    "  WHERE datname = current_database() AND datacl IS NULL"
    " LIMIT 16",
    DB_ROWS,
};

/* Tables are few, so each is looked at. */
#define TABLES                                                                                     \
    "pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname IN ('log',"      \
    " 'intake', 'followup', 'loyalty', 'reporting', 'audit') AND c.relkind IN ('r', 'p', 'v')"

static const struct db_query too_much = {
    "doctor_store_too_much",
    "SELECT w.role || ' may write ' || n.nspname || '.' || c.relname FROM " ROLES
    " JOIN pg_roles AS r ON r.rolname = w.role CROSS JOIN " TABLES
    " WHERE n.nspname <> ALL (w.schemas) AND NOT r.rolsuper"
    " AND (w.role, c.relname) <> ('troth_operator', 'user_account')" /* makes the first account */
    " AND has_table_privilege(r.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')"
    " UNION ALL SELECT 'everybody may use ' || n.nspname || '.' || c.relname"
    " FROM " TABLES " CROSS JOIN aclexplode(c.relacl) AS a WHERE a.grantee = 0"
    " UNION ALL SELECT n.nspname || '.' || c.relname || ' does not belong to troth_owner'"
    " FROM " TABLES " WHERE c.relowner <> (SELECT oid FROM pg_roles WHERE rolname = 'troth_owner')"
    " ORDER BY 1 LIMIT 16",
    DB_ROWS,
};

/* What every service does: read the log, append, read its own tables, let events be its own. */
static const struct db_query too_little = {
    "doctor_store_too_little",
    "SELECT w.role || ' may not read ' || n.nspname || '.' || c.relname FROM " ROLES
    " JOIN pg_roles AS r ON r.rolname = w.role JOIN " TABLES
    " ON (n.nspname = ANY (w.schemas) OR n.nspname = 'log' AND c.relname IN ('event', 'head',"
    "  'consumer_cursor', 'lease', 'clock'))"
    " WHERE c.relkind <> 'v' AND c.relname NOT IN ('source', 'source_revision', 'user_account')"
    " AND NOT (has_schema_privilege(r.oid, n.oid, 'USAGE')"
    "  AND has_table_privilege(r.oid, c.oid, 'SELECT'))"
    " UNION ALL SELECT w.role || ' may not call ' || p.oid::regproc::text FROM " ROLES
    " JOIN pg_roles AS r ON r.rolname = w.role CROSS JOIN pg_proc AS p"
    " WHERE w.role <> 'troth_operator' AND p.pronamespace = 'log'::regnamespace"
    " AND p.proname IN ('append', 'append_at', 'heads', 'advance', 'lease_take', 'lease_hold',"
    "  'heartbeat', 'now') AND NOT has_function_privilege(r.oid, p.oid, 'EXECUTE')"
    " ORDER BY 1 LIMIT 16",
    DB_ROWS,
};

static const struct db_query offsets = {
    "doctor_store_offsets",
    "SELECT extract(epoch FROM (i AT TIME ZONE $1) - (i AT TIME ZONE 'UTC'))::int8"
    " FROM unnest($2::timestamptz[]) WITH ORDINALITY AS u (i, place) ORDER BY place",
    DB_ROWS,
};

static const struct db_query source = {
    "doctor_store_source",
    "SELECT name, revoked_at IS NOT NULL, array_to_string(ARRAY("
    " SELECT n FROM unnest(string_to_array($2, ',')) AS n WHERE n <> ALL (rights)), ', ')"
    " FROM intake.source_public WHERE public_key = $1 LIMIT 1",
    DB_OPTIONAL,
};

static const struct db_query alive = {
    "doctor_store_alive",
    "SELECT count(DISTINCT l.holder) FROM log.lease AS l JOIN log.alive AS a ON a.holder = l.holder"
    " WHERE l.resource LIKE 'member/%' AND split_part(l.resource, '/', 3) = $1"
    " AND a.at > clock_timestamp() - interval '15 seconds'",
    DB_ONE,
};

/* NULL with err: it could not be answered. */
static const struct db_rows *ask(struct db *db, const struct db_query *q, struct db_params *p,
                                 struct err *err)
{
    db_query(db, q, p);
    if (p) {
        db_params_free(p);
    }
    const struct db_reply *reply = db_run_wait(db);
    if (reply->outcome != DB_OK) {
        *err = reply->err;
        return NULL;
    }
    return reply->rows[0];
}

int doctor_store_settings(struct db *db, struct doctor_settings *ret, struct err *err)
{
    const struct db_rows *r = ask(db, &settings, NULL, err);
    if (!r) {
        return -1;
    }
    *ret = (struct doctor_settings){
        .version = db_get_int(r, 0, 0),
        .has_fsync = db_get_bool(r, 0, 1),
        .has_full_pages = db_get_bool(r, 0, 2),
        .has_checksums = db_get_bool(r, 0, 3),
        .commits_locally = db_get_bool(r, 0, 4),
        .is_archived = db_get_bool(r, 0, 5),
        .is_utf8 = db_get_bool(r, 0, 6),
        .connections_max = db_get_int(r, 0, 9),
        .skew_us = instant_now_us() - db_get_time(r, 0, 11),
    };
    (void)text_copy(ret->wal_level, sizeof(ret->wal_level), db_get_text(r, 0, 7));
    (void)text_copy(ret->encoding, sizeof(ret->encoding), db_get_text(r, 0, 8));
    (void)text_copy(ret->weakened, sizeof(ret->weakened), db_get_text(r, 0, 10));
    return 0;
}

static int ask_number(struct db *db, const struct db_query *q, struct db_params *p, int64_t *ret,
                      struct err *err)
{
    const struct db_rows *r = ask(db, q, p, err);
    if (!r) {
        return -1;
    }
    *ret = db_get_int(r, 0, 0);
    return 0;
}

int doctor_store_schema(struct db *db, int64_t *ret_version, struct err *err)
{
    return ask_number(db, &schema, NULL, ret_version, err);
}

int doctor_store_expansion(struct db *db, int64_t *ret_expansion, struct err *err)
{
    return ask_number(db, &expansion, NULL, ret_expansion, err);
}

static int ask_lines(struct db *db, const struct db_query *q, struct doctor_lines *ret,
                     struct err *err)
{
    const struct db_rows *r = ask(db, q, NULL, err);
    if (!r) {
        return -1;
    }
    ret->count = 0;
    for (size_t i = 0; i < db_row_count(r) && i < DOCTOR_ROWS_MAX; i++) {
        (void)text_copy(ret->line[ret->count++], DOCTOR_WORD_SIZE, db_get_text(r, i, 0));
    }
    return 0;
}

int doctor_store_roles(struct db *db, struct doctor_lines *ret, struct err *err)
{
    return ask_lines(db, &roles, ret, err);
}

int doctor_store_too_much(struct db *db, struct doctor_lines *ret, struct err *err)
{
    return ask_lines(db, &too_much, ret, err);
}

int doctor_store_too_little(struct db *db, struct doctor_lines *ret, struct err *err)
{
    return ask_lines(db, &too_little, ret, err);
}

int doctor_store_offsets(struct db *db, const char *zone, const int64_t *us, size_t count,
                         int64_t *ret_s, struct err *err)
{
    struct db_params p = {.count = 0};
    struct db_array instants;
    db_array_init(&instants, DB_TIME);
    for (size_t i = 0; i < count; i++) {
        db_array_add_time(&instants, us[i]);
    }
    db_put_text(&p, zone);
    db_put_array(&p, &instants);
    db_array_free(&instants);
    const struct db_rows *r = ask(db, &offsets, &p, err);
    for (size_t i = 0; r && i < count && i < db_row_count(r); i++) {
        ret_s[i] = db_get_int(r, i, 0);
    }
    return r ? 0 : -1;
}

int doctor_store_source(struct db *db, struct bytes public_key, const char *rights,
                        struct doctor_source *ret, struct err *err)
{
    struct db_params p = {.count = 0};
    db_put_bytes(&p, public_key);
    db_put_text(&p, rights);
    const struct db_rows *r = ask(db, &source, &p, err);
    if (!r) {
        return -1;
    }
    *ret = (struct doctor_source){.is_revoked = false};
    if (db_row_count(r) > 0) {
        (void)text_copy(ret->name, sizeof(ret->name), db_get_text(r, 0, 0));
        ret->is_revoked = db_get_bool(r, 0, 1);
        (void)text_copy(ret->lacks, sizeof(ret->lacks), db_get_text(r, 0, 2));
    }
    return 0;
}

int doctor_store_alive(struct db *db, const char *service, int64_t *ret_count, struct err *err)
{
    struct db_params p = {.count = 0};
    db_put_text(&p, service);
    return ask_number(db, &alive, &p, ret_count, err);
}
