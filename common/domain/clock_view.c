/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/clock_view.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/calendar_read.h"

#define PROMISE(name) TROTH__V1__PROMISE_STATE__PROMISE_STATE_##name

/* ---- terms */

void clock_terms_of_promise(const struct promise_history *h, const struct standard *standard,
                            struct clock_terms *ret_terms)
{
    struct standard_promise owed;
    struct standard_decision decision;
    struct clock_terms terms = {
        .rule = h->is_due_fixed ? NULL : h->rule,
        .standard = standard,
        .target_us = h->target_us,
    };

    if (terms.rule && standard_find_promise(standard, h->rule, h->kind, h->branch, &owed)) {
        terms.calendar = owed.calendar;
    }
    if (terms.rule && standard_find_rule(standard, h->rule, h->branch, &decision)) {
        terms.ladder = decision.ladder;
    }
    *ret_terms = terms;
}

/* Local times are those of the calendar; of a clock that counts every hour those of the branch. */
static const char *zone_name_of(const struct promise_history *h, const struct clock_terms *terms)
{
    const struct calendar *c = terms->calendar;

    if (!c && terms->standard) {
        c = calendar_book_of_branch(standard_calendars(terms->standard), h->branch);
    }
    return calendar_zone_name(c);
}

/* ---- rows */

static void add_to_sums(struct clock_view *v, const struct clock_view_row *row)
{
    size_t i = 0;

    while (i < v->sum_count && strcmp(v->sums[i].reason, row->reason) != 0) {
        i++;
    }
    if (i == v->sum_count) {
        v->sums = xreallocarray(v->sums, ++v->sum_count, sizeof(*v->sums));
        v->sums[i] = (struct clock_view_sum){.reason = row->reason};
    }
    v->sums[i].lasted_us += row->to_us - row->from_us;
    v->sums[i].working_us += row->working_us;
}

/* The night of two days is one night. */
static bool goes_on(const struct clock_view *v, const struct clock_view_row *row)
{
    const struct clock_view_row *last = v->row_count > 0 ? &v->rows[v->row_count - 1] : NULL;

    return last && row->kind == CLOCK_INTERVAL_CLOSED && last->kind == row->kind &&
           strcmp(last->why, row->why) == 0;
}

static void add_row(void *ctx, const struct clock_interval *i)
{
    struct clock_view *v = ctx;
    struct clock_view_row row = {
        .kind = i->kind,
        .from_us = i->from_us,
        .to_us = i->to_us,
        .working_us = i->working_us,
        .is_late = i->is_late,
    };
    char words[CLOCK_WORDS_SIZE];

    text_copy(row.why, sizeof(row.why), clock_words_why(v->zone, i, words));
    text_copy(row.reason, sizeof(row.reason), clock_words_reason(v->zone, i, words));
    if (i->gap && i->gap->day && strcmp(row.why, "night") != 0) {
        row.notice = i->gap->notice;
    }
    if (goes_on(v, &row)) {
        v->rows[v->row_count - 1].to_us = row.to_us;
        return;
    }
    v->rows = xreallocarray(v->rows, v->row_count + 1, sizeof(*v->rows));
    v->rows[v->row_count++] = row;
}

/* After all rows are there: sums point into them. */
static void sum_up(struct clock_view *v)
{
    for (size_t i = 0; i < v->row_count; i++) {
        const struct clock_view_row *row = &v->rows[i];
        const int64_t lasted_us = row->to_us - row->from_us;

        v->paused_us += row->kind == CLOCK_INTERVAL_PAUSED ? lasted_us : 0;
        v->closed_us += row->kind == CLOCK_INTERVAL_CLOSED ? lasted_us : 0;
        if (row->kind == CLOCK_INTERVAL_PAUSED || row->kind == CLOCK_INTERVAL_CLOSED) {
            add_to_sums(v, row);
        }
    }
}

void clock_view_make(const struct promise_history *h, const struct clock_terms *terms,
                     struct clock_view *ret_view)
{
    struct clock_view v = {.terms = *terms};
    struct err err = ERR_NONE;
    struct clock_state state;

    v.calendar_name = calendar_name(terms->calendar);
    v.zone_name = zone_name_of(h, terms);
    v.zone = zone_open(v.zone_name, &err);
    if (!v.zone) {
        v.zone_name = "UTC";
    }
    v.effects = xcalloc(h->entry_count + 1, sizeof(*v.effects));
    v.timeline = promise_history_clock(h, terms->target_us, terms->calendar, v.effects);
    v.stopped_us = clock_timeline_stopped_us(v.timeline);
    v.until_us = v.stopped_us < h->now_us ? v.stopped_us : h->now_us;
    state = clock_timeline_read(v.timeline, v.until_us);
    v.counted_us = state.counted_us;
    v.due_us = state.due_us;
    v.is_paused = state.is_paused;
    clock_timeline_intervals(v.timeline, v.until_us, add_row, &v);
    sum_up(&v);
    *ret_view = v;
}

void clock_view_free(struct clock_view *v)
{
    clock_timeline_free(v->timeline);
    zone_free(v->zone);
    free(v->rows);
    free(v->sums);
    free(v->effects);
}

/* ---- what became of it */

static const char *verdict_of_running(const struct promise_history *h, const struct clock_view *v)
{
    if (!clock_timeline_is_started(v->timeline)) {
        return "never began";
    }
    if (v->stopped_us != CLOCK_NEVER) {
        return v->stopped_us <= v->due_us ? "kept" : "kept late";
    }
    if (v->due_us <= h->now_us) {
        return "broken";
    }
    return v->is_paused ? "open, paused" : "open";
}

const char *clock_view_verdict(const struct promise_history *h, const struct clock_view *v)
{
    switch (h->state) {
    case PROMISE(WITHDRAWN):
        return "withdrawn";
    case PROMISE(WAIVED):
        return "waived";
    case PROMISE(RENEGOTIATED):
    case PROMISE(RENEGOTIATED_LATE):
        return v->stopped_us <= v->due_us ? "renegotiated" : "renegotiated late";
    default:
        return verdict_of_running(h, v);
    }
}

bool clock_view_adds_up(const struct clock_view *v)
{
    int64_t counted_us = 0;

    for (size_t i = 0; i < v->row_count; i++) {
        counted_us += v->rows[i].kind == CLOCK_INTERVAL_COUNTED ? v->rows[i].working_us : 0;
    }
    return counted_us == v->counted_us;
}

bool clock_view_agrees(const struct promise_history *h, const struct clock_view *v)
{
    const int64_t due_us = h->due_us == HISTORY_NO_TIME ? CLOCK_NEVER : h->due_us;

    return h->is_void || due_us == v->due_us;
}
