/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_event_risk.c - what loyalty says of a customer who may leave: another index, a higher level
 * of the risk, trust that broke. What gets better plans nothing, but for an index that moved: it
 * may be low all the same. Of several customers who are one person the survivor's counts, which is
 * about them all.
 */
#include <math.h>
#include <string.h>

#include "common/base/compiler.h"
#include "common/base/text.h"
#include "services/followup/plan_customer.h"
#include "services/followup/plan_events.h"

/* NAN, NULL: the event does not say. */
struct risk {
    double score, churn;
    const char *tier;
};

/* A level that we do not know is no rise. */
static int rank_of(const char *level)
{
    static const char *const levels[] = {"low", "raised", "high"};
    for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
        if (level && strcmp(level, levels[i]) == 0) {
            return (int)i + 1;
        }
    }
    return 0;
}

static double number_or_nan(protobuf_c_boolean is_said, double value)
{
    return is_said ? value : (double)NAN;
}

/* False: no reason to call. */
static bool risk_of(const Troth__V1__Event *e, struct risk *ret)
{
    if (e->customer <= 0 || e->is_reversal) {
        return false;
    }
    if (e->body_case == TROTH__V1__EVENT__BODY_SCORE_CHANGED) {
        const Troth__V1__ScoreChanged *s = e->score_changed;
        ret->score = number_or_nan(s->has_index_after, s->index_after);
        ret->churn = number_or_nan(s->has_churn, s->churn);
        ret->tier = s->tier;
        return s->has_index_after;
    }
    if (e->body_case == TROTH__V1__EVENT__BODY_CHURN_RISK_CHANGED) {
        const Troth__V1__ChurnRiskChanged *c = e->churn_risk_changed;
        ret->score = number_or_nan(c->has_index, c->index);
        ret->churn = number_or_nan(c->has_churn, c->churn);
        ret->tier = c->tier;
        return rank_of(c->after) > rank_of(c->before);
    }
    const Troth__V1__TrustBroken *t = e->trust_broken;
    ret->score = number_or_nan(t->has_index, t->index);
    ret->churn = (double)NAN; /* what is known of the customer counts */
    ret->tier = NULL;
    return true;
}

bool plan_event_gather_risk(struct plan_batch *b, const Troth__V1__Event *e)
{
    struct risk risk;
    if (!risk_of(e, &risk)) {
        return false;
    }
    const struct rulebook_facts facts = {.score = risk.score, .churn = risk.churn};
    if (!plan_customer_may_leave(b->plan.rules, &facts)) {
        return false;
    }
    plan_keys_add(&b->customers, e->customer);
    plan_keys_add(&b->people, e->customer);
    plan_keys_add(&b->subjects, e->customer);
    return true;
}

void plan_event_apply_risk(struct plan_batch *b, const Troth__V1__Event *e)
{
    struct risk risk;
    struct rulebook_facts facts;
    if (!risk_of(e, &risk) || plan_event_is_merged(b, e->customer)) {
        return;
    }
    const struct zone *zone =
        plan_event_facts(b, FOLLOW_UP_ON_CHURN_RISK, e->customer, 0, NULL, &facts);
    facts.score = risk.score;
    facts.churn = isnan(risk.churn) ? facts.churn : risk.churn;
    facts.tier = text_is_empty(risk.tier) ? facts.tier : risk.tier;
    plan_customer_scored(&b->plan, e->customer, e->occurred_us, e->is_historical, &facts, zone);
}
