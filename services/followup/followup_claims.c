/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_claims.c - one round:
 *
 * 1. what is due in the buckets of our lanes, and when something will be next      no lock
 * 2. BEGIN, fences, lock these and what else is due soon for the same persons (SKIP LOCKED)
 * 3. read all that arbitration asks, for all of them at once
 * 4. decide each (followup_arbiter.c), store, append steps and events, COMMIT
 * 5. ask for the numbers of what was claimed
 *
 * No more is claimed than dialers have lines: the rest stays planned, for us or for another
 * process, until its window has passed. A round begins when a timer says that something is due,
 * when business time has stepped or a second is over, when lines became free, or when somebody
 * planned what is due now. Each second also claims are looked at whose time is over; a full look,
 * from the beginning of all lanes and at whose leader has ended, is taken every ten seconds, when
 * others woke us, and after a step of the demo clock.
 */
#include "services/followup/followup_claims.h"

#include <stdlib.h>

#include "common/base/crash_point.h"
#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "services/followup/followup.h"
#include "services/followup/followup_arbiter.h"
#include "services/followup/followup_call.h"
#include "services/followup/followup_due_store.h"
#include "services/followup/followup_numbers.h"
#include "services/followup/followup_talk.h"
#include "services/followup/worklist_desk.h"

enum {
    ROUND_MIN = 64, /* follow-ups, beside those that lines are free for: what ends without a call */
    ROUND_MAX = 512,
};

#define FULL_LOOK_US (10 * DURATION_S)

struct followup_claims {
    struct followup *followup;
    struct followup_talk talk;
    struct loop_timer *timer; /* at the next instant at which something is due */
    bool is_wanted;           /* another round after this one */
    bool is_starved;          /* the last round had too few lines */
    bool wants_full, wants_claims;
    int64_t next_due_us;  /* business time: what the timer waits for; FOLLOW_UP_NEVER: nothing */
    int64_t last_full_us; /* monotonic */
    struct followup_low_marks marks;
    /* of the round */
    struct followup_due_scan scan;
    struct followup_low_marks looked; /* the marks that the scan began from */
    struct followup_low_finding found;
    struct db_array merged; /* int8: whose leader has ended */
    struct followup_due *due;
    size_t due_count, due_capacity;
    struct followup_arbiter arbiter;
    struct follow_up_list list;
    struct followup_step_list steps;
    struct followup_call *calls; /* claimed, once committed */
    struct event_batch *events;
    int64_t claim_until_us;     /* monotonic */
    struct worklist_take *take; /* the person who gets something in this round; NULL: nobody */
    int64_t claimed_count;
    bool has_more;
};

static void look(void *ctx);

struct followup_claims *followup_claims_new(struct followup *f)
{
    struct followup_claims *c = xcalloc(1, sizeof(*c));
    c->followup = f;
    c->talk.pool = f->service->db;
    c->timer = loop_timer_new(f->service->loop, look, c);
    c->events = event_batch_new();
    c->wants_full = true;
    c->next_due_us = FOLLOW_UP_NEVER;
    db_array_init(&c->merged, DB_INT8);
    return c;
}

void followup_claims_free(struct followup_claims *c)
{
    if (c) {
        followup_talk_close(&c->talk);
        loop_timer_free(c->timer);
        followup_call_free_list(&c->calls);
        event_batch_free(c->events);
        follow_up_list_free(&c->list);
        followup_step_list_free(&c->steps);
        db_array_free(&c->merged);
        free(c->due);
        free(c);
    }
}

bool followup_claims_is_busy(const struct followup_claims *c)
{
    return c->talk.is_busy;
}

static void end_round(struct followup_claims *c, bool is_again)
{
    struct worklist_take *take = c->take;
    followup_call_free_list(&c->calls);
    followup_talk_end(&c->talk);
    c->take = NULL;
    if (take) {
        worklist_take_end_round(take);
    }
    if (c->is_wanted || is_again) {
        look(c);
    }
}

static void fail_round(struct followup_claims *c, const struct db_reply *reply)
{
    followup_log_failure(c->followup, "claims_failed", reply);
    c->wants_full = true; /* what the round was to look at is looked at again */
    end_round(c, false);
}

/* ---- 5 */

static void count_verdicts(struct followup_claims *c)
{
    const struct followup_arbiter *a = &c->arbiter;
    struct followup_metrics *m = &c->followup->metrics;
    *m->claimed += c->claimed_count;
    *m->deferred += (int64_t)a->deferred;
    *m->suppressed += (int64_t)a->suppressed;
    *m->merged += (int64_t)a->merged;
    *m->unreachable += (int64_t)a->listed;
    followup_count_missed(c->followup, (int64_t)a->missed_window,
                          (int64_t)a->missed_nothing_permitted);
}

static void on_committed(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct followup_claims *c = ctx;
    (void)db;
    if (reply->outcome != DB_OK) {
        /* What was claimed all the same is taken up again when its claim has run out. */
        fail_round(c, reply);
        return;
    }
    CRASH_POINT("followup.claim.committed");
    followup_publish(c->followup, c->events, reply);
    count_verdicts(c);
    while (c->calls) {
        struct followup_call *call = c->calls;
        followup_call_remove(&c->calls, call);
        followup_numbers_ask(c->followup->numbers, call);
    }
    /* A demo waits until what was merged into these is planned again; elsewhere a full look comes.
     */
    bool has_ended =
        c->arbiter.suppressed + c->arbiter.missed_window + c->arbiter.missed_nothing_permitted > 0;
    end_round(c, c->has_more || (has_ended && c->followup->service->is_demo_clock));
}

/* ---- 4 */

static struct followup_dialer *book(void *ctx, const struct followup_due *due, int32_t channel)
{
    const struct followup_claims *c = ctx;
    const struct followup_dialers_when when = followup_when(c->followup);
    struct followup_dialer *person = c->take ? worklist_take_book(c->take, due, channel) : NULL;
    return person ? person : followup_dialers_book(c->followup->dialers, channel, &when);
}

static void unbook(void *ctx, struct followup_dialer *dialer)
{
    (void)ctx;
    followup_dialers_unbook(dialer);
}

static void add_call(struct followup_claims *c, const struct followup_due *due)
{
    struct followup_call *call = xcalloc(1, sizeof(*call));
    call->due = *due;
    call->due.follow_up.stored_version = due->follow_up.version;
    call->dialer = due->dialer;
    call->claim_until_us = c->claim_until_us;
    (void)followup_order_key(due->follow_up.number, due->follow_up.attempts + 1, call->key);
    followup_call_append(&c->calls, call);
    c->claimed_count++;
}

static struct followup_due *find(struct followup_claims *c, int64_t number)
{
    for (size_t i = 0; i < c->due_count; i++) {
        if (c->due[i].follow_up.number == number) {
            return &c->due[i];
        }
    }
    return NULL;
}

/* The rule that planned it, and the zone of its customer. */
static void complete(struct followup_claims *c, struct followup_due *due)
{
    struct followup *f = c->followup;
    const struct rulebook *rules = NULL;
    enum text_shelf_answer answer =
        rule_shelf_find(f->rule_shelf, due->follow_up.rule_version, &rules);
    if (answer == TEXT_SHELF_LATER) {
        return;
    }
    due->is_kept = false;
    due->rule = rules ? rulebook_find(rules, due->follow_up.rule) : NULL;
    due->zone = zone_shelf_find(f->zone_shelf, due->facts.zone);
    if (!due->zone) {
        due->zone = zone_shelf_find(f->zone_shelf, c->arbiter.limits->usual_zone);
    }
}

static struct arbitration_facts *find_facts(void *ctx, int64_t number)
{
    struct followup_due *due = find(ctx, number);
    return due ? &due->facts : NULL;
}

static void read_facts(struct followup_claims *c, const struct db_rows *const *rows)
{
    arbitration_facts_read(rows, find_facts, c);
    for (size_t i = 0; i < c->due_count; i++) {
        complete(c, &c->due[i]);
    }
    for (size_t i = 0; i < arbitration_facts_attempt_count(rows); i++) {
        int64_t ordered_us;
        struct followup_due *due = find(c, arbitration_facts_get_attempt(rows, i, &ordered_us));
        if (due) {
            arbitration_facts_count_attempt(&due->facts, due->zone, c->scan.now_us, ordered_us);
        }
    }
}

static void store(struct followup_claims *c, struct db *db)
{
    struct followup *f = c->followup;
    const struct followup_claim_mark mark = {
        .holder = f->service->holder,
        .until_us = c->scan.machine_now_us + f->settings->claim_for_us,
    };
    for (size_t i = 0; i < c->due_count; i++) {
        const struct followup_due *due = &c->due[i];
        if (due->follow_up.version > due->follow_up.stored_version) {
            *follow_up_list_add(&c->list) = due->follow_up;
        }
        if (due->dialer) {
            add_call(c, due);
        }
    }
    c->is_starved |= c->arbiter.is_starved;
    c->has_more &= !c->arbiter.is_starved && c->list.count > 0;
    (void)followup_store_put_changes(db, &c->list, &mark);
    followup_step_store_put(db, &c->steps);
    followup_append(f, db, c->events);
    CRASH_POINT("followup.claim.written");
    db_commit(db);
    db_run(db, on_committed, c);
}

static void on_facts(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct followup_claims *c = ctx;
    if (reply->outcome != DB_OK) {
        fail_round(c, reply);
        return;
    }
    read_facts(c, reply->rows);
    followup_arbiter_decide(&c->arbiter, c->due, c->due_count);
    store(c, db);
}

/* ---- 3 */

static void begin_arbiter(struct followup_claims *c)
{
    follow_up_list_clear(&c->list);
    followup_step_list_clear(&c->steps);
    event_batch_clear(c->events);
    c->claimed_count = 0;
    c->due_count = 0;
    c->arbiter = (struct followup_arbiter){
        .limits = rulebook_limits(c->followup->rules),
        .now_us = c->scan.now_us,
        .book = book,
        .unbook = unbook,
        .ctx = c,
        .steps = &c->steps,
        .events = c->events,
    };
}

static void add_locked(struct followup_claims *c, const struct db_rows *rows, size_t row)
{
    struct follow_up f;
    followup_store_get(rows, row, &f);
    if (f.state == FOLLOW_UP_MERGED) {
        followup_arbiter_plan_again(&c->arbiter, &f);
        *follow_up_list_add(&c->list) = f;
        return;
    }
    if (c->due_count == c->due_capacity) {
        c->due_capacity = c->due_capacity ? 2 * c->due_capacity : ROUND_MIN;
        c->due = xreallocarray(c->due, c->due_capacity, sizeof(*c->due));
    }
    c->due[c->due_count++] = (struct followup_due){.follow_up = f, .is_kept = true};
}

static void put_facts(struct followup_claims *c, struct db *db)
{
    struct arbitration_subject *subjects = xcalloc(c->due_count + 1, sizeof(*subjects));
    for (size_t i = 0; i < c->due_count; i++) {
        followup_arbiter_subject(&c->due[i], &subjects[i]);
    }
    arbitration_facts_put(db, subjects, c->due_count, c->scan.now_us);
    free(subjects);
}

static void on_locked(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct followup_claims *c = ctx;
    if (reply->outcome != DB_OK) {
        fail_round(c, reply);
        return;
    }
    CRASH_POINT("followup.claim.locked");
    begin_arbiter(c);
    for (size_t s = 0; s < reply->count; s++) {
        for (size_t i = 0; i < db_row_count(reply->rows[s]); i++) {
            add_locked(c, reply->rows[s], i);
        }
    }
    put_facts(c, db);
    db_run(db, on_facts, c);
}

/* ---- 1 and 2 */

static void add_customers(struct db_array *customers, const struct db_rows *rows)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        struct followup_due_row row;
        followup_due_store_get_row(rows, i, &row);
        db_array_add_int(customers, row.customer);
    }
}

static void put_lock(struct followup_claims *c, struct db *db, const struct db_reply *reply)
{
    struct db_array customers;
    struct db_array buckets;
    const struct followup_due_lock lock = {
        .scan = &c->scan,
        .ahead_us = rulebook_limits(c->followup->rules)->agenda_ahead_us,
        .merged = &c->merged,
        .buckets = &buckets,
    };
    followup_list_buckets(c->followup, &buckets);
    db_array_init(&customers, DB_INT8);
    add_customers(&customers, reply->rows[0]);
    if (c->take) {
        add_customers(&customers, reply->rows[2]);
    }
    followup_due_store_put_lock(db, &lock, &customers);
    db_array_free(&customers);
    db_array_free(&buckets);
}

static void note_row(struct followup_claims *c, const struct followup_due_row *row)
{
    switch (row->kind) {
    case FOLLOWUP_DUE_CALL:
        followup_low_finding_add(&c->found, followup_lane_of(row->channel, row->priority),
                                 row->next_attempt_us, row->number);
        break;
    case FOLLOWUP_DUE_WINDOW:
        followup_low_finding_add_window(&c->found, row->window_end_us);
        break;
    case FOLLOWUP_DUE_MERGED:
        db_array_add_int(&c->merged, row->number);
        break;
    case FOLLOWUP_DUE_CLAIM:
        break;
    }
}

static void note_rows(struct followup_claims *c, const struct db_rows *rows)
{
    size_t of_kind[FOLLOWUP_DUE_MERGED + 1] = {0};
    c->found = (struct followup_low_finding){.channels = c->scan.channels};
    db_array_clear(&c->merged);
    for (size_t i = 0; i < db_row_count(rows); i++) {
        struct followup_due_row row;
        followup_due_store_get_row(rows, i, &row);
        note_row(c, &row);
        of_kind[row.kind]++;
    }
    c->found.is_cut = of_kind[FOLLOWUP_DUE_CALL] >= (size_t)c->scan.limit;
    for (size_t i = 0; i < ARRAY_LEN(of_kind); i++) {
        c->has_more |= of_kind[i] >= (size_t)c->scan.limit;
    }
    followup_low_marks_advance(&c->marks, &c->found, c->scan.now_us);
}

/* A demo clock stands still until it steps: no timer tells. */
static void arm_timer(struct followup_claims *c, int64_t next_us)
{
    c->next_due_us = next_us;
    if (next_us != FOLLOW_UP_NEVER && !c->followup->service->is_demo_clock) {
        int64_t wait_us = next_us - service_now_us(c->followup->service);
        loop_timer_after(c->timer, wait_us > 0 ? wait_us : 0);
    }
}

static void on_scanned(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct followup_claims *c = ctx;
    if (reply->outcome != DB_OK) {
        fail_round(c, reply);
        return;
    }
    note_rows(c, reply->rows[0]);
    arm_timer(c, followup_due_store_get_next(reply->rows[1]));
    if (c->take) {
        worklist_take_note(c->take, reply->rows[2]);
    }
    if (db_row_count(reply->rows[0]) > 0 || (c->take && db_row_count(reply->rows[2]) > 0)) {
        db_begin(db);
        followup_put_fences(c->followup, db);
        put_lock(c, db, reply);
        db_run(db, on_locked, c);
    } else {
        end_round(c, false);
    }
}

static int32_t round_limit(int32_t free_lines)
{
    return free_lines < ROUND_MAX - ROUND_MIN ? free_lines + ROUND_MIN : ROUND_MAX;
}

static void start(void *ctx, struct db *db)
{
    struct followup_claims *c = ctx;
    struct followup *f = c->followup;
    struct db_array buckets;
    const struct followup_dialers_when when = followup_when(f);
    int64_t now_us = instant_monotonic_us();
    if (service_is_held(f->service, DEMO_HOLDS_CALLS)) { /* since the round was asked for */
        end_round(c, false);
        return;
    }
    bool is_full =
        c->wants_full || f->service->is_demo_clock || now_us - c->last_full_us >= FULL_LOOK_US;
    c->is_wanted = false;
    c->has_more = false;
    if (is_full) {
        followup_low_marks_clear(&c->marks);
        c->last_full_us = now_us;
    }
    c->looked = c->marks;
    c->claim_until_us = now_us + f->settings->claim_for_us;
    c->scan = (struct followup_due_scan){
        .now_us = service_now_us(f->service),
        .machine_now_us = instant_now_us(),
        .holder = f->service->holder,
        .channels = followup_dialers_free_channels(f->dialers, &when),
        .limit = round_limit(followup_dialers_free_lines(f->dialers, &when)),
        .sees_claims = is_full || c->wants_claims,
        .sees_merged = is_full,
        .marks = &c->looked,
    };
    c->wants_full = c->wants_claims = false;
    c->is_starved = c->scan.channels == 0;
    followup_list_buckets(f, &buckets);
    followup_due_store_put_scan(db, &c->scan, &buckets);
    c->take = worklist_desk_begin_round(f->desk);
    if (c->take) {
        worklist_take_put_due(c->take, db, &buckets, c->scan.now_us);
    }
    db_array_free(&buckets);
    db_run(db, on_scanned, c);
}

static void look(void *ctx)
{
    struct followup_claims *c = ctx;
    const struct followup *f = c->followup;
    if (c->talk.is_busy) {
        c->is_wanted = true;
        return;
    }
    c->is_wanted = false;
    if (!f->is_draining && lease_held_count(f->lanes) > 0 && followup_can_write(f) &&
        !service_is_held(f->service, DEMO_HOLDS_CALLS)) {
        followup_talk_begin(&c->talk, start, c);
    }
}

void followup_claims_wake(struct followup_claims *c)
{
    c->wants_full = true;
    look(c);
}

void followup_claims_on_time(struct followup_claims *c)
{
    c->wants_claims = true;
    look(c);
}

/* Marks stay below the present: only what is due already may lie before one. */
void followup_claims_on_planned(struct followup_claims *c, const struct follow_up *f)
{
    if (f->next_attempt_us <= service_now_us(c->followup->service)) {
        followup_claims_wake(c);
    } else if (c->next_due_us == FOLLOW_UP_NEVER || f->next_attempt_us < c->next_due_us) {
        arm_timer(c, f->next_attempt_us);
    }
}

void followup_claims_on_person(struct followup_claims *c)
{
    look(c);
}

void followup_claims_on_lines(struct followup_claims *c)
{
    if (c->is_starved || c->talk.is_busy) {
        look(c);
    }
}
