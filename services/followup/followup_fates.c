/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_fates.c - fates in batches:
 *
 * 1. BEGIN, lock the attempts and their follow-ups, bucket by bucket
 * 2. decide each (followup_settle.c), store, append events and answers, COMMIT
 * 3. only now the receipts: a dialer that has one forgets the result
 *
 * A batch that fails for its data is dropped, and the next ones hold a single fate each: so one bad
 * result harms no other.
 */
#include "services/followup/followup_fates.h"

#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "dialer.pb-c.h"
#include "services/followup/followup.h"
#include "services/followup/followup_announce.h"
#include "services/followup/followup_claims.h"
#include "services/followup/followup_outbox.h"
#include "services/followup/followup_outbox_store.h"
#include "services/followup/followup_settle.h"
#include "services/followup/followup_store.h"
#include "services/followup/followup_talk.h"

enum {
    BATCH_MAX = 128,
    WAITING_MAX = 10000, /* more are dropped: they are told again */
};

struct followup_fates {
    struct followup *followup;
    struct followup_talk talk;
    struct loop_timer *timer;
    struct followup_fate *waiting;
    size_t waiting_count;
    size_t singles; /* so many batches hold one fate */
    /* of the conversation */
    struct followup_fate *batch;
    struct follow_up_list follow_ups;  /* each once, by bucket */
    struct followup_attempt *attempts; /* by bucket */
    size_t attempt_count, attempt_capacity;
    struct event_batch *events;
    struct buffer records;
    struct followup_outbox_record *answers;
    size_t answer_count, answer_capacity;
    int64_t now_us;
    int64_t call_count, listed_count;
};

/* ---- fates */

struct followup_fate *followup_fate_new(int64_t follow_up, int32_t attempt,
                                        enum followup_fate_kind kind)
{
    struct followup_fate *fate = xcalloc(1, sizeof(*fate));
    fate->follow_up = follow_up;
    fate->attempt = attempt;
    fate->kind = kind;
    return fate;
}

void followup_fate_free(struct followup_fate *fate)
{
    if (fate) {
        for (size_t i = 0; i < fate->answer_count; i++) {
            free(fate->answers[i].comment);
        }
        free(fate->answers);
        free(fate);
    }
}

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
    end_batch(s);
}

static void send_receipt(const struct followup_fates *s, const struct followup_fate *fate)
{
    char key[FOLLOWUP_ORDER_KEY_SIZE];
    struct followup_dialer *dialer = followup_dialers_by_name(s->followup->dialers, fate->dialer);
    if (!dialer) {
        return;
    }
    Troth__V1__DialResultReceipt receipt = TROTH__V1__DIAL_RESULT_RECEIPT__INIT;
    Troth__V1__DialerReply message = TROTH__V1__DIALER_REPLY__INIT;
    (void)followup_order_key(fate->follow_up, fate->attempt, key);
    receipt.key = key;
    message.body_case = TROTH__V1__DIALER_REPLY__BODY_RESULT_RECEIPT;
    message.result_receipt = &receipt;
    /* One that is not taken is asked for by the next copy of the result. */
    (void)followup_send_to_dialer(s->followup, dialer, &message);
}

static void on_committed(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct followup_fates *s = ctx;
    struct followup *f = s->followup;
    (void)db;
    if (reply->outcome != DB_OK) {
        fail_batch(s, reply);
        return;
    }
    followup_publish(f, s->events, reply);
    *f->metrics.calls += s->call_count;
    *f->metrics.listed += s->listed_count;
    for (const struct followup_fate *fate = s->batch; fate; fate = fate->next) {
        if (fate->wants_receipt) {
            send_receipt(s, fate);
        }
    }
    if (s->answer_count > 0) {
        followup_outbox_wake(f->outbox);
    }
    end_batch(s);
    followup_claims_wake(f->claims);
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

static struct followup_attempt *find_attempt(struct followup_fates *s,
                                             const struct followup_fate *fate)
{
    for (size_t i = 0; i < s->attempt_count; i++) {
        struct followup_attempt *a = &s->attempts[i];
        if (a->follow_up == fate->follow_up && a->attempt == fate->attempt) {
            return a;
        }
    }
    return NULL;
}

static void add_locked(struct followup_fates *s, const struct db_rows *rows, size_t row)
{
    struct follow_up f;
    if (s->attempt_count == s->attempt_capacity) {
        s->attempt_capacity = s->attempt_capacity ? 2 * s->attempt_capacity : 32;
        s->attempts = xreallocarray(s->attempts, s->attempt_capacity, sizeof(*s->attempts));
    }
    followup_attempt_store_get_locked(rows, row, &f, &s->attempts[s->attempt_count++]);
    /* Two attempts of one follow-up in a batch share its row. */
    if (!find_follow_up(s, f.number)) {
        *follow_up_list_add(&s->follow_ups) = f;
    }
}

/* The bodies are cut out of s->records once it no longer moves. */
static void add_answers(struct followup_fates *s, const struct followup_fate *fate,
                        const struct follow_up *f, const struct followup_attempt *a)
{
    for (size_t i = 0; i < fate->answer_count; i++) {
        if (s->answer_count == s->answer_capacity) {
            s->answer_capacity = s->answer_capacity ? 2 * s->answer_capacity : 32;
            s->answers = xreallocarray(s->answers, s->answer_capacity, sizeof(*s->answers));
        }
        struct followup_outbox_record *r = &s->answers[s->answer_count++];
        size_t offset = s->records.len;
        *r = (struct followup_outbox_record){.follow_up = f->number};
        followup_settle_record(f, a, &fate->answers[i], r->key, &s->records);
        r->record.len = s->records.len - offset;
    }
}

static void settle(struct followup_fates *s, const struct followup_fate *fate)
{
    struct followup_attempt *a = find_attempt(s, fate);
    struct follow_up *f = find_follow_up(s, fate->follow_up);
    struct followup_settled settled;
    struct err err = ERR_NONE;
    char key[FOLLOWUP_ORDER_KEY_SIZE];
    (void)followup_order_key(fate->follow_up, fate->attempt, key);
    if (!a || !f) {
        /* Not ours, or of a database that was set back. Its receipt ends the repetition. */
        log_warning("order_unknown", LOG_TEXT("order", key), LOG_TEXT("dialer", fate->dialer));
        return;
    }
    const struct followup_settle_rows rows = {.follow_up = f, .attempt = a};
    if (followup_settle(&s->followup->settings->limits, fate, s->now_us, &rows, &settled, &err) <
        0) {
        log_error("fate_refused", LOG_TEXT("order", key), LOG_TEXT("dialer", fate->dialer),
                  LOG_ERR(&err));
        return;
    }
    if (settled.is_call) {
        followup_announce_call(s->events, f, a->attempt, a->outcome, s->now_us);
        add_answers(s, fate, f, a);
        s->call_count++;
    }
    if (f->state != settled.from) {
        followup_announce_end(s->events, f, settled.from, s->now_us);
        s->listed_count += f->state == FOLLOW_UP_LISTED ? 1 : 0;
        log_info("follow_up_moved", LOG_TEXT("order", key),
                 LOG_TEXT("from", followup_state_name(settled.from)),
                 LOG_TEXT("to", followup_state_name(f->state)), LOG_TEXT("reason", f->reason));
    }
}

static void put_answers(struct followup_fates *s, struct db *db)
{
    const uint8_t *at = s->records.data;
    for (size_t i = 0; i < s->answer_count; i++) {
        s->answers[i].record.data = at;
        at += s->answers[i].record.len;
    }
    if (s->answer_count > 0) {
        followup_outbox_store_put_insert(db, s->answers, s->answer_count, s->now_us);
    }
}

static void on_locked(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct followup_fates *s = ctx;
    if (reply->outcome != DB_OK) {
        fail_batch(s, reply);
        return;
    }
    for (size_t set = 0; set < reply->count; set++) {
        for (size_t row = 0; row < db_row_count(reply->rows[set]); row++) {
            add_locked(s, reply->rows[set], row);
        }
    }
    for (const struct followup_fate *fate = s->batch; fate; fate = fate->next) {
        settle(s, fate);
    }
    (void)followup_attempt_store_put_changes(db, s->attempts, s->attempt_count);
    (void)followup_store_put_changes(db, &s->follow_ups, NULL);
    put_answers(s, db);
    followup_append(s->followup, db, s->events);
    db_commit(db);
    db_run(db, on_committed, s);
}

/* ---- 1 */

static void put_locks_of(struct followup_fates *s, struct db *db, int16_t bucket)
{
    struct db_array numbers;
    struct db_array attempts;
    const struct followup_fate *fate;
    db_array_init(&numbers, DB_INT8);
    db_array_init(&attempts, DB_INT4);
    for (fate = s->batch; fate; fate = fate->next) {
        bool is_first = true;
        const struct followup_fate *earlier;
        for (earlier = s->batch; earlier != fate && is_first; earlier = earlier->next) {
            is_first = earlier->follow_up != fate->follow_up || earlier->attempt != fate->attempt;
        }
        if (is_first && identifier_bucket(fate->follow_up) == bucket) {
            db_array_add_int(&numbers, fate->follow_up);
            db_array_add_int(&attempts, fate->attempt);
        }
    }
    followup_attempt_store_put_lock(db, bucket, &numbers, &attempts);
    db_array_free(&numbers);
    db_array_free(&attempts);
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
    bool is_in[BUCKET_COUNT] = {false};
    const struct followup_fate *fate;
    take_batch(s);
    s->now_us = service_now_us(s->followup->service);
    follow_up_list_clear(&s->follow_ups);
    event_batch_clear(s->events);
    buffer_clear(&s->records);
    s->attempt_count = s->answer_count = 0;
    s->call_count = s->listed_count = 0;
    for (fate = s->batch; fate; fate = fate->next) {
        is_in[identifier_bucket(fate->follow_up)] = true;
    }
    db_begin(db);
    for (int16_t bucket = 0; bucket < BUCKET_COUNT; bucket++) {
        if (is_in[bucket]) {
            put_locks_of(s, db, bucket);
        }
    }
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
    s->events = event_batch_new();
    return s;
}

void followup_fates_free(struct followup_fates *s)
{
    if (s) {
        followup_talk_close(&s->talk);
        free_fates(&s->waiting);
        free_fates(&s->batch);
        loop_timer_free(s->timer);
        event_batch_free(s->events);
        follow_up_list_free(&s->follow_ups);
        buffer_free(&s->records);
        free(s->attempts);
        free(s->answers);
        free(s);
    }
}

void followup_fates_add(struct followup_fates *s, struct followup_fate *fate)
{
    if (s->waiting_count >= WAITING_MAX) {
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
    return s->talk.is_busy || s->waiting;
}
