/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/working_hours.h"

#include <string.h>

#include "common/base/text.h"

enum {
    DAY_MINUTES = 24 * 60,
    DAY_NAME_LEN = 3,
    TIME_LEN = 5, /* "09:00" */
};

/* Weekday of a name at the beginning of text; -1: none. */
static int read_day(const char *text)
{
    static const char *const names[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (strncmp(text, names[i], DAY_NAME_LEN) == 0) {
            return (int)i;
        }
    }
    return -1;
}

/* "Mon" or "Mon-Fri" up to its end; 0: no days. */
static unsigned read_days(const char *text)
{
    int first = read_day(text);
    int last = first;
    unsigned days = 0;
    if (first >= 0 && text[DAY_NAME_LEN] == '-') {
        text += DAY_NAME_LEN + 1;
        last = read_day(text);
    }
    if (first < 0 || last < 0 || text[DAY_NAME_LEN]) {
        return 0;
    }
    for (int day = first;; day = (day + 1) % 7) {
        days |= 1U << day;
        if (day == last) {
            return days;
        }
    }
}

/* "09:00" at the beginning of text, in minutes; -1: none. */
static int read_time(const char *text)
{
    char copy[TIME_LEN + 1];
    int64_t hour;
    int64_t minute;
    (void)text_copy(copy, sizeof(copy), text);
    if (strlen(copy) != TIME_LEN || copy[2] != ':') {
        return -1;
    }
    copy[2] = '\0';
    if (text_to_int64(copy, 0, 24, &hour) < 0 || text_to_int64(copy + 3, 0, 59, &minute) < 0 ||
        hour * 60 + minute > DAY_MINUTES) {
        return -1;
    }
    return (int)(hour * 60 + minute);
}

/* span: without blanks around it. */
static bool read_span(char *span, struct working_hours *h)
{
    char *times = strchr(span, ' ');
    if (!times || h->count == WORKING_HOURS_SPANS_MAX) {
        return false;
    }
    *times++ = '\0';
    times += strspn(times, " ");
    if (strlen(times) != 2 * TIME_LEN + 1 || times[TIME_LEN] != '-') {
        return false;
    }
    unsigned days = read_days(span);
    int from = read_time(times);
    int until = read_time(times + TIME_LEN + 1);
    if (days == 0 || from < 0 || until < 0 || from == until || from == DAY_MINUTES) {
        return false;
    }
    h->spans[h->count].days = days;
    h->spans[h->count].from_minute = from;
    h->spans[h->count++].until_minute = until;
    return true;
}

/* Without the blanks around it. */
static char *trim(char *text)
{
    text += strspn(text, " ");
    for (size_t len = strlen(text); len > 0 && text[len - 1] == ' '; len--) {
        text[len - 1] = '\0';
    }
    return text;
}

int working_hours_read(const char *text, struct working_hours *ret, struct err *err)
{
    char copy[WORKING_HOURS_TEXT_SIZE];
    struct working_hours h = {.count = 0};
    if (!text_copy(copy, sizeof(copy), text)) {
        return err_set(err, "hours_invalid", "working hours have at most %d bytes",
                       WORKING_HOURS_TEXT_SIZE - 1);
    }
    char *rest = trim(copy);
    if (!*rest) {
        rest = NULL;
    }
    for (char *span = strsep(&rest, ","); span; span = strsep(&rest, ",")) {
        if (!read_span(trim(span), &h)) {
            return err_set(err, "hours_invalid",
                           "\"%s\" are no working hours such as \"Mon-Fri 09:00-18:00, Sat "
                           "10:00-14:00\"",
                           text);
        }
    }
    *ret = h;
    return 0;
}

/* 0 is Monday, and 1970-01-01 was a Thursday. */
static int weekday_of(struct civil_date date)
{
    return (int)(((civil_to_days(date) + 3) % 7 + 7) % 7);
}

bool working_hours_are_open(const struct working_hours *h, const struct zone *zone, int64_t us)
{
    struct civil_time local;
    zone_from_instant(zone, us, &local);
    int minute = local.hour * 60 + local.minute;
    int today = weekday_of(local.date);
    int yesterday = (today + 6) % 7;
    for (size_t i = 0; i < h->count; i++) {
        int from = h->spans[i].from_minute;
        int until = h->spans[i].until_minute;
        bool is_over_midnight = until < from;
        bool began_today = h->spans[i].days >> today & 1U;
        bool began_yesterday = h->spans[i].days >> yesterday & 1U;
        if ((began_today && minute >= from && (minute < until || is_over_midnight)) ||
            (is_over_midnight && began_yesterday && minute < until)) {
            return true;
        }
    }
    return h->count == 0;
}
