/* SPDX-License-Identifier: Apache-2.0 */
/*
 * weekly_page.h - the weekly report as one HTML file that needs nothing else: styles and charts
 * stand in it, and every chart has its figures as a table below. Pure.
 */
#ifndef TROTH_REPORTING_WEEKLY_PAGE_H
#define TROTH_REPORTING_WEEKLY_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/text.h"
#include "report.pb-c.h"

enum weekly_chart {
    WEEKLY_NO_CHART,
    WEEKLY_BARS,    /* one bar for each row, from the left, with what it may be off by */
    WEEKLY_COLUMNS, /* one for each day, upwards */
};

struct weekly_section {
    const Troth__V1__FigureTable *table;
    enum weekly_chart chart;
    const char *column; /* name of the one that is drawn */
};

struct weekly_page {
    bool is_chinese;
    const char *from_day, *to_day, *time_zone;
    const char *dashboard_url; /* "" or NULL: no link */
    const struct weekly_section *sections;
    size_t section_count;
};

/* "Weekly report 2026-11-16 to 2026-11-22" */
void weekly_page_title(const struct weekly_page *page, struct text *out);
void weekly_page_append(const struct weekly_page *page, struct text *out);
/* The totals of each section as lines of plain text, for the mail. */
void weekly_page_append_plain(const struct weekly_page *page, struct text *out);

#endif
