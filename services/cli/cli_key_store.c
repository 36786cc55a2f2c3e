/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/cli_key_store.h"

static const struct db_query register_source = {
    .name = "cli_key_store_register",
    .sql = "SELECT intake.source_register($1, $2, $3, $4, log.now())",
    .shape = DB_ONE,
};

static const struct db_query revoke_source = {
    .name = "cli_key_store_revoke",
    .sql = "SELECT intake.source_revoke($1, log.now())",
    .shape = DB_ONE,
};

static const struct db_query list_sources = {
    .name = "cli_key_store_list",
    .sql = "SELECT id, name, public_key, array_to_string(rights, ','), is_historical,"
           " created_at, revoked_at"
           " FROM intake.source_public ORDER BY name",
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

int cli_key_store_revoke(struct db *db, const char *name, bool *ret_found, struct err *err)
{
    struct db_params params = {.count = 0};
    const struct db_reply *reply;

    db_put_text(&params, name);
    db_query(db, &revoke_source, &params);
    db_params_free(&params);
    reply = run(db, err);
    if (!reply) {
        return -1;
    }
    *ret_found = db_get_bool(reply->rows[0], 0, 0);
    return 0;
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
        };

        each(ctx, &row);
    }
    return 0;
}
