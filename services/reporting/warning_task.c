/* SPDX-License-Identifier: Apache-2.0 */
/*
 * warning_task.c - one snapshot for each day that is read, one transaction for each day that is
 * judged. A day is judged when it is read, and then the first one that was kept for it is
 * forgotten: a year of missed days needs no more memory than one.
 */
#include "services/reporting/warning_task.h"

#include <stdlib.h>

#include "common/base/duration.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "services/reporting/report_day.h"
#include "services/reporting/report_store.h"
#include "services/reporting/warning_store.h"

struct warning_work {
    const struct night_world *world;
    struct night_range range;
    int64_t read_day;
    int64_t judged_day;
    struct warning_series *series;
};

static void *begin(const struct night_world *world, const struct night_range *range)
{
    struct warning_work *w = xcalloc(1, sizeof(*w));

    *w = (struct warning_work){
        .world = world,
        .range = *range,
        .read_day = range->from - WARNING_DAYS_BEFORE,
        .judged_day = range->from,
        .series = warning_series_new(range->from - WARNING_DAYS_BEFORE, range->from),
    };
    return w;
}

static bool ask(void *work, struct db *db)
{
    const struct warning_work *w = work;

    if (w->judged_day > w->range.to) {
        return false;
    }
    if (w->read_day <= w->judged_day) {
        report_store_begin(db);
        warning_store_ask_first(db);
        warning_store_ask_day(db, w->read_day);
        db_commit(db);
        return true;
    }
    night_begin_write(db, w->world);
    warning_store_put(db, w->series, w->judged_day, &w->world->warnings, w->world->now_us);
    db_commit(db);
    return true;
}

static void tell(const struct warning_work *w, const struct db_rows *rows)
{
    char day[REPORT_DAY_SIZE];

    (void)report_day_format(w->judged_day, day);
    for (size_t row = 0; row < db_row_count(rows); row++) {
        log_warning("early_warning", LOG_TEXT("day", day),
                    LOG_TEXT("dimension", figure_dimension_name(
                                              (enum figure_dimension)db_get_int(rows, row, 0))),
                    LOG_TEXT("value", db_get_text(rows, row, 1)),
                    LOG_TEXT("detectors", db_get_text(rows, row, 3)),
                    LOG_INT("count", db_get_int(rows, row, 4)));
    }
}

static enum night_step take(void *work, const struct db_reply *reply)
{
    struct warning_work *w = work;

    if (w->read_day <= w->judged_day) {
        warning_store_take_first(reply->rows[REPORT_STORE_FIRST], w->series);
        warning_store_take_day(reply->rows[REPORT_STORE_FIRST + 1], w->read_day, w->series);
        w->read_day++;
    } else {
        tell(w, reply->rows[0]);
        w->judged_day++;
        warning_series_move(w->series, 1);
    }
    return NIGHT_GO_ON;
}

static void end(void *work)
{
    struct warning_work *w = work;

    if (warning_series_left(w->series) > 0) {
        log_warning("early_warning_left",
                    LOG_INT("counts", (int64_t)warning_series_left(w->series)),
                    LOG_TEXT("because", "there are too many categories and products"));
    }
    warning_series_free(w->series);
    free(w);
}

struct warning_policy warning_policy_of(const struct reporting_settings *settings)
{
    return (struct warning_policy){
        .rule = {.least = settings->warning_least, .days = settings->warning_days},
        .quiet_days = settings->warning_quiet_us / DURATION_DAY,
    };
}

const struct night_task warning_task = {
    .name = "warn",
    .help = "look for days on which a count stood out",
    .is_for_each_day = true,
    .begin = begin,
    .ask = ask,
    .take = take,
    .end = end,
};
