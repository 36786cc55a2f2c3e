/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/night_round.h"

#include <stdlib.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "services/reporting/check_task.h"
#include "services/reporting/night_store.h"
#include "services/reporting/night_task.h"
#include "services/reporting/report_frame.h"
#include "services/reporting/warning_task.h"

#define LOOK_US     (250 * DURATION_MS) /* business time may go fast */
#define PAUSE_SHARE 4 /* times as long as the slice took: events and readers go first */
#define AGAIN_US    (250 * DURATION_MS)
#define FAILED_US   DURATION_MIN

enum {
    MISSED_DAYS_MAX = 400, /* that are made up for */
    TASKS_MAX = 16,
};

enum night_stage {
    NIGHT_IDLE = 1,
    NIGHT_LOOKING,
    NIGHT_WORKING,
    NIGHT_ENDING,
};

struct night_round {
    struct reporting *reporting;
    struct night_world world;
    struct zone *zone;
    struct loop_timer *timer;
    struct db *db; /* while a slice runs */
    bool is_busy;  /* waits for a connection, or has it */
    enum night_stage stage;
    int64_t until;    /* the last day that has ended, when it was looked */
    int64_t done_day; /* all tasks are done up to it, as far as we know */
    size_t task;
    int64_t again_us[TASKS_MAX]; /* monotonic: one that failed is not begun before */
    struct night_range range;
    void *work;
    int64_t started_us; /* monotonic; of the slice, and of the task */
    int64_t began_us;
    int64_t *failed;
};

static void start(void *ctx, struct db *db);

static int64_t today(const struct night_round *n)
{
    return report_day_at(n->zone, service_now_us(n->reporting->service));
}

static bool is_ours(const struct night_round *n)
{
    return lease_holds(n->reporting->lanes, 0) && !n->reporting->service->is_draining;
}

static void drop_work(struct night_round *n)
{
    if (n->work) {
        night_tasks[n->task]->end(n->work);
        n->work = NULL;
    }
}

/* The task is begun again, but others first. */
static void put_off(struct night_round *n)
{
    n->again_us[n->task] = instant_monotonic_us() + FAILED_US;
}

/* Looks again after delay_us. */
static void rest(struct night_round *n, int64_t delay_us)
{
    drop_work(n);
    n->stage = NIGHT_IDLE;
    loop_timer_after(n->timer, delay_us);
}

static void on_timer(void *ctx)
{
    struct night_round *n = ctx;

    if (n->is_busy) {
        return;
    }
    if (!is_ours(n)) {
        n->done_day = INT64_MIN; /* another one may do it meanwhile, and tells what it found */
        *n->world.different = 0;
        rest(n, LOOK_US);
        return;
    }
    if (n->stage == NIGHT_IDLE) {
        if (today(n) - 1 <= n->done_day) {
            loop_timer_after(n->timer, LOOK_US);
            return;
        }
        n->stage = NIGHT_LOOKING;
    }
    n->is_busy = true;
    db_pool_submit(n->reporting->service->db, start, n);
}

/* ---- which task, for which days */

/* The first task that is not done; ret_is_done: all are. One that failed holds up no other. */
static bool choose(struct night_round *n, const struct db_rows *done, bool *ret_is_done)
{
    *ret_is_done = true;
    for (size_t i = 0; night_tasks[i]; i++) {
        int64_t until = n->until - 1;

        (void)night_store_done_until(done, night_tasks[i]->name, &until);
        if (until >= n->until) {
            continue;
        }
        *ret_is_done = false;
        if (n->again_us[i] > instant_monotonic_us()) {
            continue;
        }
        if (!night_tasks[i]->is_for_each_day || until < n->until - MISSED_DAYS_MAX) {
            until = n->until - 1;
        }
        n->task = i;
        n->range = (struct night_range){until + 1, n->until};
        return true;
    }
    return false;
}

static void set_checked(struct night_round *n, const struct db_rows *done)
{
    int64_t day;

    if (night_store_done_until(done, check_task.name, &day)) {
        *n->world.checked_until = night_day_begin_us(&n->world, day + 1) / DURATION_S;
    }
}

static void on_looked(struct night_round *n, const struct db_reply *reply)
{
    bool is_done;

    *n->world.different = db_get_int(reply->rows[2], 0, 0);
    set_checked(n, reply->rows[0]);
    if (!choose(n, reply->rows[0], &is_done)) {
        n->done_day = is_done ? n->until : n->done_day;
        rest(n, is_done ? LOOK_US : DURATION_S);
    } else if (!night_store_is_counted(reply->rows[1])) {
        rest(n, AGAIN_US);
    } else {
        n->world.now_us = service_now_us(n->reporting->service);
        n->began_us = instant_monotonic_us();
        n->work = night_tasks[n->task]->begin(&n->world, &n->range);
        n->stage = NIGHT_WORKING;
        loop_timer_after(n->timer, 0);
    }
}

/* ---- slices */

static void on_slice(struct night_round *n, const struct db_reply *reply)
{
    enum night_step step = night_tasks[n->task]->take(n->work, reply);

    if (step == NIGHT_LATER) {
        (*n->failed)++;
        log_warning("night_task_put_off", LOG_TEXT("task", night_tasks[n->task]->name),
                    LOG_TEXT("because", "events came faster than they could be waited for"));
        put_off(n);
        rest(n, 0);
    } else {
        int64_t took_us = instant_monotonic_us() - n->started_us;
        loop_timer_after(n->timer, step == NIGHT_AGAIN ? AGAIN_US : PAUSE_SHARE * took_us);
    }
}

static void on_done(struct night_round *n)
{
    log_info("night_task_done", LOG_TEXT("task", night_tasks[n->task]->name),
             LOG_INT("days", n->range.to - n->range.from + 1),
             LOG_INT("took_ms", (instant_monotonic_us() - n->began_us) / DURATION_MS));
    rest(n, 0);
}

static void on_reply(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct night_round *n = ctx;

    n->db = NULL;
    n->is_busy = false;
    if (reply->outcome != DB_OK) {
        (*n->failed)++;
        log_warning("night_task_failed",
                    LOG_TEXT("task", n->work ? night_tasks[n->task]->name : ""),
                    LOG_TEXT("sqlstate", reply->sqlstate), LOG_ERR(&reply->err));
        if (n->work) {
            put_off(n);
        }
        rest(n, DURATION_S);
    } else if (n->stage == NIGHT_LOOKING) {
        on_looked(n, reply);
    } else if (n->stage == NIGHT_WORKING) {
        on_slice(n, reply);
    } else {
        on_done(n);
    }
    db_release(db);
}

static void start(void *ctx, struct db *db)
{
    struct night_round *n = ctx;

    n->db = db;
    n->started_us = instant_monotonic_us();
    if (n->stage == NIGHT_LOOKING) {
        n->until = today(n) - 1;
        night_store_ask(db, night_day_begin_us(&n->world, n->until + 1));
    } else if (!night_tasks[n->task]->ask(n->work, db)) {
        n->stage = NIGHT_ENDING;
        night_begin_write(db, &n->world);
        night_store_put_done(db, night_tasks[n->task]->name, n->range.to, n->world.now_us);
        db_commit(db);
    }
    db_run(db, on_reply, n);
}

/* ---- life */

struct night_round *night_round_new(struct reporting *r, struct err *err)
{
    struct metrics *m = r->service->metrics;
    struct night_round *n = xcalloc(1, sizeof(*n));

    n->reporting = r;
    n->stage = NIGHT_IDLE;
    n->done_day = INT64_MIN;
    n->zone = zone_open(r->settings->time_zone, err);
    if (!n->zone) {
        free(n);
        return NULL;
    }
    n->world = (struct night_world){
        .time_zone = r->settings->time_zone,
        .zone = n->zone,
        .lanes = r->lanes,
        .different = metrics_gauge(m, "troth_reporting_figures_different", NULL,
                                   "Figures of a day that do not equal the facts."),
        .checked_until =
            metrics_gauge(m, "troth_reporting_figures_checked_until_seconds", NULL,
                          "Unix time of the end of the last day that was compared; 0: none yet."),
        .warnings = warning_policy_of(r->settings),
        .return_window_us = r->settings->return_window_us,
    };
    n->failed = metrics_counter(m, "troth_reporting_night_failures_total", NULL,
                                "Nightly tasks that failed and were begun again.");
    n->timer = loop_timer_new(r->service->loop, on_timer, n);
    loop_timer_after(n->timer, LOOK_US);
    return n;
}

void night_round_free(struct night_round *n)
{
    if (!n) {
        return;
    }
    db_pool_withdraw(n->reporting->service->db, n);
    if (n->db) {
        db_abandon(n->db);
    }
    drop_work(n);
    loop_timer_free(n->timer);
    zone_free(n->zone);
    free(n);
}

bool night_round_is_idle(const struct night_round *n)
{
    return !n || !n->is_busy;
}
