/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_check.h"

#include <string.h>

#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/intake/intake_forms.h"
#include "services/intake/intake_limits.h"

/* How it was said: fields[3] and fields[4]. */
static int check_how(const Troth__V1__ConsentChange *said, const char *const fields[5],
                     struct err *err)
{
    if (said->wording && strlen(said->wording) > INTAKE_CONSENT_WORDING_MAX) {
        return err_set_field(err, "field_too_long", fields[3], "%zu bytes, at most %d",
                             strlen(said->wording), INTAKE_CONSENT_WORDING_MAX);
    }
    if (said->obtained && strlen(said->obtained) > INTAKE_CONSENT_OBTAINED_MAX) {
        return err_set_field(err, "field_too_long", fields[4], "%zu bytes, at most %d",
                             strlen(said->obtained), INTAKE_CONSENT_OBTAINED_MAX);
    }
    if (!text_is_empty(said->obtained) && !intake_form_is_channel(said->obtained)) {
        return err_set_field(err, "text_invalid", fields[4],
                             "expected a word in lower case, as channels are");
    }
    return 0;
}

static int check_consents(Troth__V1__ConsentChange *const *consents, size_t count,
                          const char *const fields[5], struct err *err)
{
    if (count > INTAKE_CONSENTS_MAX) {
        return err_set_field(err, "value_out_of_range", fields[0], "at most %d",
                             INTAKE_CONSENTS_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        if (!consents[i]->purpose) {
            return err_set_field(err, "enum_unknown", fields[1], "a consent needs a purpose");
        }
        if (!consents[i]->has_is_given) {
            return intake_check_missing(err, fields[2]);
        }
        if (check_how(consents[i], fields, err) < 0) {
            return -1;
        }
    }
    return 0;
}

static int check_birthday(const Troth__V1__CustomerProfile *p, struct err *err)
{
    if (p->birthday_is_leap_month && !p->birthday_is_lunar) {
        return err_set_field(err, "field_not_expected", "customer_profile.birthday_is_leap_month",
                             "leap months belong to the Chinese calendar: birthday_is_lunar");
    }
    if (text_is_empty(p->birthday)) {
        return 0;
    }
    if (p->birthday_is_lunar ? !intake_form_is_lunar_birthday(p->birthday)
                             : !intake_form_is_birthday(p->birthday)) {
        return err_set_field(err, "birthday_invalid", "customer_profile.birthday",
                             p->birthday_is_lunar
                                 ? "expected month and day of the Chinese calendar "
                                   "like --08-15"
                                 : "expected a date like 1984-02-29 or --02-29");
    }
    return 0;
}

int intake_check_profile(struct intake_record *r, const struct intake_validation *v,
                         struct err *err)
{
    const Troth__V1__CustomerProfile *p = r->message->customer_profile;
    r->names.customer_ref = intake_check_or_null(p->customer_ref);
    if (intake_check_number(IDENTIFIER_CUSTOMER, p->customer_number, "customer_number_invalid",
                            "customer_profile.customer_number", &r->names.customer_number,
                            err) < 0 ||
        check_birthday(p, err) < 0) {
        return -1;
    }
    if (!r->names.customer_ref && !r->names.customer_number) {
        return err_set_field(err, "field_missing", "customer_profile.customer_ref",
                             "name the customer by customer_ref or customer_number");
    }
    if (!text_is_empty(p->time_zone) && !v->is_time_zone(v->zone_ctx, p->time_zone)) {
        return err_set_field(err, "time_zone_invalid", "customer_profile.time_zone",
                             "expected the name of an IANA time zone such as Asia/Shanghai");
    }
    return check_consents(p->consents, p->n_consents,
                          (const char *const[]){"customer_profile.consents",
                                                "customer_profile.consents.purpose",
                                                "customer_profile.consents.is_given",
                                                "customer_profile.consents.wording",
                                                "customer_profile.consents.obtained"},
                          err);
}

int intake_check_consent(struct intake_record *r, const struct intake_validation *v,
                         struct err *err)
{
    (void)v;
    const Troth__V1__Consent *c = r->message->consent;
    r->names.customer_ref = intake_check_or_null(c->customer_ref);
    if (intake_check_number(IDENTIFIER_CUSTOMER, c->customer_number, "customer_number_invalid",
                            "consent.customer_number", &r->names.customer_number, err) < 0) {
        return -1;
    }
    if (!r->names.customer_ref && !r->names.customer_number) {
        return err_set_field(err, "field_missing", "consent.customer_ref",
                             "name the customer by customer_ref or customer_number");
    }
    if (c->n_consents == 0 && !c->has_do_not_call) {
        return err_set_field(err, "field_missing", "consent.consents",
                             "say something: a consent, or do_not_call");
    }
    return check_consents(c->consents, c->n_consents,
                          (const char *const[]){"consent.consents", "consent.consents.purpose",
                                                "consent.consents.is_given",
                                                "consent.consents.wording",
                                                "consent.consents.obtained"},
                          err);
}

int intake_check_customer_link(struct intake_record *r, const struct intake_validation *v,
                               struct err *err)
{
    (void)v;
    const Troth__V1__CustomerLink *l = r->message->customer_link;
    struct intake_names *n = &r->names;
    n->customer_ref = intake_check_or_null(l->customer_ref);
    n->other_ref = intake_check_or_null(l->other_ref);
    if (!l->action) {
        return err_set_field(err, "enum_unknown", "customer_link.action", "a link needs an action");
    }
    if (intake_check_number(IDENTIFIER_CUSTOMER, l->customer_number, "customer_number_invalid",
                            "customer_link.customer_number", &n->customer_number, err) < 0 ||
        intake_check_number(IDENTIFIER_CUSTOMER, l->other_number, "customer_number_invalid",
                            "customer_link.other_number", &n->other_number, err) < 0) {
        return -1;
    }
    if (!n->customer_ref && !n->customer_number) {
        return err_set_field(err, "field_missing", "customer_link.customer_ref",
                             "name the customer that stays by customer_ref or customer_number");
    }
    if (!n->other_ref && !n->other_number) {
        return err_set_field(err, "field_missing", "customer_link.other_ref",
                             "name the one that follows it by other_ref or other_number");
    }
    return 0;
}
