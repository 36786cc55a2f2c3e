/* SPDX-License-Identifier: Apache-2.0 */
/* weekly_chart.h - one column of a report as a small chart in SVG. Pure. */
#ifndef TROTH_REPORTING_WEEKLY_CHART_H
#define TROTH_REPORTING_WEEKLY_CHART_H

#include <stdbool.h>

#include "common/base/text.h"
#include "services/reporting/weekly_page.h"

#define WEEKLY_BARS_MAX 15 /* further rows stand in the table alone */

/* Nothing for a section without a chart, without such a column, or without a value above 0. */
void weekly_chart_append(const struct weekly_section *section, bool is_chinese, struct text *out);

/* What a row is called; "-" for a row of what has no value of its dimension. */
const char *weekly_chart_label(const Troth__V1__FigureRow *row);

#endif
