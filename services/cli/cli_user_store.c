/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/cli_user_store.h"

static const struct db_query add_user = {
    .name = "cli_user_store_add",
    .sql = "INSERT INTO reporting.user_account"
           " (name, role, password_hash, staff, language, created_at, sessions_from)"
           " VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT DO NOTHING RETURNING id",
    .shape = DB_OPTIONAL,
};

static const struct db_query set_password = {
    .name = "cli_user_store_set_password",
    .sql = "UPDATE reporting.user_account SET password_hash = $2, sessions_from = $3"
           " WHERE name = $1 RETURNING id",
    .shape = DB_OPTIONAL,
};

/* Two who end each other at once come one after the other, and the second is the last. */
static const struct db_query lock_admins = {
    .name = "cli_user_store_lock_admins",
    .sql = "SELECT id FROM reporting.user_account WHERE role = 4 AND disabled_at IS NULL"
           " ORDER BY id FOR UPDATE",
    .shape = DB_ROWS,
};

#define UNLESS_LAST_ADMIN                                                                          \
    "  FROM was WHERE u.id = was.id AND (NOT was.is_ending_admin OR EXISTS ("                      \
    "   SELECT FROM reporting.user_account AS o"                                                   \
    "    WHERE o.role = 4 AND o.disabled_at IS NULL AND o.id <> u.id)) RETURNING u.id)"            \
    " SELECT a.id IS NOT NULL FROM was LEFT JOIN a ON a.id = was.id"

static const struct db_query set_disabled = {
    .name = "cli_user_store_set_disabled",
    .sql = "WITH was AS (SELECT id, role = 4 AND disabled_at IS NULL AND $2 AS is_ending_admin"
           "   FROM reporting.user_account WHERE name = $1),"
           " a AS (UPDATE reporting.user_account AS u SET"
           "  disabled_at = CASE WHEN $2 THEN coalesce(disabled_at, $3) END,"
           "  sessions_from = CASE WHEN $2 THEN $3 ELSE sessions_from END" UNLESS_LAST_ADMIN,
    .shape = DB_OPTIONAL,
};

static const struct db_query set_user = {
    .name = "cli_user_store_set",
    .sql = "WITH was AS (SELECT id, role = 4 AND disabled_at IS NULL AND coalesce($2, role) <> 4"
           "    AS is_ending_admin FROM reporting.user_account WHERE name = $1),"
           " a AS (UPDATE reporting.user_account AS u SET role = coalesce($2, role),"
           "  staff = coalesce($3, staff), language = coalesce($4, language)" UNLESS_LAST_ADMIN,
    .shape = DB_OPTIONAL,
};

static const struct db_query list_users = {
    .name = "cli_user_store_list",
    .sql = "SELECT name, role, has_password, staff, language, created_at, disabled_at"
           " FROM reporting.user_account ORDER BY name",
    .shape = DB_ROWS,
};

/* Takes the parameters over. */
static int change(struct db *db, const struct db_query *query, struct db_params *params,
                  enum cli_user_done *ret_done, struct err *err)
{
    db_query(db, query, params);
    db_params_free(params);
    const struct db_reply *reply = db_run_wait(db);
    if (reply->outcome != DB_OK) {
        *err = reply->err;
        return -1;
    }
    *ret_done = db_row_count(reply->rows[0]) > 0 ? CLI_USER_DONE : CLI_USER_NAME;
    return 0;
}

/* The same of what may end an admin. */
static int change_role(struct db *db, const struct db_query *query, struct db_params *params,
                       enum cli_user_done *ret_done, struct err *err)
{
    db_begin(db);
    db_query(db, &lock_admins, NULL);
    db_query(db, query, params);
    db_commit(db);
    db_params_free(params);
    const struct db_reply *reply = db_run_wait(db);
    if (reply->outcome != DB_OK) {
        *err = reply->err;
        return -1;
    }
    const struct db_rows *rows = reply->rows[1];
    if (db_row_count(rows) == 0) {
        *ret_done = CLI_USER_NAME;
    } else {
        *ret_done = db_get_bool(rows, 0, 0) ? CLI_USER_DONE : CLI_USER_LAST_ADMIN;
    }
    return 0;
}

int cli_user_store_add(struct db *db, const struct cli_user *user, enum cli_user_done *ret_done,
                       struct err *err)
{
    struct db_params params = {.count = 0};
    db_put_text(&params, user->name);
    db_put_int2(&params, user->role);
    db_put_text(&params, user->hash);
    db_put_text(&params, user->staff);
    db_put_text(&params, user->language);
    db_put_time(&params, user->now_us);
    return change(db, &add_user, &params, ret_done, err);
}

int cli_user_store_set_password(struct db *db, const struct cli_user *user,
                                enum cli_user_done *ret_done, struct err *err)
{
    struct db_params params = {.count = 0};
    db_put_text(&params, user->name);
    db_put_text(&params, user->hash);
    db_put_time(&params, user->now_us);
    return change(db, &set_password, &params, ret_done, err);
}

int cli_user_store_set_disabled(struct db *db, const struct cli_user *user, bool is_disabled,
                                enum cli_user_done *ret_done, struct err *err)
{
    struct db_params params = {.count = 0};
    db_put_text(&params, user->name);
    db_put_bool(&params, is_disabled);
    db_put_time(&params, user->now_us);
    return change_role(db, &set_disabled, &params, ret_done, err);
}

int cli_user_store_set(struct db *db, const struct cli_user *user, enum cli_user_done *ret_done,
                       struct err *err)
{
    struct db_params params = {.count = 0};
    db_put_text(&params, user->name);
    if (user->role) {
        db_put_int2(&params, user->role);
    } else {
        db_put_null(&params, DB_INT2);
    }
    db_put_text(&params, user->staff);
    db_put_text(&params, user->language);
    return change_role(db, &set_user, &params, ret_done, err);
}

int cli_user_store_list(struct db *db, cli_user_row_fn *each, void *ctx, struct err *err)
{
    db_query(db, &list_users, NULL);
    const struct db_reply *reply = db_run_wait(db);
    if (reply->outcome != DB_OK) {
        *err = reply->err;
        return -1;
    }
    const struct db_rows *rows = reply->rows[0];
    for (size_t i = 0; i < db_row_count(rows); i++) {
        each(ctx, &(struct cli_user_row){
                      .name = db_get_text(rows, i, 0),
                      .role = (int16_t)db_get_int(rows, i, 1),
                      .has_password = db_get_bool(rows, i, 2),
                      .staff = db_get_text(rows, i, 3),
                      .language = db_get_text(rows, i, 4),
                      .created_us = db_get_time(rows, i, 5),
                      .disabled_us = db_get_time(rows, i, 6),
                  });
    }
    return 0;
}
