/* SPDX-License-Identifier: Apache-2.0 */
/*
 * points_store.h - what a batch reads and writes of loyalty.points_entry, and what is asked of it.
 *
 * Nobody else writes the rows between reading and writing: as loyalty_store.h. The unique keys
 * would refuse it.
 */
#ifndef TROTH_LOYALTY_POINTS_STORE_H
#define TROTH_LOYALTY_POINTS_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "common/runtime/db.h"
#include "services/loyalty/points_batch.h"

/* Queues the reading of what the sealed batch is about: POINTS_STORE_SETS sets of rows. */
void points_store_read(struct db *db, struct points_batch *b);
#define POINTS_STORE_SETS 2
/* Ledgers learn the answer, whose sets begin at rows; they borrow its texts. */
void points_store_take(const struct db_rows *const *rows, struct points_batch *b);

/* Queues the writing of what has changed. Returns the number of sets of rows that it will add to
 * the reply. */
size_t points_store_write(struct db *db, struct points_batch *b);

/* ---- points_sweep_store.c */

/* Queues: at most limit customers of these buckets who have points to be written off at until_us,
 * one set of rows (customer_number). Buckets with events that are not yet applied are passed over:
 * they may have come before. */
void points_store_ask_due(struct db *db, const struct db_array *buckets, int64_t until_us,
                          int64_t limit);

#endif
