/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What holds of every calendar, tried where clocks change: 40 zones, the changes of ten years that
 * stand in the zones' tables and of ten that come from their rules. The expected working time is
 * added up interval by interval with zone.h, which knows nothing of the calendar's tables.
 */
#include "common/domain/calendar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/zone.h"
#include "common/domain/calendar_build.h"

enum {
    TRIES = 6, /* around each change */
    CHANGES_MAX = 64,
};

static const char *const zones[] = {
    "Africa/Cairo",       "Africa/Casablanca",   "America/Asuncion",    "America/Caracas",
    "America/Halifax",    "America/Havana",      "America/Los_Angeles", "America/New_York",
    "America/Nuuk",       "America/Santiago",    "America/Sao_Paulo",   "America/St_Johns",
    "Antarctica/Troll",   "Asia/Amman",          "Asia/Beirut",         "Asia/Damascus",
    "Asia/Gaza",          "Asia/Jerusalem",      "Asia/Kathmandu",      "Asia/Pyongyang",
    "Asia/Shanghai",      "Asia/Tehran",         "Asia/Ulaanbaatar",    "Atlantic/Azores",
    "Australia/Adelaide", "Australia/Lord_Howe", "Australia/Sydney",    "Europe/Berlin",
    "Europe/Chisinau",    "Europe/Dublin",       "Europe/Istanbul",     "Europe/London",
    "Europe/Moscow",      "Pacific/Apia",        "Pacific/Auckland",    "Pacific/Chatham",
    "Pacific/Easter",     "Pacific/Fiji",        "Pacific/Norfolk",     "Pacific/Tongatapu",
};

#define AT(h, m) ((h)*60 + (m))

static const struct calendar_hours shapes[] = {
    {{{AT(8, 0), AT(12, 0)}, {AT(13, 0), AT(18, 0)}}, 2},
    {{{0, AT(24, 0)}},                                1},
    {{{AT(1, 30), AT(2, 30)}, {AT(2, 45), AT(3, 0)}}, 2},
    {{{0, AT(0, 30)}, {AT(23, 15), AT(24, 0)}},       2},
    {{{AT(22, 0), AT(30, 0)}},                        1}, /* over midnight */
};

/* splitmix64: the same instants on every machine. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* Within so much of the middle; half of them on whole quarters of an hour, where the edges are. */
static int64_t near(uint64_t *random, int64_t middle_us, int64_t reach_us)
{
    const int64_t at_us =
        middle_us - reach_us + (int64_t)(next_random(random) % (uint64_t)(2 * reach_us));

    return next_random(random) % 2 ? at_us : at_us - at_us % (15 * DURATION_MIN);
}

static int64_t instant_of(const struct zone *z, int64_t day, int minute)
{
    const struct civil_time local = {
        .date = civil_from_days(day + minute / CALENDAR_MINUTES_OF_DAY),
        .hour = minute % CALENDAR_MINUTES_OF_DAY / 60,
        .minute = minute % 60,
    };

    return zone_to_instant(z, &local);
}

static int64_t max(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* from <= to; the week has the same hours on Monday to Saturday. */
static int64_t added_up(const struct zone *z, const struct calendar_hours *hours, int64_t from,
                        int64_t to)
{
    const int64_t last = to / DURATION_DAY + 2;
    int64_t sum = 0;
    int64_t counted_until = from;

    for (int64_t day = from / DURATION_DAY - 3; day <= last; day++) {
        for (size_t i = 0; calendar_weekday(day) != 6 && i < hours->count; i++) {
            const int64_t begin =
                max(instant_of(z, day, hours->intervals[i].begin_min), counted_until);
            const int64_t end = instant_of(z, day, hours->intervals[i].end_min);
            const int64_t until = end < to ? end : to;

            if (begin < until) {
                sum += until - begin;
                counted_until = until;
            }
        }
    }
    return sum;
}

struct world {
    const struct zone *zone;
    const struct calendar *calendar;
    const struct calendar_hours *hours;
};

static void fail_at(const struct world *w, const char *what, int64_t at)
{
    char text[INSTANT_TEXT_SIZE];

    fail_msg("%s, shape %td, %s: %s", zone_name(w->zone), w->hours - shapes,
             instant_format(at, text), what);
}

static void check_pair(const struct world *w, int64_t a, int64_t b, int64_t c)
{
    const int64_t ab = calendar_between(w->calendar, a, b);
    const int64_t bc = calendar_between(w->calendar, b, c);

    if (a <= b && ab != added_up(w->zone, w->hours, a, b)) {
        fail_at(w, "not what zone.h adds up to", a);
    }
    if (ab + bc != calendar_between(w->calendar, a, c)) {
        fail_at(w, "not additive", a);
    }
    if ((a <= b) != (ab >= 0) && ab != 0) {
        fail_at(w, "not monotone", a);
    }
    if (a <= b ? ab > b - a : -ab > a - b) {
        fail_at(w, "more worked than passed", a);
    }
}

static void check_inverse(const struct world *w, int64_t a, int64_t work)
{
    const int64_t after = calendar_after(w->calendar, a, work);
    const int64_t before = calendar_after(w->calendar, a, -work);

    if (after == CALENDAR_NEVER || calendar_between(w->calendar, a, after) != work ||
        (work > 0 && calendar_between(w->calendar, a, after - 1) >= work)) {
        fail_at(w, "after() is not the first inverse of between()", a);
    }
    if (before == CALENDAR_NEVER || calendar_between(w->calendar, before, a) != work ||
        (work > 0 && calendar_between(w->calendar, before + 1, a) >= work)) {
        fail_at(w, "after() back is not the last inverse of between()", a);
    }
}

static void check_changes(const struct world *w, int64_t at)
{
    const int64_t next = calendar_next_change(w->calendar, at);
    const bool is_open = calendar_is_open(w->calendar, at);

    if (next <= at || calendar_is_open(w->calendar, next) == is_open ||
        calendar_is_open(w->calendar, next - 1) != is_open ||
        calendar_between(w->calendar, at, next) != (is_open ? next - at : 0)) {
        fail_at(w, "does not change when it says so", at);
    }
}

static void check_days(const struct world *w, int64_t at)
{
    const int64_t day = calendar_day_of(w->calendar, at);
    struct civil_time local;

    zone_from_instant(w->zone, at, &local);
    if (civil_to_days(local.date) != day) {
        fail_at(w, "another day than zone.h's", at);
    }
    if (calendar_day_begin(w->calendar, day) != instant_of(w->zone, day, 0)) {
        fail_at(w, "the day begins at another instant than zone.h's", at);
    }
}

/* Both decades of a zone. */
static size_t list_changes(const struct zone *z, int64_t changes[CHANGES_MAX])
{
    static const int years[] = {2010, 2038};
    size_t count = 0;

    for (size_t i = 0; i < ARRAY_LEN(years); i++) {
        const struct civil_date begin = {years[i], 1, 1};
        const struct civil_date end = {years[i] + 10, 1, 1};
        const int64_t end_us = civil_to_days(end) * DURATION_DAY;
        int64_t at = civil_to_days(begin) * DURATION_DAY;

        changes[count++] = at; /* a zone without summer time is tried as well */
        while ((at = zone_next_change(z, at)) < end_us) {
            assert_true(count < CHANGES_MAX);
            changes[count++] = at;
        }
    }
    return count;
}

static size_t check_world(const struct world *w, uint64_t *random)
{
    int64_t changes[CHANGES_MAX];
    const size_t count = list_changes(w->zone, changes);

    for (size_t i = 0; i < count; i++) {
        for (int k = 0; k < TRIES; k++) {
            const int64_t a = near(random, changes[i], 2 * DURATION_DAY);
            const int64_t b = near(random, changes[i], 4 * DURATION_DAY);
            const int64_t c = near(random, changes[i], 400 * DURATION_DAY);
            const int64_t work = near(random, 40 * DURATION_H, 40 * DURATION_H);

            check_pair(w, a, b, c);
            check_inverse(w, a, max(work, 0));
            check_changes(w, b);
            check_days(w, a);
        }
    }
    return count;
}

static void it_adds_up_is_monotone_and_can_be_inverted_over_every_change(void **state)
{
    uint64_t random = 20261122;
    size_t count = 0;

    for (size_t i = 0; i < ARRAY_LEN(zones); i++) {
        struct err err = ERR_NONE;
        struct zone *zone = zone_open(zones[i], &err);

        if (!zone) {
            fail_msg("%s", err.text);
        }
        for (size_t k = 0; k < ARRAY_LEN(shapes); k++) {
            struct calendar_plan plan = {.name = "c", .zone = zone};
            struct world w = {.zone = zone, .hours = &shapes[k]};
            struct calendar *c;

            for (int day = 0; day < 6; day++) {
                plan.week[day] = shapes[k];
            }
            c = calendar_build(&plan);
            w.calendar = c;
            count += check_world(&w, &random);
            calendar_free(c);
        }
        zone_free(zone);
    }
    /* 40 zones with 5 shapes and both decades; most have two changes a year. */
    assert_int_equal(ARRAY_LEN(zones), 40);
    assert_true(count > (size_t)40 * 5 * 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_adds_up_is_monotone_and_can_be_inverted_over_every_change),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
