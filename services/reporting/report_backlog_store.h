/* SPDX-License-Identifier: Apache-2.0 */
/* report_backlog_store.h - what still waits anywhere, read in one snapshot. */
#ifndef TROTH_REPORTING_REPORT_BACKLOG_STORE_H
#define TROTH_REPORTING_REPORT_BACKLOG_STORE_H

#include "common/runtime/db.h"
#include "report.pb-c.h"

/* Queues a whole transaction. */
void report_backlog_store_ask(struct db *db);
/* On the heap, owned by the caller. */
Troth__V1__Backlog *report_backlog_store_take(const struct db_reply *reply);

#endif
