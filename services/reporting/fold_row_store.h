/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fold_row_store.h - rows of daily_fact and monthly_fact, read and written back.
 *
 * The lanes of the rows are fenced in the same transaction, before anything is read: nobody else
 * writes them meanwhile.
 *
 * 1. fold_rows_ask()    reads the rows
 * 2. fold_rows_write()  writes them back. A row that has grown large is split (figure.h); what is
 *                       added to one that was split before is moved to the rows below, which are
 *                       read: while some are left, run and go on with 2
 *
 * So no row grows much beyond FOLD_DAY_FULL, and a batch rewrites what it changes and little else,
 * whatever number of values a dimension has.
 */
#ifndef TROTH_REPORTING_FOLD_ROW_STORE_H
#define TROTH_REPORTING_FOLD_ROW_STORE_H

#include <stddef.h>

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/runtime/db.h"
#include "services/reporting/figure_delta.h"

/* Bytes. Smaller: more rows for a company with many cases. Larger: more to write again for one
 * event, and more to read for a report by one dimension. Most rows are those of days; most of what
 * reports read is of months. */
enum {
    FOLD_DAY_FULL = 32 * 1024,
    FOLD_MONTH_FULL = 16 * 1024,
};

/* What is to be added to rows. */
struct fold_rows {
    struct figure_addend *list; /* sealed, owned by its delta */
    size_t count;
    size_t first_set; /* of the reply: where the rows of the last question begin */
};

/* Queues two statements, the last of this step. */
void fold_rows_ask(const struct fold_rows *r, struct db *db);
/* sets: all of the reply. Adds to the rows as they stand, and queues their writing; those of which
 * nothing is left are deleted. What is left in r was asked for. Returns 0, or -1 with err
 * (malformed): then nothing is queued. */
MUST_CHECK int fold_rows_write(struct fold_rows *r, const struct db_rows *const *sets,
                               struct db *db, struct err *err);

#endif
