/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event_consumer.c - every committed event is applied once by each consumer, however often a
 * process dies.
 *
 * One round, on one connection:
 *   1. find where the consumer is behind, in the lanes held      one statement over heads and
 * cursors
 *   2. read up to batch_now events there, unpack                  outside of a transaction
 *   3. BEGIN, fences of their lanes, apply()                      the service's own statements
 *   4. move the cursors by compare and set, COMMIT
 *
 * A process that stalls between 2 and 4 fails at the fence or at the cursors (40001) and reads
 * again. An event that cannot be unpacked is logged, counted and passed over. When a batch fails it
 * is tried again with half the events, down to one. If that one fails for its data, its place
 * (stream, bucket) is set aside for a while and the others go on; its cursor never passes it, so
 * nothing is lost and order is kept.
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/crash_point.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/trace_context.h"
#include "common/base/xalloc.h"
#include "common/runtime/event_aside.h"
#include "common/runtime/event_choice.h"
#include "common/runtime/event_gauges.h"
#include "common/runtime/event_log.h"
#include "common/runtime/event_log_private.h"
#include "common/runtime/event_naive.h"

#define ARENA_BUDGET ((size_t)64 * 1024 * 1024) /* a batch that needs more is applied in parts */

/* Who is so far behind that closed parts of the log have its next event stays so for some rounds.
 */
enum {
    ROUNDS_ALL = 16
};

struct event_consumption {
    struct event_consumer *consumer;
    struct db *db;
    struct arena *arena;
    Troth__V1__Event **events;
    size_t count, capacity;
    struct event_position *positions; /* one for each place in the batch */
    size_t position_count, position_capacity;
};

struct event_consumer {
    struct loop *loop;
    struct db_pool *pool;
    struct event_consumer_options options;
    char *name;
    struct db_array streams;
    struct loop_timer *timer;
    bool is_busy;
    bool is_woken; /* while busy: look again at once */
    size_t batch_now;
    unsigned attempt;
    int64_t retry_until_us;        /* monotonic; no round before */
    struct event_turn turn;        /* the round begins with what follows this place */
    struct event_turn turn_before; /* where the present round began */
    struct event_position *places; /* room for batch_max */
    struct event_aside aside;
    size_t place_count;  /* of places: those of this round */
    unsigned rounds_all; /* so many rounds read the closed parts of the log, too */
    int64_t poison_count;
    struct event_gauges gauges;
    struct event_naive naive; /* of the control alone */
    struct event_consumption batch;
};

size_t event_consumption_count(const struct event_consumption *c)
{
    return c->count;
}

const Troth__V1__Event *event_consumption_get(const struct event_consumption *c, size_t i)
{
    if (i >= c->count) {
        BUG("event_consumption_get() past the end");
    }
    return c->events[i];
}

struct db *event_consumption_db(const struct event_consumption *c)
{
    return c->db;
}

struct arena *event_consumption_arena(struct event_consumption *c)
{
    return c->arena;
}

/* ---- between rounds */

static void look_after(struct event_consumer *c, int64_t us)
{
    int64_t left_us = c->retry_until_us - instant_monotonic_us();
    loop_timer_after(c->timer, left_us > us ? left_us : us);
}

static void end_round(struct event_consumer *c, int64_t wait_us)
{
    struct db *db = c->batch.db;
    c->batch.db = NULL;
    c->is_busy = false;
    event_gauges_set_aside(&c->gauges, c->aside.count);
    if (db) {
        db_release(db);
    }
    look_after(c, c->is_woken ? 0 : wait_us);
    c->is_woken = false;
}

static void clear_batch(struct event_consumption *b)
{
    b->count = 0;
    b->position_count = 0;
    arena_reset(b->arena);
}

static void log_failure(const struct event_consumer *c, enum log_level level,
                        const struct db_reply *reply)
{
    const struct event_consumption *b = &c->batch;
    const struct event_position *first = b->position_count > 0 ? &b->positions[0] : NULL;
    LOG_LINE(level, "event_batch_failed", LOG_TEXT("consumer", c->name),
             LOG_TEXT("stream", first ? first->stream : ""),
             LOG_INT("bucket", first ? first->bucket : -1),
             LOG_INT("seq", first ? first->from + 1 : 0), LOG_INT("events", b->count),
             LOG_TEXT("sqlstate", reply ? reply->sqlstate : "none"),
             LOG_TEXT("code", reply ? reply->err.code : "refused"),
             LOG_TEXT("field", reply ? reply->err.field : ""),
             LOG_TEXT("text", reply ? reply->err.text : ""));
}

/* The transaction is gone; decide how to go on. */
static void fail_round(struct event_consumer *c, const struct db_reply *reply)
{
    struct event_consumption *b = &c->batch;
    bool is_data_at_fault = !reply || reply->outcome != DB_RETRY;
    bool is_alone = b->count == 1 && b->position_count == 1;
    int64_t now_us = instant_monotonic_us();
    /* While the search narrows nobody needs to look; the event at its end is named. */
    log_failure(c, is_data_at_fault && !is_alone ? LOG_DEBUG : LOG_WARNING, reply);
    event_gauges_failed(&c->gauges);
    if (is_data_at_fault && is_alone &&
        event_aside_add(&c->aside, b->positions[0].stream, b->positions[0].bucket, now_us)) {
        c->batch_now = c->options.batch_max;
    } else {
        /* Halving finds the one at fault only if the next round begins at the same place. */
        c->turn = c->turn_before;
        if (!is_data_at_fault || c->batch_now == 1) {
            c->retry_until_us = now_us + event_aside_delay_us(c->attempt++);
        }
        c->batch_now = c->batch_now > 1 ? c->batch_now / 2 : 1;
    }
    clear_batch(b);
    end_round(c, 0);
}

/* ---- step 4 */

/* For who follows a trace through the logs. */
static void log_traced(const struct event_consumer *c)
{
    char trace[TRACE_CONTEXT_SIZE], id[TRACE_CONTEXT_ID_SIZE];
    for (size_t i = 0; i < c->batch.count; i++) {
        const Troth__V1__Event *e = c->batch.events[i];
        if (e->trace && trace_context_read(e->trace, trace) && trace_context_is_sampled(trace)) {
            log_info("event_applied", LOG_TEXT("trace", trace_context_id(trace, id)),
                     LOG_TEXT("consumer", c->name), LOG_TEXT("stream", e->stream),
                     LOG_INT("bucket", e->bucket), LOG_INT("seq", e->seq));
        }
    }
}

static void on_committed(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct event_consumer *c = ctx;
    struct event_consumption *b = &c->batch;
    (void)db;
    if (reply->outcome != DB_OK) {
        fail_round(c, reply);
        return;
    }
    CRASH_POINT("events.committed");
    if (CRASH_CONTROL("naive_cursor")) {
        event_naive_commit(&c->naive);
    }
    for (size_t i = 0; c->aside.count > 0 && i < b->position_count; i++) {
        event_aside_remove(&c->aside, b->positions[i].stream, b->positions[i].bucket);
    }
    c->attempt = 0;
    c->retry_until_us = 0;
    c->batch_now =
        c->batch_now > c->options.batch_max / 2 ? c->options.batch_max : 2 * c->batch_now;
    log_traced(c);
    event_gauges_applied(&c->gauges, b->events, b->count);
    if (c->options.applied && b->count > 0) {
        c->options.applied(c->options.ctx, b, reply);
    }
    clear_batch(b);
    end_round(c, 0);
}

void event_consumption_commit(struct event_consumption *b)
{
    CRASH_POINT("events.applied");
    event_log_advance(b->db, b->consumer->name, b->positions, b->position_count);
    CRASH_POINT("events.advanced");
    db_commit(b->db);
    db_run(b->db, on_committed, b->consumer);
    CRASH_POINT("events.sent");
}

static void on_rolled_back(void *ctx, struct db *db, const struct db_reply *reply)
{
    (void)db;
    (void)reply; /* a session that is lost has forgotten the transaction, too */
    fail_round(ctx, NULL);
}

void event_consumption_fail(struct event_consumption *b, const struct db_reply *reply)
{
    if (reply && reply->outcome != DB_OK) {
        fail_round(b->consumer, reply);
        return;
    }
    /* The service itself refuses: the transaction is still open. */
    db_rollback(b->db);
    db_run(b->db, on_rolled_back, b->consumer);
}

/* ---- step 2 and 3 */

static struct event_position *position_of(struct event_consumption *b, const char *stream,
                                          int16_t bucket, int64_t from)
{
    struct event_position *last =
        b->position_count > 0 ? &b->positions[b->position_count - 1] : NULL;
    if (last && last->bucket == bucket && strcmp(last->stream, stream) == 0) {
        return last;
    }
    if (!b->positions || b->position_count == b->position_capacity) {
        b->position_capacity = b->position_capacity ? 2 * b->position_capacity : 32;
        b->positions = xreallocarray(b->positions, b->position_capacity, sizeof(*b->positions));
    }
    struct event_position *p = &b->positions[b->position_count++];
    *p = (struct event_position){.stream = stream, .bucket = bucket, .from = from, .to = from};
    return p;
}

static void add_event(struct event_consumption *b, Troth__V1__Event *event)
{
    if (b->count == b->capacity) {
        b->capacity = b->capacity ? 2 * b->capacity : 64;
        b->events = xreallocarray(b->events, b->capacity, sizeof(Troth__V1__Event *));
    }
    b->events[b->count++] = event;
}

static void pass_over(struct event_consumer *c, const struct event_position *p)
{
    c->poison_count++;
    event_gauges_unreadable(&c->gauges);
    log_error("event_unreadable", LOG_TEXT("consumer", c->name), LOG_TEXT("stream", p->stream),
              LOG_INT("bucket", p->bucket), LOG_INT("seq", p->to),
              LOG_INT("count", c->poison_count));
}

/* One row of the read. False: the batch ends before it. */
static bool take_row(struct event_consumer *c, const struct db_rows *rows, size_t row)
{
    struct event_consumption *b = &c->batch;
    struct bytes body = db_get_bytes(rows, row, 4);
    int64_t seq = db_get_int(rows, row, 3);
    char *stream = arena_copy_text(b->arena, db_get_text(rows, row, 0));
    if (!stream) {
        return false;
    }
    struct event_position *p =
        position_of(b, stream, (int16_t)db_get_int(rows, row, 1), db_get_int(rows, row, 2));
    if (p->is_cut) {
        return true;
    }
    if (seq != p->to + 1) {
        p->is_cut = true; /* what follows waits until the gap is filled */
        log_error("event_gap", LOG_TEXT("consumer", c->name), LOG_TEXT("stream", p->stream),
                  LOG_INT("bucket", p->bucket), LOG_INT("seq", seq));
        return true;
    }
    Troth__V1__Event *event =
        troth__v1__event__unpack(arena_allocator(b->arena), body.len, body.data);
    if (!event && b->count > 0 && arena_is_exhausted(b->arena)) {
        return false;
    }
    p->to = seq;
    if (CRASH_CONTROL("naive_cursor") && event_naive_misses(&c->naive, rows, row)) {
        return true;
    }
    if (!event) {
        pass_over(c, p);
        return true;
    }
    event->stream = stream;
    event->has_bucket = true;
    event->bucket = p->bucket;
    event->has_seq = true;
    event->seq = seq;
    add_event(b, event);
    return true;
}

/* A place of which nothing was taken (the batch ended, or a gap) has no cursor to move. */
static void drop_unmoved(struct event_consumption *b)
{
    size_t kept = 0;
    for (size_t i = 0; i < b->position_count; i++) {
        if (b->positions[i].to > b->positions[i].from) {
            b->positions[kept++] = b->positions[i];
        }
    }
    b->position_count = kept;
}

static void put_fences(struct event_consumer *c)
{
    const struct event_consumption *b = &c->batch;
    size_t lane_count = lease_count(c->options.lanes);
    for (size_t lane = 0; lane < lane_count; lane++) {
        for (size_t i = 0; i < b->position_count; i++) {
            if ((size_t)b->positions[i].bucket % lane_count == lane) {
                lease_put_fence(b->db, c->options.lanes, lane);
                break;
            }
        }
    }
}

static bool is_held(const struct event_consumer *c)
{
    return c->options.may_read && !c->options.may_read(c->options.ctx);
}

static void on_read(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct event_consumer *c = ctx;
    struct event_consumption *b = &c->batch;
    if (reply->outcome != DB_OK) {
        fail_round(c, reply);
        return;
    }
    const struct db_rows *rows = reply->rows[0];
    if (c->rounds_all == 0 && event_log_is_short(rows, c->place_count, c->batch_now)) {
        c->rounds_all = ROUNDS_ALL;
        c->turn = c->turn_before;
        end_round(c, 0);
        return;
    }
    c->rounds_all -= c->rounds_all > 0 ? 1 : 0;
    CRASH_POINT("events.read");
    if (CRASH_CONTROL("naive_cursor")) {
        event_naive_read(&c->naive, rows, c->batch_now);
    }
    for (size_t row = 0; row < db_row_count(rows) && take_row(c, rows, row); row++) {
    }
    drop_unmoved(b);
    /* Held back since the round began: what was read may be newer than that. */
    if (b->position_count == 0 || is_held(c)) {
        clear_batch(b);
        end_round(c, c->options.poll_us);
        return;
    }
    db_begin(db);
    put_fences(c);
    if (b->count > 0) {
        c->options.apply(c->options.ctx, b);
    } else {
        event_consumption_commit(b);
    }
}

/* ---- step 1 */

static void on_behind(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct event_consumer *c = ctx;
    if (reply->outcome != DB_OK) {
        fail_round(c, reply);
        return;
    }
    c->turn_before = c->turn;
    if (CRASH_CONTROL("naive_cursor")) {
        event_naive_find(&c->naive, reply->rows[0]);
    }
    struct event_choice how = {.aside = &c->aside,
                               .lane_count = lease_count(c->options.lanes),
                               .batch = c->batch_now,
                               .is_lane_by_lane = c->options.is_lane_by_lane};
    size_t limit_each;
    size_t count = event_choice_make(&how, reply->rows[0], &c->turn, c->places, &limit_each);
    if (count == 0) {
        end_round(c, c->options.poll_us);
        return;
    }
    c->place_count = count;
    event_log_read(db, c->places, count,
                   &(struct event_read){c->batch_now, limit_each, c->rounds_all > 0});
    db_run(db, on_read, c);
}

static void start(void *ctx, struct db *db)
{
    struct event_consumer *c = ctx;
    struct db_array lanes;
    struct event_position after = {.stream = c->turn.stream, .bucket = c->turn.bucket};
    c->batch.db = db;
    db_array_init(&lanes, DB_INT2);
    for (size_t lane = 0; lane < lease_count(c->options.lanes); lane++) {
        if (lease_holds(c->options.lanes, lane)) {
            db_array_add_int(&lanes, (int64_t)lane);
        }
    }
    struct event_question q = {.consumer = c->name,
                               .streams = &c->streams,
                               .lanes = &lanes,
                               .lane_count = lease_count(c->options.lanes),
                               .after = &after,
                               .limit = c->batch_now + EVENT_ASIDE_MAX};
    event_log_find_behind(db, &q);
    db_array_free(&lanes);
    db_run(db, on_behind, c);
}

/* ---- life */

static void on_timer(void *ctx)
{
    struct event_consumer *c = ctx;
    if (c->is_busy) {
        return;
    }
    if (is_held(c) || lease_held_count(c->options.lanes) == 0) {
        loop_timer_after(c->timer, c->options.poll_us);
        return;
    }
    c->is_busy = true;
    db_pool_submit(c->pool, start, c);
}

struct event_consumer *event_consumer_new(struct loop *loop, struct db_pool *pool,
                                          const struct event_consumer_options *options)
{
    if (options->batch_max < 1 || options->batch_max > 10000 || options->poll_us < 1) {
        BUG("batch_max or poll_us of an event_consumer out of range");
    }
    struct event_consumer *c = xcalloc(1, sizeof(*c));
    c->loop = loop;
    c->pool = pool;
    c->options = *options;
    c->name = xstrdup(options->consumer);
    c->gauges = event_gauges_new(options->service, options->consumer);
    c->batch_now = options->batch_max;
    c->places = xcalloc(options->batch_max, sizeof(*c->places));
    c->batch.consumer = c;
    c->batch.arena = arena_new(ARENA_BUDGET);
    db_array_init(&c->streams, DB_TEXT);
    for (size_t i = 0; options->services[i]; i++) {
        for (unsigned slot = 0; slot < EVENT_SLOT_COUNT; slot++) {
            char stream[EVENT_STREAM_SIZE];
            (void)text_format(stream, sizeof(stream), "%s.%u", options->services[i], slot);
            db_array_add_text(&c->streams, stream);
        }
    }
    c->timer = loop_timer_new(loop, on_timer, c);
    loop_timer_after(c->timer, 0);
    return c;
}

void event_consumer_free(struct event_consumer *c)
{
    if (!c) {
        return;
    }
    db_pool_withdraw(c->pool, c);
    if (c->batch.db) {
        db_abandon(c->batch.db);
    }
    loop_timer_free(c->timer);
    db_array_free(&c->streams);
    arena_free(c->batch.arena);
    free(c->places);
    free(c->batch.events);
    free(c->batch.positions);
    if (CRASH_CONTROL("naive_cursor")) {
        event_naive_free(&c->naive);
    }
    free(c->name);
    free(c);
}

void event_consumer_wake(struct event_consumer *c)
{
    if (c->is_busy) {
        c->is_woken = true;
    } else {
        look_after(c, 0);
    }
}

bool event_consumer_is_busy(const struct event_consumer *c)
{
    return c->is_busy;
}
