/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_store.h - the questions to followup.follow_up, and what is read of intake beside it.
 *
 * put_ functions queue statements on a conversation (see db.h); get_ functions read a row of their
 * answer. Locks and claims stay in one bucket, so these take the bucket; inserts may span buckets.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_STORE_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "common/runtime/db.h"
#include "services/followup/followup_plan.h"
#include "services/followup/followup_row_store.h"

#define FOLLOWUP_NUMBERS_PER_BLOCK 1024 /* of the sequence followup.number_block */

/* ---- planning */

/* So many rows: the first counters of blocks of our own. */
void followup_store_put_number_blocks(struct db *db, int32_t count);
int64_t followup_store_get_number_block(const struct db_rows *r, size_t row);

/* ---- the list for people */

/* Follow-ups in one of these states (int2; empty: any), the newest due first. */
void followup_store_put_worklist(struct db *db, const struct db_array *states, int32_t limit);
/* Rows: followup_store_get(). */

#endif
