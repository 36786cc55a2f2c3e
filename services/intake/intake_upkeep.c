/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_upkeep.h"

#include <stdlib.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "services/intake/intake.h"
#include "services/intake/intake_upkeep_store.h"

#define PAUSE_US         (50 * DURATION_MS) /* between two slices, at least: records go first */
#define PAUSE_SHARE      9                  /* and so many times as long as the slice took */
#define LOOK_US          DURATION_MIN       /* how often to ask whether a round is due */
#define ORPHANS_EVERY_US DURATION_DAY

enum upkeep_stage {
    UPKEEP_IDLE = 0,
    UPKEEP_CLAIMING,
    UPKEEP_EXPIRING,
    UPKEEP_SWEEPING,
    UPKEEP_COUNTING,
};

struct intake_upkeep {
    struct intake *intake;
    struct loop_timer *timer; /* the next slice */
    struct db *db;            /* while a slice runs */
    bool is_busy;             /* waits for a connection, or has it */
    enum upkeep_stage stage;
    bool must_expire, must_count; /* rounds that are ours and not done */
    int64_t looked_us;
    int64_t counting_us; /* when the last round of counting that is ours was claimed */
    int64_t started_us;  /* this slice; machine time */
    int64_t page, deleted;
    int64_t expire_before_us;
    int16_t bucket;
    int64_t orphans;
};

static void start(void *ctx, struct db *db);

static void on_timer(void *ctx)
{
    struct intake_upkeep *u = ctx;
    if (!u->is_busy && !u->intake->service->is_draining) {
        u->is_busy = true;
        db_pool_submit(u->intake->service->db, start, u);
    }
}

struct intake_upkeep *intake_upkeep_new(struct intake *in)
{
    struct intake_upkeep *u = xcalloc(1, sizeof(*u));
    u->intake = in;
    u->timer = loop_timer_new(in->service->loop, on_timer, u);
    return u;
}

void intake_upkeep_free(struct intake_upkeep *u)
{
    if (!u) {
        return;
    }
    db_pool_withdraw(u->intake->service->db, u);
    if (u->db) {
        db_abandon(u->db);
    }
    loop_timer_free(u->timer);
    free(u);
}

bool intake_upkeep_is_idle(const struct intake_upkeep *u)
{
    return !u->is_busy;
}

void intake_upkeep_tick(struct intake_upkeep *u)
{
    int64_t now_us = service_now_us(u->intake->service);
    if (u->stage != UPKEEP_IDLE || (u->looked_us && now_us - u->looked_us < LOOK_US)) {
        return;
    }
    u->looked_us = now_us;
    u->stage = UPKEEP_CLAIMING;
    loop_timer_after(u->timer, 0);
}

/* ---- stages */

/* What is to be done after this stage. */
static void next_stage(struct intake_upkeep *u)
{
    if (u->must_expire) {
        u->stage = UPKEEP_EXPIRING;
        u->page = u->deleted = 0;
        u->expire_before_us = u->looked_us - u->intake->settings->key_age_us;
    } else if (u->must_count) {
        u->stage = UPKEEP_COUNTING;
        u->bucket = 0;
        u->orphans = 0;
    } else {
        u->stage = UPKEEP_IDLE;
    }
}

static void on_claimed(struct intake_upkeep *u, const struct db_reply *reply)
{
    u->must_expire = db_row_count(reply->rows[0]) > 0;
    u->must_count = db_row_count(reply->rows[1]) > 0;
    if (u->must_count) {
        u->counting_us = u->looked_us;
    } else if (u->looked_us - u->counting_us >= ORPHANS_EVERY_US) {
        *u->intake->metrics.orphans = 0; /* another one counts, and tells what it finds */
    }
    next_stage(u);
}

static void on_expired(struct intake_upkeep *u, const struct db_reply *reply)
{
    int64_t deleted = db_get_int(reply->rows[0], 0, 0);
    u->deleted += deleted;
    *u->intake->metrics.receipts_expired += deleted;
    u->page += UPKEEP_PAGES;
    if (u->page >= db_get_int(reply->rows[0], 0, 1)) {
        log_info("receipts_expired", LOG_INT("receipts", u->deleted));
        u->must_expire = false;
        u->stage = UPKEEP_SWEEPING;
    }
}

static void on_swept(struct intake_upkeep *u, const struct db_reply *reply)
{
    int64_t erasures = db_get_int(reply->rows[0], 0, 0);
    if (erasures > 0) {
        log_info("erasures_swept", LOG_INT("erasures", erasures));
    }
    next_stage(u);
}

static void on_counted(struct intake_upkeep *u, const struct db_reply *reply)
{
    const struct db_rows *rows = reply->rows[0];
    for (size_t i = 0; i < db_row_count(rows); i++) {
        u->orphans += db_get_int(rows, i, 1);
        log_error("orphans_found", LOG_TEXT("relation", db_get_text(rows, i, 0)),
                  LOG_INT("bucket", u->bucket), LOG_INT("rows", db_get_int(rows, i, 1)));
    }
    if (++u->bucket == BUCKET_COUNT) {
        *u->intake->metrics.orphans = u->orphans;
        log_info("orphans_counted", LOG_INT("rows", u->orphans));
        u->must_count = false;
        next_stage(u);
    }
}

static int64_t pause_us(const struct intake_upkeep *u)
{
    int64_t took_us = instant_monotonic_us() - u->started_us;
    return PAUSE_SHARE * took_us > PAUSE_US ? PAUSE_SHARE * took_us : PAUSE_US;
}

static void on_reply(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct intake_upkeep *u = ctx;
    u->db = NULL;
    u->is_busy = false;
    if (reply->outcome != DB_OK) {
        /* The slice is tried again as long as it may work; what never will ends the round. */
        log_warning("upkeep_failed", LOG_TEXT("sqlstate", reply->sqlstate), LOG_ERR(&reply->err));
        u->stage = reply->outcome == DB_RETRY ? u->stage : UPKEEP_IDLE;
    } else if (u->stage == UPKEEP_CLAIMING) {
        on_claimed(u, reply);
    } else if (u->stage == UPKEEP_EXPIRING) {
        on_expired(u, reply);
    } else if (u->stage == UPKEEP_SWEEPING) {
        on_swept(u, reply);
    } else {
        on_counted(u, reply);
    }
    db_release(db);
    if (u->stage != UPKEEP_IDLE) {
        loop_timer_after(u->timer, reply->outcome == DB_OK ? pause_us(u) : DURATION_S);
    }
}

static void start(void *ctx, struct db *db)
{
    struct intake_upkeep *u = ctx;
    u->db = db;
    u->started_us = instant_monotonic_us();
    if (u->stage == UPKEEP_CLAIMING) {
        intake_upkeep_claim(db, UPKEEP_EXPIRE, u->looked_us, u->intake->settings->upkeep_us);
        intake_upkeep_begin(db, UPKEEP_ORPHANS, u->looked_us, ORPHANS_EVERY_US);
    } else if (u->stage == UPKEEP_EXPIRING) {
        intake_upkeep_expire(db, u->page, u->expire_before_us);
    } else if (u->stage == UPKEEP_SWEEPING) {
        intake_upkeep_sweep(db, u->looked_us);
    } else {
        intake_upkeep_orphans(db, u->bucket);
        if (u->bucket == BUCKET_COUNT - 1) {
            intake_upkeep_end(db, UPKEEP_ORPHANS, u->counting_us);
        }
    }
    db_run(db, on_reply, u);
}
