/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_keyring_store.h"

#include <string.h>

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

static const struct db_query intake_keyring_put_use = {
    "intake_keyring_put_use",
    "INSERT INTO intake.master_key_use AS u (holder, known, sealing, at) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (holder) DO UPDATE SET known = excluded.known, sealing = excluded.sealing,"
    " at = excluded.at",
    DB_NONE};

/* Of processes that are long gone. */
static const struct db_query intake_keyring_forget = {
    "intake_keyring_forget",
    "DELETE FROM intake.master_key_use AS u WHERE u.at < $1::timestamptz - interval '1 day'"
    " AND NOT EXISTS (SELECT FROM intake.master_key_process AS p WHERE p.holder = u.holder)",
    DB_NONE};

/* What is retired wraps nothing any more, whoever knows nothing newer. */
static const struct db_query intake_keyring_known = {
    "intake_keyring_known",
    "SELECT CASE WHEN count(*) > 0 THEN greatest(min(known),"
    "            (SELECT min(generation) FROM intake.master_key"
    "              WHERE generation > 0 AND retired_at IS NULL)) END"
    "  FROM intake.master_key_process WHERE holder <> $1",
    DB_ONE};

/* Whoever retires it waits until this transaction has ended, and sees then what it wrapped. */
static const struct db_query intake_keyring_fence = {
    "intake_keyring_fence",
    "SELECT intake.expect_rows(count(*) FILTER (WHERE retired_at IS NOT NULL), 0)"
    "  FROM (SELECT retired_at FROM intake.master_key WHERE generation = $1 FOR SHARE) AS k",
    DB_HIDDEN};

static void add_one(struct db_columns *c, const struct keyring *k, int16_t generation)
{
    uint8_t print[KEYRING_HASH_LEN];
    (void)keyring_fingerprint(k, generation, print);
    db_array_add_int(&c->array[0], generation);
    db_array_add_bytes(&c->array[1], (struct bytes){print, sizeof(print)});
}

void intake_keyring_ask(struct db *db, const struct keyring *k, int64_t machine_now_us)
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
    db_put_time(&p, machine_now_us);
    db_query(db, &intake_keyring_add, &p);
    db_query(db, &intake_keyring_all, NULL);
    db_params_free(&p);
}

int intake_keyring_check(const struct db_rows *rows, const struct keyring *k, struct err *err)
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

void intake_keyring_announce(struct db *db, const struct keyring *k, const char *holder,
                             int64_t machine_now_us)
{
    struct db_params p = {0};
    db_put_time(&p, machine_now_us);
    db_query(db, &intake_keyring_forget, &p);
    db_params_free(&p);
    db_put_text(&p, holder);
    db_put_int2(&p, keyring_newest(k));
    db_put_int2(&p, keyring_sealing(k));
    db_put_time(&p, machine_now_us);
    db_query(db, &intake_keyring_put_use, &p);
    db_params_free(&p);
}

void intake_keyring_ask_known(struct db *db, const char *holder)
{
    struct db_params p = {0};
    db_put_text(&p, holder);
    db_query(db, &intake_keyring_known, &p);
    db_params_free(&p);
}

void intake_keyring_put_fence(struct db *db, int16_t generation)
{
    struct db_params p = {0};
    db_put_int2(&p, generation);
    db_query(db, &intake_keyring_fence, &p);
    db_params_free(&p);
}

bool intake_keyring_was_fenced(const struct db_reply *reply)
{
    return strcmp(reply->err.field, intake_keyring_fence.name) == 0 &&
           strcmp(reply->sqlstate, "40001") == 0;
}

static int failed(const struct db_reply *reply, struct err *err)
{
    return err_set(err, reply->err.code, "%s", reply->err.text);
}

/* Whoever starts with a generation that another cannot read yet must not wrap with it. */
static void choose_sealing(struct keyring *k, const struct db_rows *known)
{
    if (!db_is_null(known, 0, 0)) {
        keyring_seal_with(k, (int16_t)db_get_int(known, 0, 0));
    }
}

static int register_in(struct db *db, struct keyring *k, const char *holder, struct err *err)
{
    db_begin(db);
    intake_keyring_ask(db, k, instant_now_us());
    intake_keyring_ask_known(db, holder ? holder : "");
    const struct db_reply *reply = db_run_wait(db);
    if (reply->outcome != DB_OK) {
        return failed(reply, err);
    }
    int rc = intake_keyring_check(reply->rows[1], k, err);
    if (rc == 0 && holder) {
        choose_sealing(k, reply->rows[2]);
        intake_keyring_announce(db, k, holder, instant_now_us());
    }
    if (rc == 0) {
        db_commit(db);
    } else {
        db_rollback(db); /* a wrong file leaves no trace */
    }
    reply = db_run_wait(db);
    return rc == 0 && reply->outcome != DB_OK ? failed(reply, err) : rc;
}

int intake_keyring_register(struct db_pool *pool, struct keyring *k, const char *holder,
                            struct err *err)
{
    struct db *db = db_pool_wait(pool, 10 * DURATION_S, err);
    if (!db) {
        return -1;
    }
    int rc = register_in(db, k, holder, err);
    db_release(db);
    return rc;
}
