/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/promise_again.h"

#include <string.h>

#include "common/domain/identifier.h"
#include "services/intake/case_class.h"
#include "services/intake/case_decide.h"
#include "services/intake/promise_decide.h"
#include "services/intake/promise_terms.h"

static void start(struct intake_work *w, const struct work_case *s, struct work_promise *p)
{
    struct work_first_terms *first = work_alloc(w, sizeof(*first));
    *first = promise_terms_keep(s, p);
    first->is_derived = true;
    p->first = first;
    promise_decide_start(w, s, p);
}

/* The promise begins again, on the side, as what it was made for. */
static struct work_promise *begin_promise(struct intake_work *w, struct work_case *s,
                                          const struct work_promise *p)
{
    struct work_promise *again = work_add_promise(w, s, p->number);
    const struct work_first_terms *first = case_history_find_first_terms(s, p->number);
    struct work_promise *next = again->next;
    *again = *p;
    again->next = next;
    again->is_void = false;
    if (first) {
        again->standard_id = first->standard_id;
        again->rule = first->rule;
        again->target_us = first->target_us;
        promise_terms_find(w, s, again);
    }
    start(w, s, again);
    return again;
}

void promise_again_begin(struct intake_work *w, const struct work_case *c, struct work_case *s,
                         int64_t made_by)
{
    for (const struct work_promise *p = c->promises; p; p = p->next) {
        if (p->made_by == made_by) {
            (void)begin_promise(w, s, p);
        }
    }
}

/* The promise that e made before, for the same time. */
static const struct work_promise *find_made(const struct work_case *c, const struct case_entry *e,
                                            const struct case_owed *owed)
{
    const struct work_promise *p = c->promises;
    while (p && !(p->made_by == e->move.number && p->standard_id != 0 &&
                  p->made_us == owed->made_us && strcmp(p->kind, owed->kind) == 0)) {
        p = p->next;
    }
    return p;
}

/* For a promise that nobody has made yet: the entry's own number, as no other promise can have it,
 * or a fresh one. 0: there is none left. */
static int64_t free_number(struct intake_work *w, struct work_case *c, struct work_case *s,
                           const struct case_entry *e)
{
    const int64_t number = e->move.number;
    return work_find_promise(c, number) || work_find_promise(s, number)
               ? intake_numbers_take_spare(&w->numbers, identifier_bucket(c->number))
               : number;
}

void promise_again_owe(struct intake_work *w, struct work_case *c, struct work_case *s,
                       const struct case_entry *e, const struct case_owed *owed)
{
    const struct work_class class = case_class_of(s);
    const struct work_promise *made = find_made(c, e, owed);
    struct standard_decision d;
    if (made && !made->is_void && case_class_is_same(&class, &e->class_then)) {
        (void)begin_promise(w, s, made);
        return;
    }
    case_decide_owed(w, s, e->after.action, &d);
    const struct standard_promise *terms = standard_decision_find(&d, owed->kind);
    int64_t number = made || !terms ? 0 : free_number(w, c, s, e);
    if (!terms || (!made && !number)) {
        return;
    }
    struct work_promise *p = made ? begin_promise(w, s, made) : work_add_promise(w, s, number);
    promise_terms_set(w, p, &d, terms);
    if (!made) {
        p->version = 1;
        p->made_us = owed->made_us;
        p->is_historical = c->is_historical || e->is_historical;
        p->made_by = e->move.number;
    }
    start(w, s, p);
}
