/* SPDX-License-Identifier: Apache-2.0 */
/* rulebook_match.c - does a rule match what is known? */
#include <math.h>
#include <string.h>

#include "common/base/text.h"
#include "common/domain/rulebook.h"
#include "common/domain/rulebook_terms.h"

static const char *value_of(const struct rulebook_facts *f, enum rulebook_term term)
{
    const char *const values[RULEBOOK_LIST_COUNT] = {
        [RULEBOOK_KIND] = f->kind,
        [RULEBOOK_CATEGORY] = f->category,
        [RULEBOOK_PRODUCT] = f->product,
        [RULEBOOK_BRANCH] = f->branch,
        [RULEBOOK_TIER] = f->tier,
        [RULEBOOK_PROMISE_KIND] = f->promise_kind,
        [RULEBOOK_FAULT_CODE] = f->fault_code,
    };
    return values[term];
}

static bool list_holds(const struct rulebook_list *l, const char *value)
{
    if (l->count == 0) {
        return true;
    }
    for (size_t i = 0; !text_is_empty(value) && i < l->count; i++) {
        if (strcmp(l->items[i], value) == 0) {
            return true;
        }
    }
    return false;
}

static bool low_answer_holds(const struct rulebook_measure *m, const struct rulebook_facts *f,
                             enum rulebook_term *ret_unmet)
{
    if (m->instrument != 0 && m->instrument != f->instrument) {
        *ret_unmet = RULEBOOK_INSTRUMENT;
        return false;
    }
    if (m->dimension != 0 && m->dimension != f->dimension) {
        *ret_unmet = RULEBOOK_DIMENSION;
        return false;
    }
    if (!(f->value <= m->at_most)) {
        *ret_unmet = RULEBOOK_AT_MOST;
        return false;
    }
    return true;
}

/* Comparisons with NAN are false: what is unknown does not match. */
static bool churn_holds(const struct rulebook_measure *m, const struct rulebook_facts *f,
                        enum rulebook_term *ret_unmet)
{
    if (!isnan(m->score_below) && !(f->score < m->score_below)) {
        *ret_unmet = RULEBOOK_SCORE_BELOW;
        return false;
    }
    if (!isnan(m->churn_at_least) && !(f->churn >= m->churn_at_least)) {
        *ret_unmet = RULEBOOK_CHURN_AT_LEAST;
        return false;
    }
    return true;
}

static bool conditions_hold(const struct rulebook_rule *r, const struct rulebook_facts *f,
                            enum rulebook_term *ret_unmet)
{
    for (unsigned i = 0; i < RULEBOOK_LIST_COUNT; i++) {
        const enum rulebook_term term = (enum rulebook_term)i;

        if (!list_holds(rulebook_term_list(&r->when, term), value_of(f, term))) {
            *ret_unmet = term;
            return false;
        }
    }
    if (r->when.priority_at_least != 0 &&
        (f->priority == 0 || f->priority > r->when.priority_at_least)) {
        *ret_unmet = RULEBOOK_PRIORITY_AT_LEAST;
        return false;
    }
    if (r->trigger == FOLLOW_UP_ON_LOW_ANSWER) {
        return low_answer_holds(&r->measure, f, ret_unmet);
    }
    return r->trigger != FOLLOW_UP_ON_CHURN_RISK || churn_holds(&r->measure, f, ret_unmet);
}

bool rulebook_matches(const struct rulebook_rule *r, const struct rulebook_facts *f,
                      const char **ret_why)
{
    enum rulebook_term unmet = RULEBOOK_KIND;

    if (r->trigger == f->trigger && conditions_hold(r, f, &unmet)) {
        return true;
    }
    if (ret_why) {
        *ret_why = r->trigger == f->trigger ? rulebook_term_name(unmet) : "trigger";
    }
    return false;
}

const struct rulebook_rule *rulebook_match(const struct rulebook *b, const char *topic,
                                           const struct rulebook_facts *f)
{
    for (size_t i = 0; i < rulebook_rule_count(b); i++) {
        const struct rulebook_rule *r = rulebook_rule(b, i);

        if ((!topic || strcmp(topic, r->topic) == 0) && rulebook_matches(r, f, NULL)) {
            return r;
        }
    }
    return NULL;
}
