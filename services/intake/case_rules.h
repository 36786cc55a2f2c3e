/* SPDX-License-Identifier: Apache-2.0 */
/* case_rules.h - what may be done to a case in which state, and what it becomes. A missing row is
 * an error. */
#ifndef TROTH_INTAKE_CASE_RULES_H
#define TROTH_INTAKE_CASE_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "common/domain/clock_rules.h"
#include "event.pb-c.h"
#include "intake.pb-c.h"

struct case_rule {
    Troth__V1__CaseState from;
    Troth__V1__CaseAction action;
    Troth__V1__CaseState to;
    const char *because;
};

/* All rows, for tests and documents. */
const struct case_rule *case_rules(size_t *ret_count);

/* NULL: this cannot be done to a case in that state. */
const struct case_rule *case_rules_find(Troth__V1__CaseState from, Troth__V1__CaseAction action);

/* What a further contact of the customer does to a case by itself: UNSPECIFIED when nothing. */
Troth__V1__CaseAction case_rules_of_contact(Troth__V1__CaseState state);

/* Something still has to be done about it. */
bool case_rules_is_open(Troth__V1__CaseState state);

/* What an action is to the clocks of promises (common/domain/clock_rules.h). */
enum clock_event case_rules_clock_event(Troth__V1__CaseAction action);

/* The clocks of the case's promises stand. */
bool case_rules_is_paused(Troth__V1__CaseState state);

/* "waiting for customer": for texts that a person reads. */
const char *case_rules_state_name(Troth__V1__CaseState state);
const char *case_rules_action_name(Troth__V1__CaseAction action);

#endif
