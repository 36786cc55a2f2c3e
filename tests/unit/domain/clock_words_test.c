/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/clock_words.h"

#include "tests/unit/domain/clock_story.h"

static struct zone *shanghai;

static int begin(void **state)
{
    struct err err = ERR_NONE;

    shanghai = zone_open("Asia/Shanghai", &err);
    return shanghai ? 0 : -1;
}

static int end(void **state)
{
    zone_free(shanghai);
    return 0;
}

static void a_length_is_told_in_hours_minutes_and_seconds(void **state)
{
    static const struct {
        int64_t us;
        const char *want;
    } cases[] = {
        {0,                                      "0 s"          },
        {DURATION_S / 3,                         "0 s"          },
        {DURATION_S / 2,                         "1 s"          },
        {59 * DURATION_S,                        "59 s"         },
        {DURATION_MIN,                           "1 min"        },
        {7 * DURATION_H + 30 * DURATION_MIN,     "7 h 30 min"   },
        {3 * DURATION_DAY,                       "72 h"         },
        {DURATION_H + DURATION_MIN + DURATION_S, "1 h 1 min 1 s"},
        {-DURATION_H,                            "-1 h"         },
        {-DURATION_H - 30 * DURATION_S,          "-1 h 30 s"    },
    };
    char text[CLOCK_WORDS_SIZE];

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_string_equal(clock_words_length(cases[i].us, text), cases[i].want);
    }
}

static void an_instant_is_told_with_its_weekday_in_the_zone(void **state)
{
    static const struct {
        const char *at, *in_shanghai, *in_utc;
    } cases[] = {
        {"2026-01-05T09:30+08:00",    "Mon 2026-01-05 09:30",    "Mon 2026-01-05 01:30"   },
        {"2026-01-05T07:59:07+08:00", "Mon 2026-01-05 07:59:07", "Sun 2026-01-04 23:59:07"},
        {"1969-12-31T23:59:59+00:00", "Thu 1970-01-01 07:59:59", "Wed 1969-12-31 23:59:59"},
    };
    char text[CLOCK_WORDS_SIZE];

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const int64_t us = instant(cases[i].at);

        assert_string_equal(clock_words_instant(shanghai, us, text), cases[i].in_shanghai);
        assert_string_equal(clock_words_instant(NULL, us, text), cases[i].in_utc);
    }
}

static void what_did_not_count_is_told_in_words(void **state)
{
    static const struct {
        enum clock_gap_reason reason;
        const char *from, *to, *day, *want;
    } cases[] = {
        {CLOCK_GAP_NIGHT,         "2026-01-05T18:00+08:00", "2026-01-06T08:00+08:00", NULL,     "night"  },
        {CLOCK_GAP_BREAK,         "2026-01-05T12:00+08:00", "2026-01-05T13:00+08:00", NULL,
         "lunch 12:00-13:00"                                                                             },
        {CLOCK_GAP_BREAK,         "2026-01-05T15:00+08:00", "2026-01-05T15:15+08:00", NULL,
         "break 15:00-15:15"                                                                             },
        {CLOCK_GAP_BREAK,         "2026-01-05T11:00+08:00", "2026-01-05T12:30+08:00", NULL,
         "lunch 11:00-12:30"                                                                             },
        {CLOCK_GAP_BREAK,         "2026-01-05T14:00+08:00", "2026-01-05T14:30+08:00", NULL,
         "lunch 14:00-14:30"                                                                             },
        {CLOCK_GAP_BREAK,         "2026-01-05T10:30+08:00", "2026-01-05T10:45+08:00", NULL,
         "break 10:30-10:45"                                                                             },
        {CLOCK_GAP_DAY_OFF,       "2026-01-09T00:00+08:00", "2026-01-12T00:00+08:00", NULL,     "day off"},
        {CLOCK_GAP_DAY_OFF,       "2026-01-10T00:00+08:00", "2026-01-17T00:00+08:00", NULL,     "day off"},
        {CLOCK_GAP_SPECIAL_HOURS, "2026-02-14T17:00+08:00", "2026-02-15T00:00+08:00", "x",      "night"  },
        {CLOCK_GAP_SPECIAL_HOURS, "2026-02-14T00:00+08:00", "2026-02-14T10:00+08:00", "x",
         "closed (x)"                                                                                    },
        {CLOCK_GAP_SPECIAL_HOURS, "2026-02-14T00:00+08:00", "2026-02-14T09:59+08:00", "x",      "night"  },
        {CLOCK_GAP_DAY_OFF,       "2026-01-10T00:00+08:00", "2026-01-12T00:00+08:00", NULL,     "weekend"},
        {CLOCK_GAP_DAY_OFF,       "2026-01-11T00:00+08:00", "2026-01-12T00:00+08:00", NULL,     "weekend"},
        {CLOCK_GAP_DAY_OFF,       "2026-01-07T00:00+08:00", "2026-01-08T00:00+08:00", NULL,     "day off"},
        {CLOCK_GAP_DAY_OFF,       "2026-01-10T00:00+08:00", "2026-01-13T00:00+08:00", NULL,     "day off"},
        {CLOCK_GAP_DAY_OFF,       "2026-01-10T00:00+08:00", "2026-01-19T00:00+08:00", NULL,     "day off"},
        {CLOCK_GAP_SPECIAL_DAY,   "2026-02-15T00:00+08:00", "2026-02-24T00:00+08:00", "春节", "春节" },
        {CLOCK_GAP_SPECIAL_HOURS, "2026-02-14T00:00+08:00", "2026-02-14T08:00+08:00", "春节",
         "night"                                                                                         },
        {CLOCK_GAP_SPECIAL_HOURS, "2026-02-14T18:00+08:00", "2026-02-15T00:00+08:00", "春节",
         "night"                                                                                         },
        {CLOCK_GAP_SPECIAL_HOURS, "2026-02-14T12:00+08:00", "2026-02-15T00:00+08:00", "除夕",
         "closed (除夕)"                                                                               },
        {CLOCK_GAP_SPECIAL_HOURS, "2026-02-14T00:00+08:00", "2026-02-14T13:00+08:00", "除夕",
         "closed (除夕)"                                                                               },
    };
    char text[CLOCK_WORDS_SIZE];

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct clock_gap gap = {
            .reason = cases[i].reason,
            .from_us = instant(cases[i].from),
            .to_us = instant(cases[i].to),
            .day = cases[i].day,
        };
        const struct clock_interval interval = {.kind = CLOCK_INTERVAL_CLOSED, .gap = &gap};

        assert_string_equal(clock_words_why(shanghai, &interval, text), cases[i].want);
    }
}

static void what_counted_says_whether_it_was_due_already(void **state)
{
    const struct clock_interval early = {.kind = CLOCK_INTERVAL_COUNTED};
    const struct clock_interval late = {.kind = CLOCK_INTERVAL_COUNTED, .is_late = true};
    const struct clock_interval paused = {.kind = CLOCK_INTERVAL_PAUSED, .because = "waiting"};
    char text[CLOCK_WORDS_SIZE];

    assert_string_equal(clock_words_why(NULL, &early, text), "counted");
    assert_string_equal(clock_words_why(NULL, &late, text), "counted, after it was due");
    assert_string_equal(clock_words_why(NULL, &paused, text), "waiting");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_length_is_told_in_hours_minutes_and_seconds),
        cmocka_unit_test(an_instant_is_told_with_its_weekday_in_the_zone),
        cmocka_unit_test(what_did_not_count_is_told_in_words),
        cmocka_unit_test(what_counted_says_whether_it_was_due_already),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
