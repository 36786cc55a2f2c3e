/* SPDX-License-Identifier: Apache-2.0 */
/*
 * promise_steps.h - the ladder of a promise: which step comes after which, and when. Pure.
 *
 * A step has a number: the percent of the target at which it is due, or 100 + n for the n-th step
 * after the due time. PROMISE_PERCENT_NONE: there is none any more. A NULL ladder is 50, 80 and
 * 100 percent, and nobody in particular is told.
 */
#ifndef TROTH_INTAKE_PROMISE_STEPS_H
#define TROTH_INTAKE_PROMISE_STEPS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/domain/clock.h"
#include "common/domain/standard.h"

int promise_steps_first(const struct standard_ladder *l);
/* The first one after that number, whether the ladder has a step of that number or not. */
int promise_steps_next(const struct standard_ladder *l, int number);
/* NULL: nobody in particular. */
const char *promise_steps_tell(const struct standard_ladder *l, int number);
/* How long after the due time; 0 for a percent. */
int64_t promise_steps_after_us(const struct standard_ladder *l, int number);
/* When it is to be taken: CLOCK_NEVER as long as the clock stands, or is never due. due_us: of the
 * promise, which the clock need not know any more once it is broken. */
int64_t promise_steps_at(const struct standard_ladder *l, const struct clock *c, int64_t due_us,
                         int number);
/* The last one that the clock has passed at that instant, up to the due time;
 * PROMISE_PERCENT_NONE: it has passed none. */
int promise_steps_passed(const struct standard_ladder *l, const struct clock *c, int64_t at_us);

/* a is to be taken before b; "none any more" comes last. */
bool promise_steps_is_before(int a, int b);

#endif
