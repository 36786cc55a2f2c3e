/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_watch.c - every ask_every, and when a dialer comes back: orders of our lanes that are
 * past their start, or whose dialer is new, are judged one by one (followup_open_order_step).
 * Asking bars: a dialer that has never seen the key refuses it from then on, and only that answer
 * allows another attempt. Questions are not remembered: the next look asks again. After our own
 * absence every order is asked for once before it can count as unknown: it may never have left us.
 */
#include "services/followup/followup_watch.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/crash_point.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "dialer.pb-c.h"
#include "services/followup/followup.h"
#include "services/followup/followup_attempt_store.h"
#include "services/followup/followup_fates.h"
#include "services/followup/followup_open_order.h"
#include "services/followup/followup_talk.h"

enum {
    PAGE_ROWS = 512, /* of a look */
};

struct followup_watch {
    struct followup *followup;
    struct followup_talk talk;
    struct loop_timer *timer;
    bool is_wanted;
    int64_t asked_us;               /* machine time: when the look under way began */
    struct followup_open_page page; /* of it */
    int64_t looked_until_us;        /* orders with an earlier start-by were in a look before */
};

static void ask(const struct followup_watch *w, const struct followup_attempt *a,
                const struct followup_dialer *dialer)
{
    char key[FOLLOWUP_ORDER_KEY_SIZE];
    Troth__V1__DialQuestion question = TROTH__V1__DIAL_QUESTION__INIT;
    Troth__V1__DialerReply message = TROTH__V1__DIALER_REPLY__INIT;
    (void)followup_order_key(a->follow_up, a->attempt, key);
    question.key = key;
    message.body_case = TROTH__V1__DIALER_REPLY__BODY_QUESTION;
    message.question = &question;
    if (followup_send_to_dialer(w->followup, dialer, &message) == 0) {
        CRASH_POINT("followup.watch.asked");
        (*w->followup->metrics.questions)++;
    }
}

static void give_up(const struct followup_watch *w, const struct followup_attempt *a,
                    enum followup_fate_kind kind)
{
    followup_fates_add(w->followup->fates, followup_fate_new(a->follow_up, a->attempt, kind));
}

static void judge(const struct followup_watch *w, const struct followup_attempt *a)
{
    struct followup *f = w->followup;
    int64_t now_us = instant_monotonic_us();
    const struct followup_dialer *dialer = followup_dialers_by_name(f->dialers, a->dialer);
    bool is_connected = dialer && followup_dialer_is_connected(dialer, now_us);
    struct followup_open_order order = {
        .start_by_us = a->start_by_us,
        .is_dialer_connected = is_connected,
        .is_dialer_new = is_connected && dialer->is_new,
        .was_asked = a->start_by_us < w->looked_until_us,
        .is_same_journal = is_connected && strcmp(dialer->journal, a->journal) == 0,
        /* A dialer that we never heard of gets its time from our start on. */
        .absent_from_us = dialer ? dialer->seen_real_us : f->started_us,
        .ask_for_us = f->settings->limits.ask_for_us,
        .call_limit_us = f->settings->limits.call_limit_us,
    };
    switch (followup_open_order_step(&order, instant_now_us())) {
    case FOLLOWUP_ORDER_WAIT:
        break;
    case FOLLOWUP_ORDER_ASK:
        ask(w, a, dialer);
        break;
    case FOLLOWUP_ORDER_DIALER_GONE:
        give_up(w, a, FOLLOWUP_FATE_DIALER_GONE);
        break;
    case FOLLOWUP_ORDER_JOURNAL_LOST:
        give_up(w, a, FOLLOWUP_FATE_JOURNAL_LOST);
        break;
    case FOLLOWUP_ORDER_UNKNOWN:
        give_up(w, a, FOLLOWUP_FATE_UNKNOWN);
        break;
    }
}

static void look_again(struct followup_watch *w)
{
    bool is_soon = w->is_wanted || w->page.after_number != 0;
    loop_timer_after(w->timer, is_soon ? 0 : w->followup->settings->ask_every_us);
}

/* The look is through all of them. */
static void end_look(struct followup_watch *w)
{
    struct followup_dialer *dialer;
    w->looked_until_us = w->asked_us;
    for (size_t i = 0; (dialer = followup_dialers_at(w->followup->dialers, i)); i++) {
        /* One that came back while the look was under way was not in all of it. */
        dialer->is_new = dialer->is_new && w->is_wanted;
    }
}

static void on_open(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct followup_watch *w = ctx;
    (void)db;
    w->page.after_start_by_us = w->page.after_number = 0;
    if (reply->outcome != DB_OK) {
        followup_log_failure(w->followup, "watch_failed", reply);
    } else {
        struct followup_attempt a = {.follow_up = 0};
        size_t count = db_row_count(reply->rows[0]);
        for (size_t i = 0; i < count; i++) {
            followup_attempt_store_get_open(reply->rows[0], i, &a);
            judge(w, &a);
        }
        if (count == PAGE_ROWS) {
            w->page.after_start_by_us = a.start_by_us;
            w->page.after_number = a.follow_up;
        } else {
            end_look(w);
        }
    }
    followup_talk_end(&w->talk);
    look_again(w);
}

static void start(void *ctx, struct db *db)
{
    struct followup_watch *w = ctx;
    struct db_array buckets;
    struct db_array dialers;
    const struct followup_dialer *dialer;
    if (w->page.after_number == 0) {
        w->is_wanted = false;
        w->asked_us = instant_now_us();
    }
    db_array_init(&dialers, DB_TEXT);
    for (size_t i = 0; (dialer = followup_dialers_at(w->followup->dialers, i)); i++) {
        if (dialer->is_new) {
            db_array_add_text(&dialers, dialer->name);
        }
    }
    followup_list_buckets(w->followup, &buckets);
    followup_attempt_store_put_open(db, &buckets, w->asked_us, &dialers, &w->page);
    db_array_free(&buckets);
    db_array_free(&dialers);
    db_run(db, on_open, w);
}

static void look(void *ctx)
{
    struct followup_watch *w = ctx;
    if (w->talk.is_busy) {
        return;
    }
    if (w->followup->is_draining || lease_held_count(w->followup->lanes) == 0) {
        w->is_wanted = false;
        w->page.after_start_by_us = w->page.after_number = 0;
        look_again(w);
        return;
    }
    followup_talk_begin(&w->talk, start, w);
}

struct followup_watch *followup_watch_new(struct followup *f)
{
    struct followup_watch *w = xcalloc(1, sizeof(*w));
    w->followup = f;
    w->talk.pool = f->service->db;
    w->timer = loop_timer_new(f->service->loop, look, w);
    w->page.limit = PAGE_ROWS;
    loop_timer_after(w->timer, f->settings->ask_every_us);
    return w;
}

void followup_watch_free(struct followup_watch *w)
{
    if (w) {
        followup_talk_close(&w->talk);
        loop_timer_free(w->timer);
        free(w);
    }
}

void followup_watch_wake(struct followup_watch *w)
{
    w->is_wanted = w->talk.is_busy || w->page.after_number != 0;
    if (!w->talk.is_busy) {
        loop_timer_after(w->timer, 0);
    }
}
