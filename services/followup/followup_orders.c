/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_orders.c - what has its number becomes an order; what cannot be ordered ends or goes
 * back.
 *
 * 1. BEGIN, count the orders up in the contact budgets, which locks them, and look whether each is
 *    within its limits; what is not goes back, and the next claim says why
 * 2. move the follow-ups whose claim still stands (the update names its version), whose customer
 * has not said no since, and whose matter is as it was; a claim that is not moved runs out
 * 3. insert the attempts of those that moved, take back what was counted for the others, append
 *    events, COMMIT
 * 4. only now send the orders
 *
 * A commit whose end is not known sends nothing: the watch finds the order, if there is one, and
 * asks the dialer, which has never seen it. So is an order that no queue takes until its start-by,
 * or whose dialer comes back with another journal.
 */
#include "services/followup/followup_orders.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/crash_point.h"
#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "dialer.pb-c.h"
#include "services/followup/agenda_store.h"
#include "services/followup/followup.h"
#include "services/followup/followup_announce.h"
#include "services/followup/followup_attempt_store.h"
#include "services/followup/followup_budget_store.h"
#include "services/followup/followup_call.h"
#include "services/followup/followup_claims.h"
#include "services/followup/followup_order_message.h"
#include "services/followup/followup_row_store.h"
#include "services/followup/followup_talk.h"
#include "services/followup/worklist_desk.h"

enum {
    BATCH_MAX = 512,
    MESSAGE_BUDGET = 256 * 1024,
};

#define SEND_AGAIN_US (2 * DURATION_MS)

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
    struct followup_budget_order
        counted[BATCH_MAX]; /* those of the batch that were to be ordered */
    size_t counted_count;
    struct followup_budget_order taken_back[BATCH_MAX]; /* of these */
    size_t taken_back_count;
    size_t moved_count;         /* sets of rows that say what was moved: one, or none */
    int64_t changed[BATCH_MAX]; /* what was moved, ascending */
    size_t changed_count;
    struct followup_attempt attempts[BATCH_MAX]; /* of those that were ordered */
    struct arena *arena;                         /* for one message */
    bool has_given_back;                         /* a claim of the batch went back to planned */
    int64_t now_us, machine_now_us;
};

/* ---- 4 */

/* Returns false while orders wait for room in a queue. */
static bool send_all(struct followup_orders *o)
{
    int64_t now_us = instant_now_us();
    struct followup_call *next;
    for (struct followup_call *call = o->unsent; call; call = next) {
        next = call->next;
        /* The watch lists the order for a person: whoever has this journal must not dial it, too.
         */
        bool is_lost = strcmp(call->journal, call->dialer->journal) != 0;
        bool is_sent = !is_lost && followup_order_message_send(o->followup, call, o->arena) == 0;
        if (is_sent) {
            CRASH_POINT("followup.order.sent");
            followup_dialers_sent(call->dialer);
            call->dialer = NULL;
        }
        if (is_sent || is_lost || now_us > call->start_by_us) {
            followup_call_remove(&o->unsent, call);
            followup_call_free(call);
        }
    }
    return o->unsent == NULL;
}

/* ---- 2 */

/* A line of a dialer that may still dial; NULL when there is none. */
static struct followup_dialer *book(struct followup_orders *o, int32_t channel)
{
    struct followup_dialers *all = o->followup->dialers;
    const struct followup_dialers_when when = followup_when(o->followup);
    struct followup_dialer *dialer = followup_dialers_book(all, channel, &when);
    while (dialer && !followup_may_dial(o->followup, dialer)) {
        followup_dialers_unbook(dialer);
        followup_dialers_lock_out(all,
                                  (struct bytes){.data = dialer->peer, .len = dialer->peer_len});
        dialer = followup_dialers_book(all, channel, &when);
    }
    return dialer;
}

static bool is_person(const struct followup_call *call)
{
    return call->dialer && call->dialer->take;
}

/* Whoever asked for it does not wait any more. */
static void give_up_absent(struct followup_call *call)
{
    if (call->event == FOLLOW_UP_IS_ORDERED && !worklist_take_is_waiting(call->dialer->take)) {
        followup_dialers_unbook(call->dialer);
        call->dialer = NULL;
        call->event = FOLLOW_UP_CLAIM_ENDED;
    }
}

/* What a person gets counts in the budgets once it is accepted. */
static bool is_counted(const struct followup_call *call)
{
    return call->event == FOLLOW_UP_IS_ORDERED && !is_person(call);
}

/* The dialer it was booked for may have gone since, or lost its right, or its hours are over; then
 * another one, or back to planned. */
static void choose_dialer(struct followup_orders *o, struct followup_call *call)
{
    int32_t channel = call->due.follow_up.channel;
    const struct followup_dialers_when when = followup_when(o->followup);
    if (is_person(call)) {
        give_up_absent(call);
        return;
    }
    if (call->event == FOLLOW_UP_IS_ORDERED &&
        !(followup_dialer_can(call->dialer, channel, &when) &&
          followup_may_dial(o->followup, call->dialer))) {
        followup_dialers_unbook(call->dialer);
        call->dialer = book(o, channel);
        call->event = call->dialer ? FOLLOW_UP_IS_ORDERED : FOLLOW_UP_CLAIM_ENDED;
    }
}

static void move(struct followup_orders *o, struct followup_call *call)
{
    struct err err = ERR_NONE;
    struct follow_up *f = &call->due.follow_up;
    o->has_given_back |= call->event == FOLLOW_UP_CLAIM_ENDED;
    call->due_us = f->next_attempt_us;
    if (followup_set_state(f, call->event, o->now_us, NULL, &err) < 0) {
        log_error("follow_up_stuck", LOG_INT("follow_up", f->number), LOG_ERR(&err));
    } else if (f->state == FOLLOW_UP_ORDERED) {
        f->attempts++;
        call->ordered_us = o->now_us;
        call->start_by_us =
            o->machine_now_us + (is_person(call) ? call->dialer->take->lease_us
                                                 : o->followup->settings->start_within_us);
    }
    *follow_up_list_add(&o->list) = *f;
}

/* ---- 3 */

static struct followup_budget_order budget_of(const struct followup_orders *o,
                                              const struct followup_call *call)
{
    const struct arbitration_facts *facts = &call->due.facts;
    bool is_mail = call->due.follow_up.channel == (int32_t)TROTH__V1__CHANNEL__CHANNEL_MAIL;
    return (struct followup_budget_order){
        .person = facts->person,
        .handle = is_mail ? facts->email_handle : facts->phone_handle,
        .at_us = o->now_us,
    };
}

static int by_number(const void *a, const void *b)
{
    const int64_t *x = a;
    const int64_t *y = b;
    return (*x > *y) - (*x < *y);
}

/* The agendas are the last set of rows, what was moved the one before. */
static void read_changed(struct followup_orders *o, const struct db_reply *reply)
{
    o->changed_count = 0;
    if (o->moved_count > 0) {
        const struct db_rows *rows = reply->rows[reply->count - 2];
        for (size_t i = 0; i < db_row_count(rows) && i < BATCH_MAX; i++) {
            o->changed[o->changed_count++] = followup_store_get_changed(rows, i);
        }
    }
    qsort(o->changed, o->changed_count, sizeof(*o->changed), by_number);
}

static bool was_changed(const struct followup_orders *o, int64_t number)
{
    return bsearch(&number, o->changed, o->changed_count, sizeof(*o->changed), by_number) != NULL;
}

/* What the conversation covers; NULL when nothing tells. */
static struct agenda *find_agenda(const struct followup_orders *o, const struct db_reply *reply,
                                  int64_t leader)
{
    struct agenda *agenda = xcalloc(1, sizeof(*agenda));
    if (!agenda_store_find(reply->rows[reply->count - 1], leader, agenda)) {
        free(agenda);
        return NULL;
    }
    agenda_set_scripts(agenda, o->followup->rules);
    return agenda;
}

static void put_agendas(struct followup_orders *o, struct db *db)
{
    struct db_array leaders;
    db_array_init(&leaders, DB_INT8);
    for (const struct followup_call *call = o->batch; call; call = call->next) {
        if (call->event == FOLLOW_UP_IS_ORDERED) {
            db_array_add_int(&leaders, call->due.follow_up.number);
        }
    }
    agenda_store_put(db, &leaders);
    db_array_free(&leaders);
}

static void add_attempt(const struct followup_orders *o, const struct followup_call *call,
                        struct followup_attempt *ret)
{
    *ret = (struct followup_attempt){
        .follow_up = call->due.follow_up.number,
        .customer = call->due.follow_up.customer,
        .channel = call->due.follow_up.channel,
        .handle = budget_of(o, call).handle,
        .attempt = call->due.follow_up.attempts,
        .state = FOLLOWUP_ATTEMPT_ORDERED,
        .ordered_us = call->ordered_us,
        .start_by_us = call->start_by_us,
    };
    (void)text_copy(ret->dialer, sizeof(ret->dialer), call->dialer->name);
    (void)text_copy(ret->journal, sizeof(ret->journal), call->journal);
}

static void put_leases(const struct followup_orders *o, struct db *db)
{
    for (const struct followup_call *call = o->batch; call; call = call->next) {
        if (call->event == FOLLOW_UP_IS_ORDERED && is_person(call)) {
            const struct worklist_grant grant = {
                .follow_up = call->due.follow_up.number,
                .attempt = call->due.follow_up.attempts,
                .staff = call->dialer->take->staff,
                .lease_us = call->dialer->take->lease_us,
            };
            worklist_lease_store_put_grant(db, &grant);
        }
    }
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
    if (o->has_given_back) {
        followup_claims_wake(o->followup->claims);
    } else {
        followup_claims_on_lines(o->followup->claims);
    }
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
    CRASH_POINT("followup.order.committed");
    followup_publish(o->followup, o->events, reply);
    struct followup_call *next;
    for (struct followup_call *call = o->batch; call; call = next) {
        next = call->next;
        if (call->event == FOLLOW_UP_IS_ORDERED && call->dialer) {
            followup_call_remove(&o->batch, call);
            followup_call_append(&o->unsent, call);
            metrics_observe(o->followup->metrics.delay, call->ordered_us - call->due_us);
            (*o->followup->metrics.ordered)++;
        }
    }
    (void)send_all(o);
    end_batch(o);
}

/* The control that lets dial before the order is committed (tests/faults/README.md). */
static void send_early(struct followup_orders *o)
{
    for (struct followup_call *call = o->batch; call; call = call->next) {
        if (call->event == FOLLOW_UP_IS_ORDERED &&
            followup_order_message_send(o->followup, call, o->arena) == 0) {
            followup_dialers_sent(call->dialer);
            call->dialer = NULL;
        }
    }
}

static void on_sent_early(void *ctx, struct db *db, const struct db_reply *reply)
{
    if (reply->outcome != DB_OK) {
        on_committed(ctx, db, reply);
        return;
    }
    CRASH_POINT("control.order.sent");
    db_commit(db);
    db_run(db, on_committed, ctx);
}

static void on_moved(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct followup_orders *o = ctx;
    size_t count = 0;
    if (reply->outcome != DB_OK) {
        followup_log_failure(o->followup, "orders_failed", reply);
        end_batch(o);
        return;
    }
    read_changed(o, reply);
    struct followup_call *next;
    for (struct followup_call *call = o->batch; call; call = next) {
        next = call->next;
        const struct follow_up *f = &call->due.follow_up;
        if (!was_changed(o, f->number)) {
            log_warning("claim_lost", LOG_TEXT("order", call->key));
            if (is_counted(call)) {
                o->taken_back[o->taken_back_count++] = budget_of(o, call);
            }
            followup_call_remove(&o->batch, call);
            followup_call_free(call);
        } else if (call->event == FOLLOW_UP_IS_ORDERED) {
            (void)text_copy(call->journal, sizeof(call->journal), call->dialer->journal);
            add_attempt(o, call, &o->attempts[count++]);
            call->agenda = find_agenda(o, reply, f->number);
        } else {
            followup_announce_end(o->events, f, FOLLOW_UP_CLAIMED, o->now_us);
        }
    }
    if (count > 0) {
        followup_attempt_store_put_insert(db, o->attempts, count);
        put_leases(o, db);
    }
    if (o->taken_back_count > 0) {
        followup_budget_store_put_count(db, o->taken_back, o->taken_back_count, true);
    }
    followup_append(o->followup, db, o->events);
    CRASH_POINT("followup.order.written");
    if (CRASH_CONTROL("dial_before_order")) {
        send_early(o);
        db_run(db, on_sent_early, o);
        return;
    }
    db_commit(db);
    db_run(db, on_committed, o);
}

static void put_moves(struct followup_orders *o, struct db *db)
{
    for (struct followup_call *call = o->batch; call; call = call->next) {
        move(o, call);
    }
    o->moved_count = followup_store_put_changes(db, &o->list, NULL);
    put_agendas(o, db);
    db_run(db, on_moved, o);
}

/* ---- 1 */

/* The budget is used up since the claim, by an order of another process or one before it here. */
static void on_counted(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct followup_orders *o = ctx;
    bool may[BATCH_MAX];
    size_t i = 0;
    if (reply->outcome != DB_OK) {
        followup_log_failure(o->followup, "orders_failed", reply);
        end_batch(o);
        return;
    }
    followup_budget_store_get(reply->rows[reply->count - 1], rulebook_limits(o->followup->rules),
                              o->counted, o->counted_count, may);
    for (struct followup_call *call = o->batch; call; call = call->next) {
        if (is_counted(call) && !may[i++] && !followup_is_asked_for(&call->due.follow_up)) {
            call->event = FOLLOW_UP_CLAIM_ENDED;
            o->taken_back[o->taken_back_count++] = o->counted[i - 1];
        }
    }
    put_moves(o, db);
}

static void take_batch(struct followup_orders *o)
{
    size_t count = 0;
    struct followup_call *next;
    for (struct followup_call *call = o->ready; call && count < BATCH_MAX; call = next) {
        next = call->next;
        count++;
        followup_call_remove(&o->ready, call);
        followup_call_append(&o->batch, call);
        choose_dialer(o, call);
        if (is_counted(call)) {
            o->counted[o->counted_count++] = budget_of(o, call);
        }
    }
}

static void start(void *ctx, struct db *db)
{
    struct followup_orders *o = ctx;
    o->now_us = service_now_us(o->followup->service);
    o->machine_now_us = instant_now_us();
    o->counted_count = o->taken_back_count = 0;
    o->has_given_back = false;
    follow_up_list_clear(&o->list);
    event_batch_clear(o->events);
    take_batch(o);
    db_begin(db);
    if (o->counted_count > 0) {
        followup_budget_store_put_count(db, o->counted, o->counted_count, false);
    }
    if (o->counted_count > 0 && followup_budget_is_limited(rulebook_limits(o->followup->rules))) {
        followup_budget_store_put_read(db, o->counted, o->counted_count, o->now_us);
        db_run(db, on_counted, o);
    } else {
        put_moves(o, db);
    }
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
    o->arena = arena_new(MESSAGE_BUDGET);
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
        arena_free(o->arena);
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
