/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fold_row_store.h - rows of daily_fact and monthly_fact, read and written back.
 *
 * The lanes of the rows are fenced in the same transaction, before anything is read: nobody else
 * writes them meanwhile.
 */
#ifndef TROTH_REPORTING_FOLD_ROW_STORE_H
#define TROTH_REPORTING_FOLD_ROW_STORE_H

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/runtime/db.h"
#include "services/reporting/figure_delta.h"

enum {
    FOLD_ROW_SETS = 2, /* days, months */
};

/* list: sealed. Queues FOLD_ROW_SETS statements. */
void fold_row_store_ask(struct db *db, const struct figure_addend *list, size_t count);
/* Adds the list to the rows as they stand, and queues their writing; those of which nothing is left
 * are deleted. Returns 0, or -1 with err (malformed): then nothing is queued. */
MUST_CHECK int fold_row_store_write(struct db *db, const struct db_rows *const *sets,
                                    struct figure_addend *list, size_t count, struct err *err);

#endif
