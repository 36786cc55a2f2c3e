/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/service_clock.h"

#include <stdlib.h>

#include "common/base/crash_point.h"
#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "common/runtime/clock_store.h"

#define REAL_EVERY_US      DURATION_S
#define DEMO_EVERY_US      (10 * DURATION_MS)
#define HEARTBEAT_EVERY_US DURATION_S
#define TICK_EVERY_US                                                                              \
    (900 * DURATION_MS) /* a sample a little early must not cost a whole second                    \
                         */
#define DRIFT_MAX_US (100 * DURATION_MS)
#define SKEW_MAX_US  DURATION_S

struct service_clock {
    struct service_clock_options options;
    char *name, *holder;
    struct db_pool *pool; /* NULL: no database */
    struct loop_timer *timer;
    bool is_asking; /* a conversation is under way or waits for its connection */
    bool is_failing;
    bool is_set;
    bool is_skewed;
    struct service_clock_reading reading;
    int32_t demo_holds;
    int64_t asked_us, sampled_us;
    int64_t heartbeat_sent_us, committed_us;
    int64_t ticked_us;
    void (*tick)(void *ctx);
    void *tick_ctx;
    int64_t *skew_gauge, *drift_counter, *failure_counter;
};

/* ---- the arithmetic */

int64_t service_clock_derive(const struct service_clock_reading *r, int64_t monotonic_us)
{
    return r->is_demo ? r->business_us : r->business_us + (monotonic_us - r->monotonic_us);
}

int64_t service_clock_drift(const struct service_clock_reading *older,
                            const struct service_clock_reading *newer)
{
    if (older->is_demo || newer->is_demo) {
        return 0;
    }
    int64_t off_us = newer->business_us - service_clock_derive(older, newer->monotonic_us);
    int64_t unsure_us = older->error_us + newer->error_us;
    if (off_us > unsure_us) {
        return off_us - unsure_us;
    }
    return off_us < -unsure_us ? off_us + unsure_us : 0;
}

int64_t service_clock_now_us(const struct service_clock *c)
{
    if (!c->pool || CRASH_CONTROL("own_clock")) {
        return instant_now_us();
    }
    return service_clock_derive(&c->reading, instant_monotonic_us());
}

int64_t service_clock_sample_age_us(const struct service_clock *c)
{
    return c->is_set ? instant_monotonic_us() - c->sampled_us : 0;
}

int32_t service_clock_demo_holds(const struct service_clock *c)
{
    return c->demo_holds;
}

/* ---- a sample */

static void tick_if_due(struct service_clock *c, bool has_stepped)
{
    int64_t now_us = instant_monotonic_us();
    if (!has_stepped && now_us - c->ticked_us < TICK_EVERY_US) {
        return;
    }
    c->ticked_us = now_us;
    if (c->tick) {
        c->tick(c->tick_ctx);
    }
}

static void judge_drift(struct service_clock *c, const struct service_clock_reading *r)
{
    int64_t drift_us = c->is_set ? service_clock_drift(&c->reading, r) : 0;
    if (llabs(drift_us) > DRIFT_MAX_US) {
        (*c->drift_counter)++;
        log_error("clock_drift", LOG_INT("us", drift_us));
    }
}

/* Once when it begins, once when it ends. */
static void judge_skew(struct service_clock *c, const struct clock_sample *sample, int64_t error_us)
{
    int64_t skew_us = sample->real_us - (instant_now_us() - error_us);
    *c->skew_gauge = skew_us;
    bool is_skewed = llabs(skew_us) > SKEW_MAX_US + error_us;
    if (is_skewed && !c->is_skewed) {
        log_warning("clock_skew", LOG_INT("us", skew_us),
                    LOG_TEXT("text", "this machine and the database disagree about the time"));
    } else if (!is_skewed && c->is_skewed) {
        log_info("clock_skew_ended", LOG_INT("us", skew_us));
    }
    c->is_skewed = is_skewed;
}

static void take_sample(struct service_clock *c, const struct clock_sample *sample)
{
    int64_t answered_us = instant_monotonic_us();
    c->sampled_us = answered_us;
    struct service_clock_reading r = {
        .business_us = sample->business_us,
        .error_us = (answered_us - c->asked_us) / 2,
        .is_demo = sample->is_demo,
    };
    r.monotonic_us = c->asked_us + r.error_us;
    if (r.is_demo && !c->options.is_demo_allowed) {
        c->options.refuse(c->options.ctx);
        return;
    }
    judge_skew(c, sample, r.error_us);
    judge_drift(c, &r);
    bool has_stepped =
        c->is_set && r.is_demo &&
        (r.business_us != c->reading.business_us || sample->demo_holds != c->demo_holds);
    c->demo_holds = sample->demo_holds;
    /* A slow answer says less than the clock we have; a step must be taken as it is. */
    if (!c->is_set || r.is_demo || c->reading.is_demo || r.error_us <= DRIFT_MAX_US) {
        c->reading = r;
    }
    c->is_set = true;
    tick_if_due(c, has_stepped);
}

/* ---- the conversation: sample, then perhaps heartbeat */

/* The connection says in the log what is wrong with it; here only what follows from that. */
static void note_failure(struct service_clock *c, const struct db_reply *reply)
{
    (*c->failure_counter)++;
    if (!c->is_failing) {
        log_warning("clock_unread", LOG_ERR(&reply->err));
    }
    c->is_failing = true;
}

static void end(struct service_clock *c, struct db *db)
{
    c->is_asking = false;
    db_release(db);
}

static void on_heartbeat(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct service_clock *c = ctx;
    if (reply->outcome == DB_OK) {
        c->committed_us = instant_monotonic_us();
    } else {
        note_failure(c, reply);
    }
    end(c, db);
}

static void on_sample(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct service_clock *c = ctx;
    if (reply->outcome != DB_OK) {
        note_failure(c, reply);
        end(c, db);
        return;
    }
    c->is_failing = false;
    struct clock_sample sample = clock_store_read_sample(reply->rows[0]);
    int64_t now_us = instant_monotonic_us();
    bool is_due = !c->heartbeat_sent_us || now_us - c->heartbeat_sent_us >= HEARTBEAT_EVERY_US;
    /* The driver of the demo clock waits until every process has told that it saw the step. */
    bool has_stepped = sample.is_demo && (sample.business_us != c->reading.business_us ||
                                          sample.demo_holds != c->demo_holds);
    if (is_due || has_stepped) {
        c->heartbeat_sent_us = now_us;
        db_begin(db);
        clock_store_put_heartbeat(db, c->holder, sample.is_demo ? sample.business_us : DB_NO_TIME,
                                  sample.demo_holds);
        db_commit(db);
        db_run(db, on_heartbeat, c);
    } else {
        end(c, db);
    }
    take_sample(c, &sample); /* last: it calls the service */
}

static void ask(void *ctx, struct db *db)
{
    struct service_clock *c = ctx;
    c->asked_us = instant_monotonic_us();
    clock_store_put_sample(db);
    db_run(db, on_sample, c);
}

/* Ticks go on without answers: the real clock does, and the service finds the database missing by
 * itself. */
static void on_timer(void *ctx)
{
    struct service_clock *c = ctx;
    loop_timer_after(c->timer, c->options.is_demo_allowed ? DEMO_EVERY_US : REAL_EVERY_US);
    if (c->pool && !c->is_asking) {
        c->is_asking = true;
        db_pool_submit(c->pool, ask, c);
    } else {
        tick_if_due(c, false);
    }
}

/* ---- life */

struct service_clock *service_clock_new(struct loop *loop, struct metrics *metrics,
                                        const struct service_clock_options *options)
{
    struct service_clock *c = xcalloc(1, sizeof(*c));
    c->options = *options;
    c->name = xstrdup(options->name);
    c->holder = xstrdup(options->holder);
    c->skew_gauge = metrics_gauge_micro(metrics, "troth_clock_skew_seconds", NULL,
                                        "Database clock less the clock of this machine.");
    c->drift_counter = metrics_counter(metrics, "troth_clock_drift_total", NULL,
                                       "Samples over 100 ms away from the monotonic clock.");
    c->failure_counter =
        metrics_counter(metrics, "troth_clock_failures_total", NULL,
                        "Samples and heartbeats that the database did not answer.");
    c->timer = loop_timer_new(loop, on_timer, c);
    if (options->conninfo) {
        c->pool = db_pool_new(loop, &(struct db_pool_options){.conninfo = options->conninfo,
                                                              .name = c->name,
                                                              .size = 1,
                                                              .deadline_us = options->deadline_us});
    }
    loop_timer_after(c->timer, 0);
    return c;
}

void service_clock_free(struct service_clock *c)
{
    if (c) {
        loop_timer_free(c->timer);
        db_pool_free(c->pool);
        free(c->name);
        free(c->holder);
        free(c);
    }
}

bool service_clock_is_set(const struct service_clock *c)
{
    return !c->pool || c->is_set;
}

struct db_pool *service_clock_pool(const struct service_clock *c)
{
    return c->pool;
}

void service_clock_on_tick(struct service_clock *c, void (*tick)(void *ctx), void *ctx)
{
    c->tick = tick;
    c->tick_ctx = ctx;
}

int64_t service_clock_last_commit_us(const struct service_clock *c)
{
    return c->pool ? c->committed_us : instant_monotonic_us();
}
