/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yearly_date.h - days that come once a year: birthdays, festivals, solar terms. Pure.
 *
 * Every one has exactly one day in each of its years. Its year is the civil one, that of a lunar
 * date the lunar one: a lunar 12-08 comes twice in some civil years and not at all in others, but
 * once in every lunar year, so the lunar year is what names an occurrence.
 *
 * What a year lacks is replaced by the day before it, never by a later one: a greeting that comes
 * early is a greeting, one that comes late is an apology.
 *
 *   29 February       -> 28 February in common years
 *   lunar day 30      -> day 29 in a month that has only 29 days; so "lunar 12-30" is always the
 *                        last day of the year 除夕
 *   lunar leap month  -> the leap month in years that have that one, else the month of that number
 *
 * Lunar dates and solar terms are those of the tables of lunar.h and solar_term.h.
 */
#ifndef TROTH_COMMON_DOMAIN_YEARLY_DATE_H
#define TROTH_COMMON_DOMAIN_YEARLY_DATE_H

#include <stdbool.h>

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/base/instant.h"

enum yearly_kind {
    YEARLY_SOLAR = 1,
    YEARLY_LUNAR,
    YEARLY_TERM, /* a solar term */
};

struct yearly_date {
    enum yearly_kind kind;
    int month; /* 1 to 12; of YEARLY_TERM 0 */
    int day;   /* 1 to 31, lunar to 30; of YEARLY_TERM 0 */
    bool is_leap_month;
    int term; /* of YEARLY_TERM: as in solar_term.h; else -1 */
};

#define YEARLY_DATE_TEXT_SIZE 24

/* "10-01" (month-day), "lunar 08-15", "lunar leap 06-15", "qingming" and the other names of
 * solar_term.h. Returns 0, or -1 (code "date_invalid", a text that says what is allowed) and leaves
 * *ret_date alone. */
MUST_CHECK int yearly_date_parse(const char *text, struct yearly_date *ret_date, struct err *err);

/* What yearly_date_parse() reads back to the same. Returns ret_text. */
const char *yearly_date_format(const struct yearly_date *date,
                               char ret_text[YEARLY_DATE_TEXT_SIZE]);

/* A birthday as customers have it. is_leap_month counts with is_lunar alone. Returns 0, or -1 (code
 * "date_invalid": no year has such a day) and leaves *ret_date alone. */
MUST_CHECK int yearly_date_of_birthday(int month, int day, bool is_lunar, bool is_leap_month,
                                       struct yearly_date *ret_date, struct err *err);

/* Its day in that year, lunar for YEARLY_LUNAR, else civil. Returns 0, or -1 (the tables do not
 * have the year; never for YEARLY_SOLAR in years 1 to 9999) and leaves *ret_day alone. */
MUST_CHECK int yearly_date_in(const struct yearly_date *date, int year, struct civil_date *ret_day);

/* The first day of it that is not before `from`, and the year that names the occurrence. Returns 0,
 * or -1 (it is outside of the tables) and leaves both alone. ret_year may be NULL. */
MUST_CHECK int yearly_date_next(const struct yearly_date *date, struct civil_date from,
                                int *ret_year, struct civil_date *ret_day);

#endif
