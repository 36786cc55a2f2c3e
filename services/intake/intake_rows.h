/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_rows.h - the rows of one set-based statement, filled from left to right.
 *
 * Rows are inserted by SELECT unnest($1::a[]), unnest($2::b[]), ...: the arrays run in step, as in
 * FROM unnest($1, $2, ...), which writes every column to a store of its own first and costs twice
 * as much.
 */
#ifndef TROTH_INTAKE_ROWS_H
#define TROTH_INTAKE_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/compiler.h"
#include "common/runtime/db_columns.h"

struct rows {
    struct db_columns columns;
    size_t at; /* the column that the next value belongs to */
};

/* Declares rows of that name with these columns (enum db_type). Ended by rows_send(). */
#define ROWS(name, ...)                                                                            \
    struct rows name = {.at = 0};                                                                  \
    static const enum db_type name##_types[] = {__VA_ARGS__};                                      \
    db_columns_init(&name.columns, name##_types, ARRAY_LEN(name##_types))

void put_int(struct rows *r, int64_t v);
void put_number(struct rows *r, int64_t v); /* 0 is SQL NULL */
void put_null(struct rows *r);
void put_double(struct rows *r, bool has, double v); /* SQL NULL without one */
void put_bool(struct rows *r, bool v);
void put_text(struct rows *r, const char *v);     /* NULL is SQL NULL */
void put_optional(struct rows *r, const char *v); /* NULL and "" are: sent empty, it says nothing */
void put_bytes(struct rows *r, struct bytes v);
void put_time(struct rows *r, int64_t us); /* DB_NO_TIME is SQL NULL */
/* The bucket of a number, and the number: how most rows begin. */
void put_key(struct rows *r, int64_t number);

/* Queues q unless there are no rows, and frees them. Returns how many there were. */
size_t rows_send(struct rows *r, struct db *db, const struct db_query *q);
/* The last parameter of q is an instant that all rows share. */
size_t rows_send_at(struct rows *r, struct db *db, const struct db_query *q, int64_t at_us);
/* For compare and set: the last parameter of q is how many rows must have been found. */
size_t rows_send_expecting(struct rows *r, struct db *db, const struct db_query *q);

#endif
