/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock_timeline.c - the events move it from waiting to running, paused and stopped; what is kept
 * of them is the start, the pauses and the stop.
 *
 * Pauses are also kept while the clock does not run yet: an event may have occurred earlier than
 * those that took effect before it.
 */
#include "common/domain/clock_timeline.h"

#include <stdlib.h>

#include "common/base/xalloc.h"

struct clock_timeline {
    struct clock_timeline_terms terms;
    bool is_opened;
    int64_t opened_us;
    bool is_started;
    bool is_paused;
    int64_t stopped_us;       /* CLOCK_NEVER: it runs */
    const char *stop_because; /* NULL: it runs */
    struct clock_pause *pauses;
    size_t pause_count;
    size_t pause_capacity;
};

struct clock_timeline *clock_timeline_new(const struct clock_timeline_terms *terms)
{
    struct clock_timeline *t = xcalloc(1, sizeof(*t));

    t->terms = *terms;
    t->is_started = terms->kind == CLOCK_DATE;
    t->stopped_us = CLOCK_NEVER;
    return t;
}

void clock_timeline_free(struct clock_timeline *t)
{
    if (t) {
        free(t->pauses);
        free(t);
    }
}

/* ---- events */

static enum clock_effect pause(struct clock_timeline *t, int64_t at_us)
{
    const struct clock_pause *last = t->pause_count > 0 ? &t->pauses[t->pause_count - 1] : NULL;
    struct clock_pause begun;

    if (t->is_paused) {
        return CLOCK_NONE;
    }
    begun = clock_pause_begin(last, at_us);
    if (t->pause_count == t->pause_capacity) {
        t->pause_capacity = t->pause_capacity > 0 ? 2 * t->pause_capacity : 4;
        t->pauses = xreallocarray(t->pauses, t->pause_capacity, sizeof(*t->pauses));
    }
    t->pauses[t->pause_count++] = begun;
    t->is_paused = true;
    return CLOCK_PAUSE;
}

static enum clock_effect resume(struct clock_timeline *t, int64_t at_us)
{
    if (!t->is_paused) {
        return CLOCK_NONE;
    }
    clock_pause_end(&t->pauses[t->pause_count - 1], at_us);
    t->is_paused = false;
    return CLOCK_RESUME;
}

/* Clocks of two systems differ: nothing ends before it begins. */
static int64_t not_before_start(const struct clock_timeline *t, int64_t at_us)
{
    return at_us > t->terms.started_us ? at_us : t->terms.started_us;
}

/* Of two that stop it the one counts that occurred first, whichever we heard of first. */
static enum clock_effect stop(struct clock_timeline *t, int64_t at_us,
                              const struct clock_rule *rule)
{
    const int64_t stopped_us = not_before_start(t, at_us);
    const bool is_next = rule->effect == CLOCK_STOP || at_us >= t->terms.started_us;

    (void)resume(t, at_us);
    if (!t->is_started || !is_next || stopped_us >= t->stopped_us) {
        return CLOCK_NONE;
    }
    t->stopped_us = stopped_us;
    t->stop_because = rule->because;
    return rule->effect;
}

void clock_timeline_end(struct clock_timeline *t, int64_t at_us, const char *because)
{
    const int64_t stopped_us = not_before_start(t, at_us);

    if (t->is_started && stopped_us != t->stopped_us) {
        t->stopped_us = stopped_us;
        t->stop_because = because;
    }
}

static enum clock_effect start(struct clock_timeline *t)
{
    t->is_started = true;
    return CLOCK_START;
}

/* Pauses are kept in any case; only what runs is paused. */
static enum clock_effect effect_on(const struct clock_timeline *t, enum clock_effect effect)
{
    return t->is_started && t->stopped_us == CLOCK_NEVER ? effect : CLOCK_NONE;
}

enum clock_effect clock_timeline_feed(struct clock_timeline *t,
                                      const struct clock_timeline_event *event)
{
    const struct clock_rule *rule = clock_rules_find(t->terms.kind, event->event);

    if (!t->is_opened) {
        t->is_opened = true;
        t->opened_us = event->at_us;
    }
    if (!t->is_started && event->number == t->terms.made_by) {
        return start(t);
    }
    switch (rule->effect) {
    case CLOCK_PAUSE:
        return effect_on(t, pause(t, event->at_us));
    case CLOCK_RESUME:
        return effect_on(t, resume(t, event->at_us));
    case CLOCK_STOP:
    case CLOCK_RESTART:
        return stop(t, event->at_us, rule);
    case CLOCK_START: /* another clock of the kind */
    case CLOCK_NONE:
        break;
    }
    return CLOCK_NONE;
}

struct clock_timeline *clock_timeline_of(const struct clock_timeline_terms *terms,
                                         const struct clock_timeline_event *events, size_t count)
{
    struct clock_timeline *t = clock_timeline_new(terms);

    for (size_t i = 0; i < count; i++) {
        (void)clock_timeline_feed(t, &events[i]);
    }
    return t;
}

/* ---- reading it */

/* A pause that begins when it is over is another clock's. */
struct clock clock_timeline_clock(const struct clock_timeline *t)
{
    size_t count = t->pause_count;

    while (count > 0 && t->pauses[count - 1].from_us >= t->stopped_us) {
        count--;
    }
    return (struct clock){
        .started_us = t->terms.started_us,
        .calendar = t->terms.calendar,
        .target_us = t->terms.target_us,
        .pauses = t->pauses,
        .pause_count = count,
    };
}

bool clock_timeline_is_started(const struct clock_timeline *t)
{
    return t->is_started;
}

int64_t clock_timeline_stopped_us(const struct clock_timeline *t)
{
    return t->stopped_us;
}

struct clock_state clock_timeline_read(const struct clock_timeline *t, int64_t at_us)
{
    const struct clock c = clock_timeline_clock(t);
    struct clock_state state =
        clock_read(&c, at_us < t->stopped_us || !t->is_started ? at_us : t->stopped_us);

    if (!t->is_started) {
        return (struct clock_state){.due_us = CLOCK_NEVER};
    }
    state.is_paused = state.is_paused && at_us < t->stopped_us;
    return state;
}

/* ---- intervals */

struct walk {
    const struct clock_timeline *timeline;
    const struct calendar *calendar;
    int64_t due_us;
    clock_interval_fn *fn;
    void *ctx;
};

static void tell(const struct walk *w, enum clock_interval_kind kind, int64_t from_us,
                 int64_t to_us, const char *because)
{
    const struct clock_interval interval = {
        .kind = kind,
        .from_us = from_us,
        .to_us = to_us,
        .working_us = calendar_between(w->calendar, from_us, to_us),
        .is_late = kind == CLOCK_INTERVAL_COUNTED && from_us >= w->due_us,
        .because = because,
    };

    if (from_us < to_us) {
        w->fn(w->ctx, &interval);
    }
}

static void tell_gap(void *ctx, const struct clock_gap *gap)
{
    const struct walk *w = ctx;
    const struct clock_interval interval = {
        .kind = CLOCK_INTERVAL_CLOSED,
        .from_us = gap->from_us,
        .to_us = gap->to_us,
        .gap = gap,
    };

    w->fn(w->ctx, &interval);
}

/* In two parts when it becomes due within. */
static void tell_open(const struct walk *w, int64_t from_us, int64_t to_us)
{
    if (from_us < w->due_us && w->due_us < to_us) {
        tell(w, CLOCK_INTERVAL_COUNTED, from_us, w->due_us, NULL);
        from_us = w->due_us;
    }
    tell(w, CLOCK_INTERVAL_COUNTED, from_us, to_us, NULL);
}

static void tell_running(struct walk *w, int64_t from_us, int64_t to_us)
{
    while (from_us < to_us) {
        const int64_t change_us = calendar_next_change(w->calendar, from_us);
        const int64_t end_us = change_us < to_us ? change_us : to_us;

        if (calendar_is_open(w->calendar, from_us)) {
            tell_open(w, from_us, end_us);
        } else {
            clock_gap_split(w->calendar, from_us, end_us, tell_gap, w);
        }
        from_us = end_us;
    }
}

/* From the start to end_us, pause by pause. */
static void tell_pauses(struct walk *w, int64_t end_us)
{
    const struct clock_timeline *t = w->timeline;
    const char *because = clock_rules_find(t->terms.kind, CLOCK_ASKED_CUSTOMER)->because;
    int64_t here = t->terms.started_us;

    for (size_t i = 0; i < t->pause_count && here < end_us; i++) {
        const struct clock_pause *p = &t->pauses[i];
        const int64_t from_us = p->from_us > here ? p->from_us : here;
        const int64_t to_us = p->to_us < end_us ? p->to_us : end_us;

        if (to_us > from_us) {
            tell_running(w, here, from_us);
            tell(w, CLOCK_INTERVAL_PAUSED, from_us, to_us, because);
            here = to_us;
        }
    }
    tell_running(w, here, end_us);
}

void clock_timeline_intervals(const struct clock_timeline *t, int64_t until_us,
                              clock_interval_fn *fn, void *ctx)
{
    const int64_t started_us = t->terms.started_us;
    const int64_t end_us = t->stopped_us < until_us ? t->stopped_us : until_us;
    struct walk w = {
        .timeline = t,
        .calendar = t->terms.calendar,
        .due_us = clock_timeline_read(t, until_us).due_us,
        .fn = fn,
        .ctx = ctx,
    };

    if (t->is_opened) {
        const int64_t before_us = started_us < until_us && t->is_started ? started_us : until_us;

        tell(&w, CLOCK_INTERVAL_BEFORE, t->opened_us, before_us, "nothing was promised yet");
    }
    if (t->is_started) {
        tell_pauses(&w, end_us);
        tell(&w, CLOCK_INTERVAL_AFTER, t->stopped_us, until_us, t->stop_because);
    }
}

const char *clock_interval_kind_name(enum clock_interval_kind kind)
{
    static const char *const names[] = {
        [CLOCK_INTERVAL_BEFORE] = "before", [CLOCK_INTERVAL_COUNTED] = "counted",
        [CLOCK_INTERVAL_PAUSED] = "paused", [CLOCK_INTERVAL_CLOSED] = "closed",
        [CLOCK_INTERVAL_AFTER] = "after",
    };

    return names[kind];
}
