/* SPDX-License-Identifier: Apache-2.0 */
/*
 * figure_delta.h - what a batch adds to the rows of daily_fact and monthly_fact. Pure.
 *
 * 1. figure_delta_change() for each bundle that is new, other than before, or gone; or
 *    figure_delta_add() for what has no bundle
 * 2. figure_delta_seal() adds the branches up to all of them and the days to months, and sorts the
 *    cells: those of one row lie together
 * 3. the caller reads those rows, adds the cells and writes them back
 */
#ifndef TROTH_REPORTING_FIGURE_DELTA_H
#define TROTH_REPORTING_FIGURE_DELTA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "services/reporting/figure_bundle.h"
#include "services/reporting/figure_sums.h"

/* What is added to one value of a dimension. Texts live until figure_delta_clear(). */
struct figure_addend {
    /* The row. */
    bool is_month; /* of monthly_fact */
    int16_t lane;
    enum figure_sheet sheet;
    int16_t part;          /* enum figure_part, or one below: figure_part_below() */
    uint32_t branch_place; /* private: equal texts have the same */
    const char *branch;
    int32_t day; /* since 1970-01-01; of a month its first */
    /* The cell in it. */
    enum figure_dimension dimension;
    uint32_t value_place; /* private */
    const char *value;
    struct figure_sums sums;
};

/* Whether both stand in one row. */
bool figure_addend_is_with(const struct figure_addend *a, const struct figure_addend *b);
/* Puts them into the order of figure_delta_seal() again, after parts were changed. */
void figure_addend_sort(struct figure_addend *list, size_t count);

struct figure_delta;
struct figure_delta *figure_delta_new(void);
void figure_delta_free(struct figure_delta *d); /* NULL is fine */
void figure_delta_clear(struct figure_delta *d);

/* Takes back before and adds now; NULL: there is none. What is in both costs nothing. Both
 * are sorted. Texts are copied. */
void figure_delta_change(struct figure_delta *d, int16_t lane, const struct figure_bundle *before,
                         const struct figure_bundle *now);

/* sign: 1 or -1. */
void figure_delta_add(struct figure_delta *d, int16_t lane, const struct figure_bundle *bundle,
                      int sign);

/* Days before months, then by lane, sheet, part, branch and day, dimension and value. Owned by the
 * delta. May be asked again, but nothing may be added any more. */
size_t figure_delta_seal(struct figure_delta *d, struct figure_addend **ret_list);

#endif
