/* SPDX-License-Identifier: Apache-2.0 */
/* Working time: what counts, and when it will have been worked. */
#include "common/domain/calendar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "tests/support/calendar_text.h"

#define OFFICE "mon-fri = (\"08:00-12:00\", \"13:00-18:00\"); sat = \"09:00-15:00\";"

/* The weeks that the cases below name. */
static const struct world {
    const char *zone, *week, *more, *lists;
} worlds[] = {
    {"Asia/Shanghai",    OFFICE,                       "days = (\"china\");",
     "days_china = ( { notice = \"n\"; days = ("
     " { name = \"spring\"; off = \"2026-02-15..2026-02-23\"; work = (\"2026-02-14\", "
     "\"2026-02-28\"); },"
     " { name = \"half\"; work = \"2026-03-04\"; hours = \"08:00-12:00\"; },"
     " { name = \"long\"; work = \"2026-03-08\"; like = \"sat\"; } ); } );"                   },
    {"Europe/Berlin",    "sun = \"00:00-24:00\";",     "",                    ""              },
    {"Europe/Berlin",    "mon-sun = \"02:30-04:00\";", "",                    ""              },
    {"America/New_York", "mon-sat = \"22:00-06:00\";", "days = \"x\";",
     "days_x = ( { notice = \"n\"; days = ( { name = \"off\"; off = \"2026-06-10\"; } ); } );"},
    {"Asia/Shanghai",    "mon-sun = \"00:00-24:00\";", "",                    ""              },
    {"Pacific/Apia",     "mon-sun = \"09:00-17:00\";", "",                    ""              },
};

enum {
    SHANGHAI,
    WHOLE_SUNDAY,
    HALF_PAST_TWO,
    NIGHT,
    ALWAYS,
    APIA,
};

struct books {
    struct calendar_book *books[ARRAY_LEN(worlds)];
};

static int make_books(void **state)
{
    struct books *b = calloc(1, sizeof(*b));

    for (size_t i = 0; i < ARRAY_LEN(worlds); i++) {
        b->books[i] =
            calendar_text_one(worlds[i].zone, worlds[i].week, worlds[i].more, worlds[i].lists);
    }
    *state = b;
    return 0;
}

static int free_books(void **state)
{
    struct books *b = *state;

    for (size_t i = 0; i < ARRAY_LEN(worlds); i++) {
        calendar_book_free(b->books[i]);
    }
    free(b);
    return 0;
}

static const struct calendar *world(void **state, int i)
{
    const struct books *b = *state;

    return calendar_book_at(b->books[i], 0);
}

static int64_t at(const char *text)
{
    int64_t us = 0;

    if (instant_parse(text, &us) < 0) {
        fail_msg("%s is no instant", text);
    }
    return us;
}

static int64_t hours(const char *text)
{
    int64_t us = 0;
    const bool is_negative = text[0] == '-';

    assert_int_equal(duration_parse(text + is_negative, &us), 0);
    return is_negative ? -us : us;
}

static void assert_same(const char *from, int64_t got, int64_t want)
{
    char got_text[INSTANT_TEXT_SIZE], want_text[INSTANT_TEXT_SIZE];

    if (got != want) {
        fail_msg("from %s: %s instead of %s", from,
                 got == CALENDAR_NEVER ? "never" : instant_format(got, got_text),
                 want == CALENDAR_NEVER ? "never" : instant_format(want, want_text));
    }
}

static void working_time_between_two_instants(void **state)
{
    static const struct {
        int world;
        const char *from, *to, *want;
    } cases[] = {
        {SHANGHAI,      "2026-03-02T10:00:00+08:00",        "2026-03-02T11:00:00+08:00",        "1h"   },
 /* the lunch break */
        {SHANGHAI,      "2026-03-02T11:30:00+08:00",        "2026-03-02T13:30:00+08:00",        "1h"   },
        {SHANGHAI,      "2026-03-02T12:10:00+08:00",        "2026-03-02T12:50:00+08:00",        "0"    },
 /* a night; a Saturday, and the 8th, which is a Sunday with a Saturday's hours */
        {SHANGHAI,      "2026-03-02T17:00:00+08:00",        "2026-03-03T09:00:00+08:00",        "2h"   },
        {SHANGHAI,      "2026-03-06T17:00:00+08:00",        "2026-03-09T09:00:00+08:00",        "14h"  },
 /* an ordinary weekend */
        {SHANGHAI,      "2026-03-13T17:00:00+08:00",        "2026-03-16T09:00:00+08:00",        "8h"   },
 /* spring festival, from make-up Saturday (like a Monday) to the day after */
        {SHANGHAI,      "2026-02-14T00:00:00+08:00",        "2026-02-15T00:00:00+08:00",        "9h"   },
        {SHANGHAI,      "2026-02-15T00:00:00+08:00",        "2026-02-24T00:00:00+08:00",        "0"    },
        {SHANGHAI,      "2026-02-14T17:00:00+08:00",        "2026-02-24T09:00:00+08:00",        "2h"   },
        {SHANGHAI,      "2026-02-28T00:00:00+08:00",        "2026-03-01T00:00:00+08:00",        "9h"   },
 /* half a day */
        {SHANGHAI,      "2026-03-04T00:00:00+08:00",        "2026-03-05T00:00:00+08:00",        "4h"   },
 /* backwards, parts of seconds, nothing */
        {SHANGHAI,      "2026-03-03T09:00:00+08:00",        "2026-03-02T17:00:00+08:00",        "-2h"  },
        {SHANGHAI,      "2026-03-02T11:59:59.999999+08:00", "2026-03-02T13:00:00.000001+08:00", "2us"  },
        {SHANGHAI,      "2026-03-02T10:00:00+08:00",        "2026-03-02T10:00:00+08:00",        "0"    },
 /* summer time: a day of 23 hours, one of 25 */
        {WHOLE_SUNDAY,  "2026-03-28T00:00:00Z",             "2026-03-31T00:00:00Z",             "23h"  },
        {WHOLE_SUNDAY,  "2026-10-24T00:00:00Z",             "2026-10-27T00:00:00Z",             "25h"  },
        {WHOLE_SUNDAY,  "2100-10-30T00:00:00Z",             "2100-11-02T00:00:00Z",             "25h"  },
 /* 02:30 is skipped: from 03:00 on; it comes twice: from the first */
        {HALF_PAST_TWO, "2026-03-29T00:00:00+01:00",        "2026-03-29T12:00:00+02:00",        "1h"   },
        {HALF_PAST_TWO, "2026-10-25T00:00:00+02:00",        "2026-10-25T12:00:00+01:00",        "2h30m"},
        {HALF_PAST_TWO, "2026-10-26T00:00:00+01:00",        "2026-10-26T12:00:00+01:00",        "1h30m"},
 /* nights: Sunday has none of its own, Monday's begins on Monday */
        {NIGHT,         "2026-06-07T06:00:00-04:00",        "2026-06-08T22:00:00-04:00",        "0"    },
        {NIGHT,         "2026-06-08T22:00:00-04:00",        "2026-06-09T06:00:00-04:00",        "8h"   },
 /* Wednesday the 10th is off: its night is, Tuesday's is not cut */
        {NIGHT,         "2026-06-10T00:00:00-04:00",        "2026-06-10T06:00:00-04:00",        "6h"   },
        {NIGHT,         "2026-06-10T06:00:00-04:00",        "2026-06-11T22:00:00-04:00",        "0"    },
 /* the night of the change is an hour longer */
        {NIGHT,         "2026-10-31T22:00:00-04:00",        "2026-11-01T12:00:00-05:00",        "9h"   },
        {ALWAYS,        "2026-02-15T01:02:03Z",             "2026-02-17T01:02:03Z",             "2d"   },
 /* 30 December 2011 never was in Samoa: it went over the date line */
        {APIA,          "2011-12-29T12:00:00-10:00",        "2011-12-31T12:00:00+14:00",        "8h"   },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct calendar *c = world(state, cases[i].world);
        const int64_t got = calendar_between(c, at(cases[i].from), at(cases[i].to));
        char text[DURATION_TEXT_SIZE];

        if (got != hours(cases[i].want)) {
            fail_msg("%s to %s: %s instead of %s", cases[i].from, cases[i].to,
                     duration_format(got, text), cases[i].want);
        }
        assert_int_equal(calendar_between(c, at(cases[i].to), at(cases[i].from)), -got);
    }
}

static void instants_after_so_much_working_time(void **state)
{
    static const struct {
        int world;
        const char *from, *work, *want;
    } cases[] = {
        {SHANGHAI,      "2026-03-02T10:00:00+08:00", "1h",   "2026-03-02T11:00:00+08:00"       },
 /* not at 13:00: by noon it is worked */
        {SHANGHAI,      "2026-03-02T10:00:00+08:00", "2h",   "2026-03-02T12:00:00+08:00"       },
        {SHANGHAI,      "2026-03-02T11:30:00+08:00", "1h",   "2026-03-02T13:30:00+08:00"       },
        {SHANGHAI,      "2026-03-02T19:00:00+08:00", "30m",  "2026-03-03T08:30:00+08:00"       },
        {SHANGHAI,      "2026-02-14T17:00:00+08:00", "2h",   "2026-02-24T09:00:00+08:00"       },
        {SHANGHAI,      "2026-02-17T03:00:00+08:00", "1us",  "2026-02-24T08:00:00.000001+08:00"},
 /* nothing has to be worked: at once, also when it is closed */
        {SHANGHAI,      "2026-02-17T03:00:00+08:00", "0",    "2026-02-17T03:00:00+08:00"       },
        {SHANGHAI,      "2026-03-02T08:00:00+08:00", "-1h",  "2026-02-28T17:00:00+08:00"       },
        {SHANGHAI,      "2026-03-03T09:00:00+08:00", "-2h",  "2026-03-02T17:00:00+08:00"       },
        {SHANGHAI,      "2026-03-02T13:30:00+08:00", "-30m", "2026-03-02T13:00:00+08:00"       },
        {WHOLE_SUNDAY,  "2026-03-29T00:00:00+01:00", "23h",  "2026-03-30T00:00:00+02:00"       },
        {WHOLE_SUNDAY,  "2026-10-25T00:00:00+02:00", "24h",  "2026-10-25T23:00:00+01:00"       },
        {HALF_PAST_TWO, "2026-03-29T00:00:00+01:00", "30m",  "2026-03-29T03:30:00+02:00"       },
        {NIGHT,         "2026-06-09T23:00:00-04:00", "8h",   "2026-06-11T23:00:00-04:00"       },
        {ALWAYS,        "2026-02-15T01:02:03Z",      "49h",  "2026-02-17T02:02:03Z"            },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct calendar *c = world(state, cases[i].world);
        const int64_t got = calendar_after(c, at(cases[i].from), hours(cases[i].work));

        assert_same(cases[i].from, got, at(cases[i].want));
    }
}

static void a_year_ahead_is_found_as_well_as_an_hour(void **state)
{
    const struct calendar *c = world(state, SHANGHAI);
    const int64_t from = at("2026-03-02T11:00:00+08:00");

    for (int64_t work = 1; work < 73000 * DURATION_DAY; work = work * 3 + 7) {
        const int64_t to = calendar_after(c, from, work);
        const int64_t before = calendar_after(c, from, -work);

        if (to != CALENDAR_NEVER) {
            assert_int_equal(calendar_between(c, from, to), work);
            assert_int_equal(calendar_between(c, from, to - 1), work - 1);
        }
        if (before != CALENDAR_NEVER) {
            assert_int_equal(calendar_between(c, before, from), work);
            assert_int_equal(calendar_between(c, before + 1, from), work - 1);
        }
        assert_true(to != CALENDAR_NEVER || work > 7300 * DURATION_DAY);
    }
}

static void it_opens_and_closes(void **state)
{
    static const struct {
        int world;
        const char *at;
        bool is_open;
        const char *next; /* NULL: never */
    } cases[] = {
        {SHANGHAI,     "2026-03-02T07:59:59.999999+08:00", false, "2026-03-02T08:00:00+08:00"},
        {SHANGHAI,     "2026-03-02T08:00:00+08:00",        true,  "2026-03-02T12:00:00+08:00"},
        {SHANGHAI,     "2026-03-02T12:00:00+08:00",        false, "2026-03-02T13:00:00+08:00"},
        {SHANGHAI,     "2026-02-14T18:00:00+08:00",        false, "2026-02-24T08:00:00+08:00"},
        {SHANGHAI,     "2026-02-14T16:00:00+08:00",        true,  "2026-02-14T18:00:00+08:00"},
        {WHOLE_SUNDAY, "2026-10-25T23:59:59+01:00",        true,  "2026-10-26T00:00:00+01:00"},
        {NIGHT,        "2026-06-10T03:00:00-04:00",        true,  "2026-06-10T06:00:00-04:00"},
        {ALWAYS,       "2026-06-10T03:00:00-04:00",        true,  NULL                       },
 /* outside of the years that are covered */
        {ALWAYS,       "1989-12-31T15:59:59Z",             false, "1989-12-31T16:00:00Z"     },
        {SHANGHAI,     "2101-01-03T02:00:00Z",             false, NULL                       },
        {SHANGHAI,     "1890-01-03T02:00:00Z",             false, "1990-01-01T00:00:00Z"     },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct calendar *c = world(state, cases[i].world);

        if (calendar_is_open(c, at(cases[i].at)) != cases[i].is_open) {
            fail_msg("%s: open or not?", cases[i].at);
        }
        assert_same(cases[i].at, calendar_next_change(c, at(cases[i].at)),
                    cases[i].next ? at(cases[i].next) : CALENDAR_NEVER);
    }
}

static void without_a_calendar_every_hour_counts(void **state)
{
    const int64_t from = at("1950-02-15T01:02:03Z");

    assert_int_equal(calendar_between(NULL, from, from + 5), 5);
    assert_int_equal(calendar_between(NULL, from, from - 5), -5);
    assert_int_equal(calendar_after(NULL, from, DURATION_DAY), from + DURATION_DAY);
    assert_int_equal(calendar_after(NULL, from, INT64_MAX), INT64_MAX + from);
    assert_int_equal(calendar_after(NULL, at("2026-01-01"), INT64_MAX), CALENDAR_NEVER);
    assert_true(calendar_is_open(NULL, from));
    assert_int_equal(calendar_next_change(NULL, from), CALENDAR_NEVER);
    assert_string_equal(calendar_name(NULL), "24x7");
    assert_string_equal(calendar_zone_name(NULL), "UTC");
    assert_null(calendar_special_day(NULL, from));
    assert_int_equal(calendar_day_of(NULL, -1), -1);
    assert_int_equal(calendar_day_begin(NULL, -1), -DURATION_DAY);
}

static void outside_of_its_years_nothing_is_worked(void **state)
{
    const struct calendar *c = world(state, SHANGHAI);
    const int64_t early = at("1700-01-01");
    const int64_t late = at("9000-01-01");

    assert_int_equal(calendar_between(c, early, at("1989-12-31")), 0);
    assert_int_equal(calendar_between(c, at("2101-01-01T00:00:00+08:00"), late), 0);
    assert_int_equal(calendar_after(c, late, 1), CALENDAR_NEVER);
    assert_int_equal(calendar_after(c, early, -1), CALENDAR_NEVER);
    assert_int_equal(calendar_after(c, early, 1), at("1990-01-01T08:00:00.000001+08:00"));
    assert_int_equal(calendar_after(c, late, -1), at("2100-12-31T17:59:59.999999+08:00"));
    assert_int_equal(calendar_after(c, early, INT64_MAX), CALENDAR_NEVER);
    assert_int_equal(calendar_after(c, late, INT64_MIN), CALENDAR_NEVER);
    assert_true(calendar_between(c, INT64_MIN, INT64_MAX) > 200000 * DURATION_H);
    assert_false(calendar_is_open(c, INT64_MIN));
    assert_false(calendar_is_open(c, INT64_MAX));
}

static void special_days_say_why(void **state)
{
    static const struct {
        const char *at;
        const char *name;
    } cases[] = {
        {"2026-02-13T23:59:59+08:00", NULL    },
        {"2026-02-14T00:00:00+08:00", "spring"},
        {"2026-02-23T23:59:59+08:00", "spring"},
        {"2026-02-24T00:00:00+08:00", NULL    },
        {"2026-03-04T20:00:00+08:00", "half"  },
        {"1880-03-04T20:00:00+08:00", NULL    },
    };
    const struct calendar *c = world(state, SHANGHAI);

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *name = calendar_special_day(c, at(cases[i].at));
        const char *notice = calendar_special_notice(c, at(cases[i].at));

        assert_string_equal(name ? name : "-", cases[i].name ? cases[i].name : "-");
        assert_string_equal(notice ? notice : "-", cases[i].name ? "n" : "-");
    }
    assert_string_equal(calendar_name(c), "c");
    assert_string_equal(calendar_zone_name(c), "Asia/Shanghai");
}

static void days_are_those_of_the_zone(void **state)
{
    static const struct {
        int world;
        const char *day, *begin;
    } cases[] = {
        {SHANGHAI,     "2026-02-14", "2026-02-13T16:00:00Z"},
        {SHANGHAI,     "1991-07-01", "1991-06-30T15:00:00Z"}, /* summer time */
        {WHOLE_SUNDAY, "2026-03-30", "2026-03-29T22:00:00Z"},
        {WHOLE_SUNDAY, "2500-07-01",
         "2500-06-30T23:00:00Z"                            }, /* behind our table: its last offset */
        {APIA,         "2011-12-30", "2011-12-30T10:00:00Z"},
        {APIA,         "2011-12-31", "2011-12-30T10:00:00Z"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct calendar *c = world(state, cases[i].world);
        const int64_t day = at(cases[i].day) / DURATION_DAY;

        assert_same(cases[i].day, calendar_day_begin(c, day), at(cases[i].begin));
    }
    assert_int_equal(calendar_day_of(world(state, SHANGHAI), at("2026-02-13T15:59:59Z")),
                     at("2026-02-13") / DURATION_DAY);
    assert_int_equal(calendar_day_of(world(state, SHANGHAI), at("2026-02-13T16:00:00Z")),
                     at("2026-02-14") / DURATION_DAY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(working_time_between_two_instants),
        cmocka_unit_test(instants_after_so_much_working_time),
        cmocka_unit_test(a_year_ahead_is_found_as_well_as_an_hour),
        cmocka_unit_test(it_opens_and_closes),
        cmocka_unit_test(without_a_calendar_every_hour_counts),
        cmocka_unit_test(outside_of_its_years_nothing_is_worked),
        cmocka_unit_test(special_days_say_why),
        cmocka_unit_test(days_are_those_of_the_zone),
    };

    return cmocka_run_group_tests(tests, make_books, free_books);
}
