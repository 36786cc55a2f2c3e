/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loyalty_sweep.c - customers who have to be looked at though no event of theirs came: the instant
 * has come at which their tier or risk can change by time alone, a person they are part of has
 * changed, a model was fitted, or points of theirs have run out.
 *
 * 1. ask who is due in our lanes, and whether there are new fits         nothing is locked
 * 2. wait until the batch from the log that is under way has ended: customers of one batch are in
 *    no other; without a connection, because that batch may be waiting for one
 * 3. a batch of its own (loyalty_batch.c), fenced like any other
 *
 * It goes on at once while there is more, else business time wakes it. A batch that fails for its
 * data is halved until one customer is left, who is passed over for a while. After a new fit it
 * walks through all customers of our lanes once, a slice at a time; where it stands is not kept,
 * because each score names the fit that it was made with.
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/crash_point.h"
#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "services/loyalty/loyalty.h"
#include "services/loyalty/loyalty_fit_store.h"
#include "services/loyalty/loyalty_sweep_store.h"
#include "services/loyalty/points_store.h"

#define TURN_WAIT_US (2 * DURATION_MS) /* a batch from the log takes a few */
#define ASIDE_US     DURATION_H
#define ASIDE_MAX    16

enum sweep_state {
    SWEEP_IDLE = 1,
    SWEEP_ASKING,
    SWEEP_WAITING, /* for the end of a batch from the log; no new one begins */
    SWEEP_APPLYING,
};

struct loyalty_sweep {
    struct loyalty *loyalty;
    struct loop_timer *timer;
    enum sweep_state state;
    struct db *db;           /* NULL: idle, waiting, or none is free yet */
    bool is_woken;           /* while not idle: look again */
    bool has_more;           /* than this round takes */
    size_t limit, limit_max; /* customers of one batch; while one at fault is looked for, fewer */
    struct db_array requested, requested_buckets; /* of those found: they were asked for */
    int64_t *found;
    size_t found_count;
    struct {
        int64_t customer;
        int64_t until_us; /* monotonic */
    } aside[ASIDE_MAX]; /* whose batch failed though nobody else was in it; the oldest gives way */
    size_t aside_next;
    int64_t newest_fit; /* when the fits in force were read */
    /* The walk through all customers after a new fit. */
    int walk_bucket; /* BUCKET_COUNT: it is over */
    int64_t walk_after;
};

bool loyalty_sweep_is_busy(const struct loyalty *l)
{
    return l->sweep != NULL &&
           (l->sweep->state == SWEEP_WAITING || l->sweep->state == SWEEP_APPLYING);
}

/* The driver of a demo clock lets it go on by a tick. */
static bool is_held(const struct loyalty_sweep *s)
{
    return service_is_held(s->loyalty->service, DEMO_HOLDS_SCORES);
}

static bool is_ours(const struct loyalty_sweep *s, int bucket)
{
    return lease_holds(s->loyalty->lanes, (size_t)bucket % lease_count(s->loyalty->lanes));
}

static void begin_walk(struct loyalty_sweep *s)
{
    s->walk_bucket = 0;
    s->walk_after = INT64_MIN;
}

static void end(struct loyalty_sweep *s, bool goes_on)
{
    bool was_busy = loyalty_sweep_is_busy(s->loyalty);
    bool is_woken = s->is_woken;

    if (s->db != NULL) {
        db_release(s->db);
        s->db = NULL;
    }
    s->state = SWEEP_IDLE;
    s->is_woken = false;
    if (was_busy) {
        event_consumer_wake(s->loyalty->consumer);
    }
    if (goes_on || is_woken) {
        loop_timer_after(s->timer, 0);
    }
}

static void fail(struct loyalty_sweep *s, const struct err *err)
{
    log_warning("sweep_failed", LOG_INT("customers", s->found_count), LOG_ERR(err));
    begin_walk(s); /* perhaps one of its slices failed */
    end(s, false); /* business time wakes it again */
}

/* ---- who is at fault */

static bool is_aside(const struct loyalty_sweep *s, int64_t customer)
{
    for (size_t i = 0; i < ASIDE_MAX; i++) {
        if (s->aside[i].customer == customer) {
            return s->aside[i].until_us > instant_monotonic_us();
        }
    }
    return false;
}

/* Returns false when another one gave way: too many fail for it to be the fault of each. */
static bool set_aside(struct loyalty_sweep *s, int64_t customer)
{
    size_t place = s->aside_next++ % ASIDE_MAX;
    int64_t now_us = instant_monotonic_us();
    bool is_free = s->aside[place].until_us <= now_us;

    s->aside[place].customer = customer;
    s->aside[place].until_us = now_us + ASIDE_US;
    log_error("sweep_set_aside", LOG_INT("customer", customer));
    return is_free;
}

static void fail_batch(struct loyalty_sweep *s, const struct db_reply *reply)
{
    if (reply->outcome == DB_RETRY) {
        fail(s, &reply->err);
        return;
    }
    log_warning("sweep_batch_failed", LOG_INT("customers", s->found_count), LOG_ERR(&reply->err));
    bool goes_on = s->found_count > 1 || set_aside(s, s->found[0]);
    s->limit = s->found_count > 1 ? s->found_count / 2 : 1;
    begin_walk(s);
    end(s, goes_on);
}

/* ---- 3: the batch */

static void on_committed(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct loyalty_sweep *s = ctx;

    (void)db;
    if (reply->outcome != DB_OK) {
        fail_batch(s, reply);
        return;
    }
    CRASH_POINT("loyalty.sweep.committed");
    s->limit = s->limit > s->limit_max / 2 ? s->limit_max : 2 * s->limit;
    *s->loyalty->looked_count += (int64_t)s->found_count;
    loyalty_batch_publish(s->loyalty, reply);
    end(s, s->has_more);
}

static void on_rolled_back(void *ctx, struct db *db, const struct db_reply *reply)
{
    (void)db;
    (void)reply; /* a session that is lost has forgotten the transaction, too */
    begin_walk(ctx);
    end(ctx, false);
}

static void on_read(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct loyalty_sweep *s = ctx;
    struct err err = ERR_NONE;

    if (reply->outcome != DB_OK) {
        fail_batch(s, reply);
        return;
    }
    if (loyalty_batch_write(s->loyalty, db, reply, &err) < 0) {
        log_error("batch_refused", LOG_ERR(&err));
        db_rollback(db);
        db_run(db, on_rolled_back, s);
        return;
    }
    db_commit(db);
    db_run(db, on_committed, s);
    CRASH_POINT("loyalty.sweep.sent");
}

static int64_t points_until_us(const struct loyalty_sweep *s)
{
    return service_now_us(s->loyalty->service) - POINTS_SWEEP_LAG_US;
}

static void put_fences(struct loyalty_sweep *s)
{
    const struct lease_set *lanes = s->loyalty->lanes;
    size_t lane_count = lease_count(lanes);

    for (size_t lane = 0; lane < lane_count; lane++) {
        for (size_t i = 0; i < s->found_count; i++) {
            if ((size_t)identifier_bucket(s->found[i]) % lane_count == lane) {
                lease_put_fence(s->db, lanes, lane);
                break;
            }
        }
    }
}

static void apply(void *ctx, struct db *db)
{
    struct loyalty_sweep *s = ctx;
    struct loyalty *l = s->loyalty;

    s->db = db;
    l->consumption = NULL;
    loyalty_fold_clear(l->fold);
    points_batch_clear(l->points);
    for (size_t i = 0; i < s->found_count; i++) {
        loyalty_fold_touch(l->fold, s->found[i]);
        points_batch_touch(l->points, s->found[i], points_until_us(s));
    }
    loyalty_fold_seal(l->fold);
    points_batch_seal(l->points);
    db_begin(s->db);
    put_fences(s);
    loyalty_batch_hold(l, s->db);
    loyalty_sweep_store_take_requests(s->db, &s->requested_buckets, &s->requested);
    loyalty_batch_read(l, s->db);
    db_run(s->db, on_read, s);
}

/* ---- 1 and 2: who, and when it is our turn */

static void take_turn(struct loyalty_sweep *s)
{
    if (event_consumer_is_busy(s->loyalty->consumer)) {
        loop_timer_after(s->timer, TURN_WAIT_US);
        return;
    }
    if (is_held(s)) {  /* since it was asked for */
        begin_walk(s); /* its slice was not looked at */
        end(s, false);
        return;
    }
    s->state = SWEEP_APPLYING;
    db_pool_submit(s->loyalty->service->db, apply, s);
}

/* Of each question, so that a full slice is found beside those who are set aside. */
static size_t rows_asked_for(const struct loyalty_sweep *s)
{
    return s->limit + ASIDE_MAX;
}

/* As many as there is room for. Returns how many rows that took. */
static size_t find(struct loyalty_sweep *s, const struct db_rows *rows)
{
    size_t count = db_row_count(rows), row = 0;

    for (; row < count && s->found_count < s->limit; row++) {
        int64_t customer = db_get_int(rows, row, 0);
        if (!is_aside(s, customer)) {
            s->found[s->found_count++] = customer;
        }
    }
    s->has_more = s->has_more || row < count || count == rows_asked_for(s);
    return row;
}

static void find_requested(struct loyalty_sweep *s, const struct db_rows *rows)
{
    size_t first = s->found_count;

    (void)find(s, rows);
    for (size_t i = first; i < s->found_count; i++) {
        db_array_add_int(&s->requested, s->found[i]);
        db_array_add_int(&s->requested_buckets, identifier_bucket(s->found[i]));
    }
}

/* The slice of the walk that was asked for. */
static void find_outdated(struct loyalty_sweep *s, const struct db_rows *rows)
{
    size_t row = find(s, rows);

    if (row == db_row_count(rows) && row < rows_asked_for(s)) {
        s->walk_bucket++;
        s->walk_after = INT64_MIN;
    } else if (row > 0) {
        s->walk_after = db_get_int(rows, row - 1, 0);
    }
    s->has_more = true;
}

static void on_fits(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct loyalty_sweep *s = ctx;
    int64_t known = s->loyalty->fits.id;

    (void)db;
    if (reply->outcome != DB_OK) {
        fail(s, &reply->err);
        return;
    }
    loyalty_fit_store_take(reply->rows[1], &s->loyalty->fits);
    s->newest_fit = loyalty_fit_store_take_newest(reply->rows[0]);
    if (s->loyalty->fits.id != known) {
        log_info("fits_taken", LOG_INT("newest", s->loyalty->fits.id));
        begin_walk(s);
    }
    end(s, true);
}

static void on_asked(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct loyalty_sweep *s = ctx;

    if (reply->outcome != DB_OK) {
        fail(s, &reply->err);
        return;
    }
    if (loyalty_fit_store_take_newest(reply->rows[0]) != s->newest_fit) {
        loyalty_fit_store_ask_newest(db);
        loyalty_fit_store_ask(db);
        db_run(db, on_fits, s);
        return;
    }
    (void)find(s, reply->rows[1]);
    find_requested(s, reply->rows[2]);
    (void)find(s, reply->rows[3]); /* points have run out */
    if (reply->count > 4) {
        find_outdated(s, reply->rows[4]);
    }
    if (s->found_count == 0) {
        end(s, s->has_more);
        return;
    }
    CRASH_POINT("loyalty.sweep.found");
    db_release(s->db);
    s->db = NULL;
    s->state = SWEEP_WAITING;
    take_turn(s);
}

static void ask_outdated(struct loyalty_sweep *s)
{
    while (s->walk_bucket < BUCKET_COUNT && !is_ours(s, s->walk_bucket)) {
        s->walk_bucket++;
        s->walk_after = INT64_MIN;
    }
    if (s->walk_bucket < BUCKET_COUNT) {
        loyalty_sweep_store_ask_outdated(s->db, (int16_t)s->walk_bucket, s->walk_after,
                                         s->loyalty->fits.id, (int64_t)rows_asked_for(s));
    }
}

static void ask(void *ctx, struct db *db)
{
    struct loyalty_sweep *s = ctx;
    struct db_array buckets;

    s->db = db;
    s->found_count = 0;
    s->has_more = false;
    db_array_clear(&s->requested);
    db_array_clear(&s->requested_buckets);
    db_array_init(&buckets, DB_INT2);
    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++) {
        if (is_ours(s, bucket)) {
            db_array_add_int(&buckets, bucket);
        }
    }
    loyalty_fit_store_ask_newest(db);
    loyalty_sweep_store_ask_due(db, &buckets, service_now_us(s->loyalty->service),
                                (int64_t)rows_asked_for(s));
    points_store_ask_due(db, &buckets, points_until_us(s), (int64_t)rows_asked_for(s));
    db_array_free(&buckets);
    ask_outdated(s);
    db_run(db, on_asked, s);
}

static void on_timer(void *ctx)
{
    struct loyalty_sweep *s = ctx;

    if (s->state == SWEEP_WAITING) {
        take_turn(s);
    } else if (s->state == SWEEP_IDLE && lease_held_count(s->loyalty->lanes) > 0 && !is_held(s)) {
        s->state = SWEEP_ASKING;
        db_pool_submit(s->loyalty->service->db, ask, s);
    }
}

void loyalty_sweep_wake(struct loyalty *l)
{
    if (l->sweep->state == SWEEP_IDLE) {
        loop_timer_after(l->sweep->timer, 0);
    } else {
        l->sweep->is_woken = true;
    }
}

void loyalty_sweep_walk(struct loyalty *l)
{
    if (l->sweep != NULL) {
        memset(l->sweep->aside, 0, sizeof(l->sweep->aside)); /* a lost lane was at fault, perhaps */
        begin_walk(l->sweep);
        loyalty_sweep_wake(l);
    }
}

/* ---- start and stop */

void loyalty_sweep_start(struct loyalty *l)
{
    const struct loyalty_settings *settings = l->service->settings;
    struct loyalty_sweep *s = xcalloc(1, sizeof(*s));

    s->loyalty = l;
    s->state = SWEEP_IDLE;
    s->limit = s->limit_max = (size_t)settings->batch_events;
    s->found = xcalloc(s->limit_max, sizeof(*s->found));
    s->newest_fit = l->fits.id;
    db_array_init(&s->requested, DB_INT8);
    db_array_init(&s->requested_buckets, DB_INT2);
    s->timer = loop_timer_new(l->service->loop, on_timer, s);
    begin_walk(s);
    loop_timer_after(s->timer, 0);
    l->sweep = s;
}

void loyalty_sweep_stop(struct loyalty *l)
{
    struct loyalty_sweep *s = l->sweep;

    if (s == NULL) {
        return;
    }
    db_pool_withdraw(l->service->db, s);
    if (s->db != NULL) {
        db_abandon(s->db);
    }
    loop_timer_free(s->timer);
    db_array_free(&s->requested);
    db_array_free(&s->requested_buckets);
    free(s->found);
    free(s);
    l->sweep = NULL;
}
