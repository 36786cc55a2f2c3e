/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_check.h"

int intake_check_erasure(struct intake_record *r, const struct intake_validation *v,
                         struct err *err)
{
    (void)v;
    const Troth__V1__CustomerErasure *m = r->message->customer_erasure;
    struct intake_names *n = &r->names;
    n->customer_ref = intake_check_or_null(m->customer_ref);
    if (!m->ground) {
        return err_set_field(err, "enum_unknown", "customer_erasure.ground",
                             "an erasure needs its ground");
    }
    if (intake_check_number(IDENTIFIER_CUSTOMER, m->customer_number, "customer_number_invalid",
                            "customer_erasure.customer_number", &n->customer_number, err) < 0) {
        return -1;
    }
    if (!n->customer_ref && !n->customer_number) {
        return err_set_field(err, "field_missing", "customer_erasure.customer_ref",
                             "name the customer by customer_ref or customer_number");
    }
    return 0;
}
