/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event_log.h - committed facts that other services react to: log.head, log.event,
 * log.consumer_cursor.
 *
 * Append: as the last step of the transaction that made the facts. log.append() adds to the heads
 * of the process's own stream slot and inserts the events, so that each (stream, bucket) is
 * gap-free and in commit order. Who alone writes certain buckets of its stream can keep their heads
 * in memory and number the events itself (log.append_at()), which needs no answer. Read: `seq >
 * cursor ORDER BY seq` per (stream, bucket); the cursor is stored in the transaction of the effect
 * by compare and set, so an effect happens once even if two processes read the same events. Order
 * between streams is not promised: consumers apply by the version that each event carries.
 */
#ifndef TROTH_COMMON_RUNTIME_EVENT_LOG_H
#define TROTH_COMMON_RUNTIME_EVENT_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/runtime/bus.h"
#include "common/runtime/db.h"
#include "common/runtime/lease.h"
#include "event.pb-c.h"

#define EVENT_SLOT_COUNT 8 /* slots per service: intake.0 ... intake.7 */

/* ---- append */

struct event_batch; /* events of one transaction, reusable */
struct event_batch *event_batch_new(void);
void event_batch_free(struct event_batch *b);
void event_batch_clear(struct event_batch *b);
size_t event_batch_count(const struct event_batch *b);

/* Packs and keeps a copy. The bucket is that of event->customer (its low byte). event->stream,
 * bucket and seq are ignored. The kind stored and published is the name of the oneof field that is
 * set ("case_opened"). */
void event_batch_add(struct event_batch *b, const Troth__V1__Event *event);

/* Queues the append to stream "<service>.<slot>" (slots: the lease set of group "stream/<service>";
 * the first one held, which the batch remembers); does nothing for an empty batch. Its rows are the
 * next set of the step: (ordinal int4, seq int8). */
void event_log_append(struct db *db, const char *service, const struct lease_set *slots,
                      struct event_batch *b);

/* After COMMIT: sends the events with their positions. appended is the row set of
 * event_log_append(). pub may be NULL. */
void event_log_publish(struct bus_socket *pub, const struct event_batch *b,
                       const struct db_rows *appended);

/* ---- append, with heads in memory: for one connection that alone writes certain buckets of the
 * stream (others writing them too is no harm, but costs both of them a failed transaction).
 *
 * - event_heads_ask(): in the reading step; queues at most one statement
 * - event_heads_load(), event_log_append_at(): in the writing step, its last statement
 * - event_heads_keep(): when COMMIT was answered
 * - event_heads_forget(): when anything failed, or nobody knows whether it was committed
 */
struct event_heads;
/* Of the first slot that is held, whichever that is at the time. Both arguments outlive it. */
struct event_heads *event_heads_new(const char *service, const struct lease_set *slots);
void event_heads_free(struct event_heads *h); /* NULL is fine */
/* Queues the question unless they are known under the present term. Returns whether it did: its
 * rows are the next set of the step, for event_heads_load(). */
bool event_heads_ask(struct event_heads *h, struct db *db);
void event_heads_load(struct event_heads *h, const struct db_rows *rows);
/* Numbers and queues the events; it has no set of rows. Does nothing for an empty batch. The
 * transaction fails with 40001 if a head has moved meanwhile or the lease is over. */
void event_log_append_at(struct db *db, const struct event_heads *h, struct event_batch *b);
void event_heads_keep(struct event_heads *h, const struct event_batch *b);
void event_heads_forget(struct event_heads *h);
/* After COMMIT, as event_log_publish(). */
void event_log_publish_at(struct bus_socket *pub, const struct event_batch *b);

/* ---- consume */

struct service;
struct event_consumer;
struct event_consumption; /* one batch being applied */

struct event_consumer_options {
    const char *consumer;        /* "loyalty": whose cursors */
    const char *const *services; /* NULL-ended: whose streams, e.g. {"intake", "followup", NULL} */
    size_t batch_max;            /* events per transaction */
    int64_t poll_us;             /* look at least this often */
    const struct lease_set *lanes; /* bucket modulo their number is the lane; only buckets of held
                                    * lanes are read, and each transaction is fenced by them */
    bool is_lane_by_lane; /* when there is more than a batch: as many events of each bucket of one
                           * lane, so that a batch is about a short time. False: places one after
                           * the other */
    /* Begins to apply a batch inside an open transaction (BEGIN and the fences are queued already;
     * they are no sets of rows). Ends, now or from a later step, with event_consumption_commit() or
     * event_consumption_fail(). One batch at a time. */
    void (*apply)(void *ctx, struct event_consumption *c);
    /* After COMMIT of a batch; reply holds the rows of the last step's own statements. May be NULL.
     * Not called for a batch of which no event could be unpacked. */
    void (*applied)(void *ctx, struct event_consumption *c, const struct db_reply *reply);
    /* Whether a round may begin now, and apply what it has read; asked again with each poll and
     * wake. NULL: always. */
    bool (*may_read)(const void *ctx);
    void *ctx;
    /* For its clock and metrics: troth_events_*, with the consumer as label. NULL: none. */
    const struct service *service;
};

struct event_consumer *event_consumer_new(struct loop *loop, struct db_pool *pool,
                                          const struct event_consumer_options *options);
void event_consumer_free(struct event_consumer *c);
void event_consumer_wake(struct event_consumer *c); /* somebody published: look now */
bool event_consumer_is_busy(const struct event_consumer *c);

/* The batch: unpacked events with stream, bucket and seq filled in, ordered by (stream, bucket,
 * seq); borrowed. */
size_t event_consumption_count(const struct event_consumption *c);
const Troth__V1__Event *event_consumption_get(const struct event_consumption *c, size_t i);
struct db *event_consumption_db(const struct event_consumption *c);
struct arena *event_consumption_arena(struct event_consumption *c); /* freed after the batch */

/* Queues cursors and COMMIT after what the caller queued, and runs; then applied() is called and
 * the connection released. */
void event_consumption_commit(struct event_consumption *b);
/* The caller's step failed (the wrapper has rolled back): logs once, releases, and tries again with
 * backoff and half as many events, down to one; a single event whose data are at fault holds up its
 * own bucket alone. */
void event_consumption_fail(struct event_consumption *b, const struct db_reply *reply);

#endif
