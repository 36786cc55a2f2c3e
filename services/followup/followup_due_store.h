/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_due_store.h - which follow-ups are due: found without a lock, then locked bucket by
 * bucket together with what else is planned for the same persons. See followup_store.h.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_DUE_STORE_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_DUE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/runtime/db.h"
#include "services/followup/followup_low_marks.h"
#include "services/followup/followup_row_store.h"

struct followup_due_scan {
    int64_t now_us, machine_now_us;
    const char *holder; /* us: claims of others that still stand are left alone */
    uint32_t channels;  /* bit (1 << Channel): with a free line. What has passed its window is
                           due without one */
    int32_t limit;      /* of each kind and channel; a person's others come on top of it */
    bool sees_claims;   /* also those whose holder is gone or whose time is over */
    bool sees_merged;   /* also those whose leader ended without them */
    const struct followup_low_marks *marks;
};

/* Two statements: what is due in these buckets (int2), the most urgent first (priority, then age),
 * and the first instant after now at which something will be. */
void followup_due_store_put_scan(struct db *db, const struct followup_due_scan *scan,
                                 const struct db_array *buckets);

enum followup_due_kind {
    FOLLOWUP_DUE_CALL = 1, /* of a lane of the marks */
    FOLLOWUP_DUE_WINDOW,
    FOLLOWUP_DUE_CLAIM,
    FOLLOWUP_DUE_MERGED,
};

struct followup_due_row {
    enum followup_due_kind kind;
    int64_t number;
    int64_t customer; /* of it, or another number of the same person: a row for each of them */
    int32_t channel, priority;
    int64_t next_attempt_us, window_end_us;
};

/* Of the first statement. */
void followup_due_store_get_row(const struct db_rows *r, size_t row, struct followup_due_row *ret);
/* Of the second one; FOLLOW_UP_NEVER: nothing is planned. */
int64_t followup_due_store_get_next(const struct db_rows *r);

struct followup_due_lock {
    const struct followup_due_scan *scan;
    int64_t ahead_us;              /* what is planned until now + that comes along */
    const struct db_array *merged; /* int8: of the kind MERGED, in any bucket */
    /* int2: ours. Elsewhere a claim stands as long as it lasts: its holder has that lane. */
    const struct db_array *buckets;
};

/* Locks what is due for these customers (int8), or will be soon, and skips what another has locked.
 * Rows: followup_store_get(), the most urgent first. */
void followup_due_store_put_lock(struct db *db, const struct followup_due_lock *lock,
                                 const struct db_array *customers);

#endif
