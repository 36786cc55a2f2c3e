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

/* The case that a source calls so, of the customer that it calls so; either may be NULL. NULL: none
 * that was read. */
struct work_case *case_decide_find_reference(struct intake_work *w, int32_t source_id,
                                             const char *customer_ref, const char *case_ref);

/* The case that the record names by number or by reference, of the customer it names, if it names
 * one; or the one that goes on for it. NULL with case_unknown; field is the one to blame. */
struct work_case *case_decide_find(struct intake_work *w, const struct intake_record *r,
                                   const char *field, struct err *err);

/* The same, also where it was merged into another one: what is said about it is said about the one
 * that goes on, but what it had before is still its own. */
struct work_case *case_decide_find_named(struct intake_work *w, const struct intake_record *r,
                                         const char *field, struct err *err);
/* They are one customer, or were merged. */
bool case_decide_is_same_person(struct intake_work *w, int64_t customer, int64_t other);
/* The case that goes on for c; c itself when it was not merged, or when what it was merged into was
 * taken back since, or is not the same person's any more. */
struct work_case *case_decide_survivor(struct intake_work *w, struct work_case *c);

/* What is said with an action, beyond when. */
struct case_said {
    const char *staff;             /* NULL: nobody */
    int64_t named_case;            /* merged: into that one; resolved: like that one; 0: none */
    struct work_case_class *class; /* reclassified; else NULL */
};
/* Moves the case by rule, because of r. Returns the event that was written down. */
struct work_case_event *case_decide_move(struct intake_work *w, const struct intake_record *r,
                                         struct work_case *c, const struct case_rule *rule,
                                         const struct case_said *said);

/* ---- the parts of it, also for deriving a case anew (case_refold.h) */

struct case_act {
    int64_t occurred_us;
    int64_t named_case;
    const struct work_class *class; /* what it is taken for from now on; NULL: as it is */
};
/* State, instants, marks and clocks of the case alone. Returns whether this was the first
 * response. */
bool case_decide_apply(struct intake_work *w, struct work_case *c, const struct case_rule *rule,
                       const struct case_act *act);
/* What it means for the promises that there are. */
void case_decide_settle(struct intake_work *w, struct work_case *c, const struct case_rule *rule,
                        struct work_when when);
/* What the standard in force promises for the case because of that: by the rule that the case is
 * under, and when it is reopened by a rule that is looked for anew. */
void case_decide_owed(const struct intake_work *w, const struct work_case *c,
                      Troth__V1__CaseAction action, struct standard_decision *ret);

/* A CaseUpdate. Returns 0, or -1 with a code and no effect. */
MUST_CHECK int case_decide_update(struct intake_work *w, const struct intake_record *r,
                                  struct intake_outcome *ret_outcome, struct err *err);

/* As the standard sees a case that is there; texts are sealed by now. */
void case_decide_request(const struct intake_work *w, const struct work_case *c,
                         struct standard_request *ret);
/* What the standard in force says about a case as it is. */
void case_decide_standard(const struct intake_work *w, const struct work_case *c,
                          struct standard_decision *ret);

#endif
