/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/work_events.h"

#include "common/base/compiler.h"
#include "common/base/log.h"
#include "services/intake/borrowed.h"

static Troth__V1__Event event_of(const struct intake_work *w, int64_t customer, int64_t version,
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
    return e;
}

static Troth__V1__Event customer_event(const struct intake_work *w, struct work_customer *c,
                                       struct work_when when)
{
    c->is_changed = true;
    return event_of(w, c->number, ++c->version, when);
}

static Troth__V1__Event case_event(const struct intake_work *w, struct work_case *c,
                                   struct work_when when)
{
    c->is_changed = true;
    return event_of(w, c->customer, ++c->version, when);
}

/* ---- customers */

enum {
    PURPOSES = TROTH__V1__PURPOSE__PURPOSE_MARKETING + 1
};

void work_emit_customer_changed(struct intake_work *w, struct work_customer *c,
                                struct work_when when)
{
    Troth__V1__Event e = customer_event(w, c, when);
    Troth__V1__CustomerChanged body = TROTH__V1__CUSTOMER_CHANGED__INIT;
    Troth__V1__ConsentChange consents[PURPOSES];
    Troth__V1__ConsentChange *list[PURPOSES];
    body.language = borrowed(c->language);
    body.time_zone = borrowed(c->time_zone);
    body.has_birth_month = body.has_birth_day = c->birth_month != 0;
    body.birth_month = c->birth_month;
    body.birth_day = c->birth_day;
    body.has_has_phone = body.has_has_email = true;
    body.has_phone = c->has_phone;
    body.has_email = c->has_email;
    body.consents = list;
    for (int purpose = 1; purpose < PURPOSES; purpose++) {
        int bit = 1 << purpose;
        if (!((c->consents | c->refusals) & bit)) {
            continue;
        }
        Troth__V1__ConsentChange *one = &consents[body.n_consents];
        *one = (Troth__V1__ConsentChange)TROTH__V1__CONSENT_CHANGE__INIT;
        one->has_purpose = one->has_is_given = true;
        one->purpose = (Troth__V1__Purpose)purpose;
        one->is_given = (c->consents & bit) != 0;
        list[body.n_consents++] = one;
    }
    e.body_case = TROTH__V1__EVENT__BODY_CUSTOMER_CHANGED;
    e.customer_changed = &body;
    w->emit(w->emit_ctx, &e);
}

void work_emit_purchase_made(struct intake_work *w, struct work_customer *c,
                             const struct work_purchase *p, struct work_when when)
{
    Troth__V1__Event e = customer_event(w, c, when);
    Troth__V1__PurchaseMade body = TROTH__V1__PURCHASE_MADE__INIT;
    body.has_purchase = true;
    body.purchase = p->number;
    body.branch = borrowed(p->branch);
    body.product = borrowed(p->product);
    body.has_amount_minor = true;
    body.amount_minor = p->amount_minor;
    body.currency = borrowed(p->currency);
    e.body_case = TROTH__V1__EVENT__BODY_PURCHASE_MADE;
    e.purchase_made = &body;
    w->emit(w->emit_ctx, &e);
}

void work_emit_survey_answered(struct intake_work *w, struct work_customer *customer,
                               struct work_case *c, const struct work_answer *a,
                               struct work_when when)
{
    Troth__V1__Event e = c ? case_event(w, c, when) : customer_event(w, customer, when);
    Troth__V1__SurveyAnswered body = TROTH__V1__SURVEY_ANSWERED__INIT;
    body.has_answer = true;
    body.answer = a->number;
    body.has_instrument = true;
    body.instrument = a->instrument;
    body.has_value = true;
    body.value = a->value;
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
    e.body_case = TROTH__V1__EVENT__BODY_CONTACT_ADDED;
    e.contact_added = &body;
    w->emit(w->emit_ctx, &e);
}

void work_emit_case_changed(struct intake_work *w, struct work_case *c,
                            const struct work_case_event *change, bool is_first_response,
                            struct work_when when)
{
    Troth__V1__Event e = case_event(w, c, when);
    Troth__V1__CaseChanged body = TROTH__V1__CASE_CHANGED__INIT;
    body.has_service_case = true;
    body.service_case = c->number;
    body.has_action = true;
    body.action = change->action;
    body.has_from = true;
    body.from = change->from;
    body.has_to = true;
    body.to = change->to;
    body.branch = borrowed(c->branch);
    body.has_opened_us = true;
    body.opened_us = c->opened_us;
    body.has_first_response_us = c->first_response_us != WORK_NO_TIME;
    body.first_response_us = c->first_response_us;
    body.has_is_first_response = is_first_response;
    body.is_first_response = is_first_response;
    body.has_reopened_count = true;
    body.reopened_count = c->reopened_count;
    e.body_case = TROTH__V1__EVENT__BODY_CASE_CHANGED;
    e.case_changed = &body;
    w->emit(w->emit_ctx, &e);
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
    e.body_case = TROTH__V1__EVENT__BODY_PROMISE_MADE;
    e.promise_made = &body;
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
    e.body_case = TROTH__V1__EVENT__BODY_PROMISE_CHANGED;
    e.promise_changed = &body;
    w->emit(w->emit_ctx, &e);
}
