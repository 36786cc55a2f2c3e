/* SPDX-License-Identifier: Apache-2.0 */
/*
 * solar_term.h - the 24 solar terms 节气, 1901 to 2100: the days on which the sun's longitude
 * reaches a multiple of 15 degrees, in the civil time of China.
 *
 * By a table, as published until our days and then by the rules of GB/T 33661-2017. The Hong Kong
 * Observatory (see lunar.h) warns of four days that are so close to midnight that they may be off
 * by one: the winter solstice of 2021, the spring equinoxes of 2051 and 2084 and the beginning of
 * spring of 2083.
 */
#ifndef TROTH_COMMON_DOMAIN_SOLAR_TERM_H
#define TROTH_COMMON_DOMAIN_SOLAR_TERM_H

#include "common/base/compiler.h"
#include "common/base/instant.h"

enum {
    SOLAR_TERM_COUNT = 24,
    SOLAR_TERM_YEAR_FIRST = 1901,
    SOLAR_TERM_YEAR_LAST = 2100
};

/* In the order of the civil year: 0 is "xiaohan" 小寒 in January, 23 "dongzhi" 冬至 in December.
 * Pinyin without tones; NULL: there is no such term. */
const char *solar_term_name(int term);

/* -1: there is no such term. */
int solar_term_find(const char *name);

/* The day of that term in that civil year. Returns 0, or -1 (no such term, or a year that the table
 * does not have) and leaves *ret_date alone. */
MUST_CHECK int solar_term_date(int term, int year, struct civil_date *ret_date);

#endif
