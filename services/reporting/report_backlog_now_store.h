/* SPDX-License-Identifier: Apache-2.0 */
/* report_backlog_now_store.h - the open cases by their age: an ask and a take of report_book.h.
 * Costs the open cases, however many there were before. */
#ifndef TROTH_REPORTING_REPORT_BACKLOG_NOW_STORE_H
#define TROTH_REPORTING_REPORT_BACKLOG_NOW_STORE_H

#include "services/reporting/report_book.h"

void report_backlog_now_store_ask(struct db *db, const struct report_frame *frame);
void report_backlog_now_store_take(const struct db_reply *reply, size_t first,
                                   const struct report_frame *frame, Troth__V1__FigureTable *table);

#endif
