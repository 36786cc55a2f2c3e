/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "common/base/text.h"
#include "common/domain/calendar_parts.h"
#include "services/cli/calendar_show.h"
#include "services/cli/cli_commands.h"
#include "services/cli/cli_table.h"
#include "services/cli/days_file.h"
#include "services/cli/holiday_json.h"

struct calendar_options {
    const char *calendar;
    const char *month;
    int64_t year;
    const char *into;
    const char *list;
    const char *title;
};

#define AT(field) offsetof(struct calendar_options, field)

static const struct cli_option options_table[] = {
    {"calendar",   CLI_OPTION_TEXT, "NAME", "with show: this one alone; else all of the file",
     AT(calendar)},
    {"month",      CLI_OPTION_TEXT, "YYYY-MM", "with show: every day of a month", AT(month)},
    {"year", CLI_OPTION_COUNT, "YYYY", "with show: sums by month, and the special days", AT(year)},
    {"into",      CLI_OPTION_TEXT, "FILE",
     "with import: the file of special days, such as days-china.conf", AT(into)},
    {"list",   CLI_OPTION_TEXT, "NAME",
     "with import: the list days_NAME; else the only one of the file", AT(list)},
    {"title",   CLI_OPTION_TEXT, "TEXT", "with import: the notice's title and number", AT(title)},
    {.type = CLI_OPTION_END      },
};

/* ---- show */

static int64_t day_of(int year, int month)
{
    return civil_to_days((struct civil_date){.year = year, .month = month, .day = 1});
}

static bool is_covered(int64_t year)
{
    return year >= CALENDAR_FIRST_YEAR && year <= CALENDAR_LAST_YEAR;
}

/* "2026-02". Returns 0, or -1. */
static int parse_month(const char *text, struct calendar_view *ret)
{
    char day[CALENDAR_DAY_TEXT_SIZE];
    struct civil_date date;

    if (strlen(text) != 7 || !text_format(day, sizeof(day), "%s-01", text) ||
        calendar_day_parse(day, &ret->first_day) < 0) {
        return -1;
    }
    date = civil_from_days(ret->first_day);
    ret->last_day =
        date.month == 12 ? day_of(date.year + 1, 1) - 1 : day_of(date.year, date.month + 1) - 1;
    return is_covered(date.year) ? 0 : -1;
}

static int show(const struct cli *cli, const struct calendar_options *o, const char *path)
{
    struct calendar_view view = {.calendar = o->calendar, .first_day = 0, .last_day = -1};
    struct err err = ERR_NONE;
    struct calendar_book *book;
    int code;

    if ((o->month && parse_month(o->month, &view) < 0) || (o->month && o->year) ||
        (o->year && !is_covered(o->year))) {
        return cli_wrong_usage(cli, "show takes --year 2026 or --month 2026-02, %d to %d",
                               (int)CALENDAR_FIRST_YEAR, (int)CALENDAR_LAST_YEAR);
    }
    if (o->year) {
        view.first_day = day_of((int)o->year, 1);
        view.last_day = day_of((int)o->year + 1, 1) - 1;
        view.is_year = true;
    }
    book = calendar_file_read(path, &err);
    if (!book) {
        return cli_fail(cli, CLI_USAGE, &err);
    }
    if (o->calendar && !calendar_book_find(book, o->calendar)) {
        err_set_field(&err, "calendar_unknown", "calendar", "%s has no calendar \"%s\"", path,
                      o->calendar);
        code = cli_fail(cli, CLI_USAGE, &err);
    } else {
        code = calendar_show(cli, book, &view);
    }
    calendar_book_free(book);
    return code;
}

/* ---- import */

static void print_import(const struct cli *cli, const struct calendar_options *o,
                         const struct holiday_year *year, bool is_added)
{
    size_t off = 0;

    for (size_t i = 0; i < year->count; i++) {
        off += year->days[i].is_off;
    }
    if (cli->is_json) {
        cli_put_json(json_pack("{s:s, s:i, s:b, s:I, s:I}", "file", o->into, "year", year->year,
                               "is_added", is_added, "days_off", (json_int_t)off, "days_of_work",
                               (json_int_t)(year->count - off)),
                     stdout);
    } else if (is_added) {
        (void)printf("%s: %d added, %zu days off and %zu make-up working days\n", o->into,
                     year->year, off, year->count - off);
    } else {
        (void)printf("%s: %d is there already, nothing was changed\n", o->into, year->year);
    }
}

static int import(const struct cli *cli, const struct calendar_options *o, const char *path)
{
    struct holiday_year year = {.json = NULL};
    struct err err = ERR_NONE;
    int added = -1;
    int code = CLI_OK;

    if (text_is_empty(o->into)) {
        return cli_wrong_usage(cli, "import into which file? --into days-china.conf");
    }
    if (holiday_year_read(path, &year, &err) == 0) {
        year.title = o->title;
        added = days_file_add(o->into, o->list, &year, &err);
    }
    if (added < 0) {
        code = cli_fail(cli, strcmp(err.code, "days_differ") == 0 ? CLI_REFUSED : CLI_USAGE, &err);
    } else {
        print_import(cli, o, &year, added > 0);
    }
    holiday_year_free(&year);
    return code;
}

static int run(struct cli *cli, const void *options, int count, char **arguments)
{
    const struct calendar_options *o = options;

    if (count == 2 && strcmp(arguments[0], "show") == 0) {
        return show(cli, o, arguments[1]);
    }
    if (count == 2 && strcmp(arguments[0], "import") == 0) {
        return import(cli, o, arguments[1]);
    }
    return cli_wrong_usage(cli, "calendar what? show FILE, or import FILE.json --into FILE");
}

const struct cli_command cli_calendar = {
    .name = "calendar",
    .summary = "which days and hours count; add a year of public holidays",
    .usage = "show FILE [--calendar NAME] [--year YYYY | --month YYYY-MM]\n"
             "import FILE.json --into FILE [--list NAME] [--title TEXT]",
    .description =
        "'calendar show' reads the calendars of a standards file, or of a file of calendars\n"
        "alone, and says which days work, when, and why: what the clocks of promises count. It\n"
        "also says which release of the time zones this machine has.\n"
        "'calendar import' adds the holidays and make-up working days of one year, as holiday-cn\n"
        "publishes them (year, papers, days with name, date, isOffDay), to a file of special\n"
        "days, and keeps the rest of that file as it is. What is there already is left alone;\n"
        "when the file says something else about the year, nothing is changed and the status is 1.",
    .examples = "troth calendar show standards.conf\n"
                "troth calendar show calendars.conf --calendar garage --month 2026-02\n"
                "troth calendar import 2027.json --into days-china.conf\n",
    .options = options_table,
    .options_size = sizeof(struct calendar_options),
    .run = run,
};
