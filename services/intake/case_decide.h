/* SPDX-License-Identifier: Apache-2.0 */
/* case_decide.h - what an update does to a case, its clocks and its promises. Pure. */
#ifndef TROTH_INTAKE_CASE_DECIDE_H
#define TROTH_INTAKE_CASE_DECIDE_H

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "services/intake/case_rules.h"
#include "services/intake/intake_decide.h"
#include "services/intake/intake_record.h"
#include "services/intake/intake_work.h"

/* The case that the record names by number or by reference, of the customer it names, if it names
 * one. NULL with case_unknown; field is the one to blame. */
struct work_case *case_decide_find(struct intake_work *w, const struct intake_record *r,
                                   const char *field, struct err *err);

/* Moves the case by rule, because of r. Returns the event that was written down. */
struct work_case_event *case_decide_move(struct intake_work *w, const struct intake_record *r,
                                         struct work_case *c, const struct case_rule *rule,
                                         const char *staff);

/* ---- the parts of it, also for deriving a case anew (case_refold.h) */

/* State, instants and clocks of the case alone. Returns whether this was the first response. */
bool case_decide_apply(struct intake_work *w, struct work_case *c, const struct case_rule *rule,
                       int64_t occurred_us);
/* What it means for the promises that there are. */
void case_decide_settle(struct intake_work *w, struct work_case *c, const struct case_rule *rule,
                        struct work_when when);
/* What is owed because of a reopening, by the standard in force. */
void case_decide_promise_again(struct intake_work *w, struct work_case *c,
                               const struct work_case_event *reopening, struct work_when when);

/* A CaseUpdate. Returns 0, or -1 with a code and no effect. */
MUST_CHECK int case_decide_update(struct intake_work *w, const struct intake_record *r,
                                  struct intake_outcome *ret_outcome, struct err *err);

/* As the standard's file calls it; "" for none. */
const char *case_decide_kind_name(Troth__V1__ContactKind kind);

/* What the standard says about a case as it is. */
void case_decide_standard(const struct intake_work *w, const struct work_case *c,
                          struct standard_decision *ret);

#endif
