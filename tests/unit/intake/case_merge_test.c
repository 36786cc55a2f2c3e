/* SPDX-License-Identifier: Apache-2.0 */
/* Two cases about one thing become one, and a case that was solved as another one. */
#include "services/intake/case_merge.h"

#include "services/intake/case_decide.h"
#include "tests/unit/intake/decide_world.h"

static struct intake_record *merge(const struct work_case *c, int64_t into)
{
    struct intake_record *r = update(t.now_us, c->number, ACTION(MERGED));
    r->names.other_case_number = into;
    return r;
}

static struct intake_record *contact_about(const struct work_case *c)
{
    struct intake_record *r = contact(t.now_us, KIND(COMPLAINT));
    r->names.case_number = c->number;
    return r;
}

static void a_merged_case_ends_and_the_other_one_owes(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    struct work_case *into = open_case(NOW_US, KIND(COMPLAINT));
    const int64_t version = into->version;
    do_update(c, ACTION(WAITING_CUSTOMER), NOW_US);
    expect_accepted(merge(c, into->number));
    assert_int_equal(c->state, CASE(CLOSED));
    assert_true(c->joined_case == into->number);
    for (struct work_promise *p = c->promises; p; p = p->next) {
        assert_int_equal(p->state, PROMISE(WITHDRAWN));
        assert_true(p->next_step_us == WORK_NO_TIME);
    }
    assert_int_equal(RESOLUTION(into)->state, PROMISE(OPEN));
    assert_true(into->version > version && into->is_changed);
}

static void what_is_said_about_a_merged_case_is_said_about_the_one_that_goes_on(void **state)
{
    struct work_case *first = open_case(NOW_US, KIND(COMPLAINT));
    struct work_case *second = open_case(NOW_US, KIND(COMPLAINT));
    struct work_case *third = open_case(NOW_US, KIND(COMPLAINT));
    expect_accepted(merge(first, second->number));
    expect_accepted(merge(second, third->number));
    const Troth__V1__Receipt *receipt = decide(contact_about(first));
    char number[IDENTIFIER_TEXT_SIZE];
    assert_string_equal(receipt->case_number,
                        identifier_format(IDENTIFIER_CASE, third->number, number));
    assert_string_equal(receipt->case_joined_by, "case_number");
    do_update(first, ACTION(RESPONDED), NOW_US);
    assert_int_equal(FIRST(third)->state, PROMISE(KEPT));
    assert_int_equal(first->state, CASE(CLOSED));
}

static void a_reference_of_a_merged_case_leads_to_the_one_that_goes_on(void **state)
{
    struct intake_record *r = contact(NOW_US, KIND(COMPLAINT));
    r->names.case_ref = "T-1";
    expect_accepted(r);
    struct work_case *c = t.work->cases.first;
    struct work_case *into = open_case(NOW_US, KIND(COMPLAINT));
    expect_accepted(merge(c, into->number));
    for (int i = 0; i < 2; i++) {
        struct intake_record *again = contact(NOW_US, KIND(COMPLAINT));
        again->names.case_ref = "T-1";
        expect_accepted(again);
        assert_int_equal(t.work->cases.count, 2);
        assert_int_equal(c->state, CASE(CLOSED));
    }
    const struct work_case_reference *named =
        work_find_case_reference(t.work, 7, c->customer, "T-1");
    assert_ptr_equal(named->service_case, c); /* taking the merge back takes it back, too */
}

static void a_case_whose_survivor_was_taken_back_is_reopened_by_its_customer(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    struct work_case *into = open_case(NOW_US, KIND(COMPLAINT));
    expect_accepted(merge(c, into->number));
    into->state = CASE(VOID);
    expect_accepted(contact_about(c));
    assert_int_equal(c->state, CASE(OPEN));
    assert_true(c->joined_case == 0);
}

static void a_case_does_not_go_on_for_another_person(void **state)
{
    struct intake_record *r = contact(NOW_US, KIND(COMPLAINT));
    r->names.customer_ref = "wang";
    expect_accepted(r);
    const struct work_case *into = t.work->cases.first;
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    work_find_customer(t.work, into->customer)->merged_into = c->customer;
    expect_accepted(merge(c, into->number));
    work_find_customer(t.work, into->customer)->merged_into = 0; /* it was a mistake */
    expect_accepted(contact_about(c));
    assert_int_equal(c->state, CASE(OPEN));
    assert_true(c->joined_case == 0);
}

static void what_a_person_promised_stays_owed_by_the_merged_case(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    struct work_case *into = open_case(NOW_US, KIND(COMPLAINT));
    const struct promise_gift gift = {
        .kind = "custom", .due_us = NOW_US + DURATION_H, .source_id = 7};
    const struct work_promise *p =
        promise_decide_give(t.work, c, &gift, (struct work_when){.occurred_us = NOW_US});
    expect_accepted(merge(c, into->number));
    assert_int_equal(p->state, PROMISE(OPEN));
    assert_true(p->due_us == NOW_US + DURATION_H);
}

static void a_case_is_merged_only_into_an_open_one_of_the_same_person(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    struct work_case *into = open_case(NOW_US, KIND(COMPLAINT));
    struct work_case *ended = open_case(NOW_US, KIND(COMPLAINT));
    struct intake_record *r = contact(NOW_US, KIND(COMPLAINT));
    r->names.customer_ref = "wang";
    expect_accepted(r);
    struct work_case *other = ended->next;
    expect_rejected(merge(c, 999 << 8), "case_unknown");
    expect_rejected(merge(c, c->number), "same_case");
    expect_rejected(merge(c, other->number), "case_unknown");
    do_update(ended, ACTION(RESOLVED), NOW_US);
    expect_rejected(merge(c, ended->number), "case_not_open");
    expect_rejected(merge(ended, c->number), "transition_invalid");
    expect_accepted(merge(into, c->number));
    expect_rejected(merge(c, into->number), "case_not_open");
    /* One person with two customers. */
    work_find_customer(t.work, other->customer)->merged_into = c->customer;
    expect_accepted(merge(c, other->number));
}

static void a_reference_belongs_to_the_customer_who_gave_it(void **state)
{
    struct intake_record *r = contact(NOW_US, KIND(COMPLAINT));
    r->names.customer_ref = "wang";
    expect_accepted(r);
    struct work_case *into = t.work->cases.first;
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    work_find_customer(t.work, into->customer)->merged_into = c->customer;
    expect_accepted(merge(c, into->number));
    r = contact_about(c);
    r->names.case_ref = "T-9";
    expect_accepted(r);
    assert_null(work_find_case_reference(t.work, 7, into->customer, "T-9"));
    const struct work_case_reference *named =
        work_find_case_reference(t.work, 7, c->customer, "T-9");
    assert_ptr_equal(named->service_case, c);
    r = contact(NOW_US, KIND(COMPLAINT));
    r->names.case_ref = "T-9";
    char number[IDENTIFIER_TEXT_SIZE];
    assert_string_equal(decide(r)->case_number,
                        identifier_format(IDENTIFIER_CASE, into->number, number));
}

static void a_solution_names_the_case_that_it_was_taken_from(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    struct work_case *like = open_case(NOW_US, KIND(COMPLAINT));
    struct intake_record *r = update(NOW_US, c->number, ACTION(RESOLVED));
    r->names.other_case_number = 999 << 8;
    expect_rejected(r, "case_unknown");
    r = update(NOW_US, c->number, ACTION(RESOLVED));
    r->names.other_case_number = c->number;
    expect_rejected(r, "same_case");
    r = update(NOW_US, c->number, ACTION(RESOLVED));
    r->names.other_case_number = like->number;
    expect_accepted(r);
    assert_true(c->solved_like == like->number);
    do_update(c, ACTION(REOPENED), NOW_US);
    do_update(c, ACTION(RESOLVED), NOW_US);
    assert_true(c->solved_like == like->number); /* it was used, and did not hold */
    like->state = CASE(VOID);
    do_update(c, ACTION(REOPENED), NOW_US);
    r = update(NOW_US, c->number, ACTION(RESOLVED));
    r->names.other_case_number = like->number;
    expect_rejected(r, "case_void");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_merged_case_ends_and_the_other_one_owes),
        TEST(what_is_said_about_a_merged_case_is_said_about_the_one_that_goes_on),
        TEST(a_reference_of_a_merged_case_leads_to_the_one_that_goes_on),
        TEST(a_case_whose_survivor_was_taken_back_is_reopened_by_its_customer),
        TEST(a_case_does_not_go_on_for_another_person),
        TEST(what_a_person_promised_stays_owed_by_the_merged_case),
        TEST(a_case_is_merged_only_into_an_open_one_of_the_same_person),
        TEST(a_reference_belongs_to_the_customer_who_gave_it),
        TEST(a_solution_names_the_case_that_it_was_taken_from),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
