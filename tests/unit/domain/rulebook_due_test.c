/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/rulebook_due.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"

#define AT(h, m) ((h)*60 + (m))

static struct zone *must_open(const char *name)
{
    struct err err = ERR_NONE;
    struct zone *z = zone_open(name, &err);

    assert_string_equal(err.text, "");
    assert_non_null(z);
    return z;
}

static int64_t instant(const char *text)
{
    int64_t us = 0;

    assert_int_equal(instant_parse(text, &us), 0);
    return us;
}

static void assert_instant(int64_t us, const char *want)
{
    char got[INSTANT_TEXT_SIZE];

    if (us != instant(want)) {
        assert_string_equal(instant_format(us, got), want);
    }
}

static void rule_without_time_of_day_is_due_so_long_after(void **state)
{
    const struct rulebook_rule r = {
        .after_us = 24 * DURATION_H, .window_us = 48 * DURATION_H, .at_minute = -1};
    struct zone *z = must_open("America/New_York");
    struct rulebook_moment m;

    /* Plain time: a night of 23 hours does not make it later on the wall clock. */
    rulebook_due_after(&r, instant("2026-03-07T17:00:00Z"), z, &m);
    assert_instant(m.due_us, "2026-03-08T17:00:00Z");
    assert_instant(m.window_end_us, "2026-03-10T17:00:00Z");
    assert_false(m.is_local);
    assert_true(m.local_due_us == INT64_MIN);
    zone_free(z);
}

static void rule_with_time_of_day_takes_the_first_that_is_not_earlier(void **state)
{
    static const struct {
        const char *zone, *anchor;
        int64_t after_us;
        int at_minute;
        const char *due, *local;
    } cases[] = {
        {"Asia/Shanghai",       "2026-11-21T01:59:59Z",     0,               AT(10, 0),  "2026-11-21T02:00:00Z",
         "2026-11-21T10:00:00Z"                                                                                                        },
        {"Asia/Shanghai",       "2026-11-21T02:00:00Z",     0,               AT(10, 0),  "2026-11-21T02:00:00Z",
         "2026-11-21T10:00:00Z"                                                                                                        },
        {"Asia/Shanghai",       "2026-11-21T02:00:00.001Z", 0,               AT(10, 0),  "2026-11-22T02:00:00Z",
         "2026-11-22T10:00:00Z"                                                                                                        },
        {"Asia/Shanghai",       "2026-11-20T23:00:00Z",     24 * DURATION_H, AT(10, 0),
         "2026-11-22T02:00:00Z",                                                                                 "2026-11-22T10:00:00Z"},
 /* before the epoch, and a zone whose date is another one than that of UTC */
        {"Pacific/Auckland",    "1969-06-30T22:00:00Z",     0,               AT(9,  0),  "1969-07-01T21:00:00Z",
         "1969-07-02T09:00:00Z"                                                                                                        },
        {"America/Los_Angeles", "2026-11-21T02:00:00Z",     0,               AT(23, 59), "2026-11-21T07:59:00Z",
         "2026-11-20T23:59:00Z"                                                                                                        },
        {"Asia/Kathmandu",      "2026-01-01T00:00:00Z",     0,               AT(0,  0),  "2026-01-01T18:15:00Z",
         "2026-01-02T00:00:00Z"                                                                                                        },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct rulebook_rule r = {.after_us = cases[i].after_us,
                                        .window_us = 3 * DURATION_H,
                                        .at_minute = cases[i].at_minute};
        struct zone *z = must_open(cases[i].zone);
        struct rulebook_moment m;

        rulebook_due_after(&r, instant(cases[i].anchor), z, &m);
        assert_instant(m.due_us, cases[i].due);
        assert_true(m.is_local);
        assert_instant(m.local_due_us, cases[i].local);
        assert_true(m.window_end_us == m.due_us + 3 * DURATION_H);
        zone_free(z);
    }
}

/* What the tests of others assert for these nights is beside them; here it is one call in each. */
static void nights_in_which_others_call_never_or_twice_have_one_call(void **state)
{
    static const struct {
        const char *zone;
        int at_minute;
        const char *from, *due[4];
    } cases[] = {
  /* Temporal, TestCalendarNextDST: none on 13 March */
        {"America/Los_Angeles",
         AT(2, 33),
         "2022-03-12T04:00:00Z", {"2022-03-12T10:33:00Z", "2022-03-13T10:00:00Z", "2022-03-14T09:33:00Z",
          "2022-03-15T09:33:00Z"}},
 /* the same test: two on 7 November, at 08:33 and at 09:33 */
        {"America/Los_Angeles",
         AT(1, 33),
         "2021-11-06T04:00:00Z", {"2021-11-06T08:33:00Z", "2021-11-07T08:33:00Z", "2021-11-08T09:33:00Z",
          "2021-11-09T09:33:00Z"}},
 /* Quartz, CronTrigger: "can cause a skip or a repeat" */
        {"America/New_York",
         AT(2, 30),
         "2026-03-07T00:00:00Z", {"2026-03-07T07:30:00Z", "2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z",
          "2026-03-10T06:30:00Z"}},
        {"Europe/Berlin",
         AT(2, 30),
         "2026-10-24T00:00:00Z", {"2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z",
          "2026-10-27T01:30:00Z"}},
 /* midnight itself is skipped */
        {"Africa/Cairo",
         AT(0, 0),
         "2025-04-23T12:00:00Z", {"2025-04-23T22:00:00Z", "2025-04-24T22:00:00Z", "2025-04-25T21:00:00Z",
          "2025-04-26T21:00:00Z"}},
        {"America/Santiago",
         AT(0, 30),
         "2025-09-06T00:00:00Z", {"2025-09-06T04:30:00Z", "2025-09-07T04:00:00Z", "2025-09-08T03:30:00Z",
          "2025-09-09T03:30:00Z"}},
 /* midnight comes back: the day before has its last hour twice */
        {"America/Havana",
         AT(0, 0),
         "2025-11-01T12:00:00Z", {"2025-11-02T04:00:00Z", "2025-11-03T05:00:00Z", "2025-11-04T05:00:00Z",
          "2025-11-05T05:00:00Z"}},
 /* half an hour */
        {"Australia/Lord_Howe",
         AT(2, 15),
         "2026-10-03T00:00:00Z", {"2026-10-03T15:30:00Z", "2026-10-04T15:15:00Z", "2026-10-05T15:15:00Z",
          "2026-10-06T15:15:00Z"}},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct rulebook_rule r = {.window_us = 1, .at_minute = cases[i].at_minute};
        struct zone *z = must_open(cases[i].zone);
        int64_t from_us = instant(cases[i].from);

        for (size_t n = 0; n < ARRAY_LEN(cases[i].due); n++) {
            struct rulebook_moment m;

            rulebook_due_after(&r, from_us, z, &m);
            assert_instant(m.due_us, cases[i].due[n]);
            from_us = m.due_us + 1;
        }
        zone_free(z);
    }
}

/* Nothing but the questions of zone.h is used to judge: it is the first time that the clock shows
 * that time, or the end of the gap that has it. */
static void assert_first_showing(const struct zone *z, int64_t due_us, int64_t local_us)
{
    const int64_t shown_us = due_us + zone_offset_s(z, due_us) * DURATION_S;

    if (shown_us == local_us) {
        for (int64_t back_us = 15 * DURATION_MIN; back_us <= 3 * DURATION_H;
             back_us += 15 * DURATION_MIN) {
            const int64_t us = due_us - back_us;

            assert_true(us + zone_offset_s(z, us) * DURATION_S != local_us);
        }
        return;
    }
    assert_true(zone_next_change(z, due_us - 1) == due_us);
    assert_true(shown_us > local_us);
    assert_true(due_us - 1 + zone_offset_s(z, due_us - 1) * DURATION_S < local_us);
}

static size_t simulate(const struct zone *z, int at_minute, int64_t begin_us, int64_t end_us)
{
    const struct rulebook_rule r = {.window_us = 1, .at_minute = at_minute};
    struct rulebook_moment before;
    size_t count = 1;

    rulebook_due_after(&r, begin_us, z, &before);
    for (;;) {
        struct rulebook_moment next;
        struct rulebook_moment early;

        rulebook_due_after(&r, before.due_us + 1, z, &next);
        if (next.due_us >= end_us) {
            return count;
        }
        count++;
        /* The next date, later in time, and asked from anywhere in between the same. */
        assert_true(next.local_due_us == before.local_due_us + DURATION_DAY);
        assert_true(next.due_us > before.due_us);
        rulebook_due_after(&r, next.due_us - (next.due_us - before.due_us) / 3, z, &early);
        assert_true(early.due_us == next.due_us);
        assert_first_showing(z, next.due_us, next.local_due_us);
        before = next;
    }
}

static void forty_zones_have_each_date_once_for_ten_years(void **state)
{
    static const char *const zones[] = {
        "Asia/Shanghai",       "Asia/Tokyo",          "Asia/Kolkata",      "Asia/Kathmandu",
        "Asia/Tehran",         "Asia/Beirut",         "Asia/Gaza",         "Asia/Jerusalem",
        "Asia/Amman",          "Asia/Damascus",       "Asia/Pyongyang",    "Asia/Ulaanbaatar",
        "Africa/Cairo",        "Africa/Casablanca",   "Africa/El_Aaiun",   "Africa/Khartoum",
        "Africa/Johannesburg", "Europe/London",       "Europe/Dublin",     "Europe/Berlin",
        "Europe/Istanbul",     "Europe/Moscow",       "Europe/Chisinau",   "Atlantic/Azores",
        "America/New_York",    "America/Los_Angeles", "America/St_Johns",  "America/Havana",
        "America/Santiago",    "America/Asuncion",    "America/Sao_Paulo", "America/Mexico_City",
        "America/Nuuk",        "America/Caracas",     "Antarctica/Troll",  "Australia/Sydney",
        "Australia/Lord_Howe", "Pacific/Chatham",     "Pacific/Norfolk",   "Pacific/Fiji",
    };
    static const int minutes[] = {AT(0, 0), AT(0, 30), AT(1, 33), AT(2, 30),
                                  AT(3, 0), AT(10, 0), AT(23, 30)};
    const int64_t begin_us = instant("2016-01-10T00:00:00Z");
    const int64_t end_us = instant("2026-01-10T00:00:00Z");

    assert_int_equal(ARRAY_LEN(zones), 40);
    for (size_t i = 0; i < ARRAY_LEN(zones); i++) {
        struct zone *z = must_open(zones[i]);

        for (size_t k = 0; k < ARRAY_LEN(minutes); k++) {
            /* 3653 dates; one more or less where the zone's offset is another one at the end */
            assert_in_range(simulate(z, minutes[k], begin_us, end_us), 3652, 3654);
        }
        zone_free(z);
    }
}

static void day_of_the_calendar_is_due_on_that_day(void **state)
{
    static const struct {
        const char *zone;
        int at_minute;
        int64_t after_us, lead_us;
        const char *due, *local;
    } cases[] = {
        {"Asia/Shanghai",    AT(9,            30),          0,                      0,                      "2026-03-08T01:30:00Z", "2026-03-08T09:30:00Z"},
        {"America/New_York", AT(9,            30),          0,                      0,                      "2026-03-08T13:30:00Z", "2026-03-08T09:30:00Z"},
        {"America/New_York", AT(2,            30),          0,                      0,                      "2026-03-08T07:00:00Z", "2026-03-08T02:30:00Z"},
        {"America/New_York", -1,              0,            0,                      "2026-03-08T05:00:00Z", "2026-03-08T00:00:00Z"},
 /* a day on is the next date, though the day before has 23 hours */
        {"America/New_York",              AT(9,             30), DURATION_DAY,                      0, "2026-03-09T13:30:00Z",
         "2026-03-09T09:30:00Z"                      },
        {"America/New_York",              AT(9,             30),            0,       7 * DURATION_DAY, "2026-03-01T14:30:00Z",
         "2026-03-01T09:30:00Z"                                                                                                   },
        {"America/New_York",                -1, 10 * DURATION_H,            0, "2026-03-08T14:00:00Z",
         "2026-03-08T10:00:00Z"                                                                                                 },
        {"Asia/Shanghai",               AT(9,               30),            10 * DURATION_H, 0,                                                                            "2026-03-09T01:30:00Z",
         "2026-03-09T09:30:00Z"                      },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct rulebook_rule r = {.after_us = cases[i].after_us,
                                        .window_us = DURATION_DAY,
                                        .at_minute = cases[i].at_minute,
                                        .measure = {.lead_us = cases[i].lead_us}};
        struct zone *z = must_open(cases[i].zone);
        struct rulebook_moment m;

        rulebook_due_on(&r, (struct civil_date){2026, 3, 8}, z, &m);
        assert_instant(m.due_us, cases[i].due);
        assert_instant(m.local_due_us, cases[i].local);
        assert_true(m.is_local);
        assert_true(m.window_end_us == m.due_us + DURATION_DAY);
        zone_free(z);
    }
}

/* Samoa had no 30 December 2011: who was born on one is greeted when that day would have begun. */
static void day_that_never_was_is_the_first_instant_after_it(void **state)
{
    const struct rulebook_rule r = {.window_us = 1, .at_minute = AT(10, 0)};
    struct zone *z = must_open("Pacific/Apia");
    struct rulebook_moment m;

    rulebook_due_on(&r, (struct civil_date){2011, 12, 30}, z, &m);
    assert_instant(m.due_us, "2011-12-30T10:00:00Z");
    zone_free(z);
}

static void unknown_zone_means_no_local_time(void **state)
{
    const struct rulebook_rule r = {.after_us = DURATION_H, .window_us = 1, .at_minute = AT(10, 0)};
    struct rulebook_moment m;

    rulebook_due_after(&r, instant("2026-11-21T15:00:00Z"), NULL, &m);
    assert_instant(m.due_us, "2026-11-21T16:00:00Z");
    assert_false(m.is_local);
    assert_true(m.local_due_us == INT64_MIN);
    rulebook_due_on(&r, (struct civil_date){2026, 11, 21}, NULL, &m);
    assert_instant(m.due_us, "2026-11-21T10:00:00Z");
    assert_false(m.is_local);
}

static void same_wall_clock_is_another_instant_with_another_zone(void **state)
{
    struct zone *shanghai = must_open("Asia/Shanghai");
    struct zone *berlin = must_open("Europe/Berlin");
    const int64_t local_us = instant("2026-07-01T09:00:00Z");

    assert_instant(rulebook_due_resolve(local_us, shanghai), "2026-07-01T01:00:00Z");
    assert_instant(rulebook_due_resolve(local_us, berlin), "2026-07-01T07:00:00Z");
    assert_instant(rulebook_due_resolve(local_us, NULL), "2026-07-01T09:00:00Z");
    zone_free(shanghai);
    zone_free(berlin);
}

static void what_is_behind_all_years_stays_at_their_edge(void **state)
{
    static const int64_t anchors[] = {INT64_MIN, INT64_MIN + 1, INT64_MAX - 1, INT64_MAX};
    struct zone *z = must_open("America/New_York");

    for (size_t i = 0; i < ARRAY_LEN(anchors); i++) {
        const struct rulebook_rule r = {.after_us = INT64_MAX,
                                        .window_us = INT64_MAX,
                                        .at_minute = i % 2 ? AT(10, 0) : -1,
                                        .measure = {.lead_us = INT64_MAX}};
        struct rulebook_moment m;

        rulebook_due_after(&r, anchors[i], z, &m);
        assert_in_range(m.due_us / DURATION_DAY + 719163, 0, 3652060);
        rulebook_due_after(&r, anchors[i], NULL, &m);
        assert_in_range(m.window_end_us / DURATION_DAY + 719163, 0, 3652060);
    }
    zone_free(z);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rule_without_time_of_day_is_due_so_long_after),
        cmocka_unit_test(rule_with_time_of_day_takes_the_first_that_is_not_earlier),
        cmocka_unit_test(nights_in_which_others_call_never_or_twice_have_one_call),
        cmocka_unit_test(forty_zones_have_each_date_once_for_ten_years),
        cmocka_unit_test(day_of_the_calendar_is_due_on_that_day),
        cmocka_unit_test(day_that_never_was_is_the_first_instant_after_it),
        cmocka_unit_test(unknown_zone_means_no_local_time),
        cmocka_unit_test(same_wall_clock_is_another_instant_with_another_zone),
        cmocka_unit_test(what_is_behind_all_years_stays_at_their_edge),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
