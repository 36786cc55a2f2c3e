/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/instant.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "common/base/crash_point.h"
#include "common/base/duration.h"
#include "common/base/log.h"
#include "common/base/text.h"

static int64_t read_clock(clockid_t id)
{
    struct timespec now;

    if (clock_gettime(id, &now) != 0) {
        BUG("the kernel does not know a standard clock");
    }
    return (int64_t)now.tv_sec * DURATION_S + now.tv_nsec / 1000;
}

int64_t instant_now_us(void)
{
    return read_clock(CLOCK_REALTIME) + CRASH_CLOCK_JUMP_US();
}

int64_t instant_monotonic_us(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

/*
 * Both conversions count in eras of 400 years (146,097 days) whose years begin on 1 March, so that
 * the leap day is the last day of its year (H. Hinnant, chrono-Compatible Low-Level Date
 * Algorithms). 719,468 is the distance from 0000-03-01 to 1970-01-01.
 */
int64_t civil_to_days(struct civil_date date)
{
    int64_t year = (int64_t)date.year - (date.month <= 2);
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t month_from_march = date.month > 2 ? date.month - 3 : date.month + 9;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + date.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * 146097 + day_of_era - 719468;
}

struct civil_date civil_from_days(int64_t days)
{
    int64_t shifted = days + 719468;
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t day_of_era = shifted - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;

    return (struct civil_date){
        .year = (int)(year_of_era + era * 400 + (month <= 2)),
        .month = (int)month,
        .day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1),
    };
}

struct civil_date civil_months_later(struct civil_date day, int months)
{
    int n = day.year * 12 + (day.month - 1) + months;
    struct civil_date first = {.year = n / 12, .month = n % 12 + 1, .day = 1};
    struct civil_date next = {.year = (n + 1) / 12, .month = (n + 1) % 12 + 1, .day = 1};
    int last = (int)(civil_to_days(next) - civil_to_days(first));

    return (struct civil_date){
        .year = first.year, .month = first.month, .day = day.day < last ? day.day : last};
}

const char *instant_format(int64_t us, char ret_text[INSTANT_TEXT_SIZE])
{
    int64_t days = us / DURATION_DAY;
    int64_t rest = us % DURATION_DAY;
    struct civil_date date;

    if (rest < 0) { /* round towards the past before 1970 too */
        rest += DURATION_DAY;
        days--;
    }
    date = civil_from_days(days);
    text_format(ret_text, INSTANT_TEXT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", date.year,
                date.month, date.day, (int)(rest / DURATION_H), (int)(rest / DURATION_MIN % 60),
                (int)(rest / DURATION_S % 60), (int)(rest / DURATION_MS % 1000));
    return ret_text;
}

/* Moves *p over exactly count digits; the value, or -1. */
static int read_digits(const char **p, int count)
{
    int value = 0;

    for (int i = 0; i < count; i++) {
        char c = **p;

        if (c < '0' || c > '9') {
            return -1;
        }
        value = value * 10 + (c - '0');
        (*p)++;
    }
    return value;
}

static bool read_one_of(const char **p, char a, char b)
{
    if (**p != a && **p != b) {
        return false;
    }
    (*p)++;
    return true;
}

static bool civil_exists(struct civil_date date)
{
    struct civil_date back;

    if (date.year < 1 || date.month < 1 || date.month > 12 || date.day < 1 || date.day > 31) {
        return false;
    }
    back = civil_from_days(civil_to_days(date));
    return back.month == date.month && back.day == date.day; /* 30 February comes back as March */
}

static bool read_date(const char **p, int64_t *ret_us)
{
    struct civil_date date;

    date.year = read_digits(p, 4);
    if (date.year < 0 || !read_one_of(p, '-', '-')) {
        return false;
    }
    date.month = read_digits(p, 2);
    if (date.month < 0 || !read_one_of(p, '-', '-')) {
        return false;
    }
    date.day = read_digits(p, 2);
    if (!civil_exists(date)) {
        return false;
    }
    *ret_us = civil_to_days(date) * DURATION_DAY;
    return true;
}

/* hh:mm, as in a time and in an offset. */
static bool read_hour_and_minute(const char **p, int64_t *ret_us)
{
    int hour = read_digits(p, 2);
    int minute;

    if (hour < 0 || hour > 23 || !read_one_of(p, ':', ':')) {
        return false;
    }
    minute = read_digits(p, 2);
    if (minute < 0 || minute > 59) {
        return false;
    }
    *ret_us = hour * DURATION_H + minute * DURATION_MIN;
    return true;
}

static bool read_fraction(const char **p, int64_t *ret_us)
{
    int64_t weight = DURATION_S / 10;
    int64_t us = 0;
    int digit = read_digits(p, 1);

    if (digit < 0) {
        return false;
    }
    for (; digit >= 0 && weight > 0; weight /= 10) {
        us += digit * weight;
        digit = read_digits(p, 1);
    }
    *ret_us = us;
    return digit < 0; /* a seventh digit would be lost without a word */
}

/* No leap second: POSIX time has no place for 23:59:60. */
static bool read_time(const char **p, int64_t *ret_us)
{
    int64_t us = 0;
    int64_t fraction = 0;
    int second;

    if (!read_hour_and_minute(p, &us) || !read_one_of(p, ':', ':')) {
        return false;
    }
    second = read_digits(p, 2);
    if (second < 0 || second > 59) {
        return false;
    }
    if (read_one_of(p, '.', '.') && !read_fraction(p, &fraction)) {
        return false;
    }
    *ret_us = us + second * DURATION_S + fraction;
    return true;
}

/* What must be taken from the local time to have UTC. */
static bool read_offset(const char **p, int64_t *ret_us)
{
    bool is_behind = **p == '-';
    int64_t us = 0;

    if (read_one_of(p, 'Z', 'z')) {
        *ret_us = 0;
        return true;
    }
    if (!read_one_of(p, '+', '-') || !read_hour_and_minute(p, &us)) {
        return false;
    }
    *ret_us = is_behind ? -us : us;
    return true;
}

int instant_parse(const char *text, int64_t *ret_us)
{
    const int64_t first = civil_to_days((struct civil_date){1, 1, 1}) * DURATION_DAY;
    const int64_t after_last = civil_to_days((struct civil_date){10000, 1, 1}) * DURATION_DAY;
    const char *p = text;
    int64_t us = 0;

    if (!text || !read_date(&p, &us)) {
        return -1;
    }
    if (*p != '\0') {
        int64_t time_us = 0;
        int64_t offset_us = 0;

        if (!read_one_of(&p, 'T', 't') && !read_one_of(&p, ' ', ' ')) {
            return -1;
        }
        if (!read_time(&p, &time_us) || !read_offset(&p, &offset_us) || *p != '\0') {
            return -1;
        }
        us += time_us - offset_us;
    }
    if (us < first || us >= after_last) { /* an offset can lead out of the years */
        return -1;
    }
    *ret_us = us;
    return 0;
}
