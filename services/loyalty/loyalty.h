/* SPDX-License-Identifier: Apache-2.0 */
/* loyalty.h - the state of a running loyalty scoring process, and its parts. */
#ifndef TROTH_LOYALTY_LOYALTY_H
#define TROTH_LOYALTY_LOYALTY_H

#include "common/base/arena.h"
#include "common/runtime/event_log.h"
#include "common/runtime/inquiry.h"
#include "common/runtime/lease.h"
#include "common/runtime/service.h"
#include "services/loyalty/fit_set.h"
#include "services/loyalty/loyalty_fold.h"
#include "services/loyalty/loyalty_settings.h"
#include "services/loyalty/points_batch.h"
#include "services/loyalty/score_policy.h"

struct loyalty_sweep;
struct replay_desk;

struct loyalty {
    struct service *service;
    struct score_policy policy;
    struct fit_set fits;     /* in force */
    struct lease_set *slots; /* whom we append events as */
    struct lease_set *lanes; /* whose customers are ours */
    struct event_consumer *consumer;
    struct bus_socket *intake_events; /* NULL: the database alone is looked at */
    struct loyalty_sweep *sweep;
    /* Of the batch that is being applied, from the log or of the sweep: one at a time. */
    struct event_consumption *consumption; /* NULL: of the sweep */
    struct loyalty_fold *fold;
    struct points_batch *points;
    struct event_batch *appended;
    size_t appended_set; /* of the last step: the set with the positions of the appended events */
    /* Score requests. */
    struct inquiry_desk *desk;
    struct replay_desk *replays;
    struct arena *arena; /* of the request being read */
    int64_t *applied_count, *changed_count, *looked_count, *request_count, *refused_count;
};

/* Policy, models and what batches need; waits for the database. Returns 0, or -1 with err. */
MUST_CHECK int loyalty_batch_start(struct loyalty *l, struct err *err);
void loyalty_batch_stop(struct loyalty *l);

/* loyalty_batch.c: what a batch does in its transaction, whether it comes from the log or from the
 * sweep. First of all: from then on no start-over can come between, which takes the same table
 * first; so neither waits for the other in a circle. */
void loyalty_batch_hold(struct loyalty *l, struct db *db);
/* After loyalty_fold_seal(). */
void loyalty_batch_read(struct loyalty *l, struct db *db);
/* With the answer: computes, and queues the writing and the events. Returns 0, or -1 with err: then
 * nothing was queued. */
MUST_CHECK int loyalty_batch_write(struct loyalty *l, struct db *db, const struct db_reply *reply,
                                   struct err *err);
/* After COMMIT; reply is that of the step of loyalty_batch_write(). */
void loyalty_batch_publish(struct loyalty *l, const struct db_reply *reply);

/* loyalty_consume.c: events become scores. Returns 0, or -1 with err. */
MUST_CHECK int loyalty_consume_start(struct loyalty *l, struct err *err);
void loyalty_consume_stop(struct loyalty *l);
/* Looks for events soon: a demo may have held them back. */
void loyalty_consume_wake(struct loyalty *l);

/* loyalty_sweep.c: what time alone, a new model or a merge changes. After loyalty_consume_start().
 */
void loyalty_sweep_start(struct loyalty *l);
void loyalty_sweep_stop(struct loyalty *l);
/* Business time has moved: looks soon. */
void loyalty_sweep_wake(struct loyalty *l);
/* Lanes have come to us: perhaps with scores that were made with other fits. Does nothing
 * before loyalty_sweep_start(). */
void loyalty_sweep_walk(struct loyalty *l);
/* Events must wait: the sweep has begun a batch, or is about to. */
bool loyalty_sweep_is_busy(const struct loyalty *l);

/* loyalty_announce.c: the events about what the fold has found, in the order of their versions. */
void loyalty_announce(struct loyalty *l);

/* loyalty_request.c: ctx is the struct loyalty. */
void loyalty_on_request(void *ctx, struct bus_socket *socket, const struct bus_message *message);

#endif
