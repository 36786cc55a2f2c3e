/* SPDX-License-Identifier: Apache-2.0 */
/* solar_term.c - the days of a term differ by at most three: so many days after the term's earliest
 * one, two bits for each term of a year. */
#include "common/domain/solar_term.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/base/compiler.h"

static const struct {
    const char *name;
    int8_t earliest; /* day of the month */
} terms[SOLAR_TERM_COUNT] = {
    {"xiaohan",     4 },
    {"dahan",       19},
    {"lichun",      3 },
    {"yushui",      18},
    {"jingzhe",     4 },
    {"chunfen",     19},
    {"qingming",    4 },
    {"guyu",        19},
    {"lixia",       4 },
    {"xiaoman",     20},
    {"mangzhong",   4 },
    {"xiazhi",      20},
    {"xiaoshu",     6 },
    {"dashu",       22},
    {"liqiu",       6 },
    {"chushu",      22},
    {"bailu",       6 },
    {"qiufen",      22},
    {"hanlu",       7 },
    {"shuangjiang", 22},
    {"lidong",      6 },
    {"xiaoxue",     21},
    {"daxue",       6 },
    {"dongzhi",     21},
};

/* clang-format off */
static const uint64_t years[SOLAR_TERM_YEAR_LAST - SOLAR_TERM_YEAR_FIRST + 1] = {
    /* 1901 */ 0x6aaaa6aa9a5a, 0xaaaaaabaaa6a, 0xaaabbabbafaa, 0x5aa665a65aab, 0x6aaaa6aa9a5a,
    /* 1906 */ 0xaaaaaaaaaa6a, 0xaaabbabbafaa, 0x5aa665a65aab, 0x6aaaa6aa9a5a, 0xaaaaaaaaaa6a,
    /* 1911 */ 0xaaabbabbafaa, 0x56a665a65aab, 0x6aa6a6aa9a56, 0xaaaaaaaa9a5a, 0xaaabaabaaeaa,
    /* 1916 */ 0x569665a65aaa, 0x6aa6a6a69a56, 0x6aaaaaaa9a5a, 0xaaabaabaaeaa, 0x569665a65aaa,
    /* 1921 */ 0x5aa6a6a65a56, 0x6aaaaaaa9a5a, 0xaaabaabaaa6a, 0x569665a65aaa, 0x5aa6a6a65a56,
    /* 1926 */ 0x6aaaa6aa9a5a, 0xaaabaabaaa6a, 0x555665a65aaa, 0x5aa665a65a56, 0x6aaaa6aa9a5a,
    /* 1931 */ 0xaaaaaabaaa6a, 0x555665665aaa, 0x5aa665a65a56, 0x6aaaa6aa9a5a, 0xaaaaaaaaaa6a,
    /* 1936 */ 0x555665665aaa, 0x5aa665a65a56, 0x6aaaa6aa9a5a, 0xaaaaaaaaaa6a, 0x555665665aaa,
    /* 1941 */ 0x5aa665a65a56, 0x6aaaa6aa9a5a, 0xaaaaaaaaaa6a, 0x555665655aaa, 0x569665a65a56,
    /* 1946 */ 0x6aa6a6aa9a56, 0xaaaaaaaa9a5a, 0x5556556559aa, 0x569665a65a55, 0x6aa6a6a65a56,
    /* 1951 */ 0xaaaaaaaa9a5a, 0x5556556559aa, 0x569665a65a55, 0x5aa6a6a65a56, 0x6aaaa6aa9a5a,
    /* 1956 */ 0x5556556555aa, 0x569665a65a55, 0x5aa665a65a56, 0x6aaaa6aa9a5a, 0x55555565556a,
    /* 1961 */ 0x555665665a55, 0x5aa665a65a56, 0x6aaaa6aa9a5a, 0x55555565556a, 0x555665665a55,
    /* 1966 */ 0x5aa665a65a56, 0x6aaaa6aa9a5a, 0x55555555556a, 0x555665665a55, 0x5aa665a65a56,
    /* 1971 */ 0x6aaaa6aa9a5a, 0x55555555556a, 0x555665655a55, 0x5aa665a65a56, 0x6aa6a6aa9a5a,
    /* 1976 */ 0x55555555456a, 0x555655655a55, 0x5a9665a65a56, 0x6aa6a6a69a56, 0x55555555456a,
    /* 1981 */ 0x555655655a55, 0x569665a65a56, 0x6aa6a6a65a56, 0x55555155455a, 0x555655655955,
    /* 1986 */ 0x569665a65a55, 0x5aa6a5a65a56, 0x15555155455a, 0x555555655555, 0x569665665a55,
    /* 1991 */ 0x5aa665a65a56, 0x15555155455a, 0x555555655515, 0x555665665a55, 0x5aa665a65a56,
    /* 1996 */ 0x15555155455a, 0x555555555515, 0x555665665a55, 0x5aa665a65a56, 0x15555155455a,
    /* 2001 */ 0x555555555515, 0x555665665a55, 0x5aa665a65a56, 0x15555155455a, 0x555555555515,
    /* 2006 */ 0x555655655a55, 0x5aa665a65a56, 0x15515155455a, 0x555555554515, 0x555655655a55,
    /* 2011 */ 0x5a9665a65a56, 0x15515151455a, 0x555551554515, 0x555655655a55, 0x569665a65a56,
    /* 2016 */ 0x155151510556, 0x555551554505, 0x555655655955, 0x569665665a55, 0x155110510556,
    /* 2021 */ 0x155551554505, 0x555555655555, 0x569665665a55, 0x055110510556, 0x155551554505,
    /* 2026 */ 0x555555555515, 0x555665665a55, 0x055110510556, 0x155551554505, 0x555555555515,
    /* 2031 */ 0x555665665a55, 0x055110510556, 0x155551554505, 0x555555555515, 0x555655655a55,
    /* 2036 */ 0x055110510556, 0x155551554505, 0x555555555515, 0x555655655a55, 0x055110510556,
    /* 2041 */ 0x155151514505, 0x555555554515, 0x555655655a55, 0x054110510556, 0x155151510505,
    /* 2046 */ 0x555551554515, 0x555655655a55, 0x014110110556, 0x155110510501, 0x555551554505,
    /* 2051 */ 0x555555655555, 0x014110110555, 0x155110510501, 0x555551554505, 0x555555555555,
    /* 2056 */ 0x014110110555, 0x055110510501, 0x155551554505, 0x555555555555, 0x000110110555,
    /* 2061 */ 0x055110510501, 0x155551554505, 0x555555555515, 0x000110110555, 0x055110510501,
    /* 2066 */ 0x155551554505, 0x555555555515, 0x000100100555, 0x055110510501, 0x155151514505,
    /* 2071 */ 0x555555555515, 0x000100100555, 0x054110510501, 0x155151514505, 0x555551554515,
    /* 2076 */ 0x000100100555, 0x054110510501, 0x155150510505, 0x555551554515, 0x000100100555,
    /* 2081 */ 0x014110110501, 0x155110510505, 0x555551554505, 0x000000100055, 0x014110110500,
    /* 2086 */ 0x155110510501, 0x555551554505, 0x000000000055, 0x014110110500, 0x055110510501,
    /* 2091 */ 0x155551554505, 0x000000000055, 0x000110110500, 0x055110510501, 0x155551554505,
    /* 2096 */ 0x000000000015, 0x000100110500, 0x055110510501, 0x155551554505, 0x555555555515,
};
/* clang-format on */

const char *solar_term_name(int term)
{
    return term >= 0 && term < SOLAR_TERM_COUNT ? terms[term].name : NULL;
}

int solar_term_find(const char *name)
{
    for (int term = 0; term < SOLAR_TERM_COUNT; term++) {
        if (strcmp(terms[term].name, name) == 0) {
            return term;
        }
    }
    return -1;
}

int solar_term_date(int term, int year, struct civil_date *ret_date)
{
    if (term < 0 || term >= SOLAR_TERM_COUNT || year < SOLAR_TERM_YEAR_FIRST ||
        year > SOLAR_TERM_YEAR_LAST) {
        return -1;
    }
    *ret_date = (struct civil_date){
        .year = year,
        .month = term / 2 + 1,
        .day = terms[term].earliest + (int)(years[year - SOLAR_TERM_YEAR_FIRST] >> 2 * term & 3),
    };
    return 0;
}
