/* SPDX-License-Identifier: Apache-2.0 */
/* points_account_store.h - the points account that is asked about: one round trip, one snapshot. */
#ifndef TROTH_LOYALTY_POINTS_ACCOUNT_STORE_H
#define TROTH_LOYALTY_POINTS_ACCOUNT_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/runtime/db.h"
#include "services/loyalty/points_plan.h"
#include "services/loyalty/score_whom_store.h"

#define POINTS_ENTRIES_MAX 50
#define POINTS_SOON_US     (30 * DURATION_DAY)

/* Queues the statements; the next step ends them with db_run(). */
void points_account_ask(struct db *db, const struct score_whom *whom, int64_t now_us);

struct points_found {
    size_t customers; /* who are meant: 0, 1, or more who share the reference */
    int64_t customer; /* of one; as all that follows */
    bool is_erased;
    int64_t balance;   /* what has run out is not in it, even if it is not yet written off */
    int64_t soon;      /* of it: runs out within POINTS_SOON_US */
    int64_t elsewhere; /* the same of others who are the same person by a merge */
    struct points_entry entries[POINTS_ENTRIES_MAX]; /* newest first; texts are the reply's */
    size_t count;
};

void points_account_take(const struct db_reply *reply, struct points_found *ret);

#endif
