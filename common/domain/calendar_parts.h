/* SPDX-License-Identifier: Apache-2.0 */
/* calendar_parts.h - the words in which calendars are written: weekdays, hours, dates. */
#ifndef TROTH_COMMON_DOMAIN_CALENDAR_PARTS_H
#define TROTH_COMMON_DOMAIN_CALENDAR_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include <libconfig.h>

#include "common/base/compiler.h"
#include "common/domain/calendar_build.h"
#include "common/domain/standard_read.h"

#define CALENDAR_WEEKDAYS "mon, tue, wed, thu, fri, sat or sun"

/* The word for a weekday, 0 is Monday. */
const char *calendar_weekday_name(int weekday);
/* "mon" to "sun", of len bytes. -1: another word. */
int calendar_weekday_parse(const char *text, size_t len);
MUST_CHECK int calendar_read_weekday(const struct standard_reader *r,
                                     const config_setting_t *setting, int *ret_weekday);

/* Where one text is meant as well as several: "a", ("a", "b"), ["a", "b"]. At least one. */
MUST_CHECK int calendar_count_texts(const struct standard_reader *r,
                                    const config_setting_t *setting, size_t max, size_t *ret_count);
const config_setting_t *calendar_text_at(const config_setting_t *setting, size_t i);

/* "08:00-12:00", also several; "22:00-06:00" ends on the next day, "24:00" is the day's end. */
MUST_CHECK int calendar_read_hours(const struct standard_reader *r, const config_setting_t *setting,
                                   struct calendar_hours *ret);

/* "2026-02-15" or "2026-02-15..2026-02-23", of the years that a calendar covers. */
MUST_CHECK int calendar_read_dates(const struct standard_reader *r, const config_setting_t *setting,
                                   int64_t *ret_first, int64_t *ret_last);

#define CALENDAR_DAY_TEXT_SIZE 16
/* "2026-02-15". Returns ret_text. */
const char *calendar_day_format(int64_t day, char ret_text[CALENDAR_DAY_TEXT_SIZE]);
/* Returns 0, or -1 and leaves *ret_day alone. Years 1 to 9999. */
MUST_CHECK int calendar_day_parse(const char *text, int64_t *ret_day);

#endif
