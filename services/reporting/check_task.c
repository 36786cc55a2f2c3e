/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_task.c - 1. which days were different before   2. each few days, lane and sheet, in a
 * snapshot of its own   3. one transaction: the differences there are now replace those of these
 * days.
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
    PART_DAYS = 8,  /* in one snapshot */
    OLDER_MAX = 31, /* days */
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
    struct night_range *parts; /* owned */
    size_t count, part;
    struct check_slice slice;
    struct check_compare *compare;
    int tries; /* of this slice */
};

static void add_part(struct check_work *w, int64_t from, int64_t to)
{
    w->parts = xreallocarray(w->parts, w->count + 1, sizeof(*w->parts));
    w->parts[w->count++] = (struct night_range){from, to};
}

static void add_parts(struct check_work *w, int64_t from)
{
    for (; from <= w->range.to; from += PART_DAYS) {
        int64_t to = from + PART_DAYS - 1;
        add_part(w, from, to < w->range.to ? to : w->range.to);
    }
}

static void begin_part(struct check_work *w)
{
    const struct night_range *days = &w->parts[w->part];

    w->stage = CHECK_COMPARING;
    w->slice = (struct check_slice){
        .sheet = SHEET_CASES,
        .time_zone = w->world->time_zone,
        .return_window_us = w->world->return_window_us,
        .from_day = days->from,
        .to_day = days->to,
        .from_us = night_day_begin_us(w->world, days->from),
        .until_us = night_day_begin_us(w->world, days->to + 1),
        .before = w->parts,
        .before_count = w->part,
    };
}

/* In the running service, corrections are looked for too. */
static int64_t from_of(const struct check_work *w)
{
    int64_t again = w->range.to - DAYS_AGAIN;

    return w->range.from < again || !w->world->lanes ? w->range.from : again;
}

static void *begin(const struct night_world *world, const struct night_range *range)
{
    struct check_work *w = xcalloc(1, sizeof(*w));

    w->world = world;
    w->range = *range;
    w->compare = check_compare_new();
    w->stage = CHECK_BEGINNING;
    add_parts(w, from_of(w));
    if (!world->lanes) {
        begin_part(w);
    }
    return w;
}

static bool ask(void *work, struct db *db)
{
    const struct check_work *w = work;

    switch (w->stage) {
    case CHECK_BEGINNING:
        check_store_ask_older(db, from_of(w), OLDER_MAX + 1);
        return true;
    case CHECK_COMPARING:
        report_store_begin(db);
        check_facts_ask(db, &w->slice);
        db_commit(db);
        return true;
    case CHECK_WRITING:
        night_begin_write(db, w->world);
        check_store_put(db, w->compare, &(struct check_days){w->parts, w->count}, w->world->now_us);
        db_commit(db);
        return true;
    case CHECK_DONE:
        break;
    }
    return false;
}

/* Each older day by itself: who has to look at a year for one of them never comes to an end. */
static void take_older(struct check_work *w, const struct db_rows *rows)
{
    for (size_t row = 0; row < db_row_count(rows) && row < OLDER_MAX; row++) {
        int64_t day = db_get_int(rows, row, 0);
        add_part(w, day, day);
    }
    if (db_row_count(rows) > OLDER_MAX) {
        log_warning("check_days_left", LOG_INT("looked_at", OLDER_MAX),
                    LOG_TEXT("because", "more days are different; the others follow"));
    }
    begin_part(w);
}

static void end_lane(struct check_work *w)
{
    w->tries = 0;
    check_compare_lane(w->compare);
    if (++w->slice.lane < LANE_COUNT) {
        return;
    }
    w->slice.lane = 0;
    w->slice.sheet = (enum figure_sheet)(w->slice.sheet + 1);
    if (w->slice.sheet < SHEET_END) {
        return;
    }
    if (++w->part < w->count) {
        begin_part(w);
    } else {
        w->stage = CHECK_WRITING;
    }
}

static enum night_step take_slice(struct check_work *w, const struct db_reply *reply)
{
    if (!check_facts_take(&reply->rows[REPORT_STORE_FIRST], &w->slice, w->compare)) {
        return ++w->tries < TRIES_MAX ? NIGHT_AGAIN : NIGHT_LATER;
    }
    end_lane(w);
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
        take_older(w, reply->rows[0]);
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
    free(w->parts);
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
