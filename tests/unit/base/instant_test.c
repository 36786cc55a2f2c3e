/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/instant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/duration.h"

static void civil_dates_and_days_agree(void **state)
{
    static const struct {
        struct civil_date date;
        int64_t days;
    } cases[] = {
        {{1970, 1, 1},   0      },
        {{1969, 12, 31}, -1     },
        {{2000, 2, 29},  11016  },
        {{2000, 3, 1},   11017  },
        {{2026, 11, 21}, 20778  },
        {{1, 1, 1},      -719162},
        {{0, 3, 1},      -719468},
        {{0, 2, 29},     -719469},
        {{-400, 3, 1},   -865565},
        {{9999, 12, 31}, 2932896},
        {{10000, 1, 1},  2932897},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct civil_date back = civil_from_days(cases[i].days);

        assert_true(civil_to_days(cases[i].date) == cases[i].days);
        assert_int_equal(back.year, cases[i].date.year);
        assert_int_equal(back.month, cases[i].date.month);
        assert_int_equal(back.day, cases[i].date.day);
    }
}

static void months_end_on_the_last_day_of_a_short_one(void **state)
{
    static const struct {
        struct civil_date day;
        int months;
        struct civil_date want;
    } cases[] = {
        {{2026, 1, 31},  1,   {2026, 2, 28} },
        {{2024, 1, 31},  1,   {2024, 2, 29} },
        {{2026, 3, 31},  -1,  {2026, 2, 28} },
        {{2026, 12, 15}, 1,   {2027, 1, 15} },
        {{2026, 1, 15},  -1,  {2025, 12, 15}},
        {{2026, 5, 31},  18,  {2027, 11, 30}},
        {{2027, 12, 31}, 2,   {2028, 2, 29} },
        {{2026, 12, 1},  1,   {2027, 1, 1}  },
        {{2024, 2, 29},  12,  {2025, 2, 28} },
        {{2026, 11, 30}, 120, {2036, 11, 30}},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct civil_date got = civil_months_later(cases[i].day, cases[i].months);

        assert_int_equal(civil_to_days(got), civil_to_days(cases[i].want));
    }
}

static void every_day_of_three_eras_comes_back(void **state)
{
    struct civil_date last = civil_from_days(-800001);

    for (int64_t days = -800000; days < 800000; days++) {
        struct civil_date date = civil_from_days(days);

        if (civil_to_days(date) != days || (date.day != last.day + 1 && date.day != 1)) {
            fail_msg("day %lld", (long long)days);
        }
        last = date;
    }
}

static void instants_are_written_in_utc_with_milliseconds(void **state)
{
    static const struct {
        int64_t us;
        const char *want;
    } cases[] = {
        {0,                           "1970-01-01T00:00:00.000Z"   },
        {INT64_C(1795248902113000),   "2026-11-21T08:15:02.113Z"   },
        {INT64_C(1795248902113999),   "2026-11-21T08:15:02.113Z"   },
        {-1,                          "1969-12-31T23:59:59.999Z"   },
        {INT64_C(-62135596800000000), "0001-01-01T00:00:00.000Z"   },
        {INT64_C(253402300799999999), "9999-12-31T23:59:59.999Z"   },
        {INT64_MAX,                   "294247-01-10T04:00:54.775Z" },
        {INT64_MIN,                   "-290308-12-21T19:59:05.224Z"},
    };
    char text[INSTANT_TEXT_SIZE];

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_ptr_equal(instant_format(cases[i].us, text), text);
        assert_string_equal(text, cases[i].want);
    }
}

static void well_formed_instants_are_read(void **state)
{
    static const struct {
        const char *text;
        int64_t want_us;
    } cases[] = {
        {"1970-01-01T00:00:00Z",          0                          },
        {"1970-01-01",                    0                          },
        {"1969-12-31T23:59:59.999999Z",   -1                         },
        {"2026-11-21T08:15:02.113Z",      INT64_C(1795248902113000)  },
        {"2026-11-21 08:15:02.113Z",      INT64_C(1795248902113000)  },
        {"2026-11-21t08:15:02.113z",      INT64_C(1795248902113000)  },
        {"2026-11-21T16:15:02.113+08:00", INT64_C(1795248902113000)  },
        {"2026-11-21T03:45:02.113-04:30", INT64_C(1795248902113000)  },
        {"2026-11-22T00:15:02.113+16:00", INT64_C(1795248902113000)  },
        {"2024-02-29T12:00:00Z",          INT64_C(1709208000000000)  },
        {"1970-01-01T00:00:00.1Z",        100000                     },
        {"1970-01-01T00:00:00.000001Z",   1                          },
        {"1970-01-01T00:00:00-00:00",     0                          },
        {"0001-01-01T00:00:00Z",          INT64_C(-62135596800000000)},
        {"0001-01-01",                    INT64_C(-62135596800000000)},
        {"9999-12-31T23:59:59.999999Z",   INT64_C(253402300799999999)},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t us = 42;

        if (instant_parse(cases[i].text, &us) != 0 || us != cases[i].want_us) {
            fail_msg("%s: %lld", cases[i].text, (long long)us);
        }
    }
}

static void everything_else_is_refused_and_changes_nothing(void **state)
{
    static const char *const bad[] = {
        NULL,
        "",
        "2026",
        "2026-11",
        "2026-11-",
        "2026-11-2",
        "26-11-21",
        "2026/11/21",
        "20261121",
        "-2026-11-21",
        " 2026-11-21",
        "2026-11-21 ",
        "2026-11-21T",
        "2026-11-21X08:15:02Z",
        "2026-00-21",
        "2026-13-21",
        "2026-11-00",
        "2026-11-31",
        "2026-02-29",
        "1900-02-29",
        "2026-11-32",
        "0000-01-01",
        "2026-11-21T08",
        "2026-11-21T08:15",
        "2026-11-21T08:15Z",
        "2026-11-21T08:15:02",
        "2026-11-21T24:00:00Z",
        "2026-11-21T08:60:02Z",
        "2026-11-21T23:59:60Z",
        "2026-11-21T8:15:02Z",
        "2026-11-21T08:15:02.Z",
        "2026-11-21T08:15:02,5Z",
        "2026-11-21T08:15:02.1234567Z",
        "2026-11-21T08:15:02ZZ",
        "2026-11-21T08:15:02Z ",
        "2026-11-21T08:15:02+08",
        "2026-11-21T08:15:02+0800",
        "2026-11-21T08:15:02+08:0",
        "2026-11-21T08:15:02+24:00",
        "2026-11-21T08:15:02+08:60",
        "2026-11-21T08:15:02 08:00",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "２026-11-21",
    };

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        int64_t us = 42;

        if (instant_parse(bad[i], &us) != -1 || us != 42) {
            fail_msg("%s: %lld", bad[i] ? bad[i] : "NULL", (long long)us);
        }
    }
}

static void the_clocks_run_forwards(void **state)
{
    int64_t from_us = instant_monotonic_us();
    int64_t until_us = instant_monotonic_us();

    assert_true(until_us >= from_us);
    assert_true(instant_now_us() > 20000 * DURATION_DAY); /* after 2024-10-04 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(civil_dates_and_days_agree),
        cmocka_unit_test(months_end_on_the_last_day_of_a_short_one),
        cmocka_unit_test(every_day_of_three_eras_comes_back),
        cmocka_unit_test(instants_are_written_in_utc_with_milliseconds),
        cmocka_unit_test(well_formed_instants_are_read),
        cmocka_unit_test(everything_else_is_refused_and_changes_nothing),
        cmocka_unit_test(the_clocks_run_forwards),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
