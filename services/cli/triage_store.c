/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/triage_store.h"

#define NOT_TOLD "" /* how it did on what it had not seen: whoever trained it knows */

static const struct db_query triage_store_add = {
    "triage_store_add", "SELECT intake.triage_install($1, $2, $3, $4, $5)", DB_ONE};

static const struct db_query triage_store_newest = {
    "triage_store_newest",
    "SELECT report, model FROM intake.triage_model_in_force ORDER BY purpose", DB_ROWS};

static const struct db_query triage_store_waiting = {
    "triage_store_waiting",
    "SELECT number, opened_at, channel, branch, count(*) OVER () FROM intake.case_undecided"
    " ORDER BY opened_at, number LIMIT $1",
    DB_ROWS};

static const struct db_reply *run(struct db *db, struct err *err)
{
    const struct db_reply *reply = db_run_wait(db);
    if (reply->outcome != DB_OK) {
        *err = reply->err;
        return NULL;
    }
    return reply;
}

static const char *text_or_null(const struct db_rows *rows, size_t row, int column)
{
    return db_is_null(rows, row, column) ? NULL : db_get_text(rows, row, column);
}

int triage_store_install(struct db *db, const struct triage_model *m, struct bytes file,
                         int32_t *ret_id, struct err *err)
{
    struct db_params p = {0};
    db_put_text(&p, triage_purpose_name(triage_model_facts(m)->purpose));
    db_put_text(&p, triage_model_hash(m));
    db_put_bytes(&p, file);
    db_put_text(&p, NOT_TOLD);
    db_put_time(&p, triage_model_facts(m)->trained_us);
    db_query(db, &triage_store_add, &p);
    db_params_free(&p);
    const struct db_reply *reply = run(db, err);
    if (!reply) {
        return -1;
    }
    *ret_id = (int32_t)db_get_int(reply->rows[0], 0, 0);
    return 0;
}

int triage_store_in_force(struct db *db, triage_store_model_fn *each, void *ctx, struct err *err)
{
    db_query(db, &triage_store_newest, NULL);
    const struct db_reply *reply = run(db, err);
    for (size_t i = 0; reply && i < db_row_count(reply->rows[0]); i++) {
        const struct triage_stored_model row = {
            .report = db_get_text(reply->rows[0], i, 0),
            .file = db_get_bytes(reply->rows[0], i, 1),
        };
        each(ctx, &row);
    }
    return reply ? 0 : -1;
}

int triage_store_undecided(struct db *db, int64_t limit, triage_store_undecided_fn *each, void *ctx,
                           struct err *err)
{
    struct db_params p = {0};
    db_put_int8(&p, limit);
    db_query(db, &triage_store_waiting, &p);
    db_params_free(&p);
    const struct db_reply *reply = run(db, err);
    for (size_t i = 0; reply && i < db_row_count(reply->rows[0]); i++) {
        const struct triage_undecided row = {
            .service_case = db_get_int(reply->rows[0], i, 0),
            .opened_us = db_get_time(reply->rows[0], i, 1),
            .channel = text_or_null(reply->rows[0], i, 2),
            .branch = text_or_null(reply->rows[0], i, 3),
            .in_all = db_get_int(reply->rows[0], i, 4),
        };
        each(ctx, &row);
    }
    return reply ? 0 : -1;
}
