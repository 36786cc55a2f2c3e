/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/erasure_decide.h"

#include "common/domain/identifier.h"
#include "services/intake/customer_decide.h"

#define BODY(name) TROTH__V1__RECORD__BODY_##name

bool erasure_is_erased(const struct intake_work *w, int64_t customer)
{
    const struct work_key *k = customer ? work_find_key(w, customer) : NULL;
    return k && !k->wrapped.data;
}

/* What came before it is stored and then removed, and what comes after it finds nobody. */
size_t erasure_part(struct intake_record *const *records, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (records[i]->message->body_case == BODY(CUSTOMER_ERASURE)) {
            return i > 0 ? i : 1;
        }
    }
    return count;
}

/* ---- what is said later */

static bool is_ending(const struct intake_record *r)
{
    const Troth__V1__Record *m = r->message;
    return m->body_case == BODY(RECORD_VOID) || m->body_case == BODY(PROMISE_UPDATE) ||
           (m->body_case == BODY(CASE_UPDATE) &&
            m->case_update->action != TROTH__V1__CASE_ACTION__CASE_ACTION_REOPENED);
}

/* Of a case or a promise. */
static int64_t owner(struct intake_work *w, const struct intake_names *n)
{
    const struct work_case *c = n->case_number ? work_find_case(w, n->case_number) : NULL;
    if (!c && n->promise_number) {
        c = work_find_case_of_promise(w, n->promise_number);
    }
    return c ? c->customer : 0;
}

bool erasure_refuses(struct intake_work *w, const struct intake_record *r, struct err *err)
{
    const struct intake_names *n = &r->names;
    if (is_ending(r) ||
        !(erasure_is_erased(w, n->customer_number) || erasure_is_erased(w, n->other_number) ||
          erasure_is_erased(w, owner(w, n)))) {
        return false;
    }
    (void)err_set_field(err, "customer_erased", "body",
                        "this customer was erased: nothing new is stored about them");
    return true;
}

/* ---- erasing */

static int64_t survivor_of(const struct work_customer *c)
{
    return c->merged_into ? c->merged_into : c->number;
}

/* Never made: who is not known has nothing to be erased. */
static struct work_customer *find_named(struct intake_work *w, const struct intake_record *r,
                                        struct err *err)
{
    const struct intake_names *n = &r->names;
    const struct work_reference *known =
        n->customer_ref ? work_find_reference(w, r->request->sender.source_id, n->customer_ref)
                        : NULL;
    struct work_customer *c = n->customer_number ? work_find_customer(w, n->customer_number)
                              : known            ? known->customer
                                                 : NULL;
    if (c && n->customer_ref && (!known || known->customer != c)) {
        err_set_field(err, "customer_unknown", "customer_erasure.customer_ref",
                      "the reference is not that of the number");
        return NULL;
    }
    if (!c) {
        err_set_field(err, "customer_unknown",
                      n->customer_number ? "customer_erasure.customer_number"
                                         : "customer_erasure.customer_ref",
                      "no customer is known by it; who was erased is not found by a reference");
    }
    return c;
}

static void add_number(struct intake_work *w, struct work_list *list, int64_t number)
{
    if (number) {
        struct work_erased_number *n = work_append(w, list, sizeof(*n));
        n->number = number;
    }
}

void erasure_allow_calls(struct intake_work *w, const struct work_customer *c)
{
    add_number(w, &w->allowed_handles, c->phone_handle);
    add_number(w, &w->allowed_handles, c->email_handle);
}

/* What others may know of a customer. Who is merged into whom stays: figures of one person are
 * added up by it. */
static void forget(struct intake_work *w, struct work_erasure *e, struct work_customer *c,
                   bool is_barred)
{
    struct work_key *key = work_find_key(w, c->number);
    add_number(w, &e->members, c->number);
    add_number(w, &e->phones, c->phone_handle);
    add_number(w, &e->emails, c->email_handle);
    if (!e->keeps_do_not_call) {
        erasure_allow_calls(w, c); /* also what somebody had said before who was erased */
    } else if (is_barred) {
        add_number(w, &e->not_called, c->phone_handle);
        add_number(w, &e->not_called, c->email_handle);
    }
    c->language = c->time_zone = NULL;
    customer_decide_forget_birthday(c);
    c->has_phone = c->has_email = false;
    c->phone_handle = c->email_handle = 0;
    c->consents = c->refusals = 0;
    if (key) {
        if (key->generation > e->key_generation) {
            e->key_generation = key->generation;
        }
        key->wrapped = (struct bytes){.data = NULL};
    }
}

/* A wish not to be called holds for the person, so for the numbers of all members, whichever of
 * them said it. */
static bool said_not_to_call(const struct intake_work *w, int64_t survivor)
{
    if (w->told_do_not_call) {
        return true;
    }
    WORK_EACH(const struct work_customer, c, &w->customers)
    {
        if (survivor_of(c) == survivor && c->do_not_call) {
            return true;
        }
    }
    return false;
}

static int32_t events_of(const struct intake_work *w, int64_t customer)
{
    int32_t count = 0;
    WORK_EACH(const struct work_erased_event, e, &w->erased_events)
    {
        count += e->customer == customer;
    }
    return count;
}

int erasure_decide(struct intake_work *w, const struct intake_record *r,
                   struct intake_outcome *ret_outcome, struct err *err)
{
    const Troth__V1__CustomerErasure *m = r->message->customer_erasure;
    const struct work_customer *named = find_named(w, r, err);
    if (!named) {
        return -1;
    }
    if (erasure_is_erased(w, named->number)) {
        return err_set_field(err, "customer_erased", "customer_erasure.customer_number",
                             "this customer was erased before");
    }
    struct work_erasure *e = work_append(w, &w->erasures, sizeof(*e));
    e->number = intake_numbers_take(&w->numbers, identifier_bucket(named->number));
    e->customer = named->number;
    e->ground = m->ground;
    e->asked_by = m->asked_by;
    e->keeps_do_not_call = !m->has_keeps_do_not_call || m->keeps_do_not_call;
    e->wants_rotation = m->wants_rotation;
    e->source_id = r->request->sender.source_id;
    e->occurred_us = r->message->occurred_us;
    const int64_t survivor = survivor_of(named);
    const bool is_barred = said_not_to_call(w, survivor);
    WORK_EACH(struct work_customer, c, &w->customers)
    {
        if (survivor_of(c) == survivor) {
            forget(w, e, c, is_barred);
            work_emit_customer_erased(w, c, m->ground, events_of(w, c->number),
                                      intake_decide_when(r));
        }
    }
    *ret_outcome = (struct intake_outcome){.customer = named->number, .fact_number = e->number};
    return 0;
}
