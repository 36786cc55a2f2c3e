/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/promise_terms.h"

#include <string.h>

#include "services/intake/case_history.h"

/* What a rule of a version says for a branch: asked for once for all promises of a case. */
struct found {
    int32_t standard_id;
    const char *rule;
    bool is_known;
    struct standard_decision decision;
};

static void look(const struct intake_work *w, const struct work_case *c, int32_t standard_id,
                 const char *rule, struct found *found)
{
    if (found->rule && found->standard_id == standard_id && strcmp(found->rule, rule) == 0) {
        return;
    }
    const struct standard *s = w->shelf ? standard_shelf_find(w->shelf, standard_id) : NULL;
    found->standard_id = standard_id;
    found->rule = rule;
    found->is_known = s && standard_find_rule(s, rule, c->branch, &found->decision);
}

/* owed: NULL is fine. */
static void keep(struct intake_work *w, struct work_promise *p, const struct standard_promise *owed)
{
    if (owed) {
        struct standard_promise *terms = work_alloc(w, sizeof(*terms));
        *terms = *owed;
        p->terms = terms;
    }
}

static void find(struct intake_work *w, const struct work_case *c, struct work_promise *p,
                 struct found *found)
{
    bool is_given = p->standard_id == 0;
    const char *rule = is_given ? c->rule : p->rule;
    p->terms = NULL;
    p->ladder = NULL;
    if (!rule) {
        return;
    }
    look(w, c, is_given ? c->standard_id : p->standard_id, rule, found);
    if (!found->is_known) {
        return;
    }
    p->ladder = found->decision.ladder;
    if (!is_given) {
        keep(w, p, standard_decision_find(&found->decision, p->kind));
    }
}

void promise_terms_find(struct intake_work *w, const struct work_case *c, struct work_promise *p)
{
    struct found found = {.rule = NULL};
    find(w, c, p, &found);
}

void promise_terms_find_all(struct intake_work *w)
{
    WORK_EACH(const struct work_case, c, &w->cases)
    {
        struct found found = {.rule = NULL};
        for (struct work_promise *p = c->promises; p; p = p->next) {
            find(w, c, p, &found);
        }
    }
}

/* ---- versions that are not on the shelf */

struct unknown {
    const struct standard_shelf *shelf;
    int32_t *ids;
    size_t count, max;
};

static void need(struct unknown *u, int32_t id)
{
    if (id == 0 || u->count == u->max || standard_shelf_knows(u->shelf, id)) {
        return;
    }
    for (size_t i = 0; i < u->count; i++) {
        if (u->ids[i] == id) {
            return;
        }
    }
    u->ids[u->count++] = id;
}

/* Of a case that may be derived anew: by what was in force at each step of its way. */
static void need_history(struct unknown *u, const struct case_history *h)
{
    for (const struct case_entry *e = h->first; e; e = e->next) {
        need(u, e->move.standard_id);
        if (e->move.class) {
            need(u, e->move.class->before.standard_id);
            need(u, e->move.class->after.standard_id);
        }
    }
    for (const struct work_first_terms *f = h->first_terms; f; f = f->next) {
        need(u, f->standard_id);
    }
}

size_t promise_terms_unknown(const struct intake_work *w, int32_t *ret_ids, size_t max)
{
    struct unknown u = {.shelf = w->shelf, .max = max};
    u.ids = ret_ids;
    WORK_EACH(const struct work_case, c, &w->cases)
    {
        need(&u, c->standard_id);
        for (const struct work_promise *p = c->promises; p; p = p->next) {
            need(&u, p->standard_id);
        }
        if (c->history) {
            need_history(&u, c->history);
        }
    }
    return u.count;
}

/* ---- made anew */

struct work_first_terms promise_terms_keep(const struct work_case *c, const struct work_promise *p)
{
    return (struct work_first_terms){
        .promise = p->number,
        .service_case = c->number,
        .standard_id = p->standard_id,
        .rule = p->rule,
        .target_us = p->target_us,
    };
}

void promise_terms_set(struct intake_work *w, struct work_promise *p,
                       const struct standard_decision *d, const struct standard_promise *owed)
{
    p->kind = owed->kind;
    p->target_us = owed->target_us;
    p->standard_id = w->standard_id;
    p->rule = d->rule;
    p->ladder = d->ladder;
    keep(w, p, owed);
}
