/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/promise_decide.h"

#include <string.h>

#include "common/domain/identifier.h"
#include "services/intake/promise_forecast.h"
#include "services/intake/promise_rules.h"
#include "services/intake/promise_steps.h"
#include "services/intake/promise_terms.h"

#define STATE(name)   TROTH__V1__PROMISE_STATE__PROMISE_STATE_##name
#define ACTION(name)  TROTH__V1__PROMISE_ACTION__PROMISE_ACTION_##name
#define DONE_BY(name) ((int)TROTH__V1__PROMISE_DONE_BY__PROMISE_DONE_BY_##name)

/* ---- when something is to be done about it */

/* The instant of the next step, from the clock. A promise out of history is judged once its proof
 * has had time to come: nobody can be warned any more, and an import reports the answers after the
 * contacts. */
static void plan_step(const struct intake_work *w, const struct work_case *c,
                      struct work_promise *p)
{
    const struct clock clock = work_clock(c, p);
    int64_t step_us = promise_steps_at(p->ladder, &clock, p->due_us, p->next_step);
    if (p->is_historical && step_us != CLOCK_NEVER && step_us < w->now_us + w->grace_us) {
        step_us = w->now_us + w->grace_us;
    }
    p->next_step_us = step_us == CLOCK_NEVER ? WORK_NO_TIME : step_us;
    p->is_changed = true;
}

/* Of a running promise. */
static void schedule(const struct intake_work *w, const struct work_case *c, struct work_promise *p)
{
    const struct clock clock = work_clock(c, p);
    p->due_us = clock_step_us(&clock, PROMISE_PERCENT_DUE);
    if (p->is_historical) {
        p->next_step = PROMISE_PERCENT_DUE;
    }
    plan_step(w, c, p);
}

void promise_decide_start(struct intake_work *w, const struct work_case *c, struct work_promise *p)
{
    p->state = STATE(OPEN);
    p->done_us = p->settled_us = p->counted_us = WORK_NO_TIME;
    p->cause = 0;
    p->customer_word = WORK_WORD_NONE;
    p->next_step = promise_steps_first(p->ladder);
    schedule(w, c, p);
}

/* What ended has no more steps, but remembers which were taken: it may be open again. */
static void end(struct intake_work *w, const struct work_case *c, struct work_promise *p,
                int64_t occurred_us)
{
    const struct clock clock = work_clock(c, p);
    p->settled_us = w->now_us;
    p->next_step_us = WORK_NO_TIME;
    p->counted_us = clock_read(&clock, occurred_us).counted_us;
}

/* Whoever moves a promise comes through here. */
static void move(struct intake_work *w, struct work_case *c, struct work_promise *p,
                 const struct promise_rule *rule, struct work_when when)
{
    p->state = rule->to;
    p->is_changed = true;
    if (!promise_rules_is_running(p->state)) {
        end(w, c, p, when.occurred_us);
    }
    if (rule->is_correction) {
        p->cause = 0; /* of a break that there was not */
    }
    work_emit_promise_changed(w, c, p, rule->from, rule->is_correction, when);
}

/* ---- making */

void promise_decide_make(struct intake_work *w, struct work_case *c,
                         const struct standard_decision *d, const char *only_kind,
                         struct work_when when)
{
    for (size_t i = 0; i < d->promise_count; i++) {
        const struct standard_promise *owed = &d->promises[i];
        if (only_kind && strcmp(owed->kind, only_kind) != 0) {
            continue;
        }
        int64_t number = intake_numbers_take(&w->numbers, identifier_bucket(c->number));
        struct work_promise *p = work_add_promise(w, c, number);
        promise_terms_set(w, p, d, owed);
        p->version = 1;
        p->made_us = when.occurred_us;
        p->is_historical = when.is_historical;
        promise_decide_start(w, c, p);
        promise_forecast(w, c, p);
        work_emit_promise_made(w, c, p, when);
    }
}

struct work_promise *promise_decide_give(struct intake_work *w, struct work_case *c,
                                         const struct promise_gift *gift, struct work_when when)
{
    int64_t number = intake_numbers_take(&w->numbers, identifier_bucket(c->number));
    struct work_promise *p = work_add_promise(w, c, number);
    p->kind = gift->kind;
    p->version = 1;
    p->made_us = when.occurred_us;
    p->target_us = gift->due_us - when.occurred_us;
    p->is_due_fixed = true;
    p->source_id = gift->source_id;
    p->reference = gift->reference;
    p->replaces = gift->replaces;
    p->done_by = gift->done_by;
    p->is_historical = when.is_historical;
    promise_terms_find(w, c, p);
    promise_decide_start(w, c, p);
    promise_forecast(w, c, p);
    work_emit_promise_made(w, c, p, when);
    return p;
}

/* ---- settling */

const struct promise_rule *promise_decide_judge(const struct intake_work *w,
                                                const struct work_case *c,
                                                const struct work_promise *p,
                                                Troth__V1__PromiseAction action,
                                                int64_t occurred_us)
{
    struct clock clock = work_clock(c, p);
    const struct promise_proof proof = {
        .state = p->state,
        .due_us = clock_step_us(&clock, PROMISE_PERCENT_DUE),
        .done_us = occurred_us,
        .settled_us = p->settled_us,
        .now_us = w->now_us,
        .grace_us = w->grace_us,
    };
    return promise_rules_find(p->state, promise_rules_judge(action, &proof));
}

void promise_decide_settle(struct intake_work *w, struct work_case *c, struct work_promise *p,
                           const struct promise_rule *rule, struct work_when when)
{
    struct clock clock = work_clock(c, p);
    p->due_us = clock_step_us(&clock, PROMISE_PERCENT_DUE);
    if (promise_rules_is_kept(rule->to)) {
        p->done_us = when.occurred_us;
    }
    move(w, c, p, rule, when);
}

static void explain(struct intake_work *w, struct work_case *c, struct work_promise *p, int cause,
                    struct work_when when)
{
    p->cause = cause;
    p->is_changed = true;
    work_emit_break_explained(w, c, p, when);
}

static void note_word(struct intake_work *w, struct work_case *c, struct work_promise *p,
                      enum work_customer_word word, struct work_when when)
{
    p->customer_word = (int)word;
    p->is_changed = true;
    work_emit_promise_answered(w, c, p, when);
}

const struct promise_rule *promise_decide_say(struct intake_work *w, struct work_case *c,
                                              struct work_promise *p,
                                              const struct promise_said *said,
                                              struct work_when when)
{
    const struct promise_rule *rule = promise_decide_judge(w, c, p, said->action, when.occurred_us);
    if (!rule) {
        return NULL;
    }
    if (rule->trigger == PROMISE_EXPLAINED) {
        explain(w, c, p, said->cause, when);
    } else if (rule->trigger == PROMISE_CONFIRMED) {
        note_word(w, c, p, WORK_WORD_CONFIRMED, when);
    } else if (rule->trigger == PROMISE_DISPUTED) {
        note_word(w, c, p, WORK_WORD_DISPUTED, when);
    } else {
        promise_decide_settle(w, c, p, rule, when);
    }
    return rule;
}

/* What a person gave: by what it is done. */
static int done_by(const struct work_promise *p)
{
    if (p->done_by) {
        return p->done_by;
    }
    if (strcmp(p->kind, PROMISE_KIND_RESOLUTION) == 0) {
        return DONE_BY(RESOLUTION);
    }
    bool is_answer = strcmp(p->kind, PROMISE_KIND_CALLBACK) == 0 ||
                     strcmp(p->kind, PROMISE_KIND_NEXT_UPDATE) == 0 ||
                     strcmp(p->kind, PROMISE_KIND_FIRST_RESPONSE) == 0;
    return is_answer ? DONE_BY(RESPONSE) : DONE_BY(UPDATE);
}

/* Whether what keeps the standard's promises of that kind keeps p. A person promises the next
 * answer, not one that there was already; and an update of which we hear late is not the one that
 * was owed after it. */
static bool is_kept_with(const struct work_promise *p, const char *kind, int64_t occurred_us)
{
    if (p->standard_id != 0) {
        bool is_before = strcmp(kind, PROMISE_KIND_NEXT_UPDATE) == 0 && occurred_us < p->made_us;
        return strcmp(p->kind, kind) == 0 && !is_before;
    }
    if (strcmp(kind, PROMISE_KIND_RESOLUTION) == 0) {
        return done_by(p) == DONE_BY(RESOLUTION) && occurred_us > p->made_us;
    }
    bool is_answer = strcmp(kind, PROMISE_KIND_FIRST_RESPONSE) == 0 || strcmp(kind, p->kind) == 0;
    return is_answer && done_by(p) == DONE_BY(RESPONSE) && occurred_us > p->made_us;
}

void promise_decide_done(struct intake_work *w, struct work_case *c, const char *kind,
                         bool is_closing, struct work_when when)
{
    for (struct work_promise *p = c->promises; p; p = p->next) {
        bool is_owed_still = is_closing && p->standard_id == 0 && done_by(p) == DONE_BY(RESPONSE);
        if (is_owed_still || !is_kept_with(p, kind, when.occurred_us)) {
            continue;
        }
        const struct promise_rule *rule =
            promise_decide_judge(w, c, p, ACTION(KEPT), when.occurred_us);
        if (rule) {
            promise_decide_settle(w, c, p, rule, when);
        }
    }
}

/* By that rule; NULL: it has ended, and of a break nobody is told again. */
static void owe_no_more(struct intake_work *w, struct work_case *c, struct work_promise *p,
                        const struct promise_rule *rule, struct work_when when)
{
    if (rule) {
        move(w, c, p, rule, when);
    } else if (p->next_step_us != WORK_NO_TIME) {
        p->next_step_us = WORK_NO_TIME;
        p->is_changed = true;
    }
}

void promise_decide_spare(struct intake_work *w, struct work_case *c, struct work_when when)
{
    for (struct work_promise *p = c->promises; p; p = p->next) {
        bool is_update = p->standard_id != 0 && strcmp(p->kind, PROMISE_KIND_NEXT_UPDATE) == 0;
        if (is_update && when.occurred_us < p->made_us) {
            owe_no_more(w, c, p, promise_decide_judge(w, c, p, ACTION(WITHDRAWN), when.occurred_us),
                        when);
        }
    }
}

void promise_decide_withdraw(struct intake_work *w, struct work_case *c, struct work_when when)
{
    for (struct work_promise *p = c->promises; p; p = p->next) {
        if (p->standard_id != 0) { /* what a person promised stays owed */
            owe_no_more(w, c, p, promise_rules_find(p->state, PROMISE_TAKEN_BACK), when);
        }
    }
}

/* ---- the clock changes */

void promise_decide_reschedule(struct intake_work *w, struct work_case *c)
{
    for (struct work_promise *p = c->promises; p; p = p->next) {
        if (promise_rules_is_running(p->state) && !p->is_due_fixed) {
            schedule(w, c, p);
        }
    }
}

/* In another version of the standard the same hours are another calendar. */
static bool is_same_clock(const struct clock *a, const struct clock *b)
{
    const int64_t due_us = clock_step_us(a, PROMISE_PERCENT_DUE);
    if (a->target_us != b->target_us) {
        return false;
    }
    return a->calendar == b->calendar ||
           (due_us != CLOCK_NEVER && due_us == clock_step_us(b, PROMISE_PERCENT_DUE));
}

void promise_decide_retarget(struct intake_work *w, struct work_case *c, struct work_promise *p,
                             const struct standard_decision *d, const struct standard_promise *owed,
                             struct work_when when)
{
    if (!promise_rules_is_running(p->state) || p->is_due_fixed) {
        return;
    }
    const struct clock before = work_clock(c, p);
    promise_terms_set(w, p, d, owed);
    const struct clock clock = work_clock(c, p);
    if (is_same_clock(&before, &clock)) {
        plan_step(w, c, p); /* a step before the due time may lie elsewhere */
        return;
    }
    int passed = promise_steps_passed(p->ladder, &clock, w->now_us);
    const struct promise_rule *rule =
        passed < PROMISE_PERCENT_AT_RISK ? promise_rules_find(p->state, PROMISE_RETARGETED) : NULL;
    p->clock_version++;
    p->next_step = passed ? passed : promise_steps_first(p->ladder);
    schedule(w, c, p);
    work_emit_promise_retargeted(w, c, p, when);
    if (rule) {
        move(w, c, p, rule, when);
    }
}

void promise_decide_rejoin(struct intake_work *w, const struct work_case *c, struct work_promise *p,
                           const struct work_promise *again)
{
    /* Of a broken one the steps go on, unless its case was closed. */
    bool is_told = again->state == STATE(BROKEN) && (again->next_step_us != WORK_NO_TIME ||
                                                     again->next_step == PROMISE_PERCENT_NONE);
    bool has_steps = is_told || promise_rules_is_running(again->state);
    p->due_us = again->due_us;
    p->counted_us = again->counted_us;
    p->next_step_us = WORK_NO_TIME;
    p->is_changed = true;
    if (has_steps && promise_steps_is_before(again->next_step, p->next_step)) {
        p->clock_version++;
        p->next_step = again->next_step;
    }
    if (has_steps) {
        plan_step(w, c, p);
    }
}

/* ---- steps */

/* Of history there is only the judgement: nobody is told years later. */
static void note_step(struct intake_work *w, struct work_case *c, const struct work_promise *p,
                      int number, struct work_when when)
{
    if (p->is_historical || w->is_rehearsal) {
        return;
    }
    struct work_promise_step *s = work_append(w, &w->promise_steps, sizeof(*s));
    s->promise = p->number;
    s->clock_version = p->clock_version;
    s->step = number;
    s->due_us = when.occurred_us;
    s->tell = promise_steps_tell(p->ladder, number);
    work_emit_promise_step_taken(w, c, p, s, promise_steps_after_us(p->ladder, number), when);
}

/* NULL: the step moves nothing. */
static const struct promise_rule *rule_of_step(const struct work_promise *p, int number)
{
    if (number == PROMISE_PERCENT_DUE) {
        return promise_rules_find(p->state, PROMISE_STEP_DUE);
    }
    bool is_warning = number >= PROMISE_PERCENT_AT_RISK && number < PROMISE_PERCENT_DUE;
    return is_warning ? promise_rules_find(p->state, PROMISE_STEP_AT_RISK) : NULL;
}

/* One step; false when none is due. */
static bool step(struct intake_work *w, struct work_case *c, struct work_promise *p)
{
    if (p->next_step_us == WORK_NO_TIME || p->next_step_us > w->now_us) {
        return false;
    }
    const int number = p->next_step;
    /* Of history the step is late on purpose. */
    const struct work_when when = {
        .occurred_us = number == PROMISE_PERCENT_DUE ? p->due_us : p->next_step_us,
        .is_historical = p->is_historical,
    };
    const struct promise_rule *rule = rule_of_step(p, number);
    note_step(w, c, p, number, when);
    p->next_step = p->is_historical ? PROMISE_PERCENT_NONE : promise_steps_next(p->ladder, number);
    p->is_changed = true;
    if (rule) {
        move(w, c, p, rule, when);
    }
    plan_step(w, c, p);
    return true;
}

int promise_decide_step(struct intake_work *w, struct work_case *c, struct work_promise *p)
{
    int taken = 0;
    while (step(w, c, p)) {
        taken++;
    }
    return taken;
}
