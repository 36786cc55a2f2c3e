/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loyalty_store.h - what a batch reads in schema loyalty and writes there, one statement for each
 * question.
 *
 * The buckets of a batch are in leased lanes whose fences stand in the same transaction, and a
 * process has one batch at a time: nobody else writes these rows between reading and writing.
 */
#ifndef TROTH_LOYALTY_STORE_H
#define TROTH_LOYALTY_STORE_H

#include <stddef.h>

#include "common/runtime/db.h"
#include "services/loyalty/loyalty_fold.h"

/* Queues the reading of what the sealed batch is about. */
void loyalty_store_read(struct db *db, const struct loyalty_fold *fold);
#define LOYALTY_STORE_SETS 7 /* sets of rows that it adds to the reply */
/* rows: the first set of loyalty_store_read(). The fold borrows texts of the rows. */
void loyalty_store_take(const struct db_rows *const *rows, struct loyalty_fold *fold);

/* ---- loyalty_write_store.c */

/* Queues the writing of the batch's evidence. It needs nothing that is computed: queued before
 * loyalty_fold_run(), the server writes it meanwhile. Returns the number of sets of rows that it
 * will add to the reply. */
size_t loyalty_store_write_evidence(struct db *db, const struct loyalty_fold *fold);

/* Queues the writing of what else the batch has changed. fit_id: of the models it was computed
 * with. Returns the same. */
size_t loyalty_store_write(struct db *db, const struct loyalty_fold *fold, int64_t fit_id);

/* Beside it, when events changed the customers: whoever has the lane of the person that one of them
 * is a part of is to look at that. Adds one set of rows. */
void loyalty_store_request_looks(struct db *db, const struct loyalty_fold *fold);

#endif
