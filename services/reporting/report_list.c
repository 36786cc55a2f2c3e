/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/report_list.h"

#include <inttypes.h>
#include <string.h>

#include "common/base/text.h"
#include "services/reporting/report_filter_store.h"
#include "services/reporting/report_frame.h"

static const char *const names[REPORT_LIST_COUNT] = {
    [REPORT_LIST_OPENED] = "opened",     [REPORT_LIST_ANSWERED] = "answered",
    [REPORT_LIST_RESOLVED] = "resolved", [REPORT_LIST_REOPENED] = "reopened",
    [REPORT_LIST_BROKEN] = "broken",     [REPORT_LIST_LOW_ANSWER] = "low_answer",
    [REPORT_LIST_OPEN] = "open",         [REPORT_LIST_DUE_NEXT] = "due_next",
};

static int take_kind(const char *name, struct report_list *list, struct err *err)
{
    for (int i = 0; !text_is_empty(name) && i < REPORT_LIST_COUNT; i++) {
        if (strcmp(names[i], name) == 0) {
            list->kind = (enum report_list_kind)i;
            return 0;
        }
    }
    return err_set_field(err, "request_invalid", "cases.list",
                         "one of opened, answered, resolved, reopened, broken, low_answer, open, "
                         "due_next");
}

static int64_t day_start(const struct zone *zone, int64_t day)
{
    const struct civil_time local = {.date = civil_from_days(day)};

    return zone_to_instant(zone, &local);
}

static bool has_filter(const struct report_list *list, enum figure_dimension dimension)
{
    for (size_t i = 0; i < list->filter_count; i++) {
        if (list->filters[i].dimension == dimension) {
            return true;
        }
    }
    return false;
}

static int take_filters(const Troth__V1__CasesRequest *asked, struct report_list *list,
                        struct err *err)
{
    for (size_t i = 0; i < asked->n_filters; i++) {
        const Troth__V1__FigureFilter *f = asked->filters[i];
        const enum figure_dimension d =
            text_is_empty(f->dimension) ? DIMENSION_COUNT : figure_dimension_by_name(f->dimension);
        struct report_filter *filter = &list->filters[list->filter_count];
        if (d == DIMENSION_COUNT || (REPORT_FILTER_DIMENSIONS >> d & 1) == 0) {
            return err_set_field(err, "filter_invalid", "cases.filters",
                                 "filters of cases: branch, channel, team, staff, category, "
                                 "product, tier, priority, contact_kind");
        }
        if (has_filter(list, d)) {
            return err_set_field(err, "filter_invalid", "cases.filters",
                                 "%s is given twice: one value of each", f->dimension);
        }
        if (list->filter_count == REPORT_FILTERS_MAX) {
            return err_set_field(err, "filter_invalid", "cases.filters", "at most %d filters",
                                 REPORT_FILTERS_MAX);
        }
        if (text_is_empty(f->value) || !text_copy(filter->value, sizeof(filter->value), f->value)) {
            return err_set_field(err, "filter_invalid", "cases.filters",
                                 "the value of %s: 1 to 128 bytes", f->dimension);
        }
        filter->dimension = d;
        list->filter_count++;
    }
    return 0;
}

static int take_after(const char *after, struct report_list *list, struct err *err)
{
    const char *dot = text_is_empty(after) ? NULL : strchr(after, '.');
    char first[REPORT_PLACE_SIZE];

    if (text_is_empty(after)) {
        return 0;
    }
    if (dot == NULL || (size_t)(dot - after) >= sizeof(first)) {
        return err_set_field(err, "request_invalid", "cases.after",
                             "CaseList.next of the answer before");
    }
    memcpy(first, after, (size_t)(dot - after));
    first[dot - after] = '\0';
    if (text_to_int64(first, INT64_MIN, INT64_MAX, &list->after.at_us) < 0 ||
        text_to_int64(dot + 1, 1, INT64_MAX, &list->after.case_number) < 0) {
        return err_set_field(err, "request_invalid", "cases.after",
                             "CaseList.next of the answer before");
    }
    list->has_after = true;
    return 0;
}

int report_list_of(const Troth__V1__CasesRequest *asked, const struct report_options *options,
                   int64_t now_us, struct report_list *ret_list, struct err *err)
{
    struct report_list list = {.limit = REPORT_LIST_USUAL};
    const struct report_range_text range = {asked->from_day, asked->to_day, "cases."};
    int64_t days[2];

    if (take_kind(asked->list, &list, err) < 0 ||
        report_frame_days_of(&range, options, now_us, days, err) < 0 ||
        take_filters(asked, &list, err) < 0 || take_after(asked->after, &list, err) < 0) {
        return -1;
    }
    list.from_us = day_start(options->zone, days[0]);
    list.until_us = day_start(options->zone, days[1] + 1);
    if (asked->has_limit) {
        if (asked->limit < 1 || asked->limit > REPORT_LIST_MAX) {
            return err_set_field(err, "request_invalid", "cases.limit", "1 to %d", REPORT_LIST_MAX);
        }
        list.limit = asked->limit;
    }
    *ret_list = list;
    return 0;
}

const char *report_place_format(struct report_place place, char ret_text[REPORT_PLACE_SIZE])
{
    (void)text_format(ret_text, REPORT_PLACE_SIZE, "%" PRId64 ".%" PRId64, place.at_us,
                      place.case_number);
    return ret_text;
}
