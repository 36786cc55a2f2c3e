/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_keyring_store.h"

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/runtime/db_columns.h"

static const struct db_query intake_keyring_add = {
    "intake_keyring_add",
    "INSERT INTO intake.master_key (generation, fingerprint, first_used_at)"
    " SELECT u.*, $3 FROM unnest($1::int2[], $2::bytea[]) AS u"
    " ON CONFLICT (generation) DO NOTHING",
    DB_NONE};

static const struct db_query intake_keyring_all = {
    "intake_keyring_all",
    "SELECT generation, fingerprint, retired_at FROM intake.master_key ORDER BY generation",
    DB_ROWS};

static void add_one(struct db_columns *c, const struct keyring *k, int16_t generation)
{
    uint8_t print[KEYRING_HASH_LEN];
    (void)keyring_fingerprint(k, generation, print);
    db_array_add_int(&c->array[0], generation);
    db_array_add_bytes(&c->array[1], (struct bytes){print, sizeof(print)});
}

static void ask(struct db *db, const struct keyring *k, int64_t now_us)
{
    static const enum db_type types[] = {DB_INT2, DB_BYTES};
    struct db_columns c;
    struct db_params p = {0};
    db_columns_init(&c, types, ARRAY_LEN(types));
    add_one(&c, k, 0);
    for (size_t i = 0; i < keyring_generation_count(k); i++) {
        add_one(&c, k, keyring_generation(k, i));
    }
    db_columns_put(&c, &p);
    db_put_time(&p, now_us);
    db_begin(db);
    db_query(db, &intake_keyring_add, &p);
    db_query(db, &intake_keyring_all, NULL);
    db_params_free(&p);
}

static int check(const struct db_rows *rows, const struct keyring *k, struct err *err)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        uint8_t print[KEYRING_HASH_LEN];
        int16_t generation = (int16_t)db_get_int(rows, i, 0);
        if (!keyring_fingerprint(k, generation, print)) {
            if (db_is_null(rows, i, 2)) {
                return err_set_field(err, "master_key_file", "master_key_file",
                                     "generation %d is not in the file, but still in use: it may "
                                     "go once the job rewrap-keys has said so",
                                     generation);
            }
        } else if (!bytes_equal(db_get_bytes(rows, i, 1), (struct bytes){print, sizeof(print)})) {
            return err_set_field(err, "master_key_file", "master_key_file",
                                 generation == 0
                                     ? "the lookup key is not the one that this database was "
                                       "written with (generation %d)"
                                     : "generation %d is another key than the one that was used "
                                       "under this number",
                                 generation);
        }
    }
    return 0;
}

static int failed(const struct db_reply *reply, struct err *err)
{
    return err_set(err, reply->err.code, "%s", reply->err.text);
}

int intake_keyring_register(struct db_pool *pool, const struct keyring *k, struct err *err)
{
    struct db *db = db_pool_wait(pool, 10 * DURATION_S, err);
    int rc = 0;
    if (!db) {
        return -1;
    }
    ask(db, k, instant_now_us());
    const struct db_reply *reply = db_run_wait(db);
    if (reply->outcome != DB_OK) {
        rc = failed(reply, err);
        db_release(db);
        return rc;
    }
    rc = check(reply->rows[1], k, err);
    if (rc == 0) {
        db_commit(db);
    } else {
        db_rollback(db); /* a wrong file leaves no trace */
    }
    reply = db_run_wait(db);
    if (rc == 0 && reply->outcome != DB_OK) {
        rc = failed(reply, err);
    }
    db_release(db);
    return rc;
}
