/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_rewrap.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/domain/identifier.h"
#include "services/intake/intake_keyring_store.h"
#include "services/intake/intake_settings.h"
#include "services/intake/intake_upkeep_store.h"

enum {
    CONNECT_SECONDS = 10,
    TRIES_MAX = 20, /* of one slice: somebody else was in the way, or the connection went */
    PASSES_MAX = 10,
    COUNTS_MAX = KEYRING_GENERATIONS_MAX + 1
};

struct rewrap {
    struct service *service;
    struct db *db;
    const struct keyring *keyring;
    /* Intakes, before the first key was looked at: what they wrap later is wrapped anew, too. */
    int64_t unaware;   /* cannot read the newest generation yet */
    int64_t old;       /* may still wrap with an older one */
    int64_t rewrapped; /* in all */
    int64_t damaged;   /* in this pass */
    struct {
        int16_t generation;
        int64_t keys;
    } counts[COUNTS_MAX];
    size_t count;
};

static int failed(const struct db_reply *reply, struct err *err)
{
    return err_set(err, reply->err.code, "%s", reply->err.text);
}

/* ---- one slice: read and lock, wrap anew, write */

/* Adds the new form of row i; false when the old one does not open. */
static bool rewrap_row(struct rewrap *r, const struct db_rows *rows, size_t i,
                       struct db_columns *columns)
{
    int64_t customer = db_get_int(rows, i, 0);
    uint8_t key[KEYRING_KEY_LEN], wrapped[KEYRING_WRAPPED_LEN];
    struct err err = ERR_NONE;
    if (keyring_unwrap(r->keyring, customer, (int16_t)db_get_int(rows, i, 1),
                       db_get_bytes(rows, i, 2), key, &err) < 0) {
        log_error("key_not_rewrapped", LOG_INT("customer", customer), LOG_ERR(&err));
        return false;
    }
    keyring_wrap(r->keyring, customer, key, wrapped);
    sodium_memzero(key, sizeof(key));
    db_array_add_int(&columns->array[0], customer);
    db_array_add_bytes(&columns->array[1], (struct bytes){wrapped, sizeof(wrapped)});
    return true;
}

/* Returns how many rows there were, or -1 with retry or err. *after moves past them. */
static int slice(struct rewrap *r, int16_t bucket, int64_t *after, bool *ret_may_retry,
                 struct err *err)
{
    static const enum db_type types[] = {DB_INT8, DB_BYTES};
    struct db_columns columns;
    int64_t last = *after, done = 0;
    db_begin(r->db);
    intake_upkeep_read_keys(r->db, bucket, *after, keyring_newest(r->keyring));
    const struct db_reply *reply = db_run_wait(r->db);
    if (reply->outcome != DB_OK) {
        *ret_may_retry = reply->outcome == DB_RETRY;
        return failed(reply, err);
    }
    size_t count = db_row_count(reply->rows[0]);
    db_columns_init(&columns, types, ARRAY_LEN(types));
    for (size_t i = 0; i < count; i++) {
        last = db_get_int(reply->rows[0], i, 0);
        done += rewrap_row(r, reply->rows[0], i, &columns);
    }
    if (done > 0) {
        intake_keyring_put_fence(r->db, keyring_newest(r->keyring));
        intake_upkeep_write_keys(r->db, bucket, keyring_newest(r->keyring), &columns);
    } else {
        db_columns_free(&columns);
    }
    db_commit(r->db);
    reply = db_run_wait(r->db);
    if (reply->outcome != DB_OK) {
        *ret_may_retry = reply->outcome == DB_RETRY;
        return failed(reply, err);
    }
    r->rewrapped += done;
    r->damaged += (int64_t)count - done;
    *after = last;
    return (int)count;
}

static int rewrap_bucket(struct rewrap *r, int16_t bucket, struct err *err)
{
    int64_t after = 0;
    int tries = 0;
    while (!r->service->is_draining) {
        bool may_retry = false;
        int count = slice(r, bucket, &after, &may_retry, err);
        if (count == 0) {
            break;
        }
        if (count < 0 && (!may_retry || ++tries == TRIES_MAX)) {
            return -1;
        }
    }
    *err = ERR_NONE;
    return 0;
}

/* ---- what is left */

static void add_count(struct rewrap *r, int16_t generation, int64_t keys)
{
    size_t i = 0;
    while (i < r->count && r->counts[i].generation != generation) {
        i++;
    }
    if (i < COUNTS_MAX) {
        r->counts[i].generation = generation;
        r->counts[i].keys += keys;
        r->count += i == r->count;
    }
}

static int64_t keys_of(const struct rewrap *r, int16_t generation)
{
    for (size_t i = 0; i < r->count; i++) {
        if (r->counts[i].generation == generation) {
            return r->counts[i].keys;
        }
    }
    return 0;
}

/* Bucket by bucket: no snapshot lasts long. */
static int count_keys(struct rewrap *r, struct err *err)
{
    r->count = 0;
    memset(r->counts, 0, sizeof(r->counts));
    for (int16_t bucket = 0; bucket < BUCKET_COUNT && !r->service->is_draining; bucket++) {
        intake_upkeep_count_keys(r->db, bucket);
        const struct db_reply *reply = db_run_wait(r->db);
        if (reply->outcome != DB_OK) {
            return failed(reply, err);
        }
        for (size_t i = 0; i < db_row_count(reply->rows[0]); i++) {
            add_count(r, (int16_t)db_get_int(reply->rows[0], i, 0),
                      db_get_int(reply->rows[0], i, 1));
        }
    }
    return 0;
}

/* Keys of older generations that opened, or were not looked at. */
static int64_t old_keys(const struct rewrap *r)
{
    int64_t old = 0;
    for (size_t i = 0; i < r->count; i++) {
        old += r->counts[i].generation == keyring_newest(r->keyring) ? 0 : r->counts[i].keys;
    }
    return old;
}

static int rewrap_all(struct rewrap *r, struct err *err)
{
    for (int pass = 0; pass < PASSES_MAX && !r->service->is_draining; pass++) {
        r->damaged = 0;
        for (int16_t bucket = 0; bucket < BUCKET_COUNT; bucket++) {
            if (rewrap_bucket(r, bucket, err) < 0) {
                return -1;
            }
        }
        if (count_keys(r, err) < 0) {
            return -1;
        }
        if (old_keys(r) <= r->damaged) {
            break;
        }
    }
    return 0;
}

/* ---- the report */

static bool may_go(const struct rewrap *r, int16_t generation)
{
    return generation != keyring_newest(r->keyring) && keys_of(r, generation) == 0 && r->old == 0;
}

/* Retires those that nobody needs, or opens again those that somebody does. */
static int settle_each(struct rewrap *r, bool is_retiring, struct err *err)
{
    for (size_t i = 0; i < keyring_generation_count(r->keyring); i++) {
        const int16_t generation = keyring_generation(r->keyring, i);
        if (is_retiring && may_go(r, generation)) {
            intake_upkeep_retire(r->db, generation, instant_now_us());
        } else if (!is_retiring && keys_of(r, generation) > 0) {
            intake_upkeep_reopen(r->db, generation);
        } else {
            continue;
        }
        const struct db_reply *reply = db_run_wait(r->db);
        if (reply->outcome != DB_OK) {
            return failed(reply, err);
        }
    }
    return 0;
}

/* First nobody may wrap with them any more, then what is wrapped counts: an intake that we know
 * nothing of, for it was cut off, may have done so a moment ago. */
static int retire_old(struct rewrap *r, struct err *err)
{
    if (r->service->is_draining) {
        return 0;
    }
    if (settle_each(r, true, err) < 0 || count_keys(r, err) < 0) {
        return -1;
    }
    return settle_each(r, false, err);
}

/* With the older generations goes what backups of before hold of who was erased. */
static int report_erasures(struct rewrap *r, struct err *err)
{
    intake_upkeep_note_rotation(r->db, instant_now_us());
    const struct db_reply *reply = db_run_wait(r->db);
    if (reply->outcome != DB_OK) {
        return failed(reply, err);
    }
    const int64_t rotated = db_get_int(reply->rows[0], 0, 0);
    const int64_t waiting = db_get_int(reply->rows[0], 0, 1);
    if (rotated > 0 || waiting > 0) {
        (void)printf("erasures: %" PRId64
                     " out of reach of older backups once those generations are "
                     "destroyed, %" PRId64 " not yet\n",
                     rotated, waiting);
    }
    return 0;
}

static int report(struct rewrap *r, struct err *err)
{
    const int16_t newest = keyring_newest(r->keyring);
    (void)printf("rewrapped: %" PRId64 "\n", r->rewrapped);
    for (size_t i = 0; i < keyring_generation_count(r->keyring); i++) {
        int16_t generation = keyring_generation(r->keyring, i);
        int64_t keys = keys_of(r, generation);
        (void)printf("generation %d: %" PRId64 " keys%s\n", generation, keys,
                     generation == newest    ? ", the newest"
                     : may_go(r, generation) ? ", may be taken out of the file and destroyed"
                                             : ", still needed");
    }
    if (report_erasures(r, err) < 0) {
        return -1;
    }
    if (r->old > 0) {
        (void)printf("%" PRId64 " intakes do not seal with generation %d yet (%" PRId64
                     " do not know it): bring the file to each, send SIGHUP (a program of 0.1.0: "
                     "start it again), then run this again\n",
                     r->old, newest, r->unaware);
    }
    return r->damaged == 0 ? 0
                           : err_set(err, "key_damaged",
                                     "%" PRId64 " keys do not open; see the log", r->damaged);
}

/* What is wrapped with a generation that one of them does not know, that one could not read. */
static int rewrap_if_known(struct rewrap *r, struct err *err)
{
    intake_upkeep_count_old_processes(r->db, keyring_newest(r->keyring));
    const struct db_reply *reply = db_run_wait(r->db);
    if (reply->outcome != DB_OK) {
        return failed(reply, err);
    }
    r->unaware = db_get_int(reply->rows[0], 0, 0);
    r->old = db_get_int(reply->rows[0], 0, 1);
    return r->unaware > 0 ? count_keys(r, err) : rewrap_all(r, err);
}

static int run(struct service *s, struct keyring *keyring, struct err *err)
{
    struct rewrap r = {.service = s, .keyring = keyring};
    if (intake_keyring_register(s->db, keyring, NULL, err) < 0) {
        return -1;
    }
    r.db = db_pool_wait(s->db, CONNECT_SECONDS * DURATION_S, err);
    if (!r.db) {
        return -1;
    }
    int rc = rewrap_if_known(&r, err);
    if (rc == 0) {
        rc = retire_old(&r, err);
    }
    if (rc == 0 && s->is_draining) { /* keys were not counted to the end */
        (void)printf("stopped before the end; start it again to go on\n");
        rc = -1;
    } else if (rc == 0) {
        rc = report(&r, err);
    }
    db_release(r.db);
    return rc;
}

int intake_rewrap_run(struct service *s, struct err *err)
{
    const struct intake_settings *settings = s->settings;
    struct keyring *keyring = keyring_load(settings->master_key_file, err);
    int rc = keyring ? run(s, keyring, err) : -1;
    keyring_free(keyring);
    return rc;
}
