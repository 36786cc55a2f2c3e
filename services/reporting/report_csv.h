/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_csv.h - a table as CSV (RFC 4180: CRLF, quotes where needed). Pure.
 *
 * One line of names, then the rows, then the total with the key "total". Columns: key, label, and
 * for each column of the report NAME, NAME_low, NAME_high, NAME_count and, when it was compared,
 * NAME_before (texts: NAME alone); so they are the same for every range and group. Durations are in
 * seconds with three decimals and say so (NAME_s, NAME_low_s, ...), amounts in minor units of their
 * currency (NAME_minor, ...). A key, label or
 * text that a spreadsheet would take for a formula (it begins with = + - @, a tab or a carriage
 * return) gets an apostrophe in front.
 */
#ifndef TROTH_REPORTING_REPORT_CSV_H
#define TROTH_REPORTING_REPORT_CSV_H

#include <stdbool.h>

#include "common/base/text.h"
#include "report.pb-c.h"

/* has_bom: a UTF-8 byte order mark first, which some spreadsheets need. */
void report_csv_append(const Troth__V1__FigureTable *table, bool has_bom, struct text *out);

#endif
