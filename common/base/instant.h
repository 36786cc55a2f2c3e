/* SPDX-License-Identifier: Apache-2.0 */
/*
 * instant.h - points in time: microseconds since 1970-01-01T00:00:00Z in UTC (int64_t ..._us), and
 * the monotonic clock.
 *
 * Machine time only. Business time (due dates, windows, event times) comes from the database:
 * runtime/business_time.h.
 */
#ifndef TROTH_COMMON_BASE_INSTANT_H
#define TROTH_COMMON_BASE_INSTANT_H

#include <stdint.h>

#include "common/base/compiler.h"

int64_t instant_now_us(void);       /* the machine's real clock */
int64_t instant_monotonic_us(void); /* never steps; only differences mean something */

#define INSTANT_TEXT_SIZE 32
/* RFC 3339 in UTC with milliseconds: 2026-11-21T08:15:02.113Z. */
const char *instant_format(int64_t us, char ret_text[INSTANT_TEXT_SIZE]);

/* RFC 3339 (date, 'T' or blank, time, optional fraction up to 6 digits, 'Z' or +hh:mm) or a bare
 * date (midnight UTC). Returns 0, or -1 and leaves *ret_us alone. Years 1 to 9999. */
MUST_CHECK int instant_parse(const char *text, int64_t *ret_us);

/* Proleptic Gregorian calendar; days since 1970-01-01 (may be negative). */
struct civil_date {
    int year;
    int month; /* 1 to 12 */
    int day;   /* 1 to 31 */
};
int64_t civil_to_days(struct civil_date date);
struct civil_date civil_from_days(int64_t days);
/* The same day so many months later, or (negative) earlier; where that month is too short, its last
 * day. */
struct civil_date civil_months_later(struct civil_date day, int months);

#endif
