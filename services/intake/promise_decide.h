/* SPDX-License-Identifier: Apache-2.0 */
/* promise_decide.h - makes, settles, pauses and steps the promises of a case. Pure. */
#ifndef TROTH_INTAKE_PROMISE_DECIDE_H
#define TROTH_INTAKE_PROMISE_DECIDE_H

#include "services/intake/intake_work.h"
#include "services/intake/work_events.h"

#define PROMISE_KIND_FIRST_RESPONSE "first_response"
#define PROMISE_KIND_RESOLUTION     "resolution"

/* What the standard in force promises for such a case, all kinds, or with only_kind one; made
 * when.occurred_us. */
void promise_decide_make(struct intake_work *w, struct work_case *c,
                         const struct standard_decision *d, const char *only_kind,
                         struct work_when when);

/* What the promises of that kind owe was done at when.occurred_us. */
void promise_decide_done(struct intake_work *w, struct work_case *c, const char *kind,
                         struct work_when when);

/* What is still open is owed no more. */
void promise_decide_withdraw(struct intake_work *w, struct work_case *c, struct work_when when);

/* The pauses of the case have changed: due times and next steps of what is still open follow. */
void promise_decide_reschedule(struct intake_work *w, struct work_case *c);

/* Takes the steps of p that are due at w->now_us; returns how many. Each occurred at its own
 * instant, however late we are. */
int promise_decide_step(struct intake_work *w, struct work_case *c, struct work_promise *p);

#endif
