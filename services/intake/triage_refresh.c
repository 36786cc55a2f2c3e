/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/triage_refresh.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "services/intake/triage_model_store.h"

#define LOOK_EVERY_US (2 * DURATION_S)
#define CONNECT_US    (10 * DURATION_S)

struct triage_refresh {
    struct db_pool *pool;
    struct contact_triage *triage;
    struct loop_timer *timer;
    struct db *db;                /* of the conversation under way */
    bool is_asking;               /* it is under way or waits for its connection */
    bool is_failing;              /* said so in the log */
    int64_t ids[TRIAGE_PURPOSES]; /* of the models that are here; 0: none */
};

/* Purposes of later versions are none of ours. */
static void read_ids(const struct db_rows *rows, int64_t ret[TRIAGE_PURPOSES])
{
    memset(ret, 0, TRIAGE_PURPOSES * sizeof(*ret));
    for (size_t i = 0; i < db_row_count(rows); i++) {
        enum triage_purpose purpose;
        if (triage_purpose_parse(db_get_text(rows, i, TRIAGE_MODEL_PURPOSE), &purpose) == 0) {
            ret[purpose] = db_get_int(rows, i, TRIAGE_MODEL_ID);
        }
    }
}

static bool are_here(const struct triage_refresh *r, const struct db_rows *rows)
{
    int64_t ids[TRIAGE_PURPOSES];
    read_ids(rows, ids);
    return memcmp(ids, r->ids, sizeof(ids)) == 0;
}

static void take_models(struct triage_refresh *r, const struct db_rows *rows)
{
    int64_t before[TRIAGE_PURPOSES];
    memcpy(before, r->ids, sizeof(before));
    read_ids(rows, r->ids);
    for (size_t i = 0; i < db_row_count(rows); i++) {
        enum triage_purpose purpose;
        if (triage_purpose_parse(db_get_text(rows, i, TRIAGE_MODEL_PURPOSE), &purpose) < 0 ||
            r->ids[purpose] == before[purpose]) {
            continue;
        }
        struct triage_model *m = triage_model_store_open(rows, i, purpose);
        contact_triage_set(r->triage, purpose, m);
        if (m) {
            log_info("triage_model_in_force", LOG_TEXT("purpose", triage_purpose_name(purpose)),
                     LOG_INT("id", r->ids[purpose]), LOG_TEXT("hash", triage_model_hash(m)));
        }
    }
    for (int purpose = TRIAGE_CATEGORY; purpose < TRIAGE_PURPOSES; purpose++) {
        if (r->ids[purpose] == 0 && before[purpose] != 0) {
            contact_triage_set(r->triage, (enum triage_purpose)purpose, NULL);
        }
    }
}

/* ---- while the loop turns */

static void end(struct triage_refresh *r)
{
    db_release(r->db);
    r->db = NULL;
    r->is_asking = false;
}

static bool is_answered(struct triage_refresh *r, const struct db_reply *reply)
{
    bool is_ok = reply->outcome == DB_OK;
    if (!is_ok && !r->is_failing) {
        log_warning("triage_models_unread", LOG_ERR(&reply->err));
    }
    r->is_failing = !is_ok;
    return is_ok;
}

static void on_models(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct triage_refresh *r = ctx;
    (void)db;
    if (is_answered(r, reply)) {
        take_models(r, reply->rows[0]);
    }
    end(r);
}

static void on_ids(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct triage_refresh *r = ctx;
    if (!is_answered(r, reply) || are_here(r, reply->rows[0])) {
        end(r);
        return;
    }
    triage_model_store_ask_models(db);
    db_run(db, on_models, r);
}

static void ask(void *ctx, struct db *db)
{
    struct triage_refresh *r = ctx;
    r->db = db;
    triage_model_store_ask_ids(db);
    db_run(db, on_ids, r);
}

static void on_timer(void *ctx)
{
    struct triage_refresh *r = ctx;
    loop_timer_after(r->timer, LOOK_EVERY_US);
    if (!r->is_asking) {
        r->is_asking = true;
        db_pool_submit(r->pool, ask, r);
    }
}

/* ---- life */

struct triage_refresh *triage_refresh_new(struct loop *loop, struct db_pool *pool,
                                          struct contact_triage *triage)
{
    struct triage_refresh *r = xcalloc(1, sizeof(*r));
    r->pool = pool;
    r->triage = triage;
    r->timer = loop_timer_new(loop, on_timer, r);
    return r;
}

void triage_refresh_free(struct triage_refresh *r)
{
    if (r) {
        if (r->db) {
            db_abandon(r->db);
        } else {
            db_pool_withdraw(r->pool, r);
        }
        loop_timer_free(r->timer);
        free(r);
    }
}

int triage_refresh_load(struct triage_refresh *r, struct err *err)
{
    struct db *db = db_pool_wait(r->pool, CONNECT_US, err);
    if (!db) {
        return -1;
    }
    triage_model_store_ask_models(db);
    const struct db_reply *reply = db_run_wait(db);
    bool is_ok = reply->outcome == DB_OK;
    if (is_ok) {
        take_models(r, reply->rows[0]);
        loop_timer_after(r->timer, LOOK_EVERY_US);
    } else {
        *err = reply->err;
    }
    db_release(db);
    return is_ok ? 0 : -1;
}
