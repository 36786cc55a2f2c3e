/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calendar_days.c - from notices to single days.
 *
 * A day that stands twice in one list is refused, also when both say the same: two lists that
 * disagree are a choice (the later one wins), a list that does so is a mistake.
 */
#include "common/domain/calendar_days.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/xalloc.h"
#include "common/domain/calendar_parts.h"

enum {
    NAME_BYTES_MAX = 128,
    NOTICE_BYTES_MAX = 512,
    TEXTS_MAX = 100,
    DAYS_MAX = 20000,
};

static void add_day(struct calendar_days *d, size_t *room, const struct calendar_day *day)
{
    if (d->count == *room) {
        *room = *room * 2 + 64;
        d->days = xreallocarray(d->days, *room, sizeof(*d->days));
    }
    d->days[d->count++] = *day;
}

/* ---- one entry: off, work or both, of one holiday */

struct list {
    const struct standard_reader *r;
    struct calendar_days *days;
    size_t room;
};

/* usual: what its days have in common. */
static int read_dates(struct list *l, const config_setting_t *setting,
                      const struct calendar_day *usual)
{
    size_t count = 0;

    if (calendar_count_texts(l->r, setting, TEXTS_MAX, &count) < 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        struct calendar_day day = *usual;
        int64_t last = 0;

        day.setting = calendar_text_at(setting, i);
        if (calendar_read_dates(l->r, day.setting, &day.day, &last) < 0) {
            return -1;
        }
        for (; day.day <= last; day.day++) {
            if (l->days->count == DAYS_MAX) {
                return standard_read_refuse(l->r, setting, "a list has at most %d days",
                                            (int)DAYS_MAX);
            }
            add_day(l->days, &l->room, &day);
        }
    }
    return 0;
}

static int check_entry(const struct list *l, const config_setting_t *group)
{
    const bool is_work = config_setting_get_member(group, "work") != NULL;
    const bool has_like = config_setting_get_member(group, "like") != NULL;
    const bool has_hours = config_setting_get_member(group, "hours") != NULL;

    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *setting = config_setting_get_elem(group, (unsigned)i);
        const char *name = config_setting_name(setting);

        if (strcmp(name, "name") != 0 && strcmp(name, "off") != 0 && strcmp(name, "work") != 0 &&
            strcmp(name, "like") != 0 && strcmp(name, "hours") != 0) {
            return standard_read_refuse(
                l->r, setting,
                "a special day has no such setting, only name, off, work, like and hours");
        }
    }
    if (!config_setting_get_member(group, "name") ||
        (!is_work && !config_setting_get_member(group, "off"))) {
        return standard_read_refuse(l->r, group, "needs a name, and dates: 'off', 'work' or both");
    }
    if ((has_like || has_hours) && !is_work) {
        return standard_read_refuse(l->r, group, "'like' and 'hours' are of days of 'work'");
    }
    if (has_like && has_hours) {
        return standard_read_refuse(l->r, group, "has either 'like' or 'hours'");
    }
    return 0;
}

static int read_entry(struct list *l, const config_setting_t *group, const char *notice)
{
    struct calendar_day off = {.notice = notice, .like = -1};
    struct calendar_day work;
    const config_setting_t *setting;

    if (!config_setting_is_group(group)) {
        return standard_read_refuse(l->r, group,
                                    "must be a group: { name = \"...\"; off = \"...\"; }");
    }
    if (check_entry(l, group) < 0) {
        return -1;
    }
    off.name = standard_read_text(l->r, config_setting_get_member(group, "name"), NAME_BYTES_MAX);
    if (!off.name) {
        return -1;
    }
    work = off;
    work.is_work = true;
    setting = config_setting_get_member(group, "like");
    if (setting && calendar_read_weekday(l->r, setting, &work.like) < 0) {
        return -1;
    }
    setting = config_setting_get_member(group, "hours");
    if (setting && calendar_read_hours(l->r, setting, &work.hours) < 0) {
        return -1;
    }
    setting = config_setting_get_member(group, "off");
    if (setting && read_dates(l, setting, &off) < 0) {
        return -1;
    }
    setting = config_setting_get_member(group, "work");
    return setting ? read_dates(l, setting, &work) : 0;
}

/* ---- a notice, and the days that it speaks of */

static int read_notice(struct list *l, const config_setting_t *group)
{
    const config_setting_t *notice = NULL;
    const config_setting_t *days = NULL;
    const char *text;

    if (!config_setting_is_group(group)) {
        return standard_read_refuse(l->r, group,
                                    "must be a group: { notice = \"...\"; days = ( ... ); }");
    }
    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *setting = config_setting_get_elem(group, (unsigned)i);

        if (strcmp(config_setting_name(setting), "notice") == 0) {
            notice = setting;
        } else if (strcmp(config_setting_name(setting), "days") == 0) {
            days = setting;
        } else {
            return standard_read_refuse(l->r, setting,
                                        "a notice has no such setting, only notice and days");
        }
    }
    if (!notice || !days) {
        return standard_read_refuse(l->r, group, "needs 'notice', who decided it, and 'days'");
    }
    text = standard_read_text(l->r, notice, NOTICE_BYTES_MAX);
    if (!text) {
        return -1;
    }
    if (!config_setting_is_list(days)) {
        return standard_read_refuse(l->r, days, "must be a list: ( { ... }, { ... } )");
    }
    for (int i = 0; i < config_setting_length(days); i++) {
        if (read_entry(l, config_setting_get_elem(days, (unsigned)i), text) < 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- the list */

static unsigned line_of(const struct calendar_day *d)
{
    return config_setting_source_line(d->setting);
}

static int compare_days(const void *a, const void *b)
{
    const struct calendar_day *left = a;
    const struct calendar_day *right = b;

    if (left->day != right->day) {
        return left->day < right->day ? -1 : 1;
    }
    return (line_of(left) > line_of(right)) - (line_of(left) < line_of(right));
}

int calendar_days_read(const struct standard_reader *r, const config_setting_t *list,
                       struct calendar_days *ret)
{
    struct list l = {.r = r, .days = ret};
    char text[CALENDAR_DAY_TEXT_SIZE];

    if (!config_setting_is_list(list)) {
        return standard_read_refuse(r, list, "must be a list: ( { ... }, { ... } )");
    }
    for (int i = 0; i < config_setting_length(list); i++) {
        if (read_notice(&l, config_setting_get_elem(list, (unsigned)i)) < 0) {
            return -1;
        }
    }
    if (ret->count > 0) {
        qsort(ret->days, ret->count, sizeof(*ret->days), compare_days);
    }
    for (size_t i = 1; i < ret->count; i++) {
        if (ret->days[i - 1].day == ret->days[i].day) {
            return standard_read_refuse(
                r, ret->days[i].setting, "%s is in this list before, as a day of \"%s\"",
                calendar_day_format(ret->days[i].day, text), ret->days[i - 1].name);
        }
    }
    return 0;
}

void calendar_days_free(struct calendar_days *d)
{
    free(d->days);
    *d = (struct calendar_days){.days = NULL};
}

const struct calendar_day *calendar_days_find(const struct calendar_days *d, int64_t day)
{
    size_t low = 0;
    size_t high = d->count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (d->days[middle].day < day) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < d->count && d->days[low].day == day ? &d->days[low] : NULL;
}
