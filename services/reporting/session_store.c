/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/session_store.h"

#include "common/base/duration.h"
#include "common/base/text.h"
#include "services/reporting/account_delay.h"

#define WRITTEN_EACH_US (30 * DURATION_S)

enum {
    ID,
    NAME,
    ROLE,
    STAFF,
    LANGUAGE,
    CSRF,
};

static const struct db_query find_session = {
    .name = "session_store_find",
    .sql = "WITH s AS (SELECT token_hash, user_id, csrf_token, created_at, used_at"
           "  FROM reporting.user_session"
           "  WHERE token_hash = $1 AND expires_at > $2 AND used_at > $3),"
           " used AS (UPDATE reporting.user_session AS u SET used_at = $2 FROM s"
           "  WHERE u.token_hash = s.token_hash AND $4 AND s.used_at < $5)"
           " SELECT a.id, a.name, a.role, a.staff, a.language, s.csrf_token"
           " FROM s JOIN reporting.user_account AS a ON a.id = s.user_id"
           " WHERE a.disabled_at IS NULL AND s.created_at >= a.sessions_from",
    .shape = DB_OPTIONAL,
};

static const struct db_query find_name = {
    .name = "session_store_find_name",
    .sql = "SELECT id, name, role, staff, language, NULL::bytea FROM reporting.user_account"
           " WHERE name = $1 AND disabled_at IS NULL",
    .shape = DB_OPTIONAL,
};

static const struct db_query start_session = {
    .name = "session_store_start",
    .sql = "WITH old AS (DELETE FROM reporting.user_session WHERE token_hash IN"
           "  (SELECT token_hash FROM reporting.user_session WHERE user_id = $2"
           "   ORDER BY used_at DESC OFFSET 19))"
           " INSERT INTO reporting.user_session"
           "  (token_hash, user_id, csrf_token, created_at, used_at, expires_at)"
           " SELECT $1, id, $3, $4, $4, $5 FROM reporting.user_account"
           " WHERE id = $2 AND disabled_at IS NULL AND password_hash = $6 RETURNING user_id",
    .shape = DB_OPTIONAL,
};

static const struct db_query end_session = {
    .name = "session_store_end",
    .sql = "DELETE FROM reporting.user_session WHERE token_hash = $1",
    .shape = DB_NONE,
};

static const struct db_query end_others = {
    .name = "session_store_end_others",
    .sql = "WITH kept AS (UPDATE reporting.user_session SET created_at = $3"
           "  WHERE user_id = $1 AND token_hash = $2)"
           " DELETE FROM reporting.user_session"
           " WHERE user_id = $1 AND token_hash IS DISTINCT FROM $2",
    .shape = DB_NONE,
};

static const struct db_query sweep_sessions = {
    .name = "session_store_sweep",
    .sql = "DELETE FROM reporting.user_session WHERE expires_at <= $1 OR used_at <= $2",
    .shape = DB_NONE,
};

static const struct db_query sweep_failures = {
    .name = "session_store_sweep_failures",
    .sql = "DELETE FROM reporting.login_failure WHERE last_at <= $1"
           " AND (succeeded_at IS NULL OR succeeded_at <= $2)",
    .shape = DB_NONE,
};

static struct bytes hash_bytes(const uint8_t *hash)
{
    return (struct bytes){hash, hash ? WEB_SESSION_HASH_LEN : 0};
}

void session_store_put_find(struct db *db, const struct session_look *look)
{
    struct db_params params = {.count = 0};
    int64_t each_us = look->idle_us / 10 < WRITTEN_EACH_US ? look->idle_us / 10 : WRITTEN_EACH_US;
    db_put_bytes(&params, hash_bytes(look->hash));
    db_put_time(&params, look->now_us);
    db_put_time(&params, look->now_us - look->idle_us);
    db_put_bool(&params, look->is_use);
    db_put_time(&params, look->now_us - each_us);
    db_query(db, &find_session, &params);
    db_params_free(&params);
}

void session_store_put_find_name(struct db *db, const char *name)
{
    struct db_params params = {.count = 0};
    db_put_text(&params, name);
    db_query(db, &find_name, &params);
    db_params_free(&params);
}

bool session_store_take(const struct db_rows *rows, struct web_identity *ret)
{
    if (db_row_count(rows) == 0) {
        return false;
    }
    struct web_user *user = &ret->user;
    struct bytes csrf = db_get_bytes(rows, 0, CSRF);
    user->id = db_get_int(rows, 0, ID);
    user->role = (enum web_role)db_get_int(rows, 0, ROLE);
    (void)text_copy(user->name, sizeof(user->name), db_get_text(rows, 0, NAME));
    (void)text_copy(user->staff, sizeof(user->staff), db_get_text(rows, 0, STAFF));
    (void)text_copy(user->language, sizeof(user->language), db_get_text(rows, 0, LANGUAGE));
    if (csrf.len == WEB_CSRF_LEN) {
        bytes_to_hex(csrf, ret->csrf);
    }
    return true;
}

void session_store_put_start(struct db *db, const struct session_start *start)
{
    struct db_params params = {.count = 0};
    db_put_bytes(&params, hash_bytes(start->hash));
    db_put_int8(&params, start->user);
    db_put_bytes(&params, (struct bytes){start->csrf, WEB_CSRF_LEN});
    db_put_time(&params, start->now_us);
    db_put_time(&params, start->expires_us);
    db_put_text(&params, start->password_hash);
    db_query(db, &start_session, &params);
    db_params_free(&params);
}

void session_store_put_end(struct db *db, const uint8_t *hash)
{
    struct db_params params = {.count = 0};
    db_put_bytes(&params, hash_bytes(hash));
    db_query(db, &end_session, &params);
    db_params_free(&params);
}

void session_store_put_end_others(struct db *db, int64_t user, const uint8_t *keep, int64_t now_us)
{
    struct db_params params = {.count = 0};
    db_put_int8(&params, user);
    db_put_bytes(&params, hash_bytes(keep));
    db_put_time(&params, now_us);
    db_query(db, &end_others, &params);
    db_params_free(&params);
}

void session_store_put_sweep(struct db *db, int64_t now_us, int64_t idle_us,
                             int64_t failures_until_us)
{
    struct db_params params = {.count = 0};
    db_put_time(&params, now_us);
    db_put_time(&params, now_us - idle_us);
    db_query(db, &sweep_sessions, &params);
    db_params_clear(&params);
    db_put_time(&params, failures_until_us);
    db_put_time(&params, failures_until_us + ACCOUNT_FORGOTTEN_US - ACCOUNT_KNOWN_US);
    db_query(db, &sweep_failures, &params);
    db_params_free(&params);
}
