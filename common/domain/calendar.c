/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calendar.c - everything is one function, the working time until an instant, and its inverse.
 *
 * The table of openings answers both: the day of UTC says where in it to begin, and from there it
 * is a step or two. Back from working time to an instant the search widens from where one is,
 * because most targets are near.
 */
#include "common/domain/calendar.h"

#include <string.h>

#include "common/base/duration.h"
#include "common/domain/calendar_table.h"

static int64_t saturating_add(int64_t a, int64_t b)
{
    int64_t sum = 0;

    return __builtin_add_overflow(a, b, &sum) ? (b < 0 ? INT64_MIN : INT64_MAX) : sum;
}

static int64_t saturating_sub(int64_t a, int64_t b)
{
    int64_t difference = 0;

    return __builtin_sub_overflow(a, b, &difference) ? (a < b ? INT64_MIN : INT64_MAX) : difference;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* ---- where in the table */

/* How many openings have begun at an instant. */
static size_t begun_at(const struct calendar *c, int64_t at_us)
{
    int64_t at_s;
    size_t n;

    if (at_us < c->begin_s * DURATION_S) {
        return 0;
    }
    if (at_us >= c->end_s * DURATION_S) {
        return c->count;
    }
    at_s = at_us / DURATION_S;
    n = c->begun[at_s / SECONDS_OF_DAY - c->first_day];
    while (c->openings[n].begin_s <= at_s) {
        n++;
    }
    return n;
}

static int64_t end_of(const struct calendar_opening *o)
{
    return (int64_t)o->begin_s + (o[1].worked_s - o->worked_s);
}

/* Working time since the first opening. begun: begun_at() of that instant. */
static int64_t worked_until(const struct calendar *c, size_t begun, int64_t at_us)
{
    const struct calendar_opening *o = &c->openings[begun > 0 ? begun - 1 : 0];
    const int64_t all_us = (int64_t)c->openings[begun].worked_s * DURATION_S;

    if (begun == 0) {
        return 0;
    }
    if (at_us >= end_of(o) * DURATION_S) {
        return all_us;
    }
    return (int64_t)o->worked_s * DURATION_S + (at_us - (int64_t)o->begin_s * DURATION_S);
}

/* The first index whose worked_s is at least wanted_s; there is one. near: where to look first. */
static size_t find_worked(const struct calendar *c, int64_t wanted_s, size_t near)
{
    size_t low = near;
    size_t high = near;
    size_t step = 1;

    if (c->openings[near].worked_s < wanted_s) {
        do {
            low = high + 1;
            high = c->count - high > step ? high + step : c->count;
            step *= 2;
        } while (c->openings[high].worked_s < wanted_s);
    } else {
        while (low > 0 && c->openings[low].worked_s >= wanted_s) {
            high = low;
            low = low > step ? low - step : 0;
            step *= 2;
        }
    }
    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (c->openings[middle].worked_s < wanted_s) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* ---- working time */

int64_t calendar_between(const struct calendar *c, int64_t from_us, int64_t to_us)
{
    if (!c) {
        return saturating_sub(to_us, from_us);
    }
    return worked_until(c, begun_at(c, to_us), to_us) -
           worked_until(c, begun_at(c, from_us), from_us);
}

int64_t calendar_after(const struct calendar *c, int64_t from_us, int64_t work_us)
{
    size_t begun, found;
    int64_t target_us;

    if (work_us == 0) {
        return from_us;
    }
    if (!c) {
        const int64_t at_us = saturating_add(from_us, work_us);

        return at_us == INT64_MIN ? CALENDAR_NEVER : at_us;
    }
    begun = begun_at(c, from_us);
    target_us = saturating_add(worked_until(c, begun, from_us), work_us);
    if (target_us < 0 || target_us > (int64_t)c->openings[c->count].worked_s * DURATION_S) {
        return CALENDAR_NEVER;
    }
    /* Forward the instant may be an end and never a beginning; back it is the other way round. */
    if (work_us > 0) {
        found = find_worked(c, (target_us + DURATION_S - 1) / DURATION_S, begun);
    } else {
        found = find_worked(c, target_us / DURATION_S + 1, begun);
    }
    return target_us +
           ((int64_t)c->openings[found - 1].begin_s - (int64_t)c->openings[found - 1].worked_s) *
               DURATION_S;
}

bool calendar_is_open(const struct calendar *c, int64_t at_us)
{
    size_t begun;

    if (!c) {
        return true;
    }
    begun = begun_at(c, at_us);
    return begun > 0 && at_us < end_of(&c->openings[begun - 1]) * DURATION_S;
}

int64_t calendar_next_change(const struct calendar *c, int64_t at_us)
{
    size_t begun;

    if (!c) {
        return CALENDAR_NEVER;
    }
    begun = begun_at(c, at_us);
    if (begun > 0 && at_us < end_of(&c->openings[begun - 1]) * DURATION_S) {
        const int64_t end_s = end_of(&c->openings[begun - 1]);

        return end_s < c->end_s ? end_s * DURATION_S
                                : CALENDAR_NEVER; /* our knowledge ends there */
    }
    return begun < c->count ? (int64_t)c->openings[begun].begin_s * DURATION_S : CALENDAR_NEVER;
}

const char *calendar_name(const struct calendar *c)
{
    return c ? c->name : "24x7";
}

const char *calendar_zone_name(const struct calendar *c)
{
    return c ? c->zone_name : "UTC";
}

/* ---- days */

size_t calendar_stretch_at(const struct calendar *c, int64_t at_s)
{
    size_t low = 0;
    size_t high = c->stretch_count - 1;

    while (low < high) { /* the answer is within [low, high] */
        const size_t middle = low + (high - low + 1) / 2;

        if (c->stretches[middle].begin_s <= at_s) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return low;
}

int64_t calendar_local_to_s(const struct calendar *c, size_t hint, int64_t local_s)
{
    for (size_t i = hint;; i++) {
        const struct calendar_stretch *s = &c->stretches[i];
        const int64_t at_s = local_s - s->offset_s;

        if (at_s < s->begin_s) { /* behind the stretch before and before this one: skipped */
            return s->begin_s;
        }
        if (i + 1 == c->stretch_count || at_s < s[1].begin_s) {
            return at_s;
        }
    }
}

int64_t calendar_day_of(const struct calendar *c, int64_t at_us)
{
    const int64_t at_s = floor_div(at_us, DURATION_S);
    const int32_t offset_s = c ? c->stretches[calendar_stretch_at(c, at_s)].offset_s : 0;

    return floor_div(at_s + offset_s, SECONDS_OF_DAY);
}

int64_t calendar_day_begin(const struct calendar *c, int64_t day)
{
    const int64_t local_s = day * SECONDS_OF_DAY;

    if (!c) {
        return local_s * DURATION_S;
    }
    return calendar_local_to_s(c, calendar_stretch_at(c, local_s - 2 * SECONDS_OF_DAY), local_s) *
           DURATION_S;
}

static const struct calendar_note *find_note(const struct calendar *c, int64_t at_us)
{
    const int64_t day = calendar_day_of(c, at_us);
    size_t low = 0;
    size_t high = c ? c->note_count : 0;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (c->notes[middle].day < day) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return c && low < c->note_count && c->notes[low].day == day ? &c->notes[low] : NULL;
}

const char *calendar_special_day(const struct calendar *c, int64_t at_us)
{
    const struct calendar_note *note = find_note(c, at_us);

    return note ? note->name : NULL;
}

const char *calendar_special_notice(const struct calendar *c, int64_t at_us)
{
    const struct calendar_note *note = find_note(c, at_us);

    return note ? note->notice : NULL;
}
