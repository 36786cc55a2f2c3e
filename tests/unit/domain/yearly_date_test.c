/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/yearly_date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/domain/lunar.h"

static struct yearly_date must_parse(const char *text)
{
    struct yearly_date d = {.kind = YEARLY_SOLAR};
    struct err err = ERR_NONE;

    assert_int_equal(yearly_date_parse(text, &d, &err), 0);
    return d;
}

static const char *text_of(struct civil_date d)
{
    static char text[32];

    (void)snprintf(text, sizeof(text), "%04d-%02d-%02d", d.year, d.month, d.day);
    return text;
}

static struct civil_date date_of(const char *text)
{
    int64_t us = 0;

    assert_int_equal(instant_parse(text, &us), 0);
    return civil_from_days(us / INT64_C(86400000000));
}

static void dates_are_read_and_written_the_same(void **state)
{
    static const char *const texts[] = {"01-01",       "02-29",       "12-31",
                                        "lunar 08-15", "lunar 12-30", "lunar leap 06-30",
                                        "qingming",    "dongzhi",     "shuangjiang"};

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        const struct yearly_date d = must_parse(texts[i]);
        char got[YEARLY_DATE_TEXT_SIZE];

        assert_string_equal(yearly_date_format(&d, got), texts[i]);
    }
}

static void what_is_no_date_of_any_year_is_refused(void **state)
{
    static const char *const texts[] = {
        "",           "02-30",       "04-31",       "13-01",      "00-10",          "1-01",
        "10-1",       "10-01 ",      " 10-01",      "10/01",      "lunar",          "lunar ",
        "lunar 8-15", "lunar 08-31", "lunar 13-01", "leap 06-15", "lunar  08-15",   "LUNAR 08-15",
        "Qingming",   "easter",      "2026-10-01",  "lunar leap", "lunar qingming", "10-0x"};
    struct yearly_date d = {.kind = YEARLY_TERM, .term = 99};

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct err err = ERR_NONE;

        assert_int_equal(yearly_date_parse(texts[i], &d, &err), -1);
        assert_string_equal(err.code, "date_invalid");
        assert_int_equal(d.term, 99);
    }
}

static void each_year_has_the_day_that_the_rules_say(void **state)
{
    static const struct {
        const char *date;
        int year;
        const char *want;
    } cases[] = {
        {"10-01",            2026, "2026-10-01"},
        {"02-29",            2028, "2028-02-29"},
        {"02-29",            2026, "2026-02-28"}, /* the day before, never the day after */
        {"02-29",            2100, "2100-02-28"},
        {"02-29",            2000, "2000-02-29"},
        {"lunar 08-15",      2026, "2026-09-25"},
        {"lunar 01-01",      2030, "2030-02-03"}, /* some calendars say the 2nd */
        {"lunar 12-08",      2025, "2026-01-26"}, /* in the next civil year */
        {"lunar 12-30",      2023, "2024-02-09"}, /* 30 days */
        {"lunar 12-30",      2025, "2026-02-16"}, /* 29 days: still the last of the year */
        {"lunar 06-15",      2025, "2025-07-09"}, /* the plain month, though there are two */
        {"lunar leap 06-15", 2025, "2025-08-08"},
        {"lunar leap 06-15", 2026, "2026-07-28"}, /* none in that year: the plain month */
        {"lunar leap 06-15", 2023, "2023-08-01"}, /* another month is doubled in that year */
        {"lunar leap 06-30", 2025, "2025-08-22"}, /* it has 29 days */
        {"lunar 01-30",      2027, "2027-03-07"},
        {"qingming",         2024, "2024-04-04"},
        {"dongzhi",          2026, "2026-12-22"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct yearly_date d = must_parse(cases[i].date);
        struct civil_date got = {.year = 0};

        assert_int_equal(yearly_date_in(&d, cases[i].year, &got), 0);
        assert_string_equal(text_of(got), cases[i].want);
    }
}

static void next_day_is_found_with_the_year_that_names_it(void **state)
{
    static const struct {
        const char *date, *from, *want;
        int year;
    } cases[] = {
        {"10-01",            "2026-10-01", "2026-10-01", 2026},
        {"10-01",            "2026-10-02", "2027-10-01", 2027},
        {"02-29",            "2026-02-28", "2026-02-28", 2026},
        {"02-29",            "2027-03-01", "2028-02-29", 2028},
        {"02-29",            "2028-02-29", "2028-02-29", 2028},
 /* twice in the civil year 2028, of two lunar years */
        {"lunar 12-08",      "2028-01-01", "2028-01-04", 2027},
        {"lunar 12-08",      "2028-01-05", "2029-01-22", 2028},
        {"lunar 12-30",      "2026-01-01", "2026-02-16", 2025},
        {"lunar 12-30",      "2026-02-17", "2027-02-05", 2026},
        {"lunar 01-01",      "2026-02-16", "2026-02-17", 2026},
        {"lunar leap 02-10", "2023-03-23", "2023-03-31", 2023},
        {"qingming",         "2026-04-06", "2027-04-05", 2027},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct yearly_date d = must_parse(cases[i].date);
        struct civil_date got = {.year = 0};
        int year = 0;

        assert_int_equal(yearly_date_next(&d, date_of(cases[i].from), &year, &got), 0);
        assert_string_equal(text_of(got), cases[i].want);
        assert_int_equal(year, cases[i].year);
        assert_int_equal(yearly_date_next(&d, date_of(cases[i].from), NULL, &got), 0);
    }
}

/* Every birthday there is, followed from day to day: each year is named once, none is left out. */
static void every_birthday_comes_once_in_each_of_its_years(void **state)
{
    for (int n = 0; n < 3 * 12 * 31; n++) {
        const int kind = n / (12 * 31);
        const int month = n / 31 % 12 + 1;
        struct civil_date from = {1901, 3, 1};
        struct err err = ERR_NONE;
        struct yearly_date d;
        int before = 0;

        if (yearly_date_of_birthday(month, n % 31 + 1, kind > 0, kind > 1, &d, &err) < 0) {
            continue;
        }
        while (from.year < 2100) {
            struct civil_date day;
            int year = 0;

            assert_int_equal(yearly_date_next(&d, from, &year, &day), 0);
            assert_true(before == 0 || year == before + 1);
            assert_true(civil_to_days(day) >= civil_to_days(from));
            from = civil_from_days(civil_to_days(day) + 1);
            before = year;
        }
    }
}

static void years_outside_of_the_tables_are_refused(void **state)
{
    struct civil_date day = {.year = 7};
    int year = 8;
    const struct yearly_date lunar = must_parse("lunar 08-15");
    const struct yearly_date term = must_parse("dongzhi");
    const struct yearly_date solar = must_parse("12-31");

    assert_int_equal(yearly_date_in(&lunar, 1900, &day), -1);
    assert_int_equal(yearly_date_in(&lunar, 2101, &day), -1);
    assert_int_equal(yearly_date_in(&term, 2101, &day), -1);
    assert_int_equal(yearly_date_in(&solar, 0, &day), -1);
    assert_int_equal(yearly_date_in(&solar, 10000, &day), -1);
    assert_int_equal(yearly_date_next(&lunar, (struct civil_date){2100, 12, 31}, &year, &day), -1);
    assert_int_equal(yearly_date_next(&solar, (struct civil_date){10001, 1, 1}, &year, &day), -1);
    assert_int_equal(day.year, 7);
    assert_int_equal(year, 8);
    /* A lunar day of before the table may still lie in its first year. */
    assert_int_equal(yearly_date_next(&lunar, (struct civil_date){1901, 1, 1}, &year, &day), 0);
    assert_string_equal(text_of(day), "1901-09-27");
}

static void birthday_that_no_year_has_is_refused(void **state)
{
    static const struct {
        int month, day;
        bool is_lunar;
    } cases[] = {
        {0,         1,  false},
        {13,        1,  false},
        {1,         0,  false},
        {1,         32, false},
        {2,         30, false},
        {4,         31, false},
        {1,         31, true },
        {13,        1,  true },
        {1,         0,  true },
        {-1,        1,  true },
        {1,         -1, false},
        {INT32_MAX, 1,  false}
    };
    struct yearly_date d = {.day = 99};

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_NONE;

        assert_int_equal(yearly_date_of_birthday(cases[i].month, cases[i].day, cases[i].is_lunar,
                                                 true, &d, &err),
                         -1);
        assert_string_equal(err.code, "date_invalid");
        assert_int_equal(d.day, 99);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_read_and_written_the_same),
        cmocka_unit_test(what_is_no_date_of_any_year_is_refused),
        cmocka_unit_test(each_year_has_the_day_that_the_rules_say),
        cmocka_unit_test(next_day_is_found_with_the_year_that_names_it),
        cmocka_unit_test(every_birthday_comes_once_in_each_of_its_years),
        cmocka_unit_test(years_outside_of_the_tables_are_refused),
        cmocka_unit_test(birthday_that_no_year_has_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
