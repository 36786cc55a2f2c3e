/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_answer.h - trigger low_answer: somebody is not satisfied, and hears from us soon. Pure.
 *
 * Subject: the answer; occurrence: "low". CSAT, NPS, CES and the company's own questions by their
 * value; SERVQUAL by items: the gap between perception and expectation.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_PLAN_ANSWER_H
#define TROTH_SERVICES_FOLLOWUP_PLAN_ANSWER_H

#include "services/followup/plan.h"

/* The rule that is taken for an answer with that topic: of SERVQUAL the first rule that one of the
 * items matches. items is NULL unless instrument is SERVQUAL; what is not set is left out. facts is
 * completed here. */
struct plan_answer_item {
    int32_t dimension;
    int32_t expectation, perception; /* 0: not said */
};
struct plan_answer {
    int64_t answer, customer, service_case;
    int32_t instrument; /* SurveyInstrument */
    int32_t value;      /* not of SERVQUAL */
    const struct plan_answer_item *items;
    size_t item_count;
    const char *branch;
    int64_t occurred_us;
    bool is_historical;
    bool is_void; /* its source took it back */
};
const struct rulebook_rule *plan_answer_match(const struct rulebook *rules, const char *topic,
                                              const struct plan_answer *a,
                                              const struct rulebook_facts *facts);

/* Some rule may match it: what is known of the case and the customer is not looked at. Cheap: most
 * answers are good ones. */
bool plan_answer_is_low(const struct rulebook *rules, const struct plan_answer *a);

void plan_answer_given(struct plan *p, const struct plan_answer *a,
                       const struct rulebook_facts *facts, const struct zone *zone);

#endif
