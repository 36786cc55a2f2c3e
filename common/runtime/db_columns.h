/* SPDX-License-Identifier: Apache-2.0 */
/* db_columns.h - arrays that run in step: the columns of one set-based statement (unnest). */
#ifndef TROTH_COMMON_RUNTIME_DB_COLUMNS_H
#define TROTH_COMMON_RUNTIME_DB_COLUMNS_H

#include <stddef.h>

#include "common/runtime/db.h"

#define DB_COLUMNS_MAX 32

struct db_columns {
    struct db_array array[DB_COLUMNS_MAX];
    size_t count;
};

/* One column per type, in the order of $1, $2, ...; add a value to each of them for every row. */
void db_columns_init(struct db_columns *c, const enum db_type *types, size_t count);
void db_columns_free(struct db_columns *c);

size_t db_columns_rows(const struct db_columns *c);

/* Adds the columns to p as its next parameters and frees them. Columns of different lengths are our
 * bug. */
void db_columns_put(struct db_columns *c, struct db_params *p);
/* Queues q with the columns as its only parameters and frees them. */
void db_columns_query(struct db_columns *c, struct db *db, const struct db_query *q);

#endif
