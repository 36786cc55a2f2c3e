/* SPDX-License-Identifier: Apache-2.0 */
/*
 * score_store.h - what is stored about those who are asked about: one round trip, one snapshot, so
 * that sums, evidence and history are of the same instant.
 */
#ifndef TROTH_LOYALTY_SCORE_STORE_H
#define TROTH_LOYALTY_SCORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/runtime/db.h"
#include "services/loyalty/score_found.h"
#include "services/loyalty/score_whom_store.h"

/* Whom and what to read; of each also those who are the same person by a merge. */
struct score_wanted {
    struct score_whom whom;
    bool is_past;         /* all evidence, for score_past.h, instead of the newest */
    bool is_replayed;     /* how far the log has been applied */
    bool has_moves;       /* the history of the index */
    int64_t as_of_us;     /* what was recorded later is left out; INT64_MAX: nothing */
    int32_t evidence_max; /* of each kind; those of answers about a case counted apart */
};

/* Queues the statements; the next step ends them with db_run(). */
void score_store_ask(struct db *db, const struct score_wanted *wanted);

/* What was found, in the order of their numbers; customers unknown to intake are left out. Of a
 * reference: all who have it. policy: for accounts of the past. Texts are borrowed from the reply;
 * the caller ends it with score_found_free(). */
struct score_found *score_store_take(const struct db_reply *reply,
                                     const struct score_wanted *wanted,
                                     const struct score_policy *policy);

#endif
