/* SPDX-License-Identifier: Apache-2.0 */
/* progress_time.h - times as a customer reads them, in the customer's zone. Pure. */
#ifndef TROTH_REPORTING_PROGRESS_TIME_H
#define TROTH_REPORTING_PROGRESS_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/zone.h"
#include "services/reporting/progress_words.h"

#define PROGRESS_TIME_SIZE 64

/* "Mon 23 Nov 2026, 14:05", "2026年11月23日（周一）14:05". zone NULL: UTC. Returns ret. */
const char *progress_time(enum progress_language language, const struct zone *zone, int64_t us,
                          char ret[PROGRESS_TIME_SIZE]);
/* Without the time of the day. */
const char *progress_day(enum progress_language language, const struct zone *zone, int64_t us,
                         char ret[PROGRESS_TIME_SIZE]);
/* "14:05". */
const char *progress_clock(const struct zone *zone, int64_t us, char ret[PROGRESS_TIME_SIZE]);
/* "2026-11-23", as a date field has it. */
const char *progress_date(const struct zone *zone, int64_t us, char ret[PROGRESS_TIME_SIZE]);
/* "UTC+8", "UTC-3:30": in force at that instant. */
const char *progress_offset(const struct zone *zone, int64_t us, char ret[PROGRESS_TIME_SIZE]);
/* The last microsecond of a day given as a date field sends it. False: it is no such day. */
bool progress_day_end(const struct zone *zone, const char *date, int64_t *ret_us);

#endif
