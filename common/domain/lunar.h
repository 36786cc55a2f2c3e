/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lunar.h - the Chinese calendar 农历, from 1901-02-19 to 2101-01-28: its years 1901 to 2100.
 *
 * A year begins with the second new moon (seldom the third) after the winter solstice, in the civil
 * time of China, and is named by the civil year in which it begins. It has twelve months of 29 or
 * 30 days, or thirteen: the leap month 闰月 bears the number of the month that it follows.
 *
 * By a table, lunar_table.c, not by astronomy: the calendar is what its publisher says. Source: the
 * conversion tables of the Hong Kong Observatory
 * (https://www.hko.gov.hk/en/gts/time/conversion.htm). Every month of 1901 to 2099 was compared
 * with them; one differs: they let month 9 of 2057 begin on 28 September, with a new moon seconds
 * from midnight, and say that such a day may yet move by one (so, too, 2089-09-04 and 2097-08-07).
 * Computed by the rules of the national standard GB/T 33661-2017 it is the 29th, which is taken.
 */
#ifndef TROTH_COMMON_DOMAIN_LUNAR_H
#define TROTH_COMMON_DOMAIN_LUNAR_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/compiler.h"
#include "common/base/instant.h"

enum {
    LUNAR_YEAR_FIRST = 1901,
    LUNAR_YEAR_LAST = 2100,
    LUNAR_MONTH_DAYS_MAX = 30
};

struct lunar_date {
    int year;  /* LUNAR_YEAR_FIRST to LUNAR_YEAR_LAST */
    int month; /* 1 to 12 */
    int day;   /* 1 to 30 */
    bool is_leap_month;
};

/* The month that year has twice, 1 to 12; 0: none, or the table does not have the year. */
int lunar_leap_month(int year);

/* 29 or 30; 0: that year has no such month, or the table does not have the year. */
int lunar_month_days(int year, int month, bool is_leap_month);

/* The date of a day that exists. Returns 0, or -1 (no such day, or not in the table) and leaves
 * *ret_date alone. */
MUST_CHECK int lunar_to_civil(const struct lunar_date *date, struct civil_date *ret_date);

/* Returns 0, or -1 (the table does not have that day) and leaves *ret_date alone. The civil date
 * has to exist. */
MUST_CHECK int lunar_from_civil(struct civil_date date, struct lunar_date *ret_date);

/* ---- the table, for lunar.c alone */

struct lunar_year {
    int16_t new_year;     /* its first day: month * 100 + day, 120 to 220 */
    int8_t leap_month;    /* 0: none */
    uint16_t long_months; /* bit i: the month at place i has 30 days; the leap month has a place */
};

extern const struct lunar_year lunar_years[LUNAR_YEAR_LAST - LUNAR_YEAR_FIRST + 1];

#endif
