/* SPDX-License-Identifier: Apache-2.0 */
/*
 * work_events.h - tells the others. Each event counts up the version of the case or customer that
 * it is about and marks its row as changed, so that no two events about one thing have the same
 * version.
 */
#ifndef TROTH_INTAKE_WORK_EVENTS_H
#define TROTH_INTAKE_WORK_EVENTS_H

#include "services/intake/intake_work.h"

/* When it occurred, and whether it is history. */
struct work_when {
    int64_t occurred_us;
    bool is_historical;
    bool is_reversal; /* the event takes back an earlier one */
};

/* For work_fact_events.c: an event without a body; the second counts the customer's version. */
Troth__V1__Event work_event_of(const struct intake_work *w, int64_t customer, int64_t version,
                               struct work_when when);
Troth__V1__Event work_event_of_customer(const struct intake_work *w, struct work_customer *c,
                                        struct work_when when);

void work_emit_customer_changed(struct intake_work *w, struct work_customer *c,
                                struct work_when when);
/* customer_merged or customer_unmerged, to both. */
/* Nothing personal is left of c. */
void work_emit_customer_erased(struct intake_work *w, struct work_customer *c,
                               Troth__V1__ErasureGround ground, int32_t redacted_events,
                               struct work_when when);
void work_emit_customer_link(struct intake_work *w, struct work_customer *survivor,
                             struct work_customer *merged, bool is_merge, struct work_when when);
void work_emit_purchase_made(struct intake_work *w, struct work_customer *c,
                             const struct work_purchase *p, struct work_when when);
void work_emit_refund_made(struct intake_work *w, struct work_customer *c,
                           const struct work_purchase *refund, struct work_when when);
void work_emit_points_spent(struct intake_work *w, struct work_customer *c,
                            const struct work_redemption *r, struct work_when when);
void work_emit_device_signalled(struct intake_work *w, struct work_customer *c,
                                const struct work_device_signal *d, struct work_when when);
/* c: the case it is about, or NULL; then customer's version is counted. */
void work_emit_survey_answered(struct intake_work *w, struct work_customer *customer,
                               struct work_case *c, const struct work_answer *a,
                               struct work_when when);

void work_emit_case_opened(struct intake_work *w, struct work_case *c, struct work_when when);
void work_emit_contact_added(struct intake_work *w, struct work_case *c,
                             const struct work_contact *contact, struct work_when when);
/* The case has its new state already. */
void work_emit_case_changed(struct intake_work *w, struct work_case *c,
                            const struct work_case_event *e, bool is_first_response,
                            struct work_when when);

/* It is taken for something else; the case has its new class already. */
void work_emit_case_reclassified(struct intake_work *w, struct work_case *c,
                                 const struct work_class *before, const struct work_class *after,
                                 struct work_when when);

/* What was told of the case is no longer so; c is as it is now. */
void work_emit_case_corrected(struct intake_work *w, struct work_case *c, Troth__V1__CaseState from,
                              struct work_when when);

void work_emit_promise_made(struct intake_work *w, struct work_case *c,
                            const struct work_promise *p, struct work_when when);
void work_emit_compensation_promised(struct intake_work *w, struct work_case *c,
                                     const struct work_compensation *compensation,
                                     struct work_when when);
void work_emit_expectation_stated(struct intake_work *w, struct work_case *c,
                                  const struct work_expectation *expectation,
                                  struct work_when when);
/* Its target has changed; its clock version was counted already. */
void work_emit_promise_retargeted(struct intake_work *w, struct work_case *c,
                                  const struct work_promise *p, struct work_when when);
/* after_us: of a step after the break; else 0. */
void work_emit_promise_step_taken(struct intake_work *w, struct work_case *c,
                                  const struct work_promise *p,
                                  const struct work_promise_step *step, int64_t after_us,
                                  struct work_when when);
/* What the customer says of it, beside the company's word. */
void work_emit_promise_answered(struct intake_work *w, struct work_case *c,
                                const struct work_promise *p, struct work_when when);
void work_emit_break_explained(struct intake_work *w, struct work_case *c,
                               const struct work_promise *p, struct work_when when);
/* The promise has its new state already; its own version is counted here. */
void work_emit_promise_changed(struct intake_work *w, struct work_case *c, struct work_promise *p,
                               Troth__V1__PromiseState from, bool is_correction,
                               struct work_when when);

/* Of no customer: bucket 0. */
void work_emit_improvement_shipped(struct intake_work *w, const struct work_improvement *i,
                                   struct work_when when);

#endif
