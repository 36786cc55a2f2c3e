/* SPDX-License-Identifier: Apache-2.0 */
/* Which records can be taken back, and what each kind leaves behind; histories of cases are in
 * case_refold_test.c and case_refold_histories_test.c. */
#include "services/intake/void_decide.h"

#include <stdio.h>

#include "services/intake/intake_seal.h"
#include "tests/unit/intake/decide_world.h"

#define BODY(name) TROTH__V1__RECORD__BODY_##name

static struct intake_record *void_of(int kind, int64_t fact, int64_t customer, int64_t service_case)
{
    struct intake_record *r = record(NULL, NOW_US + 5);
    Troth__V1__RecordVoid *v = body(sizeof(*v));
    char *key = body(32);
    (void)snprintf(key, 32, "of %d/%lld", kind, (long long)fact);
    *v = (Troth__V1__RecordVoid)TROTH__V1__RECORD_VOID__INIT;
    v->record_key = key;
    v->reason = borrowed("typed twice");
    message(r)->body_case = BODY(RECORD_VOID);
    message(r)->record_void = v;
    r->names = (struct intake_names){.customer_number = customer, .case_number = service_case};
    r->target = (struct intake_void_target){
        .is_known = kind != 0,
        .record_kind = kind,
        .fact_number = fact,
    };
    return r;
}

static void every_kind_of_record_can_be_taken_back_or_says_what_to_do(void **state)
{
    size_t known = 0;
    const ProtobufCMessageDescriptor *d = &troth__v1__record__descriptor;
    for (unsigned i = 0; i < d->n_fields; i++) {
        if (d->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF) {
            const struct void_kind *kind = void_kind_of((int)d->fields[i].id);
            assert_string_equal(kind ? kind->name : "no row", d->fields[i].name);
            known++;
        }
    }
    assert_int_equal(known, 19);
    assert_null(void_kind_of(0));
    assert_null(void_kind_of(9));
    assert_null(void_kind_of(29));
    assert_null(void_kind_of(-1));
}

static void what_is_not_taken_back_is_refused_without_effect(void **state)
{
    static const struct {
        int kind;
        const char *text;
    } cases[] = {
        {BODY(CUSTOMER_LINK),  "send the opposite link" },
        {BODY(CONSENT),        "send the right consents"},
        {BODY(BRANCH_PROFILE), "send the right values"  },
        {BODY(STAFF_PROFILE),  "send the right values"  },
        {BODY(IMPROVEMENT),    "who was told was told"  },
        {BODY(RECORD_VOID),    "with a new key"         },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const Troth__V1__Receipt *receipt = decide(void_of(cases[i].kind, 0x10007, 0x20007, 0));
        assert_int_equal(receipt->status, STATUS(REJECTED));
        assert_string_equal(receipt->code, "not_voidable");
        assert_string_equal(receipt->field, "record_void.record_key");
        assert_non_null(strstr(receipt->text, cases[i].text));
    }
    assert_int_equal(t.work->voids.count, 0);
    assert_int_equal(t.event_count, 0);
}

static void what_is_not_there_is_unknown(void **state)
{
    static const int kinds[] = {
        BODY(CUSTOMER_PROFILE), BODY(CONTACT),      BODY(CASE_UPDATE),   BODY(SURVEY_ANSWER),
        BODY(PURCHASE),         BODY(REFUND),       BODY(PROMISE_GIVEN), BODY(PROMISE_UPDATE),
        BODY(EXPECTATION),      BODY(COMPENSATION), BODY(DEVICE_SIGNAL), BODY(POINTS_REDEMPTION),
    };
    expect_rejected(void_of(0, 0, 0, 0), "record_unknown");
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        expect_rejected(void_of(kinds[i], 0x10007, 0x20007, 0x30007), "record_unknown");
    }
    assert_int_equal(t.work->voids.count, 0);
}

static void what_was_taken_back_is_not_taken_back_again(void **state)
{
    struct work_customer *c = work_add_customer(t.work, 0x20007);
    struct work_purchase *p = work_append(t.work, &t.work->taken_purchases, sizeof(*p));
    c->version = c->version_read = 4;
    p->number = 0x10007;
    p->customer = c->number;
    p->occurred_us = NOW_US - 100;
    expect_accepted(void_of(BODY(PURCHASE), p->number, c->number, 0));
    assert_int_equal(last_event()->kind, TROTH__V1__EVENT__BODY_PURCHASE_MADE);
    assert_true(last_event()->is_reversal);
    assert_int_equal(last_event()->occurred_us, NOW_US - 100);
    assert_int_equal(last_event()->version, 5);
    expect_rejected(void_of(BODY(PURCHASE), p->number, c->number, 0), "record_voided_already");
    struct intake_record *elsewhere = void_of(BODY(PURCHASE), 0x11007, c->number, 0);
    elsewhere->target.is_voided = true;
    expect_rejected(elsewhere, "record_voided_already");
    const struct work_void *v = t.work->voids.first;
    assert_int_equal(t.work->voids.count, 1);
    assert_int_equal(v->fact_number, p->number);
    assert_int_equal(identifier_bucket(v->number), identifier_bucket(p->number));
    const struct work_text *text = t.work->texts.first;
    assert_string_equal(text->field, "reason");
    assert_int_equal(text->number, v->number);
    assert_int_equal(text->customer, c->number);
}

/* ---- facts of a customer: the event again, as it was */

static void a_fact_is_told_again_as_a_reversal(void **state)
{
    static const struct {
        int kind;
        Troth__V1__Event__BodyCase event;
    } cases[] = {
        {BODY(SURVEY_ANSWER),     TROTH__V1__EVENT__BODY_SURVEY_ANSWERED   },
        {BODY(REFUND),            TROTH__V1__EVENT__BODY_REFUND_MADE       },
        {BODY(DEVICE_SIGNAL),     TROTH__V1__EVENT__BODY_DEVICE_SIGNALLED  },
        {BODY(EXPECTATION),       TROTH__V1__EVENT__BODY_EXPECTATION_STATED},
        {BODY(POINTS_REDEMPTION), TROTH__V1__EVENT__BODY_POINTS_SPENT      },
    };
    struct work_case *c = open_case(NOW_US, KIND(ENQUIRY));
    struct work_answer *a = work_append(t.work, &t.work->taken_answers, sizeof(*a));
    struct work_purchase *refund = work_append(t.work, &t.work->taken_refunds, sizeof(*refund));
    struct work_device_signal *d = work_append(t.work, &t.work->taken_device_signals, sizeof(*d));
    struct work_expectation *e = work_append(t.work, &t.work->taken_expectations, sizeof(*e));
    struct work_redemption *p = work_append(t.work, &t.work->taken_redemptions, sizeof(*p));
    Troth__V1__DeviceSignal *signal = body(sizeof(*signal));
    *signal = (Troth__V1__DeviceSignal)TROTH__V1__DEVICE_SIGNAL__INIT;
    d->message = signal;
    a->number = refund->number = d->number = e->number = p->number = 0x10007;
    p->reference = "till-1";
    a->customer = refund->customer = d->customer = e->customer = p->customer = c->customer;
    a->occurred_us = refund->occurred_us = d->occurred_us = e->occurred_us = NOW_US - 7;
    p->occurred_us = NOW_US - 7;
    a->service_case = e->service_case = c->number;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        t.event_count = 0;
        expect_accepted(void_of(cases[i].kind, 0x10007, c->customer, c->number));
        assert_int_equal(t.event_count, 1);
        assert_int_equal(last_event()->kind, cases[i].event);
        assert_int_equal(last_event()->occurred_us, NOW_US - 7);
        assert_true(last_event()->is_reversal);
    }
}

/* ---- profiles */

static void say(struct work_customer *c, enum person_field field, const char *text, int64_t fact)
{
    person_set(&c->person, field, text, fact);
}

static void a_profile_takes_back_what_nobody_has_set_since(void **state)
{
    struct work_customer *c = work_add_customer(t.work, 0x20007);
    c->version = c->version_read = 4;
    c->person.is_open = true;
    c->has_phone = c->has_email = true;
    c->birth_month = c->birth_day = 2;
    c->language = "zh-CN";
    c->time_zone = "Asia/Shanghai";
    say(c, PERSON_NAME, "Li", 0x10007);
    say(c, PERSON_PHONE, "13800000000", 0x10007);
    say(c, PERSON_BIRTHDAY, "--02-02", 0x10007);
    say(c, PERSON_LANGUAGE, "zh-CN", 0x10007);
    say(c, PERSON_EMAIL, "li@example.com", 0x11007);
    say(c, PERSON_TIME_ZONE, "Asia/Shanghai", 0x11007);
    expect_accepted(void_of(BODY(CUSTOMER_PROFILE), 0x10007, c->number, 0));
    assert_null(c->person.field[PERSON_NAME].text);
    assert_false(c->has_phone);
    assert_true(c->has_email);
    assert_int_equal(c->birth_month, 0);
    assert_null(c->language);
    assert_non_null(c->time_zone);
    assert_int_equal(last_event()->kind, TROTH__V1__EVENT__BODY_CUSTOMER_CHANGED);
    assert_false(last_event()->is_reversal); /* it says what is */
    t.event_count = 0;
    expect_accepted(void_of(BODY(CUSTOMER_PROFILE), 0x12007, c->number, 0));
    assert_int_equal(t.event_count, 0);
    assert_int_equal(t.work->voids.count, 2);
}

/* Nothing is known of who set what: sealing refuses it, and nothing is lost. */
static void a_profile_of_a_person_who_does_not_open_is_not_taken_back(void **state)
{
    struct work_customer *c = work_add_customer(t.work, 0x20007);
    struct err err = ERR_NONE;
    size_t dropped;
    c->version = c->version_read = 4;
    c->person = (struct person){.is_open = true, .is_damaged = true};
    t.event_count = 0;
    (void)decide(void_of(BODY(CUSTOMER_PROFILE), 0x10007, c->number, 0));
    assert_int_equal(t.event_count, 0);
    assert_int_equal(intake_seal(t.work, &dropped, &err), -1);
    assert_string_equal(err.code, "damaged");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_kind_of_record_can_be_taken_back_or_says_what_to_do),
        TEST(what_is_not_taken_back_is_refused_without_effect),
        TEST(what_is_not_there_is_unknown),
        TEST(what_was_taken_back_is_not_taken_back_again),
        TEST(a_fact_is_told_again_as_a_reversal),
        TEST(a_profile_takes_back_what_nobody_has_set_since),
        TEST(a_profile_of_a_person_who_does_not_open_is_not_taken_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
