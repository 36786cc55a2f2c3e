/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_fates.c - fates in batches:
 *
 * 1. BEGIN, lock the attempts and their follow-ups
 * 2. decide each (followup_settle.c), store, append events and answers, COMMIT
 * 3. only now the receipts: a dialer that has one forgets the result. What was refused gets none,
 * unless there is no such order: what the customer said would be gone
 *
 * A batch that fails for its data is dropped, and the next ones hold a single fate each: so one bad
 * result harms no other.
 */
#include "services/followup/followup_fates.h"

#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "common/base/crash_point.h"
#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "dialer.pb-c.h"
#include "services/followup/agenda_store.h"
#include "services/followup/answer_batch.h"
#include "services/followup/followup.h"
#include "services/followup/followup_announce.h"
#include "services/followup/followup_budget_store.h"
#include "services/followup/followup_claims.h"
#include "services/followup/followup_outbox.h"
#include "services/followup/followup_outcome_store.h"
#include "services/followup/followup_receipts.h"
#include "services/followup/followup_settle.h"
#include "services/followup/followup_store.h"
#include "services/followup/followup_talk.h"
#include "services/followup/worklist_desk.h"
#include "services/followup/worklist_report.h"
#include "services/followup/worklist_settled.h"

enum {
    BATCH_MAX = 512,
    WAITING_MAX = 10000, /* more are dropped: they are told again */
    STAGES_MAX = 256,    /* of them stages, with which nobody waits in line */
};

#define LOG_REFUSED_EVERY_US DURATION_MIN

/* What else was read with an attempt. */
struct locked_more {
    int32_t same_count;
    const struct zone *zone;
    int64_t person;
    bool is_called_elsewhere;
};

struct followup_fates {
    struct followup *followup;
    struct followup_talk talk;
    struct loop_timer *timer;
    struct followup_fate *waiting;
    size_t waiting_count;
    struct followup_receipts *receipts;
    size_t singles; /* so many batches hold one fate */
    /* of the conversation */
    struct followup_fate *batch;
    struct follow_up_list follow_ups;  /* each once, by bucket */
    struct followup_attempt *attempts; /* by bucket */
    struct locked_more *more;          /* in step with attempts */
    size_t attempt_count, attempt_capacity;
    struct followup_outcome_marks marks;
    struct worklist_settled worklist;
    struct followup_budget_order spared[BATCH_MAX]; /* counted, and never dialed */
    size_t spared_count;
    struct event_batch *events;
    struct answer_batch *answers;
    int64_t now_us;
    int64_t call_count, listed_count;
    int64_t refused_count;  /* since the last line about them */
    int64_t log_refused_us; /* monotonic: when the next one may be written */
};

/* ---- fates */

static struct followup_fate *take_first(struct followup_fate **list)
{
    struct followup_fate *first = *list;
    DL_DELETE(*list, first);
    return first;
}

static void free_fates(struct followup_fate **list)
{
    while (*list) {
        followup_fate_free(take_first(list));
    }
}

/* ---- 3 */

static void end_batch(struct followup_fates *s)
{
    free_fates(&s->batch);
    followup_talk_end(&s->talk);
    if (s->waiting) {
        loop_timer_after(s->timer, 0);
    }
}

static void fail_batch(struct followup_fates *s, const struct db_reply *reply)
{
    followup_log_failure(s->followup, "fates_failed", reply);
    if (reply->outcome == DB_DATA || reply->outcome == DB_BROKEN) {
        s->singles = BATCH_MAX;
    }
    for (struct followup_fate *fate = s->batch; fate; fate = fate->next) {
        worklist_report_fail(fate, "unavailable", "the database did not take it: try again");
    }
    end_batch(s);
}

/* NOLINTNEXTLINE(readability-function-size): of utlist */
static void on_committed(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct followup_fates *s = ctx;
    struct followup *f = s->followup;
    (void)db;
    if (reply->outcome != DB_OK) {
        fail_batch(s, reply);
        return;
    }
    CRASH_POINT("followup.result.committed");
    followup_publish(f, s->events, reply);
    *f->metrics.calls += s->call_count;
    *f->metrics.listed += s->listed_count;
    struct followup_fate *next;
    for (struct followup_fate *fate = s->batch; fate; fate = next) {
        next = fate->next;
        worklist_report_done(fate);
        if (fate->wants_receipt) {
            DL_DELETE(s->batch, fate);
            followup_receipts_add(s->receipts, fate);
        }
    }
    if (answer_batch_count(s->answers) > 0) {
        followup_outbox_wake(f->outbox);
    }
    for (size_t i = 0; i < s->follow_ups.count; i++) {
        const struct follow_up *one = &s->follow_ups.items[i];
        if (one->state == FOLLOW_UP_PLANNED) {
            followup_claims_on_planned(f->claims, one);
        } else if (one->state == FOLLOW_UP_SUPPRESSED || one->state == FOLLOW_UP_MISSED) {
            followup_claims_wake(f->claims); /* what was merged into it is planned again */
        }
    }
    end_batch(s);
    followup_claims_on_lines(f->claims);
}

/* ---- 2 */

static struct follow_up *find_follow_up(struct followup_fates *s, int64_t number)
{
    for (size_t i = 0; i < s->follow_ups.count; i++) {
        if (s->follow_ups.items[i].number == number) {
            return &s->follow_ups.items[i];
        }
    }
    return NULL;
}

/* Its index; attempt_count: it is not there. */
static size_t find_attempt(const struct followup_fates *s, const struct followup_fate *fate)
{
    size_t i = 0;
    while (i < s->attempt_count && !(s->attempts[i].follow_up == fate->follow_up &&
                                     s->attempts[i].attempt == fate->attempt)) {
        i++;
    }
    return i;
}

static void add_locked(struct followup_fates *s, const struct db_rows *rows, size_t row)
{
    struct followup_locked locked;
    if (s->attempt_count == s->attempt_capacity) {
        s->attempt_capacity = s->attempt_capacity ? 2 * s->attempt_capacity : 32;
        s->attempts = xreallocarray(s->attempts, s->attempt_capacity, sizeof(*s->attempts));
        s->more = xreallocarray(s->more, s->attempt_capacity, sizeof(*s->more));
    }
    followup_attempt_store_get_locked(rows, row, &locked);
    s->attempts[s->attempt_count] = locked.attempt;
    s->more[s->attempt_count++] = (struct locked_more){
        .same_count = locked.same_count,
        .zone = zone_shelf_find(s->followup->zone_shelf, locked.zone),
        .person = locked.person,
        .is_called_elsewhere = locked.is_called_elsewhere,
    };
    /* Two attempts of one follow-up in a batch share its row. */
    if (!find_follow_up(s, locked.follow_up.number)) {
        *follow_up_list_add(&s->follow_ups) = locked.follow_up;
    }
}

static void add_answers(struct followup_fates *s, const struct db_reply *reply,
                        const struct followup_fate *fate, const struct followup_attempt *a,
                        const char *trace)
{
    struct agenda agenda;
    if (!call_told_is_empty(&fate->told) &&
        agenda_store_find(reply->rows[reply->count - 1], fate->follow_up, &agenda)) {
        agenda_set_scripts(&agenda, s->followup->rules);
        const struct answer_call call = {
            .agenda = &agenda,
            .questionnaire = s->followup->questionnaire,
            .attempt = a->attempt,
            .ended_us = a->ended_us,
            .trace = trace,
        };
        answer_batch_add(s->answers, &call, &fate->told);
    }
}

static struct followup_outcome_terms find_terms(const struct followup_fates *s,
                                                const struct follow_up *f, const struct zone *zone)
{
    const struct followup *all = s->followup;
    const struct rulebook *rules = all->rules;
    /* A version that is not here yet: those in force are as good. */
    (void)rule_shelf_find(all->rule_shelf, f->rule_version, &rules);
    if (!zone) {
        zone = zone_shelf_find(all->zone_shelf, rulebook_limits(rules)->usual_zone);
    }
    return (struct followup_outcome_terms){
        .rules = rules,
        .zone = zone,
        .orders_max = all->settings->limits.orders_max,
    };
}

static void refuse(struct followup_fate *fate, const struct err *err)
{
    (void)text_copy(fate->code, sizeof(fate->code), err->code);
    (void)text_copy(fate->text, sizeof(fate->text), err->text);
}

/* Its dialer repeats it each second, until it has its old name again or the operator helps. */
static void log_refused(struct followup_fates *s, const struct followup_fate *fate, const char *key,
                        const struct err *err)
{
    int64_t now_us = instant_monotonic_us();
    s->refused_count++;
    if (now_us >= s->log_refused_us) {
        log_error("fate_refused", LOG_TEXT("order", key), LOG_TEXT("dialer", fate->dialer),
                  LOG_INT("count", s->refused_count), LOG_ERR(err));
        s->log_refused_us = now_us + LOG_REFUSED_EVERY_US;
        s->refused_count = 0;
    }
}

/* What nobody dialed is not on the customer's budget. A person's is counted when it is accepted. */
static void spare(struct followup_fates *s, const struct followup_attempt *a, int64_t person)
{
    if (!worklist_is_person(a->dialer)) {
        s->spared[s->spared_count++] = (struct followup_budget_order){
            .person = person, .handle = a->handle, .at_us = a->ordered_us};
    }
}

static void log_traced(const struct follow_up *f, const char *key, int32_t outcome)
{
    char id[TRACE_CONTEXT_ID_SIZE];
    if (trace_context_is_sampled(f->trace)) {
        log_info("call_told", LOG_TEXT("trace", trace_context_id(f->trace, id)),
                 LOG_TEXT("order", key), LOG_INT("outcome", outcome));
    }
}

static void settle(struct followup_fates *s, const struct db_reply *reply,
                   struct followup_fate *fate)
{
    size_t at = find_attempt(s, fate);
    struct follow_up *f = find_follow_up(s, fate->follow_up);
    struct followup_settled settled;
    struct err err = ERR_NONE;
    char key[FOLLOWUP_ORDER_KEY_SIZE];
    (void)followup_order_key(fate->follow_up, fate->attempt, key);
    if (at == s->attempt_count || !f) {
        /* Not ours, or of a database that was set back. Its receipt ends the repetition. */
        log_warning("order_unknown", LOG_TEXT("order", key), LOG_TEXT("dialer", fate->dialer));
        (void)err_set(&err, "order_unknown", "there is no such order");
        refuse(fate, &err);
        return;
    }
    struct followup_attempt *a = &s->attempts[at];
    const struct followup_settle_rows rows = {
        .follow_up = f,
        .attempt = a,
        .same_count = s->more[at].same_count,
        .was_accepted = a->state == FOLLOWUP_ATTEMPT_PLACED,
        .is_called_elsewhere = s->more[at].is_called_elsewhere,
    };
    const struct followup_outcome_terms terms = find_terms(s, f, s->more[at].zone);
    if (followup_settle(&terms, fate, s->now_us, &rows, &settled, &err) < 0) {
        refuse(fate, &err);
        if (fate->report) {
            return; /* who reported it is told */
        }
        fate->wants_receipt = false; /* nothing is stored: its dialer must keep it */
        log_refused(s, fate, key, &err);
        return;
    }
    if (!settled.is_duplicate && worklist_is_person(a->dialer)) {
        const struct worklist_settled_terms worklist = {
            .outcome = &terms,
            .call_limit_us = s->followup->settings->limits.call_limit_us,
            .now_us = s->now_us,
        };
        worklist_settled_add(&s->worklist, &worklist, fate, &rows);
    }
    if (!settled.is_duplicate && a->state == FOLLOWUP_ATTEMPT_BARRED) {
        spare(s, a, s->more[at].person);
    }
    if (settled.is_call) {
        metrics_observe(s->followup->metrics.result, s->now_us - a->ordered_us);
        followup_announce_call(s->events, f, a, s->now_us);
        add_answers(s, reply, fate, a, f->trace);
        log_traced(f, key, a->outcome);
        followup_outcome_mark(&s->marks, a);
        s->call_count++;
    }
    if (f->state != settled.from) {
        followup_announce_end(s->events, f, settled.from, s->now_us);
        s->listed_count += f->state == FOLLOW_UP_LISTED ? 1 : 0;
        log_debug("follow_up_moved", LOG_TEXT("order", key),
                  LOG_TEXT("from", followup_state_name(settled.from)),
                  LOG_TEXT("to", followup_state_name(f->state)), LOG_TEXT("reason", f->reason));
    }
}

static void on_locked(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct followup_fates *s = ctx;
    if (reply->outcome != DB_OK) {
        fail_batch(s, reply);
        return;
    }
    CRASH_POINT("followup.result.locked");
    for (size_t row = 0; row < db_row_count(reply->rows[0]); row++) {
        add_locked(s, reply->rows[0], row);
    }
    for (struct followup_fate *fate = s->batch; fate; fate = fate->next) {
        settle(s, reply, fate);
    }
    (void)followup_attempt_store_put_changes(db, s->attempts, s->attempt_count);
    (void)followup_store_put_changes(db, &s->follow_ups, NULL);
    followup_outcome_put_marks(db, &s->marks, s->now_us);
    if (s->spared_count > 0) {
        followup_budget_store_put_count(db, s->spared, s->spared_count, true);
    }
    answer_batch_put(s->answers, db, s->now_us);
    worklist_settled_put(&s->worklist, db, s->now_us);
    followup_append(s->followup, db, s->events);
    CRASH_POINT("followup.result.written");
    db_commit(db);
    db_run(db, on_committed, s);
}

/* ---- 1 */

static void put_lock(struct followup_fates *s, struct db *db)
{
    struct db_array numbers;
    struct db_array attempts;
    struct db_array outcomes;
    const struct followup_fate *fate;
    db_array_init(&numbers, DB_INT8);
    db_array_init(&attempts, DB_INT4);
    db_array_init(&outcomes, DB_INT2);
    for (fate = s->batch; fate; fate = fate->next) {
        bool is_first = true;
        const struct followup_fate *earlier;
        for (earlier = s->batch; earlier != fate && is_first; earlier = earlier->next) {
            is_first = earlier->follow_up != fate->follow_up || earlier->attempt != fate->attempt;
        }
        if (is_first) {
            db_array_add_int(&numbers, fate->follow_up);
            db_array_add_int(&attempts, fate->attempt);
            db_array_add_int(&outcomes, fate->outcome);
        }
    }
    followup_attempt_store_put_lock(db, &numbers, &attempts, &outcomes);
    db_array_free(&numbers);
    db_array_free(&attempts);
    db_array_free(&outcomes);
}

/* What was told needs to know what the conversation was about. */
static void put_agendas(struct followup_fates *s, struct db *db)
{
    struct db_array leaders;
    const struct followup_fate *fate;
    db_array_init(&leaders, DB_INT8);
    for (fate = s->batch; fate; fate = fate->next) {
        bool is_first = !call_told_is_empty(&fate->told);
        const struct followup_fate *earlier;
        for (earlier = s->batch; earlier != fate && is_first; earlier = earlier->next) {
            is_first = earlier->follow_up != fate->follow_up || call_told_is_empty(&earlier->told);
        }
        if (is_first) {
            db_array_add_int(&leaders, fate->follow_up);
        }
    }
    if (leaders.count > 0) {
        agenda_store_put(db, &leaders);
    }
    db_array_free(&leaders);
}

static void take_batch(struct followup_fates *s)
{
    size_t max = s->singles > 0 ? 1 : BATCH_MAX;
    s->singles -= s->singles > 0 ? 1 : 0;
    for (size_t i = 0; i < max && s->waiting; i++) {
        struct followup_fate *fate = take_first(&s->waiting);
        s->waiting_count--;
        DL_APPEND(s->batch, fate);
    }
}

static void start(void *ctx, struct db *db)
{
    struct followup_fates *s = ctx;
    take_batch(s);
    s->now_us = service_now_us(s->followup->service);
    follow_up_list_clear(&s->follow_ups);
    event_batch_clear(s->events);
    answer_batch_clear(s->answers);
    s->attempt_count = 0;
    s->call_count = s->listed_count = 0;
    followup_outcome_clear_marks(&s->marks);
    s->spared_count = 0;
    worklist_settled_clear(&s->worklist);
    db_begin(db);
    put_lock(s, db);
    put_agendas(s, db);
    db_run(db, on_locked, s);
}

/* ---- life */

static void flush(void *ctx)
{
    struct followup_fates *s = ctx;
    if (s->waiting && !s->talk.is_busy) {
        followup_talk_begin(&s->talk, start, s);
    }
}

struct followup_fates *followup_fates_new(struct followup *f)
{
    struct followup_fates *s = xcalloc(1, sizeof(*s));
    s->followup = f;
    s->talk.pool = f->service->db;
    s->timer = loop_timer_new(f->service->loop, flush, s);
    s->receipts = followup_receipts_new(f);
    s->events = event_batch_new();
    s->answers = answer_batch_new(&f->seal_box);
    return s;
}

void followup_fates_free(struct followup_fates *s)
{
    if (s) {
        followup_talk_close(&s->talk);
        free_fates(&s->waiting);
        followup_receipts_free(s->receipts);
        free_fates(&s->batch);
        loop_timer_free(s->timer);
        event_batch_free(s->events);
        follow_up_list_free(&s->follow_ups);
        answer_batch_free(s->answers);
        followup_outcome_free_marks(&s->marks);
        worklist_settled_free(&s->worklist);
        free(s->attempts);
        free(s->more);
        free(s);
    }
}

void followup_fates_add(struct followup_fates *s, struct followup_fate *fate)
{
    size_t max = fate->kind == FOLLOWUP_FATE_STAGE ? STAGES_MAX : WAITING_MAX;
    if (s->waiting_count >= max) {
        worklist_report_fail(fate, "busy", "too much is reported at once: try again");
        followup_fate_free(fate);
        return;
    }
    DL_APPEND(s->waiting, fate);
    s->waiting_count++;
    if (!s->talk.is_busy) {
        loop_timer_after(s->timer, 0);
    }
}

bool followup_fates_is_busy(const struct followup_fates *s)
{
    return s->talk.is_busy || s->waiting || followup_receipts_is_busy(s->receipts);
}
