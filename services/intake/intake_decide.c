/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_decide.h"

#include <string.h>

#include "common/base/log.h"
#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/intake/borrowed.h"
#include "services/intake/case_decide.h"
#include "services/intake/contact_decide.h"
#include "services/intake/customer_decide.h"
#include "services/intake/erasure_decide.h"
#include "services/intake/expectation_decide.h"
#include "services/intake/fact_decide.h"
#include "services/intake/identity_decide.h"
#include "services/intake/intake_codes.h"
#include "services/intake/intake_receipts.h"
#include "services/intake/master_decide.h"
#include "services/intake/promise_record_decide.h"
#include "services/intake/void_decide.h"

#define STATUS(name) TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_##name

enum {
    RECEIPT_PROMISES_MAX = 8
};
_Static_assert((int)STANDARD_PROMISES_MAX <= (int)RECEIPT_PROMISES_MAX, "all of them are told");
/* No record needs more than the contact that opens the first case of a new customer. */
_Static_assert(3 + (int)STANDARD_PROMISES_MAX <= (int)NUMBERS_PER_RECORD,
               "customer, case, contact, and the promises of a rule");

/* ---- for the parts */

struct work_when intake_decide_when(const struct intake_record *r)
{
    return (struct work_when){
        .occurred_us = r->message->occurred_us,
        .is_historical = r->is_historical,
    };
}

struct work_customer *intake_decide_customer(struct intake_work *w, const struct intake_record *r)
{
    int32_t source_id = r->request->sender.source_id;
    const char *reference = r->names.customer_ref;
    struct work_reference *known = work_find_reference(w, source_id, reference);
    if (known) {
        return known->customer;
    }
    int16_t bucket = identifier_bucket_of_reference(source_id, reference);
    struct work_customer *c = work_add_customer(w, intake_numbers_take(&w->numbers, bucket));
    c->version = 1;
    c->first_seen_us = r->message->occurred_us;
    c->person.is_open = true;
    work_add_reference(w, source_id, reference, c)->is_new = true;
    return c;
}

struct work_customer *intake_decide_named_customer(struct intake_work *w,
                                                   const struct intake_record *r,
                                                   const char *const fields[2], struct err *err)
{
    const struct intake_names *n = &r->names;
    if (!n->customer_number) {
        return intake_decide_customer(w, r);
    }
    struct work_customer *c = work_find_customer(w, n->customer_number);
    const struct work_reference *known =
        n->customer_ref ? work_find_reference(w, r->request->sender.source_id, n->customer_ref)
                        : NULL;
    if (!c) {
        err_set_field(err, "customer_unknown", fields[1], "no customer has this number");
    } else if (n->customer_ref && (!known || known->customer != c)) {
        err_set_field(err, "customer_unknown", fields[0],
                      "the reference is not that of the number");
        c = NULL;
    }
    return c;
}

void intake_decide_text(struct intake_work *w, const struct intake_record *r,
                        const struct work_text *text)
{
    if (!text_is_empty(text->body)) {
        struct work_text *kept = work_append(w, &w->texts, sizeof(*kept));
        *kept = *text;
        kept->next = NULL;
        kept->at_us = r->message->occurred_us;
    }
}

/* ---- receipts */

static struct bytes pack(struct intake_work *w, const Troth__V1__Receipt *receipt)
{
    uint8_t *data = work_alloc(w, troth__v1__receipt__get_packed_size(receipt));
    return (struct bytes){.data = data, .len = troth__v1__receipt__pack(receipt, data)};
}

static void answer(struct intake_work *w, struct intake_record *r,
                   const Troth__V1__Receipt *receipt)
{
    r->receipt = pack(w, receipt);
    r->status = receipt->status;
}

static void reject(struct intake_work *w, struct intake_record *r, const struct err *err)
{
    Troth__V1__Receipt receipt = intake_receipt_rejected(r->message->key, err);
    answer(w, r, &receipt);
    r->code = intake_code_find(err->code);
}

static Troth__V1__ReceiptPromise told_promise(const struct work_promise *p,
                                              char number[IDENTIFIER_TEXT_SIZE])
{
    Troth__V1__ReceiptPromise told = TROTH__V1__RECEIPT_PROMISE__INIT;
    told.promise_number = borrowed(identifier_format(IDENTIFIER_PROMISE, p->number, number));
    told.kind = borrowed(p->kind);
    told.has_due_us = p->due_us != CLOCK_NEVER;
    told.due_us = p->due_us;
    told.has_chance = told.has_past_cases = p->past_cases > 0;
    told.chance = p->chance;
    told.past_cases = p->past_cases;
    told.has_safe_us = told.has_chance && p->safe_us != WORK_NO_TIME;
    told.safe_us = p->safe_us;
    return told;
}

/* Who said what the new case is about, and what, unless the source knows it. */
static void tell_triage(const struct work_case *c, Troth__V1__Receipt *receipt)
{
    receipt->has_category_by = c->category_by != 0;
    receipt->category_by = (Troth__V1__CategoryBy)c->category_by;
    receipt->category =
        c->category_by == TROTH__V1__CATEGORY_BY__CATEGORY_BY_SOURCE ? NULL : borrowed(c->category);
    receipt->has_mood = c->mood != 0;
    receipt->mood = (Troth__V1__Mood)c->mood;
}

static void accept(struct intake_work *w, struct intake_record *r, const struct intake_outcome *o)
{
    Troth__V1__Receipt receipt = TROTH__V1__RECEIPT__INIT;
    Troth__V1__ReceiptPromise promises[RECEIPT_PROMISES_MAX];
    Troth__V1__ReceiptPromise *list[RECEIPT_PROMISES_MAX];
    char numbers[RECEIPT_PROMISES_MAX][IDENTIFIER_TEXT_SIZE];
    char customer[IDENTIFIER_TEXT_SIZE], service_case[IDENTIFIER_TEXT_SIZE];
    receipt.key = borrowed(r->message->key);
    receipt.has_status = true;
    receipt.status = STATUS(ACCEPTED);
    receipt.customer_number =
        o->customer ? borrowed(identifier_format(IDENTIFIER_CUSTOMER, o->customer, customer))
                    : NULL;
    receipt.promises = list;
    receipt.case_joined_by = borrowed(o->case_joined_by);
    receipt.customer_joined_by = borrowed(o->customer_joined_by);
    if (o->service_case) {
        receipt.case_number =
            borrowed(identifier_format(IDENTIFIER_CASE, o->service_case->number, service_case));
        receipt.has_is_new_case = receipt.is_new_case = o->is_new_case;
        receipt.rule = o->is_new_case ? borrowed(o->service_case->rule) : NULL;
        if (o->is_new_case) {
            tell_triage(o->service_case, &receipt);
        }
        const struct work_promise *p =
            o->last_promise_before ? o->last_promise_before->next : o->service_case->promises;
        for (; p && receipt.n_promises < RECEIPT_PROMISES_MAX; p = p->next) {
            size_t i = receipt.n_promises++;
            promises[i] = told_promise(p, numbers[i]);
            list[i] = &promises[i];
        }
    }
    answer(w, r, &receipt);
}

/* The stored receipt with another status: everything else is as it was then. */
static void repeat(struct intake_work *w, struct intake_record *r, const struct work_receipt *known)
{
    Troth__V1__Receipt *receipt =
        troth__v1__receipt__unpack(arena_allocator(w->arena), known->body.len, known->body.data);
    if (!receipt) {
        BUG("a stored receipt cannot be unpacked");
    }
    receipt->status = STATUS(DUPLICATE);
    answer(w, r, receipt);
}

/* ---- deciding */

typedef int decide_fn(struct intake_work *w, const struct intake_record *r,
                      struct intake_outcome *ret_outcome, struct err *err);

static decide_fn *const decide_bodies[] = {
    [TROTH__V1__RECORD__BODY_CUSTOMER_PROFILE] = customer_decide_profile,
    [TROTH__V1__RECORD__BODY_CONTACT] = contact_decide,
    [TROTH__V1__RECORD__BODY_CASE_UPDATE] = case_decide_update,
    [TROTH__V1__RECORD__BODY_PROMISE_GIVEN] = promise_record_decide_given,
    [TROTH__V1__RECORD__BODY_PROMISE_UPDATE] = promise_record_decide_update,
    [TROTH__V1__RECORD__BODY_COMPENSATION] = promise_record_decide_compensation,
    [TROTH__V1__RECORD__BODY_EXPECTATION] = expectation_decide,
    [TROTH__V1__RECORD__BODY_SURVEY_ANSWER] = fact_decide_answer,
    [TROTH__V1__RECORD__BODY_PURCHASE] = fact_decide_purchase,
    [TROTH__V1__RECORD__BODY_REFUND] = fact_decide_refund,
    [TROTH__V1__RECORD__BODY_DEVICE_SIGNAL] = fact_decide_device_signal,
    [TROTH__V1__RECORD__BODY_CONSENT] = customer_decide_consent,
    [TROTH__V1__RECORD__BODY_CUSTOMER_LINK] = identity_decide_link,
    [TROTH__V1__RECORD__BODY_BRANCH_PROFILE] = master_decide_branch,
    [TROTH__V1__RECORD__BODY_STAFF_PROFILE] = master_decide_staff,
    [TROTH__V1__RECORD__BODY_RECORD_VOID] = void_decide,
    [TROTH__V1__RECORD__BODY_IMPROVEMENT] = master_decide_improvement,
    [TROTH__V1__RECORD__BODY_POINTS_REDEMPTION] = fact_decide_redemption,
    [TROTH__V1__RECORD__BODY_CUSTOMER_ERASURE] = erasure_decide,
};

static void bind_key(struct intake_work *w, const struct intake_record *r,
                     const struct intake_outcome *o)
{
    struct work_receipt *kept = work_add_receipt(w, r->request->sender.source_id, r->message->key);
    kept->bucket = r->receipt_bucket;
    kept->digest = (struct bytes){.data = r->digest, .len = sizeof(r->digest)};
    kept->body = r->receipt;
    kept->is_permanent = r->message->is_permanent_key;
    kept->record_kind = (int)r->message->body_case;
    kept->fact_number = o->fact_number;
    kept->is_new = true;
}

void intake_decide(struct intake_work *w, struct intake_record *r)
{
    const struct bytes digest = {.data = r->digest, .len = sizeof(r->digest)};
    const struct work_receipt *known =
        work_find_receipt(w, r->request->sender.source_id, r->message->key);
    struct intake_outcome outcome = {0};
    struct err err = ERR_NONE;
    if (!trace_context_read(r->message->trace, w->trace)) {
        w->trace[0] = '\0';
    }
    if (known && bytes_equal(known->digest, digest)) {
        repeat(w, r, known);
        return;
    }
    if (known) {
        err_set_field(&err, "key_reused", "key", "this key was accepted with another body");
        reject(w, r, &err);
        return;
    }
    if (erasure_refuses(w, r, &err) ||
        decide_bodies[r->message->body_case](w, r, &outcome, &err) < 0) {
        reject(w, r, &err);
        return;
    }
    accept(w, r, &outcome);
    bind_key(w, r, &outcome);
}
