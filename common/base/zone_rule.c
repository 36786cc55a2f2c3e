/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/zone_rule.h"

#include <stddef.h>

#include "common/base/instant.h"

#define DAY_S 86400

/* ---- parsing: each function moves *p behind what it read; false leaves it anywhere */

static bool read_number(const char **p, int max, int *ret)
{
    int value = 0;

    if (**p < '0' || **p > '9') {
        return false;
    }
    for (; **p >= '0' && **p <= '9'; (*p)++) {
        value = value * 10 + (**p - '0');
        if (value > max) {
            return false;
        }
    }
    *ret = value;
    return true;
}

static bool take(const char **p, char c)
{
    if (**p != c) {
        return false;
    }
    (*p)++;
    return true;
}

/* "CET", or "<+0330>". What it says is nothing to us. */
static bool read_name(const char **p)
{
    const char *start = *p;

    if (take(p, '<')) {
        while (**p && **p != '>') {
            (*p)++;
        }
        return take(p, '>');
    }
    while ((**p >= 'A' && **p <= 'Z') || (**p >= 'a' && **p <= 'z')) {
        (*p)++;
    }
    return *p - start >= 3;
}

/* [+-]hh[:mm[:ss]] */
static bool read_time(const char **p, int32_t *ret_s)
{
    const bool is_negative = **p == '-';
    int parts[3] = {0, 0, 0};

    if (!take(p, '-')) {
        take(p, '+');
    }
    if (!read_number(p, 167, &parts[0])) {
        return false;
    }
    for (int i = 1; i < 3 && take(p, ':'); i++) {
        if (!read_number(p, 59, &parts[i])) {
            return false;
        }
    }
    *ret_s = parts[0] * 3600 + parts[1] * 60 + parts[2];
    if (is_negative) {
        *ret_s = -*ret_s;
    }
    return true;
}

static bool read_day(const char **p, struct zone_day *ret_day)
{
    struct zone_day d = {.kind = ZONE_DAY_ZERO_BASED, .time_s = 2 * 3600};

    if (!take(p, ',')) {
        return false;
    }
    if (take(p, 'M')) {
        d.kind = ZONE_DAY_MONTH;
        if (!read_number(p, 12, &d.month) || d.month < 1 || !take(p, '.') ||
            !read_number(p, 5, &d.week) || d.week < 1 || !take(p, '.') ||
            !read_number(p, 6, &d.day)) {
            return false;
        }
    } else {
        if (take(p, 'J')) {
            d.kind = ZONE_DAY_JULIAN;
        }
        if (!read_number(p, 365, &d.day) || (d.kind == ZONE_DAY_JULIAN && d.day < 1)) {
            return false;
        }
    }
    if (take(p, '/') && !read_time(p, &d.time_s)) {
        return false;
    }
    *ret_day = d;
    return true;
}

int zone_rule_parse(const char *text, struct zone_rule *ret_rule)
{
    struct zone_rule r = {.has_summer = false};
    const char *p = text;
    int32_t west_s;

    if (!read_name(&p) || !read_time(&p, &west_s)) {
        return -1;
    }
    r.standard_s = -west_s;
    if (*p) {
        r.has_summer = true;
        r.summer_s = r.standard_s + 3600;
        if (!read_name(&p)) {
            return -1;
        }
        if (*p && *p != ',') {
            if (!read_time(&p, &west_s)) {
                return -1;
            }
            r.summer_s = -west_s;
        }
        if (!read_day(&p, &r.begin) || !read_day(&p, &r.end) || *p) {
            return -1;
        }
    }
    *ret_rule = r;
    return 0;
}

/* ---- the changes of a year */

static int64_t day_of_month_rule(const struct zone_day *d, int year)
{
    const int64_t first = civil_to_days((struct civil_date){year, d->month, 1});
    const struct civil_date next_month = d->month == 12
                                             ? (struct civil_date){year + 1, 1, 1}
                                             : (struct civil_date){year, d->month + 1, 1};
    const int64_t end = civil_to_days(next_month);
    /* 1970-01-01 was a Thursday. */
    const int64_t weekday_of_first = ((first + 4) % 7 + 7) % 7;
    int64_t day = first + (d->day - weekday_of_first + 7) % 7 + (int64_t)(d->week - 1) * 7;

    while (day >= end) {
        day -= 7;
    }
    return day;
}

static int64_t change_local_s(const struct zone_day *d, int year)
{
    const int64_t new_year = civil_to_days((struct civil_date){year, 1, 1});
    int64_t day = new_year + d->day;

    if (d->kind == ZONE_DAY_MONTH) {
        day = day_of_month_rule(d, year);
    } else if (d->kind == ZONE_DAY_JULIAN) {
        /* Counts 365 days in every year: 29 February has no number. */
        const bool is_leap = civil_to_days((struct civil_date){year + 1, 1, 1}) - new_year == 366;

        day = new_year + d->day - 1 + (is_leap && d->day >= 60);
    }
    return day * DAY_S + d->time_s;
}

void zone_rule_changes(const struct zone_rule *r, int year, struct zone_change ret_changes[2])
{
    const struct zone_change begin = {change_local_s(&r->begin, year) - r->standard_s, r->summer_s};
    const struct zone_change end = {change_local_s(&r->end, year) - r->summer_s, r->standard_s};
    const bool is_north = begin.at_s <= end.at_s;

    ret_changes[0] = is_north ? begin : end;
    ret_changes[1] = is_north ? end : begin;
}
