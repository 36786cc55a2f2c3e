/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calendar.h - working time: weekly hours, holidays, make-up working days, half days, in one IANA
 * time zone.
 *
 * Time is elapsed time: on the day on which the clocks go back, an interval over the repeated hour
 * is an hour longer. A local time that a change of the clock skips is the first instant after the
 * gap, one that comes twice is the first. An interval over midnight belongs to the day on which it
 * begins. A NULL calendar is "every hour counts" in every function here.
 *
 * A calendar covers the local years CALENDAR_FIRST_YEAR to CALENDAR_LAST_YEAR; outside of them it
 * is closed. It is immutable once built and may be shared between threads. One call costs well
 * under a microsecond: what days begin and how much was worked before them is computed when it is
 * built.
 */
#ifndef TROTH_COMMON_DOMAIN_CALENDAR_H
#define TROTH_COMMON_DOMAIN_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/compiler.h"

struct calendar;

enum {
    CALENDAR_FIRST_YEAR = 1990,
    CALENDAR_LAST_YEAR = 2100,
};

/* There is no such instant in the years that a calendar covers. */
#define CALENDAR_NEVER INT64_MAX

/* Working time from one instant to another, in microseconds; negative when to_us is earlier. */
int64_t calendar_between(const struct calendar *c, int64_t from_us, int64_t to_us);

/* The first instant, not before from_us, at which work_us will have been worked since:
 * calendar_between(c, from_us, calendar_after(c, from_us, work_us)) == work_us. A negative work_us
 * goes back: the last instant, not after from_us, since which so much was worked. */
int64_t calendar_after(const struct calendar *c, int64_t from_us, int64_t work_us);

bool calendar_is_open(const struct calendar *c, int64_t at_us);

/* The first instant after at_us at which it opens or closes; CALENDAR_NEVER when it never does. */
int64_t calendar_next_change(const struct calendar *c, int64_t at_us);

/* "24x7" and "UTC" for NULL. */
const char *calendar_name(const struct calendar *c);
const char *calendar_zone_name(const struct calendar *c);

/* ---- days, counted since 1970-01-01, in the calendar's zone */

int64_t calendar_day_of(const struct calendar *c, int64_t at_us);
/* The first instant of a day. Working days are those between whose first instant and that of the
 * next one something is worked. */
int64_t calendar_day_begin(const struct calendar *c, int64_t day);

/* Why the day of that instant is not as its weekday usually is: the name of the special day
 * ("春节"), or NULL on an ordinary day. */
const char *calendar_special_day(const struct calendar *c, int64_t at_us);
/* Who decided that: a notice's title, number or address. NULL on an ordinary day. */
const char *calendar_special_notice(const struct calendar *c, int64_t at_us);

#endif
