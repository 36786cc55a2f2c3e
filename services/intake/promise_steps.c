/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/promise_steps.h"

#include <stddef.h>

#include "services/intake/promise_rules.h"

static const struct standard_ladder usual = {
    .steps = {{.percent = PROMISE_PERCENT_HALF},
              {.percent = PROMISE_PERCENT_AT_RISK},
              {.percent = PROMISE_PERCENT_DUE}},
    .step_count = 3,
};

static const struct standard_ladder *of(const struct standard_ladder *l)
{
    return l ? l : &usual;
}

/* The steps in the order of time with their numbers; NULL at the end. */
static const struct standard_step *walk(const struct standard_ladder *l, size_t i, int *number)
{
    if (i >= l->step_count) {
        return NULL;
    }
    *number = l->steps[i].percent > 0         ? l->steps[i].percent
              : *number > PROMISE_PERCENT_DUE ? *number + 1
                                              : PROMISE_PERCENT_DUE + 1;
    return &l->steps[i];
}

static const struct standard_step *find(const struct standard_ladder *l, int wanted)
{
    int number = PROMISE_PERCENT_NONE;
    for (size_t i = 0; walk(l, i, &number); i++) {
        if (number == wanted) {
            return &l->steps[i];
        }
    }
    return NULL;
}

int promise_steps_first(const struct standard_ladder *l)
{
    int number = PROMISE_PERCENT_NONE;
    (void)walk(of(l), 0, &number);
    return number;
}

int promise_steps_next(const struct standard_ladder *l, int number)
{
    int one = PROMISE_PERCENT_NONE;
    for (size_t i = 0; walk(of(l), i, &one); i++) {
        if (one > number) {
            return one;
        }
    }
    return PROMISE_PERCENT_NONE;
}

const char *promise_steps_tell(const struct standard_ladder *l, int number)
{
    const struct standard_step *step = find(of(l), number);
    return step ? step->tell : NULL;
}

int64_t promise_steps_after_us(const struct standard_ladder *l, int number)
{
    const struct standard_step *step = find(of(l), number);
    return step && step->percent == 0 ? step->after_us : 0;
}

int64_t promise_steps_at(const struct standard_ladder *l, const struct clock *c, int64_t due_us,
                         int number)
{
    if (number <= PROMISE_PERCENT_DUE) {
        return number == PROMISE_PERCENT_NONE ? CLOCK_NEVER : clock_step_us(c, number);
    }
    const struct standard_step *step = find(of(l), number);
    bool is_never = !step || due_us >= CLOCK_NEVER - step->after_us;
    return is_never ? CLOCK_NEVER : due_us + step->after_us;
}

int promise_steps_passed(const struct standard_ladder *l, const struct clock *c, int64_t at_us)
{
    int number = PROMISE_PERCENT_NONE;
    int passed = PROMISE_PERCENT_NONE;
    for (size_t i = 0; walk(of(l), i, &number) && number <= PROMISE_PERCENT_DUE; i++) {
        if (clock_step_us(c, number) <= at_us) {
            passed = number;
        }
    }
    return passed;
}

bool promise_steps_is_before(int a, int b)
{
    return a != PROMISE_PERCENT_NONE && (b == PROMISE_PERCENT_NONE || a < b);
}
