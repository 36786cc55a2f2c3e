/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/working_hours.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/instant.h"

static bool are_open(const char *text, const char *zone_name, const char *at)
{
    struct working_hours h;
    struct zone *zone = zone_name ? zone_open(zone_name, NULL) : NULL;
    int64_t us = 0;
    assert_int_equal(working_hours_read(text, &h, NULL), 0);
    assert_int_equal(instant_parse(at, &us), 0);
    bool is_open = working_hours_are_open(&h, zone, us);
    zone_free(zone);
    return is_open;
}

/* 2026-11-23 is a Monday; Shanghai is eight hours ahead of UTC. */
static void a_line_is_open_when_it_says_so(void **state)
{
    static const struct {
        const char *text, *zone, *at;
        bool is_open;
    } cases[] = {
        {"",                                     NULL,            "2026-11-22T03:00:00Z", true },
        {"Mon-Fri 09:00-18:00",                  NULL,            "2026-11-23T09:00:00Z", true },
        {"Mon-Fri 09:00-18:00",                  NULL,            "2026-11-23T08:59:59Z", false},
        {"Mon-Fri 09:00-18:00",                  NULL,            "2026-11-23T17:59:59Z", true },
        {"Mon-Fri 09:00-18:00",                  NULL,            "2026-11-23T18:00:00Z", false},
        {"Mon-Fri 09:00-18:00",                  NULL,            "2026-11-22T12:00:00Z", false},
        {"Mon-Fri 09:00-18:00, Sat 10:00-14:00", NULL,            "2026-11-28T13:00:00Z", true },
        {"Mon-Fri 09:00-18:00, Sat 10:00-14:00", NULL,            "2026-11-28T09:30:00Z", false},
        {"Mon 09:00-12:00, Mon 13:00-18:00",     NULL,            "2026-11-23T12:30:00Z", false},
        {"Mon 09:00-12:00, Mon 13:00-18:00",     NULL,            "2026-11-23T13:00:00Z", true },
        {"Sat-Mon 09:00-18:00",                  NULL,            "2026-11-22T12:00:00Z", true },
        {"Sat-Mon 09:00-18:00",                  NULL,            "2026-11-24T12:00:00Z", false},
        {"Mon 22:00-06:00",                      NULL,            "2026-11-23T23:00:00Z", true },
        {"Mon 22:00-06:00",                      NULL,            "2026-11-24T05:59:00Z", true },
        {"Mon 22:00-06:00",                      NULL,            "2026-11-24T06:00:00Z", false},
        {"Mon 22:00-06:00",                      NULL,            "2026-11-23T05:00:00Z", false},
        {"Sun 22:00-06:00",                      NULL,            "2026-11-23T05:00:00Z", true },
        {"Mon-Sun 00:00-24:00",                  NULL,            "2026-11-24T23:59:59Z", true },
        {"Mon 09:00-18:00",                      "Asia/Shanghai", "2026-11-23T01:00:00Z", true },
        {"Mon 09:00-18:00",                      "Asia/Shanghai", "2026-11-23T10:00:00Z", false},
        {" Mon   09:00-18:00 ",                  NULL,            "2026-11-23T10:00:00Z", true },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        if (are_open(cases[i].text, cases[i].zone, cases[i].at) != cases[i].is_open) {
            fail_msg("\"%s\" at %s", cases[i].text, cases[i].at);
        }
    }
}

static void the_hours_follow_the_clocks_of_the_zone(void **state)
{
    /* Berlin: two hours ahead until 2026-10-25T01:00Z, then one. */
    assert_true(are_open("Mon-Sun 09:00-10:00", "Europe/Berlin", "2026-10-24T07:30:00Z"));
    assert_false(are_open("Mon-Sun 09:00-10:00", "Europe/Berlin", "2026-10-24T08:30:00Z"));
    assert_false(are_open("Mon-Sun 09:00-10:00", "Europe/Berlin", "2026-10-25T07:30:00Z"));
    assert_true(are_open("Mon-Sun 09:00-10:00", "Europe/Berlin", "2026-10-25T08:30:00Z"));
}

static void what_is_no_line_of_hours_is_refused(void **state)
{
    static const char *const cases[] = {
        "always",
        "Mon",
        "Mon 9:00-18:00",
        "Mon 09:00",
        "Mon 09:00-25:00",
        "Mon 09:60-10:00",
        "Mon 24:30-10:00",
        "Mon 09:00-09:00",
        "Mon 24:00-02:00",
        "Monday 09:00-18:00",
        "Mon- 09:00-18:00",
        "Mon-Fri-Sat 09:00-18:00",
        "Mon 09:00-18:00,",
        ",",
        "Mon 09:00-18:00; Tue 09:00-18:00",
        "Mon -9:00-18:00",
        "Mon 09:00-18:00 Tue 09:00-18:00",
        "Mon 1:0-2:0,Mon 1:0-2:0",
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct working_hours h;
        struct err err = ERR_NONE;
        if (working_hours_read(cases[i], &h, &err) == 0) {
            fail_msg("\"%s\" was taken", cases[i]);
        }
        assert_string_equal(err.code, "hours_invalid");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_open_when_it_says_so),
        cmocka_unit_test(the_hours_follow_the_clocks_of_the_zone),
        cmocka_unit_test(what_is_no_line_of_hours_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
