/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/followup_store.h"

static const struct db_query number_blocks = {
    "followup_store_number_blocks",
    "SELECT nextval('followup.number_block') FROM generate_series(1, $1::int4)",
    DB_ROWS,
};

static const struct db_query worklist = {
    "followup_store_worklist",
    "SELECT " FOLLOWUP_STORE_COLUMNS " FROM followup.follow_up AS f"
    " WHERE cardinality($1::int2[]) = 0 OR f.state = ANY ($1)"
    " ORDER BY f.due_at DESC, f.number DESC LIMIT $2",
    DB_ROWS,
};

/* ---- rows in */

int64_t followup_store_get_number_block(const struct db_rows *r, size_t row)
{
    return db_get_int(r, row, 0);
}

/* ---- statements out */

void followup_store_put_number_blocks(struct db *db, int32_t count)
{
    struct db_params p = {.count = 0};
    db_put_int4(&p, count);
    db_query(db, &number_blocks, &p);
    db_params_free(&p);
}

void followup_store_put_worklist(struct db *db, const struct db_array *states, int32_t limit)
{
    struct db_params p = {.count = 0};
    db_put_array(&p, states);
    db_put_int4(&p, limit);
    db_query(db, &worklist, &p);
    db_params_free(&p);
}
