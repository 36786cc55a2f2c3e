/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/date_format.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"

static void texts_are_read_by_their_format(void **state)
{
    static const struct {
        const char *format, *text, *want;
    } cases[] = {
        {"%Y-%m-%d %H:%M:%S",      "2019-02-28 11:25:05",       "2019-02-28T03:25:05Z"    },
        {"%Y-%m-%d %H:%M:%S",      "2019-02-28   11:25:05",     "2019-02-28T03:25:05Z"    },
        {"%Y/%m/%d",               "2020/3/8",                  "2020-03-07T16:00:00Z"    },
        {"%Y%m%d",                 "20200308",                  "2020-03-07T16:00:00Z"    },
        {"%d.%m.%y",               "08.03.20",                  "2020-03-07T16:00:00Z"    },
        {"%d.%m.%y",               "08.03.70",                  "1970-03-07T16:00:00Z"    },
        {"%b %d, %Y %I:%M %p",     "Mar 8, 2020 12:05 AM",      "2020-03-07T16:05:00Z"    },
        {"%b %d, %Y %I:%M %p",     "march 8, 2020 12:05 pm",    "2020-03-08T04:05:00Z"    },
        {"%d %b %Y",               "8 May 2020",                "2020-05-07T16:00:00Z"    },
        {"%Y-%m-%dT%H:%M:%S.%f%z", "2020-03-08T00:00:00.25Z",   "2020-03-08T00:00:00.250Z"},
        {"%Y-%m-%dT%H:%M:%S%z",    "2020-03-08T00:00:00+08:00", "2020-03-07T16:00:00Z"    },
        {"%Y-%m-%dT%H:%M:%S%z",    "2020-03-08T00:00:00-0430",  "2020-03-08T04:30:00Z"    },
        {"%s",                     "1583625600",                "2020-03-08T00:00:00Z"    },
        {"%s.%f",                  "-1.5",                      "1969-12-31T23:59:59.500Z"},
        {"%Y年%m月%d日",        "2020年3月8日",           "2020-03-07T16:00:00Z"    },
        {"100%% %Y-%m-%d",         "100% 2020-03-08",           "2020-03-07T16:00:00Z"    },
    };
    struct err err = ERR_NONE;
    struct zone *zone = zone_open("Asia/Shanghai", &err);

    assert_non_null(zone);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t want_us = 0;
        int64_t got_us = 0;
        bool needs_zone;

        assert_int_equal(date_format_check(cases[i].format, &needs_zone, &err), 0);
        assert_int_equal(instant_parse(cases[i].want, &want_us), 0);
        assert_int_equal(
            date_format_read(cases[i].format, cases[i].text, needs_zone ? zone : NULL, &got_us), 0);
        assert_int_equal(got_us, want_us);
    }
    zone_free(zone);
}

static void texts_that_do_not_fit_are_refused(void **state)
{
    static const struct {
        const char *format, *text;
    } cases[] = {
        {"%Y-%m-%d",             ""                    },
        {"%Y-%m-%d",             "2019-02"             },
        {"%Y-%m-%d",             "2019-02-"            },
        {"%Y-%m-%d",             "2019-02-29"          },
        {"%Y-%m-%d",             "2019-13-01"          },
        {"%Y-%m-%d",             "2019-02-28 11:00"    },
        {"%Y-%m-%d",             "19-2a-01"            },
        {"%Y-%m-%d",             "0000-01-01"          },
        {"%Y-%m-%d",             " 2019-01-01"         },
        {"%Y-%m-%d %H:%M",       "2019-01-01 24:00"    },
        {"%Y-%m-%d %H:%M",       "2019-01-01 1:60"     },
        {"%Y-%m-%d %I:%M %p",    "2019-01-01 13:00 PM" },
        {"%Y-%m-%d %I:%M %p",    "2019-01-01 11:00 XM" },
        {"%b %Y %d",             "Mai 2019 1"          },
        {"%b %Y %d",             "Marc 2019 1"         },
        {"%Y-%m-%d%z",           "2019-01-01"          },
        {"%Y-%m-%d%z",           "2019-01-01+8"        },
        {"%Y-%m-%d%z",           "2019-01-01+08:99"    },
        {"%s",                   "99999999999999"      },
        {"%s",                   "soon"                },
        {"%Y-%m-%d %H:%M:%S.%f", "2019-01-01 00:00:00."},
    };
    struct err err = ERR_NONE;
    struct zone *zone = zone_open("UTC", &err);

    assert_non_null(zone);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t us = 7;

        assert_int_equal(date_format_read(cases[i].format, cases[i].text, zone, &us), -1);
        assert_int_equal(us, 7);
    }
    zone_free(zone);
}

static void formats_are_checked(void **state)
{
    static const struct {
        const char *format, *code;
    } cases[] = {
        {"",            "format_incomplete"},
        {"%Y-%m",       "format_incomplete"},
        {"%H:%M",       "format_incomplete"},
        {"%Y-%m-%d %I", "format_incomplete"},
        {"%Y-%m-%d %p", "format_incomplete"},
        {"%Y-%m-%d %",  "format_unknown"   },
        {"%Y-%m-%d %q", "format_unknown"   },
        {"%Y-%m-%d %Y", "format_twice"     },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_NONE;
        bool needs_zone;

        assert_int_equal(date_format_check(cases[i].format, &needs_zone, &err), -1);
        assert_string_equal(err.code, cases[i].code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_read_by_their_format),
        cmocka_unit_test(texts_that_do_not_fit_are_refused),
        cmocka_unit_test(formats_are_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
