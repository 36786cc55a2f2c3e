/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/number_table.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "tests/support/reference_data.h"

static FILE *open_table(const char *name)
{
    struct text path;
    FILE *in;

    reference_data_need();
    path = reference_data_path(name);
    in = fopen(path.data, "r");
    if (!in) {
        fail_msg("%s: %s", path.data, strerror(errno));
    }
    text_free(&path);
    return in;
}

static void read_names(struct number_table *t, char *line)
{
    char *cell;

    while ((cell = strsep(&line, ","))) {
        t->names = xreallocarray(t->names, t->columns + 1, sizeof *t->names);
        t->names[t->columns++] = xstrdup(cell);
    }
}

/* False: the row is too short. */
static bool read_row(struct number_table *t, char *line)
{
    double *row;

    t->cells = xreallocarray(t->cells, (t->rows + 1) * t->columns, sizeof *t->cells);
    row = t->cells + t->rows++ * t->columns;
    for (size_t i = 0; i < t->columns; i++) {
        const char *cell = strsep(&line, ",");

        if (!cell) {
            return false;
        }
        if (text_to_double(cell, &row[i]) < 0) {
            row[i] = NAN;
        }
    }
    return true;
}

struct number_table *number_table_read(const char *name)
{
    FILE *in = open_table(name);
    struct number_table *t = xcalloc(1, sizeof *t);
    char *line = NULL;
    size_t capacity = 0;
    bool is_whole = true;

    while (is_whole && getline(&line, &capacity, in) >= 0) {
        line[strcspn(line, "\r\n")] = '\0';
        if (line[0] == '#' || line[0] == '\0') {
            continue;
        }
        if (t->columns == 0) {
            read_names(t, line);
        } else {
            is_whole = read_row(t, line);
        }
    }
    free(line);
    (void)fclose(in);
    if (!is_whole || t->rows == 0) {
        fail_msg("%s: row %zu is too short, or there is none", name, t->rows);
    }
    return t;
}

static size_t column_of(const struct number_table *t, const char *column)
{
    for (size_t i = 0; i < t->columns; i++) {
        if (strcmp(t->names[i], column) == 0) {
            return i;
        }
    }
    fail_msg("no column %s", column);
    return 0;
}

double number_table_at(const struct number_table *t, size_t row, const char *column)
{
    assert_true(row < t->rows);
    return t->cells[row * t->columns + column_of(t, column)];
}

double *number_table_column(const struct number_table *t, const char *column)
{
    size_t i = column_of(t, column);
    double *all = xcalloc(t->rows, sizeof *all);

    for (size_t row = 0; row < t->rows; row++) {
        all[row] = t->cells[row * t->columns + i];
    }
    return all;
}

void number_table_free(struct number_table *t)
{
    if (!t) {
        return;
    }
    for (size_t i = 0; i < t->columns; i++) {
        free(t->names[i]);
    }
    free(t->names);
    free(t->cells);
    free(t);
}
