/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calendars against published data: China's holidays of twenty years, and the vectors of other
 * working-time libraries.
 *
 * Where we count differently than a vector wants, the row stands in other_choices below with our
 * answer and the reason; every other row must agree.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/domain/calendar.h"
#include "common/domain/calendar_build.h"
#include "common/domain/calendar_parts.h"
#include "services/cli/calendar_show.h"
#include "services/cli/csv_reader.h"
#include "services/cli/days_file.h"
#include "tests/support/calendar_text.h"
#include "tests/support/reference_data.h"

#define FIRST_YEAR 2007
#define LAST_YEAR  2026

#define WORKING_WEEK                                                                               \
    "calendars = ( { name = \"c\"; zone = \"Asia/Shanghai\"; days = \"cn\";"                       \
    " week = { mon-fri = \"09:00-17:00\"; }; } );\n"

static int64_t day_of(const char *text)
{
    int64_t day = 0;

    if (calendar_day_parse(text, &day) < 0) {
        fail_msg("%s is no day", text);
    }
    return day;
}

static bool works(const struct calendar *c, int64_t day)
{
    return calendar_between(c, calendar_day_begin(c, day), calendar_day_begin(c, day + 1)) > 0;
}

/* Year after year through the importer, as a person would. */
static struct calendar_book *import_all(void)
{
    struct text conf = {0};
    struct calendar_book *book;

    text_append(&conf, WORKING_WEEK "days_cn = ();\n");
    for (int y = FIRST_YEAR; y <= LAST_YEAR; y++) {
        struct holiday_year year = {.json = NULL};
        struct err err = ERR_NONE;
        struct text more = {0};
        char name[64];
        struct text path;

        (void)text_format(name, sizeof(name), "holiday_cn/%d.json", y);
        path = reference_data_path(name);
        if (holiday_year_read(path.data, &year, &err) < 0 ||
            days_text_add("days", conf.data, "cn", &year, &more, &err) != 1) {
            fail_msg("%s", err.text);
        }
        text_clear(&conf);
        text_append(&conf, more.data);
        text_free(&more);
        text_free(&path);
        holiday_year_free(&year);
    }
    book = calendar_text_must(conf.data);
    text_free(&conf);
    return book;
}

/* ---- China */

/* What the flat file says: 0 unknown, 1 work, 2 off; by day since the first year began. */
static signed char *read_flat(int64_t first, size_t count)
{
    struct text path = reference_data_path("holiday_cn/holiday_cn_2007_2026_flat.csv");
    signed char *listed = calloc(count, 1);
    FILE *in = fopen(path.data, "re");
    struct csv_reader *r;
    struct csv_row row;
    struct err err = ERR_NONE;

    assert_non_null(in);
    assert_non_null(listed);
    r = csv_reader_new(in);
    assert_int_equal(csv_reader_next(r, &row, &err), 1);
    assert_string_equal(row.fields[1], "is_off_day");
    while (csv_reader_next(r, &row, &err) == 1) {
        const int64_t at = day_of(row.fields[0]) - first;

        if (at >= 0 && (size_t)at < count) {
            listed[at] = row.fields[1][0] == '1' ? 2 : 1;
        }
    }
    assert_string_equal(err.text, "");
    csv_reader_free(r);
    (void)fclose(in);
    text_free(&path);
    return listed;
}

static void assert_days(const struct calendar *c, int first_year, int last_year)
{
    const int64_t first = civil_to_days((struct civil_date){first_year, 1, 1});
    const int64_t end = civil_to_days((struct civil_date){last_year + 1, 1, 1});
    signed char *listed = read_flat(first, (size_t)(end - first));
    char text[CALENDAR_DAY_TEXT_SIZE];

    for (int64_t day = first; day < end; day++) {
        const signed char word = listed[day - first];
        const bool want = word == 0 ? calendar_weekday(day) < 5 : word == 1;

        if (works(c, day) != want) {
            fail_msg("%s should be %s", calendar_day_format(day, text), want ? "work" : "off");
        }
        if ((calendar_special_day(c, calendar_day_begin(c, day)) != NULL) != (word != 0)) {
            fail_msg("%s is special or not", calendar_day_format(day, text));
        }
    }
    free(listed);
}

static void every_day_of_twenty_years_is_as_the_state_council_decided(void **state)
{
    struct calendar_book *b;

    reference_data_need();
    b = import_all();
    assert_days(calendar_book_at(b, 0), FIRST_YEAR, LAST_YEAR);
    calendar_book_free(b);
}

static void our_own_file_agrees_for_its_years(void **state)
{
    char conf[16384] = WORKING_WEEK;
    const size_t len = strlen(conf);
    FILE *in;
    struct calendar_book *b;
    char *list;

    reference_data_need();
    in = fopen("deploy/config/days-china.conf", "re");
    assert_non_null(in);
    conf[len + fread(conf + len, 1, sizeof(conf) - len - 1, in)] = '\0';
    assert_true(feof(in));
    assert_int_equal(fclose(in), 0);
    list = strstr(conf + len, "\ndays_china = (");
    assert_non_null(list);
    memcpy(list, "\ndays_cn    = (", strlen("\ndays_cn    = (")); /* the name that the week uses */
    b = calendar_text_must(conf);
    assert_days(calendar_book_at(b, 0), 2024, LAST_YEAR);
    calendar_book_free(b);
}

static void importing_a_year_of_our_own_file_changes_nothing(void **state)
{
    reference_data_need();
    for (int y = 2024; y <= LAST_YEAR; y++) {
        struct holiday_year year = {.json = NULL};
        struct err err = ERR_NONE;
        char name[64];
        struct text path;

        (void)text_format(name, sizeof(name), "holiday_cn/%d.json", y);
        path = reference_data_path(name);
        if (holiday_year_read(path.data, &year, &err) < 0 ||
            days_file_add("deploy/config/days-china.conf", NULL, &year, &err) != 0) {
            fail_msg("%s", err.text);
        }
        text_free(&path);
        holiday_year_free(&year);
    }
}

static void the_sample_is_read_with_the_file_that_it_includes(void **state)
{
    struct err err = ERR_NONE;
    struct calendar_book *b = calendar_file_read("deploy/config/calendars.conf", &err);
    const struct calendar *c;

    if (!b) {
        fail_msg("%s", err.text);
    }
    c = calendar_book_of_branch(b, "north");
    assert_ptr_equal(c, calendar_book_find(b, "garage"));
    assert_ptr_equal(calendar_book_of_branch(b, "harbour"), calendar_book_find(b, "harbour"));
    assert_false(works(c, day_of("2026-02-17")));
    assert_true(works(c, day_of("2026-02-28")));
    /* The roadside never sleeps. */
    c = calendar_book_find(b, "roadside");
    assert_int_equal(calendar_next_change(c, day_of("2026-02-17") * DURATION_DAY), CALENDAR_NEVER);
    calendar_book_free(b);
}

/* ---- vectors */

enum {
    ID,
    SOURCE,
    ZONE,
    HOURS,
    SPECIAL,
    OPERATION,
    T1,
    ARGUMENT,
    EXPECTED,
    COLUMNS,
};

static const struct {
    const char *id;
    const char *ours;
    const char *because;
} other_choices[] = {
  /* The Sunday on which summer time ends in Paris. */
    {"12", "90000",      "elapsed time is counted: that day has 25 hours, its clock shows 24"},
 /* Counting days from a day that is off. */
    {"41", "2014-04-09", "the first working day after the event is day 1"                    },
    {"43", "2014-04-10", "the first working day after the event is day 1"                    },
    {"44", "2014-04-08", "the first working day before the event is day 1, going back"       },
};

/* "mon-fri 09:00-17:00", "mon 07:00-12:00 13:00-18:00", "mon,tue 08:00-18:00", parted by ';'. */
static void append_week(struct text *t, const char *hours)
{
    char *copy = strdup(hours);
    char *rest = copy;
    char *part;

    while ((part = strsep(&rest, ";")) != NULL) {
        char *ranges = part + strspn(part, " ");
        char *days = strsep(&ranges, " ");
        char *day;

        while ((day = strsep(&days, ",")) != NULL) {
            text_appendf(t, "%s = (", day);
            for (const char *range = ranges; range; range = strchr(range, ' ')) {
                range += strspn(range, " ");
                text_appendf(t, "%s\"%.*s\"", range > ranges ? ", " : "", (int)strcspn(range, " "),
                             range);
            }
            text_append(t, "); ");
        }
    }
    free(copy);
}

/* "holiday 2014-04-08", "2014-04-07=10:00-12:00 14:00-17:00", "". */
static void append_special(struct text *t, const char *special)
{
    static const char holiday[] = "holiday ";

    text_append(t, "days_x = ( { notice = \"n\"; days = (");
    if (strncmp(special, holiday, strlen(holiday)) == 0) {
        text_appendf(t, "{ name = \"d\"; off = \"%s\"; }", special + strlen(holiday));
    } else if (special[0] != '\0') {
        text_appendf(t, "{ name = \"d\"; work = \"%.10s\"; hours = (", special);
        for (const char *range = special + 10; range; range = strchr(range, ' ')) {
            range++;
            text_appendf(t, "%s\"%.*s\"", range > special + 11 ? ", " : "",
                         (int)strcspn(range, " "), range);
        }
        text_append(t, "); }");
    }
    text_append(t, "); } );\n");
}

static int64_t instant_of(const char *text)
{
    int64_t us = 0;

    if (instant_parse(text, &us) < 0) {
        fail_msg("%s is no instant", text);
    }
    return us;
}

static int64_t number_of(const char *text)
{
    int64_t value = 0;

    assert_int_equal(text_to_int64(text, INT64_MIN, INT64_MAX, &value), 0);
    return value;
}

/* So many working days on; from any day the next working day is the first. */
static int64_t add_days(const struct calendar *c, int64_t day, int64_t count)
{
    const int64_t step = count < 0 ? -1 : 1;

    while (count != 0) {
        day += step;
        count -= works(c, day) ? step : 0;
    }
    return day;
}

/* How many of first < day <= last work. */
static int64_t count_days(const struct calendar *c, int64_t first, int64_t last)
{
    int64_t count = 0;

    for (int64_t day = first + 1; day <= last; day++) {
        count += works(c, day);
    }
    return count;
}

/* Returns false for an operation that is not known. */
static bool compute(const struct calendar *c, const char *const *f, int64_t *ret, int64_t *ret_want,
                    const char *want)
{
    const char *op = f[OPERATION];

    if (strcmp(op, "between_seconds") == 0) {
        *ret = calendar_between(c, instant_of(f[T1]), instant_of(f[ARGUMENT]));
        *ret_want = number_of(want) * DURATION_S;
    } else if (strcmp(op, "add_seconds") == 0) {
        *ret = calendar_after(c, instant_of(f[T1]), number_of(f[ARGUMENT]) * DURATION_S);
        *ret_want = instant_of(want);
    } else if (strcmp(op, "advance") == 0) {
        const int64_t at = instant_of(f[T1]);

        *ret = calendar_is_open(c, at) ? at : calendar_next_change(c, at);
        *ret_want = instant_of(want);
    } else if (strcmp(op, "add_days") == 0) {
        *ret = add_days(c, day_of(f[T1]), number_of(f[ARGUMENT]));
        *ret_want = day_of(want);
    } else if (strcmp(op, "days_between") == 0) {
        const int64_t from = day_of(f[T1]);
        const int64_t to = day_of(f[ARGUMENT]);

        *ret = from <= to ? count_days(c, from, to) : -count_days(c, to - 1, from - 1);
        *ret_want = number_of(want);
    } else if (strcmp(op, "cn_workdays_inclusive") == 0) {
        *ret = count_days(c, day_of(f[T1]) - 1, day_of(f[ARGUMENT]));
        *ret_want = number_of(want);
    } else if (strcmp(op, "cn_is_workday") == 0) {
        *ret = works(c, day_of(f[T1]));
        *ret_want = number_of(want);
    } else {
        return false;
    }
    return true;
}

static struct calendar_book *book_of(const char *const *f)
{
    struct text week = {0};
    struct text lists = {0};
    struct calendar_book *b;

    append_week(&week, f[HOURS]);
    append_special(&lists, f[SPECIAL]);
    b = calendar_text_one(f[ZONE], week.data, "days = \"x\";", lists.data);
    text_free(&week);
    text_free(&lists);
    return b;
}

static void check_row(const char *const *f, const struct calendar_book *china)
{
    const bool is_china = strcmp(f[HOURS], "CN calendar") == 0;
    struct calendar_book *own = is_china ? NULL : book_of(f);
    const char *want = f[EXPECTED];
    int64_t got = 0;
    int64_t want_value = 0;

    for (size_t i = 0; i < ARRAY_LEN(other_choices); i++) {
        want = strcmp(f[ID], other_choices[i].id) == 0 ? other_choices[i].ours : want;
    }
    if (!compute(calendar_book_at(own ? own : china, 0), f, &got, &want_value, want)) {
        fail_msg("row %s: unknown operation %s", f[ID], f[OPERATION]);
    }
    if (got != want_value) {
        fail_msg("row %s, %s of %s and %s: %" PRId64 " instead of %" PRId64 " (%s)", f[ID],
                 f[OPERATION], f[T1], f[ARGUMENT], got, want_value, want);
    }
    calendar_book_free(own);
}

static void the_vectors_of_other_libraries_agree(void **state)
{
    struct calendar_book *china;
    struct text path;
    FILE *in;
    struct csv_reader *r;
    struct csv_row row;
    struct err err = ERR_NONE;
    size_t count = 0;

    reference_data_need();
    china = import_all();
    path = reference_data_path("business_hours/vectors.csv");
    in = fopen(path.data, "re");
    assert_non_null(in);
    r = csv_reader_new(in);
    assert_int_equal(csv_reader_next(r, &row, &err), 1);
    assert_int_equal(row.count, COLUMNS);
    while (csv_reader_next(r, &row, &err) == 1) {
        check_row(row.fields, china);
        count++;
    }
    assert_string_equal(err.text, "");
    assert_true(count >= 40);
    csv_reader_free(r);
    (void)fclose(in);
    text_free(&path);
    calendar_book_free(china);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sample_is_read_with_the_file_that_it_includes),
        cmocka_unit_test(every_day_of_twenty_years_is_as_the_state_council_decided),
        cmocka_unit_test(our_own_file_agrees_for_its_years),
        cmocka_unit_test(importing_a_year_of_our_own_file_changes_nothing),
        cmocka_unit_test(the_vectors_of_other_libraries_agree),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
