/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_batch.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/crash_point.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "common/runtime/event_log.h"
#include "services/intake/audit_task.h"
#include "services/intake/erasure_decide.h"
#include "services/intake/intake_batch_store.h"
#include "services/intake/intake_decide.h"
#include "services/intake/intake_give_up.h"
#include "services/intake/intake_keyring_store.h"
#include "services/intake/intake_lane.h"
#include "services/intake/intake_prepare.h"
#include "services/intake/intake_read_store.h"
#include "services/intake/intake_seal.h"
#include "services/intake/intake_standard_store.h"
#include "services/intake/intake_void_store.h"
#include "services/intake/intake_write_store.h"
#include "services/intake/keyring_reload.h"
#include "services/intake/lane_choice.h"
#include "services/intake/merge_read_store.h"
#include "services/intake/promise_decide.h"
#include "services/intake/promise_read_store.h"
#include "services/intake/promise_terms.h"

enum {
    TRIES_AT_ONCE = 3,
    CONFLICTS_MAX = 12,        /* of one record alone: it is not somebody else who is in the way */
    PART_SPARED = 16,          /* records that a deadline does not make fewer */
    UNKNOWN_STANDARDS_MAX = 8, /* asked for at once; what is left comes next */
};

struct intake_batch {
    struct intake *intake;
    struct intake_work *work;
    struct event_batch *events;
    struct event_heads *heads; /* of this lane's buckets */
    int heads_set;             /* of the reading step; -1: they are known */
    struct intake_reads reads;
    struct intake_void_reads void_reads;
    size_t lane;
    intake_batch_end_fn *end;
    void *end_ctx;

    struct intake_record **records;
    size_t count, capacity;
    size_t from;        /* those before it have their answers */
    size_t part;        /* how many are in this transaction */
    size_t part_max;    /* smaller after a failure */
    unsigned tries;     /* of this part, without a pause */
    unsigned conflicts; /* of this part */

    struct err seal_err; /* why the work could not be sealed */

    int32_t unknown_standards[UNKNOWN_STANDARDS_MAX]; /* that promises of this part keep */
    size_t unknown_standard_count;

    bool is_steps;
    int16_t buckets[BUCKET_COUNT];
    size_t bucket_count;
    int64_t steps_taken;
    bool has_more_steps;

    int64_t started_us, committing_us;
};

struct intake_batch *intake_batch_new(struct intake *in, size_t lane)
{
    struct intake_batch *b = xcalloc(1, sizeof(*b));
    b->intake = in;
    b->lane = lane;
    b->work = work_new();
    b->events = event_batch_new();
    b->heads = event_heads_new(in->service->name, in->slots);
    return b;
}

void intake_batch_free(struct intake_batch *b)
{
    if (!b) {
        return;
    }
    for (size_t i = b->from; i < b->count; i++) {
        intake_request_release(b->intake->requests, b->records[i]->request);
    }
    work_free(b->work);
    event_batch_free(b->events);
    event_heads_free(b->heads);
    free(b->records);
    free(b);
}

void intake_batch_add(struct intake_batch *b, struct intake_record *r)
{
    if (b->count == b->capacity) {
        b->capacity = b->capacity ? 2 * b->capacity : 64;
        b->records = xreallocarray(b->records, b->capacity, sizeof(struct intake_record *));
    }
    b->records[b->count++] = r;
    b->part_max = b->count;
}

bool intake_batch_is_done(const struct intake_batch *b)
{
    return b->from == b->count;
}

/* ---- the transaction */

static void on_targets(void *ctx, struct db *db, const struct db_reply *reply);
static void read_all(struct intake_batch *b, struct db *db);
static void go_on(struct intake_batch *b, struct db *db);
static void on_read(void *ctx, struct db *db, const struct db_reply *reply);
static void on_written(void *ctx, struct db *db, const struct db_reply *reply);
static void on_failed(struct intake_batch *b, struct db *db, const struct db_reply *reply);
static void on_answered_early(void *ctx, struct db *db, const struct db_reply *reply);
static void answer_part(struct intake_batch *b);

static void emit(void *ctx, const Troth__V1__Event *event)
{
    event_batch_add(ctx, event);
}

static void begin(struct intake_batch *b, struct db *db)
{
    const struct intake *in = b->intake;
    b->started_us = instant_monotonic_us();
    event_batch_clear(b->events);
    work_clear(b->work);
    work_begin(b->work, &(struct work_terms){
                            .now_us = service_now_us(in->service),
                            .grace_us = in->settings->grace_us,
                            .standard = in->standard,
                            .standard_id = in->standard_id,
                            .shelf = in->shelf,
                            .forecast = in->forecast,
                            .triage = in->triage,
                            .keyring = in->keyring,
                            .emit = emit,
                            .emit_ctx = b->events,
                        });
    db_begin(db);
    b->void_reads = intake_void_read_nothing();
    if (!b->is_steps) {
        size_t left = b->count - b->from;
        b->part = erasure_part(b->records + b->from, left < b->part_max ? left : b->part_max);
        if (intake_void_ask_targets(db, b->records + b->from, b->part)) {
            db_run(db, on_targets, b);
            return;
        }
    }
    read_all(b, db);
}

/* Records whose customers are another lane's go there, where they are asked for again. */
static void hand_over(struct intake_batch *b)
{
    struct intake *in = b->intake;
    size_t here = b->lane;
    size_t kept = b->from;
    for (size_t i = b->from; i < b->count; i++) {
        struct intake_record *r = b->records[i];
        size_t lane = (size_t)r->bucket % in->lane_count;
        if (i < b->from + b->part && lane != here) {
            intake_lane_add(in->lanes[lane], r);
            intake_lane_wake(in->lanes[lane]);
        } else {
            b->records[kept++] = r;
        }
    }
    b->part -= b->count - kept;
    b->count = kept;
}

static void on_nothing_left(void *ctx, struct db *db, const struct db_reply *reply)
{
    (void)reply; /* nothing was asked for */
    go_on(ctx, db);
}

static void on_targets(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct intake_batch *b = ctx;
    if (reply->outcome != DB_OK) {
        on_failed(b, db, reply);
        return;
    }
    intake_void_load_targets(reply->rows[0], b->records + b->from, b->part, b->work);
    hand_over(b);
    if (b->part == 0) {
        db_rollback(db);
        db_run(db, on_nothing_left, b);
        return;
    }
    read_all(b, db);
}

static void read_all(struct intake_batch *b, struct db *db)
{
    const struct intake *in = b->intake;
    if (b->is_steps) {
        promise_read_steps(db, b->buckets, b->bucket_count, b->work->now_us,
                           in->settings->step_batch, &b->reads);
    } else {
        for (size_t i = 0; i < b->part; i++) {
            intake_prepare(b->work, b->records[b->from + i]);
        }
        intake_read_records(db, b->records + b->from, b->part, &b->reads);
        intake_void_read(db, b->records + b->from, b->part, &b->reads.next, &b->void_reads);
        b->work->numbers.reserved = b->part * NUMBERS_PER_RECORD;
        intake_read_blocks(
            db,
            intake_numbers_missing(&b->work->numbers, b->work->numbers.reserved + NUMBERS_SPARE),
            &b->reads);
    }
    b->heads_set = event_heads_ask(b->heads, db) ? b->reads.next++ : -1;
    db_run(db, on_read, b);
}

static void decide_records(struct intake_batch *b)
{
    for (size_t i = 0; i < b->part; i++) {
        intake_decide(b->work, b->records[b->from + i]);
    }
}

/* Steps are fenced lane by lane: who lost a lane while he was away must not take its steps. */
static void decide_steps(struct intake_batch *b, struct db *db)
{
    unsigned fenced = 0;
    b->steps_taken = 0;
    WORK_EACH(struct work_case, c, &b->work->cases)
    {
        unsigned lane = (unsigned)identifier_bucket(c->number) % LANE_COUNT;
        for (struct work_promise *p = c->promises; p; p = p->next) {
            b->steps_taken += promise_decide_step(b->work, c, p);
        }
        if (!(fenced & 1U << lane)) {
            lease_put_fence(db, b->intake->step_lanes, lane);
            fenced |= 1U << lane;
        }
    }
}

/* ---- versions of the standard that another intake stored since we started */

static void on_standards(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct intake_batch *b = ctx;
    if (reply->outcome != DB_OK) {
        on_failed(b, db, reply);
        return;
    }
    intake_standard_fill(b->intake->shelf, reply->rows[0], b->unknown_standards,
                         b->unknown_standard_count, b->intake->metrics.standards_unreadable);
    begin(b, db);
}

/* What was read is given up: its texts end with it, and the part begins again. */
static void fetch_standards(struct intake_batch *b, struct db *db)
{
    intake_standard_ask(db, b->unknown_standards, b->unknown_standard_count);
    db_rollback(db);
    db_run(db, on_standards, b);
}

/* ---- cases that were merged */

static void on_survivors_missing(void *ctx, struct db *db, const struct db_reply *reply)
{
    (void)reply; /* what was asked for comes with all the rest */
    begin(ctx, db);
}

/* The part begins again, knowing what else is to be read. */
static void fetch_survivors(struct intake_batch *b, struct db *db)
{
    db_rollback(db);
    db_run(db, on_survivors_missing, b);
}

/* A key or a person did not open: nothing was written. As with what our own mistake would be, the
 * record at fault is found and told to come again. */
static void on_not_sealed(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct intake_batch *b = ctx;
    struct db_reply failure = *reply;
    if (reply->outcome == DB_OK) {
        failure.outcome = DB_BROKEN;
        failure.err = b->seal_err;
    }
    on_failed(b, db, &failure);
}

/* What is accepted is written, and COMMIT waits until a standby has that and all before it. Who is
 * told DUPLICATE forgets the record as well: the receipt that was found may be on this server
 * alone, if nobody waited for its standby (a restart, a wait that was cancelled). */
static bool tells_only_what_was_known(const struct intake_batch *b)
{
    bool is_told = false;
    for (size_t i = 0; i < b->part; i++) {
        Troth__V1__ReceiptStatus status = b->records[b->from + i]->status;
        if (status == TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_ACCEPTED) {
            return false;
        }
        is_told |= status == TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_DUPLICATE;
    }
    return is_told;
}

/* Queues all that was decided. */
static void write_all(struct intake_batch *b, struct db *db)
{
    (void)intake_write_queue(db, b->work);
    event_log_append_at(db, b->heads, b->events);
    if (!b->is_steps && tells_only_what_was_known(b)) {
        intake_batch_store_mark(db);
    }
}

static void on_read(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct intake_batch *b = ctx;
    size_t dropped = 0;
    if (reply->outcome != DB_OK) {
        on_failed(b, db, reply);
        return;
    }
    CRASH_POINT("intake.batch.read");
    b->work->audit_key = audit_task_key(b->intake->audit); /* another one after a reload */
    size_t due = intake_read_load(&b->reads, reply, b->work);
    lane_choice_learn(b->intake->lane_choice, b->work);
    intake_void_load(&b->void_reads, reply, b->work);
    if (b->heads_set >= 0) {
        event_heads_load(b->heads, reply->rows[b->heads_set]);
    }
    b->unknown_standard_count =
        promise_terms_unknown(b->work, b->unknown_standards, UNKNOWN_STANDARDS_MAX);
    if (b->unknown_standard_count > 0) {
        fetch_standards(b, db);
        return;
    }
    if (!b->is_steps && merge_read_misses_survivors(b->work, b->records + b->from, b->part)) {
        fetch_survivors(b, db);
        return;
    }
    promise_terms_find_all(b->work);
    b->has_more_steps = due == (size_t)b->intake->settings->step_batch;
    if (b->is_steps) {
        decide_steps(b, db);
        CRASH_POINT("intake.steps.decided");
    } else {
        decide_records(b);
        CRASH_POINT("intake.batch.decided");
    }
    if (intake_seal(b->work, &dropped, &b->seal_err) < 0) {
        db_rollback(db);
        db_run(db, on_not_sealed, b);
        return;
    }
    *b->intake->metrics.texts_dropped += (int64_t)dropped;
    /* The rows that were read end with this call, and the texts in the work with them: all is
     * queued by then. */
    write_all(b, db);
    CRASH_POINT("intake.batch.written");
    if (CRASH_CONTROL("ack_before_commit") && !b->is_steps) {
        answer_part(b);
        db_run(db, on_answered_early, b);
        return;
    }
    db_commit(db);
    b->committing_us = instant_monotonic_us();
    db_run(db, on_written, b);
    CRASH_POINT("intake.batch.sent");
}

static void finish(struct intake_batch *b, struct db *db, enum intake_batch_end end)
{
    work_clear(b->work);
    event_batch_clear(b->events);
    if (intake_batch_is_done(b)) {
        b->from = b->count = 0;
    }
    b->tries = 0;
    if (end != INTAKE_BATCH_LATER) {
        b->conflicts = 0; /* the next part is another one */
    }
    b->end(b->end_ctx, db, end);
}

/* The next part, or the end. */
static void go_on(struct intake_batch *b, struct db *db)
{
    if (intake_batch_is_done(b)) {
        finish(b, db, INTAKE_BATCH_DONE);
    } else {
        b->tries = b->conflicts = 0;
        begin(b, db);
    }
}

/* The sender may forget these records now. */
static void answer_part(struct intake_batch *b)
{
    for (size_t i = 0; i < b->part; i++) {
        intake_answer(b->intake, b->records[b->from + i]);
    }
    intake_replies_flush(b->intake->replies);
    b->from += b->part;
    b->part = 0;
}

static void on_written(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct intake_batch *b = ctx;
    struct intake_metrics *metrics = &b->intake->metrics;
    if (reply->outcome != DB_OK) {
        on_failed(b, db, reply);
        return;
    }
    CRASH_POINT("intake.batch.committed");
    metrics_observe(metrics->commit, instant_monotonic_us() - b->committing_us);
    event_heads_keep(b->heads, b->events);
    event_log_publish_at(b->intake->service->events, b->events);
    if (b->is_steps) {
        CRASH_POINT("intake.steps.committed");
        *metrics->steps += b->steps_taken;
        finish(b, db, b->has_more_steps ? INTAKE_BATCH_MORE_STEPS : INTAKE_BATCH_DONE);
        return;
    }
    CRASH_POINT("intake.batch.published");
    metrics_observe(metrics->batch_records, (int64_t)b->part);
    answer_part(b);
    metrics_observe(metrics->batch, instant_monotonic_us() - b->started_us);
    CRASH_POINT("intake.batch.answered");
    go_on(b, db);
}

/* ---- the control that answers before COMMIT (tests/faults/README.md): what then fails is lost */

static void on_gone(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct intake_batch *b = ctx;
    if (reply->outcome == DB_OK) {
        on_written(b, db, reply);
        return;
    }
    event_heads_forget(b->heads);
    finish(b, db, INTAKE_BATCH_LATER);
}

static void on_answered_early(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct intake_batch *b = ctx;
    if (reply->outcome != DB_OK) {
        on_gone(b, db, reply);
        return;
    }
    CRASH_POINT("control.batch.answered");
    db_commit(db);
    b->committing_us = instant_monotonic_us();
    db_run(db, on_gone, b);
}

/* ---- failures */

static void log_failure(const struct intake_batch *b, const struct db_reply *reply)
{
    log_warning("batch_failed", LOG_TEXT("what", b->is_steps ? "steps" : "records"),
                LOG_INT("records", b->is_steps ? 0 : b->part), LOG_INT("try", b->tries),
                LOG_TEXT("sqlstate", reply->sqlstate), LOG_ERR(&reply->err));
}

static void narrow_down(struct intake_batch *b, struct db *db, const struct db_reply *reply)
{
    if (b->part > 1) {
        b->part_max = (b->part + 1) / 2;
    } else {
        intake_give_up(b->intake, b->records[b->from++], reply);
    }
    go_on(b, db);
}

static bool is_conflict(const struct db_reply *reply)
{
    /* A serialization failure is somebody who was quicker; other retries are a connection that went
     * away. */
    return reply->outcome == DB_CONFLICT || strcmp(reply->sqlstate, "40001") == 0;
}

static void on_failed(struct intake_batch *b, struct db *db, const struct db_reply *reply)
{
    log_failure(b, reply);
    event_heads_forget(b->heads);
    *b->intake->metrics.batch_retries += 1;
    b->conflicts += is_conflict(reply);
    if (intake_keyring_was_fenced(reply)) {
        keyring_reload_again(b->intake->keyring_reload);
    }
    if (is_conflict(reply) && b->tries < TRIES_AT_ONCE) {
        b->tries++;
        begin(b, db);
    } else if (b->is_steps) {
        /* The next tick takes what is still due; meanwhile records are not held up. */
        finish(b, db,
               reply->outcome == DB_RETRY && !is_conflict(reply) ? INTAKE_BATCH_LATER
                                                                 : INTAKE_BATCH_DONE);
    } else if (reply->outcome == DB_DATA || reply->outcome == DB_BROKEN ||
               (reply->outcome == DB_CONFLICT && b->part > 1) || b->conflicts > CONFLICTS_MAX) {
        narrow_down(b, db, reply);
    } else {
        /* On a narrow line so much may never fit into the deadline: the same again would fail for
         * ever. After an outage parts that are too small would cost more than they spare. */
        if (!is_conflict(reply) && b->part > PART_SPARED) {
            b->part_max = (b->part + 1) / 2;
        }
        finish(b, db, INTAKE_BATCH_LATER);
    }
}

/* ---- running */

void intake_batch_run(struct intake_batch *b, struct db *db, intake_batch_end_fn *end, void *ctx)
{
    b->is_steps = false;
    b->end = end;
    b->end_ctx = ctx;
    begin(b, db);
}

void intake_batch_run_steps(struct intake_batch *b, struct db *db, const int16_t *buckets,
                            size_t bucket_count, intake_batch_end_fn *end, void *ctx)
{
    memcpy(b->buckets, buckets, bucket_count * sizeof(*buckets));
    b->bucket_count = bucket_count;
    b->is_steps = true;
    b->end = end;
    b->end_ctx = ctx;
    begin(b, db);
}
