/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_rows.h - rows of figures become the rows of a report: added up under the period or the
 * value that they belong to, put in order, and evaluated. Pure.
 */
#ifndef TROTH_REPORTING_REPORT_ROWS_H
#define TROTH_REPORTING_REPORT_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/compiler.h"
#include "common/base/err.h"
#include "services/reporting/report_period.h"
#include "services/reporting/report_sums.h"

struct report_rows;

/* Both are borrowed. */
struct report_rows *report_rows_new(const struct report_frame *frame,
                                    const struct report_slots *slots);
void report_rows_free(struct report_rows *rows); /* NULL is fine */

/* A row that was read for a piece: day is its day or the first of its month. Returns 0, or -1 with
 * err (malformed). */
MUST_CHECK int report_rows_add(struct report_rows *rows, const struct report_piece *piece,
                               int64_t day, const char *value, struct bytes figures,
                               struct err *err);

/* Appends the rows and the total to a table whose columns stand already. Once. */
void report_rows_finish(struct report_rows *rows, Troth__V1__FigureTable *table);

#endif
