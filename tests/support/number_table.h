/* SPDX-License-Identifier: Apache-2.0 */
/* number_table.h - a CSV file of numbers: one line of names, then rows; lines with '#' are notes.
 */
#ifndef TROTH_TESTS_SUPPORT_NUMBER_TABLE_H
#define TROTH_TESTS_SUPPORT_NUMBER_TABLE_H

#include <stddef.h>

struct number_table {
    size_t rows, columns;
    char **names;  /* of the columns */
    double *cells; /* row by row; NAN where no number stands: NA, words, nothing */
};

/* Of the reference data (reference_data.h): skips the running test when they are not there. Fails
 * it when the file cannot be read or a row has too few cells. Freed by the caller. */
struct number_table *number_table_read(const char *name);

/* Fails the test when there is no such column or row. */
double number_table_at(const struct number_table *t, size_t row, const char *column);
/* The whole column; freed by the caller with free(). */
double *number_table_column(const struct number_table *t, const char *column);

void number_table_free(struct number_table *t);

#endif
