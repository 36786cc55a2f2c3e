/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_on_case_changed.c - one batch of events, one transaction.
 *
 * 1. lock the follow-ups of the cases that were resolved or reopened, and read how often each was
 * reopened by now
 * 2. plan (followup_plan.c), in the order of the events
 * 3. insert and update, append our events, move the cursors, COMMIT
 *
 * Idempotent: one (rule, subject, occurrence) is planned once, however often its event is read.
 * Events of one case may come out of order from two streams; what decides is the count of
 * reopenings that each carries, and the case as it is now. A correction (a part of the case's
 * history was taken back) makes what is planned follow the case as it is now.
 */
#include "services/followup/followup_on_case_changed.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "services/followup/followup.h"
#include "services/followup/followup_announce.h"
#include "services/followup/followup_claims.h"
#include "services/followup/followup_store.h"

struct followup_planner {
    struct followup *followup;
    int64_t next_counter, end_counter; /* our block of numbers */
    /* of the batch in hand */
    struct event_consumption *consumption;
    const Troth__V1__Event **changes;
    size_t change_count;
    bool needs_block;
    struct follow_up_list list;
    struct before {
        enum follow_up_state state;
        bool is_void;
    } * before; /* of the first of the list: those that were stored */
    struct event_batch *events;
    int64_t planned_count;
    bool is_work_due;
};

struct followup_planner *followup_planner_new(struct followup *f)
{
    struct followup_planner *p = xcalloc(1, sizeof(*p));
    p->followup = f;
    p->events = event_batch_new();
    return p;
}

void followup_planner_free(struct followup_planner *p)
{
    if (p) {
        event_batch_free(p->events);
        follow_up_list_free(&p->list);
        free(p->before);
        free(p);
    }
}

/* ---- 1 */

static bool is_void(const struct follow_up *f)
{
    return f->state == FOLLOW_UP_SUPPRESSED && strcmp(f->reason, FOLLOW_UP_REASON_VOID) == 0;
}

static bool is_resolution(const Troth__V1__CaseChanged *c)
{
    return c->to == TROTH__V1__CASE_STATE__CASE_STATE_RESOLVED &&
           c->action == TROTH__V1__CASE_ACTION__CASE_ACTION_RESOLVED;
}

static bool is_ours(const Troth__V1__Event *e)
{
    return e->body_case == TROTH__V1__EVENT__BODY_CASE_CHANGED &&
           e->case_changed->service_case > 0 && e->customer > 0 &&
           !e->is_reversal && /* the correction after it says what is */
           (is_resolution(e->case_changed) || e->case_changed->is_correction ||
            e->case_changed->action == TROTH__V1__CASE_ACTION__CASE_ACTION_REOPENED);
}

static void select_changes(struct followup_planner *p, struct event_consumption *c)
{
    size_t count = event_consumption_count(c);
    p->change_count = 0;
    p->changes = xcalloc(count + 1, sizeof(struct Troth__V1__Event *));
    for (size_t i = 0; i < count; i++) {
        const Troth__V1__Event *e = event_consumption_get(c, i);
        if (is_ours(e)) {
            p->changes[p->change_count++] = e;
        }
    }
}

static void put_locks_of(struct followup_planner *p, struct db *db, int16_t bucket)
{
    struct db_array cases;
    db_array_init(&cases, DB_INT8);
    for (size_t i = 0; i < p->change_count; i++) {
        int64_t service_case = p->changes[i]->case_changed->service_case;
        if (identifier_bucket(service_case) == bucket) {
            db_array_add_int(&cases, service_case);
        }
    }
    followup_store_put_lock_cases(db, bucket, &cases);
    followup_store_put_cases_now(db, bucket, &cases);
    db_array_free(&cases);
}

static void put_locks(struct followup_planner *p, struct db *db)
{
    bool is_in[BUCKET_COUNT] = {false};
    for (size_t i = 0; i < p->change_count; i++) {
        is_in[identifier_bucket(p->changes[i]->case_changed->service_case)] = true;
    }
    for (int16_t bucket = 0; bucket < BUCKET_COUNT; bucket++) {
        if (is_in[bucket]) {
            put_locks_of(p, db, bucket);
        }
    }
}

/* ---- 2 */

/* Rows come in pairs of sets: the follow-ups of a bucket, its cases as they are now. */
static void read_follow_ups(struct followup_planner *p, const struct db_reply *reply, size_t first)
{
    follow_up_list_clear(&p->list);
    for (size_t s = first; s + 1 < reply->count; s += 2) {
        size_t rows = db_row_count(reply->rows[s]);
        for (size_t i = 0; i < rows; i++) {
            followup_store_get(reply->rows[s], i, follow_up_list_add(&p->list));
        }
    }
    free(p->before);
    p->before = xcalloc(p->list.count + 1, sizeof(*p->before));
    for (size_t i = 0; i < p->list.count; i++) {
        p->before[i].state = p->list.items[i].state;
        p->before[i].is_void = is_void(&p->list.items[i]);
    }
}

/* Returns false when the case is not there: then the event is all we know. */
static bool find_now(const struct db_reply *reply, size_t first, int64_t service_case,
                     struct followup_case_now *ret_now)
{
    for (size_t s = first; s + 1 < reply->count; s += 2) {
        size_t rows = db_row_count(reply->rows[s + 1]);
        for (size_t i = 0; i < rows; i++) {
            int64_t number;
            followup_store_get_case_now(reply->rows[s + 1], i, &number, ret_now);
            if (number == service_case) {
                return true;
            }
        }
    }
    return false;
}

static int plan_one(struct followup_planner *p, const struct db_reply *reply, size_t first,
                    const Troth__V1__Event *e, int64_t now_us, struct err *err)
{
    const struct followup_limits *limits = &p->followup->settings->limits;
    const Troth__V1__CaseChanged *c = e->case_changed;
    struct followup_case_change change = {
        .customer = e->customer,
        .service_case = c->service_case,
        .version = e->version,
        .occurred_us = e->occurred_us,
        .reopened_count = c->reopened_count,
        .branch = c->branch,
        .is_historical = e->is_historical,
    };
    struct followup_case_now now = {.reopened_count = 0};
    bool is_known = find_now(reply, first, c->service_case, &now);
    if (is_known && c->is_correction) {
        return followup_plan_corrected(limits, c->service_case, &now, now_us, &p->list, err);
    }
    if (!is_resolution(c)) {
        return c->is_correction ? 0 : followup_plan_reopened(&change, now_us, &p->list, err);
    }
    /* Nothing but taking back undoes a resolution, or a reopening, without counting one up. */
    change.is_taken_back =
        is_known &&
        (now.reopened_count < c->reopened_count ||
         (now.reopened_count == c->reopened_count && now.resolved_us == FOLLOW_UP_NEVER));
    return followup_plan_resolved(limits, &change, is_known ? now.reopened_count : 0, now_us,
                                  &p->list, err);
}

static int plan(struct followup_planner *p, const struct db_reply *reply, size_t first,
                int64_t now_us, struct err *err)
{
    for (size_t i = 0; i < p->change_count; i++) {
        if (plan_one(p, reply, first, p->changes[i], now_us, err) < 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- 3 */

/* What is planned and what that is taken back for counts; each event has a version of its own. */
static void announce(struct followup_planner *p, struct follow_up *f, const struct before *before,
                     int64_t now_us)
{
    bool is_new = f->stored_version == 0;
    if (is_new || (before->is_void && !is_void(f))) {
        followup_announce_planned(p->events, f, false, now_us);
        p->planned_count += is_new;
        f->version += !is_new;
    }
    if (is_void(f) && !(before && before->is_void)) {
        followup_announce_planned(p->events, f, true, now_us);
        f->version++;
    }
    if (f->version > (is_new ? 1 : f->stored_version)) {
        followup_announce_end(p->events, f, is_new ? FOLLOW_UP_PLANNED : before->state, now_us);
    }
}

static void number_and_announce(struct followup_planner *p, int64_t now_us)
{
    p->planned_count = 0;
    for (size_t i = 0; i < p->list.count; i++) {
        struct follow_up *f = &p->list.items[i];
        bool is_new = f->stored_version == 0;
        if (is_new) {
            f->number = identifier_make(p->next_counter++, identifier_bucket(f->customer));
        }
        if (is_new || f->version > f->stored_version) {
            announce(p, f, is_new ? NULL : &p->before[i], now_us);
        }
        p->is_work_due |= followup_is_open(f->state) && f->next_attempt_us <= now_us;
    }
}

/* Frees what belongs to the batch; then commit or fail ends it. */
static struct event_consumption *end_batch(struct followup_planner *p)
{
    struct event_consumption *c = p->consumption;
    free(p->changes);
    p->changes = NULL;
    p->change_count = 0;
    p->consumption = NULL;
    return c;
}

static void on_locked(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct followup_planner *p = ctx;
    struct err err = ERR_NONE;
    int64_t now_us = service_now_us(p->followup->service);
    size_t first = p->needs_block ? 1 : 0;
    if (reply->outcome != DB_OK) {
        event_consumption_fail(end_batch(p), reply);
        return;
    }
    if (p->needs_block) {
        p->next_counter = followup_store_get_number_block(reply->rows[0]);
        p->end_counter = p->next_counter + FOLLOWUP_NUMBERS_PER_BLOCK;
    }
    read_follow_ups(p, reply, first);
    if (plan(p, reply, first, now_us, &err) < 0) {
        log_error("planning_failed", LOG_ERR(&err));
        event_consumption_fail(end_batch(p), NULL);
        return;
    }
    number_and_announce(p, now_us);
    if (followup_store_count_changes(&p->list) > 0 || event_batch_count(p->events) > 0) {
        followup_store_put_insert(db, &p->list);
        (void)followup_store_put_changes(db, &p->list, NULL);
        if (event_batch_count(p->events) > 0) {
            followup_append(p->followup, db, p->events);
        }
    }
    event_consumption_commit(end_batch(p));
}

void followup_on_case_changed(void *ctx, struct event_consumption *c)
{
    struct followup_planner *p = ctx;
    struct db *db = event_consumption_db(c);
    p->consumption = c;
    p->is_work_due = false;
    event_batch_clear(p->events);
    select_changes(p, c);
    if (p->change_count == 0) {
        event_consumption_commit(end_batch(p));
        return;
    }
    p->needs_block = p->end_counter - p->next_counter < (int64_t)p->change_count;
    if (p->needs_block) {
        followup_store_put_number_block(db);
    }
    put_locks(p, db);
    db_run(db, on_locked, p);
}

void followup_on_planned(void *ctx, struct event_consumption *c, const struct db_reply *reply)
{
    struct followup_planner *p = ctx;
    (void)c;
    *p->followup->metrics.planned += p->planned_count;
    p->planned_count = 0;
    followup_publish(p->followup, p->events, reply);
    if (p->is_work_due) {
        followup_claims_wake(p->followup->claims);
    }
}
