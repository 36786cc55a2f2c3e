/* SPDX-License-Identifier: Apache-2.0 */
/* followup_moves_store.h - what the operator asks about follow-ups that new time zone data moved.
 * Waits for the answer. */
#ifndef TROTH_SERVICES_CLI_FOLLOWUP_MOVES_STORE_H
#define TROTH_SERVICES_CLI_FOLLOWUP_MOVES_STORE_H

#include <stdint.h>

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/runtime/db.h"

/* Valid inside the function that gets it. */
struct followup_move {
    int64_t number;
    const char *rule, *zone; /* zone "": it has no local time any more */
    int64_t local_due_us;    /* the civil time as if it were UTC; DB_NO_TIME with zone "" */
    int64_t due_us;          /* where it was moved to */
    const char *reason;      /* "zone 2025b->2026a +1h" */
    int64_t moved_us;
    int32_t state; /* of the follow-up now: FollowUpState */
};

typedef void followup_move_fn(void *ctx, const struct followup_move *move);

/* The newest moves first, at most limit. Returns 0, or -1 with err. */
MUST_CHECK int followup_moves_store_read(struct db *db, int32_t limit, followup_move_fn *each,
                                         void *ctx, struct err *err);

#endif
