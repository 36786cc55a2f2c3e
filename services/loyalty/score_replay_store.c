/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/score_replay_store.h"

static const struct db_query read_slice = {
    .name = "score_replay_slice",
    .sql = "SELECT e.seq, e.body FROM log.event AS e WHERE e.stream = $1 AND e.bucket = $2"
           " AND e.seq > $3 AND e.seq <= $4 AND e.customer_id = ANY ($5::int8[])"
           " ORDER BY e.seq LIMIT $6",
    .shape = DB_ROWS,
};

static const struct db_query read_dropped = {
    .name = "score_replay_dropped",
    .sql = "SELECT max(closed_at) FROM log.event_part WHERE dropped_at IS NOT NULL",
    .shape = DB_ONE,
};

void score_replay_store_ask_dropped(struct db *db)
{
    const struct db_params none = {.count = 0};

    db_query(db, &read_dropped, &none);
}

void score_replay_store_ask(struct db *db, const struct replay_slice *slice)
{
    struct db_params params = {.count = 0};
    struct db_array customers;

    db_array_init(&customers, DB_INT8);
    for (size_t i = 0; i < slice->customer_count; i++) {
        db_array_add_int(&customers, slice->customers[i]);
    }
    db_put_text(&params, slice->stream);
    db_put_int2(&params, slice->bucket);
    db_put_int8(&params, slice->from);
    db_put_int8(&params, slice->to);
    db_put_array(&params, &customers);
    db_put_int4(&params, REPLAY_SLICE_ROWS);
    db_query(db, &read_slice, &params);
    db_array_free(&customers);
    db_params_free(&params);
}

void score_replay_store_take(const struct db_rows *rows, struct score_replay *replay)
{
    for (size_t row = 0; row < db_row_count(rows); row++) {
        score_replay_take(replay, db_get_int(rows, row, 0), db_get_bytes(rows, row, 1));
    }
}
