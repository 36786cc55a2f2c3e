/* SPDX-License-Identifier: Apache-2.0 */
/* plan_events.h - which events the planner looks at: for each kind what it needs to know, and what
 * it plans. */
#ifndef TROTH_SERVICES_FOLLOWUP_PLAN_EVENTS_H
#define TROTH_SERVICES_FOLLOWUP_PLAN_EVENTS_H

#include "services/followup/plan_batch.h"

struct plan_event {
    Troth__V1__Event__BodyCase body;
    /* Adds what has to be read; false: nothing will be planned or ended because of it. */
    bool (*gather)(struct plan_batch *b, const Troth__V1__Event *e);
    /* With all of that in hand; NULL: gather() has done everything. */
    void (*apply)(struct plan_batch *b, const Troth__V1__Event *e);
};

/* NULL: the planner does not care about these. */
const struct plan_event *plan_event_find(Troth__V1__Event__BodyCase body);

/* Of plan_event_find(): a signal of a device. Its fault is planned at once, what it counts with all
 * readings. */
bool plan_event_gather_device(struct plan_batch *b, const Troth__V1__Event *e);
void plan_event_apply_device(struct plan_batch *b, const Troth__V1__Event *e);

/* Of plan_event_find(): what loyalty says of a customer who may leave (score_changed,
 * churn_risk_changed, trust_broken): trigger churn_risk. */
bool plan_event_gather_risk(struct plan_batch *b, const Troth__V1__Event *e);
void plan_event_apply_risk(struct plan_batch *b, const Troth__V1__Event *e);

/* All devices whose readings were read. */
void plan_event_devices(struct plan_batch *b);

/* "complaint", ... of ContactKind; NULL: not known. */
const char *plan_event_kind(int32_t kind);

/* Into another customer, who stands for the person; false when nothing is known. */
bool plan_event_is_merged(const struct plan_batch *b, int64_t customer);

/* What is known of a customer (churn: as it was last looked at; no score) and of a case; texts are
 * borrowed from the batch. Return the zone:
 * the customer's, else the branch's, else the usual one; NULL: not known. */
const struct zone *plan_event_facts(struct plan_batch *b, int trigger, int64_t customer,
                                    int64_t service_case, const char *branch,
                                    struct rulebook_facts *ret);

#endif
