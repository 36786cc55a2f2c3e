/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock.h - the counted time of a promise: what passed since it was made, less the pauses.
 *
 * A clock is never stored as a running counter. It is derived from the case's events whenever it is
 * read, so an event that arrives late, or a changed target, needs no repair. Only the hours of its
 * calendar count.
 */
#ifndef TROTH_COMMON_DOMAIN_CLOCK_H
#define TROTH_COMMON_DOMAIN_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/domain/calendar.h"

#define CLOCK_NEVER INT64_MAX /* as an instant: not as things stand now */

/* From from_us until just before to_us, which is CLOCK_NEVER while the pause lasts. */
struct clock_pause {
    int64_t from_us;
    int64_t to_us;
};

struct clock {
    int64_t started_us;
    const struct calendar *calendar;  /* borrowed; NULL: every hour counts */
    int64_t target_us;                /* the time that may be counted before the promise is due */
    const struct clock_pause *pauses; /* borrowed; in the order of from_us; they may overlap, begin
                                       * before the start, and be empty (from_us >= to_us) */
    size_t pause_count;
};

struct clock_state {
    bool is_paused;     /* at the instant asked for; false before the start */
    int64_t counted_us; /* up to then; over the target when late; 0 before the start */
    int64_t due_us;     /* clock_step_us() for 100 percent: the same whenever it is asked */
};

struct clock_state clock_read(const struct clock *c, int64_t at_us);

/* The instant at which percent of the target will have been counted: at 0 percent the start.
 * CLOCK_NEVER when a pause that still lasts begins before that, or when the calendar knows of no
 * such instant. A pause that begins at the very instant comes too late to move it. */
int64_t clock_step_us(const struct clock *c, int percent);

/* Reports may come in another order than the things they report. What took effect later never lies
 * before what took effect earlier, so that pauses agree with the state: whoever keeps a list of
 * them begins and ends each with these two. last: the one before, ended; NULL: it is the first. */
struct clock_pause clock_pause_begin(const struct clock_pause *last, int64_t at_us);
void clock_pause_end(struct clock_pause *last, int64_t at_us);

#endif
