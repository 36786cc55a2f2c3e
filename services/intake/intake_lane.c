/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_lane.h"

#include <stdlib.h>

#include <sodium.h>

#include "common/base/backoff.h"
#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "services/intake/batch_size.h"
#include "services/intake/intake_batch.h"
#include "services/intake/intake_queue.h"

/* Every statement of a lane joins a short list with an index, so one plan is right for all of them.
 * The planner would weigh it again at each use, and while a table is new and small it would settle
 * for a plan that reads all of it. */
static const char settings[] = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off"
                               " -c enable_hashjoin=off -c enable_mergejoin=off";

static const struct backoff retry_backoff = {.base_us = 50 * DURATION_MS, .cap_us = 5 * DURATION_S};

struct intake_lane {
    struct intake *intake;
    size_t index;
    struct db_pool *pool; /* of one connection */
    struct intake_batch *batch;
    struct intake_queue *queue;
    struct {
        size_t count;
        int64_t begun_us; /* 0: it has ended */
        int64_t took_us;
    } last;         /* batch of records */
    uint64_t ended; /* turns with the connection */
    bool is_busy;   /* asked for the connection, or has it */
    bool wants_steps;
    bool had_steps; /* the last batch was one of steps */
    unsigned failures;
    struct loop_timer *retry;
};

static void on_retry(void *ctx)
{
    intake_lane_wake(ctx);
}

struct intake_lane *intake_lane_new(struct intake *in, size_t index)
{
    struct intake_lane *l = xcalloc(1, sizeof(*l));
    char name[32];
    (void)text_format(name, sizeof(name), "troth-intake-lane-%zu", index);
    l->intake = in;
    l->index = index;
    l->queue = intake_queue_new();
    l->pool = db_pool_new(in->service->loop, &(struct db_pool_options){
                                                 .conninfo = in->service->common->database,
                                                 .name = name,
                                                 .size = 1,
                                                 .deadline_us = in->service->common->db_deadline_us,
                                                 .settings = settings,
                                             });
    l->batch = intake_batch_new(in, index);
    l->retry = loop_timer_new(in->service->loop, on_retry, l);
    return l;
}

void intake_lane_free(struct intake_lane *l)
{
    if (!l) {
        return;
    }
    loop_timer_free(l->retry);
    db_pool_free(l->pool);
    intake_batch_free(l->batch);
    for (struct intake_record *r = intake_queue_take(l->queue, SIZE_MAX), *next; r; r = next) {
        next = r->next; /* r may end with its request */
        intake_request_release(l->intake->requests, r->request);
    }
    intake_queue_free(l->queue);
    free(l);
}

void intake_lane_add(struct intake_lane *l, struct intake_record *r)
{
    intake_queue_add(l->queue, r);
}

void intake_lane_want_steps(struct intake_lane *l)
{
    l->wants_steps = true;
    intake_lane_wake(l);
}

bool intake_lane_is_idle(const struct intake_lane *l)
{
    return intake_queue_count(l->queue) == 0 && intake_batch_is_done(l->batch) && !l->is_busy;
}

bool intake_lane_has_passed(const struct intake_lane *l, uint64_t *mark)
{
    if (*mark == INTAKE_LANE_NOW) {
        *mark = l->ended;
    }
    return !l->is_busy || l->ended > *mark;
}

/* ---- one batch after another */

static void take_records(struct intake_lane *l)
{
    size_t max = batch_size((size_t)l->intake->settings->batch_max, intake_queue_sources(l->queue),
                            l->last.count, l->last.took_us);
    l->last.count = 0;
    l->last.begun_us = instant_monotonic_us();
    for (struct intake_record *r = intake_queue_take(l->queue, max); r; r = r->next) {
        intake_batch_add(l->batch, r);
        l->last.count++;
    }
}

/* The buckets of this connection whose steps are ours to take. */
static size_t step_buckets(const struct intake_lane *l, int16_t buckets[BUCKET_COUNT])
{
    size_t count = 0;
    for (int16_t b = 0; b < BUCKET_COUNT; b++) {
        if ((size_t)b % l->intake->lane_count == l->index &&
            lease_holds(l->intake->step_lanes, (size_t)b % LANE_COUNT)) {
            buckets[count++] = b;
        }
    }
    return count;
}

static void on_batch_end(void *ctx, struct db *db, enum intake_batch_end end)
{
    struct intake_lane *l = ctx;
    db_release(db);
    l->is_busy = false;
    l->ended++;
    if (end == INTAKE_BATCH_LATER) {
        loop_timer_after(l->retry,
                         backoff_delay_us(&retry_backoff, l->failures++, randombytes_random()));
        return;
    }
    l->failures = 0;
    if (l->last.begun_us > 0) {
        l->last.took_us = instant_monotonic_us() - l->last.begun_us;
        l->last.begun_us = 0;
    }
    l->wants_steps |= end == INTAKE_BATCH_MORE_STEPS;
    intake_lane_wake(l);
    intake_note_idle(l->intake);
}

/* The connection is free: what waits now is the batch. */
static void start(void *ctx, struct db *db)
{
    struct intake_lane *l = ctx;
    int16_t buckets[BUCKET_COUNT];
    bool has_records = intake_queue_count(l->queue) > 0;
    bool is_steps_turn = l->wants_steps && (!has_records || !l->had_steps);
    if (!intake_batch_is_done(l->batch)) { /* it failed before */
        intake_batch_run(l->batch, db, on_batch_end, l);
        return;
    }
    if (is_steps_turn) {
        size_t count = step_buckets(l, buckets);
        l->wants_steps = false;
        l->had_steps = true;
        if (count > 0) {
            intake_batch_run_steps(l->batch, db, buckets, count, on_batch_end, l);
            return;
        }
    }
    if (has_records) {
        l->had_steps = false;
        take_records(l);
        intake_batch_run(l->batch, db, on_batch_end, l);
        return;
    }
    on_batch_end(l, db, INTAKE_BATCH_DONE);
}

void intake_lane_wake(struct intake_lane *l)
{
    bool has_work =
        intake_queue_count(l->queue) > 0 || l->wants_steps || !intake_batch_is_done(l->batch);
    /* Without a slot no event can be written; the lease wakes us. */
    bool may_write = lease_held_count(l->intake->slots) > 0;
    if (l->is_busy || !has_work || !may_write || loop_timer_is_armed(l->retry)) {
        return;
    }
    l->is_busy = true;
    db_pool_submit(l->pool, start, l);
}
