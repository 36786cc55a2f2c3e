/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock.c - one walk along the pauses answers both questions.
 *
 * The walk stands at an instant up to which all time is accounted for. A pause that ends before it
 * was covered by an earlier one (or lies before the start) and is passed over, which is all that
 * merging overlaps takes. What counts of the time between is the calendar's answer. Sums stop at
 * the ends of int64_t instead of overflowing.
 */
#include "common/domain/clock.h"

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* What counts from a to b; 0 when b is earlier. */
static int64_t span(const struct clock *c, int64_t a, int64_t b)
{
    return b <= a ? 0 : calendar_between(c->calendar, a, b);
}

static int64_t add(int64_t a, int64_t b)
{
    int64_t sum;

    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

/* percent of target, rounded down; in two parts, so that long targets do not overflow. */
static int64_t part_of(int64_t target_us, int percent)
{
    int64_t hundredths;

    if (target_us <= 0 || percent <= 0) {
        return 0;
    }
    if (__builtin_mul_overflow(target_us / 100, percent, &hundredths)) {
        return INT64_MAX;
    }
    return add(hundredths, target_us % 100 * percent / 100);
}

int64_t clock_step_us(const struct clock *c, int percent)
{
    int64_t missing = part_of(c->target_us, percent);
    int64_t here = c->started_us;

    for (size_t i = 0; i < c->pause_count; i++) {
        const struct clock_pause *p = &c->pauses[i];
        int64_t running;

        if (p->to_us <= later(here, p->from_us)) {
            continue;
        }
        running = span(c, here, p->from_us);
        if (running >= missing) {
            break;
        }
        missing -= running;
        here = p->to_us;
    }
    return here == CLOCK_NEVER ? CLOCK_NEVER : calendar_after(c->calendar, here, missing);
}

struct clock_state clock_read(const struct clock *c, int64_t at_us)
{
    struct clock_state state = {.due_us = clock_step_us(c, 100)};
    int64_t here = c->started_us;

    for (size_t i = 0; i < c->pause_count && c->pauses[i].from_us <= at_us; i++) {
        const struct clock_pause *p = &c->pauses[i];

        if (p->to_us <= later(here, p->from_us)) {
            continue;
        }
        state.counted_us = add(state.counted_us, span(c, here, p->from_us));
        here = p->to_us;
    }
    state.counted_us = add(state.counted_us, span(c, here, at_us));
    state.is_paused = at_us >= c->started_us && here > at_us;
    return state;
}

/* ---- pauses, one after another */

struct clock_pause clock_pause_begin(const struct clock_pause *last, int64_t at_us)
{
    return (struct clock_pause){
        .from_us = last ? later(last->to_us, at_us) : at_us,
        .to_us = CLOCK_NEVER,
    };
}

void clock_pause_end(struct clock_pause *last, int64_t at_us)
{
    last->to_us = later(last->from_us, at_us);
}
