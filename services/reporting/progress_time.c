/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/progress_time.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/text.h"

static const char *const weekdays[PROGRESS_LANGUAGES][7] = {
    {"Mon",    "Tue",    "Wed",    "Thu",    "Fri",    "Sat",    "Sun"   },
    {"周一", "周二", "周三", "周四", "周五", "周六", "周日"},
};
static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/* 1970-01-01 was a Thursday. */
static int weekday_of(struct civil_date date)
{
    return (int)(((civil_to_days(date) + 3) % 7 + 7) % 7);
}

const char *progress_day(enum progress_language language, const struct zone *zone, int64_t us,
                         char ret[PROGRESS_TIME_SIZE])
{
    struct civil_time t;

    zone_from_instant(zone, us, &t);
    const char *weekday = weekdays[language][weekday_of(t.date)];
    if (language == PROGRESS_CHINESE) {
        (void)text_format(ret, PROGRESS_TIME_SIZE, "%d年%d月%d日（%s）", t.date.year, t.date.month,
                          t.date.day, weekday);
    } else {
        (void)text_format(ret, PROGRESS_TIME_SIZE, "%s %d %s %d", weekday, t.date.day,
                          months[t.date.month - 1], t.date.year);
    }
    return ret;
}

const char *progress_clock(const struct zone *zone, int64_t us, char ret[PROGRESS_TIME_SIZE])
{
    struct civil_time t;

    zone_from_instant(zone, us, &t);
    (void)text_format(ret, PROGRESS_TIME_SIZE, "%02d:%02d", t.hour, t.minute);
    return ret;
}

const char *progress_time(enum progress_language language, const struct zone *zone, int64_t us,
                          char ret[PROGRESS_TIME_SIZE])
{
    char day[PROGRESS_TIME_SIZE], clock[PROGRESS_TIME_SIZE];

    (void)text_format(ret, PROGRESS_TIME_SIZE, language == PROGRESS_CHINESE ? "%s%s" : "%s, %s",
                      progress_day(language, zone, us, day), progress_clock(zone, us, clock));
    return ret;
}

const char *progress_date(const struct zone *zone, int64_t us, char ret[PROGRESS_TIME_SIZE])
{
    struct civil_time t;

    zone_from_instant(zone, us, &t);
    (void)text_format(ret, PROGRESS_TIME_SIZE, "%04d-%02d-%02d", t.date.year, t.date.month,
                      t.date.day);
    return ret;
}

const char *progress_offset(const struct zone *zone, int64_t us, char ret[PROGRESS_TIME_SIZE])
{
    int minutes = (zone ? zone_offset_s(zone, us) : 0) / 60;
    int size = abs(minutes);

    if (size % 60 == 0) {
        (void)text_format(ret, PROGRESS_TIME_SIZE, "UTC%c%d", minutes < 0 ? '-' : '+', size / 60);
    } else {
        (void)text_format(ret, PROGRESS_TIME_SIZE, "UTC%c%d:%02d", minutes < 0 ? '-' : '+',
                          size / 60, size % 60);
    }
    return ret;
}

bool progress_day_end(const struct zone *zone, const char *date, int64_t *ret_us)
{
    int64_t midnight_us;
    struct civil_time next = {.hour = 0};

    if (strlen(date) != strlen("2026-11-23") || instant_parse(date, &midnight_us) < 0) {
        return false;
    }
    next.date = civil_from_days(midnight_us / DURATION_DAY + 1);
    *ret_us = (zone ? zone_to_instant(zone, &next) : civil_to_days(next.date) * DURATION_DAY) - 1;
    return true;
}
