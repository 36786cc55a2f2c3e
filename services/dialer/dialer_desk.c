/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dialer_desk.c - one flush:
 *
 * 1. calls that ended:  journal finished
 * 2. questions:         a key never seen is barred: journal barred
 * 3. orders:            known -> nothing new; past its start-by -> journal barred; a line free ->
 * journal placed; else it waits
 * 4. the disk
 * 5. dial what was placed, tell what was barred or finished
 *
 * Killed before 4: nothing was dialed, and the next one who asks bars the key. Killed after 4: the
 * key stands as placed for ever, dialed or not, and is never dialed again. Held up in 4, by a slow
 * disk or because the process was stopped: who is late by then is not dialed, and its call failed.
 * Late is also who has waited for longer than a start-by can be ahead, whatever the real clock says
 * that somebody may have set back.
 */
#include "services/dialer/dialer_desk.h"

#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "common/base/crash_point.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "event.pb-c.h"
#include "services/dialer/dialer_result.h"

enum {
    WAITING_MAX = 1024
}; /* orders without a line; more are dropped, and asked for after their start-by */

struct order_item {
    struct dialer_order order;
    struct order_item *prev, *next;
};

struct question {
    char key[DIALER_KEY_SIZE];
    int link;
    struct dialer_entry *entry; /* NULL: not decided yet */
};

struct finished {
    char key[DIALER_KEY_SIZE];
    struct dialer_result result;
    struct dialer_entry *entry; /* NULL: not decided yet */
};

struct dialer_desk {
    struct dialer_desk_options options;
    int32_t busy_lines;
    struct order_item *waiting; /* not decided yet */
    struct order_item *placed;  /* to be dialed once the journal is on the disk */
    size_t waiting_count;
    bool has_new_orders;
    bool has_receipts;
    struct question *questions;
    size_t question_count, question_capacity;
    struct finished *finished;
    size_t finished_count, finished_capacity;
};

struct dialer_desk *dialer_desk_new(const struct dialer_desk_options *options)
{
    struct dialer_desk *d = xcalloc(1, sizeof(*d));
    d->options = *options;
    if (!d->options.monotonic_now_us) {
        d->options.monotonic_now_us = instant_monotonic_us;
    }
    return d;
}

static struct order_item *take_order(struct order_item **list, struct order_item *item)
{
    DL_DELETE(*list, item);
    return item;
}

static void free_order(struct order_item *item)
{
    explicit_bzero(item, sizeof(*item)); /* number, address and words */
    free(item);
}

static void free_orders(struct order_item **list)
{
    struct order_item *next = NULL;
    for (struct order_item *item = *list; item; item = next) {
        next = item->next;
        free_order(item);
    }
    *list = NULL;
}

void dialer_desk_free(struct dialer_desk *d)
{
    if (d) {
        free_orders(&d->waiting);
        free_orders(&d->placed);
        free(d->questions);
        free(d->finished);
        free(d);
    }
}

/* ---- gathering */

bool dialer_desk_order(struct dialer_desk *d, const struct dialer_order *order)
{
    if (!dialer_journal_is_key(order->key) || d->waiting_count >= WAITING_MAX) {
        return false;
    }
    struct order_item *item = xcalloc(1, sizeof(*item));
    item->order = *order;
    item->order.arrived_us = d->options.monotonic_now_us();
    DL_APPEND(d->waiting, item);
    d->waiting_count++;
    d->has_new_orders = true;
    return true;
}

static struct question *add_question(struct dialer_desk *d, const char *key, int link)
{
    if (d->question_count == d->question_capacity) {
        d->question_capacity = d->question_capacity ? 2 * d->question_capacity : 16;
        d->questions = xreallocarray(d->questions, d->question_capacity, sizeof(*d->questions));
    }
    struct question *q = &d->questions[d->question_count++];
    *q = (struct question){.link = link};
    (void)text_copy(q->key, sizeof(q->key), key);
    return q;
}

bool dialer_desk_question(struct dialer_desk *d, const char *key, int link)
{
    if (!dialer_journal_is_key(key)) {
        return false;
    }
    (void)add_question(d, key, link);
    return true;
}

void dialer_desk_refuse_waiting(struct dialer_desk *d)
{
    for (const struct order_item *item = d->waiting; item; item = item->next) {
        (void)add_question(d, item->order.key, item->order.link);
    }
}

void dialer_desk_finished(struct dialer_desk *d, const char *key,
                          const struct dialer_result *result)
{
    if (d->finished_count == d->finished_capacity) {
        d->finished_capacity = d->finished_capacity ? 2 * d->finished_capacity : 16;
        d->finished = xreallocarray(d->finished, d->finished_capacity, sizeof(*d->finished));
    }
    struct finished *f = &d->finished[d->finished_count++];
    *f = (struct finished){.result = *result};
    (void)text_copy(f->key, sizeof(f->key), key);
}

void dialer_desk_given_up(struct dialer_desk *d, const char *key)
{
    struct dialer_entry *e = dialer_journal_find(d->options.journal, key);
    if (e && e->state == DIALER_PLACED) {
        log_warning("call_given_up", LOG_TEXT("order", key));
        d->busy_lines -= e->has_line ? 1 : 0;
        e->has_line = false;
        e->is_interrupted = true;
        d->has_new_orders = d->waiting != NULL;
    }
}

int dialer_desk_state(const struct dialer_desk *d, const char *key)
{
    for (size_t i = 0; i < d->finished_count; i++) {
        if (strcmp(d->finished[i].key, key) == 0) {
            return DIALER_FINISHED;
        }
    }
    const struct dialer_entry *e = dialer_journal_find(d->options.journal, key);
    return e ? (int)e->state : 0;
}

/* Nothing depends on it: without it the result is told once more after a restart. So it may wait
 * for the next flush. */
void dialer_desk_receipt(struct dialer_desk *d, const char *key)
{
    struct dialer_entry *e = dialer_journal_find(d->options.journal, key);
    if (e && e->state == DIALER_FINISHED && !e->is_taken) {
        dialer_journal_take(d->options.journal, e, e->at_us);
        CRASH_POINT("dialer.receipt.noted");
        d->has_receipts = true;
    }
}

bool dialer_desk_has_work(const struct dialer_desk *d)
{
    return d->has_new_orders || d->has_receipts || d->question_count > 0 || d->finished_count > 0;
}

int32_t dialer_desk_busy_lines(const struct dialer_desk *d)
{
    return d->busy_lines;
}

int32_t dialer_desk_free_lines(const struct dialer_desk *d)
{
    int32_t left = d->options.lines - d->busy_lines - (int32_t)d->waiting_count;
    return left > 0 ? left : 0;
}

void dialer_desk_resume(struct dialer_desk *d)
{
    const struct dialer_driver *driver = d->options.driver;
    for (struct dialer_entry *e = dialer_journal_newest(d->options.journal); e; e = e->older) {
        if (e->state == DIALER_PLACED && driver->resume) {
            log_info("resumed", LOG_TEXT("order", e->key));
            driver->resume(d->options.driver_state, e->key);
        } else if (e->state == DIALER_PLACED) {
            e->is_interrupted = true;
        }
    }
}

/* ---- 1 to 3 */

/* The other side of a driver may say twice how a call ended. Returns false when it is no news. */
static bool decide_finished_one(struct dialer_desk *d, struct finished *f, int64_t now_us)
{
    f->entry = dialer_journal_find(d->options.journal, f->key);
    if (!f->entry || f->entry->state != DIALER_PLACED) {
        log_warning("call_ended_twice", LOG_TEXT("order", f->key));
        return false;
    }
    size_t changed = dialer_result_clean(&f->result);
    if (changed > 0) {
        log_warning("result_cleaned", LOG_TEXT("order", f->key), LOG_INT("changes", changed));
    }
    dialer_journal_finish(d->options.journal, f->entry, &f->result, now_us);
    d->busy_lines -= f->entry->has_line ? 1 : 0;
    f->entry->has_line = false;
    CRASH_POINT("dialer.result.noted");
    return true;
}

static void decide_finished(struct dialer_desk *d, int64_t now_us)
{
    size_t kept = 0;
    for (size_t i = 0; i < d->finished_count; i++) {
        if (decide_finished_one(d, &d->finished[i], now_us)) {
            d->finished[kept++] = d->finished[i];
        }
    }
    d->finished_count = kept;
}

/* Asking bars, also an order that waits for a line. */
static void decide_questions(struct dialer_desk *d, int64_t now_us)
{
    for (size_t i = 0; i < d->question_count; i++) {
        struct question *q = &d->questions[i];
        q->entry = dialer_journal_find(d->options.journal, q->key);
        if (!q->entry) {
            q->entry = dialer_journal_bar(d->options.journal, q->key, now_us);
            CRASH_POINT("dialer.bar.noted");
        }
    }
}

static bool is_late(const struct dialer_desk *d, const struct dialer_order *o, int64_t now_us)
{
    const struct dialer_clocks clocks = {.real_us = now_us,
                                         .monotonic_us = d->options.monotonic_now_us()};
    return dialer_start_is_past(dialer_order_start(o), clocks);
}

/* Returns false when it has to wait for a line. */
static bool decide_order(struct dialer_desk *d, struct order_item *item, int64_t now_us)
{
    const struct dialer_order *o = &item->order;
    struct dialer_entry *e = dialer_journal_find(d->options.journal, o->key);
    if (!e && is_late(d, o, now_us)) {
        e = dialer_journal_bar(d->options.journal, o->key, now_us);
        log_info("order_too_late", LOG_TEXT("order", o->key));
    }
    if (e) {
        add_question(d, o->key, o->link)->entry = e; /* decided already */
        free_order(take_order(&d->waiting, item));
        d->waiting_count--;
        return true;
    }
    if (d->busy_lines >= d->options.lines) {
        return false;
    }
    e = dialer_journal_place(d->options.journal, o->key, now_us);
    e->link = o->link;
    e->has_line = true;
    d->busy_lines++;
    (void)take_order(&d->waiting, item);
    DL_APPEND(d->placed, item);
    d->waiting_count--;
    CRASH_POINT("dialer.order.noted");
    return true;
}

static void decide_orders(struct dialer_desk *d, int64_t now_us)
{
    struct order_item *next;
    for (struct order_item *item = d->waiting; item; item = next) {
        next = item->next;
        (void)decide_order(d, item, now_us);
    }
    d->has_new_orders = false;
}

/* ---- 5 */

/* Meanwhile a person may have been asked to call. */
static void fail_late(struct dialer_desk *d, const struct dialer_order *o)
{
    const struct dialer_result result = {
        .outcome = (int32_t)TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_FAILED,
        .started_us = o->now_us,
        .ended_us = o->now_us,
    };
    log_warning("order_too_late", LOG_TEXT("order", o->key));
    dialer_desk_finished(d, o->key, &result);
}

static void log_dialed(const struct dialer_order *o)
{
    char id[TRACE_CONTEXT_ID_SIZE];
    if (o->trace[0]) {
        log_info("dialed", LOG_TEXT("order", o->key),
                 LOG_TEXT("trace", trace_context_id(o->trace, id)));
    } else {
        log_info("dialed", LOG_TEXT("order", o->key));
    }
}

/* Who ended at once needs no word in between. */
static void dial_one(struct dialer_desk *d, const struct dialer_order *o)
{
    size_t finished_count = d->finished_count;
    log_dialed(o);
    d->options.driver->dial(d->options.driver_state, o);
    CRASH_POINT("dialer.call.dialed");
    if (d->finished_count == finished_count && d->options.tell_accepted) {
        d->options.tell_accepted(d->options.ctx, dialer_journal_find(d->options.journal, o->key));
    }
}

static void dial_placed(struct dialer_desk *d)
{
    while (d->placed) {
        struct order_item *item = take_order(&d->placed, d->placed);
        CRASH_POINT("dialer.order.synced");
        if (is_late(d, &item->order, d->options.machine_now_us())) {
            fail_late(d, &item->order);
        } else {
            dial_one(d, &item->order);
        }
        free_order(item);
    }
}

/* What was noted on a call may be sealed to a pair that key_file has lost. Told without it, the
 * result would be taken for the whole of it: it is held back until the pair is there again. */
static bool open_result(struct dialer_desk *d, struct dialer_entry *e, struct dialer_result *ret)
{
    bool was_held = e->is_held;
    e->is_held = dialer_journal_result(d->options.journal, e, ret) < 0;
    if (e->is_held && !was_held) {
        log_warning("result_held_back", LOG_TEXT("order", e->key),
                    LOG_TEXT("code", "sealed_with_another_key"));
    }
    return !e->is_held;
}

/* One that is held back counts as told: it stands in nobody's way. */
static bool tell_result(struct dialer_desk *d, struct dialer_entry *e)
{
    struct dialer_result result;
    if (!open_result(d, e, &result)) {
        return true;
    }
    bool is_told = d->options.tell_result(d->options.ctx, e, &result);
    explicit_bzero(&result, sizeof(result));
    return is_told;
}

static void tell_fate(struct dialer_desk *d, const struct question *q)
{
    static const enum dialer_fate fates[] = {
        [DIALER_BARRED] = DIALER_FATE_BARRED,
        [DIALER_PLACED] = DIALER_FATE_PLACED,
        [DIALER_FINISHED] = DIALER_FATE_FINISHED,
    };
    struct dialer_entry *e = q->entry;
    struct dialer_result result;
    bool is_interrupted = e->state == DIALER_PLACED && e->is_interrupted;
    bool has_result = e->state == DIALER_FINISHED && open_result(d, e, &result);
    d->options.tell_fate(d->options.ctx, e,
                         is_interrupted ? DIALER_FATE_INTERRUPTED : fates[e->state],
                         has_result ? &result : NULL, q->link);
    if (has_result) {
        explicit_bzero(&result, sizeof(result));
    }
}

static void tell_answers(struct dialer_desk *d)
{
    for (size_t i = 0; i < d->question_count; i++) {
        CRASH_POINT("dialer.answer.synced");
        tell_fate(d, &d->questions[i]);
    }
    d->question_count = 0;
}

/* Dialing may have added more, which are decided by the next flush. */
static void tell_results(struct dialer_desk *d, size_t decided_count)
{
    for (size_t i = 0; i < decided_count; i++) {
        const struct finished *f = &d->finished[i];
        log_info("call_ended", LOG_TEXT("order", f->key), LOG_INT("outcome", f->result.outcome));
        CRASH_POINT("dialer.result.synced");
        (void)tell_result(d, f->entry);
        CRASH_POINT("dialer.result.told");
    }
    if (decided_count > 0) {
        explicit_bzero(d->finished, decided_count * sizeof(*d->finished)); /* notes */
    }
    d->finished_count -= decided_count;
    if (decided_count > 0 && d->finished_count > 0) {
        memmove(d->finished, d->finished + decided_count, d->finished_count * sizeof(*d->finished));
    }
}

int dialer_desk_flush(struct dialer_desk *d, int64_t machine_now_us, struct err *err)
{
    decide_finished(d, machine_now_us);
    size_t finished_count = d->finished_count;
    decide_questions(d, machine_now_us);
    decide_orders(d, machine_now_us);
    if (CRASH_CONTROL("dial_before_journal")) {
        dial_placed(d);
    }
    if (dialer_journal_sync(d->options.journal, err) < 0) {
        return -1;
    }
    d->has_receipts = false;
    if (finished_count > 0 && d->options.driver->synced) {
        d->options.driver->synced(d->options.driver_state);
    }
    dial_placed(d);
    tell_answers(d);
    tell_results(d, finished_count);
    return 0;
}

bool dialer_desk_tell_again(struct dialer_desk *d, int64_t before_us)
{
    for (struct dialer_entry *e = dialer_journal_untaken(d->options.journal); e; e = e->next) {
        if (!e->is_held && e->sent_us < before_us && !tell_result(d, e)) {
            return false;
        }
    }
    return true;
}

void dialer_desk_keys_changed(struct dialer_desk *d)
{
    for (struct dialer_entry *e = dialer_journal_untaken(d->options.journal); e; e = e->next) {
        e->is_held = false;
    }
}
