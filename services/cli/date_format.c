/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/date_format.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "common/base/duration.h"

/* What has been read so far. */
struct parts {
    struct civil_time local;
    bool is_hour_of_12, is_afternoon;
    bool has_offset;
    int64_t offset_us; /* to be taken from the local time */
    bool has_seconds;
    int64_t seconds;
};

static bool read_number(const char **p, int digits_max, int64_t *ret)
{
    int64_t value = 0;
    int digits = 0;

    for (; digits < digits_max && isdigit((unsigned char)**p); digits++, (*p)++) {
        value = value * 10 + (**p - '0');
    }
    *ret = value;
    return digits > 0;
}

static bool read_int(const char **p, int digits_max, int *ret)
{
    int64_t value;

    if (!read_number(p, digits_max, &value)) {
        return false;
    }
    *ret = (int)value;
    return true;
}

static bool read_year(const char **p, bool is_short, int *ret)
{
    if (!read_int(p, is_short ? 2 : 4, ret)) {
        return false;
    }
    if (is_short) {
        *ret += *ret < 69 ? 2000 : 1900;
    }
    return true;
}

static bool read_month_name(const char **p, int *ret)
{
    static const char *const names[] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};

    for (int i = 0; i < 12; i++) {
        size_t len = strlen(names[i]);

        if (strncasecmp(*p, names[i], len) != 0) {
            len = 3;
        }
        if (strncasecmp(*p, names[i], len) == 0 && !isalpha((unsigned char)(*p)[len])) {
            *p += len;
            *ret = i + 1;
            return true;
        }
    }
    return false;
}

static bool read_half_day(const char **p, bool *ret_is_afternoon)
{
    const bool is_afternoon = toupper((unsigned char)**p) == 'P';

    if (strncasecmp(*p, is_afternoon ? "PM" : "AM", 2) != 0) {
        return false;
    }
    *p += 2;
    *ret_is_afternoon = is_afternoon;
    return true;
}

static bool read_fraction(const char **p, int *ret_us)
{
    int us = 0;
    int digits = 0;

    for (; isdigit((unsigned char)**p) && digits < 6; digits++, (*p)++) {
        us = us * 10 + (**p - '0');
    }
    for (int i = digits; i < 6; i++) {
        us *= 10;
    }
    *ret_us = us;
    return digits > 0;
}

static bool read_offset(const char **p, int64_t *ret_us)
{
    const bool is_west = **p == '-';
    const char *start;
    int hours;
    int minutes;

    if (**p == 'Z' || **p == 'z') {
        (*p)++;
        *ret_us = 0;
        return true;
    }
    if (**p != '+' && **p != '-') {
        return false;
    }
    start = ++(*p);
    if (!read_int(p, 2, &hours) || *p - start != 2) {
        return false;
    }
    if (**p == ':') {
        (*p)++;
    }
    start = *p;
    if (!read_int(p, 2, &minutes) || *p - start != 2 || hours > 26 || minutes > 59) {
        return false;
    }
    *ret_us = (hours * DURATION_H + minutes * DURATION_MIN) * (is_west ? -1 : 1);
    return true;
}

static bool read_seconds(const char **p, int64_t *ret)
{
    const bool is_negative = **p == '-';

    if (is_negative) {
        (*p)++;
    }
    if (!read_number(p, 12, ret)) {
        return false;
    }
    *ret = is_negative ? -*ret : *ret;
    return true;
}

static bool read_part(char letter, const char **p, struct parts *parts)
{
    struct civil_time *t = &parts->local;

    switch (letter) {
    case 'Y':
    case 'y':
        return read_year(p, letter == 'y', &t->date.year);
    case 'm':
        return read_int(p, 2, &t->date.month);
    case 'b':
        return read_month_name(p, &t->date.month);
    case 'd':
        return read_int(p, 2, &t->date.day);
    case 'H':
        return read_int(p, 2, &t->hour);
    case 'I':
        parts->is_hour_of_12 = true;
        return read_int(p, 2, &t->hour) && t->hour >= 1 && t->hour <= 12;
    case 'p':
        return read_half_day(p, &parts->is_afternoon);
    case 'M':
        return read_int(p, 2, &t->minute);
    case 'S':
        return read_int(p, 2, &t->second);
    case 'f':
        return read_fraction(p, &t->microsecond);
    case 'z':
        parts->has_offset = true;
        return read_offset(p, &parts->offset_us);
    case 's':
        parts->has_seconds = true;
        return read_seconds(p, &parts->seconds);
    case '%':
        return *(*p)++ == '%';
    default:
        return false;
    }
}

static bool read_parts(const char *format, const char *p, struct parts *parts)
{
    for (; *format; format++) {
        if (*format == ' ') {
            p += strspn(p, " \t");
        } else if (*format != '%') {
            if (*p++ != *format) {
                return false;
            }
        } else if (!*p || !read_part(*++format, &p, parts)) {
            return false;
        }
    }
    return *p == '\0';
}

int date_format_read(const char *format, const char *text, const struct zone *zone, int64_t *ret_us)
{
    struct parts parts = {.local = {.date = {.year = 1970, .month = 1, .day = 1}}};
    const struct civil_time *t = &parts.local;

    if (!read_parts(format, text, &parts)) {
        return -1;
    }
    if (parts.has_seconds) {
        if (parts.seconds < -62135596800 || parts.seconds > 253402300799) {
            return -1;
        }
        *ret_us = parts.seconds * DURATION_S + t->microsecond;
        return 0;
    }
    if (parts.is_hour_of_12) {
        parts.local.hour = t->hour % 12 + (parts.is_afternoon ? 12 : 0);
    }
    if (!civil_time_is_valid(t)) {
        return -1;
    }
    if (parts.has_offset) {
        *ret_us = civil_to_days(t->date) * DURATION_DAY + t->hour * DURATION_H +
                  t->minute * DURATION_MIN + t->second * DURATION_S + t->microsecond -
                  parts.offset_us;
        return 0;
    }
    if (!zone) {
        return -1;
    }
    *ret_us = zone_to_instant(zone, t);
    return 0;
}

int date_format_check(const char *format, bool *ret_needs_zone, struct err *err)
{
    bool has[128] = {false};

    for (const char *c = format; *c; c++) {
        if (*c != '%') {
            continue;
        }
        c++;
        if (!*c || !strchr("YymbdHIpMSfzs%", *c)) {
            return err_set(err, "format_unknown",
                           "after %% one of Y y m b d H I p M S f z s %% is expected");
        }
        if (*c != '%' && has[(unsigned char)*c]) {
            return err_set(err, "format_twice", "%%%c stands twice in the format", *c);
        }
        has[(unsigned char)*c] = true;
    }
    if (!has['s'] && (!(has['Y'] || has['y']) || !(has['m'] || has['b']) || !has['d'])) {
        return err_set(err, "format_incomplete", "the format needs a year, a month and a day");
    }
    if (has['I'] != has['p']) {
        return err_set(err, "format_incomplete", "%%I and %%p go together");
    }
    *ret_needs_zone = !has['s'] && !has['z'];
    return 0;
}
