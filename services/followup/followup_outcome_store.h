/* SPDX-License-Identifier: Apache-2.0 */
/* followup_outcome_store.h - what outcomes leave behind besides the follow-up: numbers that are
 * bad, customers who did not want to talk. */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_OUTCOME_STORE_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_OUTCOME_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "common/runtime/db.h"
#include "services/followup/followup_attempt_store.h"

/* Of one transaction; start with {0}. */
struct followup_outcome_marks {
    struct followup_outcome_mark {
        int64_t subject; /* handle of the number, or number of the customer */
        int32_t outcome; /* CallOutcome */
    } * numbers, *refusals;
    size_t number_count, number_capacity, refusal_count, refusal_capacity;
};

/* Takes down what the outcome of that attempt leaves behind; mostly nothing. */
void followup_outcome_mark(struct followup_outcome_marks *m, const struct followup_attempt *a);
void followup_outcome_clear_marks(struct followup_outcome_marks *m);
void followup_outcome_free_marks(struct followup_outcome_marks *m);

/* Queues statements without rows, at most two; none for no marks. now_us: business time. */
void followup_outcome_put_marks(struct db *db, const struct followup_outcome_marks *m,
                                int64_t now_us);

#endif
