/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/demo_garage_life.h"

#include <stddef.h>

#include "common/base/duration.h"
#include "common/base/text.h"

#define MONTH_US (30 * DURATION_DAY)

static const char *const models[] = {"Roewe i5", "Wuling Hongguang", "BYD Qin", "VW Lavida"};
static const char *const faults[] = {"P0420", "P0300", "C1201", "P0128", "B1342"};

/* Bought so many days before the story. */
static void buy_car(struct demo_teller *t, const struct demo_person *p, int64_t at_us)
{
    char ref[32], order[48], branch[32], product[32];
    char currency[] = "CNY";
    Troth__V1__Purchase purchase = TROTH__V1__PURCHASE__INIT;
    Troth__V1__Record record = TROTH__V1__RECORD__INIT;
    (void)text_copy(ref, sizeof ref, p->ref);
    (void)text_format(order, sizeof order, "%s-car", p->ref);
    (void)text_copy(branch, sizeof branch, p->branch);
    (void)text_copy(product, sizeof product, models[demo_teller_below(t, (int)ARRAY_LEN(models))]);
    purchase.customer_ref = ref;
    purchase.order_ref = order;
    purchase.branch = branch;
    purchase.product = product;
    purchase.has_amount_minor = 1;
    purchase.amount_minor = (700 + demo_teller_below(t, 900)) * INT64_C(10000);
    purchase.currency = currency;
    record.body_case = TROTH__V1__RECORD__BODY_PURCHASE;
    record.purchase = &purchase;
    demo_teller_add(t, &record, at_us);
}

static void signal_device(struct demo_teller *t, const struct demo_person *p, const char *fault,
                          double mileage_km, int64_t at_us)
{
    char ref[32], device[48], code[16];
    Troth__V1__DeviceSignal signal = TROTH__V1__DEVICE_SIGNAL__INIT;
    Troth__V1__Record record = TROTH__V1__RECORD__INIT;
    (void)text_copy(ref, sizeof ref, p->ref);
    (void)text_format(device, sizeof device, "VIN-%s", p->ref);
    (void)text_copy(code, sizeof code, fault ? fault : "");
    signal.customer_ref = ref;
    signal.device_ref = device;
    signal.fault_code = fault ? code : NULL;
    signal.has_mileage_km = mileage_km > 0;
    signal.mileage_km = mileage_km;
    record.body_case = TROTH__V1__RECORD__BODY_DEVICE_SIGNAL;
    record.device_signal = &signal;
    demo_teller_add(t, &record, at_us);
}

/* What the car reported each month: enough to tell when the next service comes. */
static void drive(struct demo_teller *t, const struct demo_person *p, int64_t until_us)
{
    double km_per_month = 600 + demo_teller_below(t, 1800);
    double mileage_km = demo_teller_below(t, 90000);
    for (int month = 6; month > 0; month--) {
        mileage_km += km_per_month * (0.85 + 0.01 * demo_teller_below(t, 31));
        signal_device(t, p, NULL, mileage_km, until_us - month * MONTH_US);
    }
    signal_device(
        t, p, NULL, mileage_km + km_per_month,
        demo_teller_opening_us(t, 0, (int)((t->end_us - t->start_us) / DURATION_DAY) / 2));
}

static void ask_long_ago(struct demo_teller *t, const struct demo_person *p, int64_t at_us)
{
    char ref[32], branch[32], case_ref[48];
    char category[] = "price", channel[] = "phone", body[] = "保养一次多少钱？";
    Troth__V1__Contact contact = TROTH__V1__CONTACT__INIT;
    Troth__V1__CaseUpdate closed = TROTH__V1__CASE_UPDATE__INIT;
    Troth__V1__Record record = TROTH__V1__RECORD__INIT;
    (void)text_copy(ref, sizeof ref, p->ref);
    (void)text_copy(branch, sizeof branch, p->branch);
    (void)text_format(case_ref, sizeof case_ref, "%s-old", p->ref);
    contact.customer_ref = closed.customer_ref = ref;
    contact.case_ref = closed.case_ref = case_ref;
    contact.has_kind = 1;
    contact.kind = TROTH__V1__CONTACT_KIND__CONTACT_KIND_PRAISE; /* opens nothing that is owed */
    contact.channel = channel;
    contact.branch = branch;
    contact.category = category;
    contact.body = body;
    record.body_case = TROTH__V1__RECORD__BODY_CONTACT;
    record.contact = &contact;
    demo_teller_add(t, &record, at_us);
    closed.has_action = 1;
    closed.action = TROTH__V1__CASE_ACTION__CASE_ACTION_CLOSED;
    record.body_case = TROTH__V1__RECORD__BODY_CASE_UPDATE;
    record.case_update = &closed;
    demo_teller_add(t, &record, at_us + 2 * DURATION_H);
}

/* Many are about due: half a year since they bought it, or the end of the warranty. */
static int choose_age_days(struct demo_teller *t)
{
    int roll = demo_teller_below(t, 100);
    return roll < 30   ? 150 + demo_teller_below(t, 40)
           : roll < 45 ? 1040 + demo_teller_below(t, 40)
                       : 20 + demo_teller_below(t, 1000);
}

void demo_garage_life_tell_past(struct demo_teller *t, const struct demo_person *p, int64_t at_us)
{
    int days = choose_age_days(t);
    if (demo_teller_happens(t, 40)) {
        buy_car(t, p, at_us - days * DURATION_DAY);
    }
    if (demo_teller_happens(t, 25)) {
        drive(t, p, at_us);
    }
    if (demo_teller_happens(t, 20)) {
        ask_long_ago(t, p, at_us - (245 + demo_teller_below(t, 40)) * DURATION_DAY);
    }
}

void demo_garage_life_tell_month(struct demo_teller *t, const struct demo_person *p, int first_day,
                                 int last_day)
{
    if (demo_teller_happens(t, 6)) {
        signal_device(t, p, faults[demo_teller_below(t, (int)ARRAY_LEN(faults))], 0,
                      demo_teller_opening_us(t, first_day, last_day));
    }
}

void demo_garage_life_compensate(struct demo_teller *t, const struct demo_person *p, char *case_ref,
                                 int64_t at_us)
{
    char ref[32], promise_ref[48];
    char currency[] = "CNY";
    Troth__V1__Compensation voucher = TROTH__V1__COMPENSATION__INIT;
    Troth__V1__PromiseUpdate sent = TROTH__V1__PROMISE_UPDATE__INIT;
    Troth__V1__Record record = TROTH__V1__RECORD__INIT;
    (void)text_copy(ref, sizeof ref, p->ref);
    (void)text_format(promise_ref, sizeof promise_ref, "%s-voucher", case_ref);
    voucher.customer_ref = ref;
    voucher.case_ref = case_ref;
    voucher.promise_ref = promise_ref;
    voucher.has_kind = voucher.has_amount_minor = voucher.has_due_us = 1;
    voucher.kind = TROTH__V1__COMPENSATION_KIND__COMPENSATION_KIND_VOUCHER;
    voucher.amount_minor = (1 + demo_teller_below(t, 4)) * INT64_C(5000);
    voucher.currency = currency;
    voucher.due_us = at_us + 5 * DURATION_DAY;
    record.body_case = TROTH__V1__RECORD__BODY_COMPENSATION;
    record.compensation = &voucher;
    demo_teller_add(t, &record, at_us);
    if (demo_teller_happens(t, 80)) {
        sent.customer_ref = ref;
        sent.case_ref = case_ref;
        sent.promise_ref = promise_ref;
        sent.has_action = 1;
        sent.action = TROTH__V1__PROMISE_ACTION__PROMISE_ACTION_KEPT;
        record.body_case = TROTH__V1__RECORD__BODY_PROMISE_UPDATE;
        record.promise_update = &sent;
        demo_teller_add(t, &record, at_us + (1 + demo_teller_below(t, 4)) * DURATION_DAY);
    }
}

void demo_garage_life_tell_improvements(struct demo_teller *t, int last_day)
{
    char ref[] = "quotes-in-writing", category[] = "invoice";
    char words[] = "Every quote is in writing now, and no repair goes over it without a call.";
    Troth__V1__Improvement improvement = TROTH__V1__IMPROVEMENT__INIT;
    Troth__V1__Record record = TROTH__V1__RECORD__INIT;
    improvement.improvement_ref = ref;
    improvement.category = category;
    improvement.words = words;
    record.body_case = TROTH__V1__RECORD__BODY_IMPROVEMENT;
    record.improvement = &improvement;
    int day = last_day * 2 / 3;
    demo_teller_add(t, &record, demo_teller_opening_us(t, day, day));
}
