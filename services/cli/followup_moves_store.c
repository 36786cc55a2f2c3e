/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/followup_moves_store.h"

static const struct db_query moves = {
    "followup_moves_newest",
    "SELECT f.number, f.rule, coalesce(f.zone, ''), f.local_due AT TIME ZONE 'UTC', s.until_at,"
    "       s.reason, s.at, f.state"
    "  FROM followup.follow_up_step_public AS s"
    "  JOIN followup.follow_up_public AS f"
    "       ON f.bucket = s.bucket AND f.number = s.follow_up_number"
    " WHERE s.step = 'moved' AND s.reason LIKE 'zone %' ORDER BY s.at DESC, s.bucket, "
    "s.follow_up_number LIMIT $1",
    DB_ROWS};

enum {
    MOVE_NUMBER,
    MOVE_RULE,
    MOVE_ZONE,
    MOVE_LOCAL_DUE,
    MOVE_DUE,
    MOVE_REASON,
    MOVE_AT,
    MOVE_STATE,
};

int followup_moves_store_read(struct db *db, int32_t limit, followup_move_fn *each, void *ctx,
                              struct err *err)
{
    struct db_params p = {.count = 0};

    db_put_int4(&p, limit);
    db_query(db, &moves, &p);
    db_params_free(&p);
    const struct db_reply *reply = db_run_wait(db);
    if (reply->outcome != DB_OK) {
        *err = reply->err;
        return -1;
    }
    const struct db_rows *rows = reply->rows[0];
    for (size_t i = 0; i < db_row_count(rows); i++) {
        const struct followup_move move = {
            .number = db_get_int(rows, i, MOVE_NUMBER),
            .rule = db_get_text(rows, i, MOVE_RULE),
            .zone = db_get_text(rows, i, MOVE_ZONE),
            .local_due_us = db_get_time(rows, i, MOVE_LOCAL_DUE),
            .due_us = db_get_time(rows, i, MOVE_DUE),
            .reason = db_get_text(rows, i, MOVE_REASON),
            .moved_us = db_get_time(rows, i, MOVE_AT),
            .state = (int32_t)db_get_int(rows, i, MOVE_STATE),
        };
        each(ctx, &move);
    }
    return 0;
}
