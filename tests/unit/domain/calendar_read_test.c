/* SPDX-License-Identifier: Apache-2.0 */
/* The form of calendars: what is read, and what is refused with which words. */
#include "common/domain/calendar_read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/domain/calendar_days.h"
#include "common/domain/calendar_parts.h"
#include "tests/support/calendar_text.h"

#define WEEK "week = { mon-fri = \"08:00-17:00\"; }; "

static int64_t hours_of(const struct calendar *c, const char *day)
{
    int64_t d = 0;

    assert_int_equal(calendar_day_parse(day, &d), 0);
    return calendar_between(c, calendar_day_begin(c, d), calendar_day_begin(c, d + 1)) / DURATION_H;
}

static void an_empty_file_is_an_empty_book(void **state)
{
    struct calendar_book *b = calendar_text_must("");

    assert_int_equal(calendar_book_count(b), 0);
    assert_null(calendar_book_find(b, "c"));
    assert_null(calendar_book_of_branch(b, "north"));
    assert_null(calendar_book_of_branch(b, NULL));
    calendar_book_free(b);
    calendar_book_free(NULL);
}

static void calendars_are_found_by_name_and_by_branch(void **state)
{
    struct calendar_book *b = calendar_text_must(
        "calendars = ("
        "{ name = \"usual\"; zone = \"UTC\"; branches = (\"*\"); " WEEK "},"
        "{ name = \"south\"; zone = \"Asia/Shanghai\"; branches = (\"s2\", \"s1\", \"S1\"); " WEEK
        "}, { name = \"nobody\"; zone = \"UTC\"; " WEEK "} );");

    assert_int_equal(calendar_book_count(b), 3);
    assert_string_equal(calendar_name(calendar_book_at(b, 1)), "south");
    assert_ptr_equal(calendar_book_find(b, "nobody"), calendar_book_at(b, 2));
    assert_null(calendar_book_find(b, "24x7"));
    for (size_t i = 0; i < 3; i++) {
        static const char *const branches[] = {"s1", "s2", "S1"};

        assert_ptr_equal(calendar_book_of_branch(b, branches[i]), calendar_book_at(b, 1));
    }
    assert_ptr_equal(calendar_book_of_branch(b, "north"), calendar_book_at(b, 0));
    assert_ptr_equal(calendar_book_of_branch(b, ""), calendar_book_at(b, 0));
    assert_ptr_equal(calendar_book_of_branch(b, NULL), calendar_book_at(b, 0));
    calendar_book_free(b);
}

static void weekdays_may_be_ranges_also_over_sunday(void **state)
{
    struct calendar_book *b = calendar_text_one(
        "UTC", "sat-mon = \"08:00-12:00\"; wed = [\"08:00-09:00\", \"09:00-11:00\"];", "", "");
    const struct calendar *c = calendar_book_at(b, 0);
    static const int want[] = {4, 0, 3, 0, 0, 4, 4}; /* from Monday, 2 March 2026, on */

    for (int i = 0; i < 7; i++) {
        char day[] = "2026-03-02";

        day[9] = (char)('2' + i);
        assert_int_equal(hours_of(c, day), want[i]);
    }
    calendar_book_free(b);
}

#define LISTS                                                                                      \
    "days_a = ( { notice = \"A\"; days = ( { name = \"x\"; off = \"2026-03-02..2026-03-04\"; "     \
    "work = [\"2026-03-07\", \"2026-03-08\"]; } ); } );"                                           \
    "days_b = ( { notice = \"B\"; days = ( { name = \"y\"; work = \"2026-03-03\"; hours = "        \
    "\"10:00-12:00\"; }, { name = \"z\"; work = \"2026-03-04\"; like = \"sat\"; } ); } );"

static void lists_are_applied_in_order_and_the_later_one_wins(void **state)
{
    static const struct {
        const char *days;
        int want[7];
        const char *tuesday;
    } cases[] = {
        {"",                                 {9, 9, 9, 9, 9, 5, 0}, "-"},
        {"days = \"a\";",                    {0, 0, 0, 9, 9, 9, 9}, "A"},
        {"days = (\"b\");",                  {9, 2, 5, 9, 9, 5, 0}, "B"},
        {"days = (\"a\", \"b\");",           {0, 2, 5, 9, 9, 9, 9}, "B"},
        {"days = [\"b\", \"a\"];",           {0, 0, 0, 9, 9, 9, 9}, "A"},
        {"days = \"a\"; make_up = \"sat\";", {0, 0, 0, 9, 9, 5, 5}, "A"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct calendar_book *b = calendar_text_one(
            "UTC", "mon-fri = \"08:00-17:00\"; sat = \"09:00-14:00\";", cases[i].days, LISTS);
        const struct calendar *c = calendar_book_at(b, 0);
        int64_t tuesday = 0;
        const char *notice;

        for (int k = 0; k < 7; k++) {
            char day[] = "2026-03-02";

            day[9] = (char)('2' + k);
            assert_int_equal(hours_of(c, day), cases[i].want[k]);
        }
        assert_int_equal(instant_parse("2026-03-03T12:00:00Z", &tuesday), 0);
        notice = calendar_special_notice(c, tuesday);
        assert_string_equal(notice ? notice : "-", cases[i].tuesday);
        calendar_book_free(b);
    }
}

static void where_mondays_are_closed_a_make_up_day_is_like_the_first_open_one(void **state)
{
    struct calendar_book *b = calendar_text_one(
        "UTC", "tue = \"08:00-11:00\"; wed-fri = \"08:00-17:00\";", "days = \"a\";", LISTS);

    assert_int_equal(hours_of(calendar_book_at(b, 0), "2026-03-07"), 3);
    calendar_book_free(b);
}

#define ONE(inside)   "calendars = (\n{ " inside " } );"
#define CAL(more)     ONE("name = \"c\"; zone = \"UTC\"; " WEEK more)
#define HOURS(text)   ONE("name = \"c\"; zone = \"UTC\"; week = { mon = " text "; };")
#define DAYS(entries) "days_x = (\n{ notice = \"n\"; days = (\n" entries " ); } );"
#define DAY(inside)   DAYS("{ name = \"d\"; " inside " }")

static void refused(const char *text, const char *field, const char *want)
{
    struct err err = ERR_NONE;
    struct calendar_book *b = calendar_text_read(text, &err);

    if (b) {
        fail_msg("not refused: %s", text);
    }
    assert_string_equal(err.code, "standard_invalid");
    assert_string_equal(err.field, field);
    if (!strstr(err.text, want)) {
        fail_msg("\"%s\" is not in \"%s\"", want, err.text);
    }
}

static void calendars_that_are_incomplete_are_refused(void **state)
{
    refused("calendars = 1;", "calendars", "test.conf:1: must be a list");
    refused("calendars = ( 1 );", "calendars[0]", "must be a group");
    refused("calendars = ( { } );", "calendars[0]", "a calendar needs 'name'");
    refused(ONE("name = \"c\"; zone = \"UTC\";"), "calendars[0]",
            "test.conf:2: a calendar needs 'week'");
    refused(ONE("name = \"c\"; " WEEK), "calendars[0]", "needs 'zone'");
    refused(CAL("hours = 1;"), "calendars[0].hours", "a calendar has no such setting");
}

static void wrong_names_and_zones_are_refused(void **state)
{
    refused(ONE("name = \"Big\";"), "calendars[0].name", "lower-case letters");
    refused(ONE("name = \"24x7\";"), "calendars[0].name", "has a meaning already");
    refused(ONE("name = \"branch\";"), "calendars[0].name", "has a meaning already");
    refused("calendars = ( { name = \"c\"; zone = \"UTC\"; " WEEK "}, { name = \"c\"; } );",
            "calendars[1].name", "already named \"c\"");
    refused(ONE("zone = \"Mars/Olympus\";"), "calendars[0].zone",
            "there is no time zone Mars/Olympus");
    refused(ONE("zone = \"+08:00\";"), "calendars[0].zone", "not the name of a time zone");
    refused(ONE("zone = 8;"), "calendars[0].zone", "must be a text in quotes");
}

static void branches_of_two_calendars_are_refused(void **state)
{
    refused(CAL("branches = ();"), "calendars[0].branches", "must have 1 to");
    refused(CAL("branches = (1);"), "calendars[0].branches[0]", "must be a text");
    refused(CAL("branches = 1;"), "calendars[0].branches", "a text or a list of texts");
    refused(CAL("branches = (\"a\", \"b\", \"a\");"), "calendars[0].branches[2]",
            "branch \"a\" has a calendar already");
    refused("calendars = ( { name = \"c\"; zone = \"UTC\"; branches = \"*\"; " WEEK
            "}, { branches = \"*\"; } );",
            "calendars[1].branches", "has a calendar already");
}

static void wrong_weeks_are_refused(void **state)
{
    refused(ONE("week = { };"), "calendars[0].week", "hours for at least one day");
    refused(ONE("week = 1;"), "calendars[0].week", "must be a group");
    refused(ONE("week = { monday = \"08:00-12:00\"; };"), "calendars[0].week.monday",
            "a week has no such day");
    refused(ONE("week = { mon-fry = \"08:00-12:00\"; };"), "calendars[0].week.mon-fry",
            "a week has no such day");
    refused(ONE("week = { mon- = \"08:00-12:00\"; };"), "calendars[0].week.mon-",
            "a week has no such day");
    refused(ONE("week = { mon-fri = \"08:00-12:00\";\nwed = \"08:00-12:00\"; };"),
            "calendars[0].week.wed", "test.conf:3: wed has hours already");
    refused(ONE("week = { fri-tue = \"08:00-12:00\"; mon = \"08:00-12:00\"; };"),
            "calendars[0].week.mon", "mon has hours already");
}

static void wrong_hours_are_refused(void **state)
{
    refused(HOURS("\"8:00-12:00\""), "calendars[0].week.mon", "must be hours such as");
    refused(HOURS("\"08:00\""), "calendars[0].week.mon", "must be hours such as");
    refused(HOURS("\"08:00-12:60\""), "calendars[0].week.mon", "must be hours such as");
    refused(HOURS("\"08:00-24:01\""), "calendars[0].week.mon", "must be hours such as");
    refused(HOURS("\"24:00-06:00\""), "calendars[0].week.mon", "must be hours such as");
    refused(HOURS("\"08:00-12:00 \""), "calendars[0].week.mon", "must be hours such as");
    refused(HOURS("\"08:00-08:00\""), "calendars[0].week.mon", "a whole day is \"00:00-24:00\"");
    refused(HOURS("()"), "calendars[0].week.mon", "must have 1 to 8 texts");
    refused(HOURS("8"), "calendars[0].week.mon", "a text or a list of texts");
    refused(HOURS("(\"08:00-12:00\", \"11:00-18:00\")"), "calendars[0].week.mon[1]",
            "must not begin before the hours before it end");
    refused(HOURS("(\"22:00-06:00\", \"23:00-24:00\")"), "calendars[0].week.mon[1]",
            "must not begin before the hours before it end");
}

static void wrong_lists_of_days_are_refused(void **state)
{
    refused(CAL("days = \"china\";"), "calendars[0].days", "there is no list days_china");
    refused(CAL("days = (\"x\", \"x\");") DAY("off = \"2026-01-01\";"), "calendars[0].days[1]",
            "names the list x twice");
    refused(CAL("make_up = \"sun\";"), "calendars[0].make_up", "this calendar is closed");
    refused(CAL("make_up = \"Mo\";"), "calendars[0].make_up", "must be mon, tue");
    refused("days_x = 1;", "days_x", "must be a list");
    refused("days_x = ( 1 );", "days_x[0]", "must be a group");
    refused("days_x = ( { notice = \"n\"; } );", "days_x[0]", "needs 'notice'");
    refused("days_x = ( { days = (); } );", "days_x[0]", "needs 'notice'");
    refused("days_x = ( { notice = \"n\"; day = (); } );", "days_x[0].day", "no such setting");
    refused("days_x = ( { notice = \"n\"; days = 1; } );", "days_x[0].days", "must be a list");
    refused("days_x = ( { notice = \"\"; days = (); } );", "days_x[0].notice", "1 to 512 bytes");
    refused(DAYS("1"), "days_x[0].days[0]", "must be a group");
    refused(DAYS("{ off = \"2026-01-01\"; }"), "days_x[0].days[0]", "needs a name, and dates");
    refused(DAY(""), "days_x[0].days[0]", "test.conf:3: needs a name, and dates");
    refused(DAY("on = 1;"), "days_x[0].days[0].on", "a special day has no such setting");
    refused(DAY("off = \"2026-01-01\"; like = \"fri\";"), "days_x[0].days[0]", "of days of 'work'");
    refused(DAY("off = \"2026-01-01\"; hours = \"08:00-12:00\";"), "days_x[0].days[0]",
            "of days of 'work'");
    refused(DAY("work = \"2026-01-01\"; hours = \"08:00-12:00\"; like = \"fri\";"),
            "days_x[0].days[0]", "either 'like' or 'hours'");
    refused(DAY("work = \"2026-01-01\"; hours = \"8-12\";"), "days_x[0].days[0].hours",
            "must be hours such as");
}

static void wrong_dates_are_refused(void **state)
{
    refused(DAY("off = \"2026-02-30\";"), "days_x[0].days[0].off", "must be a date");
    refused(DAY("off = \"2026-2-3\";"), "days_x[0].days[0].off", "must be a date");
    refused(DAY("off = \"2026-01-01..\";"), "days_x[0].days[0].off", "must be a date");
    refused(DAY("off = \"2026-01-01.2026-01-02\";"), "days_x[0].days[0].off", "must be a date");
    refused(DAY("off = \"2026-01-02..2026-01-01\";"), "days_x[0].days[0].off",
            "must end after it begins");
    refused(DAY("off = \"2026-01-01..2027-01-02\";"), "days_x[0].days[0].off", "within 366 days");
    refused(DAY("off = \"1989-12-31\";"), "days_x[0].days[0].off", "in the years 1990 to 2100");
    refused(DAY("off = \"2100-12-31..2101-01-01\";"), "days_x[0].days[0].off", "1990 to 2100");
    refused(DAY("off = 2026;"), "days_x[0].days[0].off", "a text or a list of texts");
}

static void a_day_twice_in_one_list_is_refused(void **state)
{
    refused(DAY("off = \"2026-01-01..2026-01-03\"; work = \"2026-01-02\";"),
            "days_x[0].days[0].work", "2026-01-02 is in this list before, as a day of \"d\"");
    refused(DAYS("{ name = \"d\"; off = \"2026-01-01\"; },\n"
                 "{ name = \"e\"; off = (\"2026-05-01\", \"2026-01-01\"); }"),
            "days_x[0].days[1].off[1]",
            "test.conf:4: 2026-01-01 is in this list before, as a day of \"d\"");
}

static void days_are_written_as_they_are_read(void **state)
{
    static const char *const days[] = {"1990-01-01", "2024-02-29", "1969-12-31", "0001-01-01"};
    char text[CALENDAR_DAY_TEXT_SIZE];

    for (size_t i = 0; i < ARRAY_LEN(days); i++) {
        int64_t day = 0;

        assert_int_equal(calendar_day_parse(days[i], &day), 0);
        assert_string_equal(calendar_day_format(day, text), days[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_file_is_an_empty_book),
        cmocka_unit_test(calendars_are_found_by_name_and_by_branch),
        cmocka_unit_test(weekdays_may_be_ranges_also_over_sunday),
        cmocka_unit_test(lists_are_applied_in_order_and_the_later_one_wins),
        cmocka_unit_test(where_mondays_are_closed_a_make_up_day_is_like_the_first_open_one),
        cmocka_unit_test(calendars_that_are_incomplete_are_refused),
        cmocka_unit_test(wrong_names_and_zones_are_refused),
        cmocka_unit_test(branches_of_two_calendars_are_refused),
        cmocka_unit_test(wrong_weeks_are_refused),
        cmocka_unit_test(wrong_hours_are_refused),
        cmocka_unit_test(wrong_lists_of_days_are_refused),
        cmocka_unit_test(wrong_dates_are_refused),
        cmocka_unit_test(a_day_twice_in_one_list_is_refused),
        cmocka_unit_test(days_are_written_as_they_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
