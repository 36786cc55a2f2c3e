/* SPDX-License-Identifier: Apache-2.0 */
/*
 * days_text.c - a year of holidays as a group of days_NAME, put behind the groups that are there.
 *
 * libconfig could write its tree, but not the comments: so the text is only scanned for the place,
 * and the result is read again before anybody gets it.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <libconfig.h>

#include "common/base/config_tree.h"
#include "common/base/xalloc.h"
#include "common/domain/calendar_days.h"
#include "common/domain/calendar_parts.h"
#include "services/cli/days_file.h"

/* ---- the new group */

static void append_quoted(struct text *t, const char *text)
{
    text_append(t, "\"");
    for (const char *c = text; *c; c++) {
        if (*c == '"' || *c == '\\') {
            text_append(t, "\\");
        }
        text_append_len(t, c, 1);
    }
    text_append(t, "\"");
}

static bool is_same_holiday(const struct holiday *a, const struct holiday *b)
{
    return strcmp(a->name, b->name) == 0;
}

/* How many days from i on are one range. */
static size_t range_at(const struct holiday_year *y, size_t i)
{
    size_t n = 1;

    while (i + n < y->count && y->days[i + n].day == y->days[i].day + (int64_t)n &&
           y->days[i + n].is_off == y->days[i].is_off &&
           is_same_holiday(&y->days[i + n], &y->days[i])) {
        n++;
    }
    return n;
}

/* off = "a..b"; or work = ("a", "b"); of one holiday. Nothing when it has no such days. */
static void append_dates(struct text *t, const struct holiday_year *y, const char *name,
                         bool is_off)
{
    char first[CALENDAR_DAY_TEXT_SIZE], last[CALENDAR_DAY_TEXT_SIZE];
    struct text dates = {0};
    size_t ranges = 0;

    for (size_t i = 0; i < y->count; i += range_at(y, i)) {
        const struct holiday *begin = &y->days[i];
        const struct holiday *end = begin + range_at(y, i) - 1;

        if (begin->is_off == is_off && strcmp(begin->name, name) == 0) {
            text_appendf(&dates, ranges++ > 0 ? ", \"%s%s%s\"" : "\"%s%s%s\"",
                         calendar_day_format(begin->day, first), begin < end ? ".." : "",
                         begin < end ? calendar_day_format(end->day, last) : "");
        }
    }
    if (ranges > 0) {
        text_appendf(t, ranges > 1 ? " %s = (%s);" : " %s = %s;", is_off ? "off" : "work",
                     dates.data);
    }
    text_free(&dates);
}

static bool is_first_of_name(const struct holiday_year *y, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (is_same_holiday(&y->days[k], &y->days[i])) {
            return false;
        }
    }
    return true;
}

static void append_group(struct text *t, const struct holiday_year *y)
{
    struct text notice = {0};
    bool is_first = true;

    if (!text_is_empty(y->title)) {
        text_appendf(&notice, "%s ", y->title);
    }
    text_append(&notice, y->papers.data);
    text_append(t, "    {\n        notice = ");
    append_quoted(t, notice.data);
    text_append(t, ";\n        days = (\n");
    for (size_t i = 0; i < y->count; i++) {
        if (is_first_of_name(y, i)) {
            text_append(t, is_first ? "" : ",\n");
            text_append(t, "            { name = ");
            append_quoted(t, y->days[i].name);
            text_append(t, ";");
            append_dates(t, y, y->days[i].name, true);
            append_dates(t, y, y->days[i].name, false);
            text_append(t, " }");
            is_first = false;
        }
    }
    text_append(t, "\n        );\n    }\n");
    text_free(&notice);
}

/* ---- the place */

/* Behind a comment or a text in quotes at p; p when there is none. */
static const char *skip_token(const char *p, bool *ret_is_comment)
{
    const char *end;

    *ret_is_comment = p[0] == '#' || (p[0] == '/' && (p[1] == '/' || p[1] == '*'));
    if (*ret_is_comment && p[0] == '/' && p[1] == '*') {
        end = strstr(p + 2, "*/");
        return end ? end + 2 : p + strlen(p);
    }
    if (*ret_is_comment) {
        return p + strcspn(p, "\n");
    }
    if (*p == '"') {
        for (p++; *p && *p != '"'; p++) {
            p += *p == '\\' && p[1];
        }
        return *p ? p + 1 : p;
    }
    return p;
}

struct place {
    const char *last;  /* behind the last group, or behind the opening bracket */
    const char *close; /* the closing bracket */
    bool has_groups;
};

/* p: behind the opening bracket of the list. The text was parsed before: it is closed. */
static struct place find_end(const char *p)
{
    struct place place = {.last = p};

    for (int depth = 1; *p;) {
        bool is_comment = false;
        const char *next = skip_token(p, &is_comment);

        depth += next == p && strchr("({[", *p) != NULL;
        depth -= next == p && strchr(")}]", *p) != NULL;
        if (depth == 0) {
            break;
        }
        next += next == p;
        if (!is_comment && !isspace((unsigned char)*p)) {
            place.last = next;
            place.has_groups = true;
        }
        p = next;
    }
    place.close = p;
    return place;
}

static bool is_name_byte(char c)
{
    return isalnum((unsigned char)c) || (c && strchr("-_*", c));
}

/* Behind the opening bracket of a setting at the top; NULL: it is not there. */
static const char *find_list(const char *text, const char *name)
{
    const size_t len = strlen(name);
    int depth = 0;
    bool is_found = false; /* the next bracket is it */

    for (const char *p = text; *p;) {
        bool is_comment = false;
        const char *next = skip_token(p, &is_comment);

        if (next > p) {
            p = next;
        } else if (depth == 0 && is_name_byte(*p)) {
            const char *begin = p;

            while (is_name_byte(*p)) {
                p++;
            }
            is_found = (size_t)(p - begin) == len && strncmp(begin, name, len) == 0;
        } else {
            if (is_found && *p == '(') {
                return p + 1;
            }
            depth += strchr("({[", *p) != NULL;
            depth -= strchr(")}]", *p) != NULL;
            p++;
        }
    }
    return NULL;
}

static void put_in(const char *old, const char *name, const struct holiday_year *y,
                   struct text *ret)
{
    const char *list = find_list(old, name);
    struct place place;

    if (!list) {
        text_append(ret, old);
        text_append(ret, ret->len > 0 && ret->data[ret->len - 1] != '\n' ? "\n" : "");
        text_appendf(ret, "%s = (\n", name);
        append_group(ret, y);
        text_append(ret, ");\n");
        return;
    }
    place = find_end(list);
    text_append_len(ret, old, (size_t)(place.last - old));
    text_append(ret, place.has_groups ? "," : "");
    text_append_len(ret, place.last, (size_t)(place.close - place.last));
    text_append(ret, ret->data[ret->len - 1] != '\n' ? "\n" : "");
    append_group(ret, y);
    text_append(ret, place.close);
}

/* ---- what the list says already */

static int parse(const char *path, const char *text, config_t *tree, struct err *err)
{
    config_init(tree);
    if (!config_tree_read_text(tree, text)) {
        return err_set(err, "standard_invalid", "%s:%d: %s", path, config_error_line(tree),
                       config_error_text(tree));
    }
    return 0;
}

static bool is_days_list(const config_setting_t *setting)
{
    return strncmp(config_setting_name(setting), CALENDAR_DAYS_PREFIX,
                   strlen(CALENDAR_DAYS_PREFIX)) == 0;
}

/* "days_china". */
static int choose_list(const char *path, const config_t *tree, const char *list,
                       struct text *ret_name, struct err *err)
{
    const config_setting_t *root = config_root_setting(tree);
    const char *only = NULL;

    if (list) {
        if (list[0] == '\0' ||
            list[strspn(list, "abcdefghijklmnopqrstuvwxyz0123456789_")] != '\0') {
            return err_set_field(err, "list_unknown", "list",
                                 "a list's name may only have lower-case letters, digits and '_'");
        }
        text_appendf(ret_name, CALENDAR_DAYS_PREFIX "%s", list);
        return 0;
    }
    for (int i = 0; i < config_setting_length(root); i++) {
        const config_setting_t *setting = config_setting_get_elem(root, (unsigned)i);

        if (is_days_list(setting)) {
            if (only) {
                return err_set_field(err, "list_unknown", "list",
                                     "%s has several lists: choose one with --list NAME", path);
            }
            only = config_setting_name(setting);
        }
    }
    if (!only) {
        return err_set_field(err, "list_unknown", "list",
                             "%s has no list of days: name a new one with --list NAME", path);
    }
    text_append(ret_name, only);
    return 0;
}

static int differ(const char *path, int64_t day, const struct holiday_year *y, const char *how,
                  struct err *err)
{
    char text[CALENDAR_DAY_TEXT_SIZE];

    return err_set_field(err, "days_differ", "days",
                         "%s has days of %d already, and %s %s: change it by hand", path, y->year,
                         calendar_day_format(day, text), how);
}

static const struct holiday *find_holiday(const struct holiday_year *y, int64_t day)
{
    for (size_t i = 0; i < y->count; i++) {
        if (y->days[i].day == day) {
            return &y->days[i];
        }
    }
    return NULL;
}

/* ret_has_all: the list says what the year says. Else it says nothing about it, or we refuse. */
static int compare(const char *path, const struct calendar_days *old, const struct holiday_year *y,
                   bool *ret_has_all, struct err *err)
{
    const struct holiday *missing = NULL;
    size_t same = 0;
    size_t of_papers = 0;

    for (size_t i = 0; i < y->count; i++) {
        const struct calendar_day *there = calendar_days_find(old, y->days[i].day);

        if (!there) {
            missing = missing ? missing : &y->days[i];
        } else if (there->is_work == y->days[i].is_off) {
            return differ(path, there->day, y, there->is_work ? "is work there" : "is off there",
                          err);
        } else {
            same++;
        }
    }
    for (size_t i = 0; i < old->count; i++) {
        if (strstr(old->days[i].notice, y->papers.data)) {
            of_papers++;
            if (!find_holiday(y, old->days[i].day)) {
                return differ(path, old->days[i].day, y, "is only there", err);
            }
        }
    }
    if (missing && same + of_papers > 0) {
        return differ(path, missing->day, y, "is not there", err);
    }
    *ret_has_all = !missing;
    return 0;
}

static int read_list(const char *path, const config_t *tree, const char *name,
                     struct calendar_days *ret, struct err *err)
{
    const struct standard_reader r = {.path = path, .err = err};
    const config_setting_t *list = config_setting_get_member(config_root_setting(tree), name);

    return list ? calendar_days_read(&r, list, ret) : 0;
}

/* What was written is read again: the old days and the new ones must be there. */
static int check(const char *path, const char *text, const char *name, size_t want, struct err *err)
{
    struct calendar_days days = {.count = 0};
    config_t tree;
    int rc = parse(path, text, &tree, err);

    if (rc == 0) {
        rc = read_list(path, &tree, name, &days, err);
    }
    if (rc == 0 && days.count != want) {
        rc = err_set(err, "days_differ", "%s: the place for new days was not found", path);
    }
    calendar_days_free(&days);
    config_destroy(&tree);
    return rc;
}

int days_text_add(const char *path, const char *old, const char *list,
                  const struct holiday_year *year, struct text *ret_text, struct err *err)
{
    struct calendar_days days = {.count = 0};
    struct text name = {0};
    struct text text = {0};
    bool has_all = false;
    config_t tree;
    int rc = -1;

    if (parse(path, old, &tree, err) == 0 && choose_list(path, &tree, list, &name, err) == 0 &&
        read_list(path, &tree, name.data, &days, err) == 0) {
        rc = compare(path, &days, year, &has_all, err);
    }
    if (rc == 0 && !has_all) {
        put_in(old, name.data, year, &text);
        rc = check(path, text.data, name.data, days.count + year->count, err) < 0 ? -1 : 1;
    }
    if (rc > 0) {
        text_append(ret_text, text.data);
    }
    calendar_days_free(&days);
    config_destroy(&tree);
    text_free(&name);
    text_free(&text);
    return rc;
}
