/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_claims.c - one round:
 *
 * 1. which buckets of our lanes have due work                          no lock
 * 2. BEGIN, fences, lock due rows bucket by bucket (SKIP LOCKED)
 * 3. decide each (followup_plan_due), store, append events, COMMIT
 * 4. ask for the numbers of what was claimed
 *
 * No more is claimed than dialers have lines: the rest stays planned, for us or for another
 * process, until its window has passed. Without lines only windows that have passed are looked at.
 */
#include "services/followup/followup_claims.h"

#include <stdlib.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "services/followup/followup.h"
#include "services/followup/followup_announce.h"
#include "services/followup/followup_call.h"
#include "services/followup/followup_numbers.h"
#include "services/followup/followup_talk.h"

enum {
    ROUND_BUCKETS = 32,
    ROUND_ROWS = 64, /* per bucket: bounds what one transaction locks */
};

struct followup_claims {
    struct followup *followup;
    struct followup_talk talk;
    bool is_wanted;  /* another round after this one */
    bool is_starved; /* the last round had too few lines */
    /* of the round */
    struct followup_due_query query;
    size_t bucket_count;
    struct follow_up_list list;
    struct followup_call *calls; /* claimed, once committed */
    struct event_batch *events;
    int64_t claim_until_us; /* monotonic */
    int64_t claimed_count;
    bool has_more;
};

struct followup_claims *followup_claims_new(struct followup *f)
{
    struct followup_claims *c = xcalloc(1, sizeof(*c));
    c->followup = f;
    c->talk.pool = f->service->db;
    c->events = event_batch_new();
    return c;
}

void followup_claims_free(struct followup_claims *c)
{
    if (c) {
        followup_talk_close(&c->talk);
        followup_call_free_list(&c->calls);
        event_batch_free(c->events);
        follow_up_list_free(&c->list);
        free(c);
    }
}

bool followup_claims_is_busy(const struct followup_claims *c)
{
    return c->talk.is_busy;
}

static void end_round(struct followup_claims *c, bool is_again)
{
    followup_call_free_list(&c->calls);
    followup_talk_end(&c->talk);
    if (c->is_wanted || is_again) {
        followup_claims_wake(c);
    }
}

/* ---- 4 */

static void on_committed(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct followup_claims *c = ctx;
    (void)db;
    if (reply->outcome != DB_OK) {
        /* What was claimed all the same is taken up again when its claim has run out. */
        followup_log_failure(c->followup, "claims_failed", reply);
        end_round(c, false);
        return;
    }
    followup_publish(c->followup, c->events, reply);
    *c->followup->metrics.claimed += c->claimed_count;
    while (c->calls) {
        struct followup_call *call = c->calls;
        followup_call_remove(&c->calls, call);
        followup_numbers_ask(c->followup->numbers, call);
    }
    end_round(c, c->has_more);
}

/* ---- 3 */

static void add_call(struct followup_claims *c, const struct followup_due *due,
                     const struct follow_up *claimed, struct followup_dialer *dialer)
{
    struct followup_call *call = xcalloc(1, sizeof(*call));
    call->due = *due;
    call->due.follow_up = *claimed;
    call->due.follow_up.stored_version = claimed->version;
    call->dialer = dialer;
    call->claim_until_us = c->claim_until_us;
    (void)followup_order_key(claimed->number, claimed->attempts + 1, call->key);
    followup_call_append(&c->calls, call);
}

/* Returns false when it could only be claimed and no line is free. */
static bool decide(struct followup_claims *c, const struct followup_due *due)
{
    struct followup *f = c->followup;
    struct err err = ERR_NONE;
    struct follow_up moved = due->follow_up;
    struct followup_dialer *dialer = NULL;
    enum follow_up_event event =
        followup_plan_due(&due->follow_up, &due->circumstances, c->query.now_us);
    if (event == FOLLOW_UP_IS_CLAIMED) {
        dialer = followup_dialers_book(f->dialers, instant_monotonic_us());
        if (!dialer) {
            return false;
        }
    }
    bool was_claimed = moved.state == FOLLOW_UP_CLAIMED;
    if ((was_claimed &&
         followup_set_state(&moved, FOLLOW_UP_CLAIM_ENDED, c->query.now_us, NULL, &err) < 0) ||
        followup_set_state(&moved, event, c->query.now_us, NULL, &err) < 0) {
        log_error("follow_up_stuck", LOG_INT("follow_up", moved.number), LOG_ERR(&err));
        if (dialer) {
            followup_dialers_unbook(dialer);
        }
        return true;
    }
    *follow_up_list_add(&c->list) = moved;
    followup_announce_end(c->events, &moved, FOLLOW_UP_PLANNED, c->query.now_us);
    if (dialer) {
        add_call(c, due, &moved, dialer);
        c->claimed_count++;
    }
    return true;
}

static void on_locked(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct followup_claims *c = ctx;
    struct followup *f = c->followup;
    if (reply->outcome != DB_OK) {
        followup_log_failure(f, "claims_failed", reply);
        end_round(c, false);
        return;
    }
    bool has_lines = true;
    for (size_t s = 0; s < reply->count; s++) {
        size_t rows = db_row_count(reply->rows[s]);
        c->has_more |= rows == ROUND_ROWS;
        for (size_t i = 0; i < rows; i++) {
            struct followup_due due;
            followup_store_get_due(reply->rows[s], i, &due);
            has_lines &= decide(c, &due);
        }
    }
    c->has_more &= has_lines && c->list.count > 0;
    c->is_starved |= !has_lines;
    struct followup_claim_mark mark = {
        .holder = f->service->holder,
        .until_us = c->query.machine_now_us + f->settings->claim_for_us,
    };
    (void)followup_store_put_changes(db, &c->list, &mark);
    followup_append(f, db, c->events);
    db_commit(db);
    db_run(db, on_committed, c);
}

/* ---- 1 and 2 */

static void on_buckets(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct followup_claims *c = ctx;
    if (reply->outcome != DB_OK) {
        followup_log_failure(c->followup, "claims_failed", reply);
        end_round(c, false);
        return;
    }
    c->bucket_count = db_row_count(reply->rows[0]);
    if (c->bucket_count == 0) {
        end_round(c, false);
        return;
    }
    c->has_more = c->bucket_count == ROUND_BUCKETS;
    c->query.limit = ROUND_ROWS;
    db_begin(db);
    followup_put_fences(c->followup, db);
    for (size_t i = 0; i < c->bucket_count; i++) {
        followup_store_put_lock_due(db, &c->query,
                                    followup_store_get_due_bucket(reply->rows[0], i));
    }
    db_run(db, on_locked, c);
}

static void start(void *ctx, struct db *db)
{
    struct followup_claims *c = ctx;
    struct followup *f = c->followup;
    struct db_array buckets;
    c->is_wanted = false;
    c->has_more = false;
    c->claimed_count = 0;
    follow_up_list_clear(&c->list);
    event_batch_clear(c->events);
    c->claim_until_us = instant_monotonic_us() + f->settings->claim_for_us;
    c->query = (struct followup_due_query){
        .now_us = service_now_us(f->service),
        .machine_now_us = instant_now_us(),
        .holder = f->service->holder,
        .has_lines = followup_dialers_free_lines(f->dialers, instant_monotonic_us()) > 0,
        .limit = ROUND_BUCKETS,
    };
    c->is_starved = !c->query.has_lines;
    followup_list_buckets(f, &buckets);
    followup_store_put_due_buckets(db, &c->query, &buckets);
    db_array_free(&buckets);
    db_run(db, on_buckets, c);
}

void followup_claims_wake(struct followup_claims *c)
{
    const struct followup *f = c->followup;
    if (c->talk.is_busy) {
        c->is_wanted = true;
        return;
    }
    c->is_wanted = false;
    if (!f->is_draining && lease_held_count(f->lanes) > 0 && followup_can_write(f)) {
        followup_talk_begin(&c->talk, start, c);
    }
}

void followup_claims_on_lines(struct followup_claims *c)
{
    if (c->is_starved || c->talk.is_busy) {
        followup_claims_wake(c);
    }
}
