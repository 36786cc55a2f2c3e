/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/cli_key_store.h"

static const struct db_query register_source = {
    .name = "cli_key_store_register",
    .sql = "SELECT intake.source_register($1, $2, $3, $4, log.now(),"
           " string_to_array($5, ','), string_to_array($6, ','), string_to_array($7, ','), $8, $9)",
    .shape = DB_ONE,
};

static const struct db_query revoke_source = {
    .name = "cli_key_store_revoke",
    .sql = "SELECT intake.source_revoke($1, log.now())",
    .shape = DB_ONE,
};

static const struct db_query rotate_source = {
    .name = "cli_key_store_rotate",
    .sql = "SELECT intake.source_rotate($1, $2)",
    .shape = DB_ONE,
};

static const struct db_query set_token = {
    .name = "cli_key_store_set_token",
    .sql = "SELECT intake.source_set_token($1, $2)",
    .shape = DB_ONE,
};

/* Machine time: the clock of the server, and never a demo's. */
static const struct db_query rotate_beside = {
    .name = "cli_key_store_rotate_beside",
    .sql = "SELECT intake.source_rotate_beside($1, $2,"
           " clock_timestamp() + $3 * interval '1 microsecond')",
    .shape = DB_ONE,
};

static const struct db_query set_token_beside = {
    .name = "cli_key_store_set_token_beside",
    .sql = "SELECT intake.source_set_token_beside($1, $2,"
           " clock_timestamp() + $3 * interval '1 microsecond')",
    .shape = DB_ONE,
};

static const struct db_query finish_overlap = {
    .name = "cli_key_store_finish",
    .sql = "SELECT intake.source_end_overlap($1)",
    .shape = DB_ONE,
};

static const struct db_query list_sources = {
    .name = "cli_key_store_list",
    .sql = "SELECT id, name, public_key, array_to_string(rights, ','), is_historical,"
           " created_at, revoked_at, array_to_string(record_kinds, ','),"
           " array_to_string(branches, ','), array_to_string(disclosure_kinds, ','),"
           " rate_per_second, burst, token_digest IS NOT NULL,"
           " CASE WHEN former_key_until > clock_timestamp() THEN former_key_until END,"
           " CASE WHEN former_token_until > clock_timestamp() THEN former_token_until END"
           " FROM intake.source_public LEFT JOIN intake.source_former_public USING (id, name)"
           " ORDER BY name",
    .shape = DB_ROWS,
};

/* Runs what is queued; NULL with err when it did not work. */
static const struct db_reply *run(struct db *db, struct err *err)
{
    const struct db_reply *reply = db_run_wait(db);

    if (reply->outcome != DB_OK) {
        if (err) {
            *err = reply->err;
        }
        return NULL;
    }
    return reply;
}

static void put_count(struct db_params *params, int64_t count)
{
    if (count > 0) {
        db_put_int4(params, (int32_t)count);
    } else {
        db_put_null(params, DB_INT4);
    }
}

int cli_key_store_register(struct db *db, const struct key_registration *r, int64_t *ret_id,
                           struct err *err)
{
    struct db_params params = {.count = 0};
    struct db_array rights;
    const struct db_reply *reply;

    db_array_init(&rights, DB_TEXT);
    for (size_t i = 0; i < r->rights_count; i++) {
        db_array_add_text(&rights, r->rights[i]);
    }
    db_put_text(&params, r->name);
    db_put_bytes(&params, (struct bytes){.data = r->key, .len = sizeof(r->key)});
    db_put_array(&params, &rights);
    db_put_bool(&params, r->is_historical);
    db_put_text(&params, r->scope->kinds);
    db_put_text(&params, r->scope->branches);
    db_put_text(&params, r->scope->disclose);
    put_count(&params, r->scope->rate);
    put_count(&params, r->scope->burst);
    db_query(db, &register_source, &params);
    db_params_free(&params);
    db_array_free(&rights);
    reply = run(db, err);
    if (!reply) {
        return -1;
    }
    *ret_id = db_get_int(reply->rows[0], 0, 0);
    return 0;
}

static const struct db_rows *ask(struct db *db, const struct db_query *query,
                                 struct db_params *params, struct err *err)
{
    const struct db_reply *reply;

    db_query(db, query, params);
    db_params_free(params);
    reply = run(db, err);
    return reply ? reply->rows[0] : NULL;
}

/* A question whose answer is whether the name was found. */
static int change(struct db *db, const struct db_query *query, struct db_params *params,
                  bool *ret_found, struct err *err)
{
    const struct db_rows *rows = ask(db, query, params, err);

    *ret_found = rows && db_get_bool(rows, 0, 0);
    return rows ? 0 : -1;
}

/* What was before goes on: NULL for a name that was not found. */
static int change_beside(struct db *db, const struct db_query *query, struct db_params *params,
                         struct key_change *ret, struct err *err)
{
    const struct db_rows *rows = ask(db, query, params, err);

    ret->is_found = rows && !db_is_null(rows, 0, 0);
    ret->has_former = ret->is_found && db_get_bool(rows, 0, 0);
    return rows ? 0 : -1;
}

int cli_key_store_revoke(struct db *db, const char *name, bool *ret_found, struct err *err)
{
    struct db_params params = {.count = 0};

    db_put_text(&params, name);
    return change(db, &revoke_source, &params, ret_found, err);
}

int cli_key_store_finish(struct db *db, const char *name, bool *ret_found, struct err *err)
{
    struct db_params params = {.count = 0};

    db_put_text(&params, name);
    return change(db, &finish_overlap, &params, ret_found, err);
}

int cli_key_store_rotate(struct db *db, const char *name, const uint8_t key[PRINCIPAL_KEY_LEN],
                         int64_t overlap_us, struct key_change *ret, struct err *err)
{
    struct db_params params = {.count = 0};

    *ret = (struct key_change){.is_found = false};
    db_put_text(&params, name);
    db_put_bytes(&params, (struct bytes){.data = key, .len = PRINCIPAL_KEY_LEN});
    if (overlap_us > 0) {
        db_put_int8(&params, overlap_us);
        return change_beside(db, &rotate_beside, &params, ret, err);
    }
    return change(db, &rotate_source, &params, &ret->is_found, err);
}

int cli_key_store_set_token(struct db *db, const char *name, const uint8_t *digest,
                            int64_t overlap_us, struct key_change *ret, struct err *err)
{
    struct db_params params = {.count = 0};

    *ret = (struct key_change){.is_found = false};
    db_put_text(&params, name);
    db_put_bytes(&params, (struct bytes){.data = digest, .len = digest ? PRINCIPAL_TOKEN_LEN : 0});
    if (overlap_us > 0) {
        db_put_int8(&params, overlap_us);
        return change_beside(db, &set_token_beside, &params, ret, err);
    }
    return change(db, &set_token, &params, &ret->is_found, err);
}

/* NULL for SQL NULL. */
static const char *text_or_null(const struct db_rows *rows, size_t row, int column)
{
    return db_is_null(rows, row, column) ? NULL : db_get_text(rows, row, column);
}

int cli_key_store_list(struct db *db, cli_key_store_row_fn *each, void *ctx, struct err *err)
{
    const struct db_reply *reply;

    db_query(db, &list_sources, NULL);
    reply = run(db, err);
    if (!reply) {
        return -1;
    }
    for (size_t i = 0; i < db_row_count(reply->rows[0]); i++) {
        const struct db_rows *rows = reply->rows[0];
        const struct key_row row = {
            .id = db_get_int(rows, i, 0),
            .name = db_get_text(rows, i, 1),
            .key = db_get_bytes(rows, i, 2),
            .rights = db_get_text(rows, i, 3),
            .is_historical = db_get_bool(rows, i, 4),
            .created_us = db_get_time(rows, i, 5),
            .revoked_us = db_get_time(rows, i, 6),
            .scope = {.kinds = text_or_null(rows, i, 7),
                      .branches = text_or_null(rows, i, 8),
                      .disclose = text_or_null(rows, i, 9),
                      .rate = db_get_int(rows, i, 10),
                      .burst = db_get_int(rows, i, 11)},
            .has_token = db_get_bool(rows, i, 12),
            .former_key_us = db_get_time(rows, i, 13),
            .former_token_us = db_get_time(rows, i, 14),
        };

        each(ctx, &row);
    }
    return 0;
}
