/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/promise_decide.h"

#include <string.h>

#include "common/domain/identifier.h"
#include "services/intake/promise_rules.h"

#define STATE(name)  TROTH__V1__PROMISE_STATE__PROMISE_STATE_##name
#define ACTION(name) TROTH__V1__PROMISE_ACTION__PROMISE_ACTION_##name

/* Of a running promise, from its clock. A promise out of history is judged once its proof has had
 * time to come: nobody can be warned any more, and an import reports the answers after the
 * contacts. */
static void schedule(struct intake_work *w, const struct work_case *c, struct work_promise *p)
{
    struct clock clock = work_clock(c, p);
    int64_t due_us = clock_step_us(&clock, PROMISE_PERCENT_DUE);
    int percent = p->next_step;
    int64_t step_us;
    if (p->is_historical) {
        percent = PROMISE_PERCENT_DUE;
    }
    step_us = clock_step_us(&clock, percent);
    if (p->is_historical && step_us != CLOCK_NEVER && step_us < w->now_us + w->grace_us) {
        step_us = w->now_us + w->grace_us;
    }
    p->due_us = due_us;
    p->next_step = percent;
    p->next_step_us = step_us == CLOCK_NEVER ? WORK_NO_TIME : step_us;
    p->is_changed = true;
}

void promise_decide_start(struct intake_work *w, const struct work_case *c, struct work_promise *p)
{
    p->state = STATE(OPEN);
    p->done_us = p->settled_us = WORK_NO_TIME;
    p->next_step = PROMISE_PERCENT_AT_RISK;
    schedule(w, c, p);
}

/* Whoever moves a promise comes through here. */
static void move(struct intake_work *w, struct work_case *c, struct work_promise *p,
                 const struct promise_rule *rule, struct work_when when)
{
    p->state = rule->to;
    p->is_changed = true;
    if (!promise_rules_is_running(p->state)) {
        p->settled_us = w->now_us;
        p->next_step = PROMISE_PERCENT_NONE;
        p->next_step_us = WORK_NO_TIME;
    }
    work_emit_promise_changed(w, c, p, rule->from, rule->is_correction, when);
}

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
        p->kind = owed->kind;
        p->state = STATE(OPEN);
        p->version = 1;
        p->made_us = when.occurred_us;
        p->target_us = owed->target_us;
        p->standard_id = w->standard_id;
        p->is_historical = when.is_historical;
        p->next_step = PROMISE_PERCENT_AT_RISK;
        schedule(w, c, p);
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
    p->is_historical = when.is_historical;
    promise_decide_start(w, c, p);
    work_emit_promise_made(w, c, p, when);
    return p;
}

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

void promise_decide_done(struct intake_work *w, struct work_case *c, const char *kind,
                         struct work_when when)
{
    for (struct work_promise *p = c->promises; p; p = p->next) {
        if (strcmp(p->kind, kind) != 0) {
            continue;
        }
        const struct promise_rule *rule =
            promise_decide_judge(w, c, p, ACTION(KEPT), when.occurred_us);
        if (rule) {
            promise_decide_settle(w, c, p, rule, when);
        }
    }
}

void promise_decide_withdraw(struct intake_work *w, struct work_case *c, struct work_when when)
{
    for (struct work_promise *p = c->promises; p; p = p->next) {
        const struct promise_rule *rule = promise_rules_find(p->state, PROMISE_TAKEN_BACK);
        if (rule && p->standard_id != 0) { /* what a person promised stays owed */
            move(w, c, p, rule, when);
        }
    }
}

void promise_decide_reschedule(struct intake_work *w, struct work_case *c)
{
    for (struct work_promise *p = c->promises; p; p = p->next) {
        if (promise_rules_is_running(p->state) && !p->is_due_fixed) {
            schedule(w, c, p);
        }
    }
}

/* One step; false when none is due. */
static bool step(struct intake_work *w, struct work_case *c, struct work_promise *p)
{
    if (p->next_step_us == WORK_NO_TIME || p->next_step_us > w->now_us) {
        return false;
    }
    bool is_due = p->next_step == PROMISE_PERCENT_DUE;
    /* Of history the step is late on purpose. */
    const struct work_when when = {
        .occurred_us = is_due ? p->due_us : p->next_step_us,
        .is_historical = p->is_historical,
    };
    const struct promise_rule *rule =
        promise_rules_find(p->state, is_due ? PROMISE_STEP_DUE : PROMISE_STEP_AT_RISK);
    p->next_step = is_due ? PROMISE_PERCENT_NONE : PROMISE_PERCENT_DUE;
    p->next_step_us = is_due || p->due_us == CLOCK_NEVER ? WORK_NO_TIME : p->due_us;
    p->is_changed = true;
    if (rule) {
        move(w, c, p, rule, when);
    }
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
