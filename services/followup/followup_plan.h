/* SPDX-License-Identifier: Apache-2.0 */
/* followup_plan.h - follow-ups in hand, and the settings that decisions about them depend on. */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_PLAN_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "services/followup/followup_states.h"

/* The settings that decisions depend on. */
struct followup_limits {
    int64_t orders_max;    /* per follow-up, calls and barred orders together */
    int64_t ask_for_us;    /* machine time we wait for a dialer that is gone */
    int64_t call_limit_us; /* machine time after start-by in which a placed call must end */
};

/* Follow-ups in hand; start with {0}. */
struct follow_up_list {
    struct follow_up *items;
    size_t count, capacity;
};
/* Zeroed apart from instants that are not set. Valid until the next add. */
struct follow_up *follow_up_list_add(struct follow_up_list *l);
void follow_up_list_clear(struct follow_up_list *l);
void follow_up_list_free(struct follow_up_list *l);

#endif
