/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/customer_decide.h"

#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/intake/customer_consents.h"
#include "services/intake/erasure_decide.h"
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

static void set_birthday(struct work_customer *c, const Troth__V1__CustomerProfile *p, int64_t fact)
{
    const char *said = p->birthday;
    if (!said) {
        return;
    }
    person_set(&c->person, PERSON_BIRTHDAY, said, fact);
    customer_decide_forget_birthday(c);
    if (said[0]) {
        intake_form_birthday(said, &c->birth_month, &c->birth_day);
        c->birth_is_lunar = p->birthday_is_lunar;
        c->birth_is_leap_month = p->birthday_is_leap_month;
    }
}

void customer_decide_forget_birthday(struct work_customer *c)
{
    c->birth_month = c->birth_day = 0;
    c->birth_is_lunar = c->birth_is_leap_month = false;
}

static void set_points(const struct intake_work *w, struct work_customer *c,
                       const Troth__V1__CustomerProfile *p, int64_t fact)
{
    person_set(&c->person, PERSON_PHONE, p->phone, fact);
    person_set(&c->person, PERSON_EMAIL, p->email, fact);
    if (p->phone) {
        c->has_phone = !text_is_empty(p->phone);
        c->phone_handle = identity_decide_handle(w, CONTACT_POINT_PHONE, p->phone);
    }
    if (p->email) {
        c->has_email = !text_is_empty(p->email);
        c->email_handle = identity_decide_handle(w, CONTACT_POINT_EMAIL, p->email);
    }
}

/* What is said of all channels ends what was said of single ones. */
static int64_t bits_about(const Troth__V1__ConsentChange *said)
{
    int64_t bits = 0;
    for (int channel = 0; channel < CUSTOMER_CHANNELS; channel++) {
        if (!said->channel || channel == (int)said->channel) {
            bits |= customer_consent_bit((int)said->purpose, channel);
        }
    }
    return bits;
}

/* A refusal of all channels goes on for the others, when one of them is allowed. */
static int64_t allow_channel(int64_t refusals, const Troth__V1__ConsentChange *said)
{
    const int64_t all = customer_consent_bit((int)said->purpose, 0);
    if (said->channel && refusals & all) {
        refusals &= ~all;
        for (int channel = 1; channel < CUSTOMER_CHANNELS; channel++) {
            refusals |= customer_consent_bit((int)said->purpose, channel);
        }
    }
    return refusals & ~bits_about(said);
}

static void set_consents(struct work_customer *c, Troth__V1__ConsentChange *const *said,
                         size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const int64_t about = bits_about(said[i]);
        const int64_t bit = customer_consent_bit((int)said[i]->purpose, (int)said[i]->channel);
        if (said[i]->is_given) {
            c->consents = (c->consents & ~about) | bit;
            c->refusals = allow_channel(c->refusals, said[i]);
        } else {
            c->consents &= ~about;
            c->refusals = (c->refusals & ~about) | bit;
        }
    }
}

static void add_statement(struct intake_work *w, const struct intake_record *r,
                          const struct work_customer *c, const Troth__V1__ConsentChange *said,
                          size_t place)
{
    struct work_consent *s = work_append(w, &w->consents, sizeof(*s));
    s->customer = c->number;
    s->version = c->version;
    s->place = (int)place;
    s->purpose = (int)said->purpose;
    s->channel = (int)said->channel;
    s->is_given = said->is_given;
    s->wording = said->wording;
    s->obtained = said->obtained;
    s->source_id = r->request->sender.source_id;
    s->occurred_us = r->message->occurred_us;
}

/* How it was said, beside what counts now: after the event, whose version they carry. */
static void add_statements(struct intake_work *w, const struct intake_record *r,
                           const struct work_customer *c, Troth__V1__ConsentChange *const *said,
                           size_t count)
{
    for (size_t i = 0; i < count; i++) {
        add_statement(w, r, c, said[i], i);
    }
}

int customer_decide_profile(struct intake_work *w, const struct intake_record *r,
                            struct intake_outcome *ret_outcome, struct err *err)
{
    const Troth__V1__CustomerProfile *p = r->message->customer_profile;
    const char *joined_by;
    struct work_customer *c = identity_decide_customer(w, r, &joined_by, err);
    if (!c) {
        return -1;
    }
    identity_decide_forget_replaced(w, r, c);
    set_public(&c->language, p->language);
    set_public(&c->time_zone, p->time_zone);
    int64_t fact = intake_numbers_take(&w->numbers, identifier_bucket(c->number));
    person_set(&c->person, PERSON_NAME, p->name, fact);
    set_points(w, c, p, fact);
    person_set(&c->person, PERSON_ADDRESS, p->address, fact);
    person_set(&c->person, PERSON_LANGUAGE, p->language, fact);
    person_set(&c->person, PERSON_TIME_ZONE, p->time_zone, fact);
    set_birthday(c, p, fact);
    set_consents(c, p->consents, p->n_consents);
    work_emit_customer_changed(w, c, intake_decide_when(r));
    add_statements(w, r, c, p->consents, p->n_consents);
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
    if (m->has_do_not_call && !m->do_not_call) {
        erasure_allow_calls(w, c);
    }
    work_emit_customer_changed(w, c, intake_decide_when(r));
    add_statements(w, r, c, m->consents, m->n_consents);
    if (m->has_do_not_call) {
        Troth__V1__ConsentChange calls = TROTH__V1__CONSENT_CHANGE__INIT;
        calls.is_given = !m->do_not_call;
        add_statement(w, r, c, &calls, m->n_consents);
    }
    *ret_outcome = (struct intake_outcome){.customer = c->number};
    return 0;
}
