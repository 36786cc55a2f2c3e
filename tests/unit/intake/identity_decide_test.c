/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/identity_decide.h"

#include "tests/unit/intake/decide_world.h"

#define LINK(name) TROTH__V1__CUSTOMER_LINK_ACTION__CUSTOMER_LINK_ACTION_##name

struct said {
    const char *reference, *phone, *email;
    bool is_unverified;
};

static struct intake_record *profile(const struct said *said)
{
    struct intake_record *r = record(NULL, NOW_US);
    Troth__V1__CustomerProfile *p = body(sizeof(*p));
    *p = (Troth__V1__CustomerProfile)TROTH__V1__CUSTOMER_PROFILE__INIT;
    p->phone = borrowed(said->phone);
    p->email = borrowed(said->email);
    p->has_phone_is_verified = p->has_email_is_verified = true;
    p->phone_is_verified = p->email_is_verified = !said->is_unverified;
    message(r)->body_case = TROTH__V1__RECORD__BODY_CUSTOMER_PROFILE;
    message(r)->customer_profile = p;
    r->names.customer_ref = said->reference;
    return r;
}

static const Troth__V1__Receipt *say(const char *reference, const char *phone, const char *email)
{
    const Troth__V1__Receipt *receipt =
        decide(profile(&(struct said){.reference = reference, .phone = phone, .email = email}));
    assert_int_equal(receipt->status, STATUS(ACCEPTED));
    return receipt;
}

static struct work_customer *who(const char *reference)
{
    const struct work_reference *r = work_find_reference(t.work, 7, reference);
    assert_non_null(r);
    return r->customer;
}

static struct intake_record *link_record(Troth__V1__CustomerLinkAction action, const char *one,
                                         const char *other)
{
    struct intake_record *r = record(NULL, NOW_US);
    Troth__V1__CustomerLink *l = body(sizeof(*l));
    *l = (Troth__V1__CustomerLink)TROTH__V1__CUSTOMER_LINK__INIT;
    l->action = action;
    message(r)->body_case = TROTH__V1__RECORD__BODY_CUSTOMER_LINK;
    message(r)->customer_link = l;
    r->names.customer_ref = one;
    r->names.other_ref = other;
    return r;
}

#define MERGED(one, other)   expect_accepted(link_record(LINK(MERGE), one, other))
#define UNMERGED(one, other) expect_accepted(link_record(LINK(UNMERGE), one, other))

static const struct work_question *only_question(void)
{
    assert_int_equal(t.work->questions.count, 1);
    return t.work->questions.first;
}

/* ---- joining */

static void a_new_reference_joins_the_customer_of_its_phone(void **state)
{
    assert_null(say("li", "13800138000", NULL)->customer_joined_by);
    const Troth__V1__Receipt *receipt = say("web-7", "+86 138 0013 8000", NULL);
    assert_string_equal(receipt->customer_joined_by, "phone");
    assert_ptr_equal(who("web-7"), who("li"));
    assert_int_equal(t.work->customers.count, 1);
    receipt = say("app-1", NULL, "Li@Example.org");
    assert_null(receipt->customer_joined_by);
    assert_int_equal(t.work->customers.count, 2);
    receipt = say("app-2", NULL, "li@example.org");
    assert_string_equal(receipt->customer_joined_by, "email");
    assert_ptr_equal(who("app-2"), who("app-1"));
    assert_int_equal(t.work->questions.count, 0);
}

static void what_is_not_verified_joins_nobody(void **state)
{
    say("li", "13800138000", NULL);
    expect_accepted(profile(&(struct said){"web-7", "13800138000", NULL, .is_unverified = true}));
    assert_ptr_not_equal(who("web-7"), who("li"));
    say("wang", "extension 12", "nobody");
    say("zhao", "extension 12", "nobody");
    assert_ptr_not_equal(who("wang"), who("zhao"));
    assert_int_equal(t.work->contact_points.count, 1);
}

static void phone_and_email_of_two_customers_join_nothing_and_are_asked(void **state)
{
    say("li", "13800138000", NULL);
    say("wang", NULL, "wang@example.org");
    const Troth__V1__Receipt *receipt = say("new", "13800138000", "wang@example.org");
    assert_string_equal(receipt->customer_joined_by, "ambiguous");
    assert_int_equal(t.work->customers.count, 3);
    assert_int_equal(t.work->questions.count, 2);
    WORK_EACH(const struct work_question, q, &t.work->questions)
    {
        assert_true(q->is_asked);
        assert_true(q->customer < q->other);
    }
    say("later", "13800138000", NULL);
    assert_ptr_equal(who("later"), who("li"));
}

static void a_known_reference_never_joins_by_itself(void **state)
{
    say("li", "13800138000", NULL);
    say("wang", "13900139000", NULL);
    const Troth__V1__Receipt *receipt = say("wang", "13800138000", NULL);
    assert_string_equal(receipt->customer_joined_by, "ambiguous");
    assert_ptr_not_equal(who("wang"), who("li"));
    assert_string_equal(only_question()->reason, "phone");
    receipt = say("wang", "13800138000", "wang@example.org");
    assert_string_equal(receipt->customer_joined_by, "ambiguous");
    assert_int_equal(t.work->questions.count, 1);
    say("new", NULL, "wang@example.org");
    assert_ptr_equal(who("new"), who("wang"));
}

static void phone_and_email_of_one_customer_join_once(void **state)
{
    say("li", "13800138000", "li@example.org");
    const Troth__V1__Receipt *receipt = say("new", "13800138000", "li@example.org");
    assert_string_equal(receipt->customer_joined_by, "phone");
    assert_ptr_equal(who("new"), who("li"));
}

/* ---- what changes later */

static void a_number_that_was_given_up_leads_to_nobody(void **state)
{
    say("li", "13800138000", NULL);
    say("li", "13900139000", NULL);
    say("new", "13800138000", NULL);
    assert_ptr_not_equal(who("new"), who("li"));
    say("other", "13900139000", NULL);
    assert_ptr_equal(who("other"), who("li"));
    say("li", "", NULL);
    say("third", "13900139000", NULL);
    assert_ptr_not_equal(who("third"), who("li"));
}

static void the_same_number_written_otherwise_is_kept(void **state)
{
    say("li", "13800138000", NULL);
    struct intake_record *r =
        profile(&(struct said){.reference = "li", .phone = "+86-13800138000"});
    message(r)->customer_profile->has_phone_is_verified = false;
    message(r)->customer_profile->phone_is_verified = false;
    expect_accepted(r);
    say("new", "13800138000", NULL);
    assert_ptr_equal(who("new"), who("li"));
    expect_accepted(
        profile(&(struct said){.reference = "li", .phone = "13800138000", .is_unverified = true}));
    say("newer", "13800138000", NULL);
    assert_ptr_not_equal(who("newer"), who("li"));
}

static void a_stored_number_goes_though_nobody_looked_for_it(void **state)
{
    say("li", "13800138000", NULL);
    struct work_customer *li = who("li");
    t.work->contact_points = t.work->given_up_points = (struct work_list){0};
    byte_map_clear(&t.work->contact_point_index); /* as in the next transaction */
    say("li", "13900139000", NULL);
    const struct work_given_up *g = t.work->given_up_points.first;
    assert_non_null(g);
    assert_int_equal(g->customer, li->number);
    assert_int_equal(g->kind, CONTACT_POINT_PHONE);
}

/* ---- links */

static void a_merge_tells_both_and_can_be_taken_back(void **state)
{
    say("li", "13800138000", NULL);
    say("wang", "13900139000", NULL);
    size_t events = t.event_count;
    int64_t li = who("li")->version;
    int64_t wang = who("wang")->version;
    MERGED("li", "wang");
    assert_int_equal(t.event_count, events + 2);
    assert_int_equal(t.events[events].kind, TROTH__V1__EVENT__BODY_CUSTOMER_MERGED);
    assert_int_equal(t.events[events + 1].kind, TROTH__V1__EVENT__BODY_CUSTOMER_MERGED);
    assert_int_equal(who("li")->version, li + 1);
    assert_int_equal(who("wang")->version, wang + 1);
    assert_int_equal(who("wang")->merged_into, who("li")->number);
    assert_int_equal(who("li")->follower_count, 1);
    const struct work_customer_link *link = t.work->customer_links.first;
    assert_int_equal(identifier_bucket(link->number), identifier_bucket(who("wang")->number));

    UNMERGED("wang", "li"); /* in whatever order they are named */
    link = link->next;
    assert_int_equal(link->survivor, who("li")->number);
    assert_int_equal(link->merged, who("wang")->number);
    assert_int_equal(who("wang")->merged_into, 0);
    assert_int_equal(who("li")->follower_count, 0);
    assert_int_equal(last_event()->kind, TROTH__V1__EVENT__BODY_CUSTOMER_UNMERGED);
    MERGED("wang", "li");
}

static void new_references_of_a_merged_customer_join_the_survivor(void **state)
{
    say("li", "13800138000", NULL);
    say("wang", "13900139000", NULL);
    MERGED("li", "wang");
    const Troth__V1__Receipt *receipt = say("new", "13900139000", NULL);
    assert_string_equal(receipt->customer_joined_by, "phone");
    assert_ptr_equal(who("new"), who("li"));
    assert_null(say("wang", "13800138000", NULL)->customer_joined_by); /* one person's number */
    assert_int_equal(t.work->questions.count, 1); /* the merge, which answers what nobody asked */
    assert_false(only_question()->is_asked);
}

static void what_cannot_be_linked_says_why(void **state)
{
    static const struct {
        Troth__V1__CustomerLinkAction action;
        const char *one, *other, *code;
    } cases[] = {
        {LINK(MERGE),    "li",     "li",     "same_customer"          },
        {LINK(MERGE),    "li",     "nobody", "customer_unknown"       },
        {LINK(MERGE),    "nobody", "li",     "customer_unknown"       },
        {LINK(MERGE),    "li",     "wang",   "customer_merged_already"},
        {LINK(MERGE),    "zhao",   "wang",   "customer_merged_already"},
        {LINK(MERGE),    "wang",   "zhao",   "customer_merged_already"},
        {LINK(MERGE),    "zhao",   "li",     "customer_has_followers" },
        {LINK(UNMERGE),  "li",     "zhao",   "customer_not_merged"    },
        {LINK(DISTINCT), "wang",   "li",     "customer_merged_already"},
    };
    say("li", NULL, NULL);
    say("wang", NULL, NULL);
    say("zhao", NULL, NULL);
    MERGED("li", "wang");
    size_t events = t.event_count;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        expect_rejected(link_record(cases[i].action, cases[i].one, cases[i].other), cases[i].code);
    }
    assert_int_equal(t.event_count, events);
    assert_int_equal(t.work->customer_links.count, 1);
    MERGED("li", "zhao");
    assert_int_equal(who("li")->follower_count, 2);
}

static void a_decision_answers_the_question(void **state)
{
    say("li", "13800138000", NULL);
    say("wang", "13900139000", NULL);
    say("wang", "13800138000", NULL);
    assert_int_equal(only_question()->state, WORK_QUESTION_OPEN);
    expect_accepted(link_record(LINK(DISTINCT), "li", "wang"));
    assert_int_equal(only_question()->state, WORK_QUESTION_DISTINCT);
    MERGED("li", "wang");
    assert_int_equal(only_question()->state, WORK_QUESTION_MERGED);
    assert_false(only_question()->is_reopened);
    UNMERGED("li", "wang");
    assert_int_equal(only_question()->state, WORK_QUESTION_OPEN);
    assert_true(only_question()->is_reopened);
}

static void a_link_may_name_by_number(void **state)
{
    say("li", NULL, NULL);
    say("wang", NULL, NULL);
    struct intake_record *r = link_record(LINK(MERGE), NULL, NULL);
    r->names.customer_number = who("li")->number;
    r->names.other_number = who("wang")->number;
    expect_accepted(r);
    r = link_record(LINK(UNMERGE), "wang", NULL);
    r->names.customer_number = who("li")->number; /* which is not wang */
    r->names.other_number = who("wang")->number;
    expect_rejected(r, "customer_unknown");
}

/* ---- consent */

static struct intake_record *consent(const char *reference, int64_t number)
{
    struct intake_record *r = record(NULL, NOW_US);
    Troth__V1__Consent *c = body(sizeof(*c));
    *c = (Troth__V1__Consent)TROTH__V1__CONSENT__INIT;
    message(r)->body_case = TROTH__V1__RECORD__BODY_CONSENT;
    message(r)->consent = c;
    r->names.customer_ref = reference;
    r->names.customer_number = number;
    return r;
}

static void consent_changes_what_it_names_and_nothing_else(void **state)
{
    Troth__V1__ConsentChange survey = TROTH__V1__CONSENT_CHANGE__INIT;
    Troth__V1__ConsentChange *list[] = {&survey};
    survey.has_purpose = survey.has_is_given = true;
    survey.purpose = TROTH__V1__PURPOSE__PURPOSE_SURVEY;
    struct intake_record *r = consent("li", 0);
    message(r)->consent->has_do_not_call = message(r)->consent->do_not_call = true;
    expect_accepted(r);
    const struct work_customer *li = who("li");
    assert_true(li->do_not_call);
    assert_int_equal(li->refusals, 0);
    assert_int_equal(last_event()->kind, TROTH__V1__EVENT__BODY_CUSTOMER_CHANGED);

    r = consent(NULL, li->number);
    message(r)->consent->consents = list;
    message(r)->consent->n_consents = 1;
    expect_accepted(r);
    assert_true(li->do_not_call);
    assert_int_equal(li->refusals, 1 << TROTH__V1__PURPOSE__PURPOSE_SURVEY);

    r = consent(NULL, li->number);
    message(r)->consent->has_do_not_call = true;
    expect_accepted(r);
    assert_false(li->do_not_call);
    assert_int_equal(li->version, 4);
    expect_rejected(consent(NULL, li->number + 256), "customer_unknown");
    expect_rejected(consent("wang", li->number), "customer_unknown");
    assert_int_equal(t.work->customers.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_new_reference_joins_the_customer_of_its_phone),
        TEST(what_is_not_verified_joins_nobody),
        TEST(phone_and_email_of_two_customers_join_nothing_and_are_asked),
        TEST(a_known_reference_never_joins_by_itself),
        TEST(phone_and_email_of_one_customer_join_once),
        TEST(a_number_that_was_given_up_leads_to_nobody),
        TEST(the_same_number_written_otherwise_is_kept),
        TEST(a_stored_number_goes_though_nobody_looked_for_it),
        TEST(a_merge_tells_both_and_can_be_taken_back),
        TEST(new_references_of_a_merged_customer_join_the_survivor),
        TEST(what_cannot_be_linked_says_why),
        TEST(a_decision_answers_the_question),
        TEST(a_link_may_name_by_number),
        TEST(consent_changes_what_it_names_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
