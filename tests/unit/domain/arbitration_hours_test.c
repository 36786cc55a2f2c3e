/* SPDX-License-Identifier: Apache-2.0 */
/* When somebody may be called: quiet hours and days around changes of the clock, and other hours
 * than the one that failed. */
#include "common/domain/arbitration.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/base/instant.h"

static struct zone *shanghai, *new_york;

static int set_up(void **state)
{
    shanghai = zone_open("Asia/Shanghai", NULL);
    new_york = zone_open("America/New_York", NULL);
    return shanghai && new_york ? 0 : -1;
}

static int tear_down(void **state)
{
    zone_free(shanghai);
    zone_free(new_york);
    return 0;
}

static int64_t at(const char *text)
{
    int64_t us;
    if (instant_parse(text, &us) < 0) {
        fail_msg("%s is no instant", text);
    }
    return us;
}

static void permitted_hours_follow_the_wall_clock(void **state)
{
    /* New York: 2026-03-08 02:00 EST -> 03:00 EDT; 2026-11-01 02:00 EDT -> 01:00 EST. */
    /* clang-format off */
    static const struct {
        const char *name;
        int quiet_from, quiet_until;
        const char *from, *want;
    } rows[] = {
        {"over midnight, evening",         21 * 60, 8 * 60, "2026-11-17T21:00:00-05:00",    "2026-11-18T08:00:00-05:00"    },
        {"the last moment before",         21 * 60, 8 * 60, "2026-11-17T20:59:59.999-05:00", "2026-11-17T20:59:59.999-05:00"},
        {"the first moment after",         21 * 60, 8 * 60, "2026-11-18T08:00:00-05:00",    "2026-11-18T08:00:00-05:00"    },
        {"within one day",                 60,      300,    "2026-11-18T03:00:00-05:00",    "2026-11-18T05:00:00-05:00"    },
        {"until midnight",                 22 * 60, 0,      "2026-11-17T23:00:00-05:00",    "2026-11-18T00:00:00-05:00"    },
        {"the night that is an hour short", 21 * 60, 8 * 60, "2026-03-07T22:00:00-05:00",   "2026-03-08T08:00:00-04:00"    },
        {"the night that is an hour long", 21 * 60, 8 * 60, "2026-10-31T22:00:00-04:00",    "2026-11-01T08:00:00-05:00"    },
        {"the end is skipped",             60,      150,    "2026-03-08T01:30:00-05:00",    "2026-03-08T03:00:00-04:00"    },
        {"the end comes twice",            30,      90,     "2026-11-01T00:40:00-04:00",    "2026-11-01T01:30:00-04:00"    },
        {"quiet again after going back",   30,      90,     "2026-11-01T01:10:00-05:00",    "2026-11-01T01:30:00-05:00"    },
        {"permitted before going back",    30,      90,     "2026-11-01T01:45:00-04:00",    "2026-11-01T01:45:00-04:00"    },
        {"no quiet hours",                 0,       0,      "2026-11-18T03:00:00-05:00",    "2026-11-18T03:00:00-05:00"    },
    };
    /* clang-format on */
    struct rulebook_limits limits = {.days = 0x7f};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *reason;
        limits.quiet_from_minute = rows[i].quiet_from;
        limits.quiet_until_minute = rows[i].quiet_until;
        int64_t from_us = at(rows[i].from);
        int64_t us = arbitration_next_permitted(&limits, new_york, from_us, &reason);
        if (us != at(rows[i].want)) {
            char text[INSTANT_TEXT_SIZE];
            fail_msg("%s: %s", rows[i].name, instant_format(us, text));
        }
        assert_true((reason == NULL) == (us == from_us));
    }
}

static void days_follow_the_customers_zone(void **state)
{
    struct rulebook_limits limits = {.days = 0x1f}; /* Monday to Friday */
    const char *reason;
    int64_t friday_us = at("2026-11-20T23:00:00-05:00"); /* Saturday in China */

    assert_true(arbitration_next_permitted(&limits, new_york, friday_us, &reason) == friday_us);
    assert_null(reason);
    assert_true(arbitration_next_permitted(&limits, shanghai, friday_us, &reason) ==
                at("2026-11-23T00:00:00+08:00"));
    assert_string_equal(reason, "day_not_permitted");
    limits.days = 0;
    assert_true(arbitration_next_permitted(&limits, shanghai, friday_us, NULL) == INT64_MAX);
}

static void another_hour_is_another_time_of_day(void **state)
{
    struct rulebook_limits day = {
        .quiet_from_minute = 21 * 60, .quiet_until_minute = 8 * 60, .days = 0x7f};
    /* clang-format off */
    static const struct {
        const char *name, *from, *failed;
        int64_t gap_us;
        const char *want;
    } rows[] = {
        {"far enough already",       "2026-11-18T15:00:00+08:00", "2026-11-18T10:00:00+08:00", 2 * DURATION_H, "2026-11-18T15:00:00+08:00"},
        {"later the same day",       "2026-11-18T11:00:00+08:00", "2026-11-18T10:00:00+08:00", 2 * DURATION_H, "2026-11-18T12:01:00+08:00"},
        {"the next day, not at ten", "2026-11-19T08:00:00+08:00", "2026-11-18T09:00:00+08:00", 2 * DURATION_H, "2026-11-19T11:01:00+08:00"},
        {"before it, far enough",    "2026-11-19T08:00:00+08:00", "2026-11-18T19:00:00+08:00", 2 * DURATION_H, "2026-11-19T08:00:00+08:00"},
        {"into the night",           "2026-11-18T20:00:00+08:00", "2026-11-18T19:30:00+08:00", 2 * DURATION_H, "2026-11-19T08:00:00+08:00"},
        {"around midnight",          "2026-11-18T20:55:00+08:00", "2026-11-18T20:50:00+08:00", 4 * DURATION_H, "2026-11-19T08:00:00+08:00"},
        {"no hour is left",          "2026-11-18T11:00:00+08:00", "2026-11-18T14:30:00+08:00", 11 * DURATION_H, "2026-11-18T11:00:00+08:00"},
        {"no gap",                   "2026-11-18T10:10:00+08:00", "2026-11-18T10:00:00+08:00", 0,              "2026-11-18T10:10:00+08:00"},
    };
    /* clang-format on */
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t us = arbitration_other_hour(&day, shanghai, at(rows[i].from), at(rows[i].failed),
                                            rows[i].gap_us);
        if (us != at(rows[i].want)) {
            char text[INSTANT_TEXT_SIZE];
            fail_msg("%s: %s", rows[i].name, instant_format(us, text));
        }
    }
    int64_t now_us = at("2026-11-18T11:00:00+08:00");
    assert_true(arbitration_other_hour(&day, shanghai, now_us, INT64_MIN, DURATION_H) == now_us);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(permitted_hours_follow_the_wall_clock),
        cmocka_unit_test(days_follow_the_customers_zone),
        cmocka_unit_test(another_hour_is_another_time_of_day),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
