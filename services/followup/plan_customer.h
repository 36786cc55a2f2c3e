/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_customer.h - what the planner does because of a customer as such: trigger churn_risk, and
 * what ends when the customer calls us. Pure.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_PLAN_CUSTOMER_H
#define TROTH_SERVICES_FOLLOWUP_PLAN_CUSTOMER_H

#include "services/followup/plan.h"

/* Loyalty said that a customer may leave: another index, a higher risk, broken trust. facts has
 * score and churn. Subject: the customer; occurrence: local year and quarter, "2026Q4": whoever
 * wavers around a threshold is called once in it. */
void plan_customer_scored(struct plan *p, int64_t customer, int64_t occurred_us, bool is_historical,
                          const struct rulebook_facts *facts, const struct zone *zone);

/* Some rule asks for such a score. */
bool plan_customer_may_leave(const struct rulebook *rules, const struct rulebook_facts *facts);

/* The customer said something at that instant. Who had been tried and not reached has called back,
 * when it is within called_back_us after the attempt: planned ones end, an ordered one ends when
 * its call does not reach anybody (its called_back_us is set). Calls because of silence are over,
 * too. */
void plan_customer_spoke(struct plan *p, int64_t customer, int64_t occurred_us);

/* Something was made better that the customer had reported. Subject: the customer; occurrence: the
 * number of the improvement. facts are those of the newest such case. */
struct plan_customer_report {
    int64_t customer, service_case, improvement;
    int64_t shipped_us;
    bool is_historical;
    const char *branch; /* NULL: none */
};
/* The customer was erased: what is planned or listed for them ends. What is ordered ends with its
 * outcome, and is not tried again. */
void plan_customer_erased(struct plan *p, int64_t customer);
void plan_customer_improved(struct plan *p, const struct plan_customer_report *report,
                            const struct rulebook_facts *facts, const struct zone *zone);

#endif
