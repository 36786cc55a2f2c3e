/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/void_decide.h"

#include <string.h>

#include "common/domain/identifier.h"
#include "services/intake/case_refold.h"
#include "services/intake/customer_decide.h"
#include "services/intake/identity_decide.h"

#define BODY(name) TROTH__V1__RECORD__BODY_##name
#define RECORD_KEY "record_void.record_key"

/* ---- for each kind: the fact, and what followed from it */

/* Of the fact that r takes back. */
static struct work_when when_of(const struct intake_record *r, int64_t occurred_us)
{
    return (struct work_when){
        .occurred_us = occurred_us,
        .is_historical = r->request->sender.is_historical,
        .is_reversal = true,
    };
}

/* The receipt names a fact that is not there any more: it is as if the key were forgotten. */
static int unknown(struct err *err)
{
    return err_set_field(err, "record_unknown", RECORD_KEY,
                         "no record of yours with this key is remembered; one that has no receipt "
                         "yet can be taken back when it has one");
}

static int voided_already(struct err *err)
{
    return err_set_field(err, "record_voided_already", RECORD_KEY,
                         "this record was taken back before, by another key");
}

static int void_answer(struct intake_work *w, const struct intake_record *r,
                       struct intake_outcome *o, struct err *err)
{
    const struct work_answer *a = w->taken_answers.first;
    while (a && a->number != r->target.fact_number) {
        a = a->next;
    }
    struct work_case *c = a && a->service_case ? work_find_case(w, a->service_case) : NULL;
    struct work_customer *customer = a ? work_find_customer(w, a->customer) : NULL;
    if (!a || (!c && !customer)) {
        return unknown(err);
    }
    work_emit_survey_answered(w, customer, c, a, when_of(r, a->occurred_us));
    *o = (struct intake_outcome){.customer = a->customer, .service_case = c};
    return 0;
}

static const struct work_purchase *find_sale(const struct work_list *list, int64_t number)
{
    const struct work_purchase *p = list->first;
    while (p && p->number != number) {
        p = p->next;
    }
    return p;
}

static int void_purchase(struct intake_work *w, const struct intake_record *r,
                         struct intake_outcome *o, struct err *err)
{
    const struct work_purchase *p = find_sale(&w->taken_purchases, r->target.fact_number);
    struct work_customer *c = p ? work_find_customer(w, p->customer) : NULL;
    if (!c) {
        return unknown(err);
    }
    work_emit_purchase_made(w, c, p, when_of(r, p->occurred_us));
    *o = (struct intake_outcome){.customer = c->number};
    return 0;
}

static int void_refund(struct intake_work *w, const struct intake_record *r,
                       struct intake_outcome *o, struct err *err)
{
    const struct work_purchase *p = find_sale(&w->taken_refunds, r->target.fact_number);
    struct work_customer *c = p ? work_find_customer(w, p->customer) : NULL;
    if (!c) {
        return unknown(err);
    }
    work_emit_refund_made(w, c, p, when_of(r, p->occurred_us));
    *o = (struct intake_outcome){.customer = c->number};
    return 0;
}

static int void_redemption(struct intake_work *w, const struct intake_record *r,
                           struct intake_outcome *o, struct err *err)
{
    const struct work_redemption *p = w->taken_redemptions.first;
    while (p && p->number != r->target.fact_number) {
        p = p->next;
    }
    struct work_customer *c = p ? work_find_customer(w, p->customer) : NULL;
    if (!c) {
        return unknown(err);
    }
    work_emit_points_spent(w, c, p, when_of(r, p->occurred_us));
    *o = (struct intake_outcome){.customer = c->number};
    return 0;
}

static int void_device_signal(struct intake_work *w, const struct intake_record *r,
                              struct intake_outcome *o, struct err *err)
{
    const struct work_device_signal *d = w->taken_device_signals.first;
    while (d && d->number != r->target.fact_number) {
        d = d->next;
    }
    struct work_customer *c = d ? work_find_customer(w, d->customer) : NULL;
    if (!c) {
        return unknown(err);
    }
    work_emit_device_signalled(w, c, d, when_of(r, d->occurred_us));
    *o = (struct intake_outcome){.customer = c->number};
    return 0;
}

static int void_expectation(struct intake_work *w, const struct intake_record *r,
                            struct intake_outcome *o, struct err *err)
{
    const struct work_expectation *e = w->taken_expectations.first;
    while (e && e->number != r->target.fact_number) {
        e = e->next;
    }
    struct work_case *c = e ? work_find_case(w, e->service_case) : NULL;
    if (!c) {
        return unknown(err);
    }
    work_emit_expectation_stated(w, c, e, when_of(r, e->occurred_us));
    *o = (struct intake_outcome){.customer = c->customer, .service_case = c};
    return 0;
}

/* ---- what it set of a customer, where nobody has set it since */

static void forget_point(struct intake_work *w, const struct work_customer *c,
                         enum contact_point_kind kind, enum person_field field, int64_t fact)
{
    if (c->person.field[field].text && c->person.field[field].set_by == fact) {
        identity_decide_forget(w, c, kind, c->person.field[field].text);
    }
}

/* What a customer allows is not among it: it is never guessed. */
static int void_profile(struct intake_work *w, const struct intake_record *r,
                        struct intake_outcome *o, struct err *err)
{
    const int64_t fact = r->target.fact_number;
    struct work_customer *c = work_find_customer(w, r->names.customer_number);
    if (!c) {
        return unknown(err);
    }
    *o = (struct intake_outcome){.customer = c->number};
    if (c->person.is_damaged) {
        /* What it set cannot be told: intake_seal() refuses to overwrite it, and the void comes
         * again. */
        c->person.is_changed = true;
        return 0;
    }
    forget_point(w, c, CONTACT_POINT_PHONE, PERSON_PHONE, fact);
    forget_point(w, c, CONTACT_POINT_EMAIL, PERSON_EMAIL, fact);
    unsigned taken = person_take_back(&c->person, fact);
    if (!taken) {
        return 0; /* later ones have said it all anew */
    }
    if (taken & 1U << PERSON_PHONE) {
        c->has_phone = false;
        c->phone_handle = 0;
    }
    if (taken & 1U << PERSON_EMAIL) {
        c->has_email = false;
        c->email_handle = 0;
    }
    c->language = (taken & 1U << PERSON_LANGUAGE) ? NULL : c->language;
    c->time_zone = (taken & 1U << PERSON_TIME_ZONE) ? NULL : c->time_zone;
    if (taken & 1U << PERSON_BIRTHDAY) {
        customer_decide_forget_birthday(c);
    }
    work_emit_customer_changed(w, c, intake_decide_when(r));
    return 0;
}

/* ---- what belongs to the history of a case */

static int void_entry(struct intake_work *w, const struct intake_record *r, struct work_case *c,
                      struct case_entry *e, struct intake_outcome *o, struct err *err)
{
    if (!e) {
        return unknown(err);
    }
    if (e->is_void) {
        return voided_already(err);
    }
    *o = (struct intake_outcome){.customer = c->customer, .service_case = c};
    case_refold_without(w, c, e, intake_decide_when(r));
    return 0;
}

static struct work_case *case_of(struct intake_work *w, const struct intake_record *r)
{
    struct work_case *c = work_find_case(w, r->names.case_number);
    if (c) {
        (void)case_history_of(w, c);
        case_history_complete(w, c);
    }
    return c;
}

/* What a machine said belongs to no case, and nothing followed from it. */
static int void_contact(struct intake_work *w, const struct intake_record *r,
                        struct intake_outcome *o, struct err *err)
{
    struct work_case *c = case_of(w, r);
    if (!c && !r->names.case_number) {
        *o = (struct intake_outcome){.customer = r->names.customer_number};
        return 0;
    }
    return void_entry(w, r, c,
                      c ? case_history_find(c, CASE_ENTRY_CONTACT, r->target.fact_number) : NULL, o,
                      err);
}

static int void_case_update(struct intake_work *w, const struct intake_record *r,
                            struct intake_outcome *o, struct err *err)
{
    struct work_case *c = case_of(w, r);
    return void_entry(
        w, r, c, c ? case_history_find(c, CASE_ENTRY_UPDATE, r->target.fact_number) : NULL, o, err);
}

static int void_promise_update(struct intake_work *w, const struct intake_record *r,
                               struct intake_outcome *o, struct err *err)
{
    struct work_case *c = case_of(w, r);
    return void_entry(w, r, c,
                      c ? case_history_find(c, CASE_ENTRY_PROMISE, r->target.fact_number) : NULL, o,
                      err);
}

/* The fact of a promise that was given is the promise. */
static int void_promise(struct intake_work *w, const struct intake_record *r,
                        struct intake_outcome *o, struct err *err)
{
    struct work_case *c = case_of(w, r);
    const struct work_promise *p = c ? work_find_promise(c, r->target.fact_number) : NULL;
    return void_entry(w, r, c, p ? case_history_find(c, CASE_ENTRY_PROMISE, p->made_by) : NULL, o,
                      err);
}

/* ---- kinds */

typedef int void_fn(struct intake_work *w, const struct intake_record *r, struct intake_outcome *o,
                    struct err *err);

/* Sentences do not stand well in columns. */
/* clang-format off */
static const struct {
    struct void_kind kind;
    void_fn *take_back;
} kinds[] = {
    [BODY(CUSTOMER_PROFILE)] = {{"customer_profile", NULL}, void_profile},
    [BODY(CONTACT)] = {{"contact", NULL}, void_contact},
    [BODY(CASE_UPDATE)] = {{"case_update", NULL}, void_case_update},
    [BODY(SURVEY_ANSWER)] = {{"survey_answer", NULL}, void_answer},
    [BODY(PURCHASE)] = {{"purchase", NULL}, void_purchase},
    [BODY(PROMISE_GIVEN)] = {{"promise_given", NULL}, void_promise},
    [BODY(PROMISE_UPDATE)] = {{"promise_update", NULL}, void_promise_update},
    [BODY(EXPECTATION)] = {{"expectation", NULL}, void_expectation},
    [BODY(REFUND)] = {{"refund", NULL}, void_refund},
    [BODY(COMPENSATION)] = {{"compensation", NULL}, void_promise},
    [BODY(DEVICE_SIGNAL)] = {{"device_signal", NULL}, void_device_signal},
    [BODY(POINTS_REDEMPTION)] = {{"points_redemption", NULL}, void_redemption},
    [BODY(CONSENT)] = {{"consent", "send the right consents"}, NULL},
    [BODY(CUSTOMER_LINK)] = {{"customer_link", "send the opposite link: an unmerge for a merge"}, NULL},
    [BODY(BRANCH_PROFILE)] = {{"branch_profile", "send the right values"}, NULL},
    [BODY(STAFF_PROFILE)] = {{"staff_profile", "send the right values"}, NULL},
    [BODY(IMPROVEMENT)] = {{"improvement", "who was told was told; end the follow-ups that are planned"},
                           NULL},
    [BODY(CUSTOMER_ERASURE)] = {{"customer_erasure", "nothing brings back what was erased"}, NULL},
    [BODY(RECORD_VOID)] = {{"record_void", "send the record again, with a new key"}, NULL},
};
/* clang-format on */

const struct void_kind *void_kind_of(int record_kind)
{
    bool is_known =
        record_kind > 0 && (size_t)record_kind < ARRAY_LEN(kinds) && kinds[record_kind].kind.name;
    return is_known ? &kinds[record_kind].kind : NULL;
}

/* ---- the record */

static bool is_voided_here(const struct intake_work *w, int32_t source_id, const char *key)
{
    const struct work_void *v = w->voids.first;
    while (v && !(v->source_id == source_id && strcmp(v->key, key) == 0)) {
        v = v->next;
    }
    return v != NULL;
}

static int refuse(const struct intake_work *w, const struct intake_record *r, struct err *err)
{
    const struct intake_void_target *t = &r->target;
    const struct void_kind *kind = t->is_known ? void_kind_of(t->record_kind) : NULL;
    if (!kind) {
        return unknown(err);
    }
    if (kind->instead) {
        return err_set_field(err, "not_voidable", RECORD_KEY, "a %s is not taken back: %s",
                             kind->name, kind->instead);
    }
    if (t->is_voided ||
        is_voided_here(w, r->request->sender.source_id, r->message->record_void->record_key)) {
        return voided_already(err);
    }
    return 0;
}

int void_decide(struct intake_work *w, const struct intake_record *r,
                struct intake_outcome *ret_outcome, struct err *err)
{
    const Troth__V1__RecordVoid *m = r->message->record_void;
    if (refuse(w, r, err) < 0 ||
        kinds[r->target.record_kind].take_back(w, r, ret_outcome, err) < 0) {
        return -1;
    }
    int16_t bucket = identifier_bucket(r->target.fact_number);
    struct work_void *v = work_append(w, &w->voids, sizeof(*v));
    v->number = intake_numbers_take(&w->numbers, bucket);
    v->source_id = r->request->sender.source_id;
    v->key = m->record_key;
    v->receipt_bucket = identifier_bucket_of_reference(v->source_id, v->key);
    v->record_kind = r->target.record_kind;
    v->fact_number = r->target.fact_number;
    v->occurred_us = r->message->occurred_us;
    intake_decide_text(
        w, r,
        &(struct work_text){
            .number = v->number,
            .field = "reason",
            .customer = ret_outcome->customer,
            .service_case = ret_outcome->service_case ? ret_outcome->service_case->number : 0,
            .body = m->reason,
        });
    ret_outcome->fact_number = v->number;
    ret_outcome->last_promise_before =
        ret_outcome->service_case ? work_last_promise(ret_outcome->service_case) : NULL;
    return 0;
}
