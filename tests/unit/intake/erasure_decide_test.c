/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/erasure_decide.h"

#include "tests/unit/intake/decide_world.h"

#define BODY(name)   TROTH__V1__RECORD__BODY_##name
#define GROUND(name) TROTH__V1__ERASURE_GROUND__ERASURE_GROUND_##name

/* ---- the world */

/* A customer as read from the database, with a key. */
static struct work_customer *known(const char *reference, int64_t number)
{
    static const uint8_t wrapped[KEYRING_WRAPPED_LEN];
    struct work_customer *c = work_add_customer(t.work, number);
    struct work_key *k = work_add_key(t.work, number);
    c->version_read = c->version = 4;
    c->language = "zh-CN";
    c->time_zone = "Asia/Shanghai";
    c->birth_month = 2;
    c->birth_day = 29;
    c->has_phone = c->has_email = true;
    c->phone_handle = 1000 + number;
    c->email_handle = 2000 + number;
    c->consents = c->refusals = 4;
    k->generation = (int16_t)(number & 0xff);
    k->wrapped = (struct bytes){wrapped, sizeof(wrapped)};
    work_add_reference(t.work, 7, reference, c);
    return c;
}

static struct intake_record *erasure(const char *reference, int64_t number)
{
    struct intake_record *r = record(NULL, NOW_US);
    Troth__V1__CustomerErasure *m = body(sizeof(*m));
    *m = (Troth__V1__CustomerErasure)TROTH__V1__CUSTOMER_ERASURE__INIT;
    m->ground = GROUND(REQUEST);
    m->asked_by = borrowed("customer");
    message(r)->body_case = BODY(CUSTOMER_ERASURE);
    message(r)->customer_erasure = m;
    r->names.customer_ref = reference;
    r->names.customer_number = number;
    return r;
}

static Troth__V1__CustomerErasure *said(struct intake_record *r)
{
    return message(r)->customer_erasure;
}

static const struct work_erasure *only_erasure(void)
{
    assert_int_equal(t.work->erasures.count, 1);
    return t.work->erasures.first;
}

static bool has(const struct work_list *list, int64_t number)
{
    WORK_EACH(const struct work_erased_number, n, list)
    {
        if (n->number == number) {
            return true;
        }
    }
    return false;
}

/* ---- who goes */

static void what_others_knew_is_forgotten_and_the_key_is_gone(void **state)
{
    const struct work_customer *c = known("li", 257);
    expect_accepted(erasure("li", 0));
    assert_null(c->language);
    assert_null(c->time_zone);
    assert_int_equal(c->birth_month + c->birth_day, 0);
    assert_false(c->has_phone || c->has_email);
    assert_int_equal(c->phone_handle + c->email_handle + c->consents + c->refusals, 0);
    assert_true(c->is_changed);
    assert_true(erasure_is_erased(t.work, 257));
    const struct work_erasure *e = only_erasure();
    assert_int_equal(e->customer, 257);
    assert_int_equal(e->members.count, 1);
    assert_true(has(&e->phones, 1257) && has(&e->emails, 2257));
    assert_int_equal(e->key_generation, 1);
    assert_int_equal(last_event()->kind, TROTH__V1__EVENT__BODY_CUSTOMER_ERASED);
    assert_int_equal(last_event()->version, 5);
}

static void everybody_who_is_the_same_person_goes_whoever_is_named(void **state)
{
    static const int64_t named[] = {257, 258, 259};
    for (size_t i = 0; i < ARRAY_LEN(named); i++) {
        (void)begin(state);
        struct work_customer *survivor = known("li", 257);
        known("han", 258)->merged_into = known("third", 259)->merged_into = survivor->number;
        survivor->follower_count = 2;
        known("stranger", 513);
        expect_accepted(erasure(NULL, named[i]));
        const struct work_erasure *e = only_erasure();
        assert_int_equal(e->members.count, 3);
        assert_int_equal(e->customer, named[i]);
        assert_int_equal(e->key_generation, 3); /* the newest of theirs */
        assert_int_equal(t.event_count, 3);
        assert_false(erasure_is_erased(t.work, 513));
        assert_int_equal(survivor->follower_count, 2); /* figures add up by it */
        if (i + 1 < ARRAY_LEN(named)) {
            (void)end(state);
        }
    }
}

static void
a_wish_not_to_be_called_is_kept_if_there_was_one_and_unless_it_says_otherwise(void **state)
{
    static const struct {
        bool do_not_call, has_keeps, keeps;
        size_t want;
    } cases[] = {
        {true,  false, false, 2},
        {true,  true,  true,  2},
        {true,  true,  false, 0},
        {false, false, false, 0},
        {false, true,  true,  0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        (void)begin(state);
        struct intake_record *r = erasure("li", 0);
        known("li", 257)->do_not_call = cases[i].do_not_call;
        said(r)->has_keeps_do_not_call = cases[i].has_keeps;
        said(r)->keeps_do_not_call = cases[i].keeps;
        expect_accepted(r);
        assert_int_equal(only_erasure()->not_called.count, cases[i].want);
        if (i + 1 < ARRAY_LEN(cases)) {
            (void)end(state);
        }
    }
}

static void a_wish_of_one_number_is_kept_for_all_that_are_the_same_person(void **state)
{
    struct work_customer *survivor = known("li", 257);
    struct work_customer *follower = known("han", 258);
    follower->merged_into = survivor->number;
    follower->do_not_call = true;
    expect_accepted(erasure("li", 0));
    const struct work_erasure *e = only_erasure();
    assert_int_equal(e->not_called.count, 4);
    assert_true(has(&e->not_called, 1257) && has(&e->not_called, 1258));
}

static void a_wish_that_is_still_on_its_way_is_kept_too(void **state)
{
    known("li", 257);
    t.work->told_do_not_call = true;
    expect_accepted(erasure("li", 0));
    assert_int_equal(only_erasure()->not_called.count, 2);
    assert_true(has(&only_erasure()->not_called, 1257));
}

static void and_not_if_nothing_is_to_be_kept(void **state)
{
    struct intake_record *r = erasure("li", 0);
    known("li", 257);
    t.work->told_do_not_call = true;
    said(r)->has_keeps_do_not_call = true;
    expect_accepted(r);
    assert_int_equal(only_erasure()->not_called.count, 0);
}

static void nobody_is_made_to_be_erased(void **state)
{
    expect_rejected(erasure("nobody", 0), "customer_unknown");
    expect_rejected(erasure(NULL, 257), "customer_unknown");
    known("li", 257);
    known("han", 258);
    expect_rejected(erasure("li", 258), "customer_unknown");
    assert_int_equal(t.work->erasures.count, 0);
    assert_int_equal(t.work->customers.count, 2);
    assert_int_equal(t.event_count, 0);
}

static void nobody_is_erased_twice(void **state)
{
    known("li", 257);
    expect_accepted(erasure(NULL, 257));
    expect_rejected(erasure(NULL, 257), "customer_erased");
    assert_int_equal(t.work->erasures.count, 1);
}

/* ---- what is said later */

static void what_is_new_is_refused_and_what_ends_something_is_taken(void **state)
{
    static const struct {
        Troth__V1__CaseAction action;
        bool is_refused;
    } cases[] = {
        {ACTION(RESPONDED), false},
        {ACTION(CLOSED),    false},
        {ACTION(NOTE),      false},
        {ACTION(REOPENED),  true },
    };
    const struct work_case *c = open_case(NOW_US, KIND(REQUEST));
    work_add_key(t.work, c->customer)->wrapped.data = NULL;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_NONE;
        const struct intake_record *r = update(NOW_US, c->number, cases[i].action);
        assert_int_equal(erasure_refuses(t.work, r, &err), cases[i].is_refused);
        assert_string_equal(err.code, cases[i].is_refused ? "customer_erased" : "");
    }
    struct intake_record *further = contact(NOW_US, KIND(REQUEST));
    further->names.case_number = c->number;
    expect_rejected(further, "customer_erased");
}

static void who_was_not_erased_may_be_spoken_of(void **state)
{
    struct err err = ERR_NONE;
    const struct work_case *c = open_case(NOW_US, KIND(REQUEST)); /* new: no key was made yet */
    known("han", 258);
    struct intake_record *r = contact(NOW_US, KIND(REQUEST));
    r->names.case_number = c->number;
    assert_false(erasure_refuses(t.work, r, &err));
    r->names.case_number = 0;
    r->names.customer_number = 258;
    assert_false(erasure_refuses(t.work, r, &err));
    r->names.other_number = 259; /* nobody read them */
    assert_false(erasure_refuses(t.work, r, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_others_knew_is_forgotten_and_the_key_is_gone),
        TEST(everybody_who_is_the_same_person_goes_whoever_is_named),
        TEST(a_wish_not_to_be_called_is_kept_if_there_was_one_and_unless_it_says_otherwise),
        TEST(a_wish_of_one_number_is_kept_for_all_that_are_the_same_person),
        TEST(a_wish_that_is_still_on_its_way_is_kept_too),
        TEST(and_not_if_nothing_is_to_be_kept),
        TEST(nobody_is_made_to_be_erased),
        TEST(nobody_is_erased_twice),
        TEST(what_is_new_is_refused_and_what_ends_something_is_taken),
        TEST(who_was_not_erased_may_be_spoken_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
