/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loyalty_world.h - the tables of loyalty scoring in memory, for tests of its fold: what a fold
 * asks for is read from here, and what it says is written here. Only a batch that is written
 * counts: one that is not is a crash.
 */
#ifndef TROTH_TESTS_SUPPORT_LOYALTY_WORLD_H
#define TROTH_TESTS_SUPPORT_LOYALTY_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "services/loyalty/loyalty_fold.h"

struct world_table {
    void *rows;
    size_t count, capacity;
};

struct loyalty_world {
    struct world_table evidence;         /* struct evidence: every version */
    struct world_table scores;           /* struct customer_score */
    struct world_table sums;             /* struct fold_sum */
    struct world_table groups;           /* struct fold_group */
    struct world_table index_changes;    /* struct index_change */
    struct world_table standing_changes; /* struct standing_change */
    size_t read_count;                   /* rows of evidence that were asked for, ever */
};

void loyalty_world_clear(struct loyalty_world *w); /* keeps the memory */
void loyalty_world_free(struct loyalty_world *w);  /* what it holds */

/* Seals the fold and tells it what it asks for. */
void loyalty_world_read(struct loyalty_world *w, struct loyalty_fold *f);
/* After the run. */
void loyalty_world_write(struct loyalty_world *w, const struct loyalty_fold *f);

/* NULL: there is no row. */
const struct customer_score *loyalty_world_score(const struct loyalty_world *w, int64_t customer);
/* As its rows say; account_empty without rows. */
struct account loyalty_world_account(const struct loyalty_world *w, int64_t customer);
/* All zero without a row. */
struct fold_group loyalty_world_group(const struct loyalty_world *w, enum trust_grouping grouping,
                                      const char *name);

#endif
