/* SPDX-License-Identifier: Apache-2.0 */
/* What reports read of the others: a case, a customer, a reference, what still waits. */
#include "services/reporting/report_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/duration.h"
#include "common/domain/identifier.h"
#include "services/reporting/report_backlog_store.h"
#include "services/reporting/report_case_store.h"
#include "services/reporting/report_customer_store.h"
#include "tests/support/test_database.h"

#define CASE     INT64_C(0x123437)
#define CUSTOMER INT64_C(0x567837)

static struct loop *loop;
static struct db_pool *pool;

static int set_up(void **state)
{
    test_sql("TRUNCATE log.head, log.consumer_cursor, intake.customer, intake.customer_reference,"
             " intake.service_case, intake.case_event, intake.contact, intake.promise,"
             " intake.purchase, intake.refund, intake.promise_step, intake.survey_answer,"
             " intake.survey_item, intake.expectation, intake.compensation, followup.follow_up,"
             " followup.follow_up_attempt");
    test_sql("DELETE FROM intake.source");
    loop = loop_new();
    pool = db_pool_new(loop, &(struct db_pool_options){.conninfo = test_conninfo("troth_reporting"),
                                                       .name = "test",
                                                       .size = 1});
    return 0;
}

static int tear_down(void **state)
{
    db_pool_free(pool);
    loop_free(loop);
    return 0;
}

static struct db *borrow(void)
{
    struct err err = ERR_NONE;
    struct db *db = db_pool_wait(pool, 10 * DURATION_S, &err);

    if (db == NULL) {
        fail_msg("%s", err.text);
    }
    return db;
}

static const struct db_reply *run(struct db *db)
{
    const struct db_reply *reply = db_run_wait(db);

    if (reply->outcome != DB_OK) {
        fail_msg("%s: %s", reply->err.field, reply->err.text);
    }
    return reply;
}

static void add_source(int id, const char *name)
{
    test_sql("INSERT INTO intake.source (id, name, public_key, rights, created_at)"
             " VALUES (%d, '%s', decode(repeat('0%d', 32), 'hex'), '{}', now())",
             id, name, id);
}

/* A case with two contacts, an answer, a resolution, a kept promise and a planned follow-up. */
static void write_one_case(int64_t number, int64_t customer)
{
    int bucket = identifier_bucket(number);
    long long n = number, c = customer;

    test_sql("INSERT INTO intake.customer (bucket, number, version, language, first_seen_at)"
             " VALUES (%d, %lld, 1, 'zh-CN', now())",
             bucket, c);
    test_sql("INSERT INTO intake.customer_reference (bucket, source_id, reference,"
             " customer_number) VALUES (9, 1, 'vip-7', %lld)",
             c);
    test_sql("INSERT INTO intake.service_case (bucket, number, customer_number, version, state,"
             " kind, channel, branch, category, priority, owner_team, standard_id, rule,"
             " opened_at, first_response_at, resolved_at, is_historical, last_contact_at)"
             " VALUES (%d, %lld, %lld, 3, 5, 2, 'phone', 'north', 'brakes', 2, 'workshop', 1, 'r',"
             " '2026-11-21 08:00Z', '2026-11-21 09:00Z', '2026-11-21 10:00Z', false,"
             " '2026-11-21 08:00Z')",
             bucket, n, c);
    test_sql("INSERT INTO intake.promise (bucket, number, case_number, customer_number, kind,"
             " state, version, made_at, target_us, due_at, next_step, next_step_at, done_at,"
             " standard_id, is_historical)"
             " VALUES (%d, %lld, %lld, %lld, 'first_response', 3, 2, '2026-11-21 08:00Z', 1,"
             " '2026-11-21 12:00Z', 0, '2026-11-21 00:00Z', '2026-11-21 09:00Z', 1, false)",
             bucket, n + 256, n, c);
    for (int i = 0; i < 2; i++) {
        test_sql("INSERT INTO intake.contact (bucket, number, customer_number, case_number,"
                 " case_version, source_id, kind, occurred_at, received_at, is_historical)"
                 " VALUES (%d, %lld, %lld, %lld, nullif(%d, 0), 1, 2,"
                 " timestamptz '2026-11-21 08:00Z' + %d * interval '30 minutes', now(), false)",
                 bucket, n + 512 + 256LL * i, c, n, i, i);
        test_sql("INSERT INTO intake.case_event (bucket, number, case_number, case_version,"
                 " action, from_state, to_state, staff, source_id, standard_id, occurred_at,"
                 " received_at)"
                 " VALUES (%d, %lld, %lld, %d, %d, 1, 2, 's-17', 1, 1,"
                 " timestamptz '2026-11-21 09:00Z' + %d * interval '1 hour', now())",
                 bucket, n + 1024 + 256LL * i, n, 2 + i, i == 0 ? 1 : 6, i);
    }
    test_sql("INSERT INTO intake.purchase (bucket, number, customer_number, amount_minor,"
             " currency, source_id, occurred_at, received_at)"
             " VALUES (%d, %lld, %lld, 100, 'CNY', 1, now(), now())",
             bucket, n + 4096, c);
    test_sql("INSERT INTO followup.follow_up (bucket, number, version, customer_number,"
             " case_number, case_version, rule, rule_version, trigger, topic, purpose, priority,"
             " channel, subject, occurrence, state, reason, planned_at,"
             " due_at, window_end_at, next_attempt_at, attempts, calls, is_historical)"
             " VALUES (%d, %lld, 1, %lld, %lld, 3, 'after_resolution', 1, 1,"
             " 'case_resolved', 1, 3, 1, %lld, '0', 1, '', now(),"
             " '2026-11-21 00:00Z', '2026-11-30 00:00Z', '2026-11-21 00:00Z', 0, 0, false)",
             bucket, n + 8192, c, n, n);
}

static void a_case_shows_promises_history_and_follow_ups(void **state)
{
    char number[IDENTIFIER_TEXT_SIZE];
    static const char *const want[] = {"opened", "contact", "responded", "resolved"};

    write_one_case(CASE, CUSTOMER);
    struct db *db = borrow();
    report_case_store_ask(db, CASE);
    Troth__V1__CaseView *view = report_case_store_take(run(db));
    assert_non_null(view);
    assert_string_equal(view->case_number, identifier_format(IDENTIFIER_CASE, CASE, number));
    assert_string_equal(view->owner_team, "workshop");
    assert_int_equal(view->n_promises, 1);
    assert_string_equal(view->promises[0]->kind, "first_response");
    assert_int_equal(view->n_history, ARRAY_LEN(want));
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        assert_string_equal(view->history[i]->what, want[i]);
    }
    assert_string_equal(view->history[3]->staff, "s-17");
    assert_int_equal(view->n_follow_ups, 1);
    assert_string_equal(view->follow_ups[0]->rule, "after_resolution");
    assert_false(view->follow_ups[0]->has_last_outcome);
    troth__v1__case_view__free_unpacked(view, NULL);
    report_case_store_ask(db, CASE + 256);
    assert_null(report_case_store_take(run(db)));
    db_release(db);
}

static void a_customer_shows_references_cases_and_follow_ups(void **state)
{
    add_source(1, "garage");
    write_one_case(CASE, CUSTOMER);
    struct db *db = borrow();
    report_customer_store_ask(db, CUSTOMER);
    Troth__V1__CustomerView *view = report_customer_store_take(run(db), true);
    assert_non_null(view);
    assert_string_equal(view->language, "zh-CN");
    assert_int_equal(view->purchases, 1);
    assert_int_equal(view->n_references, 1);
    assert_string_equal(view->references[0]->source, "garage");
    assert_string_equal(view->references[0]->customer_ref, "vip-7");
    assert_int_equal(view->n_cases, 1);
    assert_int_equal(view->cases[0]->n_promises, 1);
    assert_int_equal(view->cases[0]->n_history, 0);
    assert_int_equal(view->n_follow_ups, 1);
    troth__v1__customer_view__free_unpacked(view, NULL);
    report_customer_store_ask(db, CUSTOMER);
    view = report_customer_store_take(run(db), false);
    assert_int_equal(view->n_references, 0);
    troth__v1__customer_view__free_unpacked(view, NULL);
    report_customer_store_ask(db, CUSTOMER + 256);
    assert_null(report_customer_store_take(run(db), true));
    db_release(db);
}

/* What makes a story of it: what was asked and answered, called, expected, made good for. */
static void write_the_story(int64_t number, int64_t customer)
{
    int bucket = identifier_bucket(number);
    long long n = number, c = customer;

    test_sql("UPDATE intake.promise SET state = 4, cause = 2, customer_word = 2, chance = 0.75,"
             " past_cases = 40, settled_at = '2026-11-21 12:00Z' WHERE number = %lld",
             n + 256);
    test_sql("INSERT INTO intake.promise_step VALUES (%d, %lld, 1, 80, '2026-11-21 11:00Z',"
             " '2026-11-21 11:01Z', 'lead'), (%d, %lld, 1, 100, '2026-11-21 12:00Z',"
             " '2026-11-21 12:00Z', NULL)",
             bucket, n + 256, bucket, n + 256);
    test_sql("INSERT INTO intake.survey_answer (bucket, number, customer_number, case_number,"
             " follow_up_number, instrument, value, source_id, occurred_at, received_at, is_void)"
             " VALUES (%d, 1, %lld, %lld, %lld, 1, 2, 1, '2026-11-22', now(), false),"
             " (%d, 2, %lld, %lld, NULL, 4, NULL, 1, '2026-11-23', now(), false),"
             " (%d, 3, %lld, %lld, NULL, 1, 5, 1, '2026-11-24', now(), true)",
             bucket, c, n, n + 8192, bucket, c, n, bucket, c, n);
    test_sql("INSERT INTO intake.survey_item VALUES (%d, 2, 5, 2, 6, 3)", bucket);
    test_sql("INSERT INTO intake.expectation (bucket, number, case_number, customer_number,"
             " expected_at, has_outcome, has_manner, is_confirmed, source_id, occurred_at,"
             " received_at) VALUES (%d, 4, %lld, %lld, '2026-11-25', true, false, true, 1, now(),"
             " now())",
             bucket, n, c);
    test_sql("INSERT INTO intake.compensation (bucket, promise_number, case_number,"
             " customer_number, kind, amount_minor, currency, source_id, occurred_at, received_at)"
             " VALUES (%d, %lld, %lld, %lld, 3, 5000, 'CNY', 1, now(), now())",
             bucket, n + 256, n, c);
    test_sql("INSERT INTO followup.follow_up_attempt (bucket, follow_up_number, attempt, order_key,"
             " customer_number, channel, dialer, journal, state, ordered_at, start_by, outcome,"
             " started_at, ended_at, finished_at) VALUES (%d, %lld, 1, 'F-1/1', %lld, 4,"
             " 'person/anna', 'w', 3, now(), now(), 3, now(), now(), now())",
             bucket, n + 8192, c);
    test_sql("UPDATE intake.customer SET consents = 2, refusals = 4 + (1 << (8 + 3))"
             " WHERE number = %lld",
             c);
    test_sql("INSERT INTO intake.refund (bucket, number, customer_number, amount_minor,"
             " currency, source_id, occurred_at, received_at)"
             " VALUES (%d, %lld, %lld, 70, 'CNY', 1, now() + interval '1 hour', now())",
             bucket, n + 5000, c);
}

static void check_promise(const Troth__V1__PromiseView *p)
{
    assert_int_equal(p->cause, TROTH__V1__BREAK_CAUSE__BREAK_CAUSE_COULD_NOT);
    assert_int_equal(p->customer_word, TROTH__V1__CUSTOMER_WORD__CUSTOMER_WORD_DISPUTED);
    assert_true(p->has_chance && p->chance > 0.74 && p->chance < 0.76);
    assert_int_equal(p->past_cases, 40);
    assert_int_equal(p->target_us, 1);
    assert_int_equal(p->n_steps, 2);
    assert_int_equal(p->steps[0]->percent, 80);
    assert_string_equal(p->steps[0]->tell, "lead");
    assert_null(p->steps[1]->tell);
}

static void a_case_shows_all_that_was_said_asked_and_expected(void **state)
{
    write_one_case(CASE, CUSTOMER);
    write_the_story(CASE, CUSTOMER);
    test_sql("UPDATE intake.service_case SET opened_by = %lld WHERE number = %lld",
             (long long)CASE + 512, (long long)CASE);
    struct db *db = borrow();
    report_case_store_ask(db, CASE);
    Troth__V1__CaseView *view = report_case_store_take(run(db));
    assert_non_null(view);
    check_promise(view->promises[0]);
    assert_int_equal(view->n_contacts, 2);
    assert_false(view->contacts[0]->has_origin);
    assert_int_equal(view->n_calls, 1);
    assert_string_equal(view->calls[0]->by, "person/anna");
    assert_string_equal(view->calls[0]->state, "finished");
    assert_int_equal(view->calls[0]->outcome, TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_NO_ANSWER);
    assert_int_equal(view->n_answers, 2);
    assert_false(view->answers[0]->has_value);
    assert_int_equal(view->answers[0]->n_items, 1);
    assert_int_equal(view->answers[0]->items[0]->perception, 3);
    assert_int_equal(view->answers[1]->value, 2);
    assert_int_equal(view->n_expectations, 1);
    assert_true(view->expectations[0]->has_outcome && !view->expectations[0]->has_manner);
    assert_int_equal(view->n_compensations, 1);
    assert_int_equal(view->compensations[0]->amount_minor, 5000);
    assert_int_equal(view->n_left_out, 0);
    troth__v1__case_view__free_unpacked(view, NULL);
    db_release(db);
}

static void a_customer_shows_calls_answers_consents_and_what_was_bought(void **state)
{
    write_one_case(CASE, CUSTOMER);
    write_the_story(CASE, CUSTOMER);
    struct db *db = borrow();
    report_customer_store_ask(db, CUSTOMER);
    Troth__V1__CustomerView *view = report_customer_store_take(run(db), true);
    assert_non_null(view);
    assert_int_equal(view->n_calls, 1);
    assert_int_equal(view->n_answers, 2);
    assert_int_equal(view->n_contacts, 1); /* nobody knows which one opened the case */
    assert_int_equal(view->n_bought, 2);
    assert_true(view->bought[0]->is_refund);
    assert_false(view->bought[1]->is_refund);
    assert_int_equal(view->n_consents, 3);
    assert_true(view->consents[0]->is_given && !view->consents[0]->has_channel);
    assert_int_equal(view->consents[1]->purpose, TROTH__V1__PURPOSE__PURPOSE_SURVEY);
    assert_false(view->consents[1]->is_given);
    assert_int_equal(view->consents[2]->channel, TROTH__V1__CHANNEL__CHANNEL_CALL);
    assert_false(view->is_erased);
    troth__v1__customer_view__free_unpacked(view, NULL);
    db_release(db);
}

static void a_list_that_is_not_whole_says_so(void **state)
{
    write_one_case(CASE, CUSTOMER);
    for (int i = 0; i < 51; i++) {
        test_sql("INSERT INTO intake.expectation (bucket, number, case_number, customer_number,"
                 " has_outcome, has_manner, is_confirmed, source_id, occurred_at, received_at)"
                 " VALUES (%d, %d, %lld, %lld, true, true, false, 1, now(), now())",
                 identifier_bucket(CASE), 100 + i, (long long)CASE, (long long)CUSTOMER);
    }
    struct db *db = borrow();
    report_case_store_ask(db, CASE);
    Troth__V1__CaseView *view = report_case_store_take(run(db));
    assert_non_null(view);
    assert_int_equal(view->n_expectations, 50);
    assert_int_equal(view->n_left_out, 1);
    assert_string_equal(view->left_out[0], "expectations");
    troth__v1__case_view__free_unpacked(view, NULL);
    db_release(db);
}

static size_t find(struct db *db, const char *source, const char *reference, int64_t *ret_number)
{
    report_store_ask_sources(db, source);
    report_store_ask_reference(db, run(db)->rows[0], reference);
    return report_store_take_reference(run(db)->rows[0], ret_number);
}

static void a_reference_is_found_by_its_bucket_and_may_be_ambiguous(void **state)
{
    static const char *const sources[] = {"garage", "shop"};
    int64_t found = 0;

    for (int i = 0; i < 2; i++) {
        add_source(i + 1, sources[i]);
        test_sql("INSERT INTO intake.customer_reference (bucket, source_id, reference,"
                 " customer_number) VALUES (%d, %d, 'vip-7', %d)",
                 identifier_bucket_of_reference(i + 1, "vip-7"), i + 1, 4711 + i);
    }
    struct db *db = borrow();
    assert_int_equal(find(db, "shop", "vip-7", &found), 1);
    assert_int_equal(found, 4712);
    assert_int_equal(find(db, "", "vip-7", &found), 2);
    assert_int_equal(find(db, "garage", "vip-8", &found), 0);
    assert_int_equal(find(db, "nowhere", "vip-7", &found), 0);
    db_release(db);
}

static int64_t backlog_of(const Troth__V1__Backlog *backlog, const char *name)
{
    for (size_t i = 0; i < backlog->n_entries; i++) {
        if (strcmp(backlog->entries[i]->name, name) == 0) {
            return backlog->entries[i]->count;
        }
    }
    return -1;
}

static void the_backlog_names_what_waits(void **state)
{
    write_one_case(CASE, CUSTOMER);
    test_sql(
        "INSERT INTO log.head VALUES ('intake.0', 7, 5), ('intake.3', 8, 2), ('followup.1', 7, 10),"
        " ('loyalty.0', 9, 100)");
    test_sql("INSERT INTO log.consumer_cursor VALUES ('loyalty', 'intake.0', 7, 5),"
             " ('followup', 'intake.0', 7, 1), ('reporting', 'loyalty.0', 9, 60)");
    test_sql("UPDATE log.clock SET demo_now = '2026-11-22 00:00Z'");
    struct db *db = borrow();
    report_backlog_store_ask(db);
    Troth__V1__Backlog *backlog = report_backlog_store_take(run(db));
    assert_int_equal(backlog_of(backlog, "events/loyalty"), 2);
    assert_int_equal(backlog_of(backlog, "events/followup"), 6);
    assert_int_equal(backlog_of(backlog, "events/reporting"), 57);
    assert_int_equal(backlog_of(backlog, "promise_steps_due"), 1);
    assert_int_equal(backlog_of(backlog, "follow_ups_due"), 1);
    assert_int_equal(backlog_of(backlog, "orders_in_flight"), 0);
    assert_int_equal(backlog_of(backlog, "answers_waiting"), 0);
    assert_int_equal(backlog->now_us, INT64_C(1795305600) * DURATION_S);
    troth__v1__backlog__free_unpacked(backlog, NULL);
    db_release(db);
    test_sql("UPDATE log.clock SET demo_now = NULL");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_case_shows_promises_history_and_follow_ups, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_customer_shows_references_cases_and_follow_ups, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_case_shows_all_that_was_said_asked_and_expected, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_customer_shows_calls_answers_consents_and_what_was_bought,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_list_that_is_not_whole_says_so, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reference_is_found_by_its_bucket_and_may_be_ambiguous,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_backlog_names_what_waits, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
