/* SPDX-License-Identifier: Apache-2.0 */
/* calendar_table.h - between calendar.c and calendar_build.c alone: what a calendar is in memory.
 */
#ifndef TROTH_COMMON_DOMAIN_CALENDAR_TABLE_H
#define TROTH_COMMON_DOMAIN_CALENDAR_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "common/domain/calendar.h"
#include "common/domain/calendar_build.h"

#define SECONDS_OF_DAY INT64_C(86400)

/* From begin_s on one offset is in force. The first one begins before everything. */
struct calendar_stretch {
    int64_t begin_s;
    int32_t offset_s;
};

/* Seconds since 1970 fit until 2106. An interval lasts as long as what was worked grows to the next
 * one. */
struct calendar_opening {
    uint32_t begin_s;
    uint32_t worked_s; /* before it, since the first one */
};

/* Of a special day. */
struct calendar_note {
    int64_t day;
    char *name;
    char *notice; /* NULL: none */
};

struct calendar {
    char *name;
    char *zone_name;
    struct calendar_stretch *stretches; /* ascending */
    size_t stretch_count;
    struct calendar_note *notes; /* ascending */
    size_t note_count;

    /* Ascending; neither empty nor touching. Behind them one that begins after everything and
     * carries the sum. */
    struct calendar_opening *openings;
    size_t count;

    /* How many of them have begun when a day of UTC begins; the first such day is first_day. */
    uint32_t *begun;
    int64_t first_day;
    int64_t begin_s; /* covered from here */
    int64_t end_s;   /* to here */
};

/* The index of the stretch in force at an instant. */
size_t calendar_stretch_at(const struct calendar *c, int64_t at_s);
/* The instant of a local time, by zone.h's rule; hint: a stretch that begins more than any offset
 * before it, or the first one. */
int64_t calendar_local_to_s(const struct calendar *c, size_t hint, int64_t local_s);

#endif
