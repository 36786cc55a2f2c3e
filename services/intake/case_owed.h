/* SPDX-License-Identifier: Apache-2.0 */
/*
 * case_owed.h - what a case owes because of what happened to it: which promises of the standard are
 * kept, and which are made anew. Pure.
 */
#ifndef TROTH_INTAKE_CASE_OWED_H
#define TROTH_INTAKE_CASE_OWED_H

#include <stdbool.h>
#include <stddef.h>

#include "services/intake/case_rules.h"
#include "services/intake/intake_work.h"
#include "services/intake/work_events.h"

/* The customer heard from us: what waits for a first response, an update or a solution is settled
 * by it. */
bool case_owed_is_answer(const struct work_case *c, Troth__V1__CaseAction action);

/* The action keeps promises of that kind (common/domain/clock_rules.h). */
bool case_owed_is_done(const struct work_case *c, Troth__V1__CaseAction action, const char *kind);

/* A kind of promise that is owed anew, if the rule for the case has it. */
struct case_owed {
    const char *kind;
    int64_t made_us; /* its clock begins then */
};
/* After rule took effect on c and on the promises that there were. Returns how many. */
size_t case_owed_after(const struct intake_work *w, const struct work_case *c,
                       const struct case_rule *rule, struct work_when when,
                       struct case_owed ret[STANDARD_PROMISES_MAX]);

#endif
