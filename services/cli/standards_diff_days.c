/* SPDX-License-Identifier: Apache-2.0 */
/*
 * standards_diff_days.c - which hours change in which calendar: its usual week, then the special
 * days of either version. Asks the calendars what the clocks ask them, so that what is shown is
 * what will count.
 */
#include <string.h>

#include "common/base/text.h"
#include "common/base/zone.h"
#include "common/domain/calendar_build.h"
#include "common/domain/calendar_parts.h"
#include "common/domain/calendar_read.h"
#include "services/cli/calendar_words.h"
#include "services/cli/standards_diff.h"

enum {
    DAY_LINES_MAX = 60, /* of one calendar */
    WEEKDAYS = 7,
};

/* A calendar and where its clocks are. */
struct seen {
    const struct calendar *calendar;
    struct zone *zone; /* owned; NULL: cannot be read any more, then hours are those of UTC */
};

/* ---- one day */

/* "08:00-12:00 13:00-18:00"; "closed". */
static void append_day(struct text *t, const struct seen *s, int64_t day)
{
    const size_t len = t->len;

    calendar_words_hours(t, s->calendar, s->zone, day);
    text_append(t, t->len > len ? "" : "closed");
}

static const char *special_day(const struct seen *s, int64_t day)
{
    return calendar_special_day(s->calendar, calendar_day_begin(s->calendar, day));
}

/* ---- the usual week */

/* Of the first ordinary day of that weekday; nothing when there is none. */
static void append_usual(struct text *t, const struct seen *s, int weekday, int64_t first,
                         int64_t last)
{
    for (int64_t day = first; day <= last; day++) {
        if (calendar_weekday(day) == weekday && !special_day(s, day)) {
            append_day(t, s, day);
            return;
        }
    }
}

static void diff_week(json_t *list, const struct seen *before, const struct seen *after,
                      int64_t first, int64_t last)
{
    static const char *const names[WEEKDAYS] = {"Mondays", "Tuesdays",  "Wednesdays", "Thursdays",
                                                "Fridays", "Saturdays", "Sundays"};

    for (int weekday = 0; weekday < WEEKDAYS; weekday++) {
        struct text was = {.data = NULL};
        struct text is = {.data = NULL};

        append_usual(&was, before, weekday, first, last);
        append_usual(&is, after, weekday, first, last);
        if (was.len > 0 && is.len > 0 && strcmp(was.data, is.data) != 0) {
            standards_diff_add(list, "calendar", calendar_name(after->calendar),
                               "%s: %s instead of %s", names[weekday], is.data, was.data);
        }
        text_free(&was);
        text_free(&is);
    }
}

/* ---- special days */

/* Days in a row with the same hours before and after, until one line says all of them. */
struct run {
    int64_t first;
    int64_t last;
    struct text was;
    struct text is;
    const char *why; /* NULL: an ordinary day now */
    size_t lines;
};

static void end_run(json_t *list, const struct seen *after, struct run *r)
{
    struct text days = {.data = NULL};
    char date[CALENDAR_DAY_TEXT_SIZE];

    if (r->is.len == 0) {
        return;
    }
    if (++r->lines <= DAY_LINES_MAX) {
        text_append(&days, calendar_day_format(r->first, date));
        if (r->last > r->first) {
            text_appendf(&days, "..%s", calendar_day_format(r->last, date));
        }
        if (r->why) {
            text_appendf(&days, " (%s)", r->why);
        }
        standards_diff_add(list, "calendar", calendar_name(after->calendar), "%s: %s instead of %s",
                           days.data, r->is.data, r->was.data);
    }
    text_clear(&r->was);
    text_clear(&r->is);
    text_free(&days);
}

static bool goes_on(const struct run *r, int64_t day, const struct text *was, const struct text *is,
                    const char *why)
{
    return r->is.len > 0 && r->last + 1 == day && strcmp(r->was.data, was->data) == 0 &&
           strcmp(r->is.data, is->data) == 0 && strcmp(r->why ? r->why : "", why ? why : "") == 0;
}

static void take_day(json_t *list, const struct seen *before, const struct seen *after, int64_t day,
                     struct run *r)
{
    struct text was = {.data = NULL};
    struct text is = {.data = NULL};
    const char *why = special_day(after, day);

    append_day(&was, before, day);
    append_day(&is, after, day);
    if (strcmp(was.data, is.data) == 0) {
        text_free(&was);
        text_free(&is);
        return;
    }
    if (goes_on(r, day, &was, &is, why)) {
        r->last = day;
        text_free(&was);
        text_free(&is);
        return;
    }
    end_run(list, after, r);
    text_free(&r->was);
    text_free(&r->is);
    r->first = r->last = day;
    r->was = was;
    r->is = is;
    r->why = why;
}

static void diff_special_days(json_t *list, const struct seen *before, const struct seen *after,
                              int64_t first, int64_t last)
{
    struct run r = {.lines = 0};

    for (int64_t day = first; day <= last; day++) {
        if (special_day(before, day) || special_day(after, day)) {
            take_day(list, before, after, day, &r);
        }
    }
    end_run(list, after, &r);
    if (r.lines > DAY_LINES_MAX) {
        standards_diff_add(list, "calendar", calendar_name(after->calendar),
                           "and %zu more changes of special days", r.lines - DAY_LINES_MAX);
    }
    text_free(&r.was);
    text_free(&r.is);
}

/* ---- calendars */

static void append_branches(struct text *t, const struct calendar_book *book,
                            const struct calendar *c)
{
    calendar_words_branches(t, book, c);
    text_append(t, t->len > 0 ? "" : "none");
}

static void diff_branches(json_t *list, const struct calendar_book *a,
                          const struct calendar *before, const struct calendar_book *b,
                          const struct calendar *after)
{
    struct text was = {.data = NULL};
    struct text is = {.data = NULL};

    append_branches(&was, a, before);
    append_branches(&is, b, after);
    if (strcmp(was.data, is.data) != 0) {
        standards_diff_add(list, "calendar", calendar_name(after), "branches: %s instead of %s",
                           is.data, was.data);
    }
    text_free(&was);
    text_free(&is);
}

static void diff_calendar(json_t *list, const struct calendar *before, const struct calendar *after,
                          int64_t first, int64_t last)
{
    struct seen a = {.calendar = before, .zone = zone_open(calendar_zone_name(before), NULL)};
    struct seen b = {.calendar = after, .zone = zone_open(calendar_zone_name(after), NULL)};

    if (strcmp(calendar_zone_name(before), calendar_zone_name(after)) != 0) {
        standards_diff_add(list, "calendar", calendar_name(after), "its zone is %s instead of %s",
                           calendar_zone_name(after), calendar_zone_name(before));
    }
    diff_week(list, &a, &b, first, last);
    diff_special_days(list, &a, &b, first, last);
    zone_free(a.zone);
    zone_free(b.zone);
}

void standards_diff_calendars(json_t *list, const struct standard *before,
                              const struct standard *after, int64_t first_day, int64_t last_day)
{
    const struct calendar_book *a = standard_calendars(before);
    const struct calendar_book *b = standard_calendars(after);

    for (size_t i = 0; i < calendar_book_count(a); i++) {
        const struct calendar *was = calendar_book_at(a, i);

        if (!calendar_book_find(b, calendar_name(was))) {
            standards_diff_add(list, "calendar", calendar_name(was), "is gone");
        }
    }
    for (size_t i = 0; i < calendar_book_count(b); i++) {
        const struct calendar *is = calendar_book_at(b, i);
        const struct calendar *was = calendar_book_find(a, calendar_name(is));

        if (was) {
            diff_branches(list, a, was, b, is);
            diff_calendar(list, was, is, first_day, last_day);
        } else {
            standards_diff_add(list, "calendar", calendar_name(is), "is new, in zone %s",
                               calendar_zone_name(is));
        }
    }
}
