/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/case_class.h"

#include <string.h>

#include "common/base/text.h"
#include "services/intake/case_decide.h"
#include "services/intake/promise_decide.h"
#include "services/intake/promise_terms.h"

struct work_class case_class_of(const struct work_case *c)
{
    return (struct work_class){
        .kind = c->kind,
        .category = c->category,
        .category_by = c->category_by,
        .asked_priority = c->asked_priority,
        .priority = c->priority,
        .owner_team = c->owner_team,
        .rule = c->rule,
        .standard_id = c->standard_id,
    };
}

void case_class_set(struct work_case *c, const struct work_class *as)
{
    c->kind = as->kind;
    c->category = as->category;
    c->category_by = as->category_by;
    c->asked_priority = as->asked_priority;
    c->priority = as->priority;
    c->owner_team = as->owner_team;
    c->rule = as->rule;
    c->standard_id = as->standard_id;
}

/* Nothing said is the same as an empty text. */
static bool is_same_text(const char *a, const char *b)
{
    return text_is_empty(a) || text_is_empty(b) ? text_is_empty(a) == text_is_empty(b)
                                                : strcmp(a, b) == 0;
}

bool case_class_is_same(const struct work_class *a, const struct work_class *b)
{
    return a->kind == b->kind && is_same_text(a->category, b->category) &&
           a->category_by == b->category_by && a->asked_priority == b->asked_priority &&
           a->priority == b->priority && is_same_text(a->owner_team, b->owner_team) &&
           is_same_text(a->rule, b->rule) && a->standard_id == b->standard_id;
}

struct work_class case_class_decide(const struct intake_work *w, const struct work_case *c,
                                    const struct work_case_class *said)
{
    struct work_case as_said = *c;
    struct standard_decision d;
    if (said->kind) {
        as_said.kind = said->kind;
    }
    if (!text_is_empty(said->category)) {
        as_said.category = said->category;
        as_said.category_by = TROTH__V1__CATEGORY_BY__CATEGORY_BY_STAFF;
    }
    if (said->priority) {
        as_said.asked_priority = said->priority;
    }
    case_decide_standard(w, &as_said, &d);
    as_said.priority = as_said.asked_priority ? as_said.asked_priority : d.priority;
    as_said.owner_team = d.owner_team;
    as_said.rule = d.rule;
    as_said.standard_id = w->standard_id;
    return case_class_of(&as_said);
}

/* ---- promises */

/* The first ones that are kept stay. What is derived on the side keeps them by itself. */
static void keep_first_terms(struct intake_work *w, const struct work_case *c,
                             const struct work_promise *p)
{
    if (!w->is_rehearsal) {
        struct work_first_terms *first = work_append(w, &w->first_terms, sizeof(*first));
        *first = promise_terms_keep(c, p);
    }
}

static bool has_rule(const struct intake_work *w, const struct work_promise *p, const char *rule)
{
    return p->standard_id == w->standard_id && p->rule && strcmp(p->rule, rule) == 0;
}

void case_class_retarget(struct intake_work *w, struct work_case *c, struct work_when when)
{
    struct standard_decision d;
    if (!standard_find_rule(w->standard, c->rule, c->branch, &d)) {
        return;
    }
    for (struct work_promise *p = c->promises; p; p = p->next) {
        if (p->standard_id == 0 || !promise_rules_is_running(p->state)) {
            continue;
        }
        const struct standard_promise *owed = standard_decision_find(&d, p->kind);
        const struct promise_rule *ended = promise_rules_find(p->state, PROMISE_TAKEN_BACK);
        if (owed && !has_rule(w, p, d.rule)) {
            keep_first_terms(w, c, p);
            promise_decide_retarget(w, c, p, &d, owed, when);
        } else if (!owed && ended) {
            promise_decide_settle(w, c, p, ended, when);
        }
    }
}
