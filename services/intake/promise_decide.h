/* SPDX-License-Identifier: Apache-2.0 */
/* promise_decide.h - makes, settles, pauses and steps the promises of a case. Pure. */
#ifndef TROTH_INTAKE_PROMISE_DECIDE_H
#define TROTH_INTAKE_PROMISE_DECIDE_H

#include "services/intake/intake_work.h"
#include "services/intake/promise_rules.h"
#include "services/intake/work_events.h"

#define PROMISE_KIND_FIRST_RESPONSE "first_response"
#define PROMISE_KIND_RESOLUTION     "resolution"
#define PROMISE_KIND_NEXT_UPDATE    "next_update"
#define PROMISE_KIND_CALLBACK       "callback"
#define PROMISE_KIND_CUSTOM         "custom"
#define PROMISE_KIND_COMPENSATION   "compensation"

/* What the standard in force promises for such a case, all kinds, or with only_kind one; made
 * when.occurred_us. */
void promise_decide_make(struct intake_work *w, struct work_case *c,
                         const struct standard_decision *d, const char *only_kind,
                         struct work_when when);

/* A promise that a person gave, with a date that no pause moves. Texts are borrowed. */
struct promise_gift {
    const char *kind;
    int64_t due_us; /* later than when.occurred_us */
    int32_t source_id;
    const char *reference; /* NULL: none */
    int64_t replaces;      /* the renegotiated promise; 0: none */
    int done_by;           /* PromiseDoneBy; 0: as the kind says */
};
struct work_promise *promise_decide_give(struct intake_work *w, struct work_case *c,
                                         const struct promise_gift *gift, struct work_when when);

/* What the action of occurred_us, of which we hear now, makes of p; NULL: it cannot be done, or
 * changes nothing. Without effect. */
const struct promise_rule *promise_decide_judge(const struct intake_work *w,
                                                const struct work_case *c,
                                                const struct work_promise *p,
                                                Troth__V1__PromiseAction action,
                                                int64_t occurred_us);
/* Moves p by a rule of promise_decide_judge() for when.occurred_us. */
void promise_decide_settle(struct intake_work *w, struct work_case *c, struct work_promise *p,
                           const struct promise_rule *rule, struct work_when when);

/* What somebody says of a promise: the company, or the customer. */
struct promise_said {
    Troth__V1__PromiseAction action;
    int cause; /* BreakCause, of an explanation */
};
/* promise_decide_judge() and what follows from it. NULL: no effect. */
const struct promise_rule *promise_decide_say(struct intake_work *w, struct work_case *c,
                                              struct work_promise *p,
                                              const struct promise_said *said,
                                              struct work_when when);

/* A promise as it was when it was made: open, with its whole time before it, and nothing said of
 * it. Tells nobody. */
void promise_decide_start(struct intake_work *w, const struct work_case *c, struct work_promise *p);

/* What the promises of that kind owe was done at when.occurred_us: the standard's, and those that a
 * person gave and that are done by the same (PromiseDoneBy). An answer to the customer is
 * PROMISE_KIND_FIRST_RESPONSE, a solution PROMISE_KIND_RESOLUTION. is_closing: nobody was called or
 * written to, the case was only closed; the answer that a person promised is still owed. */
void promise_decide_done(struct intake_work *w, struct work_case *c, const char *kind,
                         bool is_closing, struct work_when when);

/* The case ended at when.occurred_us, of which we hear late: next updates that were promised since
 * were never owed. */
void promise_decide_spare(struct intake_work *w, struct work_case *c, struct work_when when);

/* What the standard promised and is still open is owed no more, and nobody is told again of what is
 * broken; what a person promised stays owed. */
void promise_decide_withdraw(struct intake_work *w, struct work_case *c, struct work_when when);

/* The pauses of the case have changed: due times and next steps of what is still open follow. */
void promise_decide_reschedule(struct intake_work *w, struct work_case *c);

/* An open promise of the standard gets the target, calendar and ladder that owed of d says, by the
 * standard in force; the time that passed and the pauses stay. Another target is another clock
 * version: of the steps that it has passed already only the last one is taken, those ahead come as
 * usual. (The same target, due at the same instant by the calendar of another version, is not
 * another one.) What has ended, or has a date, stays as it is. */
void promise_decide_retarget(struct intake_work *w, struct work_case *c, struct work_promise *p,
                             const struct standard_decision *d, const struct standard_promise *owed,
                             struct work_when when);

/* p goes on from where `again` stands, which is p derived anew; c has the pauses that there are
 * now, p everything else but its state. No step of a clock version is taken twice: when some are
 * ahead again, a new clock version begins. */
void promise_decide_rejoin(struct intake_work *w, const struct work_case *c, struct work_promise *p,
                           const struct work_promise *again);

/* Takes the steps of p that are due at w->now_us; returns how many. Each occurred at its own
 * instant, however late we are. */
int promise_decide_step(struct intake_work *w, struct work_case *c, struct work_promise *p);

#endif
