/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_orders.c - what has its number becomes an order; what cannot be ordered ends or goes
 * back.
 *
 * 1. BEGIN, move the follow-ups whose claim still stands (the update names its version) and whose
 *    customer has not said no since; a claim that is not moved runs out, and the next one says why
 * 2. insert the attempts of those that moved, append events, COMMIT
 * 3. only now send the orders
 *
 * A commit whose end is not known sends nothing: the watch finds the order, if there is one, and
 * asks the dialer, which has never seen it. So is an order that no queue takes until its start-by.
 */
#include "services/followup/followup_orders.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "dialer.pb-c.h"
#include "services/followup/followup.h"
#include "services/followup/followup_announce.h"
#include "services/followup/followup_attempt_store.h"
#include "services/followup/followup_call.h"
#include "services/followup/followup_claims.h"
#include "services/followup/followup_talk.h"

enum {
    BATCH_MAX = 128
};

#define SEND_AGAIN_US (10 * DURATION_MS)

struct followup_orders {
    struct followup *followup;
    struct followup_talk talk;
    struct loop_timer *timer;
    struct followup_call *ready;  /* to be stored */
    struct followup_call *unsent; /* committed, to be sent */
    /* of the conversation */
    struct followup_call *batch;
    struct follow_up_list list; /* in the order of the batch */
    struct event_batch *events;
    int64_t now_us, machine_now_us;
};

/* ---- 3 */

static int send_order(struct followup_orders *o, const struct followup_call *call)
{
    const struct follow_up *f = &call->due.follow_up;
    char key[FOLLOWUP_ORDER_KEY_SIZE];
    char phone[FOLLOWUP_PHONE_SIZE];
    char language[FOLLOWUP_LANGUAGE_SIZE];
    char script[FOLLOW_UP_RULE_SIZE];
    Troth__V1__DialOrder order = TROTH__V1__DIAL_ORDER__INIT;
    Troth__V1__DialerReply message = TROTH__V1__DIALER_REPLY__INIT;
    (void)text_copy(key, sizeof(key), call->key);
    (void)text_copy(phone, sizeof(phone), call->phone);
    (void)text_copy(language, sizeof(language), call->due.language);
    (void)text_copy(script, sizeof(script), f->rule);
    order.key = key;
    order.has_follow_up = order.has_attempt = order.has_start_by_us = order.has_now_us = true;
    order.follow_up = f->number;
    order.attempt = f->attempts;
    order.start_by_us = call->start_by_us;
    order.phone = phone;
    order.language = language[0] ? language : NULL;
    order.script = script;
    order.has_service_case = f->service_case != 0;
    order.service_case = f->service_case;
    order.has_promises_kept = order.has_promises_broken = true;
    order.promises_kept = call->due.promises_kept;
    order.promises_broken = call->due.promises_broken;
    order.now_us = call->ordered_us;
    message.body_case = TROTH__V1__DIALER_REPLY__BODY_ORDER;
    message.order = &order;
    int rc = followup_send_to_dialer(o->followup, call->dialer, &message);
    explicit_bzero(phone, sizeof(phone));
    return rc;
}

/* Returns false while orders wait for room in a queue. */
static bool send_all(struct followup_orders *o)
{
    int64_t now_us = instant_now_us();
    struct followup_call *next;
    for (struct followup_call *call = o->unsent; call; call = next) {
        next = call->next;
        bool is_sent = send_order(o, call) == 0;
        if (is_sent) {
            followup_dialers_sent(call->dialer);
            call->dialer = NULL;
        }
        if (is_sent || now_us > call->start_by_us) {
            followup_call_remove(&o->unsent, call);
            followup_call_free(call);
        }
    }
    return o->unsent == NULL;
}

/* ---- 1 */

/* A line of a dialer that may still dial; NULL when there is none. */
static struct followup_dialer *book(struct followup_orders *o, int64_t now_us)
{
    struct followup_dialers *all = o->followup->dialers;
    struct followup_dialer *dialer = followup_dialers_book(all, now_us);
    while (dialer && !followup_may_dial(o->followup, dialer)) {
        followup_dialers_unbook(dialer);
        followup_dialers_lock_out(all,
                                  (struct bytes){.data = dialer->peer, .len = dialer->peer_len});
        dialer = followup_dialers_book(all, now_us);
    }
    return dialer;
}

/* The dialer it was booked for may have gone since, or lost its right; then another one, or back to
 * planned. */
static void choose_dialer(struct followup_orders *o, struct followup_call *call)
{
    int64_t now_us = instant_monotonic_us();
    if (call->event == FOLLOW_UP_IS_ORDERED &&
        !(followup_dialer_is_connected(call->dialer, now_us) &&
          followup_may_dial(o->followup, call->dialer))) {
        followup_dialers_unbook(call->dialer);
        call->dialer = book(o, now_us);
        call->event = call->dialer ? FOLLOW_UP_IS_ORDERED : FOLLOW_UP_CLAIM_ENDED;
    }
}

static void move(struct followup_orders *o, struct followup_call *call)
{
    struct err err = ERR_NONE;
    struct follow_up *f = &call->due.follow_up;
    choose_dialer(o, call);
    if (followup_set_state(f, call->event, o->now_us, NULL, &err) < 0) {
        log_error("follow_up_stuck", LOG_INT("follow_up", f->number), LOG_ERR(&err));
    } else if (f->state == FOLLOW_UP_ORDERED) {
        f->attempts++;
        call->ordered_us = o->now_us;
        call->start_by_us = o->machine_now_us + o->followup->settings->start_within_us;
    }
    *follow_up_list_add(&o->list) = *f;
}

/* ---- 2 */

static bool was_changed(const struct db_reply *reply, int64_t number)
{
    for (size_t s = 0; s < reply->count; s++) {
        for (size_t i = 0; i < db_row_count(reply->rows[s]); i++) {
            if (followup_store_get_changed(reply->rows[s], i) == number) {
                return true;
            }
        }
    }
    return false;
}

static void add_attempt(const struct followup_call *call, struct followup_attempt *ret)
{
    *ret = (struct followup_attempt){
        .follow_up = call->due.follow_up.number,
        .attempt = call->due.follow_up.attempts,
        .state = FOLLOWUP_ATTEMPT_ORDERED,
        .ordered_us = call->ordered_us,
        .start_by_us = call->start_by_us,
    };
    (void)text_copy(ret->dialer, sizeof(ret->dialer), call->dialer->name);
    (void)text_copy(ret->journal, sizeof(ret->journal), call->dialer->journal);
}

static void flush(void *ctx);

static void end_batch(struct followup_orders *o)
{
    followup_call_free_list(&o->batch);
    followup_talk_end(&o->talk);
    if (o->ready || o->unsent) {
        loop_timer_after(o->timer, 0);
    }
    /* Lines that were booked for what ended or went back are free again. */
    followup_claims_on_lines(o->followup->claims);
}

static void on_committed(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct followup_orders *o = ctx;
    (void)db;
    if (reply->outcome != DB_OK) {
        followup_log_failure(o->followup, "orders_failed", reply);
        end_batch(o);
        return;
    }
    followup_publish(o->followup, o->events, reply);
    struct followup_call *next;
    for (struct followup_call *call = o->batch; call; call = next) {
        next = call->next;
        if (call->event == FOLLOW_UP_IS_ORDERED) {
            followup_call_remove(&o->batch, call);
            followup_call_append(&o->unsent, call);
            (*o->followup->metrics.ordered)++;
        }
    }
    (void)send_all(o);
    end_batch(o);
}

static void on_moved(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct followup_orders *o = ctx;
    struct followup_attempt attempts[BATCH_MAX];
    size_t count = 0;
    if (reply->outcome != DB_OK) {
        followup_log_failure(o->followup, "orders_failed", reply);
        end_batch(o);
        return;
    }
    struct followup_call *next;
    for (struct followup_call *call = o->batch; call; call = next) {
        next = call->next;
        const struct follow_up *f = &call->due.follow_up;
        if (!was_changed(reply, f->number)) {
            log_warning("claim_lost", LOG_TEXT("order", call->key));
            followup_call_remove(&o->batch, call);
            followup_call_free(call);
        } else if (call->event == FOLLOW_UP_IS_ORDERED) {
            add_attempt(call, &attempts[count++]);
        } else {
            followup_announce_end(o->events, f, FOLLOW_UP_CLAIMED, o->now_us);
        }
    }
    if (count > 0) {
        followup_attempt_store_put_insert(db, attempts, count);
    }
    followup_append(o->followup, db, o->events);
    db_commit(db);
    db_run(db, on_committed, o);
}

static void start(void *ctx, struct db *db)
{
    struct followup_orders *o = ctx;
    size_t count = 0;
    o->now_us = service_now_us(o->followup->service);
    o->machine_now_us = instant_now_us();
    follow_up_list_clear(&o->list);
    event_batch_clear(o->events);
    struct followup_call *next;
    for (struct followup_call *call = o->ready; call; call = next) {
        next = call->next;
        if (count++ == BATCH_MAX) {
            break;
        }
        followup_call_remove(&o->ready, call);
        followup_call_append(&o->batch, call);
        move(o, call);
    }
    db_begin(db);
    (void)followup_store_put_changes(db, &o->list, NULL);
    db_run(db, on_moved, o);
}

/* ---- life */

static void flush(void *ctx)
{
    struct followup_orders *o = ctx;
    if (!send_all(o)) {
        loop_timer_after(o->timer, SEND_AGAIN_US);
    }
    if (o->ready && !o->talk.is_busy) {
        followup_talk_begin(&o->talk, start, o);
    }
}

struct followup_orders *followup_orders_new(struct followup *f)
{
    struct followup_orders *o = xcalloc(1, sizeof(*o));
    o->followup = f;
    o->talk.pool = f->service->db;
    o->timer = loop_timer_new(f->service->loop, flush, o);
    o->events = event_batch_new();
    return o;
}

void followup_orders_free(struct followup_orders *o)
{
    if (o) {
        followup_talk_close(&o->talk);
        followup_call_free_list(&o->ready);
        followup_call_free_list(&o->unsent);
        followup_call_free_list(&o->batch);
        loop_timer_free(o->timer);
        event_batch_free(o->events);
        follow_up_list_free(&o->list);
        free(o);
    }
}

void followup_orders_add(struct followup_orders *o, struct followup_call *call)
{
    followup_call_append(&o->ready, call);
    if (!o->talk.is_busy) {
        loop_timer_after(o->timer, 0);
    }
}

bool followup_orders_is_busy(const struct followup_orders *o)
{
    return o->talk.is_busy || o->ready || o->unsent;
}
