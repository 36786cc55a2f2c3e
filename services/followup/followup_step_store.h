/* SPDX-License-Identifier: Apache-2.0 */
/* followup_step_store.h - what happened to follow-ups that their rows and attempts do not say any
 * more: one row per step, for whoever asks how it came to this. */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_STEP_STORE_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_STEP_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "common/runtime/db.h"
#include "services/followup/followup_states.h"

#define FOLLOWUP_STEP_DEFERRED      "deferred"
#define FOLLOWUP_STEP_FORECAST      "forecast" /* planned or moved by one; the reason says it */
#define FOLLOWUP_STEP_MERGED        "merged"
#define FOLLOWUP_STEP_MOVED         "moved"
#define FOLLOWUP_STEP_PLANNED_AGAIN "planned_again"
#define FOLLOWUP_STEP_RETURNED      "returned"
#define FOLLOWUP_STEP_SNOOZED       "snoozed"

struct followup_step {
    int64_t follow_up;
    int64_t version; /* of the follow-up after it: one step for each version */
    int64_t at_us;
    const char *step;
    char reason[FOLLOW_UP_REASON_SIZE];
    int64_t until_us; /* deferred until, moved to; FOLLOW_UP_NEVER: neither */
    int64_t other;    /* the follow-up it was merged into; 0: none */
};

/* Steps in hand; start with {0}. */
struct followup_step_list {
    struct followup_step *items;
    size_t count, capacity;
};
/* The step of f as it is now, after its change. Valid until the next add. */
struct followup_step *followup_step_list_add(struct followup_step_list *l,
                                             const struct follow_up *f, const char *step,
                                             int64_t at_us);
void followup_step_list_clear(struct followup_step_list *l);
void followup_step_list_free(struct followup_step_list *l);

/* One statement without rows; none for an empty list. In the transaction that changes the
 * follow-ups. */
void followup_step_store_put(struct db *db, const struct followup_step_list *list);

#endif
