/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_check.h"

#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/intake/intake_limits.h"

int intake_check_contact(struct intake_record *r, const struct intake_validation *v,
                         struct err *err)
{
    (void)v;
    const Troth__V1__Contact *c = r->message->contact;
    r->names.customer_ref = c->customer_ref;
    r->names.case_ref = intake_check_or_null(c->case_ref);
    if (!c->kind) {
        return err_set_field(err, "enum_unknown", "contact.kind", "a contact needs a kind");
    }
    return intake_check_number(IDENTIFIER_CASE, c->case_number, "case_number_invalid",
                               "contact.case_number", &r->names.case_number, err);
}

int intake_check_case_update(struct intake_record *r, const struct intake_validation *v,
                             struct err *err)
{
    (void)v;
    const Troth__V1__CaseUpdate *u = r->message->case_update;
    r->names.customer_ref = intake_check_or_null(u->customer_ref);
    r->names.case_ref = intake_check_or_null(u->case_ref);
    if (!u->action) {
        return err_set_field(err, "enum_unknown", "case_update.action",
                             "an update needs an action");
    }
    if (intake_check_number(IDENTIFIER_CASE, u->case_number, "case_number_invalid",
                            "case_update.case_number", &r->names.case_number, err) < 0) {
        return -1;
    }
    if (!r->names.case_number && !(r->names.customer_ref && r->names.case_ref)) {
        return err_set_field(err, "field_missing", "case_update.case_number",
                             "name the case by case_number, or by customer_ref and case_ref");
    }
    return 0;
}
