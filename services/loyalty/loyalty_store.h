/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loyalty_store.h - what a batch of events reads and writes in schema loyalty, one statement per
 * table.
 *
 * The buckets of a batch are in leased lanes whose fences stand in the same transaction, so nobody
 * else writes these rows between reading and writing.
 */
#ifndef TROTH_LOYALTY_STORE_H
#define TROTH_LOYALTY_STORE_H

#include <stddef.h>

#include "common/runtime/db.h"
#include "services/loyalty/loyalty_fold.h"

/* Queues the reading of what the sealed batch is about. */
void loyalty_store_read(struct db *db, struct loyalty_fold *fold);
/* Fills the batch from the answer to loyalty_store_read(). */
void loyalty_store_take(const struct db_reply *reply, struct loyalty_fold *fold);

/* Queues the writing of what the batch has changed. Returns the number of sets of rows that it will
 * add to the reply. */
size_t loyalty_store_write(struct db *db, struct loyalty_fold *fold);

#endif
