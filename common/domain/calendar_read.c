/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calendar_read.c - from libconfig's tree to calendars.
 *
 * First all lists of special days, also those that no calendar names: a mistake in one must not
 * wait for the day on which somebody uses it. Then each calendar: its week, its lists in order (the
 * later one wins), and what both make of a century.
 */
#include "common/domain/calendar_read.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/base/zone.h"
#include "common/domain/calendar_build.h"
#include "common/domain/calendar_days.h"
#include "common/domain/calendar_parts.h"

enum {
    CALENDARS_MAX = 32,
    BRANCHES_MAX = 2000, /* of all calendars */
    BRANCH_BYTES_MAX = 128,
    ZONE_BYTES_MAX = 64,
    LISTS_MAX = 16, /* of one calendar */
};

static const char every_branch[] = "*";

struct branch {
    char *code;
    const struct calendar *calendar;
};

struct calendar_book {
    struct calendar *calendars[CALENDARS_MAX];
    size_t count;
    struct branch *branches; /* by code, once all are read */
    size_t branch_count;
};

/* ---- what is in hand while a file is read */

struct day_list {
    const char *name; /* without the prefix */
    struct calendar_days days;
};

struct reading {
    const struct standard_reader *r;
    struct calendar_book *book;
    struct day_list *lists;
    size_t list_count;
};

struct draft {
    struct calendar_plan plan;
    struct zone *zone;
    const struct calendar_days *lists[LISTS_MAX];
    size_t list_count;
    int make_up; /* weekday; -1: not said */
    struct calendar_special *specials;
};

static int compare_branches(const void *a, const void *b)
{
    const struct branch *left = a;
    const struct branch *right = b;

    return strcmp(left->code, right->code);
}

/* ---- settings of a calendar */

static int read_name(struct reading *in, const config_setting_t *setting, struct draft *ret)
{
    if (standard_read_name(in->r, setting, &ret->plan.name) < 0) {
        return -1;
    }
    if (strcmp(ret->plan.name, "24x7") == 0 || strcmp(ret->plan.name, "branch") == 0) {
        return standard_read_refuse(in->r, setting, "\"%s\" has a meaning already", ret->plan.name);
    }
    if (calendar_book_find(in->book, ret->plan.name)) {
        return standard_read_refuse(in->r, setting, "another calendar is already named \"%s\"",
                                    ret->plan.name);
    }
    return 0;
}

static int read_zone(struct reading *in, const config_setting_t *setting, struct draft *ret)
{
    const char *name = standard_read_text(in->r, setting, ZONE_BYTES_MAX);
    struct err err = ERR_NONE;

    if (!name) {
        return -1;
    }
    ret->zone = zone_open(name, &err);
    ret->plan.zone = ret->zone;
    return ret->zone ? 0 : standard_read_refuse(in->r, setting, "%s", err.text);
}

/* The calendar is not there yet: calendar_build() comes last. Its branches are the last ones. */
static int read_branches(struct reading *in, const config_setting_t *setting, struct draft *ret)
{
    struct calendar_book *b = in->book;
    size_t count = 0;

    (void)ret;
    if (calendar_count_texts(in->r, setting, BRANCHES_MAX - b->branch_count, &count) < 0) {
        return -1;
    }
    b->branches = xreallocarray(b->branches, b->branch_count + count, sizeof(*b->branches));
    for (size_t i = 0; i < count; i++) {
        const config_setting_t *text = calendar_text_at(setting, i);
        const char *code = standard_read_text(in->r, text, BRANCH_BYTES_MAX);

        if (!code) {
            return -1;
        }
        for (size_t k = 0; k < b->branch_count; k++) {
            if (strcmp(b->branches[k].code, code) == 0) {
                return standard_read_refuse(in->r, text, "branch \"%s\" has a calendar already",
                                            code);
            }
        }
        b->branches[b->branch_count++] = (struct branch){.code = xstrdup(code)};
    }
    return 0;
}

/* "mon", "mon-fri", "sun-thu". Returns 0, or -1. */
static int parse_weekdays(const char *name, int *ret_first, int *ret_last)
{
    const size_t len = strcspn(name, "-");
    const char *last = name[len] == '-' ? name + len + 1 : name;

    *ret_first = calendar_weekday_parse(name, len);
    *ret_last = calendar_weekday_parse(last, strlen(last));
    return *ret_first < 0 || *ret_last < 0 ? -1 : 0;
}

static int read_weekdays(struct reading *in, const config_setting_t *setting, struct draft *ret)
{
    struct calendar_hours hours = {.count = 0};
    int first = 0;
    int last = 0;

    if (parse_weekdays(config_setting_name(setting), &first, &last) < 0) {
        return standard_read_refuse(in->r, setting,
                                    "a week has no such day, only " CALENDAR_WEEKDAYS
                                    ", and ranges such as mon-fri");
    }
    if (calendar_read_hours(in->r, setting, &hours) < 0) {
        return -1;
    }
    for (int day = first;; day = (day + 1) % 7) {
        if (ret->plan.week[day].count > 0) {
            return standard_read_refuse(in->r, setting, "%s has hours already",
                                        calendar_weekday_name(day));
        }
        ret->plan.week[day] = hours;
        if (day == last) {
            return 0;
        }
    }
}

static int read_week(struct reading *in, const config_setting_t *setting, struct draft *ret)
{
    if (!config_setting_is_group(setting) || config_setting_length(setting) == 0) {
        return standard_read_refuse(
            in->r, setting,
            "must be a group with hours for at least one day: { mon-fri = \"08:00-17:00\"; }");
    }
    for (int i = 0; i < config_setting_length(setting); i++) {
        if (read_weekdays(in, config_setting_get_elem(setting, (unsigned)i), ret) < 0) {
            return -1;
        }
    }
    return 0;
}

static const struct calendar_days *find_list(const struct reading *in, const char *name)
{
    for (size_t i = 0; i < in->list_count; i++) {
        if (strcmp(in->lists[i].name, name) == 0) {
            return &in->lists[i].days;
        }
    }
    return NULL;
}

static int read_days(struct reading *in, const config_setting_t *setting, struct draft *ret)
{
    size_t count = 0;

    if (calendar_count_texts(in->r, setting, LISTS_MAX, &count) < 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        const config_setting_t *text = calendar_text_at(setting, i);
        const char *name = NULL;
        const struct calendar_days *list;

        if (standard_read_name(in->r, text, &name) < 0) {
            return -1;
        }
        list = find_list(in, name);
        if (!list) {
            return standard_read_refuse(in->r, text, "there is no list " CALENDAR_DAYS_PREFIX "%s",
                                        name);
        }
        for (size_t k = 0; k < ret->list_count; k++) {
            if (ret->lists[k] == list) {
                return standard_read_refuse(in->r, text, "names the list %s twice", name);
            }
        }
        ret->lists[ret->list_count++] = list;
    }
    return 0;
}

static int read_make_up(struct reading *in, const config_setting_t *setting, struct draft *ret)
{
    return calendar_read_weekday(in->r, setting, &ret->make_up);
}

static const struct calendar_setting {
    const char *name;
    bool is_required;
    int (*read)(struct reading *in, const config_setting_t *setting, struct draft *ret);
} calendar_settings[] = {
    {"name",     true,  read_name    },
    {"zone",     true,  read_zone    },
    {"branches", false, read_branches},
    {"week",     true,  read_week    },
    {"days",     false, read_days    },
    {"make_up",  false, read_make_up },
};

static const struct calendar_setting *find_setting(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(calendar_settings); i++) {
        if (strcmp(calendar_settings[i].name, name) == 0) {
            return &calendar_settings[i];
        }
    }
    return NULL;
}

static int read_settings(struct reading *in, const config_setting_t *group, struct draft *ret)
{
    if (!config_setting_is_group(group)) {
        return standard_read_refuse(in->r, group, "must be a group: { name = \"...\"; ... }");
    }
    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *setting = config_setting_get_elem(group, (unsigned)i);
        const struct calendar_setting *known = find_setting(config_setting_name(setting));

        if (!known) {
            return standard_read_refuse(in->r, setting,
                                        "a calendar has no such setting, only "
                                        "name, zone, branches, week, days and "
                                        "make_up");
        }
        if (known->read(in, setting, ret) < 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(calendar_settings); i++) {
        if (calendar_settings[i].is_required &&
            !config_setting_get_member(group, calendar_settings[i].name)) {
            return standard_read_refuse(in->r, group, "a calendar needs '%s'",
                                        calendar_settings[i].name);
        }
    }
    return 0;
}

/* ---- special days */

/* The weekday whose hours a make-up day has that says nothing itself. */
static int choose_make_up(const struct reading *in, const config_setting_t *group,
                          struct draft *ret)
{
    if (ret->make_up >= 0 && ret->plan.week[ret->make_up].count == 0) {
        return standard_read_refuse(in->r, config_setting_get_member(group, "make_up"),
                                    "is a day on which this calendar is closed");
    }
    /* Usually Monday's; where Mondays are closed, those of the first day that is not. */
    for (int day = 0; ret->make_up < 0; day++) {
        ret->make_up = ret->plan.week[day].count > 0 ? day : -1;
    }
    return 0;
}

static struct calendar_special apply(const struct draft *d, const struct calendar_day *day)
{
    struct calendar_special special = {.day = day->day, .name = day->name, .notice = day->notice};

    if (day->is_work && day->hours.count > 0) {
        special.hours = day->hours;
    } else if (day->is_work) {
        special.hours = d->plan.week[day->like >= 0 ? day->like : d->make_up];
    }
    return special;
}

/* Two ascending lists become one; of the same day only that of `later` stays. */
static void merge_list(struct draft *d, const struct calendar_days *later)
{
    const struct calendar_special *old = d->specials;
    const size_t old_count = d->plan.special_count;
    struct calendar_special *merged = xcalloc(old_count + later->count + 1, sizeof(*merged));
    size_t i = 0;
    size_t n = 0;

    for (size_t k = 0; k < later->count; k++) {
        while (i < old_count && old[i].day < later->days[k].day) {
            merged[n++] = old[i++];
        }
        i += i < old_count && old[i].day == later->days[k].day;
        merged[n++] = apply(d, &later->days[k]);
    }
    while (i < old_count) {
        merged[n++] = old[i++];
    }
    free(d->specials);
    d->specials = merged;
    d->plan.specials = merged;
    d->plan.special_count = n;
}

/* ---- the file */

static int read_calendar(struct reading *in, const config_setting_t *group)
{
    struct calendar_book *b = in->book;
    struct draft d = {.make_up = -1};
    const size_t first_branch = b->branch_count;
    int rc = read_settings(in, group, &d);

    if (rc == 0) {
        rc = choose_make_up(in, group, &d);
    }
    if (rc == 0) {
        for (size_t i = 0; i < d.list_count; i++) {
            merge_list(&d, d.lists[i]);
        }
        b->calendars[b->count] = calendar_build(&d.plan);
        for (size_t i = first_branch; i < b->branch_count; i++) {
            b->branches[i].calendar = b->calendars[b->count];
        }
        b->count++;
    }
    free(d.specials);
    zone_free(d.zone);
    return rc;
}

static int read_calendars(struct reading *in, const config_setting_t *list)
{
    if (!config_setting_is_list(list)) {
        return standard_read_refuse(in->r, list, "must be a list: ( { ... }, { ... } )");
    }
    if (config_setting_length(list) > CALENDARS_MAX) {
        return standard_read_refuse(in->r, list, "must have at most %d calendars",
                                    (int)CALENDARS_MAX);
    }
    for (int i = 0; i < config_setting_length(list); i++) {
        if (read_calendar(in, config_setting_get_elem(list, (unsigned)i)) < 0) {
            return -1;
        }
    }
    return 0;
}

static int read_lists(struct reading *in, const config_setting_t *root)
{
    static const char prefix[] = CALENDAR_DAYS_PREFIX;

    in->lists = xcalloc((size_t)config_setting_length(root) + 1, sizeof(*in->lists));
    for (int i = 0; i < config_setting_length(root); i++) {
        const config_setting_t *setting = config_setting_get_elem(root, (unsigned)i);
        const char *name = config_setting_name(setting);
        struct day_list *list = &in->lists[in->list_count];

        if (strncmp(name, prefix, sizeof(prefix) - 1) == 0) {
            list->name = name + sizeof(prefix) - 1;
            in->list_count++; /* from here on its memory is found */
            if (calendar_days_read(in->r, setting, &list->days) < 0) {
                return -1;
            }
        }
    }
    return 0;
}

struct calendar_book *calendar_book_read(const struct standard_reader *r,
                                         const config_setting_t *root)
{
    struct reading in = {.r = r, .book = xcalloc(1, sizeof(*in.book))};
    const config_setting_t *calendars = config_setting_get_member(root, "calendars");

    if (read_lists(&in, root) < 0 || (calendars && read_calendars(&in, calendars) < 0)) {
        calendar_book_free(in.book);
        in.book = NULL;
    } else if (in.book->branch_count > 0) {
        qsort(in.book->branches, in.book->branch_count, sizeof(*in.book->branches),
              compare_branches);
    }
    for (size_t i = 0; i < in.list_count; i++) {
        calendar_days_free(&in.lists[i].days);
    }
    free(in.lists);
    return in.book;
}

void calendar_book_free(struct calendar_book *b)
{
    if (!b) {
        return;
    }
    for (size_t i = 0; i < b->count; i++) {
        calendar_free(b->calendars[i]);
    }
    for (size_t i = 0; i < b->branch_count; i++) {
        free(b->branches[i].code);
    }
    free(b->branches);
    free(b);
}

/* ---- what others ask */

const struct calendar *calendar_book_find(const struct calendar_book *b, const char *name)
{
    for (size_t i = 0; i < b->count; i++) {
        if (strcmp(calendar_name(b->calendars[i]), name) == 0) {
            return b->calendars[i];
        }
    }
    return NULL;
}

static const struct calendar *find_branch(const struct calendar_book *b, const char *code)
{
    size_t low = 0;
    size_t high = b->branch_count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = strcmp(b->branches[middle].code, code);

        if (order == 0) {
            return b->branches[middle].calendar;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

const struct calendar *calendar_book_of_branch(const struct calendar_book *b, const char *branch)
{
    const struct calendar *own = text_is_empty(branch) ? NULL : find_branch(b, branch);

    return own ? own : find_branch(b, every_branch);
}

size_t calendar_book_count(const struct calendar_book *b)
{
    return b->count;
}

const struct calendar *calendar_book_at(const struct calendar_book *b, size_t i)
{
    return b->calendars[i];
}

const char *calendar_book_branch(const struct calendar_book *b, const struct calendar *c, size_t i)
{
    for (size_t k = 0; k < b->branch_count; k++) {
        if (b->branches[k].calendar == c && i-- == 0) {
            return b->branches[k].code;
        }
    }
    return NULL;
}
