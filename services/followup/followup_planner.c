/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_planner.c - one batch of events, one transaction.
 *
 * 1. read what the events need: follow-ups that are there, cases, promises, customers as they are
 *    now (plan_batch.c); a constant number of statements
 * 2. plan (plan.h), in the order of the events
 * 3. insert and change rows, note when customers were heard of, append our events, move the
 *    cursors, COMMIT
 *
 * Nothing is locked in between: a row that somebody else has changed since it was read fails the
 * transaction (40001), and the batch is planned again. Idempotent: one (topic, subject, occurrence)
 * is planned once, however often its event is read. Events of one thing may come out of order from
 * two streams: what decides is what that thing is now.
 */
#include "services/followup/followup_planner.h"

#include <stdlib.h>

#include "common/base/crash_point.h"
#include "common/base/instant.h"
#include "common/base/xalloc.h"
#include "services/followup/erased_store.h"
#include "services/followup/followup.h"
#include "services/followup/followup_claims.h"
#include "services/followup/plan_batch.h"
#include "services/followup/plan_round.h"
#include "services/followup/plan_round_store.h"
#include "services/followup/plan_write.h"

#define BRANCHES_EVERY_US (60 * INT64_C(1000000)) /* machine time: branches hardly move */

struct followup_planner {
    struct followup *followup;
    struct number_stock numbers;
    struct plan_batch batch;
    struct branch_zones branches;
    struct event_batch *events;
    struct followup_step_list steps;
    struct plan_written written;
    /* of the batch in hand */
    struct event_consumption *consumption;
    bool asks_numbers, asks_branches;
    int64_t branches_until_us; /* monotonic; 0: not read yet */
};

static const struct rulebook *rules_of(void *ctx, int32_t rule_version)
{
    struct followup *f = ctx;
    const struct rulebook *rules = f->rules;
    enum text_shelf_answer answer = rule_shelf_find(f->rule_shelf, rule_version, &rules);
    return answer == TEXT_SHELF_LATER ? f->rules : rules;
}

struct followup_planner *followup_planner_new(struct followup *f)
{
    struct followup_planner *p = xcalloc(1, sizeof(*p));
    p->followup = f;
    p->events = event_batch_new();
    plan_batch_init(&p->batch);
    p->batch.branches = &p->branches;
    return p;
}

void followup_planner_free(struct followup_planner *p)
{
    if (p) {
        event_batch_free(p->events);
        followup_step_list_free(&p->steps);
        number_stock_free(&p->numbers);
        branch_zones_free(&p->branches);
        plan_batch_free(&p->batch);
        free(p);
    }
}

/* ---- 3 */

static void load_branches(struct followup_planner *p, const struct db_rows *rows)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        const char *zone;
        const char *branch = plan_store_get_branch(rows, i, &zone);
        branch_zones_set(&p->branches, branch, zone);
    }
    p->branches_until_us = instant_monotonic_us() + BRANCHES_EVERY_US;
}

static void on_read(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct followup_planner *p = ctx;
    struct plan_batch *b = &p->batch;
    struct event_consumption *c = p->consumption;
    size_t set = 0;
    if (reply->outcome != DB_OK) {
        event_consumption_fail(c, reply);
        return;
    }
    CRASH_POINT("followup.plan.read");
    if (p->asks_numbers) {
        number_stock_load(&p->numbers, reply->rows[set++]);
    }
    if (p->asks_branches) {
        load_branches(p, reply->rows[set++]);
    }
    plan_batch_load(b, reply->rows + set);
    for (size_t i = 0; i < event_consumption_count(c); i++) {
        plan_batch_apply(b, event_consumption_get(c, i));
    }
    plan_batch_finish(b);
    plan_write_prepare(&b->plan, &p->numbers, p->events, &p->steps, &p->written);
    if (p->written.has_changes) {
        plan_write_put(db, &b->plan, &p->steps);
    }
    rhythm_store_put(db, &b->rhythm);
    erased_store_put(db, &b->erased);
    plan_round_store_put_improvements(db, &b->improvements, &b->improvements_historical);
    followup_append(p->followup, db, p->events);
    CRASH_POINT("followup.plan.written");
    event_consumption_commit(c);
}

/* ---- 1 */

static void give(struct followup_planner *p)
{
    struct plan *plan = &p->batch.plan;
    plan->rules = p->followup->rules;
    plan->rule_version = p->followup->rule_version;
    plan->rules_of = rules_of;
    plan->ctx = p->followup;
    p->batch.zones = p->followup->zone_shelf;
    plan->zone_version = zone_shelf_version(p->batch.zones);
    plan->now_us = service_now_us(p->followup->service);
}

bool followup_planner_may_read(const void *ctx)
{
    const struct followup_planner *p = ctx;
    return !service_is_held(p->followup->service, DEMO_HOLDS_PLANS);
}

void followup_planner_apply(void *ctx, struct event_consumption *c)
{
    struct followup_planner *p = ctx;
    struct db *db = event_consumption_db(c);
    p->consumption = c;
    p->written = (struct plan_written){.planned_count = 0};
    event_batch_clear(p->events);
    give(p);
    plan_batch_begin(&p->batch);
    for (size_t i = 0; i < event_consumption_count(c); i++) {
        plan_batch_gather(&p->batch, event_consumption_get(c, i));
    }
    if (!p->batch.is_needed) {
        event_consumption_commit(c);
        return;
    }
    p->asks_numbers = number_stock_ask(&p->numbers, db, p->batch.new_max);
    p->asks_branches = instant_monotonic_us() >= p->branches_until_us;
    if (p->asks_branches) {
        plan_store_put_branches(db);
    }
    plan_batch_put(&p->batch, db);
    db_run(db, on_read, p);
}

void followup_planner_applied(void *ctx, struct event_consumption *c, const struct db_reply *reply)
{
    struct followup_planner *p = ctx;
    (void)c;
    CRASH_POINT("followup.plan.committed");
    *p->followup->metrics.planned += p->written.planned_count;
    followup_count_missed(p->followup, p->written.missed_count, 0);
    followup_publish(p->followup, p->events, reply);
    if (p->written.is_work_due) {
        followup_claims_wake(p->followup->claims);
    }
    if (p->batch.improvements.count > 0) {
        plan_round_wake(p->followup->rounds);
    }
}
