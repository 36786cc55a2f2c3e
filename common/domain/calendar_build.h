/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calendar_build.h - makes a calendar from hours, week and special days; calendar_read.h gets them
 * from a file.
 */
#ifndef TROTH_COMMON_DOMAIN_CALENDAR_BUILD_H
#define TROTH_COMMON_DOMAIN_CALENDAR_BUILD_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/compiler.h"
#include "common/base/zone.h"
#include "common/domain/calendar.h"

enum {
    CALENDAR_INTERVALS_MAX = 8, /* of one day */
    CALENDAR_MINUTES_OF_DAY = 24 * 60,
};

/* In minutes since the local midnight at which the day begins; an end above 24:00 lies in the next
 * day. */
struct calendar_interval {
    int begin_min; /* 0 to 23:59 */
    int end_min;   /* after begin_min, at most 24 hours after it */
};

/* Ascending, without overlap; no interval: closed. */
struct calendar_hours {
    struct calendar_interval intervals[CALENDAR_INTERVALS_MAX];
    size_t count;
};

struct calendar_special {
    int64_t day;        /* since 1970-01-01 */
    const char *name;   /* "春节" */
    const char *notice; /* who said so; NULL: nobody */
    struct calendar_hours hours;
};

struct calendar_plan {
    const char *name;
    const struct zone *zone;
    struct calendar_hours week[7];           /* Monday first */
    const struct calendar_special *specials; /* ascending, each day once */
    size_t special_count;
};

/* Copies what it keeps. The caller frees the calendar. */
MUST_CHECK struct calendar *calendar_build(const struct calendar_plan *plan);
void calendar_free(struct calendar *c); /* NULL is fine */

/* 0 is Monday. */
int calendar_weekday(int64_t day);

#endif
