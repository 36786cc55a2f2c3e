/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calendar_show.c - asks a calendar the same questions as the clocks do, so that what is shown is
 * what counts.
 */
#include "services/cli/calendar_show.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>
#include <libconfig.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/base/zone.h"
#include "common/domain/calendar_build.h"
#include "common/domain/calendar_parts.h"
#include "common/domain/clock_words.h"
#include "common/domain/standard_source.h"
#include "services/cli/calendar_words.h"
#include "services/cli/cli_table.h"

enum {
    NOTICES_SHOWN_MAX = 32
};

/* ---- reading */

struct calendar_book *calendar_file_read(const char *path, struct err *err)
{
    struct standard_source source = {.file_count = 0};
    const struct standard_reader r = {.source = &source, .err = err};
    struct calendar_book *book = NULL;
    config_t tree;

    config_init(&tree);
    if (standard_source_read(&source, path, err) == 0 &&
        standard_read_tree(&source, &tree, err) == 0) {
        book = calendar_book_read(&r, config_root_setting(&tree));
    }
    config_destroy(&tree);
    standard_source_free(&source);
    return book;
}

/* ---- one day */

struct day {
    int64_t day;
    int64_t begin_us;
    int64_t end_us;
    int64_t worked_us;
    const char *why; /* NULL: an ordinary day */
    const char *notice;
};

static struct day look_at(const struct calendar *c, int64_t day)
{
    struct day d = {
        .day = day,
        .begin_us = calendar_day_begin(c, day),
        .end_us = calendar_day_begin(c, day + 1),
    };

    d.worked_us = calendar_between(c, d.begin_us, d.end_us);
    if (calendar_day_of(c, d.begin_us) == day) { /* else a change of the zone skipped it */
        d.why = calendar_special_day(c, d.begin_us);
        d.notice = calendar_special_notice(c, d.begin_us);
    }
    return d;
}

/* ---- for people */

static void add_worked(struct cli_table *table, int64_t us)
{
    char text[CLOCK_WORDS_SIZE];

    cli_table_add(table, "%s", us > 0 ? clock_words_length(us, text) : "-");
}

void calendar_show_list(const struct calendar_book *book)
{
    static const char *const titles[] = {"CALENDAR", "ZONE", "BRANCHES"};
    struct cli_table table = {.titles = titles, .count = 3};

    for (size_t i = 0; i < calendar_book_count(book); i++) {
        const struct calendar *c = calendar_book_at(book, i);
        struct text branches = {0};

        calendar_words_branches(&branches, book, c);
        cli_table_add(&table, "%s", calendar_name(c));
        cli_table_add(&table, "%s", calendar_zone_name(c));
        cli_table_add(&table, "%s", cli_text(branches.data));
        text_free(&branches);
    }
    cli_table_print(&table, stdout);
}

/* Each notice of the days shown once. */
static void print_notices(const struct calendar *c, const struct calendar_view *v)
{
    const char *seen[NOTICES_SHOWN_MAX];
    size_t count = 0;

    for (int64_t day = v->first_day; day <= v->last_day && count < NOTICES_SHOWN_MAX; day++) {
        const struct day d = look_at(c, day);
        size_t i = 0;

        while (d.notice && i < count && strcmp(seen[i], d.notice) != 0) {
            i++;
        }
        if (d.notice && i == count) {
            (void)printf("%s%s\n", count == 0 ? "\n" : "", d.notice);
            seen[count++] = d.notice;
        }
    }
}

static void print_days(const struct calendar *c, const struct zone *z,
                       const struct calendar_view *v)
{
    static const char *const titles[] = {"DATE", "DAY", "HOURS", ">WORKED", "WHY"};
    struct cli_table table = {.titles = titles, .count = 5};
    char text[CALENDAR_DAY_TEXT_SIZE];

    for (int64_t day = v->first_day; day <= v->last_day; day++) {
        const struct day d = look_at(c, day);
        struct text hours = {0};

        if (v->is_year && !d.why) {
            continue;
        }
        calendar_words_hours(&hours, c, z, day);
        cli_table_add(&table, "%s", calendar_day_format(day, text));
        cli_table_add(&table, "%s", calendar_weekday_name(calendar_weekday(day)));
        cli_table_add(&table, "%s", hours.len > 0 ? hours.data : "-");
        add_worked(&table, d.worked_us);
        cli_table_add(&table, "%s%s", d.why ? d.why : "",
                      d.why && d.worked_us > 0 ? " (working day)" : "");
        text_free(&hours);
    }
    cli_table_print(&table, stdout);
}

static int month_of(int64_t day)
{
    return civil_from_days(day).month;
}

static void print_months(const struct calendar *c, const struct calendar_view *v)
{
    static const char *const titles[] = {"MONTH", ">WORKING DAYS", ">WORKED"};
    struct cli_table table = {.titles = titles, .count = 3};
    char text[CALENDAR_DAY_TEXT_SIZE];
    int64_t worked_us = 0;
    int days = 0;

    for (int64_t day = v->first_day; day <= v->last_day; day++) {
        const struct day d = look_at(c, day);

        worked_us += d.worked_us;
        days += d.worked_us > 0;
        if (day == v->last_day || month_of(day + 1) != month_of(day)) {
            cli_table_add(&table, "%.7s", calendar_day_format(day, text));
            cli_table_add(&table, "%d", days);
            add_worked(&table, worked_us);
            worked_us = 0;
            days = 0;
        }
    }
    cli_table_print(&table, stdout);
    (void)putchar('\n');
}

static void print_calendar(const struct calendar_book *book, const struct calendar *c,
                           const struct zone *z, const struct calendar_view *v)
{
    struct text branches = {0};

    calendar_words_branches(&branches, book, c);
    (void)printf("%s, %s%s%s\n\n", calendar_name(c), calendar_zone_name(c),
                 branches.len > 0 ? ", branches: " : "", text_or_empty(&branches));
    text_free(&branches);
    if (v->is_year) {
        print_months(c, v);
    }
    print_days(c, z, v);
    print_notices(c, v);
}

/* ---- for programs */

static json_t *day_json(const struct calendar *c, const struct zone *z, int64_t day)
{
    const struct day d = look_at(c, day);
    char text[CALENDAR_DAY_TEXT_SIZE];
    struct text hours = {0};
    json_t *json;

    calendar_words_hours(&hours, c, z, day);
    json = json_pack("{s:s, s:s, s:s, s:I, s:s*, s:s*}", "date", calendar_day_format(day, text),
                     "weekday", calendar_weekday_name(calendar_weekday(day)), "hours",
                     text_or_empty(&hours), "worked_minutes",
                     (json_int_t)(d.worked_us / DURATION_MIN), "why", d.why, "notice", d.notice);
    text_free(&hours);
    return json;
}

static json_t *calendar_json(const struct calendar_book *book, const struct calendar *c,
                             const struct zone *z, const struct calendar_view *v)
{
    json_t *branches = json_array();
    json_t *days = json_array();
    const char *branch;

    for (size_t i = 0; (branch = calendar_book_branch(book, c, i)) != NULL; i++) {
        (void)json_array_append_new(branches, json_string(branch));
    }
    for (int64_t day = v->first_day; day <= v->last_day; day++) {
        (void)json_array_append_new(days, day_json(c, z, day));
    }
    return json_pack("{s:s, s:s, s:o, s:o}", "name", calendar_name(c), "zone",
                     calendar_zone_name(c), "branches", branches, "days", days);
}

/* ---- all */

/* Prints it, or adds it to the list. */
static int show_one(const struct cli *cli, const struct calendar_book *book,
                    const struct calendar *c, const struct calendar_view *v, json_t *list)
{
    struct err err = ERR_NONE;
    struct zone *z = zone_open(calendar_zone_name(c), &err);

    if (!z) {
        return cli_fail(cli, CLI_USAGE, &err);
    }
    if (list) {
        (void)json_array_append_new(list, calendar_json(book, c, z, v));
    } else if (v->first_day <= v->last_day) {
        print_calendar(book, c, z, v);
        (void)putchar('\n');
    }
    zone_free(z);
    return CLI_OK;
}

int calendar_show(const struct cli *cli, const struct calendar_book *book,
                  const struct calendar_view *view)
{
    char version[ZONE_VERSION_SIZE];
    json_t *list = cli->is_json ? json_array() : NULL;
    int code = CLI_OK;

    if (!cli->is_json && view->first_day > view->last_day) {
        calendar_show_list(book);
    }
    for (size_t i = 0; code == CLI_OK && i < calendar_book_count(book); i++) {
        const struct calendar *c = calendar_book_at(book, i);

        if (!view->calendar || strcmp(view->calendar, calendar_name(c)) == 0) {
            code = show_one(cli, book, c, view, list);
        }
    }
    if (code == CLI_OK && !cli->is_json) {
        (void)printf("time zones of release %s\n", zone_database_version(version));
    }
    if (code == CLI_OK && cli->is_json) {
        cli_put_json(json_pack("{s:s, s:O}", "zone_release", zone_database_version(version),
                               "calendars", list),
                     stdout);
    }
    json_decref(list);
    return code;
}
