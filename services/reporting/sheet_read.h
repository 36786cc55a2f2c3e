/* SPDX-License-Identifier: Apache-2.0 */
/* sheet_read.h - looks into packed sheets of figures. Pure. */
#ifndef TROTH_REPORTING_SHEET_READ_H
#define TROTH_REPORTING_SHEET_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/compiler.h"
#include "common/base/err.h"
#include "services/reporting/figure_sums.h"

struct sheet_figure {
    enum figure_measure measure;
    int64_t count;
    figure_total sum;
    struct bytes histogram; /* packed; empty: none. Part of the sheet */
};

/* Walks through a packed FigureSheet:
 *
 *   struct sheet_figures sheet = {.left = cell.figures};
 *   while (sheet_figures_next(&sheet, &figure)) { ... }
 */
struct sheet_figures {
    struct bytes left;
    bool is_malformed; /* the walk ended before the end */
};
/* False at the end. */
bool sheet_figures_next(struct sheet_figures *s, struct sheet_figure *ret);

typedef void sheet_figure_fn(void *ctx, const struct sheet_figure *figure);

/* Calls take for each figure of a packed FigureSheet. Returns 0, or -1 with err (malformed). */
MUST_CHECK int sheet_read(struct bytes packed, sheet_figure_fn *take, void *ctx, struct err *err);

/* The count of one measure; 0 when the sheet has none of it, or cannot be read. */
int64_t sheet_read_count(struct bytes packed, enum figure_measure measure);

#endif
