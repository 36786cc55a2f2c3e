/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/lunar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/domain/solar_term.h"

static void assert_date(struct civil_date got, int year, int month, int day)
{
    assert_int_equal(got.year * 10000 + got.month * 100 + got.day,
                     year * 10000 + month * 100 + day);
}

/* As the calendars on the wall said it, or as governments announced it. */
static void new_years_are_the_known_ones(void **state)
{
    static const struct civil_date known[] = {
        {1901, 2, 19},
        {1911, 1, 30},
        {1912, 2, 18},
        {1949, 1, 29},
        {1950, 2, 17},
        {1966, 1, 21},
        {1976, 1, 31},
        {1984, 2, 2 },
        {1985, 2, 20},
        {1990, 1, 27},
        {2000, 2, 5 },
        {2008, 2, 7 },
        {2010, 2, 14},
        {2015, 2, 19},
        {2016, 2, 8 },
        {2017, 1, 28},
        {2018, 2, 16},
        {2019, 2, 5 },
        {2020, 1, 25},
        {2021, 2, 12},
        {2022, 2, 1 },
        {2023, 1, 22},
        {2024, 2, 10},
        {2025, 1, 29},
        {2026, 2, 17},
        {2027, 2, 6 },
        {2028, 1, 26},
        {2029, 2, 13},
        {2030, 2, 3 },
        {2031, 1, 23},
        {2033, 1, 31},
        {2034, 2, 19},
        {2050, 1, 23},
        {2099, 1, 21},
        {2100, 2, 9 },
    };

    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        const struct lunar_date first = {.year = known[i].year, .month = 1, .day = 1};
        struct civil_date day;
        struct lunar_date back;

        assert_int_equal(lunar_to_civil(&first, &day), 0);
        assert_date(day, known[i].year, known[i].month, known[i].day);
        assert_int_equal(lunar_from_civil(known[i], &back), 0);
        assert_int_equal(back.year, known[i].year);
        assert_int_equal(back.month * 100 + back.day, 101);
        assert_false(back.is_leap_month);
    }
}

static void leap_months_are_the_known_ones(void **state)
{
    static const int known[][2] = {
        {1903, 5 },
        {1949, 7 },
        {1976, 8 },
        {1979, 6 },
        {1982, 4 },
        {1984, 10},
        {1987, 6 },
        {1990, 5 },
        {1993, 3 },
        {1995, 8 },
        {1998, 5 },
        {2001, 4 },
        {2004, 2 },
        {2006, 7 },
        {2009, 5 },
        {2012, 4 },
        {2014, 9 },
        {2017, 6 },
        {2020, 4 },
        {2023, 2 },
        {2025, 6 },
        {2028, 5 },
        {2031, 3 },
        {2033, 11},
        {2036, 6 },
        {2039, 5 },
        {2042, 2 },
        {2044, 7 },
        {2047, 5 },
        {2050, 3 },
        {2096, 4 },
        {2099, 2 },
    };
    int count = 0;

    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        assert_int_equal(lunar_leap_month(known[i][0]), known[i][1]);
    }
    for (int year = 1976; year <= 2050; year++) {
        count += lunar_leap_month(year) != 0;
    }
    assert_int_equal(count, 28); /* those of the table above, and no others */
    assert_int_equal(lunar_leap_month(2024), 0);
}

static void known_days_are_found(void **state)
{
    static const struct {
        struct civil_date civil;
        struct lunar_date lunar;
    } cases[] = {
        {{2023, 3, 22},  {2023, 2, 1, true}   },
        {{2023, 4, 20},  {2023, 3, 1, false}  },
        {{2025, 7, 25},  {2025, 6, 1, true}   },
        {{2025, 8, 22},  {2025, 6, 29, true}  },
        {{2025, 10, 6},  {2025, 8, 15, false} },
        {{2026, 9, 25},  {2026, 8, 15, false} },
        {{2026, 6, 19},  {2026, 5, 5, false}  },
        {{2026, 2, 16},  {2025, 12, 29, false}},
        {{2024, 2, 9},   {2023, 12, 30, false}},
        {{2033, 12, 22}, {2033, 11, 1, true}  },
        {{1984, 12, 21}, {1984, 10, 29, true} },
        {{2101, 1, 28},  {2100, 12, 29, false}},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct lunar_date got;
        struct civil_date day;

        assert_int_equal(lunar_from_civil(cases[i].civil, &got), 0);
        assert_int_equal(got.year, cases[i].lunar.year);
        assert_int_equal(got.month, cases[i].lunar.month);
        assert_int_equal(got.day, cases[i].lunar.day);
        assert_int_equal(got.is_leap_month, cases[i].lunar.is_leap_month);
        assert_int_equal(lunar_to_civil(&cases[i].lunar, &day), 0);
        assert_date(day, cases[i].civil.year, cases[i].civil.month, cases[i].civil.day);
    }
}

static void every_day_goes_there_and_back_and_follows_the_one_before(void **state)
{
    const int64_t begin = civil_to_days((struct civil_date){1901, 2, 19});
    const int64_t end = civil_to_days((struct civil_date){2101, 1, 28});
    struct lunar_date before = {.year = 1900, .month = 12, .day = 29};

    for (int64_t days = begin; days <= end; days++) {
        struct lunar_date l;
        struct civil_date back;

        assert_int_equal(lunar_from_civil(civil_from_days(days), &l), 0);
        assert_int_equal(lunar_to_civil(&l, &back), 0);
        assert_int_equal(civil_to_days(back), days);
        assert_true(l.day == before.day + 1 || (l.day == 1 && before.day >= 29));
        assert_true(l.day > 1 || l.month != before.month || l.is_leap_month);
        before = l;
    }
}

/* The day after the last one of month 12 is the new year, so 除夕 is the last of that month. */
static void last_day_of_month_twelve_ends_the_year(void **state)
{
    for (int year = LUNAR_YEAR_FIRST; year < LUNAR_YEAR_LAST; year++) {
        struct lunar_date eve = {.year = year, .month = 12};
        const struct lunar_date first = {.year = year + 1, .month = 1, .day = 1};
        struct civil_date last_day;
        struct civil_date new_year;

        assert_true(lunar_leap_month(year) < 12);
        eve.day = lunar_month_days(year, 12, false);
        assert_int_equal(lunar_to_civil(&eve, &last_day), 0);
        assert_int_equal(lunar_to_civil(&first, &new_year), 0);
        assert_int_equal(civil_to_days(new_year), civil_to_days(last_day) + 1);
    }
}

static uint64_t mix(uint64_t sum, int64_t value)
{
    return (sum ^ (uint64_t)value) * UINT64_C(0x100000001b3); /* FNV-1a */
}

/* The tables as they were compared with lunar-javascript, day by day. Who changes them compares
 * again (tests/system/test_lunar_calendar.py, which needs npm) and then changes the two numbers. */
static void tables_are_the_ones_that_were_compared(void **state)
{
    uint64_t days = UINT64_C(0xcbf29ce484222325);
    uint64_t terms = UINT64_C(0xcbf29ce484222325);

    for (int year = LUNAR_YEAR_FIRST; year <= LUNAR_YEAR_LAST; year++) {
        const struct lunar_date first = {.year = year, .month = 1, .day = 1};
        struct civil_date day;

        assert_int_equal(lunar_to_civil(&first, &day), 0);
        days = mix(days, civil_to_days(day));
        for (int n = 2; n < 26; n++) {
            days = mix(days, lunar_month_days(year, n / 2, n % 2 != 0));
        }
        for (int term = 0; term < SOLAR_TERM_COUNT; term++) {
            assert_int_equal(solar_term_date(term, year, &day), 0);
            terms = mix(terms, civil_to_days(day));
        }
    }
    assert_int_equal(days, UINT64_C(0xc3eb07c5039f568));
    assert_int_equal(terms, UINT64_C(0xc2432d7cc72e0436));
}

static void what_does_not_exist_is_refused(void **state)
{
    static const struct lunar_date no_days[] = {
        {1900, 12, 1,  false},
        {2101, 1,  1,  false},
        {2026, 0,  1,  false},
        {2026, 13, 1,  false},
        {2026, 1,  0,  false},
        {2025, 6,  30, true },
        {2026, 6,  1,  true },
        {2025, 5,  1,  true },
        {2025, 12, 30, false},
        {2024, 1,  31, false},
        {2025, 0,  1,  true },
        {2025, -1, 1,  false},
    };
    static const struct civil_date outside[] = {
        {1901, 2,  18},
        {1900, 12, 31},
        {2101, 1,  29},
        {2101, 12, 31},
        {2102, 1,  1 },
        {1,    1,  1 }
    };
    struct lunar_date lunar = {.year = 7};
    struct civil_date civil = {.year = 7};

    for (size_t i = 0; i < ARRAY_LEN(no_days); i++) {
        assert_int_equal(lunar_to_civil(&no_days[i], &civil), -1);
        assert_int_equal(civil.year, 7);
    }
    for (size_t i = 0; i < ARRAY_LEN(outside); i++) {
        assert_int_equal(lunar_from_civil(outside[i], &lunar), -1);
        assert_int_equal(lunar.year, 7);
    }
    assert_int_equal(lunar_month_days(1900, 1, false), 0);
    assert_int_equal(lunar_month_days(2025, 6, true), 29);
    assert_int_equal(lunar_leap_month(2101), 0);
}

static void solar_terms_are_the_known_ones(void **state)
{
    static const struct {
        const char *name;
        struct civil_date day;
    } cases[] = {
        {"qingming", {2024, 4, 4}  },
        {"qingming", {2023, 4, 5}  },
        {"qingming", {2026, 4, 5}  },
        {"qingming", {1903, 4, 6}  },
        {"dongzhi",  {2021, 12, 21}},
        {"dongzhi",  {2023, 12, 22}},
        {"dongzhi",  {2026, 12, 22}},
        {"lichun",   {2025, 2, 3}  },
        {"lichun",   {2021, 2, 3}  },
        {"lichun",   {2024, 2, 4}  },
        {"xiazhi",   {2026, 6, 21} },
        {"xiaohan",  {2026, 1, 5}  },
        {"chunfen",  {2026, 3, 20} },
        {"liqiu",    {2026, 8, 7}  },
        {"dongzhi",  {2100, 12, 22}},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const int term = solar_term_find(cases[i].name);
        struct civil_date got;

        assert_string_equal(solar_term_name(term), cases[i].name);
        assert_int_equal(solar_term_date(term, cases[i].day.year, &got), 0);
        assert_date(got, cases[i].day.year, cases[i].day.month, cases[i].day.day);
    }
    assert_int_equal(solar_term_find("easter"), -1);
    assert_null(solar_term_name(-1));
    assert_null(solar_term_name(SOLAR_TERM_COUNT));
}

/* The sun needs 14.7 to 15.8 days from one to the next. */
static void solar_terms_are_two_weeks_apart(void **state)
{
    int64_t before = civil_to_days((struct civil_date){1900, 12, 22});
    struct civil_date day = {.year = 7};

    for (int year = SOLAR_TERM_YEAR_FIRST; year <= SOLAR_TERM_YEAR_LAST; year++) {
        for (int term = 0; term < SOLAR_TERM_COUNT; term++) {
            assert_int_equal(solar_term_date(term, year, &day), 0);
            assert_in_range(civil_to_days(day) - before, 14, 16);
            before = civil_to_days(day);
        }
    }
    day.year = 7;
    assert_int_equal(solar_term_date(0, 1900, &day), -1);
    assert_int_equal(solar_term_date(0, 2101, &day), -1);
    assert_int_equal(solar_term_date(24, 2026, &day), -1);
    assert_int_equal(solar_term_date(-1, 2026, &day), -1);
    assert_int_equal(day.year, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_years_are_the_known_ones),
        cmocka_unit_test(leap_months_are_the_known_ones),
        cmocka_unit_test(known_days_are_found),
        cmocka_unit_test(every_day_goes_there_and_back_and_follows_the_one_before),
        cmocka_unit_test(last_day_of_month_twelve_ends_the_year),
        cmocka_unit_test(tables_are_the_ones_that_were_compared),
        cmocka_unit_test(what_does_not_exist_is_refused),
        cmocka_unit_test(solar_terms_are_the_known_ones),
        cmocka_unit_test(solar_terms_are_two_weeks_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
