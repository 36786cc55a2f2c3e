/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/promise_refold.h"

#include "services/intake/case_history.h"
#include "services/intake/promise_rules.h"

#define PROMISE(name) TROTH__V1__PROMISE_STATE__PROMISE_STATE_##name

static void tell_made(struct intake_work *w, struct work_case *c, const struct work_promise *p,
                      bool is_reversal)
{
    struct work_promise as_made = *p;
    as_made.due_us = p->made_us + p->target_us;
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

static void become(struct intake_work *w, struct work_case *c, struct work_promise *p,
                   const struct work_promise *again, struct work_when when)
{
    if (p->is_void) {
        p->is_void = false;
        tell_made(w, c, p, false);
        tell_amends(w, c, p, false);
    }
    p->due_us = again->due_us;
    p->next_step = again->next_step;
    p->next_step_us = again->next_step_us;
    if (p->state != again->state || p->done_us != again->done_us) {
        p->settled_us = again->settled_us;
    }
    p->done_us = again->done_us;
    move_promise(w, c, p, again->state, when);
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
            tell_made(w, c, p, false);
        }
    }
}
