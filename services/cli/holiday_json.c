/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/holiday_json.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/instant.h"
#include "common/base/xalloc.h"
#include "common/domain/calendar.h"
#include "common/domain/calendar_parts.h"

enum {
    NAME_BYTES_MAX = 128,
    PAPERS_BYTES_MAX = 384, /* with a title before them they still fit into a notice */
    DAYS_MAX = 366,
};

static const char code[] = "holidays_invalid";

/* What stands in a text of a settings file as it is, and in one line of a table. */
static bool is_plain(const char *text)
{
    for (const char *c = text; *c; c++) {
        if ((unsigned char)*c < ' ' || *c == 127) {
            return false;
        }
    }
    return true;
}

static bool is_of_year(int64_t day, int year)
{
    const struct civil_date date = civil_from_days(day);

    return date.year == year || (date.year == year - 1 && date.month == 12);
}

static int read_day(const char *path, const json_t *json, struct holiday_year *y, struct err *err)
{
    const char *name = json_string_value(json_object_get(json, "name"));
    const char *date = json_string_value(json_object_get(json, "date"));
    const json_t *is_off = json_object_get(json, "isOffDay");
    struct holiday day = {.name = name, .is_off = json_is_true(is_off)};

    if (!name || name[0] == '\0' || strlen(name) > NAME_BYTES_MAX || !is_plain(name)) {
        return err_set_field(err, code, "days.name", "%s: a day needs a name", path);
    }
    if (!date || calendar_day_parse(date, &day.day) < 0) {
        return err_set_field(err, code, "days.date", "%s: a day needs a date such as 2026-02-14",
                             path);
    }
    if (!json_is_boolean(is_off)) {
        return err_set_field(err, code, "days.isOffDay", "%s: %s needs isOffDay, true or false",
                             path, date);
    }
    if (!is_of_year(day.day, y->year)) {
        return err_set_field(err, code, "days.date", "%s: %s is not of the year %d", path, date,
                             y->year);
    }
    y->days[y->count++] = day;
    return 0;
}

static int compare_days(const void *a, const void *b)
{
    const struct holiday *left = a;
    const struct holiday *right = b;

    return (left->day > right->day) - (left->day < right->day);
}

static int read_days(const char *path, struct holiday_year *y, struct err *err)
{
    const json_t *list = json_object_get(y->json, "days");
    const size_t count = json_array_size(list);
    char text[CALENDAR_DAY_TEXT_SIZE];

    if (!json_is_array(list) || count == 0) {
        return err_set_field(err, code, "days", "%s: has no days; is the year announced?", path);
    }
    if (count > DAYS_MAX) {
        return err_set_field(err, code, "days", "%s: has more than %d days", path, (int)DAYS_MAX);
    }
    y->days = xcalloc(count, sizeof(*y->days));
    for (size_t i = 0; i < count; i++) {
        if (read_day(path, json_array_get(list, i), y, err) < 0) {
            return -1;
        }
    }
    qsort(y->days, y->count, sizeof(*y->days), compare_days);
    for (size_t i = 1; i < y->count; i++) {
        if (y->days[i - 1].day == y->days[i].day) {
            return err_set_field(err, code, "days.date", "%s: %s is there twice", path,
                                 calendar_day_format(y->days[i].day, text));
        }
    }
    return 0;
}

static int read_papers(const char *path, struct holiday_year *y, struct err *err)
{
    const json_t *list = json_object_get(y->json, "papers");
    const char *slash = strrchr(path, '/');

    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *paper = json_string_value(json_array_get(list, i));

        if (!paper || !is_plain(paper)) {
            return err_set_field(err, code, "papers", "%s: papers must be addresses", path);
        }
        text_appendf(&y->papers, "%s%s", y->papers.len > 0 ? " " : "", paper);
    }
    if (y->papers.len == 0) {
        text_append(&y->papers, slash ? slash + 1 : path);
    }
    if (y->papers.len > PAPERS_BYTES_MAX || !is_plain(y->papers.data)) {
        return err_set_field(err, code, "papers", "%s: papers must have at most %d bytes", path,
                             (int)PAPERS_BYTES_MAX);
    }
    return 0;
}

int holiday_year_read(const char *path, struct holiday_year *ret, struct err *err)
{
    json_error_t problem;
    const json_t *year;

    ret->json = json_load_file(path, JSON_REJECT_DUPLICATES, &problem);
    if (!ret->json) {
        return problem.line > 0 ? err_set(err, code, "%s:%d: %s", path, problem.line, problem.text)
                                : err_set(err, code, "%s", problem.text);
    }
    year = json_object_get(ret->json, "year");
    if (!json_is_integer(year) || json_integer_value(year) <= CALENDAR_FIRST_YEAR ||
        json_integer_value(year) > CALENDAR_LAST_YEAR) {
        return err_set_field(err, code, "year", "%s: needs a year from %d to %d", path,
                             CALENDAR_FIRST_YEAR + 1, (int)CALENDAR_LAST_YEAR);
    }
    ret->year = (int)json_integer_value(year);
    return read_papers(path, ret, err) < 0 ? -1 : read_days(path, ret, err);
}

void holiday_year_free(struct holiday_year *y)
{
    json_decref(y->json);
    text_free(&y->papers);
    free(y->days);
    *y = (struct holiday_year){.json = NULL};
}
