/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worklist_settled.h - what the fates of people's orders leave behind besides the follow-up: the
 * lease goes on, ends or becomes a pause, the budgets count, and a step says who did not call.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_WORKLIST_SETTLED_H
#define TROTH_SERVICES_FOLLOWUP_WORKLIST_SETTLED_H

#include <stddef.h>
#include <stdint.h>

#include "common/runtime/db.h"
#include "services/followup/followup_settle.h"
#include "services/followup/followup_step_store.h"
#include "services/followup/worklist_lease_store.h"

/* Of one transaction; start with {0}. */
struct worklist_settled {
    struct worklist_settled_item {
        struct worklist_lease_move move;
        bool is_counted; /* the customer is called, or was */
    } * items;
    size_t count, capacity;
    struct followup_step_list steps;
};

/* Takes down what a settled fate means; rows as settled. call_limit_us: how long an accepted one
 * may take. */
struct worklist_settled_terms {
    const struct followup_outcome_terms *outcome;
    int64_t call_limit_us, now_us;
};
void worklist_settled_add(struct worklist_settled *w, const struct worklist_settled_terms *terms,
                          const struct followup_fate *fate,
                          const struct followup_settle_rows *rows);
void worklist_settled_clear(struct worklist_settled *w);
void worklist_settled_free(struct worklist_settled *w);

/* Queues statements without rows; mostly none. now_us: business time. */
void worklist_settled_put(const struct worklist_settled *w, struct db *db, int64_t now_us);

#endif
