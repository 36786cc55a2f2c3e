/* SPDX-License-Identifier: Apache-2.0 */
/* promise_world.h - decide_world.h with records about promises. Include it last. */
#ifndef TROTH_TESTS_INTAKE_PROMISE_WORLD_H
#define TROTH_TESTS_INTAKE_PROMISE_WORLD_H

#include "tests/unit/intake/decide_world.h"

#define SAID(name) TROTH__V1__PROMISE_ACTION__PROMISE_ACTION_##name
#define DUE_US     (NOW_US + 10 * DURATION_H)

/* ---- records */

static inline struct intake_record *give(const struct work_case *c, const char *reference)
{
    struct intake_record *r = record(NULL, NOW_US);
    Troth__V1__PromiseGiven *g = body(sizeof(*g));
    *g = (Troth__V1__PromiseGiven)TROTH__V1__PROMISE_GIVEN__INIT;
    g->promise_ref = borrowed(reference);
    g->words = borrowed("the courtesy car comes to your door");
    g->has_due_us = true;
    g->due_us = DUE_US;
    g->staff = borrowed("s-1");
    message(r)->body_case = TROTH__V1__RECORD__BODY_PROMISE_GIVEN;
    message(r)->promise_given = g;
    r->names.customer_ref = NULL;
    r->names.case_number = c->number;
    return r;
}

static inline struct work_promise *given(struct work_case *c, const char *reference)
{
    expect_accepted(give(c, reference));
    struct work_promise *p = c->promises;
    while (p->next) {
        p = p->next;
    }
    return p;
}

static inline struct intake_record *say(const struct work_promise *p,
                                        Troth__V1__PromiseAction action, int64_t occurred_us)
{
    struct intake_record *r = record(NULL, occurred_us);
    Troth__V1__PromiseUpdate *u = body(sizeof(*u));
    *u = (Troth__V1__PromiseUpdate)TROTH__V1__PROMISE_UPDATE__INIT;
    u->has_action = true;
    u->action = action;
    u->note = borrowed("as agreed on the phone");
    if (action == SAID(RENEGOTIATED)) {
        u->has_due_us = true;
        u->due_us = occurred_us + DURATION_DAY;
    }
    message(r)->body_case = TROTH__V1__RECORD__BODY_PROMISE_UPDATE;
    message(r)->promise_update = u;
    r->names.customer_ref = NULL;
    r->names.promise_number = p->number;
    return r;
}

static inline Troth__V1__PromiseUpdate *update_of(struct intake_record *r)
{
    return message(r)->promise_update;
}

/* As if the store had read it: a number is known by its case from then on. */
static inline struct work_promise *known(struct work_case *c, struct work_promise *p)
{
    work_set_case_of_promise(t.work, p->number, c);
    return p;
}

static inline const struct work_text *last_text(void)
{
    const struct work_text *text = t.work->texts.first;
    while (text->next) {
        text = text->next;
    }
    return text;
}

static inline const struct work_promise_event *last_said(void)
{
    const struct work_promise_event *e = t.work->promise_events.first;
    while (e->next) {
        e = e->next;
    }
    return e;
}

/* Of a promise that is due at DUE_US. */
#define EARLY    (NOW_US + 1)
#define LAST     (DUE_US - 1)
#define AFTER    (DUE_US + 1)
#define IN_GRACE (DUE_US + DURATION_H)
#define TOO_LATE (DUE_US + DURATION_DAY + 1)

#endif
