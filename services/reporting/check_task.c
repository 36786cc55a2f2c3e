/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_task.c - 1. which days were different before   2. each lane and sheet, in a snapshot of its
 * own   3. one transaction: the differences there are now replace those of these days.
 */
#include "services/reporting/check_task.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "services/reporting/check_facts_store.h"
#include "services/reporting/check_store.h"
#include "services/reporting/report_day.h"
#include "services/reporting/report_store.h"

enum {
    DAYS_AGAIN = 7, /* before the last one: corrections count on the day of the fact */
    TRIES_MAX = 100,
};

enum check_stage {
    CHECK_BEGINNING,
    CHECK_COMPARING,
    CHECK_WRITING,
    CHECK_DONE,
};

struct check_work {
    const struct night_world *world;
    struct night_range range;
    enum check_stage stage;
    struct check_slice slice;
    struct check_compare *compare;
    int tries; /* of this slice */
};

static void set_days(struct check_work *w, int64_t from)
{
    w->range.from = from;
    w->slice.from_day = from;
    w->slice.to_day = w->range.to;
    w->slice.from_us = night_day_begin_us(w->world, from);
    w->slice.until_us = night_day_begin_us(w->world, w->range.to + 1);
}

static void *begin(const struct night_world *world, const struct night_range *range)
{
    struct check_work *w = xcalloc(1, sizeof(*w));

    w->world = world;
    w->range = *range;
    w->stage = world->lanes ? CHECK_BEGINNING : CHECK_COMPARING;
    w->slice = (struct check_slice){.sheet = SHEET_CASES,
                                    .time_zone = world->time_zone,
                                    .return_window_us = world->return_window_us};
    w->compare = check_compare_new();
    set_days(w, range->from);
    return w;
}

static bool ask(void *work, struct db *db)
{
    const struct check_work *w = work;

    switch (w->stage) {
    case CHECK_BEGINNING:
        check_store_ask_oldest(db);
        return true;
    case CHECK_COMPARING:
        report_store_begin(db);
        check_facts_ask(db, &w->slice);
        db_commit(db);
        return true;
    case CHECK_WRITING:
        night_begin_write(db, w->world);
        check_store_put(db, w->compare, &w->range, w->world->now_us);
        db_commit(db);
        return true;
    case CHECK_DONE:
        break;
    }
    return false;
}

static void take_oldest(struct check_work *w, const struct db_reply *reply)
{
    int64_t from =
        w->range.from < w->range.to - DAYS_AGAIN ? w->range.from : w->range.to - DAYS_AGAIN;
    int64_t oldest = check_store_take_oldest(reply->rows[0], from);

    set_days(w, oldest < from ? oldest : from);
    w->stage = CHECK_COMPARING;
}

static enum night_step take_slice(struct check_work *w, const struct db_reply *reply)
{
    if (!check_facts_take(&reply->rows[REPORT_STORE_FIRST], &w->slice, w->compare)) {
        return ++w->tries < TRIES_MAX ? NIGHT_AGAIN : NIGHT_LATER;
    }
    w->tries = 0;
    check_compare_lane(w->compare);
    if (++w->slice.lane == LANE_COUNT) {
        w->slice.lane = 0;
        w->slice.sheet = (enum figure_sheet)(w->slice.sheet + 1);
        w->stage = w->slice.sheet == SHEET_END ? CHECK_WRITING : CHECK_COMPARING;
    }
    return NIGHT_GO_ON;
}

static void tell(const struct db_rows *added)
{
    for (size_t row = 0; row < db_row_count(added); row++) {
        log_error("figure_different", LOG_TEXT("day", db_get_text(added, row, 0)),
                  LOG_TEXT("figure", db_get_text(added, row, 1)),
                  LOG_TEXT("branch", db_get_text(added, row, 2)),
                  LOG_INT("counted", db_get_int(added, row, 3)),
                  LOG_INT("facts", db_get_int(added, row, 4)));
    }
}

static enum night_step take(void *work, const struct db_reply *reply)
{
    struct check_work *w = work;

    switch (w->stage) {
    case CHECK_BEGINNING:
        take_oldest(w, reply);
        break;
    case CHECK_COMPARING:
        return take_slice(w, reply);
    case CHECK_WRITING:
        tell(reply->rows[CHECK_STORE_ADDED]);
        if (w->world->different) {
            *w->world->different = db_get_int(reply->rows[CHECK_STORE_TOTAL], 0, 0);
        }
        w->stage = CHECK_DONE;
        break;
    case CHECK_DONE:
        break;
    }
    return NIGHT_GO_ON;
}

static void end(void *work)
{
    struct check_work *w = work;

    check_compare_free(w->compare);
    free(w);
}

const struct night_task check_task = {
    .name = "check",
    .help = "compare the figures with the facts, day by day; fails when they differ",
    .is_for_each_day = true,
    .begin = begin,
    .ask = ask,
    .take = take,
    .end = end,
};
