/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_batch.h - records become facts, events and receipts in one transaction of two round trips;
 * of three where a RecordVoid is among them, whose target must be known before anything is read.
 * Promises of a version of the standard that is not on the shelf yet cost a round trip once, and
 * records that name a merged case read a second time, with the case that goes on.
 *
 * 1. BEGIN and reading: what is known about everybody whom the records name.
 * 2. Deciding (pure), then writing, events last, COMMIT.
 * 3. Receipts and published events, only once COMMIT was answered.
 *
 * What a failure means:
 *   somebody else was quicker (23505, 40001)  read and decide again, at once and then later
 *   the connection was lost, COMMIT unknown   the same: receipts that are found say what happened
 *   a deadline was missed                     half of it next time: the line may be narrow
 *   the data (or our SQL) is at fault         smaller and smaller parts, until the record at fault
 * stands alone
 */
#ifndef TROTH_INTAKE_BATCH_H
#define TROTH_INTAKE_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/runtime/db.h"
#include "services/intake/intake.h"

enum intake_batch_end {
    INTAKE_BATCH_DONE = 1,
    INTAKE_BATCH_MORE_STEPS, /* done, and more steps are due */
    INTAKE_BATCH_LATER,      /* nothing was committed: run it again after a while */
};
/* The conversation is over and db may be released. */
typedef void intake_batch_end_fn(void *ctx, struct db *db, enum intake_batch_end end);

struct intake_batch;

/* lane: whose buckets it writes; records that turn out to be of another lane go there. */
struct intake_batch *intake_batch_new(struct intake *in, size_t lane);
void intake_batch_free(
    struct intake_batch *b); /* NULL is fine; lets go of records without an answer */

void intake_batch_add(struct intake_batch *b, struct intake_record *r); /* takes it over */
bool intake_batch_is_done(const struct intake_batch *b); /* every record has its answer */

void intake_batch_run(struct intake_batch *b, struct db *db, intake_batch_end_fn *end, void *ctx);
/* Takes due steps of promises in these buckets instead. */
void intake_batch_run_steps(struct intake_batch *b, struct db *db, const int16_t *buckets,
                            size_t bucket_count, intake_batch_end_fn *end, void *ctx);

#endif
