/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/promise_refold.h"

#include <string.h>

#include "services/intake/case_history.h"
#include "services/intake/promise_decide.h"
#include "services/intake/promise_rules.h"

#define PROMISE(name) TROTH__V1__PROMISE_STATE__PROMISE_STATE_##name

static void tell_made(struct intake_work *w, struct work_case *c, const struct work_promise *p,
                      bool is_reversal)
{
    struct work_promise as_made = *p;
    struct clock clock = work_clock(c, p);
    clock.pause_count = 0;
    as_made.due_us = clock_step_us(&clock, PROMISE_PERCENT_DUE);
    work_emit_promise_made(w, c, &as_made,
                           (struct work_when){
                               .occurred_us = p->made_us,
                               .is_historical = p->is_historical,
                               .is_reversal = is_reversal,
                           });
}

static void move_promise(struct intake_work *w, struct work_case *c, struct work_promise *p,
                         Troth__V1__PromiseState to, struct work_when when)
{
    Troth__V1__PromiseState from = p->state;
    p->is_changed = true;
    p->state = to;
    if (from != to) {
        /* Who never judged it has nothing to take back. */
        bool is_correction = !promise_rules_is_running(from) || to != PROMISE(WITHDRAWN);
        when.is_historical |= p->is_historical;
        work_emit_promise_changed(w, c, p, from, is_correction, when);
    }
}

/* The value of the promise goes where the promise goes. */
static void tell_amends(struct intake_work *w, struct work_case *c, const struct work_promise *p,
                        bool is_reversal)
{
    struct case_amends *a = case_history_find_amends(c, p->number);
    if (a) {
        a->is_void = is_reversal;
        a->is_changed = true;
        work_emit_compensation_promised(w, c, &a->row,
                                        (struct work_when){
                                            .occurred_us = a->row.occurred_us,
                                            .is_historical = p->is_historical,
                                            .is_reversal = is_reversal,
                                        });
    }
}

void promise_refold_unmake(struct intake_work *w, struct work_case *c, struct work_promise *p,
                           struct work_when when)
{
    p->next_step = PROMISE_PERCENT_NONE;
    p->next_step_us = WORK_NO_TIME;
    p->done_us = WORK_NO_TIME;
    p->settled_us = w->now_us;
    move_promise(w, c, p, PROMISE(WITHDRAWN), when);
    tell_made(w, c, p, true);
    tell_amends(w, c, p, true);
    p->is_void = true;
}

static void tell_word(struct intake_work *w, struct work_case *c, const struct work_promise *p,
                      struct work_when when)
{
    if (p->customer_word) {
        work_emit_promise_answered(w, c, p, when);
    }
}

static void tell_cause(struct intake_work *w, struct work_case *c, const struct work_promise *p,
                       struct work_when when)
{
    if (p->cause) {
        work_emit_break_explained(w, c, p, when);
    }
}

/* What was said beside the state: why it was broken, and the customer's word. */
static void say_again(struct intake_work *w, struct work_case *c, struct work_promise *p,
                      const struct work_promise *again, struct work_when when)
{
    struct work_when back = when;
    back.is_reversal = true;
    if (p->customer_word != again->customer_word) {
        tell_word(w, c, p, back);
        p->customer_word = again->customer_word;
        tell_word(w, c, p, when);
    }
    if (p->cause != again->cause) {
        tell_cause(w, c, p, back);
        p->cause = again->cause;
        tell_cause(w, c, p, when);
    }
}

static bool is_made_for(const struct work_first_terms *first, int32_t standard_id, const char *rule,
                        int64_t target_us)
{
    return first->standard_id == standard_id && first->target_us == target_us &&
           strcmp(first->rule, rule) == 0;
}

/* What it was made for is kept where it is not what it is now: it can be derived anew only from
 * that. */
static void keep_first_terms(struct intake_work *w, struct work_case *c,
                             const struct work_promise *again)
{
    const struct work_first_terms *first = again->first;
    const struct work_first_terms *known = case_history_find_first_terms(c, again->number);
    if (again->standard_id == 0 || !first->rule || !again->rule) {
        return;
    }
    bool is_kept = known ? is_made_for(first, known->standard_id, known->rule, known->target_us)
                         : is_made_for(first, again->standard_id, again->rule, again->target_us);
    if (!is_kept) {
        struct work_first_terms *row = work_append(w, &w->first_terms, sizeof(*row));
        *row = *first;
        row->next = NULL;
        case_history_add_first_terms(w, c, row);
    }
}

/* Its case is taken for something else: another rule, another target. */
static void take_terms(struct intake_work *w, struct work_case *c, struct work_promise *p,
                       const struct work_promise *again, struct work_when when)
{
    bool is_new_rule = p->standard_id != again->standard_id ||
                       (p->rule && again->rule && strcmp(p->rule, again->rule) != 0);
    bool is_new_target = p->target_us != again->target_us;
    if (!is_new_rule && !is_new_target) {
        return;
    }
    p->standard_id = again->standard_id;
    p->rule = again->rule;
    p->target_us = again->target_us;
    p->terms = again->terms;
    p->ladder = again->ladder;
    p->due_us = again->due_us;
    p->clock_version++;
    p->next_step = again->next_step;
    p->is_changed = true;
    if (promise_rules_is_running(again->state)) {
        work_emit_promise_retargeted(w, c, p, when);
    }
}

static void become(struct intake_work *w, struct work_case *c, struct work_promise *p,
                   const struct work_promise *again, struct work_when when)
{
    if (p->is_void) {
        p->is_void = false;
        tell_made(w, c, p, false);
        tell_amends(w, c, p, false);
    }
    keep_first_terms(w, c, again);
    take_terms(w, c, p, again, when);
    promise_decide_rejoin(w, c, p, again);
    if (p->state != again->state || p->done_us != again->done_us) {
        p->settled_us = again->settled_us;
    }
    p->done_us = again->done_us;
    move_promise(w, c, p, again->state, when);
    say_again(w, c, p, again, when);
}

void promise_refold(struct intake_work *w, struct work_case *c, struct work_case *aside,
                    struct work_when when)
{
    for (struct work_promise *p = c->promises; p; p = p->next) {
        const struct work_promise *again = work_find_promise(aside, p->number);
        if (again) {
            become(w, c, p, again, when);
        } else if (!p->is_void) {
            promise_refold_unmake(w, c, p, when);
        }
    }
    for (const struct work_promise *made = aside->promises; made; made = made->next) {
        if (!work_find_promise(c, made->number)) {
            struct work_promise *p = work_add_promise(w, c, made->number);
            *p = *made;
            p->next = NULL;
            p->version_read = 0;
            p->version = 1;
            p->clock_version = 1;
            tell_made(w, c, p, false);
            keep_first_terms(w, c, made);
        }
    }
}
