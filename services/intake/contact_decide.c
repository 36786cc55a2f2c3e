/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/contact_decide.h"

#include "common/domain/identifier.h"
#include "services/intake/case_decide.h"
#include "services/intake/promise_decide.h"

/* ---- which case, if there is one already */

/* Returns 0, *ret_case NULL when the contact opens one; or -1. Without effect. */
static int find_case(struct intake_work *w, const struct intake_record *r,
                     struct work_case **ret_case, struct err *err)
{
    const struct intake_names *n = &r->names;
    int32_t source_id = r->request->sender.source_id;
    const struct work_reference *who = work_find_reference(w, source_id, n->customer_ref);
    const struct work_case_reference *named =
        who && n->case_ref
            ? work_find_case_reference(w, source_id, who->customer->number, n->case_ref)
            : NULL;
    *ret_case = named ? named->service_case : NULL;
    if (!n->case_number) {
        return 0;
    }
    struct work_case *c = case_decide_find(w, r, "contact.case_number", err);
    if (!c) {
        return -1;
    }
    if (named && named->service_case != c) {
        return err_set_field(err, "case_reference_taken", "contact.case_ref",
                             "this case reference names another case of the customer");
    }
    *ret_case = c;
    return 0;
}

/* ---- writing it down */

static const struct work_contact *add_contact(struct intake_work *w, const struct intake_record *r,
                                              const struct work_case *c)
{
    const Troth__V1__Contact *m = r->message->contact;
    struct work_contact *contact = work_append(w, &w->contacts, sizeof(*contact));
    contact->number = intake_numbers_take(&w->numbers, identifier_bucket(c->number));
    contact->customer = c->customer;
    contact->service_case = c->number;
    contact->source_id = r->request->sender.source_id;
    contact->kind = m->kind;
    contact->channel = m->channel;
    contact->occurred_us = r->message->occurred_us;
    contact->is_historical = r->is_historical;
    struct work_text text = {
        .number = contact->number,
        .customer = c->customer,
        .service_case = c->number,
    };
    text.field = "subject";
    text.body = m->subject;
    intake_decide_text(w, r, &text);
    text.field = "body";
    text.body = m->body;
    intake_decide_text(w, r, &text);
    return contact;
}

static void bind_reference(struct intake_work *w, const struct intake_record *r,
                           struct work_case *c)
{
    if (r->names.case_ref) {
        int32_t source_id = r->request->sender.source_id;
        if (!work_find_case_reference(w, source_id, c->customer, r->names.case_ref)) {
            work_add_case_reference(w, source_id, c, r->names.case_ref)->is_new = true;
        }
    }
}

static struct work_case *open_case(struct intake_work *w, const struct intake_record *r,
                                   const struct work_customer *customer)
{
    const Troth__V1__Contact *m = r->message->contact;
    struct work_case *c =
        work_add_case(w, intake_numbers_take(&w->numbers, identifier_bucket(customer->number)));
    struct standard_decision d;
    c->customer = customer->number;
    c->state = TROTH__V1__CASE_STATE__CASE_STATE_NEW;
    c->kind = m->kind;
    c->channel = m->channel;
    c->branch = m->branch;
    c->category = m->category;
    c->product = m->product;
    c->opened_us = r->message->occurred_us;
    c->is_historical = r->is_historical;
    c->standard_id = w->standard_id;
    case_decide_standard(w, c, &d);
    c->priority = d.priority;
    c->owner_team = d.owner_team;
    c->rule = d.rule;
    work_emit_case_opened(w, c, intake_decide_when(r));
    promise_decide_make(w, c, &d, NULL, intake_decide_when(r));
    return c;
}

/* Who writes again about a case has answered, or is not content. */
static void follow_on(struct intake_work *w, const struct intake_record *r, struct work_case *c,
                      const struct work_contact *contact)
{
    work_emit_contact_added(w, c, contact, intake_decide_when(r));
    const struct case_rule *rule = case_rules_find(c->state, case_rules_of_contact(c->state));
    if (rule) {
        case_decide_move(w, r, c, rule, NULL);
    }
}

int contact_decide(struct intake_work *w, const struct intake_record *r,
                   struct intake_outcome *ret_outcome, struct err *err)
{
    struct work_case *c;
    if (find_case(w, r, &c, err) < 0) {
        return -1;
    }
    *ret_outcome = (struct intake_outcome){.is_new_case = !c, .service_case = c};
    if (c) {
        ret_outcome->last_promise_before = work_last_promise(c);
        follow_on(w, r, c, add_contact(w, r, c));
    } else {
        c = open_case(w, r, intake_decide_customer(w, r));
        ret_outcome->service_case = c;
        add_contact(w, r, c);
    }
    ret_outcome->customer = c->customer;
    bind_reference(w, r, c);
    return 0;
}
