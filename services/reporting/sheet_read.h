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
#include "services/reporting/figure.h"

struct sheet_figure {
    enum figure_measure measure;
    int64_t count, sum;
    struct bytes histogram; /* packed; empty: none. Borrowed for the call */
};
typedef void sheet_figure_fn(void *ctx, const struct sheet_figure *figure);

/* Calls take for each figure of a packed FigureSheet. Returns 0, or -1 with err (malformed). */
MUST_CHECK int sheet_read(struct bytes packed, sheet_figure_fn *take, void *ctx, struct err *err);

/* Count and sum of one measure; 0 and 0 when the sheet has none of it, or cannot be read. */
void sheet_read_one(struct bytes packed, enum figure_measure measure, int64_t *ret_count,
                    int64_t *ret_sum);

#endif
