/* SPDX-License-Identifier: Apache-2.0 */
/* weekly_parts.h - which reports the report of a week has, and what is drawn of each. */
#ifndef TROTH_REPORTING_WEEKLY_PARTS_H
#define TROTH_REPORTING_WEEKLY_PARTS_H

#include "services/reporting/weekly_page.h"

enum {
    WEEKLY_PARTS = 12,
};

struct weekly_part {
    const char *name;  /* of a report (report_book.h) */
    const char *group; /* NULL: its usual one */
    enum weekly_chart chart;
    const char *column; /* NULL without a chart */
};

extern const struct weekly_part weekly_parts[WEEKLY_PARTS];

#endif
