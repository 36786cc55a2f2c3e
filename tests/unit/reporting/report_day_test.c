/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/report_day.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"

static void days_that_exist_are_read_and_written_back(void **state)
{
    static const struct {
        const char *text;
        int64_t days;
    } cases[] = {
        {"1970-01-01", 0      },
        {"1969-12-31", -1     },
        {"2024-02-29", 19782  },
        {"2000-02-29", 11016  },
        {"2026-11-21", 20778  },
        {"0001-01-01", -719162},
        {"9999-12-31", 2932896},
    };
    char text[REPORT_DAY_SIZE];

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t days = INT64_MIN;
        assert_int_equal(report_day_parse(cases[i].text, &days), 0);
        if (days != cases[i].days) {
            fail_msg("%s: %lld", cases[i].text, (long long)days);
        }
        assert_string_equal(report_day_format(days, text), cases[i].text);
    }
}

static void what_is_no_day_is_refused(void **state)
{
    static const char *const wrong[] = {
        "",
        "2026-11-2",
        "2026-11-211",
        "2026/11/21",
        "2026-13-01",
        "2026-00-10",
        "2026-02-30",
        "2023-02-29",
        "1900-02-29",
        "2026-04-31",
        "20x6-11-21",
        "0000-01-01",
        "2026-11-00",
        "2026-11-32",
        "-026-11-21",
        " 2026-1-21",
        "2026-11-21T00:00:00Z",
        "二〇二六年",
    };
    int64_t days = 42;

    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        if (report_day_parse(wrong[i], &days) == 0) {
            fail_msg("%s", wrong[i]);
        }
    }
    assert_int_equal(report_day_parse(NULL, &days), -1);
    assert_int_equal(days, 42);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_that_exist_are_read_and_written_back),
        cmocka_unit_test(what_is_no_day_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
