/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_case.h - trigger case_resolved: is it really solved? Pure.
 *
 * Subject: the case; occurrence: how often it was reopened. What decides is that count, which each
 * event carries, and the case as it is now: events of one case may come out of order from two
 * streams. A correction (a part of the case's history was taken back) makes what is planned follow
 * the case as it is now.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_PLAN_CASE_H
#define TROTH_SERVICES_FOLLOWUP_PLAN_CASE_H

#include "services/followup/plan.h"

/* What an event told about a case. */
struct plan_case_change {
    int64_t customer, service_case, version;
    int64_t occurred_us;
    int32_t reopened_count;
    const char *branch; /* NULL: none */
    bool is_historical;
};

/* A case as it is now; is_known false: the event is all we know. */
struct plan_case_now {
    bool is_known;
    int32_t reopened_count;
    int64_t resolved_us; /* FOLLOW_UP_NEVER: it is not resolved */
};

/* A case was resolved: one follow-up for each topic with a rule that matches, unless it is planned.
 * facts are those of the case and its customer; their trigger is set. What its source took back
 * ends as void, and what was reopened since as reopened. */
void plan_case_resolved(struct plan *p, const struct plan_case_change *change,
                        const struct plan_case_now *now, const struct rulebook_facts *facts,
                        const struct zone *zone);

/* A case was reopened: what was planned for its earlier resolutions and is not ordered yet is
 * suppressed. */
void plan_case_reopened(struct plan *p, const struct plan_case_change *change);

/* A part of the case's history was taken back: what is planned follows the case as it is now, apart
 * from what was called for already. */
void plan_case_corrected(struct plan *p, int64_t service_case, const struct plan_case_now *now,
                         const struct zone *zone);

#endif
