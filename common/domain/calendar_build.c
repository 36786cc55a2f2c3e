/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calendar_build.c - from "Monday 08:00-12:00" to the instants of a century.
 *
 * Day by day in ascending order, so the stretch of the zone that holds a local time is found by
 * walking along with the days, and an opening that touches or overlaps the one before it (a night
 * shift into an early morning) makes that one longer: an hour never counts twice.
 */
#include "common/domain/calendar_build.h"

#include <stdbool.h>
#include <stdlib.h>

#include "common/base/duration.h"
#include "common/base/xalloc.h"
#include "common/domain/calendar_table.h"

#define SECONDS_OF_MINUTE INT64_C(60)
#define BEFORE_ALL_S      (-(INT64_C(1) << 42)) /* as zone.c has it */
/* No offset reaches two days, so a stretch in force then is none too late. */
#define SAFELY_BEFORE_S (2 * SECONDS_OF_DAY)

int calendar_weekday(int64_t day)
{
    const int weekday = (int)((day + 3) % 7); /* 1970-01-01 was a Thursday */

    return weekday < 0 ? weekday + 7 : weekday;
}

static void keep_notes(struct calendar *c, const struct calendar_plan *plan)
{
    c->note_count = plan->special_count;
    c->notes = xcalloc(plan->special_count + 1, sizeof(*c->notes));
    for (size_t i = 0; i < plan->special_count; i++) {
        const struct calendar_special *special = &plan->specials[i];

        c->notes[i] = (struct calendar_note){
            .day = special->day,
            .name = xstrdup(special->name),
            .notice = special->notice ? xstrdup(special->notice) : NULL,
        };
    }
}

static void read_stretches(struct calendar *c, const struct zone *zone, int64_t from_s,
                           int64_t to_s)
{
    int64_t at_us = from_s * DURATION_S;
    size_t room = 0;

    for (int64_t begin_s = BEFORE_ALL_S; begin_s < to_s;) {
        if (c->stretch_count == room) {
            room = room * 2 + 64;
            c->stretches = xreallocarray(c->stretches, room, sizeof(*c->stretches));
        }
        c->stretches[c->stretch_count++] =
            (struct calendar_stretch){.begin_s = begin_s, .offset_s = zone_offset_s(zone, at_us)};
        at_us = zone_next_change(zone, at_us);
        begin_s = at_us == INT64_MAX ? to_s : at_us / DURATION_S;
    }
}

/* ---- the openings */

struct builder {
    struct calendar *c;
    size_t room;
    int64_t end_s; /* of the last opening */
    size_t hint;   /* the stretch that is early enough for the day in hand */
};

static void close_last(struct builder *b)
{
    struct calendar *c = b->c;
    const struct calendar_opening *last;

    if (c->count > 0) {
        last = &c->openings[c->count - 1];
        c->openings[c->count].worked_s = last->worked_s + (uint32_t)(b->end_s - last->begin_s);
    } else {
        c->openings[0].worked_s = 0;
    }
}

static void add_opening(struct builder *b, int64_t begin_s, int64_t end_s)
{
    struct calendar *c = b->c;

    begin_s = begin_s < c->begin_s ? c->begin_s : begin_s;
    end_s = end_s > c->end_s ? c->end_s : end_s;
    if (begin_s >= end_s) { /* its hours were skipped, or lie outside of the years */
        return;
    }
    if (c->count > 0 && begin_s <= b->end_s) {
        b->end_s = end_s > b->end_s ? end_s : b->end_s;
        return;
    }
    if (c->count + 2 > b->room) {
        b->room = b->room * 2 + 4096;
        c->openings = xreallocarray(c->openings, b->room, sizeof(*c->openings));
    }
    close_last(b);
    c->openings[c->count++].begin_s = (uint32_t)begin_s;
    b->end_s = end_s;
}

static void add_day(struct builder *b, int64_t day, const struct calendar_hours *hours)
{
    const struct calendar *c = b->c;
    const int64_t midnight_s = day * SECONDS_OF_DAY;

    while (b->hint + 1 < c->stretch_count &&
           c->stretches[b->hint + 1].begin_s <= midnight_s - SAFELY_BEFORE_S) {
        b->hint++;
    }
    for (size_t i = 0; i < hours->count; i++) {
        const struct calendar_interval *in = &hours->intervals[i];

        add_opening(b,
                    calendar_local_to_s(c, b->hint, midnight_s + in->begin_min * SECONDS_OF_MINUTE),
                    calendar_local_to_s(c, b->hint, midnight_s + in->end_min * SECONDS_OF_MINUTE));
    }
}

/* The day before the first one too: a night may reach into it. */
static void add_days(struct calendar *c, const struct calendar_plan *plan, int64_t first,
                     int64_t end)
{
    struct builder b = {.c = c, .room = 1};
    size_t s = 0;

    c->openings = xcalloc(b.room, sizeof(*c->openings));
    for (int64_t day = first - 1; day < end; day++) {
        while (s < plan->special_count && plan->specials[s].day < day) {
            s++;
        }
        if (s < plan->special_count && plan->specials[s].day == day) {
            add_day(&b, day, &plan->specials[s].hours);
        } else {
            add_day(&b, day, &plan->week[calendar_weekday(day)]);
        }
    }
    close_last(&b);
    c->openings[c->count].begin_s = UINT32_MAX;
    c->openings = xreallocarray(c->openings, c->count + 1, sizeof(*c->openings));
}

static void count_begun(struct calendar *c)
{
    const int64_t last_day = c->end_s / SECONDS_OF_DAY;
    size_t n = 0;

    c->first_day = c->begin_s / SECONDS_OF_DAY;
    c->begun = xcalloc((size_t)(last_day - c->first_day + 1), sizeof(*c->begun));
    for (int64_t day = c->first_day; day <= last_day; day++) {
        while (c->openings[n].begin_s <= day * SECONDS_OF_DAY) {
            n++;
        }
        c->begun[day - c->first_day] = (uint32_t)n;
    }
}

struct calendar *calendar_build(const struct calendar_plan *plan)
{
    const int64_t first = civil_to_days((struct civil_date){CALENDAR_FIRST_YEAR, 1, 1});
    const int64_t end = civil_to_days((struct civil_date){CALENDAR_LAST_YEAR + 1, 1, 1});
    struct calendar *c = xcalloc(1, sizeof(*c));

    c->name = xstrdup(plan->name);
    c->zone_name = xstrdup(zone_name(plan->zone));
    keep_notes(c, plan);
    read_stretches(c, plan->zone, first * SECONDS_OF_DAY - 2 * SAFELY_BEFORE_S,
                   end * SECONDS_OF_DAY + SAFELY_BEFORE_S);
    c->begin_s = calendar_local_to_s(c, 0, first * SECONDS_OF_DAY);
    c->end_s = calendar_local_to_s(
        c, calendar_stretch_at(c, end * SECONDS_OF_DAY - SAFELY_BEFORE_S), end * SECONDS_OF_DAY);
    add_days(c, plan, first, end);
    count_begun(c);
    return c;
}

void calendar_free(struct calendar *c)
{
    if (!c) {
        return;
    }
    for (size_t i = 0; i < c->note_count; i++) {
        free(c->notes[i].name);
        free(c->notes[i].notice);
    }
    free(c->notes);
    free(c->stretches);
    free(c->openings);
    free(c->begun);
    free(c->name);
    free(c->zone_name);
    free(c);
}
