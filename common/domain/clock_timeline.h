/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock_timeline.h - the clock of one promise from the events of its case, and every interval of
 * it that counted or did not, and why.
 *
 * Pure: the same events give the same clock, whether they are fed as they come or all at once, and
 * as often as one likes. Nothing is ever corrected: who changes the target or the calendar feeds
 * the same events again, and the elapsed time and the pauses are there.
 */
#ifndef TROTH_COMMON_DOMAIN_CLOCK_TIMELINE_H
#define TROTH_COMMON_DOMAIN_CLOCK_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/compiler.h"
#include "common/domain/clock.h"
#include "common/domain/clock_gap.h"
#include "common/domain/clock_rules.h"

struct clock_timeline; /* of one promise */

struct clock_timeline_event {
    int64_t number; /* of the case event; 0: the opening */
    enum clock_event event;
    int64_t at_us; /* when it occurred */
};

struct clock_timeline_terms {
    enum clock_kind kind;
    int64_t made_by;    /* the number of the event that starts it; a date needs none */
    int64_t started_us; /* when the promise was made */
    int64_t target_us;
    const struct calendar *calendar; /* borrowed; NULL: every hour counts */
};

struct clock_timeline *clock_timeline_new(const struct clock_timeline_terms *terms);
void clock_timeline_free(struct clock_timeline *t); /* NULL is fine */

/* The next event of the case, in the order in which they took effect, which may be another one than
 * that in which they occurred. Returns what it did to this very clock: a clock that does not run is
 * neither paused nor stopped, and one that runs is not started. */
enum clock_effect clock_timeline_feed(struct clock_timeline *t,
                                      const struct clock_timeline_event *event);

/* What was decided about the promise: it was over then, and that counts instead of what the events
 * say. because is borrowed. Nothing when it had not started. */
void clock_timeline_end(struct clock_timeline *t, int64_t at_us, const char *because);

/* All of them at once. The caller frees what is returned. */
MUST_CHECK struct clock_timeline *clock_timeline_of(const struct clock_timeline_terms *terms,
                                                    const struct clock_timeline_event *events,
                                                    size_t count);

/* ---- reading it */

/* For clock_step_us(); what is borrowed lives until the next event. */
struct clock clock_timeline_clock(const struct clock_timeline *t);

bool clock_timeline_is_started(const struct clock_timeline *t);
/* CLOCK_NEVER while it runs. */
int64_t clock_timeline_stopped_us(const struct clock_timeline *t);

/* As clock_read(), but nothing counts any more once it was stopped. */
struct clock_state clock_timeline_read(const struct clock_timeline *t, int64_t at_us);

enum clock_interval_kind {
    CLOCK_INTERVAL_BEFORE = 1, /* the case was there, the promise not yet */
    CLOCK_INTERVAL_COUNTED,
    CLOCK_INTERVAL_PAUSED,
    CLOCK_INTERVAL_CLOSED, /* outside of working hours */
    CLOCK_INTERVAL_AFTER,  /* it was stopped */
};

struct clock_interval {
    enum clock_interval_kind kind;
    int64_t from_us;
    int64_t to_us;
    int64_t working_us;          /* of it, by the calendar: what counted, or would have */
    bool is_late;                /* counted, and all of it after the due time */
    const char *because;         /* what the table of rules says; NULL: counted, closed */
    const struct clock_gap *gap; /* of what is closed; else NULL */
};

typedef void clock_interval_fn(void *ctx, const struct clock_interval *interval);

/* Calls fn for each interval from the opening of the case until that instant, in order and without
 * holes. What it is given lives for the call. */
void clock_timeline_intervals(const struct clock_timeline *t, int64_t until_us,
                              clock_interval_fn *fn, void *ctx);

const char *clock_interval_kind_name(enum clock_interval_kind kind);

#endif
