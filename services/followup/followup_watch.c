/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_watch.c - every ask_every, and when a dialer comes back: orders of our lanes that are
 * past their start, or whose dialer is new, are judged one by one (followup_plan_open_order).
 * Asking bars: a dialer that has never seen the key refuses it from then on, and only that answer
 * allows another attempt. Questions are not remembered: the next look asks again. After our own
 * absence every order is asked for once before it can count as unknown: it may never have left us.
 */
#include "services/followup/followup_watch.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "dialer.pb-c.h"
#include "services/followup/followup.h"
#include "services/followup/followup_attempt_store.h"
#include "services/followup/followup_fates.h"
#include "services/followup/followup_plan.h"
#include "services/followup/followup_talk.h"

enum {
    LOOK_MAX = 512
}; /* orders in one look; the oldest first */

struct followup_watch {
    struct followup *followup;
    struct followup_talk talk;
    struct loop_timer *timer;
    bool is_wanted;
    int64_t asked_us;        /* machine time: of the look under way */
    int64_t looked_until_us; /* orders with an earlier start-by were in a look before */
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
    };
    switch (followup_plan_open_order(&f->settings->limits, &order, instant_now_us())) {
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
    loop_timer_after(w->timer, w->is_wanted ? 0 : w->followup->settings->ask_every_us);
    w->is_wanted = false;
}

static void on_open(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct followup_watch *w = ctx;
    (void)db;
    if (reply->outcome != DB_OK) {
        followup_log_failure(w->followup, "watch_failed", reply);
    } else {
        size_t count = db_row_count(reply->rows[0]);
        int64_t until_us = w->asked_us;
        for (size_t i = 0; i < count; i++) {
            struct followup_attempt a;
            followup_attempt_store_get_open(reply->rows[0], i, &a);
            judge(w, &a);
            if (count == LOOK_MAX && i + 1 == count && a.start_by_us < until_us) {
                until_us = a.start_by_us; /* those after it were not in this look */
            }
        }
        w->looked_until_us = until_us;
        struct followup_dialer *dialer;
        for (size_t i = 0; (dialer = followup_dialers_at(w->followup->dialers, i)); i++) {
            /* One that came back while the question was under way was not in it. */
            dialer->is_new = dialer->is_new && w->is_wanted;
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
    w->is_wanted = false;
    db_array_init(&dialers, DB_TEXT);
    for (size_t i = 0; (dialer = followup_dialers_at(w->followup->dialers, i)); i++) {
        if (dialer->is_new) {
            db_array_add_text(&dialers, dialer->name);
        }
    }
    followup_list_buckets(w->followup, &buckets);
    w->asked_us = instant_now_us();
    followup_attempt_store_put_open(db, &buckets, w->asked_us, &dialers, LOOK_MAX);
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
    if (w->talk.is_busy) {
        w->is_wanted = true;
    } else {
        loop_timer_after(w->timer, 0);
    }
}
