/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_table.h - the table that answers a request, on the heap: made for a frame, put in order,
 * cut to what was asked and to what fits. The functions for take and finish are in report_book.h.
 * Pure.
 */
#ifndef TROTH_REPORTING_REPORT_TABLE_H
#define TROTH_REPORTING_REPORT_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "services/reporting/report_book.h"

/* Frame, columns and the notes of the report; no rows. Ended by
 * troth__v1__figure_table__free_unpacked(table, NULL). */
Troth__V1__FigureTable *report_table_new(const struct report_frame *frame);

/* A column as people see it. On the heap. */
Troth__V1__FigureColumn *report_table_column(const struct report_column *column,
                                             enum report_language language);

/* The total row, made when there is none; its cells as in report_table_add(). */
Troth__V1__FigureRow *report_table_total(Troth__V1__FigureTable *table);

/* Most of the first column first, those that are equal by their keys; dimensions that have an order
 * of their own (priority, chance, level, answer, SERVQUAL) by that. A cautious report: what has few
 * observations stands after the others, by its key, and a note says so. */
void report_table_order(Troth__V1__FigureTable *table, const struct report_frame *frame);

/* Whether the rows of this report stand by size alone, so that those beyond the limit need not be
 * made. */
bool report_table_is_by_size(const struct report_frame *frame);
/* Says how many rows there were before the limit. */
void report_table_note_cut(Troth__V1__FigureTable *table, const struct report_frame *frame,
                           size_t all);

/* Running shares, the finish of the report, the limit, and the notes that go with what is shown. */
void report_table_finish(Troth__V1__FigureTable *table, const struct report_frame *frame);

/* Removes the last row, by time the first one; false: there is none. */
bool report_table_drop(Troth__V1__FigureTable *table);

/* Frees all rows; columns, total and notes stay. */
void report_table_clear(Troth__V1__FigureTable *table);

#endif
