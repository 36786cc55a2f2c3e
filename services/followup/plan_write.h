/* SPDX-License-Identifier: Apache-2.0 */
/* plan_write.h - what was planned becomes rows and events: the same for events and for rounds. */
#ifndef TROTH_SERVICES_FOLLOWUP_PLAN_WRITE_H
#define TROTH_SERVICES_FOLLOWUP_PLAN_WRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/runtime/event_log.h"
#include "services/followup/followup_step_store.h"
#include "services/followup/number_stock.h"
#include "services/followup/plan.h"

struct plan_written {
    int64_t planned_count; /* new ones */
    int64_t missed_count;  /* too late already, and not because the records are old */
    bool has_changes;      /* there is something to write */
    bool is_work_due;      /* something may be called at once */
};

/* Gives the new ones their numbers, and lists events and steps; what stood in both is forgotten. */
void plan_write_prepare(struct plan *p, struct number_stock *stock, struct event_batch *events,
                        struct followup_step_list *steps, struct plan_written *ret);

/* Queues inserts, changes (all or 40001) and steps. */
void plan_write_put(struct db *db, const struct plan *p, const struct followup_step_list *steps);

#endif
