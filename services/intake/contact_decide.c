/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/contact_decide.h"

#include "common/base/compiler.h"
#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/intake/case_decide.h"
#include "services/intake/contact_join.h"
#include "services/intake/contact_triage.h"
#include "services/intake/promise_decide.h"

/* ---- which case, if there is one already */

/* The case that r names, be it merged or not. Returns 0, *ret_case NULL when the contact opens one;
 * or -1. Without effect. */
static int find_case(struct intake_work *w, const struct intake_record *r,
                     struct work_case **ret_case, struct err *err)
{
    const struct intake_names *n = &r->names;
    struct work_case *named =
        case_decide_find_reference(w, r->request->sender.source_id, n->customer_ref, n->case_ref);
    if (named && named->state == TROTH__V1__CASE_STATE__CASE_STATE_VOID) {
        named = NULL; /* the reference may be used again */
    }
    *ret_case = named;
    if (!n->case_number) {
        return 0;
    }
    struct work_case *c = case_decide_find_named(w, r, "contact.case_number", err);
    if (!c) {
        return -1;
    }
    if (named && case_decide_survivor(w, named) != case_decide_survivor(w, c)) {
        return err_set_field(err, "case_reference_taken", "contact.case_ref",
                             "this case reference names another case of the customer");
    }
    *ret_case = c;
    return 0;
}

/* Why r belongs to the case that it names. */
static const char *named_by(const struct intake_record *r)
{
    return r->names.case_number ? "case_number" : "case_ref";
}

/* The case that a rule of dedup finds; NULL: none. */
static struct work_case *find_open_case(struct intake_work *w, const struct intake_record *r,
                                        const char **ret_rule)
{
    const struct work_reference *who =
        work_find_reference(w, r->request->sender.source_id, r->names.customer_ref);
    return who ? contact_join_find(w, r, who->customer->number, ret_rule) : NULL;
}

/* ---- writing it down */

/* What was said, as the standard's words are looked for in it. Returns how many. */
static size_t texts_of(const Troth__V1__Contact *m, const char *ret[2])
{
    size_t count = 0;
    const char *const texts[] = {m->subject, m->body};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        if (!text_is_empty(texts[i])) {
            ret[count++] = texts[i];
        }
    }
    return count;
}

/* It asks for nothing: it moves no case and settles no promise, not even one that waits for the
 * customer. */
static bool is_thanks(const struct intake_work *w, const Troth__V1__Contact *m)
{
    const char *texts[2];
    return m->kind == TROTH__V1__CONTACT_KIND__CONTACT_KIND_PRAISE ||
           standard_is_thanks(w->standard, texts, texts_of(m, texts));
}

/* c: NULL for what a machine said about no case. */
static struct work_contact *add_contact(struct intake_work *w, const struct intake_record *r,
                                        int64_t customer, const struct work_case *c)
{
    const Troth__V1__Contact *m = r->message->contact;
    struct work_contact *contact = work_append(w, &w->contacts, sizeof(*contact));
    contact->number = intake_numbers_take(&w->numbers, identifier_bucket(customer));
    contact->customer = customer;
    contact->service_case = c ? c->number : 0;
    contact->origin = contact_join_origin(w->standard, m);
    contact->source_id = r->request->sender.source_id;
    contact->kind = m->kind;
    contact->channel = m->channel;
    contact->occurred_us = r->message->occurred_us;
    contact->is_historical = r->is_historical;
    contact->received_us = w->now_us;
    struct work_text text = {
        .number = contact->number,
        .customer = customer,
        .service_case = contact->service_case,
    };
    text.field = "subject";
    text.body = m->subject;
    intake_decide_text(w, r, &text);
    text.field = "body";
    text.body = m->body;
    intake_decide_text(w, r, &text);
    return contact;
}

/* c: the case that was named or opened, not the one that goes on for it, which may be of another
 * customer. */
static void bind_reference(struct intake_work *w, const struct intake_record *r,
                           struct work_case *c)
{
    if (r->names.case_ref) {
        int32_t source_id = r->request->sender.source_id;
        struct work_case_reference *known =
            work_find_case_reference(w, source_id, c->customer, r->names.case_ref);
        if (!known) {
            work_add_case_reference(w, source_id, c, r->names.case_ref)->is_new = true;
        } else if (known->service_case->state == TROTH__V1__CASE_STATE__CASE_STATE_VOID) {
            if (!known->is_new && !known->moved_from) {
                known->moved_from = known->service_case->number;
            }
            known->service_case = c;
        }
    }
}

static struct work_case *open_case(struct intake_work *w, const struct intake_record *r,
                                   struct work_customer *customer)
{
    const Troth__V1__Contact *m = r->message->contact;
    struct work_case *c =
        work_add_case(w, intake_numbers_take(&w->numbers, identifier_bucket(customer->number)));
    struct standard_decision d;
    struct standard_request request;
    const char *texts[2];
    c->customer = customer->number;
    c->state = TROTH__V1__CASE_STATE__CASE_STATE_NEW;
    c->kind = m->kind;
    c->channel = m->channel;
    c->branch = m->branch;
    c->product = m->product;
    contact_triage_decide(w, m, c);
    c->opened_us = c->last_contact_us = r->message->occurred_us;
    c->is_historical = r->is_historical;
    c->standard_id = w->standard_id;
    case_decide_request(w, c, &request);
    request.texts = texts;
    request.text_count = texts_of(m, texts);
    standard_decide(w->standard, &request, &d);
    c->priority = d.priority;
    c->owner_team = d.owner_team;
    c->rule = d.rule;
    work_emit_case_opened(w, c, intake_decide_when(r));
    promise_decide_make(w, c, &d, NULL, intake_decide_when(r));
    if (r->needs.dedup_window_us) {
        /* No event: whoever opens another one at the same instant loses the comparison of versions,
         * is decided again, and finds this one. */
        customer->version++;
        customer->is_changed = true;
    }
    return c;
}

/* What a machine said is kept, and moves nothing. */
static void note_machine(struct intake_work *w, const struct intake_record *r,
                         struct intake_outcome *o)
{
    struct work_case *c = o->service_case;
    o->customer = c ? c->customer : intake_decide_customer(w, r)->number;
    o->is_new_case = false;
    struct work_contact *contact = add_contact(w, r, o->customer, c);
    o->fact_number = contact->number;
    if (c) {
        work_emit_contact_added(w, c, contact, intake_decide_when(r));
        contact->case_version = c->version;
    }
}

/* Who writes again about a case has answered, or is not content. */
static void follow_on(struct intake_work *w, const struct intake_record *r, struct work_case *c,
                      struct work_contact *contact)
{
    if (contact->occurred_us > c->last_contact_us) {
        c->last_contact_us = contact->occurred_us;
    }
    contact->is_thanks = is_thanks(w, r->message->contact);
    work_emit_contact_added(w, c, contact, intake_decide_when(r));
    contact->case_version = c->version;
    const struct case_rule *rule =
        contact->is_thanks ? NULL : case_rules_find(c->state, case_rules_of_contact(c->state));
    if (rule) {
        case_decide_move(w, r, c, rule, &(struct case_said){.staff = NULL})->contact =
            contact->number;
    }
}

int contact_decide(struct intake_work *w, const struct intake_record *r,
                   struct intake_outcome *ret_outcome, struct err *err)
{
    struct work_case *named;
    if (find_case(w, r, &named, err) < 0) {
        return -1;
    }
    struct work_case *c = named ? case_decide_survivor(w, named) : NULL;
    const char *joined_by = c ? named_by(r) : NULL;
    bool is_machine = contact_join_origin(w->standard, r->message->contact) !=
                      TROTH__V1__CONTACT_ORIGIN__CONTACT_ORIGIN_PERSON;
    if (!c && !is_machine) {
        c = find_open_case(w, r, &joined_by);
    }
    *ret_outcome = (struct intake_outcome){
        .is_new_case = !c,
        .service_case = c,
        .case_joined_by = joined_by,
        .last_promise_before = c ? work_last_promise(c) : NULL,
    };
    if (is_machine) {
        note_machine(w, r, ret_outcome);
        return 0;
    }
    if (c) {
        struct work_contact *contact = add_contact(w, r, c->customer, c);
        ret_outcome->fact_number = contact->number;
        follow_on(w, r, c, contact);
    } else {
        c = open_case(w, r, intake_decide_customer(w, r));
        ret_outcome->service_case = c;
        c->opened_by = add_contact(w, r, c->customer, c)->number;
        ret_outcome->fact_number = c->opened_by;
    }
    ret_outcome->customer = c->customer;
    bind_reference(w, r, named ? named : c);
    return 0;
}
