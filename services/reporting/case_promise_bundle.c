/* SPDX-License-Identifier: Apache-2.0 */
/*
 * case_promise_bundle.c - the part of case_bundle.c about promises.
 *
 * A promise that was kept counts on the day it was done, one that was broken on the day it was due,
 * also if it is kept or renegotiated late afterwards: what happens later moves nothing. One that
 * was waived, or renegotiated in time, counts on the day the customer said so; one that was
 * withdrawn was made, and nothing else.
 */
#include <math.h>
#include <string.h>

#include "common/base/compiler.h"
#include "services/reporting/case_maker.h"

#define STATE(name) TROTH__V1__PROMISE_STATE__PROMISE_STATE_##name

#define MILLION      1e6
#define STEP_AT_RISK 80
#define STEP_DUE     100
#define RATIO_MAX    ((int64_t)1000 * 1000 * 1000 * 1000) /* a million times the target */

/* What became of it. */
static const struct {
    bool is_kept, is_broken, is_said;
    enum figure_measure measure; /* 0: none beside the break */
} fates[] = {
    [STATE(KEPT)] = {true,                                false, false, MEASURE_PROMISES_KEPT     },
    [STATE(KEPT_LATE)] = {false,                               true,  false, MEASURE_PROMISES_KEPT_LATE},
    [STATE(BROKEN)] = {.is_broken = true                  },
    [STATE(WAIVED)] = {false,            false,      true,       MEASURE_PROMISES_WAIVED                },
    [STATE(RENEGOTIATED)] = {false,      false,                 true,            MEASURE_PROMISES_RENEGOTIATED           },
    [STATE(RENEGOTIATED_LATE)] = {false, true,           false, MEASURE_PROMISES_RENEGOTIATED_LATE           },
};

static bool is_kept(const struct case_promise *p)
{
    return (size_t)p->state < ARRAY_LEN(fates) && fates[p->state].is_kept;
}

static bool is_broken(const struct case_promise *p)
{
    return (size_t)p->state < ARRAY_LEN(fates) && fates[p->state].is_broken;
}

static bool is_done(const struct case_promise *p)
{
    return p->state == STATE(KEPT) || p->state == STATE(KEPT_LATE);
}

/* The instant that decides its day. */
static int64_t decided_us(const struct case_promise *p)
{
    int64_t us = is_kept(p) ? p->done_us : is_broken(p) ? p->due_us : p->said_us;

    return us != CASE_NO_TIME ? us : p->made_us;
}

bool case_promise_working(const struct case_rows *c, const char *kind, int64_t *ret_us)
{
    bool is_any_done = false;
    int64_t us = 0;

    for (size_t i = 0; i < c->promise_count; i++) {
        const struct case_promise *p = &c->promises[i];
        bool is_counted =
            is_done(p) || p->state == STATE(RENEGOTIATED) || p->state == STATE(RENEGOTIATED_LATE);
        if (strcmp(p->kind, kind) == 0 && is_counted && p->counted_us >= 0) {
            us += p->counted_us;
            is_any_done |= is_done(p);
        }
    }
    if (is_any_done) {
        *ret_us = us;
    }
    return is_any_done;
}

/* ---- one promise */

/* Its dimensions beside those of the case. */
struct promise_values {
    const char *kind, *standard;
};

static struct figure_entry *with_values(struct figure_entry *e, const struct promise_values *v)
{
    figure_entry_set(e, DIMENSION_PROMISE_KIND, v->kind);
    figure_entry_set(e, DIMENSION_STANDARD, v->standard);
    return e;
}

static const char *cause_name(const struct case_promise *p)
{
    static const char *const names[] = {"untold", "would_not", "could_not",
                                        "understood_differently"};

    return p->cause > 0 && (size_t)p->cause < ARRAY_LEN(names) ? names[p->cause] : names[0];
}

static void add_fate(const struct case_maker *m, const struct case_promise *p,
                     const struct promise_values *v)
{
    int64_t at_us = decided_us(p);

    if ((size_t)p->state < ARRAY_LEN(fates) && fates[p->state].measure != 0) {
        (void)with_values(case_add(m, fates[p->state].measure, at_us), v);
    }
    if (is_broken(p)) {
        figure_entry_set(with_values(case_add(m, MEASURE_PROMISES_BROKEN, at_us), v),
                         DIMENSION_CAUSE, cause_name(p));
    }
    if (p->state == STATE(KEPT_LATE) && p->done_us != CASE_NO_TIME) {
        (void)with_values(case_add_duration(m, MEASURE_PROMISE_LATENESS, at_us, p->done_us - at_us),
                          v);
    }
}

static void add_in_target(const struct case_maker *m, const struct case_promise *p)
{
    static const struct {
        const char *kind;
        enum figure_measure measure;
    } targets[] = {
        {"first_response", MEASURE_FIRST_RESPONSE_IN_TARGET},
        {"next_update",    MEASURE_NEXT_RESPONSE_IN_TARGET },
        {"resolution",     MEASURE_RESOLUTION_IN_TARGET    },
    };

    for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
        if (strcmp(p->kind, targets[i].kind) == 0) {
            (void)case_add_sum(m, targets[i].measure, decided_us(p), is_kept(p));
        }
    }
}

static void add_forecast(const struct case_maker *m, const struct case_promise *p,
                         const struct promise_values *v)
{
    int tenth = (int)floor(p->chance * 10);
    const char *chance = figure_bundle_text(m->to, "0.%d", tenth > 9 ? 9 : tenth);
    const double off = p->chance - (is_kept(p) ? 1 : 0);

    figure_entry_set(
        with_values(case_add_sum(m, MEASURE_PROMISE_FORECASTS, decided_us(p), is_kept(p)), v),
        DIMENSION_CHANCE, chance);
    figure_entry_set(with_values(case_add_sum(m, MEASURE_PROMISE_FORECAST_CHANCE, decided_us(p),
                                              llround(p->chance * MILLION)),
                                 v),
                     DIMENSION_CHANCE, chance);
    figure_entry_set(with_values(case_add_sum(m, MEASURE_PROMISE_FORECAST_ERROR, decided_us(p),
                                              llround(off * off * MILLION)),
                                 v),
                     DIMENSION_CHANCE, chance);
}

static void add_word(const struct case_maker *m, const struct case_promise *p,
                     const struct promise_values *v)
{
    int64_t at_us = decided_us(p);

    if (p->word == CASE_WORD_KEPT) {
        (void)with_values(case_add(m, MEASURE_WORD_CONFIRMED, at_us), v);
    } else if (p->word == CASE_WORD_NOT_KEPT) {
        (void)with_values(case_add(m, MEASURE_WORD_DENIED, at_us), v);
        if (is_kept(p)) {
            (void)with_values(case_add(m, MEASURE_WORD_AGAINST_OURS, at_us), v);
        }
    }
}

static void add_target_used(const struct case_maker *m, const struct case_promise *p,
                            const struct promise_values *v)
{
    double share;

    if (!is_done(p) || p->counted_us < 0 || p->target_us <= 0) {
        return;
    }
    share = (double)p->counted_us / (double)p->target_us * MILLION;
    (void)with_values(case_add_sum(m, MEASURE_TARGET_USED, decided_us(p),
                                   share < (double)RATIO_MAX ? llround(share) : RATIO_MAX),
                      v);
}

static void add_promise(const struct case_maker *m, const struct case_promise *p)
{
    const struct promise_values v = {
        .kind = p->kind,
        .standard = p->rule != NULL ? figure_bundle_text(m->to, "%s/%s", p->rule, p->kind) : "",
    };

    (void)with_values(case_add(m, MEASURE_PROMISES_MADE, p->made_us), &v);
    add_fate(m, p, &v);
    if (is_kept(p) || is_broken(p)) {
        add_in_target(m, p);
        add_word(m, p, &v);
        add_target_used(m, p, &v);
        if (p->chance >= 0) {
            add_forecast(m, p, &v);
        }
    }
    if (p->word == CASE_WORD_NOT_KEPT && p->done_us != CASE_NO_TIME &&
        strcmp(p->kind, "resolution") == 0) {
        (void)case_add(m, MEASURE_FALSE_SOLVED, p->done_us);
    }
}

/* ---- steps */

static const struct case_promise *find_promise(const struct case_rows *c, int64_t number)
{
    for (size_t i = 0; i < c->promise_count; i++) {
        if (c->promises[i].number == number) {
            return &c->promises[i];
        }
    }
    return NULL;
}

static void add_at_risk(const struct case_maker *m, const struct case_promise *p,
                        const struct case_step *s)
{
    const struct promise_values v = {
        .kind = p->kind,
        .standard = p->rule != NULL ? figure_bundle_text(m->to, "%s/%s", p->rule, p->kind) : "",
    };

    (void)with_values(case_add(m, MEASURE_PROMISES_AT_RISK, s->due_us), &v);
}

/* A promise that gets another target takes its steps again; it is at risk once. */
static void add_steps(const struct case_maker *m)
{
    const struct case_rows *c = m->rows;
    int64_t at_risk = 0;

    for (size_t i = 0; i < c->step_count; i++) {
        const struct case_step *s = &c->steps[i];
        const struct case_promise *p = find_promise(c, s->promise);
        if (p != NULL && s->step > STEP_DUE) {
            figure_entry_set(case_add(m, MEASURE_ESCALATIONS, s->due_us), DIMENSION_LEVEL,
                             figure_bundle_text(m->to, "%d", s->step - STEP_DUE));
        } else if (p != NULL && s->step == STEP_AT_RISK && s->promise != at_risk) {
            add_at_risk(m, p, s);
            at_risk = s->promise;
        }
    }
}

/* ---- all of them */

void case_promise_bundle_add(const struct case_maker *m)
{
    const struct case_rows *c = m->rows;

    for (size_t i = 0; i < c->promise_count; i++) {
        add_promise(m, &c->promises[i]);
    }
    add_steps(m);
    for (size_t i = 0; i < c->compensation_count; i++) {
        const struct case_compensation *k = &c->compensations[i];
        figure_entry_set(case_add_sum(m, MEASURE_COMPENSATIONS, k->at_us, k->amount_minor),
                         DIMENSION_CURRENCY, k->currency);
    }
}

static bool is_before(int64_t us, int64_t other_us)
{
    return other_us == CASE_NO_TIME || us < other_us;
}

void case_promise_mark(const struct case_rows *c, struct case_marks *marks)
{
    bool is_open = c->resolved_us == CASE_NO_TIME &&
                   c->state >= TROTH__V1__CASE_STATE__CASE_STATE_NEW &&
                   c->state <= TROTH__V1__CASE_STATE__CASE_STATE_WAITING_THIRD_PARTY;

    for (size_t i = 0; i < c->promise_count; i++) {
        const struct case_promise *p = &c->promises[i];
        bool is_running = p->state == STATE(OPEN) || p->state == STATE(AT_RISK);
        if (p->due_us == CASE_NO_TIME) {
            continue;
        }
        if (is_broken(p) && p->due_us > marks->broken_us) {
            marks->broken_us = p->due_us;
        }
        if (is_running) {
            marks->running++;
            marks->next_due_us =
                is_before(p->due_us, marks->next_due_us) ? p->due_us : marks->next_due_us;
        }
        if (is_open && p->state == STATE(BROKEN)) {
            marks->overdue++;
            marks->overdue_us =
                is_before(p->due_us, marks->overdue_us) ? p->due_us : marks->overdue_us;
        }
    }
}
