/* SPDX-License-Identifier: Apache-2.0 */
/* report_finish.h - what some reports compute over their rows (report_finish_fn). Pure. */
#ifndef TROTH_REPORTING_REPORT_FINISH_H
#define TROTH_REPORTING_REPORT_FINISH_H

#include "services/reporting/report_book.h"

/* Columns importance, performance and (filled) quadrant are the second, third and fourth. */
void report_finish_quadrant(const struct report_frame *frame, Troth__V1__FigureTable *table);

/* Rows come as "reliability/5" with the number of answers in the first column, and become a row for
 * each dimension and the total: memberships of a dimension are the shares of its answers, the whole
 * is the dimensions by the weights of the settings; those without answers leave theirs to the
 * others. */
void report_finish_evaluation(const struct report_frame *frame, Troth__V1__FigureTable *table);

#endif
