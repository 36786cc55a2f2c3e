/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_standard_store.h"

#include "common/base/duration.h"
#include "common/base/log.h"
#include "common/base/zone.h"

#define AT_START_US (10 * DURATION_S)

static const struct db_query intake_standard_insert = {
    "intake_standard_insert",
    "INSERT INTO intake.standard_version AS s (hash, body, first_used_at, tzdata)"
    " VALUES ($1, $2, $3, $4) ON CONFLICT (hash) DO UPDATE SET hash = excluded.hash RETURNING s.id",
    DB_ONE};

void intake_standard_add(struct db *db, const struct standard *s, int64_t now_us)
{
    char tzdata[ZONE_VERSION_SIZE];
    struct db_params p = {0};
    db_put_text(&p, standard_hash(s));
    db_put_text(&p, standard_text(s));
    db_put_time(&p, now_us);
    db_put_text(&p, zone_database_version(tzdata));
    db_query(db, &intake_standard_insert, &p);
    db_params_free(&p);
}

int intake_standard_register(struct db_pool *pool, const struct standard *s, int64_t now_us,
                             int32_t *ret_id, struct err *err)
{
    struct db *db = db_pool_wait(pool, AT_START_US, err);
    int rc = 0;
    if (!db) {
        return -1;
    }
    intake_standard_add(db, s, now_us);
    const struct db_reply *reply = db_run_wait(db);
    if (reply->outcome == DB_OK) {
        *ret_id = (int32_t)db_get_int(reply->rows[0], 0, 0);
    } else {
        rc = err_set(err, reply->err.code, "%s", reply->err.text);
    }
    db_release(db);
    return rc;
}

/* ---- onto the shelf */

static const struct db_query intake_standard_all = {
    "intake_standard_all", "SELECT id, hash, body FROM intake.standard_version", DB_ROWS};

static const struct db_query intake_standard_some = {
    "intake_standard_some",
    "SELECT id, hash, body FROM intake.standard_version WHERE id = ANY ($1::int4[])", DB_ROWS};

static void shelve(struct standard_shelf *shelf, const struct db_rows *rows, int64_t *unreadable)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        struct err err = ERR_NONE;
        int32_t id = (int32_t)db_get_int(rows, i, 0);
        if (standard_shelf_knows(shelf, id)) {
            continue;
        }
        struct standard *s = standard_parse(db_get_text(rows, i, 2), db_get_text(rows, i, 1), &err);
        if (!s) {
            *unreadable += 1;
            log_error("standard_unreadable", LOG_INT("id", id),
                      LOG_TEXT("hash", db_get_text(rows, i, 1)), LOG_ERR(&err));
        }
        standard_shelf_add(shelf, id, s);
    }
}

int intake_standard_load(struct db_pool *pool, struct standard_shelf *shelf,
                         int64_t *unreadable_gauge, struct err *err)
{
    struct db_params none = {0};
    struct db *db = db_pool_wait(pool, AT_START_US, err);
    int rc = 0;
    if (!db) {
        return -1;
    }
    db_query(db, &intake_standard_all, &none);
    const struct db_reply *reply = db_run_wait(db);
    if (reply->outcome == DB_OK) {
        shelve(shelf, reply->rows[0], unreadable_gauge);
    } else {
        rc = err_set(err, reply->err.code, "%s", reply->err.text);
    }
    db_release(db);
    return rc;
}

void intake_standard_ask(struct db *db, const int32_t *ids, size_t count)
{
    struct db_params p = {0};
    struct db_array list;
    db_array_init(&list, DB_INT4);
    for (size_t i = 0; i < count; i++) {
        db_array_add_int(&list, ids[i]);
    }
    db_put_array(&p, &list);
    db_query(db, &intake_standard_some, &p);
    db_array_free(&list);
    db_params_free(&p);
}

void intake_standard_fill(struct standard_shelf *shelf, const struct db_rows *rows,
                          const int32_t *ids, size_t count, int64_t *unreadable_gauge)
{
    shelve(shelf, rows, unreadable_gauge);
    for (size_t i = 0; i < count; i++) {
        if (!standard_shelf_knows(shelf, ids[i])) {
            *unreadable_gauge += 1;
            log_error("standard_missing", LOG_INT("id", ids[i]));
            standard_shelf_add(shelf, ids[i], NULL);
        }
    }
}
