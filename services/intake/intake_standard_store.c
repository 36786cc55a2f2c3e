/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_standard_store.h"

#include "common/base/duration.h"

static const struct db_query intake_standard_add = {
    "intake_standard_add",
    "INSERT INTO intake.standard_version AS s (hash, body, first_used_at) VALUES ($1, $2, $3)"
    " ON CONFLICT (hash) DO UPDATE SET hash = excluded.hash RETURNING s.id",
    DB_ONE};

int intake_standard_register(struct db_pool *pool, const struct standard *s, int64_t now_us,
                             int32_t *ret_id, struct err *err)
{
    struct db_params p = {0};
    struct db *db = db_pool_wait(pool, 10 * DURATION_S, err);
    int rc = 0;
    if (!db) {
        return -1;
    }
    db_put_text(&p, standard_hash(s));
    db_put_text(&p, standard_text(s));
    db_put_time(&p, now_us);
    db_query(db, &intake_standard_add, &p);
    const struct db_reply *reply = db_run_wait(db);
    if (reply->outcome == DB_OK) {
        *ret_id = (int32_t)db_get_int(reply->rows[0], 0, 0);
    } else {
        rc = err_set(err, reply->err.code, "%s", reply->err.text);
    }
    db_release(db);
    db_params_free(&p);
    return rc;
}
