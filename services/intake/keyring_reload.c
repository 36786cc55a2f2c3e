/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/keyring_reload.h"

#include <stdlib.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "services/intake/intake.h"
#include "services/intake/intake_keyring_store.h"
#include "services/intake/intake_lane.h"

#define LOOK_US DURATION_S         /* at the others, and again after a failure */
#define PASS_US (20 * DURATION_MS) /* at our own lanes */

struct keyring_reload {
    struct intake *in;
    struct loop_timer *timer;
    struct keyring *next; /* was read and is not checked yet; NULL: none */
    int64_t again_us;     /* not earlier, monotonic */
    struct db *db;        /* of the conversation under way */
    bool is_busy;         /* it is under way, or waits for its connection */
    bool must_announce;
    bool is_passing; /* until the lanes are past their marks */
    uint64_t marks[INTAKE_LANES_MAX];
};

static bool is_settled(const struct keyring_reload *r)
{
    return !r->next && !r->must_announce && !r->is_passing &&
           keyring_sealing(r->in->keyring) == keyring_newest(r->in->keyring);
}

static void end(struct keyring_reload *r, int64_t wait_us)
{
    struct db *db = r->db;
    r->db = NULL;
    r->is_busy = false;
    db_release(db);
    if (!is_settled(r)) {
        loop_timer_after(r->timer, wait_us);
    }
}

static void fail(struct keyring_reload *r, const struct db_reply *reply)
{
    log_warning("master_key_waits", LOG_ERR(&reply->err));
    end(r, LOOK_US);
}

static void refuse(const struct err *err)
{
    log_error("master_key_refused", LOG_ERR(err),
              LOG_TEXT("next", "the keys of before go on; put the file right and send SIGHUP"));
}

/* ---- what the file has, and what the others are told */

static void on_announced(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct keyring_reload *r = ctx;
    (void)db;
    if (reply->outcome != DB_OK) {
        r->must_announce = true;
        fail(r, reply);
        return;
    }
    log_info("master_key_known", LOG_INT("newest", keyring_newest(r->in->keyring)),
             LOG_INT("sealing", keyring_sealing(r->in->keyring)),
             LOG_INT("generations", (int64_t)keyring_generation_count(r->in->keyring)));
    end(r, 0);
}

static void on_refused(void *ctx, struct db *db, const struct db_reply *reply)
{
    (void)db;
    (void)reply;
    end(ctx, LOOK_US);
}

static void on_listed(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct keyring_reload *r = ctx;
    struct err err = ERR_NONE;
    if (reply->outcome != DB_OK) {
        fail(r, reply);
        return;
    }
    struct keyring *next = r->next;
    r->next = NULL;
    if (next && intake_keyring_check(reply->rows[1], next, &err) < 0) {
        refuse(&err);
        keyring_free(next);
        db_rollback(db); /* a wrong file leaves no trace */
        db_run(db, on_refused, r);
        return;
    }
    if (next) { /* before others hear of it */
        keyring_replace(r->in->keyring, next);
    }
    r->must_announce = false;
    intake_keyring_announce(db, r->in->keyring, r->in->service->holder, instant_now_us());
    db_commit(db);
    db_run(db, on_announced, r);
}

static void ask_list(struct keyring_reload *r, struct db *db)
{
    db_begin(db);
    intake_keyring_ask(db, r->next ? r->next : r->in->keyring, instant_now_us());
    db_run(db, on_listed, r);
}

/* ---- when the newest one wraps */

static void on_known(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct keyring_reload *r = ctx;
    struct keyring *k = r->in->keyring;
    (void)db;
    if (reply->outcome != DB_OK) {
        fail(r, reply);
        return;
    }
    const int16_t before = keyring_sealing(k);
    int16_t agreed = keyring_newest(k);
    if (!db_is_null(reply->rows[0], 0, 0)) {
        agreed = (int16_t)db_get_int(reply->rows[0], 0, 0);
    }
    keyring_seal_with(k, agreed);
    if (keyring_sealing(k) != before) {
        r->is_passing = true;
        for (size_t i = 0; i < INTAKE_LANES_MAX; i++) {
            r->marks[i] = INTAKE_LANE_NOW;
        }
    }
    end(r, r->is_passing ? 0 : LOOK_US);
}

/* Another file that came meanwhile is checked first. */
static void start(void *ctx, struct db *db)
{
    struct keyring_reload *r = ctx;
    r->db = db;
    if (r->next || r->must_announce) {
        ask_list(r, db);
    } else {
        intake_keyring_ask_known(db, r->in->service->holder);
        db_run(db, on_known, r);
    }
}

static bool have_all_passed(struct keyring_reload *r)
{
    bool all = true;
    for (size_t i = 0; i < r->in->lane_count; i++) {
        all = intake_lane_has_passed(r->in->lanes[i], &r->marks[i]) && all;
    }
    return all;
}

static void look(void *ctx)
{
    struct keyring_reload *r = ctx;
    if (r->is_busy) {
        return;
    }
    if (r->is_passing && !have_all_passed(r)) {
        loop_timer_after(r->timer, PASS_US);
        return;
    }
    if (r->is_passing) {
        r->is_passing = false;
        r->must_announce = true;
    }
    if (!is_settled(r)) {
        r->is_busy = true;
        db_pool_submit(r->in->service->db, start, r);
    }
}

/* ---- life */

void keyring_reload_begin(struct keyring_reload *r)
{
    struct err err = ERR_NONE;
    struct keyring *next = keyring_load(r->in->settings->master_key_file, &err);
    if (!next) {
        refuse(&err);
        return;
    }
    keyring_free(r->next);
    r->next = next;
    look(r);
}

void keyring_reload_again(struct keyring_reload *r)
{
    const int64_t now_us = instant_monotonic_us();
    if (now_us >= r->again_us) {
        r->again_us = now_us + LOOK_US;
        keyring_reload_begin(r);
    }
}

struct keyring_reload *keyring_reload_new(struct intake *in)
{
    struct keyring_reload *r = xcalloc(1, sizeof(*r));
    r->in = in;
    r->timer = loop_timer_new(in->service->loop, look, r);
    loop_timer_after(r->timer, 0); /* an older one may wrap since the start */
    return r;
}

void keyring_reload_free(struct keyring_reload *r)
{
    if (r) {
        if (r->db) {
            db_abandon(r->db);
        } else {
            db_pool_withdraw(r->in->service->db, r);
        }
        loop_timer_free(r->timer);
        keyring_free(r->next);
        free(r);
    }
}
