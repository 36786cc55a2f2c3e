/* SPDX-License-Identifier: Apache-2.0 */
/* What the published tables tell arbitration: each fact by the row that makes it, alone. */
#include "common/store/arbitration_facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "tests/support/test_database.h"

enum {
    BUCKET = 7,
    SURVEY = 2,
    CALL = 1,
};

/* 2024-10-04T09:00:00Z */
#define NOW_US    (INT64_C(20000) * DURATION_DAY + 9 * DURATION_H)
#define CUSTOMER  2823  /* 11 << 8 | BUCKET */
#define SURVIVOR  3081  /* 12 << 8 | 9: another bucket */
#define CASE      3079  /* 12 << 8 | BUCKET */
#define OTHER     3335  /* 13 << 8 | BUCKET */
#define PROMISE   3591  /* 14 << 8 | BUCKET */
#define FOLLOW_UP 25607 /* 100 << 8 | BUCKET */
#define PHONE     INT64_C(-77)
#define EMAIL     INT64_C(88)

static struct loop *loop;
static struct db_pool *pool;

static int set_up(void **state)
{
    loop = loop_new();
    pool = test_pool(loop, "troth_followup", 1, 0);
    test_sql("TRUNCATE followup.follow_up, followup.follow_up_attempt, followup.contact_budget,"
             " followup.bad_number, followup.customer_rhythm, followup.record_outbox,"
             " intake.customer, intake.service_case, intake.promise, intake.survey_answer,"
             " intake.branch");
    test_sql("INSERT INTO intake.customer (bucket, number, version, first_seen_at, language,"
             " has_phone, phone_handle, has_email, email_handle, wrapped_key)"
             " VALUES (%d, %d, 1, now(), 'zh-CN', true, %lld, true, %lld, 'x')",
             BUCKET, CUSTOMER, (long long)PHONE, (long long)EMAIL);
    return 0;
}

static int tear_down(void **state)
{
    db_pool_free(pool);
    loop_free(loop);
    return 0;
}

static struct arbitration_facts *find(void *ctx, int64_t follow_up)
{
    return follow_up == FOLLOW_UP ? ctx : NULL;
}

static struct arbitration_subject about(int32_t trigger, int64_t subject)
{
    return (struct arbitration_subject){
        .number = FOLLOW_UP,
        .customer = CUSTOMER,
        .service_case = CASE,
        .subject = subject,
        .occurrence = "0",
        .branch = "north",
        .trigger = trigger,
        .purpose = SURVEY,
        .channel = CALL,
        .attempts = 1,
        .window_end_us = NOW_US + DURATION_DAY,
    };
}

/* As of now; attempts are those of the same day in UTC. */
static struct arbitration_facts ask_about(const struct arbitration_subject *subject)
{
    struct arbitration_facts f = {.person = 0};
    struct db *db = test_borrow(pool);
    arbitration_facts_put(db, subject, 1, NOW_US);
    const struct db_reply *reply = db_run_wait(db);
    if (reply->outcome != DB_OK) {
        fail_msg("%s: %s", reply->err.field, reply->err.text);
    }
    assert_int_equal(reply->count, ARBITRATION_FACTS_SETS);
    arbitration_facts_read(reply->rows, find, &f);
    for (size_t i = 0; i < arbitration_facts_attempt_count(reply->rows); i++) {
        int64_t ordered_us;
        assert_int_equal(arbitration_facts_get_attempt(reply->rows, i, &ordered_us), FOLLOW_UP);
        arbitration_facts_count_attempt(&f, NULL, NOW_US, ordered_us);
    }
    db_release(db);
    return f;
}

static struct arbitration_facts ask(void)
{
    const struct arbitration_subject subject = about(FOLLOW_UP_ON_CASE_RESOLVED, CASE);
    return ask_about(&subject);
}

/* ---- rows */

static void add_case(int64_t number, int64_t customer, int kind, int state)
{
    test_sql("INSERT INTO intake.service_case (bucket, number, customer_number, version, state,"
             " kind, priority, standard_id, rule, opened_at, last_contact_at, is_historical,"
             " reopened_count) VALUES (%lld & 255, %lld, %lld, 1, %d, %d, 3, 1, 'r', now(), now(),"
             " false, 2)",
             (long long)number, (long long)number, (long long)customer, state, kind);
}

static void add_promise(int64_t service_case, int state)
{
    test_sql("INSERT INTO intake.promise (bucket, number, case_number, customer_number, kind,"
             " state, version, made_at, target_us, next_step, standard_id, is_historical)"
             " VALUES (%d, %d, %lld, %d, 'resolution', %d, 1, now(), 0, 0, 1, false)",
             BUCKET, PROMISE, (long long)service_case, CUSTOMER, state);
}

static void merge(void)
{
    test_sql("UPDATE intake.customer SET merged_into = %d", SURVIVOR);
    test_sql("INSERT INTO intake.customer (bucket, number, version, first_seen_at, follower_count,"
             " wrapped_key) VALUES (9, %d, 1, now(), 1, 'x')",
             SURVIVOR);
}

static void spend(int kind, int64_t subject, const char *day, int orders)
{
    test_sql("INSERT INTO followup.contact_budget VALUES (%lld & 255, %d, %lld, '%s', %d)",
             (long long)subject, kind, (long long)subject, day, orders);
}

static void add_follow_up(int64_t number, int64_t customer, int state)
{
    test_sql("INSERT INTO followup.follow_up (bucket, number, version, customer_number,"
             " case_version, rule, rule_version, trigger, topic, subject, occurrence, purpose,"
             " priority, channel, state, reason, planned_at, due_at, window_end_at, attempts,"
             " calls, is_historical, merged_into, settled_at, next_attempt_at, claim_holder, "
             "claim_until)"
             " SELECT %lld & 255, %lld, 1, %lld, 0, 'r', 1, 1, 't', %lld, '0', 2, 3, 1, s, 'why',"
             " now(), now(), now(), 0, 0, false, CASE WHEN s = 9 THEN %d END,"
             " CASE WHEN s > 3 THEN now() END, CASE WHEN s < 3 THEN now() END,"
             " CASE WHEN s = 2 THEN 'one' END, CASE WHEN s = 2 THEN now() END"
             " FROM (VALUES (%d)) AS v (s)",
             (long long)number, (long long)number, (long long)customer, (long long)number,
             FOLLOW_UP, state);
}

/* ---- the person */

static void nothing_stands_against_somebody_of_whom_nothing_is_known(void **state)
{
    struct arbitration_facts f = ask();

    assert_int_equal(f.person, CUSTOMER);
    assert_string_equal(f.language, "zh-CN");
    assert_string_equal(f.zone, "");
    assert_true(f.has_phone && f.has_email);
    assert_int_equal(f.phone_handle, PHONE);
    assert_int_equal(f.email_handle, EMAIL);
    assert_false(f.is_erased || f.do_not_call || f.is_under_way || f.has_followers);
    assert_false(f.has_open_complaint || f.has_broken_promise || f.is_subject_void);
    assert_int_equal(f.refusals, 0);
    assert_int_equal(f.last_refusal_us, INT64_MIN);
    assert_int_equal(f.orders_day + f.orders_week + f.orders_month, 0);
    assert_int_equal(f.orders_number_week + f.orders_address_week, 0);
    assert_int_equal(f.first_week_us, INT64_MIN);
    assert_int_equal(f.attempts_today, 0);
}

static void one_no_of_a_person_counts_for_all_numbers(void **state)
{
    merge();
    test_sql(
        "UPDATE intake.customer SET do_not_call = true, refusals = 4, time_zone = 'Asia/Tokyo',"
        " wrapped_key = NULL, key_generation = 1, has_phone = true, phone_handle = 5"
        " WHERE number = %d",
        SURVIVOR);
    test_sql("INSERT INTO followup.bad_number VALUES (%lld & 255, %lld, 6, now())",
             (long long)PHONE, (long long)PHONE);
    add_case(SURVIVOR, SURVIVOR, 2, 2); /* an open complaint, in the other bucket */
    add_follow_up(SURVIVOR, SURVIVOR, 3);

    struct arbitration_facts f = ask();

    assert_int_equal(f.person, SURVIVOR);
    assert_true(f.do_not_call && f.is_erased && f.has_open_complaint && f.is_under_way);
    assert_int_equal(f.refusals, 4);
    assert_string_equal(f.zone, "Asia/Tokyo");
    assert_true(f.has_phone); /* the other one is good */
    assert_int_equal(f.phone_handle, 5);
}

static void a_number_that_was_wrong_is_none(void **state)
{
    test_sql("INSERT INTO followup.bad_number VALUES (%lld & 255, %lld, 6, now())",
             (long long)PHONE, (long long)PHONE);

    struct arbitration_facts f = ask();

    assert_false(f.has_phone);
    assert_true(f.has_email);
}

static void what_was_refused_in_a_call_counts_before_intake_has_it(void **state)
{
    test_sql("INSERT INTO followup.customer_rhythm (bucket, customer_number, last_refusal_at,"
             " refusal_key, refusal_purpose) VALUES (%d, %d, to_timestamp(%lld), 'k', 2)",
             BUCKET, CUSTOMER, (long long)(NOW_US / DURATION_S));
    test_sql("INSERT INTO followup.record_outbox (bucket, key, follow_up_number, record, state,"
             " code, added_at) VALUES (%d, 'k', %d, 'x', 1, '', now())",
             BUCKET, FOLLOW_UP);

    struct arbitration_facts f = ask();
    assert_int_equal(f.refusals, 1 << SURVEY);
    assert_int_equal(f.last_refusal_us, NOW_US);
    assert_false(f.do_not_call);

    test_sql("UPDATE followup.customer_rhythm SET refusal_purpose = 0");
    f = ask();
    assert_true(f.do_not_call);
    test_sql("UPDATE followup.record_outbox SET state = 2, record = NULL, settled_at = now()");
    f = ask();
    assert_false(f.do_not_call);
}

static void budgets_are_counted_over_the_person_and_by_the_day(void **state)
{
    merge();
    spend(1, CUSTOMER, "2024-10-04", 1);
    spend(1, SURVIVOR, "2024-10-04", 2);
    spend(1, SURVIVOR, "2024-09-28", 4);
    spend(1, SURVIVOR, "2024-09-27", 8);
    spend(1, SURVIVOR, "2024-09-05", 16);
    spend(1, SURVIVOR, "2024-09-04", 32); /* 30 days ago */
    spend(2, PHONE, "2024-09-28", 3);
    spend(2, PHONE, "2024-09-27", 7);
    spend(2, EMAIL, "2024-10-01", 5);

    struct arbitration_facts f = ask();

    assert_int_equal(f.orders_day, 3);
    assert_int_equal(f.orders_week, 7);
    assert_int_equal(f.orders_month, 31);
    assert_int_equal(f.orders_number_week, 3);
    assert_int_equal(f.orders_address_week, 5);
    int64_t today_us = NOW_US - 9 * DURATION_H;
    assert_int_equal(f.first_week_us, today_us - 6 * DURATION_DAY);
    assert_int_equal(f.first_month_us, today_us - 29 * DURATION_DAY);
    assert_int_equal(f.first_number_us, today_us - 6 * DURATION_DAY);
    assert_int_equal(f.first_address_us, today_us - 3 * DURATION_DAY);
}

static void attempts_of_the_day_are_those_that_were_not_barred(void **state)
{
    static const struct {
        int hours_ago, state;
    } rows[] = {
        {1,  3},
        {2,  4},
        {8,  1},
        {10, 3},
        {30, 3}
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        test_sql("INSERT INTO followup.follow_up_attempt (bucket, follow_up_number, attempt,"
                 " order_key, customer_number, channel, dialer, journal, state, ordered_at,"
                 " start_by, outcome, finished_at) SELECT %d, %d, %zu, 'k', %d, 1, 'd', 'j', s,"
                 " to_timestamp(%lld), now(), CASE WHEN s = 3 THEN 3 END,"
                 " CASE WHEN s > 2 THEN now() END FROM (VALUES (%d)) AS v (s)",
                 BUCKET, FOLLOW_UP, i + 1, CUSTOMER,
                 (long long)(NOW_US / DURATION_S - rows[i].hours_ago * INT64_C(3600)),
                 rows[i].state);
    }

    assert_int_equal(ask().attempts_today, 2); /* an hour and eight hours ago: since 01:00 */
}

/* ---- the matter */

static void complaints_count_while_they_are_open_and_are_not_the_matter_itself(void **state)
{
    static const struct {
        const char *name;
        int64_t number;
        int kind, state;
        bool is_open;
    } rows[] = {
        {"new",            OTHER, 2, 1, true },
        {"waiting",        OTHER, 2, 4, true },
        {"resolved",       OTHER, 2, 5, false},
        {"a question",     OTHER, 1, 1, false},
        {"its own matter", CASE,  2, 1, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        test_sql("TRUNCATE intake.service_case");
        add_case(rows[i].number, CUSTOMER, rows[i].kind, rows[i].state);
        if (ask().has_open_complaint != rows[i].is_open) {
            fail_msg("%s", rows[i].name);
        }
    }
    test_sql("UPDATE intake.service_case SET number = %d, state = 1, joined_case = 5", OTHER);
    assert_false(ask().has_open_complaint);
}

static void an_imported_complaint_counts_once_it_is_talked_of_again(void **state)
{
    test_sql("TRUNCATE intake.service_case, intake.contact, intake.promise");
    add_case(OTHER, CUSTOMER, 2, 2);
    test_sql("UPDATE intake.service_case SET is_historical = true");
    assert_false(ask().has_open_complaint);
    test_sql("INSERT INTO intake.contact (bucket, number, customer_number, case_number,"
             " case_version, source_id, kind, occurred_at, received_at, is_historical)"
             " VALUES (%d & 255, 7, %d, %d, 2, 1, 2, now(), now(), true)",
             OTHER, CUSTOMER, OTHER);
    assert_false(ask().has_open_complaint);
    test_sql("UPDATE intake.contact SET is_historical = false");
    assert_true(ask().has_open_complaint);
    test_sql("UPDATE intake.contact SET is_void = true");
    add_promise(OTHER, 1);
    assert_true(ask().has_open_complaint);
    test_sql("UPDATE intake.promise SET is_historical = true");
    assert_false(ask().has_open_complaint);
}

static void promises_tell_how_the_case_was_kept(void **state)
{
    static const struct {
        int state;
        int32_t kept, broken;
        bool is_open_break;
    } rows[] = {
        {1, 0, 0, false},
        {3, 1, 0, false},
        {4, 0, 1, false},
        {5, 0, 1, true },
        {6, 0, 0, false},
        {7, 0, 0, false},
        {8, 0, 0, false},
        {9, 0, 1, false}
    };
    const struct arbitration_subject subject = about(FOLLOW_UP_ON_PROMISE_BROKEN, PROMISE);
    add_case(CASE, CUSTOMER, 1, 2);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        test_sql("TRUNCATE intake.promise");
        add_promise(CASE, rows[i].state);
        struct arbitration_facts f = ask_about(&subject);
        assert_int_equal(f.promises_kept, rows[i].kept);
        assert_int_equal(f.promises_broken, rows[i].broken);
        assert_int_equal(f.has_broken_promise, rows[i].is_open_break);
        assert_int_equal(f.promise_state, rows[i].state);
        assert_int_equal(f.reopened_count, 2);
        assert_false(f.is_subject_void);
    }
    /* What the standard promised is past with the case; what a person gave is owed all the same. */
    test_sql("UPDATE intake.promise SET state = 5");
    test_sql("UPDATE intake.service_case SET state = 5");
    assert_false(ask_about(&subject).has_broken_promise);
    test_sql("UPDATE intake.promise SET standard_id = 0");
    assert_true(ask_about(&subject).has_broken_promise);
    test_sql("UPDATE intake.promise SET is_void = true");
    struct arbitration_facts f = ask_about(&subject);
    assert_true(f.is_subject_void);
    assert_false(f.has_broken_promise);
}

static void other_follow_ups_of_the_person_are_under_way_or_follow(void **state)
{
    for (int other = 1; other <= 9; other++) {
        test_sql("TRUNCATE followup.follow_up");
        add_follow_up(OTHER, CUSTOMER, other);
        struct arbitration_facts f = ask();
        assert_int_equal(f.is_under_way, other == 2 || other == 3);
        assert_int_equal(f.has_followers, other == 9);
    }
    test_sql("TRUNCATE followup.follow_up");
    add_follow_up(FOLLOW_UP, CUSTOMER, 3);
    assert_false(ask().is_under_way); /* it does not wait for itself */
}

static void add_attempt(int64_t follow_up, int64_t customer, int state)
{
    test_sql("INSERT INTO followup.follow_up_attempt (bucket, follow_up_number, attempt, order_key,"
             " customer_number, channel, dialer, journal, state, ordered_at, start_by, outcome,"
             " finished_at) SELECT %lld & 255, %lld, 1, 'k', %lld, 4, 'person/ann', 'worklist', s,"
             " now(), now(), CASE WHEN s = 3 THEN 3 END, CASE WHEN s > 2 THEN now() END"
             " FROM (VALUES (%d)) AS v (s)",
             (long long)follow_up, (long long)follow_up, (long long)customer, state);
}

/* Its follow-up stays listed meanwhile. */
static void what_a_person_has_in_hand_is_under_way(void **state)
{
    add_follow_up(OTHER, CUSTOMER, 8);
    for (int attempt = 1; attempt <= 5; attempt++) {
        test_sql("TRUNCATE followup.follow_up_attempt");
        add_attempt(OTHER, CUSTOMER, attempt);
        assert_int_equal(ask().is_under_way, attempt <= 2);
    }
    test_sql("TRUNCATE followup.follow_up_attempt");
    add_attempt(FOLLOW_UP, CUSTOMER, 1);
    assert_false(ask().is_under_way); /* it does not wait for itself */
    add_attempt(SURVIVOR, SURVIVOR, 2);
    assert_false(ask().is_under_way);
    merge();
    assert_true(ask().is_under_way);
}

static void the_branch_knows_the_zone_when_the_customer_does_not(void **state)
{
    test_sql("INSERT INTO intake.source (id, name, public_key, rights, created_at)"
             " VALUES (900, 'zones', sha256('zones'), '{}', now())");
    test_sql("INSERT INTO intake.branch (source_id, branch, time_zone, changed_at)"
             " VALUES (900, 'north', 'Europe/Berlin', now()), (900, 'south', 'UTC', now())");
    assert_string_equal(ask().zone, "Europe/Berlin");

    test_sql("UPDATE intake.customer SET time_zone = 'Asia/Shanghai'");
    assert_string_equal(ask().zone, "Asia/Shanghai");
}

#define CASE_OF(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE_OF(nothing_stands_against_somebody_of_whom_nothing_is_known),
        CASE_OF(one_no_of_a_person_counts_for_all_numbers),
        CASE_OF(a_number_that_was_wrong_is_none),
        CASE_OF(what_was_refused_in_a_call_counts_before_intake_has_it),
        CASE_OF(budgets_are_counted_over_the_person_and_by_the_day),
        CASE_OF(attempts_of_the_day_are_those_that_were_not_barred),
        CASE_OF(complaints_count_while_they_are_open_and_are_not_the_matter_itself),
        CASE_OF(an_imported_complaint_counts_once_it_is_talked_of_again),
        CASE_OF(promises_tell_how_the_case_was_kept),
        CASE_OF(other_follow_ups_of_the_person_are_under_way_or_follow),
        CASE_OF(what_a_person_has_in_hand_is_under_way),
        CASE_OF(the_branch_knows_the_zone_when_the_customer_does_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
