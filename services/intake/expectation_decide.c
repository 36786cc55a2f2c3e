/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/expectation_decide.h"

#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/intake/case_decide.h"

int expectation_decide(struct intake_work *w, const struct intake_record *r,
                       struct intake_outcome *ret_outcome, struct err *err)
{
    const Troth__V1__Expectation *m = r->message->expectation;
    struct work_case *c = case_decide_find(
        w, r, r->names.case_number ? "expectation.case_number" : "expectation.case_ref", err);
    if (!c) {
        return -1;
    }
    struct work_expectation *e = work_append(w, &w->expectations, sizeof(*e));
    e->number = intake_numbers_take(&w->numbers, identifier_bucket(c->number));
    e->service_case = c->number;
    e->customer = c->customer;
    e->reference = text_is_empty(m->expectation_ref) ? NULL : m->expectation_ref;
    e->expected_us = m->has_expected_us ? m->expected_us : WORK_NO_TIME;
    e->has_outcome = !text_is_empty(m->outcome);
    e->has_manner = !text_is_empty(m->manner);
    e->is_confirmed = m->is_confirmed;
    e->source_id = r->request->sender.source_id;
    e->occurred_us = r->message->occurred_us;
    work_emit_expectation_stated(w, c, e, intake_decide_when(r));
    struct work_text text = {
        .number = e->number,
        .customer = c->customer,
        .service_case = c->number,
    };
    text.field = "outcome";
    text.body = m->outcome;
    intake_decide_text(w, r, &text);
    text.field = "manner";
    text.body = m->manner;
    intake_decide_text(w, r, &text);
    *ret_outcome = (struct intake_outcome){
        .customer = c->customer,
        .service_case = c,
        .fact_number = e->number,
        .last_promise_before = work_last_promise(c),
    };
    return 0;
}
