/* SPDX-License-Identifier: Apache-2.0 */
/*
 * points_batch.h - what a batch of events does to points ledgers, computed without a database.
 *
 * 1. points_batch_add() picks out of each event what says something about points; _touch() names a
 *    customer whose points may have run out
 * 2. points_batch_seal() lists what has to be read (points_store.h), each once and sorted
 * 3. points_batch_run() applies the facts in the order in which they were added
 * 4. points_store.h writes what has changed, points_batch_announce() says it
 *
 * Ledgers do not depend on where batches begin and end.
 */
#ifndef TROTH_LOYALTY_POINTS_BATCH_H
#define TROTH_LOYALTY_POINTS_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/runtime/event_log.h"
#include "services/loyalty/points_plan.h"

struct points_batch;

/* Copies the policy. */
struct points_batch *points_batch_new(const struct points_policy *policy);
void points_batch_free(struct points_batch *b); /* NULL is fine */
void points_batch_clear(struct points_batch *b);

/* The event's stream is borrowed until points_batch_clear(). */
void points_batch_add(struct points_batch *b, const Troth__V1__Event *event);
/* Events that were recorded shortly before are perhaps not committed yet. */
#define POINTS_SWEEP_LAG_US DURATION_MIN
/* What ran out long enough before until_us is written off. */
void points_batch_touch(struct points_batch *b, int64_t customer, int64_t until_us);

/* ---- after sealing; lists are the batch's, valid until points_batch_clear() */

void points_batch_seal(struct points_batch *b);

struct points_account {
    struct points_ledger ledger;
    int64_t until_us; /* the newest instant of the batch about it: batches that have run out are
                         needed */
    bool is_touched;
    bool wants_all; /* all batches with points left are needed */
};
/* By customer. */
size_t points_batch_accounts(struct points_batch *b, struct points_account **ret_list);
/* In the order in which they were added. */
size_t points_batch_facts(const struct points_batch *b, const struct points_fact **ret_list);
/* NULL: not of this batch. */
struct points_ledger *points_batch_find(struct points_batch *b, int64_t customer);

void points_batch_run(struct points_batch *b);

/* points_changed of each new entry, by customer and number. */
void points_batch_announce(const struct points_batch *b, int64_t now_us, struct event_batch *to);

#endif
