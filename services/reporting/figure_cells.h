/* SPDX-License-Identifier: Apache-2.0 */
/*
 * figure_cells.h - walks through a row of daily_fact or monthly_fact (FigureRow of
 * figure_sheet.proto) without unpacking what nobody asks for, and writes one. Pure.
 *
 *   struct figure_cells cells = {.left = db_get_bytes(rows, row, 0)};
 *   struct figure_cell cell;
 *   while (figure_cells_next(&cells, &cell)) {
 *       if (figure_cell_is(&cell, DIMENSION_CHANNEL, "phone")) {
 *           rc = figure_sums_add_packed(&sums, cell.figures, err);
 *       }
 *   }
 */
#ifndef TROTH_REPORTING_FIGURE_CELLS_H
#define TROTH_REPORTING_FIGURE_CELLS_H

#include <stdbool.h>

#include "common/base/bytes.h"
#include "services/reporting/figure.h"

struct figure_cells {
    struct bytes left;
    bool is_malformed; /* the walk ended before the end */
};

/* Parts of the row. */
struct figure_cell {
    enum figure_dimension dimension;
    struct bytes value;   /* a text without its NUL */
    struct bytes figures; /* a packed FigureSheet */
    struct bytes whole;   /* the cell as it stands in the row */
};

/* False at the end. */
bool figure_cells_next(struct figure_cells *c, struct figure_cell *ret);

/* value NULL: any. */
bool figure_cell_is(const struct figure_cell *c, enum figure_dimension dimension,
                    const char *value);
/* Copies the value; one that does not fit is cut at a code point. Returns ret_text. */
const char *figure_cell_value(const struct figure_cell *c, char *ret_text, size_t size);
/* Order of the cells of a row: below 0 when c stands before a cell of these. */
int figure_cell_compare(const struct figure_cell *c, enum figure_dimension dimension,
                        const char *value);

/* Appends a cell to a row. */
void figure_cells_put(struct buffer *row, enum figure_dimension dimension, const char *value,
                      struct bytes figures);

#endif
