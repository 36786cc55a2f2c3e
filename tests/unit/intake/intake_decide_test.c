/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_decide.h"

#include "tests/unit/intake/decide_world.h"

/* ---- contacts */

static void a_contact_opens_a_case_with_the_promises_of_the_standard(void **state)
{
    const Troth__V1__Receipt *receipt = decide(contact(NOW_US, KIND(COMPLAINT)));
    assert_int_equal(receipt->status, STATUS(ACCEPTED));
    assert_true(receipt->is_new_case);
    assert_string_equal(receipt->rule, "complaint");
    assert_int_equal(receipt->n_promises, 2);
    assert_string_equal(receipt->promises[0]->kind, "first_response");
    assert_int_equal(receipt->promises[0]->due_us, NOW_US + 4 * DURATION_H);
    assert_int_equal(receipt->promises[1]->due_us, NOW_US + 3 * DURATION_DAY);

    const struct work_case *c = t.work->cases.first;
    const struct work_contact *stored = t.work->contacts.first;
    const struct work_text *text = t.work->texts.first;
    assert_int_equal(c->state, CASE(NEW));
    assert_int_equal(c->standard_id, 3);
    assert_int_equal(stored->service_case, c->number);
    assert_int_equal(text->number, stored->number);
    assert_string_equal(text->field, "body");
    assert_null(text->next);
    assert_int_equal(t.event_count, 3);
    assert_int_equal(t.events[0].kind, TROTH__V1__EVENT__BODY_CASE_OPENED);
    assert_int_equal(t.events[1].kind, TROTH__V1__EVENT__BODY_PROMISE_MADE);
}

static void every_number_carries_the_bucket_of_its_customer(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(REQUEST));
    do_update(c, ACTION(RESPONDED), NOW_US + 1);
    int16_t bucket = identifier_bucket_of_reference(7, "li");
    assert_int_equal(identifier_bucket(c->customer), bucket);
    assert_int_equal(identifier_bucket(c->number), bucket);
    assert_int_equal(identifier_bucket(c->promises->number), bucket);
    assert_int_equal(
        identifier_bucket(((const struct work_case_event *)t.work->case_events.first)->number),
        bucket);
}

static void the_second_contact_finds_the_customer_of_the_first(void **state)
{
    const struct work_case *first = open_case(NOW_US, KIND(ENQUIRY));
    const struct work_case *second = open_case(NOW_US, KIND(ENQUIRY));
    assert_ptr_not_equal(first, second);
    assert_int_equal(first->customer, second->customer);
    assert_int_equal(t.work->customers.count, 1);
    assert_int_equal(t.work->references.count, 1);
}

static void no_two_events_about_a_case_have_the_same_version(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    do_update(c, ACTION(RESPONDED), NOW_US + 1);
    do_update(c, ACTION(RESOLVED), NOW_US + 2);
    for (size_t i = 0; i < t.event_count; i++) {
        assert_int_equal(t.events[i].version, i + 1);
    }
    assert_int_equal(c->version, t.event_count);
}

static struct intake_record *follow_on(int64_t occurred_us, int64_t number, const char *case_ref)
{
    struct intake_record *r = contact(occurred_us, KIND(ENQUIRY));
    r->names.case_number = number;
    r->names.case_ref = case_ref;
    return r;
}

static void a_contact_that_names_a_case_wakes_it(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    do_update(c, ACTION(WAITING_CUSTOMER), NOW_US + 1);
    const Troth__V1__Receipt *receipt = decide(follow_on(NOW_US + 2, c->number, NULL));
    assert_int_equal(receipt->status, STATUS(ACCEPTED));
    assert_false(receipt->is_new_case);
    assert_int_equal(receipt->n_promises, 0);
    assert_int_equal(c->state, CASE(OPEN));
    do_update(c, ACTION(RESOLVED), NOW_US + 3);
    receipt = decide(follow_on(NOW_US + 4, c->number, NULL));
    assert_int_equal(receipt->n_promises, 1);
    assert_int_equal(c->state, CASE(OPEN));
    assert_int_equal(c->reopened_count, 1);
    assert_int_equal(t.work->cases.count, 1);
    assert_int_equal(t.work->contacts.count, 3);
}

static void a_case_reference_names_the_case_from_then_on(void **state)
{
    expect_accepted(follow_on(NOW_US, 0, "T-1"));
    const struct work_case *c = t.work->cases.first;
    expect_accepted(follow_on(NOW_US + 1, 0, "T-1"));
    assert_int_equal(t.work->cases.count, 1);
    struct intake_record *r = update(NOW_US + 2, 0, ACTION(RESPONDED));
    r->names.customer_ref = "li";
    r->names.case_ref = "T-1";
    expect_accepted(r);
    assert_int_equal(c->state, CASE(OPEN));
    const struct work_case *other = open_case(NOW_US, KIND(ENQUIRY));
    expect_rejected(follow_on(NOW_US + 3, other->number, "T-1"), "case_reference_taken");
}

static void a_case_of_somebody_else_is_unknown(void **state)
{
    const struct work_case *c = open_case(NOW_US, KIND(ENQUIRY));
    struct intake_record *r = follow_on(NOW_US, c->number, NULL);
    r->names.customer_ref = "wang";
    expect_rejected(r, "case_unknown");
    assert_int_equal(t.work->contacts.count, 1);
    assert_int_equal(t.work->customers.count, 1);
    expect_rejected(update(NOW_US, 0x7700 + identifier_bucket(c->number), ACTION(NOTE)),
                    "case_unknown");
}

/* ---- keys */

static void the_same_key_gets_the_same_receipt_and_no_second_effect(void **state)
{
    struct intake_record *r = contact(NOW_US, KIND(COMPLAINT));
    const Troth__V1__Receipt *first = decide(r);
    struct intake_record *again = contact(NOW_US, KIND(COMPLAINT));
    message(again)->key = r->message->key;
    memcpy(again->digest, r->digest, sizeof(r->digest));
    const Troth__V1__Receipt *second = decide(again);
    assert_int_equal(second->status, STATUS(DUPLICATE));
    assert_string_equal(second->case_number, first->case_number);
    assert_int_equal(second->n_promises, 2);
    assert_int_equal(t.work->cases.count, 1);
    again->digest[0] ^= 1;
    expect_rejected(again, "key_reused");
}

static void a_rejected_record_binds_no_key(void **state)
{
    struct intake_record *r = update(NOW_US, 0x4711, ACTION(NOTE));
    expect_rejected(r, "case_unknown");
    assert_int_equal(t.work->receipts.count, 0);
    struct intake_record *again = contact(NOW_US, KIND(COMPLAINT));
    message(again)->key = r->message->key;
    expect_accepted(again);
}

static void what_a_case_does_not_allow_has_no_effect(void **state)
{
    const struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    int64_t version = c->version;
    expect_rejected(update(NOW_US, c->number, ACTION(REOPENED)), "transition_invalid");
    assert_int_equal(c->version, version);
    assert_int_equal(t.work->case_events.count, 0);
}

/* ---- customers */

static struct intake_record *profile(const char *name, const char *phone)
{
    struct intake_record *r = record(NULL, NOW_US);
    Troth__V1__CustomerProfile *p = body(sizeof(*p));
    Troth__V1__ConsentChange *consent = body(sizeof(*consent));
    Troth__V1__ConsentChange **list = body(sizeof(struct Troth__V1__ConsentChange *));
    *p = (Troth__V1__CustomerProfile)TROTH__V1__CUSTOMER_PROFILE__INIT;
    *consent = (Troth__V1__ConsentChange)TROTH__V1__CONSENT_CHANGE__INIT;
    p->customer_ref = borrowed("li");
    p->name = borrowed(name);
    p->phone = borrowed(phone);
    p->birthday = borrowed("--02-29");
    p->language = borrowed("zh-CN");
    consent->purpose = TROTH__V1__PURPOSE__PURPOSE_SURVEY;
    consent->is_given = phone != NULL;
    list[0] = consent;
    p->consents = list;
    p->n_consents = 1;
    message(r)->body_case = TROTH__V1__RECORD__BODY_CUSTOMER_PROFILE;
    message(r)->customer_profile = p;
    return r;
}

static void profiles_replace_what_they_name(void **state)
{
    expect_accepted(profile("Li Lei", "13800000000"));
    const struct work_customer *c = t.work->customers.first;
    assert_true(c->has_phone);
    assert_int_equal(c->birth_month, 2);
    assert_int_equal(c->consents, 1 << TROTH__V1__PURPOSE__PURPOSE_SURVEY);
    expect_accepted(profile("Li", NULL));
    assert_string_equal(c->person.field[PERSON_NAME].text, "Li");
    assert_string_equal(c->person.field[PERSON_PHONE].text, "13800000000");
    assert_true(c->person.field[PERSON_NAME].set_by > c->person.field[PERSON_PHONE].set_by);
    assert_true(c->has_phone);
    assert_int_equal(c->consents, 0);
    assert_int_equal(c->refusals, 1 << TROTH__V1__PURPOSE__PURPOSE_SURVEY);
    expect_accepted(profile("Li", ""));
    assert_false(c->has_phone);
    assert_null(c->person.field[PERSON_PHONE].text);
    assert_int_equal(t.event_count, 3);
    assert_int_equal(c->version, 4);
    assert_int_equal(t.work->customers.count, 1);
}

static struct intake_record *answer_of(int64_t customer, int64_t case_number)
{
    struct intake_record *r = record(NULL, NOW_US);
    Troth__V1__SurveyAnswer *a = body(sizeof(*a));
    *a = (Troth__V1__SurveyAnswer)TROTH__V1__SURVEY_ANSWER__INIT;
    a->instrument = TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_NPS;
    a->has_value = true;
    a->value = 9;
    a->comment = borrowed("fine");
    r->names.customer_ref = NULL;
    r->names.customer_number = customer;
    r->names.case_number = case_number;
    message(r)->body_case = TROTH__V1__RECORD__BODY_SURVEY_ANSWER;
    message(r)->survey_answer = a;
    return r;
}

static void an_answer_is_about_a_case_or_a_customer(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    int64_t case_version = c->version;
    const Troth__V1__Receipt *receipt = decide(answer_of(0, c->number));
    assert_int_equal(receipt->status, STATUS(ACCEPTED));
    assert_int_equal(receipt->n_promises, 0);
    assert_int_equal(last_event()->version, case_version + 1);
    const struct work_answer *a = t.work->answers.first;
    assert_string_equal(a->branch, "north");
    expect_accepted(answer_of(c->customer, 0));
    assert_int_equal(last_event()->version, 2); /* of the customer */
    expect_rejected(answer_of(0x99900, 0), "customer_unknown");
    expect_rejected(answer_of(0x99900, c->number), "case_unknown");
    assert_int_equal(t.work->answers.count, 2);
}

static void a_purchase_makes_its_customer_known(void **state)
{
    struct intake_record *r = record(NULL, NOW_US);
    Troth__V1__Purchase *p = body(sizeof(*p));
    *p = (Troth__V1__Purchase)TROTH__V1__PURCHASE__INIT;
    p->customer_ref = borrowed("li");
    p->amount_minor = 45000;
    p->currency = borrowed("CNY");
    message(r)->body_case = TROTH__V1__RECORD__BODY_PURCHASE;
    message(r)->purchase = p;
    expect_accepted(r);
    const struct work_purchase *stored = t.work->purchases.first;
    const struct work_customer *c = t.work->customers.first;
    assert_int_equal(stored->customer, c->number);
    assert_int_equal(c->first_seen_us, NOW_US);
    assert_int_equal(last_event()->kind, TROTH__V1__EVENT__BODY_PURCHASE_MADE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_contact_opens_a_case_with_the_promises_of_the_standard),
        TEST(every_number_carries_the_bucket_of_its_customer),
        TEST(the_second_contact_finds_the_customer_of_the_first),
        TEST(no_two_events_about_a_case_have_the_same_version),
        TEST(a_contact_that_names_a_case_wakes_it),
        TEST(a_case_reference_names_the_case_from_then_on),
        TEST(a_case_of_somebody_else_is_unknown),
        TEST(the_same_key_gets_the_same_receipt_and_no_second_effect),
        TEST(a_rejected_record_binds_no_key),
        TEST(what_a_case_does_not_allow_has_no_effect),
        TEST(profiles_replace_what_they_name),
        TEST(an_answer_is_about_a_case_or_a_customer),
        TEST(a_purchase_makes_its_customer_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
