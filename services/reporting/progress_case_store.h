/* SPDX-License-Identifier: Apache-2.0 */
/* progress_case_store.h - what a progress page tells of a case, read from the views of intake. */
#ifndef TROTH_REPORTING_PROGRESS_CASE_STORE_H
#define TROTH_REPORTING_PROGRESS_CASE_STORE_H

#include "common/runtime/db.h"
#include "services/reporting/progress_case.h"

enum {
    PROGRESS_CASE_SETS = 7, /* that progress_case_store_take() reads */
};

/* Queues the questions about the case that progress_link_store_take() has found. */
void progress_case_store_ask(struct db *db, const struct progress_case *c);
/* rows: the first of the sets. */
void progress_case_store_take(const struct db_rows *const *rows, struct progress_case *c);

#endif
