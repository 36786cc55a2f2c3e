/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/lunar.h"

#include <stddef.h>

static const struct lunar_year *find_year(int year)
{
    return year >= LUNAR_YEAR_FIRST && year <= LUNAR_YEAR_LAST
               ? &lunar_years[year - LUNAR_YEAR_FIRST]
               : NULL;
}

/* The leap month follows the month whose number it has. */
static int place_of(const struct lunar_year *y, int month, bool is_leap_month)
{
    const bool is_behind = y->leap_month != 0 && (month > y->leap_month || is_leap_month);

    return month - 1 + is_behind;
}

static int days_at(const struct lunar_year *y, int place)
{
    return 29 + (y->long_months >> place & 1);
}

static int64_t new_year_of(const struct lunar_year *y, int year)
{
    return civil_to_days((struct civil_date){year, y->new_year / 100, y->new_year % 100});
}

int lunar_leap_month(int year)
{
    const struct lunar_year *y = find_year(year);

    return y ? y->leap_month : 0;
}

int lunar_month_days(int year, int month, bool is_leap_month)
{
    const struct lunar_year *y = find_year(year);

    if (!y || month < 1 || month > 12 || (is_leap_month && month != y->leap_month)) {
        return 0;
    }
    return days_at(y, place_of(y, month, is_leap_month));
}

int lunar_to_civil(const struct lunar_date *date, struct civil_date *ret_date)
{
    const struct lunar_year *y = find_year(date->year);
    int64_t days;

    if (date->day < 1 ||
        date->day > lunar_month_days(date->year, date->month, date->is_leap_month)) {
        return -1;
    }
    days = new_year_of(y, date->year) + date->day - 1;
    for (int i = 0; i < place_of(y, date->month, date->is_leap_month); i++) {
        days += days_at(y, i);
    }
    *ret_date = civil_from_days(days);
    return 0;
}

int lunar_from_civil(struct civil_date date, struct lunar_date *ret_date)
{
    const int64_t days = civil_to_days(date);
    int year = date.year;
    const struct lunar_year *y = find_year(year);
    int64_t rest;
    int place = 0;

    if (!y || days < new_year_of(y, year)) {
        y = find_year(--year); /* the weeks before the new year */
    }
    if (!y) {
        return -1;
    }
    rest = days - new_year_of(y, year);
    while (rest >= days_at(y, place)) {
        rest -= days_at(y, place++);
        if (place == (y->leap_month ? 13 : 12)) {
            return -1; /* after the last year of the table */
        }
    }
    *ret_date = (struct lunar_date){
        .year = year,
        .month = place + 1 - (y->leap_month != 0 && place >= y->leap_month),
        .day = (int)rest + 1,
        .is_leap_month = y->leap_month != 0 && place == y->leap_month,
    };
    return 0;
}
