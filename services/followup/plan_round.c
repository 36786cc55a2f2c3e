/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_round.c - one slice, one transaction; then the next one, until nothing is behind.
 *
 * 1. which topics have rounds by the rules in force   once for each set of rules and lanes
 * 2. what is behind: open improvements first, then the topic and day that comes first
 * 3. BEGIN, fences; whom to look at there, at most PLAN_SLICE_ROWS_MAX
 * 4. what is planned for them already
 * 5. plan; insert, note how far we are, append events, COMMIT
 *
 * Whatever dies in between, the next slice begins where the last committed one ended, and what is
 * planned is not planned again. After downtime the missed days come one after the other; what could
 * not be called any more ends as missed.
 */
#include "services/followup/plan_round.h"

#include <stdlib.h>

#include "common/base/crash_point.h"
#include "common/base/duration.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "services/followup/followup.h"
#include "services/followup/followup_claims.h"
#include "services/followup/followup_talk.h"
#include "services/followup/plan_slice.h"
#include "services/followup/plan_write.h"

#define NO_DAY INT64_MIN

struct plan_round {
    struct followup *followup;
    struct followup_talk talk;
    struct loop_timer *timer;
    struct plan plan;
    struct plan_slice *slice;
    struct branch_zones branches;
    struct number_stock numbers;
    struct event_batch *events;
    struct followup_step_list steps;
    struct plan_written written;
    int32_t known_version; /* of the rules whose topics are stored; 0: none */
    int64_t done_day;      /* nothing was behind on that day (UTC) */
    int64_t now_us;        /* of the conversation */
    bool puts_topics, asks_numbers;
    bool is_woken; /* while busy */
};

static int64_t day_of(int64_t us)
{
    return us / (24 * DURATION_H);
}

static void end(struct plan_round *r, int64_t again_us)
{
    followup_talk_end(&r->talk);
    loop_timer_after(r->timer, r->is_woken ? 0 : again_us);
    r->is_woken = false;
}

static bool has_failed(struct plan_round *r, const struct db_reply *reply)
{
    if (reply->outcome == DB_OK) {
        return false;
    }
    followup_log_failure(r->followup, "plan_round_failed", reply);
    r->known_version = 0;
    end(r, r->followup->service->common->poll_us);
    return true;
}

/* ---- 5 */

static void on_committed(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct plan_round *r = ctx;
    (void)db;
    if (has_failed(r, reply)) {
        return;
    }
    CRASH_POINT("followup.round.committed");
    *r->followup->metrics.planned += r->written.planned_count;
    followup_count_missed(r->followup, r->written.missed_count, 0);
    followup_publish(r->followup, r->events, reply);
    if (r->written.is_work_due) {
        followup_claims_wake(r->followup->claims);
    }
    end(r, 0);
}

static void write_slice(struct plan_round *r, struct db *db)
{
    plan_write_prepare(&r->plan, &r->numbers, r->events, &r->steps, &r->written);
    if (r->written.has_changes) {
        plan_write_put(db, &r->plan, &r->steps);
    }
    plan_slice_put_done(r->slice, db, r->now_us);
    followup_append(r->followup, db, r->events);
    CRASH_POINT("followup.round.written");
    db_commit(db);
    db_run(db, on_committed, r);
}

static void on_rows(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct plan_round *r = ctx;
    size_t set = 0;
    if (has_failed(r, reply)) {
        return;
    }
    if (r->asks_numbers) {
        number_stock_load(&r->numbers, reply->rows[set++]);
    }
    for (; set < reply->count; set++) {
        for (size_t i = 0; i < db_row_count(reply->rows[set]); i++) {
            struct follow_up f;
            enum follow_up_state leader;
            int64_t ordered_us;
            plan_store_get_row(reply->rows[set], i, &f, &leader, &ordered_us);
            plan_put(&r->plan, &f, leader, ordered_us);
        }
    }
    plan_slice_plan(r->slice, &r->plan, r->followup->zone_shelf, &r->branches);
    write_slice(r, db);
}

/* ---- 3, 4 */

static void on_candidates(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct plan_round *r = ctx;
    if (has_failed(r, reply)) {
        return;
    }
    CRASH_POINT("followup.round.read");
    plan_slice_load(r->slice, reply->rows[0]);
    if (r->slice->count == 0) {
        write_slice(r, db);
        return;
    }
    r->asks_numbers =
        number_stock_ask(&r->numbers, db, r->slice->count * (r->plan.topic_count + 1));
    plan_slice_put_rows(r->slice, db);
    db_run(db, on_rows, r);
}

static void begin_slice(struct plan_round *r, struct db *db)
{
    const struct followup *f = r->followup;
    r->plan.rules = f->rules;
    r->plan.rule_version = f->rule_version;
    r->plan.zone_version = zone_shelf_version(f->zone_shelf);
    r->plan.now_us = r->now_us;
    plan_begin(&r->plan);
    db_begin(db);
    followup_put_fences(f, db);
    if (plan_slice_put(r->slice, db, f->rules)) {
        db_run(db, on_candidates, r);
    } else {
        write_slice(r, db);
    }
}

/* ---- 2 */

static void on_behind(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct plan_round *r = ctx;
    size_t set = r->puts_topics ? 2 : 0;
    if (has_failed(r, reply)) {
        return;
    }
    const struct db_rows *branches = reply->rows[set++];
    for (size_t i = 0; i < db_row_count(branches); i++) {
        const char *zone;
        const char *branch = plan_store_get_branch(branches, i, &zone);
        branch_zones_set(&r->branches, branch, zone);
    }
    if (!plan_slice_choose(r->slice, r->followup->rules, reply->rows[set], reply->rows[set + 1])) {
        r->done_day = day_of(r->now_us);
        end(r, r->followup->service->common->poll_us);
        return;
    }
    begin_slice(r, db);
}

/* ---- 1 */

static void put_topics(struct plan_round *r, struct db *db, const struct db_array *buckets)
{
    const struct rulebook *rules = r->followup->rules;
    struct db_array topics;
    struct db_array aheads;
    struct plan listed = {.rules = rules};
    db_array_init(&topics, DB_TEXT);
    db_array_init(&aheads, DB_INT2);
    plan_begin(&listed);
    for (size_t i = 0; i < listed.topic_count; i++) {
        int ahead = plan_day_ahead(rules, listed.topics[i].topic);
        if (ahead > 0) {
            db_array_add_text(&topics, listed.topics[i].topic);
            db_array_add_int(&aheads, ahead);
        }
    }
    plan_round_store_put_topics(db, buckets, &topics, &aheads, day_of(r->now_us),
                                r->followup->rule_version);
    r->known_version = r->followup->rule_version;
    plan_free(&listed);
    db_array_free(&topics);
    db_array_free(&aheads);
}

static void start(void *ctx, struct db *db)
{
    struct plan_round *r = ctx;
    struct db_array buckets;
    if (service_is_held(r->followup->service, DEMO_HOLDS_DAYS)) { /* since it was asked for */
        end(r, r->followup->service->common->poll_us);
        return;
    }
    r->now_us = service_now_us(r->followup->service);
    followup_list_buckets(r->followup, &buckets);
    r->puts_topics = r->known_version != r->followup->rule_version;
    if (r->puts_topics) {
        put_topics(r, db, &buckets);
    }
    plan_store_put_branches(db);
    plan_round_store_put_open(db, &buckets);
    plan_round_store_put_behind(db, &buckets, day_of(r->now_us));
    db_array_free(&buckets);
    db_run(db, on_behind, r);
}

static void look(void *ctx)
{
    struct plan_round *r = ctx;
    const struct followup *f = r->followup;
    if (r->talk.is_busy || f->is_draining || service_is_held(f->service, DEMO_HOLDS_DAYS)) {
        return; /* the tick after a hold looks again */
    }
    if (lease_held_count(f->lanes) == 0 || !followup_can_write(f)) {
        loop_timer_after(r->timer, f->service->common->poll_us);
        return;
    }
    followup_talk_begin(&r->talk, start, r);
}

/* ---- life */

struct plan_round *plan_round_new(struct followup *f)
{
    struct plan_round *r = xcalloc(1, sizeof(*r));
    r->followup = f;
    r->talk.pool = f->service->db;
    r->slice = plan_slice_new();
    r->events = event_batch_new();
    r->done_day = NO_DAY;
    r->timer = loop_timer_new(f->service->loop, look, r);
    loop_timer_after(r->timer, 0);
    return r;
}

void plan_round_free(struct plan_round *r)
{
    if (r) {
        followup_talk_close(&r->talk);
        loop_timer_free(r->timer);
        plan_free(&r->plan);
        plan_slice_free(r->slice);
        branch_zones_free(&r->branches);
        number_stock_free(&r->numbers);
        event_batch_free(r->events);
        followup_step_list_free(&r->steps);
        free(r);
    }
}

void plan_round_wake(struct plan_round *r)
{
    r->known_version = 0;
    r->is_woken = r->talk.is_busy;
    if (!r->talk.is_busy) {
        loop_timer_after(r->timer, 0);
    }
}

void plan_round_tick(struct plan_round *r)
{
    if (!r->talk.is_busy && (day_of(service_now_us(r->followup->service)) != r->done_day ||
                             r->known_version != r->followup->rule_version)) {
        loop_timer_after(r->timer, 0);
    }
}

bool plan_round_is_busy(const struct plan_round *r)
{
    return r->talk.is_busy;
}
