/* SPDX-License-Identifier: Apache-2.0 */
/* refold_world.h - the steps of a case's history as records, and the taking back of one. For the
 * tests of case_refold.h; include it last. */
#ifndef TROTH_TESTS_INTAKE_REFOLD_WORLD_H
#define TROTH_TESTS_INTAKE_REFOLD_WORLD_H

#include <stdio.h>

#include "services/intake/void_decide.h"
#include "tests/unit/intake/decide_world.h"

/* ---- taking back, as the store would prepare it */

static inline struct intake_record *take_back(const struct intake_record *target,
                                              int64_t occurred_us)
{
    const struct work_receipt *kept = work_find_receipt(t.work, 7, target->message->key);
    struct intake_record *r = record(NULL, occurred_us);
    Troth__V1__RecordVoid *v = body(sizeof(*v));
    *v = (Troth__V1__RecordVoid)TROTH__V1__RECORD_VOID__INIT;
    v->record_key = target->message->key;
    v->reason = borrowed("typed twice");
    message(r)->body_case = TROTH__V1__RECORD__BODY_RECORD_VOID;
    message(r)->record_void = v;
    r->names = (struct intake_names){.customer_ref = NULL};
    if (kept) {
        const Troth__V1__Receipt *receipt = troth__v1__receipt__unpack(
            arena_allocator(t.work->arena), kept->body.len, kept->body.data);
        struct err err = ERR_NONE;
        r->target = (struct intake_void_target){
            .is_known = true,
            .record_kind = kept->record_kind,
            .fact_number = kept->fact_number,
        };
        if (receipt->case_number) {
            assert_int_equal(identifier_parse(IDENTIFIER_CASE, receipt->case_number,
                                              &r->names.case_number, &err),
                             0);
        }
        assert_int_equal(identifier_parse(IDENTIFIER_CUSTOMER, receipt->customer_number,
                                          &r->names.customer_number, &err),
                         0);
    }
    return r;
}

/* ---- one history */

enum what {
    CONTACT = 100, /* below: a CaseAction */
    GIVE,
    KEEP,
    WAIVE,
    RENEW,
    THANKS,
    CLASS, /* and a number: what it is reclassified as */
    CLASS_LAST = CLASS + 5,
    SAY, /* and a number: said of a promise that has ended, or a correction */
    SAY_LAST = SAY + 4,
};

struct step {
    int what;
    int64_t heard_us; /* after NOW_US */
    int64_t late_us;  /* how much earlier it occurred */
    int64_t about;    /* index of the step that gave the promise it is about; -1: the newest */
};

static inline struct intake_record *give(int64_t occurred_us, int64_t case_number, int64_t index)
{
    struct intake_record *r = record(NULL, occurred_us);
    Troth__V1__PromiseGiven *m = body(sizeof(*m));
    char *reference = body(16);
    (void)snprintf(reference, 16, "p-%d", (int)index);
    *m = (Troth__V1__PromiseGiven)TROTH__V1__PROMISE_GIVEN__INIT;
    m->promise_ref = reference;
    m->words = borrowed("we call you");
    m->due_us = occurred_us + DURATION_DAY;
    message(r)->body_case = TROTH__V1__RECORD__BODY_PROMISE_GIVEN;
    message(r)->promise_given = m;
    r->names = (struct intake_names){.case_number = case_number};
    return r;
}

static inline struct intake_record *settle(const struct work_case *c, struct step *s,
                                           Troth__V1__PromiseAction action, int64_t index)
{
    const int64_t occurred_us = NOW_US + s->heard_us - s->late_us;
    int64_t newest = -1;
    for (const struct work_promise *p = c->promises; p; p = p->next) {
        newest = p->reference && !p->is_void ? strtol(p->reference + 2, NULL, 10) : newest;
    }
    s->about = s->about < 0 ? newest : s->about;
    if (s->about < 0) {
        return NULL;
    }
    struct intake_record *r = record(NULL, occurred_us);
    Troth__V1__PromiseUpdate *m = body(sizeof(*m));
    char *about = body(16), *reference = body(16);
    (void)snprintf(about, 16, "p-%d", (int)s->about);
    (void)snprintf(reference, 16, "p-%d", (int)index);
    *m = (Troth__V1__PromiseUpdate)TROTH__V1__PROMISE_UPDATE__INIT;
    m->promise_ref = about;
    m->action = action;
    m->due_us = occurred_us + 2 * DURATION_DAY;
    m->new_promise_ref = reference;
    m->cause = (Troth__V1__BreakCause)(1 + index % 3);
    message(r)->body_case = TROTH__V1__RECORD__BODY_PROMISE_UPDATE;
    message(r)->promise_update = m;
    r->names = (struct intake_names){.case_number = c->number};
    return r;
}

static inline struct intake_record *reclassify(int64_t occurred_us, int64_t case_number, int as)
{
    static const struct {
        const char *category;
        Troth__V1__ContactKind kind;
        int priority;
    } classes[] = {
        {"safety",  0,               0},
        {"invoice", 0,               0},
        {NULL,      0,               1},
        {NULL,      KIND(REQUEST),   0},
        {"invoice", KIND(COMPLAINT), 4},
        {NULL,      KIND(PRAISE),    0},
    };
    struct intake_record *r = update(occurred_us, case_number, ACTION(RECLASSIFIED));
    Troth__V1__CaseUpdate *u = message(r)->case_update;
    u->category = borrowed(classes[as].category);
    u->contact_kind = classes[as].kind;
    u->has_priority = classes[as].priority != 0;
    u->priority = classes[as].priority;
    return r;
}

/* The case that another one is merged into, or solved like. */
static inline const struct work_case *other_case(void)
{
    const struct work_case *c = t.work->cases.first;
    return c ? c->next : NULL;
}

static inline struct intake_record *update_of(int64_t occurred_us, int64_t case_number,
                                              Troth__V1__CaseAction action)
{
    struct intake_record *r = update(occurred_us, case_number, action);
    const struct work_case *other = other_case();
    bool is_like = action == ACTION(RESOLVED) && occurred_us % 2 == 0;
    if (other && (is_like || action == ACTION(MERGED))) {
        r->names.other_case_number = other->number;
    }
    return r;
}

static const Troth__V1__PromiseAction sayings[] = {
    TROTH__V1__PROMISE_ACTION__PROMISE_ACTION_EXPLAINED,
    TROTH__V1__PROMISE_ACTION__PROMISE_ACTION_EXPLAINED,
    TROTH__V1__PROMISE_ACTION__PROMISE_ACTION_CONFIRMED,
    TROTH__V1__PROMISE_ACTION__PROMISE_ACTION_DISPUTED,
    TROTH__V1__PROMISE_ACTION__PROMISE_ACTION_CORRECTED,
};

static inline struct intake_record *record_of(const struct work_case *c, struct step *s,
                                              int64_t index)
{
    int64_t occurred_us = NOW_US + s->heard_us - s->late_us;
    if (s->what == CONTACT || s->what == THANKS) {
        struct intake_record *r =
            contact(occurred_us, s->what == THANKS ? KIND(PRAISE) : KIND(COMPLAINT));
        r->names.case_number = c ? c->number : 0;
        return r;
    }
    if (s->what >= SAY) {
        return settle(c, s, sayings[s->what - SAY], index);
    }
    if (s->what >= CLASS && c) {
        return reclassify(occurred_us, c->number, s->what - CLASS);
    }
    if (!c) {
        fail_msg("the first record is a contact");
        abort(); /* not reached */
    }
    switch (s->what) {
    case ACTION(RECLASSIFIED):
        return reclassify(occurred_us, c->number, (int)(index % (1 + CLASS_LAST - CLASS)));
    case GIVE:
        return give(occurred_us, c->number, index);
    case KEEP:
        return settle(c, s, TROTH__V1__PROMISE_ACTION__PROMISE_ACTION_KEPT, index);
    case WAIVE:
        return settle(c, s, TROTH__V1__PROMISE_ACTION__PROMISE_ACTION_WAIVED, index);
    case RENEW:
        return settle(c, s, TROTH__V1__PROMISE_ACTION__PROMISE_ACTION_RENEGOTIATED, index);
    default:
        return update_of(occurred_us, c->number, (Troth__V1__CaseAction)s->what);
    }
}

#endif
