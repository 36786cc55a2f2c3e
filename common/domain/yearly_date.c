/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/yearly_date.h"

#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "common/domain/lunar.h"
#include "common/domain/solar_term.h"

#define ALLOWED "\"10-01\", \"lunar 08-15\", \"lunar leap 06-15\" or a solar term (\"qingming\")"

static const char lunar_word[] = "lunar ";
static const char leap_word[] = "leap ";

static bool skip_word(const char **text, const char *word)
{
    const size_t len = strlen(word);

    if (strncmp(*text, word, len) != 0) {
        return false;
    }
    *text += len;
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "08-15" and nothing behind it. */
static bool read_month_day(const char *t, int *ret_month, int *ret_day)
{
    if (strlen(t) != 5 || !is_digit(t[0]) || !is_digit(t[1]) || t[2] != '-' || !is_digit(t[3]) ||
        !is_digit(t[4])) {
        return false;
    }
    *ret_month = (t[0] - '0') * 10 + t[1] - '0';
    *ret_day = (t[3] - '0') * 10 + t[4] - '0';
    return true;
}

int yearly_date_of_birthday(int month, int day, bool is_lunar, bool is_leap_month,
                            struct yearly_date *ret_date, struct err *err)
{
    static const int8_t longest[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    if (month < 1 || month > 12 || day < 1 ||
        day > (is_lunar ? LUNAR_MONTH_DAYS_MAX : longest[month - 1])) {
        return err_set(err, "date_invalid", "no year has such a day");
    }
    *ret_date = (struct yearly_date){
        .kind = is_lunar ? YEARLY_LUNAR : YEARLY_SOLAR,
        .month = month,
        .day = day,
        .is_leap_month = is_lunar && is_leap_month,
        .term = -1,
    };
    return 0;
}

int yearly_date_parse(const char *text, struct yearly_date *ret_date, struct err *err)
{
    const int term = solar_term_find(text);
    const char *rest = text;
    const bool is_lunar = skip_word(&rest, lunar_word);
    const bool is_leap_month = is_lunar && skip_word(&rest, leap_word);
    int month;
    int day;

    if (term >= 0) {
        *ret_date = (struct yearly_date){.kind = YEARLY_TERM, .term = term};
        return 0;
    }
    if (!read_month_day(rest, &month, &day)) {
        return err_set(err, "date_invalid", "a date of every year is written " ALLOWED);
    }
    return yearly_date_of_birthday(month, day, is_lunar, is_leap_month, ret_date, err);
}

const char *yearly_date_format(const struct yearly_date *date, char ret_text[YEARLY_DATE_TEXT_SIZE])
{
    if (date->kind == YEARLY_TERM) {
        const char *name = solar_term_name(date->term);

        (void)text_copy(ret_text, YEARLY_DATE_TEXT_SIZE, name ? name : "");
    } else {
        (void)snprintf(ret_text, YEARLY_DATE_TEXT_SIZE, "%s%s%02d-%02d",
                       date->kind == YEARLY_LUNAR ? lunar_word : "",
                       date->is_leap_month ? leap_word : "", date->month, date->day);
    }
    return ret_text;
}

static bool is_leap_year(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int solar_in(const struct yearly_date *date, int year, struct civil_date *ret_day)
{
    const bool is_lacking = date->month == 2 && date->day == 29 && !is_leap_year(year);

    if (year < 1 || year > 9999) {
        return -1;
    }
    *ret_day = (struct civil_date){year, date->month, date->day - is_lacking};
    return 0;
}

static int lunar_in(const struct yearly_date *date, int year, struct civil_date *ret_day)
{
    struct lunar_date lunar = {
        .year = year,
        .month = date->month,
        .day = date->day,
        .is_leap_month = date->is_leap_month && lunar_leap_month(year) == date->month,
    };
    const int days = lunar_month_days(year, lunar.month, lunar.is_leap_month);

    if (lunar.day > days) {
        lunar.day = days;
    }
    return lunar_to_civil(&lunar, ret_day);
}

int yearly_date_in(const struct yearly_date *date, int year, struct civil_date *ret_day)
{
    switch (date->kind) {
    case YEARLY_SOLAR:
        return solar_in(date, year, ret_day);
    case YEARLY_LUNAR:
        return lunar_in(date, year, ret_day);
    case YEARLY_TERM:
        return solar_term_date(date->term, year, ret_day);
    }
    return -1;
}

int yearly_date_next(const struct yearly_date *date, struct civil_date from, int *ret_year,
                     struct civil_date *ret_day)
{
    const int64_t from_days = civil_to_days(from);

    /* A lunar year begins at most 51 days after the civil one that it is named by, so the day of
     * the year before may still come. */
    for (int year = from.year - 1; year <= from.year + 1; year++) {
        struct civil_date day;

        if (yearly_date_in(date, year, &day) == 0 && civil_to_days(day) >= from_days) {
            if (ret_year) {
                *ret_year = year;
            }
            *ret_day = day;
            return 0;
        }
    }
    return -1;
}
