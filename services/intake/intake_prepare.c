/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_prepare.h"

#include "common/base/text.h"
#include "services/intake/contact_join.h"
#include "services/intake/identity_decide.h"

static void prepare_profile(const struct intake_work *w, struct intake_record *r)
{
    const Troth__V1__CustomerProfile *p = r->message->customer_profile;
    const struct standard_identity *identity = standard_identity(w->standard);
    const bool is_wanted[CONTACT_POINT_KINDS] = {
        [CONTACT_POINT_PHONE] = identity->is_joined_by_phone && p->phone_is_verified,
        [CONTACT_POINT_EMAIL] = identity->is_joined_by_email && p->email_is_verified,
    };
    const char *const texts[CONTACT_POINT_KINDS] = {
        [CONTACT_POINT_PHONE] = p->phone,
        [CONTACT_POINT_EMAIL] = p->email,
    };
    for (int kind = 0; kind < CONTACT_POINT_KINDS; kind++) {
        r->needs.points[kind].is_set =
            is_wanted[kind] && identity_decide_hash(w, (enum contact_point_kind)kind, texts[kind],
                                                    r->needs.points[kind].hash);
    }
}

static void prepare_contact(const struct intake_work *w, struct intake_record *r)
{
    const Troth__V1__Contact *m = r->message->contact;
    struct standard_request request;
    if (r->names.case_number || r->names.case_ref ||
        contact_join_origin(w->standard, m) != TROTH__V1__CONTACT_ORIGIN__CONTACT_ORIGIN_PERSON) {
        return;
    }
    contact_join_request(m, &request);
    for (const struct standard_dedup *d = standard_dedup_next(w->standard, &request, NULL); d;
         d = standard_dedup_next(w->standard, &request, d)) {
        if (!contact_join_applies(d, m)) {
            continue;
        }
        if (d->window_us > r->needs.dedup_window_us) {
            r->needs.dedup_window_us = d->window_us;
        }
        r->needs.dedup_reopens |= d->reopens;
    }
}

/* What the standard decides: what opens a case, updates it (it may be under a rule that there is no
 * more), or derives it anew. */
static bool wants_tier(const struct intake_work *w, const struct intake_record *r)
{
    const Troth__V1__Record__BodyCase body = r->message->body_case;
    return standard_needs_tier(w->standard) && (body == TROTH__V1__RECORD__BODY_CONTACT ||
                                                body == TROTH__V1__RECORD__BODY_CASE_UPDATE ||
                                                body == TROTH__V1__RECORD__BODY_RECORD_VOID);
}

void intake_prepare(const struct intake_work *w, struct intake_record *r)
{
    r->needs = (struct intake_needs){.wants_tier = wants_tier(w, r)};
    if (r->message->body_case == TROTH__V1__RECORD__BODY_CUSTOMER_PROFILE) {
        prepare_profile(w, r);
    } else if (r->message->body_case == TROTH__V1__RECORD__BODY_CONTACT) {
        prepare_contact(w, r);
    }
}
