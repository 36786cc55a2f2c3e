/* SPDX-License-Identifier: Apache-2.0 */
/* work_fact_events.c - the part of work_events.h about facts that change no case. */
#include <string.h>

#include "services/intake/borrowed.h"
#include "services/intake/work_events.h"

void work_emit_customer_erased(struct intake_work *w, struct work_customer *c,
                               Troth__V1__ErasureGround ground, int32_t redacted_events,
                               struct work_when when)
{
    Troth__V1__Event e = work_event_of_customer(w, c, when);
    Troth__V1__CustomerErased body = TROTH__V1__CUSTOMER_ERASED__INIT;
    body.has_ground = true;
    body.ground = ground;
    body.has_redacted_events = true;
    body.redacted_events = redacted_events;
    e.body_case = TROTH__V1__EVENT__BODY_CUSTOMER_ERASED;
    e.customer_erased = &body;
    w->emit(w->emit_ctx, &e);
}

void work_emit_purchase_made(struct intake_work *w, struct work_customer *c,
                             const struct work_purchase *p, struct work_when when)
{
    Troth__V1__Event e = work_event_of_customer(w, c, when);
    Troth__V1__PurchaseMade body = TROTH__V1__PURCHASE_MADE__INIT;
    body.has_purchase = true;
    body.purchase = p->number;
    body.branch = borrowed(p->branch);
    body.product = borrowed(p->product);
    body.has_amount_minor = true;
    body.amount_minor = p->amount_minor;
    body.currency = borrowed(p->currency);
    e.body_case = TROTH__V1__EVENT__BODY_PURCHASE_MADE;
    e.purchase_made = &body;
    w->emit(w->emit_ctx, &e);
}

void work_emit_refund_made(struct intake_work *w, struct work_customer *c,
                           const struct work_purchase *refund, struct work_when when)
{
    Troth__V1__Event e = work_event_of_customer(w, c, when);
    Troth__V1__RefundMade body = TROTH__V1__REFUND_MADE__INIT;
    body.has_refund = true;
    body.refund = refund->number;
    body.branch = borrowed(refund->branch);
    body.product = borrowed(refund->product);
    body.has_amount_minor = true;
    body.amount_minor = refund->amount_minor;
    body.currency = borrowed(refund->currency);
    e.body_case = TROTH__V1__EVENT__BODY_REFUND_MADE;
    e.refund_made = &body;
    w->emit(w->emit_ctx, &e);
}

void work_emit_points_spent(struct intake_work *w, struct work_customer *c,
                            const struct work_redemption *r, struct work_when when)
{
    Troth__V1__Event e = work_event_of_customer(w, c, when);
    Troth__V1__PointsSpent body = TROTH__V1__POINTS_SPENT__INIT;
    body.has_redemption = body.has_points = true;
    body.redemption = r->number;
    body.points = r->points;
    body.branch = borrowed(r->branch);
    e.body_case = TROTH__V1__EVENT__BODY_POINTS_SPENT;
    e.points_spent = &body;
    w->emit(w->emit_ctx, &e);
}

void work_emit_device_signalled(struct intake_work *w, struct work_customer *c,
                                const struct work_device_signal *d, struct work_when when)
{
    Troth__V1__Event e = work_event_of_customer(w, c, when);
    Troth__V1__DeviceSignalled body = TROTH__V1__DEVICE_SIGNALLED__INIT;
    uint8_t device[KEYRING_HASH_LEN];
    memcpy(device, d->device, sizeof(device));
    body.has_device_signal = true;
    body.device_signal = d->number;
    body.has_device = d->has_device;
    body.device = (ProtobufCBinaryData){.data = device, .len = sizeof(device)};
    body.product = d->message->product;
    body.fault_code = d->message->fault_code;
    body.has_mileage_km = d->message->has_mileage_km;
    body.mileage_km = d->message->mileage_km;
    body.has_usage = d->message->has_usage;
    body.usage = d->message->usage;
    body.usage_unit = d->message->usage_unit;
    e.body_case = TROTH__V1__EVENT__BODY_DEVICE_SIGNALLED;
    e.device_signalled = &body;
    w->emit(w->emit_ctx, &e);
}

void work_emit_improvement_shipped(struct intake_work *w, const struct work_improvement *i,
                                   struct work_when when)
{
    Troth__V1__Event e = work_event_of(w, 0, 1, when);
    Troth__V1__ImprovementShipped body = TROTH__V1__IMPROVEMENT_SHIPPED__INIT;
    body.has_improvement = body.has_reported_from_us = true;
    body.improvement = i->number;
    body.category = i->message->category;
    body.product = i->message->product;
    body.branch = i->message->branch;
    body.reported_from_us = i->reported_from_us;
    e.body_case = TROTH__V1__EVENT__BODY_IMPROVEMENT_SHIPPED;
    e.improvement_shipped = &body;
    w->emit(w->emit_ctx, &e);
}
