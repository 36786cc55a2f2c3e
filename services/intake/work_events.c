/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/work_events.h"

#include <string.h>

#include "common/base/compiler.h"
#include "common/base/log.h"
#include "services/intake/borrowed.h"
#include "services/intake/customer_consents.h"

Troth__V1__Event work_event_of(const struct intake_work *w, int64_t customer, int64_t version,
                               struct work_when when)
{
    Troth__V1__Event e = TROTH__V1__EVENT__INIT;
    e.has_customer = true;
    e.customer = customer;
    e.has_version = true;
    e.version = version;
    e.has_occurred_us = true;
    e.occurred_us = when.occurred_us;
    e.has_recorded_us = true;
    e.recorded_us = w->now_us;
    e.has_is_historical = when.is_historical;
    e.is_historical = when.is_historical;
    e.has_is_reversal = when.is_reversal;
    e.is_reversal = when.is_reversal;
    e.trace = borrowed(w->trace[0] ? w->trace : NULL);
    return e;
}

Troth__V1__Event work_event_of_customer(const struct intake_work *w, struct work_customer *c,
                                        struct work_when when)
{
    c->is_changed = true;
    return work_event_of(w, c->number, ++c->version, when);
}

static Troth__V1__Event case_event(const struct intake_work *w, struct work_case *c,
                                   struct work_when when)
{
    c->is_changed = true;
    return work_event_of(w, c->customer, ++c->version, when);
}

/* ---- customers */

void work_emit_customer_changed(struct intake_work *w, struct work_customer *c,
                                struct work_when when)
{
    Troth__V1__Event e = work_event_of_customer(w, c, when);
    Troth__V1__CustomerChanged body = TROTH__V1__CUSTOMER_CHANGED__INIT;
    Troth__V1__ConsentChange consents[CUSTOMER_CONSENT_BITS];
    Troth__V1__ConsentChange *list[CUSTOMER_CONSENT_BITS];
    body.language = borrowed(c->language);
    body.time_zone = borrowed(c->time_zone);
    body.has_birth_month = body.has_birth_day = c->birth_month != 0;
    body.birth_month = c->birth_month;
    body.birth_day = c->birth_day;
    body.has_birth_is_lunar = body.birth_is_lunar = c->birth_is_lunar;
    body.has_birth_is_leap_month = c->birth_is_leap_month;
    body.birth_is_leap_month = c->birth_is_leap_month;
    body.has_has_phone = body.has_has_email = true;
    body.has_phone = c->has_phone;
    body.has_email = c->has_email;
    body.has_do_not_call = true;
    body.do_not_call = c->do_not_call;
    body.consents = list;
    body.n_consents = customer_consents_list(c, consents, list);
    e.body_case = TROTH__V1__EVENT__BODY_CUSTOMER_CHANGED;
    e.customer_changed = &body;
    w->emit(w->emit_ctx, &e);
}

static void emit_link(struct intake_work *w, struct work_customer *about, int64_t survivor,
                      int64_t merged, bool is_merge, struct work_when when)
{
    Troth__V1__Event e = work_event_of_customer(w, about, when);
    Troth__V1__CustomerMerged joined = TROTH__V1__CUSTOMER_MERGED__INIT;
    Troth__V1__CustomerUnmerged parted = TROTH__V1__CUSTOMER_UNMERGED__INIT;
    joined.has_survivor = joined.has_merged = true;
    parted.has_survivor = parted.has_merged = true;
    joined.survivor = parted.survivor = survivor;
    joined.merged = parted.merged = merged;
    if (is_merge) {
        e.body_case = TROTH__V1__EVENT__BODY_CUSTOMER_MERGED;
        e.customer_merged = &joined;
    } else {
        e.body_case = TROTH__V1__EVENT__BODY_CUSTOMER_UNMERGED;
        e.customer_unmerged = &parted;
    }
    w->emit(w->emit_ctx, &e);
}

void work_emit_customer_link(struct intake_work *w, struct work_customer *survivor,
                             struct work_customer *merged, bool is_merge, struct work_when when)
{
    emit_link(w, survivor, survivor->number, merged->number, is_merge, when);
    emit_link(w, merged, survivor->number, merged->number, is_merge, when);
}

void work_emit_survey_answered(struct intake_work *w, struct work_customer *customer,
                               struct work_case *c, const struct work_answer *a,
                               struct work_when when)
{
    Troth__V1__Event e = c ? case_event(w, c, when) : work_event_of_customer(w, customer, when);
    Troth__V1__SurveyAnswered body = TROTH__V1__SURVEY_ANSWERED__INIT;
    body.has_answer = true;
    body.answer = a->number;
    body.has_instrument = true;
    body.instrument = a->instrument;
    body.question = borrowed(a->question);
    body.has_value = a->has_value;
    body.value = a->value;
    body.items = a->items;
    body.n_items = a->item_count;
    body.has_service_case = a->service_case != 0;
    body.service_case = a->service_case;
    body.branch = borrowed(a->branch);
    body.has_follow_up = a->follow_up != 0;
    body.follow_up = a->follow_up;
    e.body_case = TROTH__V1__EVENT__BODY_SURVEY_ANSWERED;
    e.survey_answered = &body;
    w->emit(w->emit_ctx, &e);
}

/* ---- cases */

void work_emit_case_opened(struct intake_work *w, struct work_case *c, struct work_when when)
{
    Troth__V1__Event e = case_event(w, c, when);
    Troth__V1__CaseOpened body = TROTH__V1__CASE_OPENED__INIT;
    body.has_service_case = true;
    body.service_case = c->number;
    body.has_kind = true;
    body.kind = c->kind;
    body.channel = borrowed(c->channel);
    body.branch = borrowed(c->branch);
    body.category = borrowed(c->category);
    body.has_category_by = c->category_by != 0;
    body.category_by = (Troth__V1__CategoryBy)c->category_by;
    body.has_mood = c->mood != 0;
    body.mood = (Troth__V1__Mood)c->mood;
    body.product = borrowed(c->product);
    body.has_priority = true;
    body.priority = c->priority;
    body.owner_team = borrowed(c->owner_team);
    e.body_case = TROTH__V1__EVENT__BODY_CASE_OPENED;
    e.case_opened = &body;
    w->emit(w->emit_ctx, &e);
}

void work_emit_contact_added(struct intake_work *w, struct work_case *c,
                             const struct work_contact *contact, struct work_when when)
{
    Troth__V1__Event e = case_event(w, c, when);
    Troth__V1__ContactAdded body = TROTH__V1__CONTACT_ADDED__INIT;
    body.has_service_case = true;
    body.service_case = c->number;
    body.has_kind = true;
    body.kind = contact->kind;
    body.channel = borrowed(contact->channel);
    body.has_origin = true;
    body.origin = contact->origin;
    e.body_case = TROTH__V1__EVENT__BODY_CONTACT_ADDED;
    e.contact_added = &body;
    w->emit(w->emit_ctx, &e);
}

static void tell_case(struct intake_work *w, struct work_case *c, struct work_when when,
                      Troth__V1__CaseChanged *body)
{
    Troth__V1__Event e = case_event(w, c, when);
    body->has_service_case = true;
    body->service_case = c->number;
    body->branch = borrowed(c->branch);
    body->has_opened_us = true;
    body->opened_us = c->opened_us;
    body->has_first_response_us = c->first_response_us != WORK_NO_TIME;
    body->first_response_us = body->has_first_response_us ? c->first_response_us : 0;
    body->has_resolved_us = c->resolved_us != WORK_NO_TIME;
    body->resolved_us = body->has_resolved_us ? c->resolved_us : 0;
    body->has_reopened_count = true;
    body->reopened_count = c->reopened_count;
    body->has_merged_into = c->joined_case != 0;
    body->merged_into = c->joined_case;
    e.body_case = TROTH__V1__EVENT__BODY_CASE_CHANGED;
    e.case_changed = body;
    w->emit(w->emit_ctx, &e);
}

void work_emit_case_changed(struct intake_work *w, struct work_case *c,
                            const struct work_case_event *change, bool is_first_response,
                            struct work_when when)
{
    Troth__V1__CaseChanged body = TROTH__V1__CASE_CHANGED__INIT;
    body.has_action = true;
    body.action = change->action;
    body.has_from = true;
    body.from = change->from;
    body.has_to = true;
    body.to = change->to;
    body.has_is_first_response = is_first_response;
    body.is_first_response = is_first_response;
    tell_case(w, c, when, &body);
}

void work_emit_case_reclassified(struct intake_work *w, struct work_case *c,
                                 const struct work_class *before, const struct work_class *after,
                                 struct work_when when)
{
    Troth__V1__Event e = case_event(w, c, when);
    Troth__V1__CaseReclassified body = TROTH__V1__CASE_RECLASSIFIED__INIT;
    body.has_service_case = true;
    body.service_case = c->number;
    body.branch = borrowed(c->branch);
    body.category_before = borrowed(before->category);
    body.category = borrowed(after->category);
    body.has_kind_before = body.has_kind = true;
    body.kind_before = before->kind;
    body.kind = after->kind;
    body.has_priority_before = body.has_priority = true;
    body.priority_before = before->priority;
    body.priority = after->priority;
    body.owner_team = borrowed(after->owner_team);
    body.has_opened_us = true;
    body.opened_us = c->opened_us;
    e.body_case = TROTH__V1__EVENT__BODY_CASE_RECLASSIFIED;
    e.case_reclassified = &body;
    w->emit(w->emit_ctx, &e);
}

void work_emit_case_corrected(struct intake_work *w, struct work_case *c, Troth__V1__CaseState from,
                              struct work_when when)
{
    Troth__V1__CaseChanged body = TROTH__V1__CASE_CHANGED__INIT;
    body.has_from = true;
    body.from = from;
    body.has_to = true;
    body.to = c->state;
    body.has_is_correction = true;
    body.is_correction = true;
    tell_case(w, c, when, &body);
}

/* ---- promises */

void work_emit_promise_made(struct intake_work *w, struct work_case *c,
                            const struct work_promise *p, struct work_when when)
{
    Troth__V1__Event e = case_event(w, c, when);
    Troth__V1__PromiseMade body = TROTH__V1__PROMISE_MADE__INIT;
    body.has_promise = true;
    body.promise = p->number;
    body.has_service_case = true;
    body.service_case = c->number;
    body.kind = borrowed(p->kind);
    body.has_made_us = true;
    body.made_us = p->made_us;
    body.has_due_us = p->due_us != CLOCK_NEVER;
    body.due_us = p->due_us;
    body.branch = borrowed(c->branch);
    body.has_replaces = p->replaces != 0;
    body.replaces = p->replaces;
    body.has_chance = p->past_cases > 0;
    body.chance = body.has_chance ? p->chance : 0.0;
    e.body_case = TROTH__V1__EVENT__BODY_PROMISE_MADE;
    e.promise_made = &body;
    w->emit(w->emit_ctx, &e);
}

void work_emit_compensation_promised(struct intake_work *w, struct work_case *c,
                                     const struct work_compensation *compensation,
                                     struct work_when when)
{
    Troth__V1__Event e = case_event(w, c, when);
    Troth__V1__CompensationPromised body = TROTH__V1__COMPENSATION_PROMISED__INIT;
    body.has_promise = true;
    body.promise = compensation->promise;
    body.has_service_case = true;
    body.service_case = c->number;
    body.has_kind = true;
    body.kind = compensation->kind;
    body.has_amount_minor = compensation->has_amount;
    body.amount_minor = compensation->amount_minor;
    body.currency = borrowed(compensation->currency);
    body.branch = borrowed(c->branch);
    e.body_case = TROTH__V1__EVENT__BODY_COMPENSATION_PROMISED;
    e.compensation_promised = &body;
    w->emit(w->emit_ctx, &e);
}

void work_emit_expectation_stated(struct intake_work *w, struct work_case *c,
                                  const struct work_expectation *expectation, struct work_when when)
{
    Troth__V1__Event e = case_event(w, c, when);
    Troth__V1__ExpectationStated body = TROTH__V1__EXPECTATION_STATED__INIT;
    body.has_expectation = true;
    body.expectation = expectation->number;
    body.has_service_case = true;
    body.service_case = c->number;
    body.has_expected_us = expectation->expected_us != WORK_NO_TIME;
    body.expected_us = expectation->expected_us;
    body.has_has_outcome = body.has_has_manner = body.has_is_confirmed = true;
    body.has_outcome = expectation->has_outcome;
    body.has_manner = expectation->has_manner;
    body.is_confirmed = expectation->is_confirmed;
    e.body_case = TROTH__V1__EVENT__BODY_EXPECTATION_STATED;
    e.expectation_stated = &body;
    w->emit(w->emit_ctx, &e);
}

void work_emit_promise_changed(struct intake_work *w, struct work_case *c, struct work_promise *p,
                               Troth__V1__PromiseState from, bool is_correction,
                               struct work_when when)
{
    Troth__V1__Event e = case_event(w, c, when);
    Troth__V1__PromiseChanged body = TROTH__V1__PROMISE_CHANGED__INIT;
    p->is_changed = true;
    body.has_promise = true;
    body.promise = p->number;
    body.has_service_case = true;
    body.service_case = c->number;
    body.kind = borrowed(p->kind);
    body.has_from = true;
    body.from = from;
    body.has_to = true;
    body.to = p->state;
    body.has_made_us = true;
    body.made_us = p->made_us;
    body.has_due_us = p->due_us != CLOCK_NEVER;
    body.due_us = p->due_us;
    body.has_done_us = p->done_us != WORK_NO_TIME;
    body.done_us = p->done_us;
    body.has_is_correction = is_correction;
    body.is_correction = is_correction;
    body.branch = borrowed(c->branch);
    body.has_promise_version = true;
    body.promise_version = ++p->version;
    body.owner_team = borrowed(c->owner_team);
    e.body_case = TROTH__V1__EVENT__BODY_PROMISE_CHANGED;
    e.promise_changed = &body;
    w->emit(w->emit_ctx, &e);
}

void work_emit_promise_retargeted(struct intake_work *w, struct work_case *c,
                                  const struct work_promise *p, struct work_when when)
{
    Troth__V1__Event e = case_event(w, c, when);
    Troth__V1__PromiseRetargeted body = TROTH__V1__PROMISE_RETARGETED__INIT;
    body.has_promise = true;
    body.promise = p->number;
    body.has_service_case = true;
    body.service_case = c->number;
    body.kind = borrowed(p->kind);
    body.has_due_us = p->due_us != CLOCK_NEVER;
    body.due_us = p->due_us;
    body.has_clock_version = true;
    body.clock_version = p->clock_version;
    body.branch = borrowed(c->branch);
    e.body_case = TROTH__V1__EVENT__BODY_PROMISE_RETARGETED;
    e.promise_retargeted = &body;
    w->emit(w->emit_ctx, &e);
}

void work_emit_promise_step_taken(struct intake_work *w, struct work_case *c,
                                  const struct work_promise *p,
                                  const struct work_promise_step *step, int64_t after_us,
                                  struct work_when when)
{
    Troth__V1__Event e = case_event(w, c, when);
    Troth__V1__PromiseStepTaken body = TROTH__V1__PROMISE_STEP_TAKEN__INIT;
    body.has_promise = true;
    body.promise = p->number;
    body.has_service_case = true;
    body.service_case = c->number;
    body.kind = borrowed(p->kind);
    body.has_percent = true;
    body.percent = step->step;
    body.has_after_us = after_us != 0;
    body.after_us = after_us;
    body.tell = borrowed(step->tell);
    body.has_due_us = p->due_us != CLOCK_NEVER;
    body.due_us = p->due_us;
    body.has_clock_version = true;
    body.clock_version = step->clock_version;
    body.branch = borrowed(c->branch);
    body.owner_team = borrowed(c->owner_team);
    e.body_case = TROTH__V1__EVENT__BODY_PROMISE_STEP_TAKEN;
    e.promise_step_taken = &body;
    w->emit(w->emit_ctx, &e);
}

void work_emit_promise_answered(struct intake_work *w, struct work_case *c,
                                const struct work_promise *p, struct work_when when)
{
    Troth__V1__Event e = case_event(w, c, when);
    Troth__V1__PromiseAnswered body = TROTH__V1__PROMISE_ANSWERED__INIT;
    body.has_promise = true;
    body.promise = p->number;
    body.has_service_case = true;
    body.service_case = c->number;
    body.kind = borrowed(p->kind);
    body.has_is_confirmed = true;
    body.is_confirmed = p->customer_word == WORK_WORD_CONFIRMED;
    body.has_state = true;
    body.state = p->state;
    body.branch = borrowed(c->branch);
    e.body_case = TROTH__V1__EVENT__BODY_PROMISE_ANSWERED;
    e.promise_answered = &body;
    w->emit(w->emit_ctx, &e);
}

void work_emit_break_explained(struct intake_work *w, struct work_case *c,
                               const struct work_promise *p, struct work_when when)
{
    Troth__V1__Event e = case_event(w, c, when);
    Troth__V1__BreakExplained body = TROTH__V1__BREAK_EXPLAINED__INIT;
    body.has_promise = true;
    body.promise = p->number;
    body.has_service_case = true;
    body.service_case = c->number;
    body.kind = borrowed(p->kind);
    body.has_cause = true;
    body.cause = (Troth__V1__BreakCause)p->cause;
    body.branch = borrowed(c->branch);
    e.body_case = TROTH__V1__EVENT__BODY_BREAK_EXPLAINED;
    e.break_explained = &body;
    w->emit(w->emit_ctx, &e);
}
