/* SPDX-License-Identifier: Apache-2.0 */
/*
 * figure_sums.h - sums of the measures of a sheet, for one value of a dimension (FigureSheet of
 * figure_sheet.proto). Pure.
 */
#ifndef TROTH_REPORTING_FIGURE_SUMS_H
#define TROTH_REPORTING_FIGURE_SUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/model/log_histogram.h"
#include "services/reporting/figure.h"

/* A sum of microseconds: cases that took 107 days on average pass the end of int64_t with the
 * millionth; of whatever an int64_t can be this one holds 2^64. */
__extension__ typedef __int128 figure_total;

struct figure_sum {
    enum figure_measure measure;
    int64_t count;
    figure_total sum;
    struct log_histogram histogram;
};

/* Starts with {0}; one for each measure that has come up, in the order of their numbers. */
struct figure_sums {
    struct figure_sum *list;
    size_t count, room;
};
void figure_sums_free(struct figure_sums *s); /* {0} again */

/* The sum of the measure, made when it is not there. Valid until the next one is made. */
struct figure_sum *figure_sums_of(struct figure_sums *s, enum figure_measure measure);

/* Of counts; they wrap, for a row that is not ours may say anything. */
int64_t figure_plus(int64_t a, int64_t b);

/* As it is stored: both halves of a sum, the low one with a sign of its own. */
figure_total figure_total_of(int64_t low, int64_t high);
void figure_total_split(figure_total total, int64_t *ret_low, int64_t *ret_high);

void figure_sums_merge(struct figure_sums *to, const struct figure_sums *from);

/* Adds the cell of one value of a row (figure_cells.h), if there is one. Returns 0, or -1 with err
 * (malformed): s may then have a part of it. */
MUST_CHECK int figure_sums_add_cell(struct figure_sums *s, struct bytes row,
                                    enum figure_dimension dimension, const char *value,
                                    struct err *err);

/* Adds a packed FigureSheet. Returns 0, or -1 with err (malformed): s may then have a part of it.
 */
MUST_CHECK int figure_sums_add_packed(struct figure_sums *s, struct bytes packed, struct err *err);

/* Appends a FigureSheet, measures in the order of their numbers. Nothing is appended when all of it
 * is 0. */
void figure_sums_pack(const struct figure_sums *s, struct buffer *out);

#endif
