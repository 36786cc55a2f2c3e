/* SPDX-License-Identifier: Apache-2.0 */
/* What a conversation covers as the database tells it, and what it leaves behind there. */
#include "services/followup/agenda_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "services/followup/answer_batch.h"
#include "services/followup/answer_rhythm_store.h"
#include "services/followup/rhythm_store.h"
#include "services/followup/servqual_round.h"
#include "tests/support/test_database.h"

enum {
    BUCKET = 7,
};

/* Numbers with the bucket in their low byte. */
#define N(counter) (INT64_C(counter) << 8 | BUCKET)
#define CUSTOMER   N(11)
#define NOW_US     (500000 * DURATION_H)

static struct loop *loop;
static struct db_pool *pool;
static struct db *db;

static int set_up(void **state)
{
    (void)state;
    loop = loop_new();
    pool = test_pool(loop, "troth_followup", 2, 0);
    db = test_borrow(pool);
    test_sql("TRUNCATE followup.follow_up, followup.customer_rhythm, followup.record_outbox,"
             " intake.service_case, intake.promise, intake.improvement");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    db_release(db);
    db_pool_free(pool);
    loop_free(loop);
    return 0;
}

static const struct db_reply *run(void)
{
    const struct db_reply *reply = db_run_wait(db);
    if (reply->outcome != DB_OK) {
        fail_msg("%s: %s", reply->err.field, reply->err.text);
    }
    return reply;
}

/* ---- what is there */

struct row {
    int64_t number, service_case, subject, merged_into;
    int trigger, priority;
};

static void insert_follow_up(const struct row *r)
{
    test_sql(
        "INSERT INTO followup.follow_up (bucket, number, version, customer_number,"
        " case_number, case_version, rule, rule_version, trigger, topic, subject, occurrence,"
        " purpose, priority, channel, branch, state, reason, planned_at, due_at,"
        " window_end_at, attempts, calls, is_historical, settled_at, merged_into)"
        " SELECT n & 255, n, 1, %lld | (n & 255), nullif(%lld, 0), 0, 'rule_' || n, 1, %d, 't',"
        " %lld, n::text,"
        " 2, %d, 1, 'north', CASE WHEN m > 0 THEN 9 ELSE 3 END,"
        " CASE WHEN m > 0 THEN 'agenda' ELSE '' END, t, t, t + interval '1 day', 1, 0, false,"
        " CASE WHEN m > 0 THEN t END, nullif(m, 0)"
        " FROM (VALUES (%lld::int8, %lld::int8, to_timestamp(0))) AS v (n, m, t)",
        (long long)(CUSTOMER - BUCKET), (long long)r->service_case, r->trigger,
        (long long)r->subject, r->priority, (long long)r->number, (long long)r->merged_into);
}

static void insert_promise(int64_t number, int64_t service_case, const char *kind, int state)
{
    test_sql("INSERT INTO intake.promise (bucket, number, case_number, customer_number, kind,"
             " state, version, made_at, target_us, next_step, standard_id, is_historical)"
             " VALUES (%d, %lld, %lld, %lld, '%s', %d, 1, to_timestamp(0), 1, 0, 1, false)",
             BUCKET, (long long)number, (long long)service_case, (long long)CUSTOMER, kind, state);
}

/* Rows of the agendas of these two leaders. */
static const struct db_rows *ask(int64_t one, int64_t two)
{
    struct db_array leaders;
    db_array_init(&leaders, DB_INT8);
    db_array_add_int(&leaders, one);
    db_array_add_int(&leaders, two);
    agenda_store_put(db, &leaders);
    db_array_free(&leaders);
    return run()->rows[0];
}

/* ---- reading */

static void the_leader_comes_first_then_the_most_urgent(void **state)
{
    const struct row rows[] = {
        {.number = N(1),       .service_case = N(51), .trigger = 1,              .priority = 3},
        {.number = N(2),                    .trigger = 7,                            .priority = 4,                      .merged_into = N(1)},
        {.number = N(3), .subject = N(91),                      .trigger = 3,             .priority = 1, .merged_into = N(1)},
        {.number = N(4),        .trigger = 7,.priority = 1,.merged_into = N(9)},
        {.number = N(5),       .trigger = 7,         .priority = 1                          },
    };
    struct agenda a;
    size_t count;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        insert_follow_up(&rows[i]);
    }
    insert_promise(N(91), N(52), "callback", 5);
    test_sql("INSERT INTO followup.customer_rhythm (bucket, customer_number, servqual_asked)"
             " VALUES (%d, %lld, 34)",
             BUCKET, (long long)CUSTOMER);

    const struct db_rows *found = ask(N(1), N(5));

    assert_int_equal(agenda_store_get(found, 0, &a, &count), N(1));
    assert_int_equal(count, 3);
    assert_int_equal(a.count, 3);
    assert_int_equal(a.servqual_asked, 34);
    assert_int_equal(a.reasons[0].follow_up, N(1));
    assert_int_equal(a.reasons[0].service_case, N(51));
    assert_string_equal(a.reasons[0].branch, "north");
    assert_int_equal(a.reasons[0].promise, 0);
    assert_int_equal(a.reasons[1].follow_up, N(3));
    assert_int_equal(a.reasons[1].promise, N(91));
    assert_string_equal(a.reasons[1].promise_kind, "callback");
    assert_int_equal(a.reasons[2].follow_up, N(2));
    assert_int_equal(agenda_store_get(found, count, &a, &count), N(5));
    assert_int_equal(a.count, 1);
}

static void what_another_customer_of_the_same_person_brought_in_is_covered_too(void **state)
{
    struct agenda a;
    (void)state;
    insert_follow_up(&(struct row){.number = N(1), .trigger = 1, .priority = 1});
    insert_follow_up(
        &(struct row){.number = N(2) + 1, .trigger = 3, .priority = 2, .merged_into = N(1)});
    assert_true(agenda_store_find(ask(N(1), N(99)), N(1), &a));
    assert_int_equal(a.count, 2);
    assert_int_equal(a.reasons[1].follow_up, N(2) + 1);
    assert_int_equal(a.reasons[1].customer, CUSTOMER + 1);
}

static void an_improvement_is_told_in_the_words_of_the_company(void **state)
{
    struct agenda a;
    (void)state;
    insert_follow_up(&(struct row){.number = N(1), .trigger = 11, .priority = 1});
    test_sql("INSERT INTO intake.improvement (number, source_id, improvement_ref, reported_from,"
             " words, occurred_at, received_at)"
             " VALUES (%lld, 1, 'pads', to_timestamp(0), 'The pads are quiet.', to_timestamp(0),"
             " to_timestamp(0))",
             (long long)N(1));
    assert_true(agenda_store_find(ask(N(1), N(99)), N(1), &a));
    assert_string_equal(a.reasons[0].better, "The pads are quiet.");
}

static void more_reasons_than_are_talked_about_are_passed_over(void **state)
{
    struct agenda a;
    size_t count;
    (void)state;
    insert_follow_up(&(struct row){.number = N(1), .trigger = 7, .priority = 1});
    for (int64_t i = 2; i < 14; i++) {
        insert_follow_up(&(struct row){
            .number = i << 8 | BUCKET, .trigger = 7, .priority = 1, .merged_into = N(1)});
    }
    const struct db_rows *found = ask(N(1), N(99));
    assert_int_equal(agenda_store_get(found, 0, &a, &count), N(1));
    assert_int_equal(count, 13);
    assert_int_equal(a.count, AGENDA_REASONS_MAX);
}

static void the_word_is_about_the_newest_resolution_that_has_ended(void **state)
{
    static const struct {
        int first, second; /* states; 0: there is none */
        int64_t want;      /* counter of the promise; 0: none */
    } cases[] = {
        {0, 0, 0 },
        {1, 0, 0 },
        {2, 0, 0 },
        {3, 0, 91},
        {4, 0, 91},
        {5, 0, 91},
        {6, 0, 0 },
        {7, 0, 0 },
        {8, 0, 0 },
        {9, 0, 0 },
        {3, 3, 92},
        {5, 1, 91},
    };
    struct agenda a;
    size_t count;
    (void)state;
    insert_follow_up(
        &(struct row){.number = N(1), .service_case = N(51), .trigger = 1, .priority = 3});
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        test_sql("TRUNCATE intake.promise");
        insert_promise(N(90), N(51), "first_response", 3);
        if (cases[i].first) {
            insert_promise(N(91), N(51), "resolution", cases[i].first);
        }
        if (cases[i].second) {
            insert_promise(N(92), N(51), "resolution", cases[i].second);
        }
        (void)agenda_store_get(ask(N(1), N(99)), 0, &a, &count);
        assert_int_equal(a.reasons[0].resolution, cases[i].want ? cases[i].want << 8 | BUCKET : 0);
    }
}

/* ---- what is left behind */

static int32_t conversations;

/* In one batch, each in a conversation of its own. */
static void tell_all(const int32_t *refusals, const int32_t *purposes, size_t count)
{
    struct bus_keys keys;
    struct seal_box box;
    struct err err = ERR_NONE;
    assert_int_equal(bus_keys_new(&keys, &err), 0);
    assert_int_equal(seal_box_init(&box, &keys, 1, &err), 0);
    struct answer_batch *batch = answer_batch_new(&box);
    for (size_t i = 0; i < count; i++) {
        struct agenda agenda = {.count = 1};
        const struct call_told told = {.refusal = refusals[i]};
        const struct answer_call call = {
            .agenda = &agenda, .attempt = ++conversations, .ended_us = NOW_US};
        agenda.reasons[0] =
            (struct agenda_reason){.follow_up = N(1), .customer = CUSTOMER, .purpose = purposes[i]};
        answer_batch_add(batch, &call, &told);
    }
    db_begin(db);
    answer_batch_put(batch, db, NOW_US);
    db_commit(db);
    (void)run();
    answer_batch_free(batch);
}

static void tell(int32_t refusal, int32_t purpose)
{
    tell_all(&refusal, &purpose, 1);
}

/* As the event of an answer does, whichever way it came. */
static void answer_items(uint32_t items)
{
    struct rhythm_list list = {.count = 0};
    const struct rhythm_beat beat = {
        .customer = CUSTOMER,
        .contact_us = DB_NO_TIME,
        .purchase_us = DB_NO_TIME,
        .refusal_us = DB_NO_TIME,
        .servqual = items,
    };
    rhythm_list_add(&list, &beat);
    rhythm_store_put(db, &list);
    (void)run();
    rhythm_list_free(&list);
}

static int64_t told(const char *column)
{
    return test_sql_int("SELECT %s::int FROM followup.customer_rhythm_public", column);
}

static void a_refusal_counts_until_intake_has_it(void **state)
{
    (void)state;
    tell(TROTH__V1__DIAL_REFUSAL__DIAL_REFUSAL_THIS_TIME, 2);
    assert_int_equal(told("last_refusal_at IS NOT NULL"), 1);
    assert_int_equal(told("told_do_not_call"), 0);
    assert_int_equal(told("told_refusals"), 0);

    tell(TROTH__V1__DIAL_REFUSAL__DIAL_REFUSAL_THIS_PURPOSE, 2);
    assert_int_equal(told("told_refusals"), 1 << 2);
    tell(TROTH__V1__DIAL_REFUSAL__DIAL_REFUSAL_THIS_TIME, 2);
    assert_int_equal(told("told_refusals"), 1 << 2);

    tell(TROTH__V1__DIAL_REFUSAL__DIAL_REFUSAL_EVERYTHING, 2);
    assert_int_equal(told("told_do_not_call"), 1);
    tell(TROTH__V1__DIAL_REFUSAL__DIAL_REFUSAL_THIS_PURPOSE, 3);
    assert_int_equal(told("told_do_not_call"), 1);

    test_sql("UPDATE followup.record_outbox SET state = 3, code = 'no', settled_at = now()");
    assert_int_equal(told("told_do_not_call"), 1); /* the customer said so, whatever intake says */
    test_sql("UPDATE followup.record_outbox SET state = 2, code = '', record = NULL");
    assert_int_equal(told("told_do_not_call"), 0);
}

static void take(const char *which)
{
    test_sql("UPDATE followup.record_outbox SET state = 2, code = '', record = NULL,"
             " settled_at = now() WHERE key LIKE '%s'",
             which);
}

static void a_later_refusal_leaves_an_earlier_one_in_force(void **state)
{
    static const int32_t both[] = {TROTH__V1__DIAL_REFUSAL__DIAL_REFUSAL_THIS_PURPOSE,
                                   TROTH__V1__DIAL_REFUSAL__DIAL_REFUSAL_THIS_PURPOSE};
    static const int32_t purposes[] = {3, 4};
    (void)state;
    conversations = 0;
    tell(TROTH__V1__DIAL_REFUSAL__DIAL_REFUSAL_THIS_PURPOSE, 2);
    test_sql("UPDATE followup.record_outbox SET state = 3, code = 'no', settled_at = now()");
    tell_all(both, purposes, ARRAY_LEN(both)); /* before intake has any of them */
    assert_int_equal(told("told_refusals"), 1 << 2 | 1 << 3 | 1 << 4);

    take("%/3/customer-consent");
    assert_int_equal(told("told_refusals"), 1 << 2 | 1 << 3);
    tell(TROTH__V1__DIAL_REFUSAL__DIAL_REFUSAL_EVERYTHING, 5);
    assert_int_equal(told("told_do_not_call"), 1);
    assert_int_equal(told("told_refusals"), 1 << 2 | 1 << 3);
    take("%/4/customer-consent");
    assert_int_equal(told("told_do_not_call"), 0);
    assert_int_equal(told("told_refusals"), 1 << 2 | 1 << 3);
    take("%");
    assert_int_equal(told("told_refusals"), 0);
}

static void what_is_written_by_the_version_before_counts_as_well(void **state)
{
    (void)state;
    tell(TROTH__V1__DIAL_REFUSAL__DIAL_REFUSAL_THIS_PURPOSE, 2);
    test_sql("INSERT INTO followup.record_outbox (bucket, key, follow_up_number, record, state,"
             " code, added_at) VALUES (%d, 'k', %lld, 'x', 1, '', now())",
             (int)(CUSTOMER & 255), (long long)N(1));
    test_sql("UPDATE followup.customer_rhythm SET refusal_key = 'k', refusal_purpose = 6");
    assert_int_equal(told("told_refusals"), 1 << 2 | 1 << 6);
    test_sql("UPDATE followup.customer_rhythm SET refusal_purpose = 0");
    assert_int_equal(told("told_do_not_call"), 1);
}

static void items_are_marked_until_all_were_answered(void **state)
{
    (void)state;
    answer_items(1 << 5);
    answer_items(1 << 9 | 1 << 5);
    assert_int_equal(told("servqual_asked"), 1 << 5 | 1 << 9);
    answer_items(0);
    assert_int_equal(told("servqual_asked"), 1 << 5 | 1 << 9);
    answer_items(SERVQUAL_ROUND_ALL & ~(1 << 7));
    assert_int_equal(told("servqual_asked"), SERVQUAL_ROUND_ALL & ~(1 << 7));
    answer_items(1 << 7);
    assert_int_equal(told("servqual_asked"), 0); /* the next round begins */
    answer_items(1 << 7);
    assert_int_equal(told("servqual_asked"), 1 << 7);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_leader_comes_first_then_the_most_urgent),
        CASE(what_another_customer_of_the_same_person_brought_in_is_covered_too),
        CASE(an_improvement_is_told_in_the_words_of_the_company),
        CASE(more_reasons_than_are_talked_about_are_passed_over),
        CASE(the_word_is_about_the_newest_resolution_that_has_ended),
        CASE(a_refusal_counts_until_intake_has_it),
        CASE(a_later_refusal_leaves_an_earlier_one_in_force),
        CASE(what_is_written_by_the_version_before_counts_as_well),
        CASE(items_are_marked_until_all_were_answered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
