/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_promise.h - triggers promise_at_risk (tell the customer before it breaks), promise_broken
 * (apologise, agree on something new) and compensation (did it arrive?). Pure.
 *
 * Subject: the promise; occurrence: the version of its clock, "broken", "given". What is planned
 * follows the promise as it is now: one table says in which states of the promise each of the three
 * stands, and with which reason it ends in the others.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_PLAN_PROMISE_H
#define TROTH_SERVICES_FOLLOWUP_PLAN_PROMISE_H

#include "services/followup/plan.h"

/* A promise as it is now. */
struct plan_promise_now {
    int64_t promise, service_case, customer;
    int32_t state;      /* PromiseState */
    int32_t last_state; /* of the one that has its place now; its own when it was not given anew */
    int32_t clock_version;
    int64_t due_us; /* FOLLOW_UP_NEVER while its clock is paused */
    const char *branch;
    bool is_void;
    bool is_compensation_void; /* only the compensation was taken back */
};

/* It became at risk (FOLLOW_UP_ON_PROMISE_AT_RISK), was broken (FOLLOW_UP_ON_PROMISE_BROKEN) or
 * compensates for something (FOLLOW_UP_ON_COMPENSATION): facts->trigger says which. One follow-up
 * for each topic with a rule that matches, unless it is planned. */
void plan_promise_happened(struct plan *p, const struct plan_promise_now *now, int64_t occurred_us,
                           bool is_historical, const struct rulebook_facts *facts,
                           const struct zone *zone);

/* Something changed: all that is planned because of this promise follows. */
void plan_promise_follow(struct plan *p, const struct plan_promise_now *now,
                         const struct zone *zone);

#endif
