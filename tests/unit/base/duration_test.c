/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/duration.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void well_formed_durations_are_read(void **state)
{
    static const struct {
        const char *text;
        int64_t want_us;
    } cases[] = {
        {"0",                         0                                 },
        {"0s",                        0                                 },
        {"1us",                       1                                 },
        {"250ms",                     250 * DURATION_MS                 },
        {"90s",                       90 * DURATION_S                   },
        {"5m",                        5 * DURATION_MIN                  },
        {"1h30m",                     DURATION_H + 30 * DURATION_MIN    },
        {"2d",                        2 * DURATION_DAY                  },
        {"2d12h",                     2 * DURATION_DAY + 12 * DURATION_H},
        {"1d2h3m4s5ms6us",            INT64_C(93784005006)              },
        {"1m1ms",                     DURATION_MIN + DURATION_MS        },
        {"007s",                      7 * DURATION_S                    },
        {"48h",                       2 * DURATION_DAY                  },
        {"9223372036854775807us",     INT64_MAX                         },
        {"106751991d4h54s775ms807us", INT64_MAX                         },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t us = -1;

        if (duration_parse(cases[i].text, &us) != 0 || us != cases[i].want_us) {
            fail_msg("%s: %lld", cases[i].text, (long long)us);
        }
    }
}

static void everything_else_is_refused_and_changes_nothing(void **state)
{
    static const char *const bad[] = {
        NULL,
        "",
        " ",
        "5",
        "00",
        "s",
        "-5s",
        "+5s",
        "1.5h",
        "1,5h",
        " 5s",
        "5s ",
        "5 s",
        "5S",
        "5min",
        "5sec",
        "5s5s",
        "5s1h",
        "1ms1s",
        "1h30",
        "0 ",
        "0d0",
        "５s",
        "1w",
        "9223372036854775808us",
        "99999999999999999999999d",
        "106751992d",
        "106751991d5h",
        "9223372036854775807us1us",
    };

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        int64_t us = 42;

        if (duration_parse(bad[i], &us) != -1 || us != 42) {
            fail_msg("%s: %lld", bad[i] ? bad[i] : "NULL", (long long)us);
        }
    }
}

static void durations_are_written_in_one_usual_form(void **state)
{
    static const struct {
        int64_t us;
        const char *want;
    } cases[] = {
        {0,                    "0"                         },
        {1,                    "1us"                       },
        {999,                  "999us"                     },
        {1000,                 "1ms"                       },
        {90 * DURATION_MIN,    "1h30m"                     },
        {DURATION_DAY,         "1d"                        },
        {DURATION_DAY + 1,     "1d1us"                     },
        {INT64_C(93784005006), "1d2h3m4s5ms6us"            },
        {-5 * DURATION_S,      "-5s"                       },
        {INT64_MAX,            "106751991d4h54s775ms807us" },
        {INT64_MIN,            "-106751991d4h54s775ms808us"},
    };
    char text[DURATION_TEXT_SIZE];

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t back = -1;

        assert_ptr_equal(duration_format(cases[i].us, text), text);
        assert_string_equal(text, cases[i].want);
        if (cases[i].us >= 0) {
            assert_int_equal(duration_parse(text, &back), 0);
            assert_true(back == cases[i].us);
        }
    }
}

static void people_read_at_most_two_units(void **state)
{
    static const struct {
        int64_t us;
        const char *want;
    } cases[] = {
        {0,                                                       "0 s"             },
        {7,                                                       "7 us"            },
        {1500,                                                    "1 ms 500 us"     },
        {340 * DURATION_MS,                                       "340 ms"          },
        {340 * DURATION_MS + 499,                                 "340 ms 499 us"   },
        {1500 * DURATION_MS,                                      "1 s 500 ms"      },
        {12 * DURATION_MIN + 5 * DURATION_S + 499 * DURATION_MS,  "12 min 5 s"      },
        {12 * DURATION_MIN + 5 * DURATION_S + 500 * DURATION_MS,  "12 min 6 s"      },
        {59 * DURATION_MIN + 59 * DURATION_S + 600 * DURATION_MS, "1 h"             },
        {23 * DURATION_H + 59 * DURATION_MIN + 31 * DURATION_S,   "1 d"             },
        {3 * DURATION_DAY + 4 * DURATION_H + 29 * DURATION_MIN,   "3 d 4 h"         },
        {3 * DURATION_DAY + 20 * DURATION_MIN,                    "3 d"             },
        {-90 * DURATION_MIN,                                      "-1 h 30 min"     },
        {INT64_MAX,                                               "106751991 d 4 h" },
        {INT64_MIN,                                               "-106751991 d 4 h"},
    };
    char text[DURATION_TEXT_SIZE];

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_string_equal(duration_for_people(cases[i].us, text), cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(well_formed_durations_are_read),
        cmocka_unit_test(everything_else_is_refused_and_changes_nothing),
        cmocka_unit_test(durations_are_written_in_one_usual_form),
        cmocka_unit_test(people_read_at_most_two_units),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
