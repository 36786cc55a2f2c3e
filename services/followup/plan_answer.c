/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/plan_answer.h"

#include <string.h>

#include "intake.pb-c.h"

#define SERVQUAL TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_SERVQUAL

/* One thing that was said: the value, or an item that has both sides. */
static bool nth_fact(const struct plan_answer *a, size_t n, struct rulebook_facts *facts)
{
    facts->instrument = a->instrument;
    facts->dimension = 0;
    facts->value = a->value;
    if (a->instrument != SERVQUAL) {
        return n == 0;
    }
    facts->dimension = a->items[n].dimension;
    facts->value = a->items[n].perception - a->items[n].expectation;
    return a->items[n].perception > 0 && a->items[n].expectation > 0;
}

static size_t fact_count(const struct plan_answer *a)
{
    return a->instrument == SERVQUAL ? a->item_count : 1;
}

static bool matches(const struct rulebook_rule *r, const struct plan_answer *a,
                    struct rulebook_facts *facts)
{
    for (size_t n = 0; n < fact_count(a); n++) {
        if (nth_fact(a, n, facts) && rulebook_matches(r, facts, NULL)) {
            return true;
        }
    }
    return false;
}

const struct rulebook_rule *plan_answer_match(const struct rulebook *rules, const char *topic,
                                              const struct plan_answer *a,
                                              const struct rulebook_facts *facts)
{
    struct rulebook_facts f = *facts;
    f.trigger = FOLLOW_UP_ON_LOW_ANSWER;
    for (size_t i = 0; i < rulebook_rule_count(rules); i++) {
        const struct rulebook_rule *r = rulebook_rule(rules, i);
        if (r->trigger == f.trigger && strcmp(r->topic, topic) == 0 && matches(r, a, &f)) {
            return r;
        }
    }
    return NULL;
}

static bool measure_may_match(const struct rulebook_measure *m, const struct plan_answer *a)
{
    struct rulebook_facts f = {.trigger = FOLLOW_UP_ON_LOW_ANSWER};
    for (size_t n = 0; n < fact_count(a); n++) {
        if (nth_fact(a, n, &f) && (m->instrument == 0 || m->instrument == f.instrument) &&
            (m->dimension == 0 || m->dimension == f.dimension) && f.value <= m->at_most) {
            return true;
        }
    }
    return false;
}

bool plan_answer_is_low(const struct rulebook *rules, const struct plan_answer *a)
{
    for (size_t i = 0; i < rulebook_rule_count(rules); i++) {
        const struct rulebook_rule *r = rulebook_rule(rules, i);
        if (r->trigger == FOLLOW_UP_ON_LOW_ANSWER && measure_may_match(&r->measure, a)) {
            return true;
        }
    }
    return false;
}

void plan_answer_given(struct plan *p, const struct plan_answer *a,
                       const struct rulebook_facts *facts, const struct zone *zone)
{
    const struct plan_seed seed = {
        .trigger = FOLLOW_UP_ON_LOW_ANSWER,
        .customer = a->customer,
        .service_case = a->service_case,
        .subject = a->answer,
        .occurrence = "low",
        .branch = a->branch,
        .zone = zone,
        .anchor_us = a->occurred_us,
        .latest_us = INT64_MAX,
        .is_historical = a->is_historical,
    };
    const char *topic;
    for (size_t i = 0; (topic = plan_next_topic(p, FOLLOW_UP_ON_LOW_ANSWER, &i));) {
        const struct rulebook_rule *r = plan_answer_match(p->rules, topic, a, facts);
        if (r && !plan_find(p, topic, a->answer, seed.occurrence)) {
            (void)plan_add(p, r, &seed);
        }
    }
    if (a->is_void) {
        plan_void(p, FOLLOW_UP_ON_LOW_ANSWER, a->answer);
    }
}
