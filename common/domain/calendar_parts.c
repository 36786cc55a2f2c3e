/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/calendar_parts.h"

#include <ctype.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"

enum {
    HOURS_BYTES_MAX = 32,
    DATE_BYTES = 10,
    DATES_BYTES_MAX = 32,
    RANGE_DAYS_MAX = 366,
};

/* ---- weekdays */

static const char weekday_names[7][4] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

const char *calendar_weekday_name(int weekday)
{
    return weekday_names[weekday];
}

int calendar_weekday_parse(const char *text, size_t len)
{
    for (int i = 0; len == 3 && i < 7; i++) {
        if (memcmp(text, weekday_names[i], 3) == 0) {
            return i;
        }
    }
    return -1;
}

int calendar_read_weekday(const struct standard_reader *r, const config_setting_t *setting,
                          int *ret_weekday)
{
    const char *text = standard_read_text(r, setting, HOURS_BYTES_MAX);
    const int weekday = text ? calendar_weekday_parse(text, strlen(text)) : -1;

    if (text && weekday < 0) {
        return standard_read_refuse(r, setting, "must be " CALENDAR_WEEKDAYS);
    }
    *ret_weekday = text ? weekday : *ret_weekday;
    return text ? 0 : -1;
}

/* ---- one or several */

int calendar_count_texts(const struct standard_reader *r, const config_setting_t *setting,
                         size_t max, size_t *ret_count)
{
    const bool is_list = config_setting_is_list(setting) || config_setting_is_array(setting);
    const size_t count = is_list ? (size_t)config_setting_length(setting) : 1;

    if (!is_list && config_setting_type(setting) != CONFIG_TYPE_STRING) {
        return standard_read_refuse(r, setting, "must be a text or a list of texts");
    }
    if (count == 0 || count > max) {
        return standard_read_refuse(r, setting, "must have 1 to %zu texts", max);
    }
    *ret_count = count;
    return 0;
}

const config_setting_t *calendar_text_at(const config_setting_t *setting, size_t i)
{
    return config_setting_type(setting) == CONFIG_TYPE_STRING
               ? setting
               : config_setting_get_elem(setting, (unsigned)i);
}

/* ---- hours */

/* "08:30" at *text, which moves on; 24:00 is the latest. -1: it is none. */
static int parse_minute(const char **text)
{
    const char *t = *text;
    int minute;

    if (!isdigit((unsigned char)t[0]) || !isdigit((unsigned char)t[1]) || t[2] != ':' ||
        !isdigit((unsigned char)t[3]) || !isdigit((unsigned char)t[4])) {
        return -1;
    }
    minute = ((t[0] - '0') * 10 + t[1] - '0') * 60 + (t[3] - '0') * 10 + t[4] - '0';
    *text = t + 5;
    return t[3] > '5' || minute > CALENDAR_MINUTES_OF_DAY ? -1 : minute;
}

static int read_interval(const struct standard_reader *r, const config_setting_t *setting,
                         struct calendar_interval *ret)
{
    const char *text = standard_read_text(r, setting, HOURS_BYTES_MAX);
    int begin, end;

    if (!text) {
        return -1;
    }
    begin = parse_minute(&text);
    end = begin >= 0 && *text++ == '-' ? parse_minute(&text) : -1;
    if (begin < 0 || end < 0 || *text != '\0' || begin == CALENDAR_MINUTES_OF_DAY) {
        return standard_read_refuse(r, setting, "must be hours such as \"08:00-12:00\"");
    }
    if (begin == end) {
        return standard_read_refuse(r, setting,
                                    "begins when it ends; a whole day is \"00:00-24:00\"");
    }
    ret->begin_min = begin;
    ret->end_min = end < begin ? end + CALENDAR_MINUTES_OF_DAY : end;
    return 0;
}

int calendar_read_hours(const struct standard_reader *r, const config_setting_t *setting,
                        struct calendar_hours *ret)
{
    struct calendar_hours hours = {.count = 0};
    size_t count = 0;

    if (calendar_count_texts(r, setting, CALENDAR_INTERVALS_MAX, &count) < 0) {
        return -1;
    }
    while (hours.count < count) {
        const config_setting_t *text = calendar_text_at(setting, hours.count);
        struct calendar_interval *in = &hours.intervals[hours.count];

        if (read_interval(r, text, in) < 0) {
            return -1;
        }
        if (hours.count > 0 && in->begin_min < in[-1].end_min) {
            return standard_read_refuse(r, text, "must not begin before the hours before it end");
        }
        hours.count++;
    }
    *ret = hours;
    return 0;
}

/* ---- dates */

const char *calendar_day_format(int64_t day, char ret_text[CALENDAR_DAY_TEXT_SIZE])
{
    const struct civil_date date = civil_from_days(day);

    (void)text_format(ret_text, CALENDAR_DAY_TEXT_SIZE, "%04d-%02d-%02d", date.year, date.month,
                      date.day);
    return ret_text;
}

int calendar_day_parse(const char *text, int64_t *ret_day)
{
    int64_t us = 0;

    if (strlen(text) != DATE_BYTES || instant_parse(text, &us) < 0) {
        return -1;
    }
    /* Midnights in UTC divide without a rest, those before 1970 too. */
    *ret_day = us / DURATION_DAY;
    return 0;
}

static bool is_covered(int64_t day)
{
    const int year = civil_from_days(day).year;

    return year >= CALENDAR_FIRST_YEAR && year <= CALENDAR_LAST_YEAR;
}

int calendar_read_dates(const struct standard_reader *r, const config_setting_t *setting,
                        int64_t *ret_first, int64_t *ret_last)
{
    const char *text = standard_read_text(r, setting, DATES_BYTES_MAX);
    char begin[DATES_BYTES_MAX + 1];
    const char *end;
    int64_t first = 0;
    int64_t last = 0;

    if (!text) {
        return -1;
    }
    (void)text_copy(begin, sizeof(begin), text);
    begin[strcspn(begin, ".")] = '\0';
    end = text[strlen(begin)] == '\0' ? text : text + strlen(begin);
    end += strncmp(end, "..", 2) == 0 ? 2 : 0;
    if (calendar_day_parse(begin, &first) < 0 || calendar_day_parse(end, &last) < 0) {
        return standard_read_refuse(
            r, setting, "must be a date, \"2026-02-15\", or a range, \"2026-02-15..2026-02-23\"");
    }
    if (last < first || last - first >= RANGE_DAYS_MAX) {
        return standard_read_refuse(r, setting, "must end after it begins, and within %d days",
                                    (int)RANGE_DAYS_MAX);
    }
    if (!is_covered(first) || !is_covered(last)) {
        return standard_read_refuse(r, setting, "must be in the years %d to %d",
                                    (int)CALENDAR_FIRST_YEAR, (int)CALENDAR_LAST_YEAR);
    }
    *ret_first = first;
    *ret_last = last;
    return 0;
}
