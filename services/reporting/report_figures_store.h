/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_figures_store.h - reads the figures behind a report: few rows, by the primary key. The
 * engine of all reports whose kind has no ask of its own.
 */
#ifndef TROTH_REPORTING_REPORT_FIGURES_STORE_H
#define TROTH_REPORTING_REPORT_FIGURES_STORE_H

#include "common/base/compiler.h"
#include "services/reporting/report_book.h"

/* Queues statements into a snapshot; returns nothing to keep: the same frame asks the same. */
void report_figures_store_ask(struct db *db, const struct report_frame *frame);
/* Their rows begin at reply->rows[first]. Appends rows and the total to a table that was made for
 * the frame. Returns 0, or -1 with err: a row cannot be read. */
MUST_CHECK int report_figures_store_take(const struct db_reply *reply, size_t first,
                                         const struct report_frame *frame,
                                         Troth__V1__FigureTable *table, struct err *err);

#endif
