/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/expectation_decide.h"

#include "tests/unit/intake/decide_world.h"

static struct intake_record *expectation(int64_t case_number, const char *outcome,
                                         const char *manner)
{
    struct intake_record *r = record(NULL, NOW_US);
    Troth__V1__Expectation *e = body(sizeof(*e));
    *e = (Troth__V1__Expectation)TROTH__V1__EXPECTATION__INIT;
    e->expectation_ref = borrowed("e-1");
    e->outcome = borrowed(outcome);
    e->manner = borrowed(manner);
    e->is_confirmed = true;
    message(r)->body_case = TROTH__V1__RECORD__BODY_EXPECTATION;
    message(r)->expectation = e;
    r->names.customer_ref = NULL;
    r->names.case_number = case_number;
    return r;
}

static void what_is_expected_is_told_without_its_words(void **state)
{
    const struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    const Troth__V1__Receipt *receipt = decide(expectation(c->number, "no noise", "at my door"));
    assert_int_equal(receipt->status, STATUS(ACCEPTED));
    assert_int_equal(receipt->n_promises, 0);
    const struct work_expectation *e = t.work->expectations.first;
    assert_int_equal(e->service_case, c->number);
    assert_int_equal(e->customer, c->customer);
    assert_string_equal(e->reference, "e-1");
    assert_int_equal(e->expected_us, WORK_NO_TIME);
    assert_true(e->has_outcome && e->has_manner && e->is_confirmed);
    assert_int_equal(last_event()->kind, TROTH__V1__EVENT__BODY_EXPECTATION_STATED);
    assert_int_equal(last_event()->version, c->version);
    const struct work_text *text = t.work->texts.first; /* the contact's */
    assert_int_equal(text->next->number, e->number);
    assert_string_equal(text->next->field, "outcome");
    assert_string_equal(text->next->next->field, "manner");
}

static void each_statement_is_kept_also_with_the_same_reference(void **state)
{
    const struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    expect_accepted(expectation(c->number, "no noise", NULL));
    struct intake_record *r = expectation(c->number, NULL, NULL);
    message(r)->expectation->has_expected_us = true;
    message(r)->expectation->expected_us = NOW_US + DURATION_DAY;
    expect_accepted(r);
    const struct work_expectation *first = t.work->expectations.first;
    assert_int_equal(t.work->expectations.count, 2);
    assert_int_equal(first->next->expected_us, NOW_US + DURATION_DAY);
    assert_false(first->next->has_outcome);
    assert_true(first->number < first->next->number);
}

static void an_expectation_of_an_unknown_case_is_rejected(void **state)
{
    expect_rejected(expectation(4711, "no noise", NULL), "case_unknown");
    assert_int_equal(t.work->expectations.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_expected_is_told_without_its_words),
        TEST(each_statement_is_kept_also_with_the_same_reference),
        TEST(an_expectation_of_an_unknown_case_is_rejected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
