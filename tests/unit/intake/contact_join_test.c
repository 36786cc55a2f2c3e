/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/contact_join.h"

#include <unistd.h>

#include "tests/unit/intake/decide_world.h"

#define ORIGIN(name) TROTH__V1__CONTACT_ORIGIN__CONTACT_ORIGIN_##name

static struct intake_record *about(const char *category, int64_t occurred_us)
{
    struct intake_record *r = contact(occurred_us, KIND(COMPLAINT));
    message(r)->contact->category = borrowed(category);
    return r;
}

static struct intake_record *on_channel(const char *channel, int64_t occurred_us)
{
    struct intake_record *r = contact(occurred_us, KIND(ENQUIRY));
    message(r)->contact->channel = borrowed(channel);
    return r;
}

static struct work_case *first_case(void)
{
    return t.work->cases.first;
}

/* ---- dedup: the standard that is shipped joins complaints about one category within 72 hours */

static void a_second_complaint_about_the_same_joins_the_open_case(void **state)
{
    expect_accepted(about("brakes", NOW_US));
    const Troth__V1__Receipt *receipt = decide(about("brakes", NOW_US + DURATION_H));
    assert_int_equal(receipt->status, STATUS(ACCEPTED));
    assert_false(receipt->is_new_case);
    assert_string_equal(receipt->case_joined_by, "same_category");
    assert_int_equal(receipt->n_promises, 0);
    assert_int_equal(t.work->cases.count, 1);
    assert_int_equal(t.work->contacts.count, 2);
    assert_int_equal(first_case()->last_contact_us, NOW_US + DURATION_H);
}

static void the_window_counts_from_the_last_contact_on(void **state)
{
    const int64_t window_us = 72 * DURATION_H;
    static const struct {
        const char *name;
        int64_t offset_us;
        bool joins;
    } cases[] = {
        {"its last instant",      0, true },
        {"one microsecond later", 1, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(end(state), 0);
        assert_int_equal(begin(state), 0);
        expect_accepted(about("brakes", NOW_US));
        expect_accepted(about("brakes", NOW_US + window_us)); /* joins, and moves the window */
        assert_int_equal(t.work->cases.count, 1);
        expect_accepted(about("brakes", NOW_US + 2 * window_us + cases[i].offset_us));
        if ((t.work->cases.count == 1) != cases[i].joins) {
            fail_msg("%s", cases[i].name);
        }
    }
    assert_int_equal(end(state), 0);
    assert_int_equal(begin(state), 0);
    expect_accepted(about("brakes", NOW_US));
    expect_accepted(about("brakes", NOW_US - window_us)); /* it was said before, and came after */
    assert_int_equal(t.work->cases.count, 1);
    expect_accepted(about("brakes", NOW_US - window_us - 1));
    assert_int_equal(t.work->cases.count, 2);
}

static void what_is_not_the_same_opens_a_case(void **state)
{
    expect_accepted(about("brakes", NOW_US));
    expect_accepted(about("paint", NOW_US));
    expect_accepted(about(NULL, NOW_US));
    expect_accepted(about(NULL, NOW_US)); /* unknown is not the same as unknown */
    expect_accepted(about("", NOW_US));
    struct intake_record *r = about("brakes", NOW_US);
    message(r)->contact->kind = KIND(REQUEST); /* the rule is about complaints */
    expect_accepted(r);
    r = about("brakes", NOW_US);
    r->names.customer_ref = "wang";
    expect_accepted(r);
    r = about("brakes", NOW_US);
    r->names.case_ref = "T-9"; /* the source says itself which case it means */
    expect_accepted(r);
    assert_int_equal(t.work->cases.count, 8);
}

static void a_case_that_is_done_is_not_joined(void **state)
{
    expect_accepted(about("brakes", NOW_US));
    do_update(first_case(), ACTION(WAITING_CUSTOMER), NOW_US + 1);
    expect_accepted(about("brakes", NOW_US + 2));
    assert_int_equal(first_case()->state, CASE(OPEN)); /* the customer has answered */
    do_update(first_case(), ACTION(RESOLVED), NOW_US + 3);
    const Troth__V1__Receipt *receipt = decide(about("brakes", NOW_US + 4));
    assert_true(receipt->is_new_case);
    assert_null(receipt->case_joined_by);
}

static void a_rule_that_reopens_joins_it_all_the_same(void **state)
{
    static const char text[] =
        "dedup = ( { name = \"again\"; window = \"1h\"; same = (\"category\"); reopens = true; } );"
        "rules = ( { name = \"all\"; priority = 3; owner_team = \"care\";"
        "            promises = ( { kind = \"resolution\"; target = \"1d\"; } ); } );";
    char path[] = "/tmp/contact_join_test.XXXXXX";
    struct err err = ERR_NONE;
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
    close(file);
    standard_shelf_free(t.shelf);
    t.shelf = standard_shelf_new();
    t.standard = standard_load(path, &err);
    unlink(path);
    assert_non_null(t.standard);
    standard_shelf_add(t.shelf, 3, t.standard);
    at(NOW_US);
    expect_accepted(about("brakes", NOW_US));
    do_update(first_case(), ACTION(CLOSED), NOW_US + 1);
    const Troth__V1__Receipt *receipt = decide(about("brakes", NOW_US + 2));
    assert_string_equal(receipt->case_joined_by, "again");
    assert_int_equal(first_case()->state, CASE(OPEN));
    assert_int_equal(first_case()->reopened_count, 1);
    assert_int_equal(receipt->n_promises, 1);
    /* One that was merged has ended for good. */
    expect_accepted(about("paint", NOW_US + 2));
    struct intake_record *merge = update(NOW_US + 2, first_case()->number, ACTION(MERGED));
    merge->names.other_case_number = first_case()->next->number;
    expect_accepted(merge);
    assert_true(decide(about("brakes", NOW_US + 3))->is_new_case);
}

static void of_several_cases_the_one_last_contacted_is_joined(void **state)
{
    expect_accepted(about("brakes", NOW_US - 80 * DURATION_H));
    expect_accepted(about("brakes", NOW_US));
    assert_int_equal(t.work->cases.count, 2);
    struct work_case *newer = first_case()->next;
    const Troth__V1__Receipt *receipt = decide(about("brakes", NOW_US - 9 * DURATION_H));
    char number[IDENTIFIER_TEXT_SIZE];
    assert_string_equal(receipt->case_number,
                        identifier_format(IDENTIFIER_CASE, newer->number, number));
    assert_int_equal(newer->last_contact_us, NOW_US); /* what was said earlier does not move it */
}

static void a_named_case_says_by_what_it_was_named(void **state)
{
    struct intake_record *r = contact(NOW_US, KIND(ENQUIRY));
    r->names.case_ref = "T-1";
    assert_null(decide(r)->case_joined_by);
    r = contact(NOW_US, KIND(ENQUIRY));
    r->names.case_ref = "T-1";
    assert_string_equal(decide(r)->case_joined_by, "case_ref");
    r = contact(NOW_US, KIND(ENQUIRY));
    r->names.case_number = first_case()->number;
    assert_string_equal(decide(r)->case_joined_by, "case_number");
}

static void opening_counts_up_the_customer_where_a_rule_looks_for_cases(void **state)
{
    expect_accepted(on_channel("phone", NOW_US));
    const struct work_customer *li = t.work->customers.first;
    int64_t version = li->version;
    expect_accepted(on_channel("phone", NOW_US)); /* no rule: nothing to fight about */
    assert_int_equal(li->version, version);
    expect_accepted(on_channel("wechat", NOW_US));
    assert_int_equal(li->version, version + 1);
    assert_true(li->is_changed);
    expect_accepted(on_channel("wechat", NOW_US + 1));
    assert_int_equal(li->version, version + 1);
}

/* ---- machines */

static void what_a_machine_says_is_kept_and_opens_nothing(void **state)
{
    static const Troth__V1__ContactOrigin origins[] = {ORIGIN(AUTO_REPLY), ORIGIN(BOUNCE),
                                                       ORIGIN(OURSELVES)};
    for (size_t i = 0; i < ARRAY_LEN(origins); i++) {
        struct intake_record *r = contact(NOW_US, KIND(ENQUIRY));
        message(r)->contact->has_origin = true;
        message(r)->contact->origin = origins[i];
        const Troth__V1__Receipt *receipt = decide(r);
        assert_int_equal(receipt->status, STATUS(ACCEPTED));
        assert_non_null(receipt->customer_number);
        assert_null(receipt->case_number);
        assert_null(receipt->rule);
        assert_null(receipt->case_joined_by);
    }
    assert_int_equal(t.work->cases.count, 0);
    assert_int_equal(t.work->contacts.count, 3);
    assert_int_equal(t.event_count, 0);
    const struct work_contact *first = t.work->contacts.first;
    assert_int_equal(first->origin, ORIGIN(AUTO_REPLY));
    assert_int_equal(first->service_case, 0);
}

static void a_machine_that_names_a_case_moves_it_not(void **state)
{
    expect_accepted(about("brakes", NOW_US));
    struct work_case *c = first_case();
    do_update(c, ACTION(WAITING_CUSTOMER), NOW_US + 1);
    struct intake_record *r = about("brakes", NOW_US + 2);
    message(r)->contact->has_origin = true;
    message(r)->contact->origin = ORIGIN(AUTO_REPLY);
    r->names.case_number = c->number;
    const Troth__V1__Receipt *receipt = decide(r);
    assert_non_null(receipt->case_number);
    assert_string_equal(receipt->case_joined_by, "case_number");
    assert_int_equal(c->state, CASE(WAITING_CUSTOMER));
    assert_int_equal(c->last_contact_us, NOW_US);
    assert_int_equal(last_event()->kind, TROTH__V1__EVENT__BODY_CONTACT_ADDED);
    do_update(c, ACTION(RESOLVED), NOW_US + 3);
    r->message->contact->origin = ORIGIN(BOUNCE);
    message(r)->key = borrowed("another");
    (void)decide(r);
    assert_int_equal(c->state, CASE(RESOLVED));
    assert_int_equal(c->reopened_count, 0);
}

static void a_message_that_went_in_circles_is_our_own(void **state)
{
    static const struct {
        int hops;
        Troth__V1__ContactOrigin origin;
        Troth__V1__ContactOrigin want;
    } cases[] = {
        {0,   ORIGIN(UNSPECIFIED), ORIGIN(PERSON)    },
        {20,  ORIGIN(PERSON),      ORIGIN(PERSON)    },
        {21,  ORIGIN(PERSON),      ORIGIN(OURSELVES) },
        {500, ORIGIN(UNSPECIFIED), ORIGIN(OURSELVES) },
        {500, ORIGIN(BOUNCE),      ORIGIN(BOUNCE)    },
        {0,   ORIGIN(AUTO_REPLY),  ORIGIN(AUTO_REPLY)},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        Troth__V1__Contact m = TROTH__V1__CONTACT__INIT;
        m.has_origin = m.has_hop_count = true;
        m.origin = cases[i].origin;
        m.hop_count = cases[i].hops;
        assert_int_equal(contact_join_origin(t.standard, &m), cases[i].want);
    }
}

/* ---- what users of others complain about */

static void two_messages_214_ms_apart_are_one_case(void **state) /* chatwoot#14071 */
{
    expect_accepted(on_channel("wechat", NOW_US));
    const Troth__V1__Receipt *receipt = decide(on_channel("wechat", NOW_US + 214 * DURATION_MS));
    assert_false(receipt->is_new_case);
    assert_string_equal(receipt->case_joined_by, "chat");
    assert_int_equal(t.work->cases.count, 1);
}

static void mail_that_answers_itself_opens_one_case(void **state) /* ost#1041, odoo#66329 */
{
    for (int i = 0; i < 100; i++) {
        t.event_count = 0;
        struct intake_record *r = on_channel("email", NOW_US + i * DURATION_S);
        message(r)->contact->has_hop_count = true;
        message(r)->contact->hop_count = i;
        expect_accepted(r);
    }
    assert_int_equal(t.work->cases.count, 1);
    assert_int_equal(t.work->contacts.count, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_second_complaint_about_the_same_joins_the_open_case),
        TEST(the_window_counts_from_the_last_contact_on),
        TEST(what_is_not_the_same_opens_a_case),
        TEST(a_case_that_is_done_is_not_joined),
        TEST(a_rule_that_reopens_joins_it_all_the_same),
        TEST(of_several_cases_the_one_last_contacted_is_joined),
        TEST(a_named_case_says_by_what_it_was_named),
        TEST(opening_counts_up_the_customer_where_a_rule_looks_for_cases),
        TEST(what_a_machine_says_is_kept_and_opens_nothing),
        TEST(a_machine_that_names_a_case_moves_it_not),
        TEST(a_message_that_went_in_circles_is_our_own),
        TEST(two_messages_214_ms_apart_are_one_case),
        TEST(mail_that_answers_itself_opens_one_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
