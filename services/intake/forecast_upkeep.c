/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/forecast_upkeep.h"

#include <stdlib.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "services/intake/forecast_round.h"
#include "services/intake/intake.h"
#include "services/intake/intake_upkeep_store.h"

#define PAUSE_US    (20 * DURATION_MS) /* between two slices, at least: records go first */
#define PAUSE_SHARE 9                  /* and so many times as long as the slice took */
#define LOOK_US     DURATION_MIN

enum stage {
    IDLE = 0,
    CLAIMING,
    READING, /* what somebody computed */
    COMPUTING,
};

struct forecast_upkeep {
    struct intake *intake;
    struct forecast_round *round;
    struct loop_timer *timer; /* the next slice */
    struct db *db;            /* while a slice runs */
    bool is_busy;             /* waits for a connection, or has it */
    enum stage stage;
    bool must_compute; /* this round is ours */
    int64_t looked_us;
    int64_t started_us; /* this slice; machine time */
};

static void start(void *ctx, struct db *db);

static void on_timer(void *ctx)
{
    struct forecast_upkeep *u = ctx;
    if (!u->is_busy && !u->intake->service->is_draining) {
        u->is_busy = true;
        db_pool_submit(u->intake->service->db, start, u);
    }
}

struct forecast_upkeep *forecast_upkeep_new(struct intake *in)
{
    struct forecast_upkeep *u = xcalloc(1, sizeof(*u));
    u->intake = in;
    u->round = forecast_round_new(in->forecast, in->shelf);
    u->timer = loop_timer_new(in->service->loop, on_timer, u);
    return u;
}

void forecast_upkeep_free(struct forecast_upkeep *u)
{
    if (!u) {
        return;
    }
    db_pool_withdraw(u->intake->service->db, u);
    if (u->db) {
        db_abandon(u->db);
    }
    loop_timer_free(u->timer);
    forecast_round_free(u->round);
    free(u);
}

bool forecast_upkeep_is_idle(const struct forecast_upkeep *u)
{
    return !u->is_busy;
}

void forecast_upkeep_tick(struct forecast_upkeep *u)
{
    int64_t now_us = service_now_us(u->intake->service);
    if (u->stage != IDLE || (u->looked_us && now_us - u->looked_us < LOOK_US)) {
        return;
    }
    u->looked_us = now_us;
    u->stage = CLAIMING;
    loop_timer_after(u->timer, 0);
}

/* ---- stages */

static enum forecast_next on_claimed(struct forecast_upkeep *u, const struct db_reply *reply)
{
    u->must_compute = db_row_count(reply->rows[0]) > 0;
    u->stage = READING;
    return FORECAST_AGAIN;
}

static enum forecast_next on_read(struct forecast_upkeep *u, struct db *db,
                                  const struct db_reply *reply)
{
    enum forecast_next next = forecast_round_take_reading(u->round, db, reply);
    if (next == FORECAST_FINISHED && u->must_compute) {
        forecast_round_begin(u->round, u->looked_us);
        u->stage = COMPUTING;
    } else if (next == FORECAST_FINISHED) {
        u->stage = IDLE;
    }
    return next;
}

static enum forecast_next on_computed(struct forecast_upkeep *u, struct db *db,
                                      const struct db_reply *reply)
{
    enum forecast_next next =
        forecast_round_take(u->round, db, reply, instant_monotonic_us() - u->started_us);
    if (next == FORECAST_FINISHED) {
        u->must_compute = false;
        u->stage = READING;
    }
    return next;
}

static enum forecast_next take(struct forecast_upkeep *u, struct db *db,
                               const struct db_reply *reply)
{
    if (reply->outcome != DB_OK) {
        /* The slice is tried again as long as it may work; what never will ends the round. */
        log_warning("forecasts_failed", LOG_TEXT("sqlstate", reply->sqlstate),
                    LOG_ERR(&reply->err));
        u->stage = reply->outcome == DB_RETRY ? u->stage : IDLE;
        return FORECAST_AGAIN;
    }
    if (u->stage == CLAIMING) {
        return on_claimed(u, reply);
    }
    return u->stage == READING ? on_read(u, db, reply) : on_computed(u, db, reply);
}

static int64_t pause_us(const struct forecast_upkeep *u)
{
    int64_t took_us = instant_monotonic_us() - u->started_us;
    return PAUSE_SHARE * took_us > PAUSE_US ? PAUSE_SHARE * took_us : PAUSE_US;
}

static void on_reply(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct forecast_upkeep *u = ctx;
    const bool is_ok = reply->outcome == DB_OK;
    if (take(u, db, reply) == FORECAST_GO_ON) {
        db_run(db, on_reply, u);
        return;
    }
    u->db = NULL;
    u->is_busy = false;
    db_release(db);
    if (u->stage != IDLE) {
        loop_timer_after(u->timer, is_ok ? pause_us(u) : DURATION_S);
    }
}

static void start(void *ctx, struct db *db)
{
    struct forecast_upkeep *u = ctx;
    u->db = db;
    u->started_us = instant_monotonic_us();
    if (u->stage == CLAIMING) {
        intake_upkeep_claim(db, UPKEEP_FORECASTS, u->looked_us, u->intake->settings->forecast_us);
    } else if (u->stage == READING) {
        forecast_round_queue_reading(u->round, db);
    } else {
        forecast_round_queue(u->round, db);
    }
    db_run(db, on_reply, u);
}
