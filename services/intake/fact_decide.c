/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/fact_decide.h"

#include <string.h>

#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/intake/case_decide.h"

/* ---- purchase and refund */

/* A purchase and a refund have the same columns. */
static struct work_purchase *add_money(struct intake_work *w, const struct intake_record *r,
                                       struct work_list *list, const struct work_customer *c)
{
    struct work_purchase *p = work_append(w, list, sizeof(*p));
    p->number = intake_numbers_take(&w->numbers, identifier_bucket(c->number));
    p->customer = c->number;
    p->source_id = r->request->sender.source_id;
    p->occurred_us = r->message->occurred_us;
    return p;
}

int fact_decide_purchase(struct intake_work *w, const struct intake_record *r,
                         struct intake_outcome *ret_outcome, struct err *err)
{
    (void)err;
    const Troth__V1__Purchase *m = r->message->purchase;
    struct work_customer *c = intake_decide_customer(w, r);
    struct work_purchase *p = add_money(w, r, &w->purchases, c);
    p->order_ref = m->order_ref;
    p->branch = m->branch;
    p->product = m->product;
    p->currency = m->currency;
    p->amount_minor = m->amount_minor;
    work_emit_purchase_made(w, c, p, intake_decide_when(r));
    *ret_outcome = (struct intake_outcome){.customer = c->number, .fact_number = p->number};
    return 0;
}

int fact_decide_refund(struct intake_work *w, const struct intake_record *r,
                       struct intake_outcome *ret_outcome, struct err *err)
{
    (void)err;
    const Troth__V1__Refund *m = r->message->refund;
    struct work_customer *c = intake_decide_customer(w, r);
    struct work_purchase *p = add_money(w, r, &w->refunds, c);
    p->order_ref = m->order_ref;
    p->branch = m->branch;
    p->product = m->product;
    p->currency = m->currency;
    p->amount_minor = m->amount_minor;
    work_emit_refund_made(w, c, p, intake_decide_when(r));
    intake_decide_text(
        w, r,
        &(struct work_text){
            .number = p->number, .field = "reason", .customer = c->number, .body = m->reason});
    *ret_outcome = (struct intake_outcome){.customer = c->number, .fact_number = p->number};
    return 0;
}

/* ---- points */

/* Free again is also what this work has taken back before. */
static bool is_taken(const struct intake_work *w, const struct work_redemption *named)
{
    const struct work_void *v = named ? w->voids.first : NULL;
    while (v && v->fact_number != named->number) {
        v = v->next;
    }
    return named && !v;
}

/* A new customer has no points: a spending of theirs is a fact, too, and refused by who keeps the
 * account. */

int fact_decide_redemption(struct intake_work *w, const struct intake_record *r,
                           struct intake_outcome *ret_outcome, struct err *err)
{
    static const char *const fields[] = {"points_redemption.customer_ref",
                                         "points_redemption.customer_number"};
    const Troth__V1__PointsRedemption *m = r->message->points_redemption;
    int32_t source_id = r->request->sender.source_id;
    struct work_customer *c = intake_decide_named_customer(w, r, fields, err);
    if (!c) {
        return -1;
    }
    if (is_taken(w, work_find_redemption(w, source_id, c->number, m->redemption_ref))) {
        return err_set_field(err, "redemption_reference_taken", "points_redemption.redemption_ref",
                             "this reference names another redemption of the customer already");
    }
    struct work_redemption *p = work_add_redemption(w, source_id, c->number, m->redemption_ref);
    p->number = intake_numbers_take(&w->numbers, identifier_bucket(c->number));
    p->branch = m->branch;
    p->points = m->points;
    p->occurred_us = r->message->occurred_us;
    p->is_new = true;
    work_emit_points_spent(w, c, p, intake_decide_when(r));
    *ret_outcome = (struct intake_outcome){.customer = c->number, .fact_number = p->number};
    return 0;
}

/* ---- device signal */

/* "LSV AM4-187" and "lsvam4187" are one device. In the work's memory. */
static const char *normal_device(struct intake_work *w, const char *said)
{
    char *text = work_alloc(w, strlen(said) + 1);
    char *to = text;
    for (const char *p = said; *p; p++) {
        if (*p != ' ' && *p != '-' && *p != '.') {
            *to = *p;
            if (*p >= 'a' && *p <= 'z') {
                *to = (char)(*p - 'a' + 'A');
            }
            to++;
        }
    }
    return text;
}

int fact_decide_device_signal(struct intake_work *w, const struct intake_record *r,
                              struct intake_outcome *ret_outcome, struct err *err)
{
    (void)err;
    const Troth__V1__DeviceSignal *m = r->message->device_signal;
    struct work_customer *c = intake_decide_customer(w, r);
    struct work_device_signal *d = work_append(w, &w->device_signals, sizeof(*d));
    d->number = intake_numbers_take(&w->numbers, identifier_bucket(c->number));
    d->customer = c->number;
    d->message = m;
    d->source_id = r->request->sender.source_id;
    d->occurred_us = r->message->occurred_us;
    if (!text_is_empty(m->device_ref)) {
        d->has_device = true;
        keyring_hash_device(w->keyring, normal_device(w, m->device_ref), d->device);
    }
    work_emit_device_signalled(w, c, d, intake_decide_when(r));
    intake_decide_text(
        w, r,
        &(struct work_text){
            .number = d->number, .field = "device", .customer = c->number, .body = m->device_ref});
    *ret_outcome = (struct intake_outcome){.customer = c->number, .fact_number = d->number};
    return 0;
}

/* ---- answer */

/* Whom it is about: a case's customer, or one named by number or reference. One of the two is set.
 */
static int find_subject(struct intake_work *w, const struct intake_record *r,
                        struct work_case **ret_case, struct work_customer **ret_customer,
                        struct err *err)
{
    const struct intake_names *n = &r->names;
    *ret_case = NULL;
    *ret_customer = NULL;
    if (n->case_number || n->case_ref) {
        *ret_case = case_decide_find(
            w, r, n->case_number ? "survey_answer.case_number" : "survey_answer.case_ref", err);
        return *ret_case ? 0 : -1;
    }
    *ret_customer = intake_decide_named_customer(
        w, r, (const char *const[]){"survey_answer.customer_ref", "survey_answer.customer_number"},
        err);
    return *ret_customer ? 0 : -1;
}

int fact_decide_answer(struct intake_work *w, const struct intake_record *r,
                       struct intake_outcome *ret_outcome, struct err *err)
{
    const Troth__V1__SurveyAnswer *m = r->message->survey_answer;
    struct work_case *c;
    struct work_customer *customer;
    if (find_subject(w, r, &c, &customer, err) < 0) {
        return -1;
    }
    int64_t number = c ? c->customer : customer->number;
    struct work_answer *a = work_append(w, &w->answers, sizeof(*a));
    a->number = intake_numbers_take(&w->numbers, identifier_bucket(number));
    a->customer = number;
    a->service_case = c ? c->number : 0;
    a->follow_up = r->names.follow_up_number;
    a->branch = c ? c->branch : NULL;
    a->instrument = m->instrument;
    a->question = text_is_empty(m->question) ? NULL : m->question;
    a->has_value = m->has_value;
    a->value = m->value;
    a->items = m->items;
    a->item_count = m->n_items;
    a->source_id = r->request->sender.source_id;
    a->occurred_us = r->message->occurred_us;
    work_emit_survey_answered(w, customer, c, a, intake_decide_when(r));
    intake_decide_text(w, r,
                       &(struct work_text){.number = a->number,
                                           .field = "comment",
                                           .customer = number,
                                           .service_case = a->service_case,
                                           .body = m->comment});
    *ret_outcome = (struct intake_outcome){
        .customer = number,
        .service_case = c,
        .fact_number = a->number,
        .last_promise_before = c ? work_last_promise(c) : NULL,
    };
    return 0;
}
