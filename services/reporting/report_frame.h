/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_frame.h - what is asked of a report, checked, and which rows of figures that means. Pure.
 *
 * A row of figures is of one value of one dimension, over all branches or in one. So one branch
 * goes with any group; another dimension goes with groups by time, with none, and with itself.
 */
#ifndef TROTH_REPORTING_REPORT_FRAME_H
#define TROTH_REPORTING_REPORT_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/compiler.h"
#include "services/reporting/report_book.h"

enum {
    REPORT_LIMIT_USUAL = 100,
    REPORT_LIMIT_MAX = 500, /* of rows; of periods, too */
    REPORT_USUAL_DAYS = 30,
};

/* Fills ret_frame. language: "zh", "zh-Hans", ... is Chinese, all else English. now_us: business
 * time. Returns 0, or -1 with err: report_unknown, range_invalid, group_invalid, filter_invalid,
 * zone_not_counted, request_invalid; the text says what could be asked instead. options is
 * borrowed. */
MUST_CHECK int report_frame_of(const Troth__V1__FiguresRequest *asked, const char *language,
                               const struct report_options *options, int64_t now_us,
                               struct report_frame *ret_frame, struct err *err);

/* grouping: not GROUP_DIMENSION. */
bool report_has_time_group(const struct report_kind *kind, enum report_grouping grouping);

enum report_language report_language_of(const char *language); /* NULL: English */

struct report_range_text {
    const char *from_day, *to_day; /* "2026-11-01" or empty */
    const char *prefix;            /* of the field's path in err */
};

/* Reads both days; where one is empty: the last 30 days until today. */
MUST_CHECK int report_frame_days_of(const struct report_range_text *text,
                                    const struct report_options *options, int64_t now_us,
                                    int64_t ret_days[2], struct err *err);
/* Of the calendar day of an instant, since 1970-01-01. */
int64_t report_day_at(const struct zone *zone, int64_t at_us);

/* ---- which rows to read */

/* Rows of one dimension: of one value of it, or (NULL) of all. */
struct report_source {
    enum figure_dimension dimension;
    const char *branch; /* "": over all */
    const char *value;
};
struct report_source report_frame_source(const struct report_frame *frame);
/* That of the total; is the same unless grouped by a dimension. */
struct report_source report_frame_total_source(const struct report_frame *frame);

#endif
