/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/customer_decide.h"

#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/intake/identity_decide.h"
#include "services/intake/intake_forms.h"

/* ---- profile */

/* NULL leaves the value, "" takes it back. */
static void set_public(const char **value, const char *said)
{
    if (said) {
        *value = said[0] ? said : NULL;
    }
}

static void set_birthday(struct work_customer *c, const char *said, int64_t fact)
{
    if (!said) {
        return;
    }
    person_set(&c->person, PERSON_BIRTHDAY, said, fact);
    c->birth_month = c->birth_day = 0;
    if (said[0]) {
        intake_form_birthday(said, &c->birth_month, &c->birth_day);
    }
}

static void set_consents(struct work_customer *c, Troth__V1__ConsentChange *const *said,
                         size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int bit = 1 << said[i]->purpose;
        c->consents = said[i]->is_given ? c->consents | bit : c->consents & ~bit;
        c->refusals = said[i]->is_given ? c->refusals & ~bit : c->refusals | bit;
    }
}

int customer_decide_profile(struct intake_work *w, const struct intake_record *r,
                            struct intake_outcome *ret_outcome, struct err *err)
{
    (void)err; /* whatever is well-formed is believed */
    const Troth__V1__CustomerProfile *p = r->message->customer_profile;
    const char *joined_by;
    struct work_customer *c = identity_decide_customer(w, r, &joined_by);
    identity_decide_forget_replaced(w, r, c);
    set_public(&c->language, p->language);
    set_public(&c->time_zone, p->time_zone);
    int64_t fact = intake_numbers_take(&w->numbers, identifier_bucket(c->number));
    person_set(&c->person, PERSON_NAME, p->name, fact);
    person_set(&c->person, PERSON_PHONE, p->phone, fact);
    person_set(&c->person, PERSON_EMAIL, p->email, fact);
    person_set(&c->person, PERSON_ADDRESS, p->address, fact);
    person_set(&c->person, PERSON_LANGUAGE, p->language, fact);
    person_set(&c->person, PERSON_TIME_ZONE, p->time_zone, fact);
    set_birthday(c, p->birthday, fact);
    c->has_phone = p->phone ? !text_is_empty(p->phone) : c->has_phone;
    c->has_email = p->email ? !text_is_empty(p->email) : c->has_email;
    set_consents(c, p->consents, p->n_consents);
    work_emit_customer_changed(w, c, intake_decide_when(r));
    *ret_outcome = (struct intake_outcome){
        .customer = c->number,
        .fact_number = fact,
        .customer_joined_by = joined_by,
    };
    return 0;
}

/* ---- consent */

int customer_decide_consent(struct intake_work *w, const struct intake_record *r,
                            struct intake_outcome *ret_outcome, struct err *err)
{
    const Troth__V1__Consent *m = r->message->consent;
    struct work_customer *c = intake_decide_named_customer(
        w, r, (const char *const[]){"consent.customer_ref", "consent.customer_number"}, err);
    if (!c) {
        return -1;
    }
    set_consents(c, m->consents, m->n_consents);
    c->do_not_call = m->has_do_not_call ? m->do_not_call : c->do_not_call;
    work_emit_customer_changed(w, c, intake_decide_when(r));
    *ret_outcome = (struct intake_outcome){.customer = c->number};
    return 0;
}
