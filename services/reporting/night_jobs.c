/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/night_jobs.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "services/reporting/check_task.h"
#include "services/reporting/effect_task.h"
#include "services/reporting/night_task.h"
#include "services/reporting/recovery_task_store.h"
#include "services/reporting/report_day.h"
#include "services/reporting/report_frame.h"
#include "services/reporting/reporting.h"
#include "services/reporting/skill_task_store.h"
#include "services/reporting/standing_task_store.h"
#include "services/reporting/value_task_store.h"
#include "services/reporting/warning_task.h"

#define CONNECT_US (10 * DURATION_S)
#define AGAIN_US   (100 * DURATION_MS)

enum {
    TRIES_MAX = 100 /* of one slice */
};

struct night_job {
    struct service *service;
    struct db *db;
    struct night_world world;
    struct night_range range;
};

static int read_day(const char *text, const char *setting, int64_t usual, int64_t *ret_day,
                    struct err *err)
{
    *ret_day = usual;
    if (text_is_empty(text) || report_day_parse(text, ret_day) == 0) {
        return 0;
    }
    return err_set_field(err, "setting_invalid", setting, "a day is written 2026-11-01");
}

static int read_range(struct night_job *j, struct err *err)
{
    const struct reporting_settings *s = j->service->settings;
    int64_t yesterday = report_day_at(j->world.zone, j->world.now_us) - 1;

    if (read_day(s->job_to, "job_to", yesterday, &j->range.to, err) < 0 ||
        read_day(s->job_from, "job_from", j->range.to, &j->range.from, err) < 0) {
        return -1;
    }
    if (j->range.from > j->range.to) {
        return err_set_field(err, "setting_invalid", "job_from", "it is after job_to");
    }
    return 0;
}

static void on_pause(void *ctx)
{
    *(bool *)ctx = true;
}

static void wait_a_little(struct loop *loop)
{
    bool is_over = false;
    struct loop_timer *timer = loop_timer_new(loop, on_pause, &is_over);

    loop_timer_after(timer, AGAIN_US);
    while (!is_over) {
        loop_turn(loop, AGAIN_US);
    }
    loop_timer_free(timer);
}

/* One slice, until it works. Returns 1 when there is none any more. */
static int do_slice(struct night_job *j, const struct night_task *task, void *work, struct err *err)
{
    for (int tries = 0; tries < TRIES_MAX && !j->service->is_draining; tries++) {
        if (!task->ask(work, j->db)) {
            return 1;
        }
        const struct db_reply *reply = db_run_wait(j->db);
        if (reply->outcome == DB_OK) {
            enum night_step step = task->take(work, reply);
            if (step == NIGHT_GO_ON) {
                return 0;
            }
            if (step == NIGHT_LATER) {
                return err_set(err, "unavailable", "not all events are counted; try again later");
            }
        } else if (reply->outcome != DB_RETRY) {
            *err = reply->err;
            return -1;
        }
        wait_a_little(j->service->loop);
    }
    return err_set(err, "unavailable", "stopped, or tried too often");
}

static int do_task(struct night_job *j, const struct night_task *task, struct err *err)
{
    void *work = task->begin(&j->world, &j->range);
    int rc = 0;

    while (rc == 0) {
        rc = do_slice(j, task, work, err);
    }
    task->end(work);
    if (rc < 0) {
        return -1;
    }
    char from[REPORT_DAY_SIZE], to[REPORT_DAY_SIZE];
    (void)printf("%s: done for %s to %s\n", task->name, report_day_format(j->range.from, from),
                 report_day_format(j->range.to, to));
    return 0;
}

static int run(struct service *s, const struct night_task *task, struct err *err)
{
    const struct reporting_settings *settings = s->settings;
    int64_t different = 0;
    struct night_job j = {.service = s};
    struct zone *zone = zone_open(settings->time_zone, err);

    if (!zone) {
        return -1;
    }
    j.world = (struct night_world){.time_zone = settings->time_zone,
                                   .zone = zone,
                                   .now_us = service_now_us(s),
                                   .different = &different,
                                   .warnings = warning_policy_of(settings),
                                   .return_window_us = settings->return_window_us};
    int rc = read_range(&j, err);
    if (rc == 0) {
        j.db = db_pool_wait(s->db, CONNECT_US, err);
        rc = j.db ? do_task(&j, task, err) : -1;
    }
    if (j.db) {
        db_release(j.db);
    }
    zone_free(zone);
    if (rc == 0 && different > 0) {
        return err_set(err, "figures_different",
                       "%" PRId64 " figures do not equal the facts: reporting.figure_difference",
                       different);
    }
    return rc;
}

static int run_check(struct service *s, struct err *err)
{
    return run(s, &check_task, err);
}

static int run_warn(struct service *s, struct err *err)
{
    return run(s, &warning_task, err);
}

static int run_standing(struct service *s, struct err *err)
{
    return run(s, &standing_task, err);
}

static int run_recovery(struct service *s, struct err *err)
{
    return run(s, &recovery_task, err);
}

static int run_value(struct service *s, struct err *err)
{
    return run(s, &value_task, err);
}

static int run_skills(struct service *s, struct err *err)
{
    return run(s, &skill_task, err);
}

static int run_effects(struct service *s, struct err *err)
{
    return run(s, &effect_task, err);
}

const struct service_job night_jobs[] = {
    {"check",    "compare the figures with the facts, day by day; fails when they differ", run_check   },
    {"warn",     "look for days on which a count stood out",                               run_warn    },
    {"standing", "write down how the customers stood at the end of each day",              run_standing},
    {"value",    "what customers who may leave have bought",                               run_value   },
    {"skills",   "which skills the answers point to, by team and staff",                   run_skills  },
    {"recovery", "customers with a complaint or broken promise against those without",
     run_recovery                                                                                      },
    {"effects",  "judge what became of each improvement and training",                     run_effects },
    {NULL,       NULL,                                                                     NULL        },
};
