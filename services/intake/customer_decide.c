/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/customer_decide.h"

#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/intake/case_decide.h"
#include "services/intake/intake_forms.h"

/* ---- profile */

/* NULL leaves the value, "" takes it back. */
static void set_public(const char **value, const char *said)
{
    if (said) {
        *value = said[0] ? said : NULL;
    }
}

static void set_person(struct work_customer *c, const char **value, const char *said)
{
    if (said) {
        *value = said;
        c->has_person = true;
    }
}

static void set_birthday(struct work_customer *c, const char *said)
{
    if (!said) {
        return;
    }
    set_person(c, &c->birthday, said);
    c->birth_month = c->birth_day = 0;
    if (said[0]) {
        intake_form_birthday(said, &c->birth_month, &c->birth_day);
    }
}

static void set_consents(struct work_customer *c, const Troth__V1__CustomerProfile *p)
{
    for (size_t i = 0; i < p->n_consents; i++) {
        int bit = 1 << p->consents[i]->purpose;
        c->consents = p->consents[i]->is_given ? c->consents | bit : c->consents & ~bit;
        c->refusals = p->consents[i]->is_given ? c->refusals & ~bit : c->refusals | bit;
    }
}

int customer_decide_profile(struct intake_work *w, const struct intake_record *r,
                            struct intake_outcome *ret_outcome, struct err *err)
{
    (void)err; /* whatever is well-formed is believed */
    const Troth__V1__CustomerProfile *p = r->message->customer_profile;
    struct work_customer *c = intake_decide_customer(w, r);
    set_public(&c->language, p->language);
    set_public(&c->time_zone, p->time_zone);
    set_person(c, &c->name, p->name);
    set_person(c, &c->phone, p->phone);
    set_person(c, &c->email, p->email);
    set_birthday(c, p->birthday);
    c->has_phone = p->phone ? !text_is_empty(p->phone) : c->has_phone;
    c->has_email = p->email ? !text_is_empty(p->email) : c->has_email;
    set_consents(c, p);
    work_emit_customer_changed(w, c, intake_decide_when(r));
    *ret_outcome = (struct intake_outcome){.customer = c->number};
    return 0;
}

/* ---- purchase */

int customer_decide_purchase(struct intake_work *w, const struct intake_record *r,
                             struct intake_outcome *ret_outcome, struct err *err)
{
    (void)err;
    const Troth__V1__Purchase *m = r->message->purchase;
    struct work_customer *c = intake_decide_customer(w, r);
    struct work_purchase *p = work_append(w, &w->purchases, sizeof(*p));
    p->number = intake_numbers_take(&w->numbers, identifier_bucket(c->number));
    p->customer = c->number;
    p->order_ref = m->order_ref;
    p->branch = m->branch;
    p->product = m->product;
    p->currency = m->currency;
    p->amount_minor = m->amount_minor;
    p->source_id = r->request->sender.source_id;
    p->occurred_us = r->message->occurred_us;
    work_emit_purchase_made(w, c, p, intake_decide_when(r));
    *ret_outcome = (struct intake_outcome){.customer = c->number};
    return 0;
}

/* ---- answer */

/* Whom it is about: the case's customer, a number, or a reference. *ret_case is NULL without a
 * case. */
static int find_subject(struct intake_work *w, const struct intake_record *r,
                        struct work_case **ret_case, struct work_customer **ret_customer,
                        struct err *err)
{
    const struct intake_names *n = &r->names;
    *ret_case = NULL;
    *ret_customer = NULL;
    if (n->case_number || n->case_ref) {
        *ret_case = case_decide_find(
            w, r, n->case_number ? "survey_answer.case_number" : "survey_answer.case_ref", err);
        return *ret_case ? 0 : -1;
    }
    if (n->customer_number) {
        *ret_customer = work_find_customer(w, n->customer_number);
        return *ret_customer
                   ? 0
                   : err_set_field(err, "customer_unknown", "survey_answer.customer_number",
                                   "no customer has this number");
    }
    *ret_customer = intake_decide_customer(w, r);
    return 0;
}

int customer_decide_answer(struct intake_work *w, const struct intake_record *r,
                           struct intake_outcome *ret_outcome, struct err *err)
{
    const Troth__V1__SurveyAnswer *m = r->message->survey_answer;
    struct work_case *c;
    struct work_customer *customer;
    if (find_subject(w, r, &c, &customer, err) < 0) {
        return -1;
    }
    int64_t number = c ? c->customer : customer->number;
    struct work_answer *a = work_append(w, &w->answers, sizeof(*a));
    a->number = intake_numbers_take(&w->numbers, identifier_bucket(number));
    a->customer = number;
    a->service_case = c ? c->number : 0;
    a->follow_up = r->names.follow_up_number;
    a->branch = c ? c->branch : NULL;
    a->instrument = m->instrument;
    a->value = m->value;
    a->source_id = r->request->sender.source_id;
    a->occurred_us = r->message->occurred_us;
    work_emit_survey_answered(w, customer, c, a, intake_decide_when(r));
    intake_decide_text(w, r,
                       &(struct work_text){.number = a->number,
                                           .field = "comment",
                                           .customer = number,
                                           .service_case = a->service_case,
                                           .body = m->comment});
    *ret_outcome = (struct intake_outcome){
        .customer = number,
        .service_case = c,
        .last_promise_before = c ? work_last_promise(c) : NULL,
    };
    return 0;
}
