/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/report_frame.h"

#include <string.h>

#include "common/base/instant.h"
#include "common/base/text.h"
#include "services/reporting/report_period.h"

enum report_language report_language_of(const char *language)
{
    return language != NULL && strncmp(language, "zh", 2) == 0 ? REPORT_CHINESE : REPORT_ENGLISH;
}

int64_t report_day_at(const struct zone *zone, int64_t at_us)
{
    struct civil_time local;

    zone_from_instant(zone, at_us, &local);
    return civil_to_days(local.date);
}

/* ---- range */

static int64_t first_day(void)
{
    return civil_to_days((struct civil_date){.year = 1, .month = 1, .day = 1});
}

static int take_day(const char *text, const char *prefix, const char *field, int64_t *day,
                    struct err *err)
{
    char path[64];

    if (text_is_empty(text) || report_day_parse(text, day) == 0) {
        return 0;
    }
    (void)text_format(path, sizeof(path), "%s%s", prefix, field);
    return err_set_field(err, "range_invalid", path, "a day is written 2026-11-01");
}

int report_frame_days_of(const struct report_range_text *text, const struct report_options *options,
                         int64_t now_us, int64_t ret_days[2], struct err *err)
{
    int64_t to = report_day_at(options->zone, now_us);
    char path[64];

    if (take_day(text->to_day, text->prefix, "to_day", &to, err) < 0) {
        return -1;
    }
    int64_t from = to - REPORT_USUAL_DAYS < first_day() ? first_day() : to - REPORT_USUAL_DAYS;
    if (take_day(text->from_day, text->prefix, "from_day", &from, err) < 0) {
        return -1;
    }
    if (from > to) {
        (void)text_format(path, sizeof(path), "%sto_day", text->prefix);
        return err_set_field(err, "range_invalid", path,
                             "the range ends before it begins; without a to_day it ends today");
    }
    ret_days[0] = from;
    ret_days[1] = to;
    return 0;
}

static int take_range(const Troth__V1__FiguresRequest *asked, const struct report_options *options,
                      struct report_frame *f, struct err *err)
{
    const struct report_range_text text = {asked->from_day, asked->to_day, "figures."};
    int64_t days[2];

    if (report_frame_days_of(&text, options, f->now_us, days, err) < 0) {
        return -1;
    }
    (void)report_day_format(days[0], f->from_day);
    (void)report_day_format(days[1], f->to_day);
    if (asked->has_is_compared && asked->is_compared) {
        const int64_t length = days[1] - days[0] + 1;

        if (days[0] - length < first_day()) {
            return err_set_field(err, "range_invalid", "figures.is_compared",
                                 "there are no days of that length before the range");
        }
        (void)report_day_format(days[0] - length, f->before_from_day);
        (void)report_day_format(days[0] - 1, f->before_to_day);
    }
    if (!text_is_empty(asked->time_zone) && strcmp(asked->time_zone, options->time_zone) != 0) {
        return err_set_field(err, "zone_not_counted", "figures.time_zone",
                             "figures are counted by the days of %s", options->time_zone);
    }
    return 0;
}

/* ---- group */

static const struct {
    const char *name;
    enum report_grouping grouping;
} time_groups[] = {
    {"none",  GROUP_NONE },
    {"day",   GROUP_DAY  },
    {"week",  GROUP_WEEK },
    {"month", GROUP_MONTH},
};

static void append_dimensions(uint32_t bits, struct text *out)
{
    for (int d = 0; d < DIMENSION_COUNT; d++) {
        if ((bits >> d & 1) != 0) {
            text_appendf(out, "%s%s", out->len > 0 ? ", " : "",
                         figure_dimension_name((enum figure_dimension)d));
        }
    }
}

bool report_has_time_group(const struct report_kind *kind, enum report_grouping grouping)
{
    return grouping == GROUP_NONE || (kind->has_time_groups && grouping == GROUP_DAY) ||
           (kind->has_time_groups && !kind->is_daily);
}

static int no_such_group(const struct report_kind *kind, struct err *err)
{
    struct text groups = {.data = NULL};

    text_append(&groups, "none");
    for (size_t i = 1; i < ARRAY_LEN(time_groups); i++) {
        if (report_has_time_group(kind, time_groups[i].grouping)) {
            text_appendf(&groups, ", %s", time_groups[i].name);
        }
    }
    append_dimensions(kind->groups, &groups);
    (void)err_set_field(err, "group_invalid", "figures.group_by", "%s can be grouped by: %s",
                        kind->name, text_or_empty(&groups));
    text_free(&groups);
    return -1;
}

static int take_group(const char *group, struct report_frame *f, struct err *err)
{
    const struct report_kind *kind = f->kind;

    if (text_is_empty(group)) {
        f->grouping = kind->usual;
        f->dimension = kind->usual == GROUP_DIMENSION ? kind->usual_dimension : DIMENSION_ALL;
        return 0;
    }
    for (size_t i = 0; i < ARRAY_LEN(time_groups); i++) {
        if (strcmp(time_groups[i].name, group) == 0) {
            f->grouping = time_groups[i].grouping;
            return report_has_time_group(kind, f->grouping) ? 0 : no_such_group(kind, err);
        }
    }
    const enum figure_dimension dimension = figure_dimension_by_name(group);
    if (dimension == DIMENSION_COUNT || (kind->groups >> dimension & 1) == 0) {
        return no_such_group(kind, err);
    }
    f->grouping = GROUP_DIMENSION;
    f->dimension = dimension;
    return 0;
}

/* Groups with fewer rows than that one. */
static const char *wider_groups(const struct report_frame *f)
{
    if (f->kind->is_daily || f->grouping == GROUP_MONTH) {
        return "none";
    }
    return f->grouping == GROUP_WEEK ? "month or none" : "week, month or none";
}

static int check_periods(const struct report_frame *f, struct err *err)
{
    const bool is_by_time = f->grouping != GROUP_NONE && f->grouping != GROUP_DIMENSION;

    return is_by_time && report_period_count(f) > REPORT_LIMIT_MAX
               ? err_set_field(err, "range_invalid", "figures.from_day",
                               "more than %d rows: group by %s, or ask for fewer days",
                               REPORT_LIMIT_MAX, wider_groups(f))
               : 0;
}

/* ---- filters */

static int no_such_filter(const struct report_kind *kind, struct err *err)
{
    struct text filters = {.data = NULL};

    append_dimensions(kind->filters, &filters);
    if (filters.len == 0) {
        (void)err_set_field(err, "filter_invalid", "figures.filters", "%s has no filters",
                            kind->name);
    } else {
        (void)err_set_field(err, "filter_invalid", "figures.filters", "filters of %s: %s",
                            kind->name, text_or_empty(&filters));
    }
    text_free(&filters);
    return -1;
}

static int take_filter(const Troth__V1__FigureFilter *asked, struct report_frame *f,
                       struct err *err)
{
    const enum figure_dimension d = text_is_empty(asked->dimension)
                                        ? DIMENSION_COUNT
                                        : figure_dimension_by_name(asked->dimension);

    if (d == DIMENSION_COUNT || (f->kind->filters >> d & 1) == 0) {
        return no_such_filter(f->kind, err);
    }
    for (size_t i = 0; i < f->filter_count; i++) {
        if (f->filters[i].dimension == d) {
            return err_set_field(err, "filter_invalid", "figures.filters",
                                 "%s is given twice: one value of each", asked->dimension);
        }
    }
    if (f->filter_count == REPORT_FILTERS_MAX) {
        return err_set_field(err, "filter_invalid", "figures.filters", "at most %d filters",
                             REPORT_FILTERS_MAX);
    }
    struct report_filter *filter = &f->filters[f->filter_count];
    if (text_is_empty(asked->value) ||
        !text_copy(filter->value, sizeof(filter->value), asked->value)) {
        return err_set_field(err, "filter_invalid", "figures.filters",
                             "the value of %s: 1 to 128 bytes", asked->dimension);
    }
    filter->dimension = d;
    f->filter_count++;
    return 0;
}

/* Besides a branch. */
static const struct report_filter *other_filter(const struct report_frame *f)
{
    for (size_t i = 0; i < f->filter_count; i++) {
        if (f->filters[i].dimension != DIMENSION_BRANCH) {
            return &f->filters[i];
        }
    }
    return NULL;
}

/* A report with tables of its own says itself what goes together. */
static int check_filters(const struct report_frame *f, struct err *err)
{
    const struct report_filter *other = other_filter(f);
    size_t others = 0;

    for (size_t i = 0; i < f->filter_count; i++) {
        others += f->filters[i].dimension != DIMENSION_BRANCH;
    }
    if (f->kind->ask != NULL || other == NULL) {
        return 0;
    }
    if (others > 1) {
        return err_set_field(err, "filter_invalid", "figures.filters",
                             "one filter besides the branch: figures are not counted by two of "
                             "them at once; the list of the cases can be filtered by all");
    }
    if (f->grouping == GROUP_DIMENSION && f->dimension != other->dimension) {
        return err_set_field(err, "filter_invalid", "figures.filters",
                             "grouped by %s, only it and the branch can be chosen; with the filter "
                             "%s group by day, week, month, none or %s",
                             figure_dimension_name(f->dimension),
                             figure_dimension_name(other->dimension),
                             figure_dimension_name(other->dimension));
    }
    return 0;
}

const char *report_frame_filter(const struct report_frame *frame, enum figure_dimension dimension)
{
    for (size_t i = 0; i < frame->filter_count; i++) {
        if (frame->filters[i].dimension == dimension) {
            return frame->filters[i].value;
        }
    }
    return "";
}

/* ---- all of it */

static int take_limit(const Troth__V1__FiguresRequest *asked, struct report_frame *f,
                      struct err *err)
{
    f->limit = REPORT_LIMIT_USUAL;
    if (!asked->has_limit) {
        return 0;
    }
    if (asked->limit < 1 || asked->limit > REPORT_LIMIT_MAX) {
        return err_set_field(err, "request_invalid", "figures.limit", "1 to %d", REPORT_LIMIT_MAX);
    }
    f->limit = (size_t)asked->limit;
    return 0;
}

int report_frame_of(const Troth__V1__FiguresRequest *asked, const char *language,
                    const struct report_options *options, int64_t now_us,
                    struct report_frame *ret_frame, struct err *err)
{
    struct report_frame f = {
        .kind = text_is_empty(asked->name) ? NULL : report_book_find(asked->name),
        .language = report_language_of(language),
        .time_zone = options->time_zone,
        .now_us = now_us,
        .options = options,
    };

    if (f.kind == NULL) {
        return err_set_field(err, "report_unknown", "figures.name",
                             "there is no such report: the catalogue lists them");
    }
    if (take_range(asked, options, &f, err) < 0 || take_group(asked->group_by, &f, err) < 0 ||
        check_periods(&f, err) < 0 || take_limit(asked, &f, err) < 0) {
        return -1;
    }
    for (size_t i = 0; i < asked->n_filters; i++) {
        if (take_filter(asked->filters[i], &f, err) < 0) {
            return -1;
        }
    }
    if (check_filters(&f, err) < 0) {
        return -1;
    }
    *ret_frame = f;
    return 0;
}

/* ---- which rows to read */

struct report_source report_frame_total_source(const struct report_frame *frame)
{
    const struct report_filter *other = other_filter(frame);

    return (struct report_source){
        .dimension = other ? other->dimension : DIMENSION_ALL,
        .branch = report_frame_filter(frame, DIMENSION_BRANCH),
        .value = other ? other->value : "",
    };
}

struct report_source report_frame_source(const struct report_frame *frame)
{
    const char *branch = report_frame_filter(frame, DIMENSION_BRANCH);
    const enum figure_dimension read = frame->kind->read_dimension != DIMENSION_ALL
                                           ? frame->kind->read_dimension
                                           : frame->dimension;

    if (frame->grouping != GROUP_DIMENSION) {
        return report_frame_total_source(frame);
    }
    const char *value = report_frame_filter(frame, read);
    return (struct report_source){
        .dimension = read,
        .branch = read == DIMENSION_BRANCH ? "" : branch,
        .value = text_is_empty(value) ? NULL : value,
    };
}
