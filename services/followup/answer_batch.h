/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answer_batch.h - what the conversations of one transaction told, on its way into the outbox:
 * made into records (answer_records.h) and sealed at once, so that the database never sees it.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_ANSWER_BATCH_H
#define TROTH_SERVICES_FOLLOWUP_ANSWER_BATCH_H

#include <stddef.h>
#include <stdint.h>

#include "common/runtime/db.h"
#include "common/runtime/seal_box.h"
#include "services/followup/answer_records.h"

struct answer_batch;

/* box is borrowed. */
struct answer_batch *answer_batch_new(const struct seal_box *box);
void answer_batch_free(struct answer_batch *b); /* NULL is fine */
void answer_batch_clear(struct answer_batch *b);

/* The agenda has at least its leading reason. */
void answer_batch_add(struct answer_batch *b, const struct answer_call *call,
                      const struct call_told *told);
size_t answer_batch_count(const struct answer_batch *b); /* records */

/* Queues the statements of the transaction, without rows; nothing for none. */
void answer_batch_put(struct answer_batch *b, struct db *db, int64_t now_us);

#endif
