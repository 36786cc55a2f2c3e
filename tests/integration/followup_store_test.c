/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/followup_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "tests/support/test_database.h"

enum {
    BUCKET = 7
};

#define NOW_US      (500000 * DURATION_H)
#define CUSTOMER    (INT64_C(11) << 8 | BUCKET)
#define CASE_NUMBER (INT64_C(12) << 8 | BUCKET)

static const struct followup_limits limits = {
    .call_after_us = 24 * DURATION_H,
    .window_us = 48 * DURATION_H,
    .retry_after_us = DURATION_H,
    .calls_max = 3,
    .orders_max = 10,
};

static struct loop *loop;
static struct db_pool *pool;

static int set_up(void **state)
{
    loop = loop_new();
    pool = test_pool(loop, "troth_followup", 2, 0);
    test_sql("TRUNCATE followup.follow_up,"
             " intake.customer, intake.service_case, intake.promise");
    test_sql("INSERT INTO intake.customer (bucket, number, version, language, has_phone,"
             " first_seen_at) VALUES (%d, %lld, 1, 'zh-CN', true, now())",
             BUCKET, (long long)CUSTOMER);
    return 0;
}

static int tear_down(void **state)
{
    db_pool_free(pool);
    loop_free(loop);
    return 0;
}

/* Runs what is queued; the reply lives until the next db_ call. */
static const struct db_reply *run(struct db *db)
{
    const struct db_reply *reply = db_run_wait(db);
    if (reply->outcome != DB_OK) {
        fail_msg("%s: %s", reply->err.field, reply->err.text);
    }
    return reply;
}

static enum db_outcome outcome_of(struct db *db)
{
    return db_run_wait(db)->outcome;
}

/* ---- making follow-ups */

static void plan(struct follow_up_list *list, int64_t counter, int32_t reopened_count)
{
    const struct followup_case_change change = {
        .customer = CUSTOMER,
        .service_case = CASE_NUMBER,
        .version = 2,
        .occurred_us = NOW_US - 25 * DURATION_H,
        .reopened_count = reopened_count,
        .branch = "north",
    };
    assert_int_equal(followup_plan_resolved(&limits, &change, reopened_count, NOW_US, list, NULL),
                     0);
    list->items[list->count - 1].number = identifier_make(counter, BUCKET);
}

static void insert_due(size_t count)
{
    struct db *db = test_borrow(pool);
    struct follow_up_list list = {0};
    for (size_t i = 0; i < count; i++) {
        plan(&list, 100 + (int64_t)i, (int32_t)i);
    }
    db_begin(db);
    followup_store_put_insert(db, &list);
    db_commit(db);
    (void)run(db);
    db_release(db);
    follow_up_list_free(&list);
}

static struct followup_due_query due_query(const char *holder, int64_t machine_now_us)
{
    return (struct followup_due_query){
        .now_us = NOW_US,
        .machine_now_us = machine_now_us,
        .holder = holder,
        .has_lines = true,
        .limit = 100,
    };
}

/* Locks what is due inside an open transaction; returns how many and reads them. */
static size_t lock_due(struct db *db, const struct followup_due_query *q, struct followup_due *due,
                       size_t size)
{
    followup_store_put_lock_due(db, q, BUCKET);
    const struct db_reply *reply = run(db);
    size_t count = db_row_count(reply->rows[0]);
    for (size_t i = 0; i < count && i < size; i++) {
        followup_store_get_due(reply->rows[0], i, &due[i]);
    }
    return count;
}

/* Stores one changed follow-up; returns whether the row still was what we had read. */
static bool store_change(struct db *db, const struct follow_up *f,
                         const struct followup_claim_mark *mark)
{
    struct follow_up_list list = {0};
    *follow_up_list_add(&list) = *f;
    assert_int_equal(followup_store_put_changes(db, &list, mark), 1);
    const struct db_reply *reply = run(db);
    follow_up_list_free(&list);
    return db_row_count(reply->rows[0]) == 1;
}

static struct follow_up claim_first(struct db *db, const char *holder, int64_t machine_now_us)
{
    struct followup_due due;
    const struct followup_due_query q = due_query(holder, machine_now_us);
    const struct followup_claim_mark mark = {.holder = holder,
                                             .until_us = machine_now_us + 30 * DURATION_S};
    db_begin(db);
    assert_true(lock_due(db, &q, &due, 1) > 0);
    assert_int_equal(followup_set_state(&due.follow_up, FOLLOW_UP_IS_CLAIMED, NOW_US, NULL, NULL),
                     0);
    assert_true(store_change(db, &due.follow_up, &mark));
    db_commit(db);
    (void)run(db);
    due.follow_up.stored_version = due.follow_up.version;
    return due.follow_up;
}

/* ---- */

static void a_planned_follow_up_reads_back(void **state)
{
    struct db *db = test_borrow(pool);
    struct follow_up_list list = {0};
    struct follow_up f;
    struct db_array cases;
    plan(&list, 100, 0);
    db_begin(db);
    followup_store_put_insert(db, &list);
    db_commit(db);
    (void)run(db);

    db_array_init(&cases, DB_INT8);
    db_array_add_int(&cases, CASE_NUMBER);
    followup_store_put_lock_cases(db, BUCKET, &cases);
    const struct db_reply *reply = run(db);
    assert_int_equal(db_row_count(reply->rows[0]), 1);
    followup_store_get(reply->rows[0], 0, &f);

    assert_int_equal(f.stored_version, 1);
    f.stored_version = 0;
    assert_memory_equal(&f, &list.items[0], sizeof(f));
    db_array_free(&cases);
    follow_up_list_free(&list);
    db_release(db);
}

static void the_same_occurrence_is_refused_by_the_database(void **state)
{
    struct db *db = test_borrow(pool);
    struct follow_up_list list = {0};
    insert_due(1);
    plan(&list, 999, 0);

    db_begin(db);
    followup_store_put_insert(db, &list);
    db_commit(db);

    assert_int_equal(outcome_of(db), DB_CONFLICT);
    follow_up_list_free(&list);
    db_release(db);
}

static void blocks_of_numbers_do_not_overlap(void **state)
{
    struct db *db = test_borrow(pool);
    followup_store_put_number_block(db);
    int64_t first = followup_store_get_number_block(run(db)->rows[0]);
    followup_store_put_number_block(db);
    int64_t second = followup_store_get_number_block(run(db)->rows[0]);

    assert_true(second - first >= FOLLOWUP_NUMBERS_PER_BLOCK);
    db_release(db);
}

static void two_holders_never_claim_the_same(void **state)
{
    insert_due(5);
    struct db *one = test_borrow(pool);
    struct db *two = test_borrow(pool);
    struct followup_due of_one[8];
    struct followup_due of_two[8];
    struct followup_due_query q = due_query("one", 0);

    db_begin(one);
    q.limit = 3;
    assert_int_equal(lock_due(one, &q, of_one, ARRAY_LEN(of_one)), 3);
    q.limit = 100;
    db_begin(two);
    assert_int_equal(lock_due(two, &q, of_two, ARRAY_LEN(of_two)), 2);

    for (size_t i = 0; i < 3; i++) {
        for (size_t k = 0; k < 2; k++) {
            assert_true(of_one[i].follow_up.number != of_two[k].follow_up.number);
        }
    }
    db_rollback(one);
    (void)run(one);
    db_rollback(two);
    (void)run(two);
    db_release(one);
    db_release(two);
}

static void a_claim_stands_until_it_runs_out(void **state)
{
    struct db *db = test_borrow(pool);
    struct followup_due due;
    struct followup_due_query q;
    insert_due(1);
    (void)claim_first(db, "one", 0);

    q = due_query("two", 10 * DURATION_S);
    assert_int_equal(lock_due(db, &q, &due, 1), 1); /* another process: the holder's lane is ours */
    q = due_query("one", 10 * DURATION_S);
    assert_int_equal(lock_due(db, &q, &due, 1), 0); /* in our own hands */
    q = due_query("one", 31 * DURATION_S);
    assert_int_equal(lock_due(db, &q, &due, 1), 1); /* we lost it */
    assert_int_equal(due.follow_up.state, FOLLOW_UP_CLAIMED);
    db_release(db);
}

static void who_lost_a_claim_cannot_order(void **state)
{
    struct db *db = test_borrow(pool);
    insert_due(1);
    struct follow_up old = claim_first(db, "one", 0);
    struct followup_due due;
    struct followup_due_query q = due_query("two", 31 * DURATION_S);
    const struct followup_claim_mark mark = {.holder = "two", .until_us = 90 * DURATION_S};
    assert_int_equal(lock_due(db, &q, &due, 1), 1);
    struct follow_up taken = due.follow_up;
    assert_int_equal(followup_set_state(&taken, FOLLOW_UP_CLAIM_ENDED, NOW_US, NULL, NULL), 0);
    assert_int_equal(followup_set_state(&taken, FOLLOW_UP_IS_CLAIMED, NOW_US, NULL, NULL), 0);
    assert_true(store_change(db, &taken, &mark));

    assert_int_equal(followup_set_state(&old, FOLLOW_UP_IS_ORDERED, NOW_US, NULL, NULL), 0);
    assert_false(store_change(db, &old, NULL));

    taken.stored_version = taken.version;
    assert_int_equal(followup_set_state(&taken, FOLLOW_UP_IS_ORDERED, NOW_US, NULL, NULL), 0);
    assert_true(store_change(db, &taken, NULL));
    db_release(db);
}

static void due_work_carries_what_the_call_depends_on(void **state)
{
    struct db *db = test_borrow(pool);
    struct followup_due due;
    struct followup_due_query q = due_query("one", 0);
    insert_due(1);
    test_sql("UPDATE intake.customer SET refusals = 2");
    test_sql("INSERT INTO intake.service_case (bucket, number, customer_number, version, state,"
             " kind, priority, standard_id, rule, opened_at, last_contact_at, reopened_count,"
             " is_historical)"
             " VALUES (%d, %lld, %lld, 1, 5, 2, 1, 1, '', now(), now(), 3, false)",
             BUCKET, (long long)CASE_NUMBER, (long long)CUSTOMER);
    test_sql("INSERT INTO intake.promise (bucket, number, case_number, customer_number, kind,"
             " state, version, made_at, target_us, next_step, standard_id, is_historical)"
             " SELECT %d, n, %lld, %lld, 'x', n, 1, now(), 1, 0, 1, false"
             " FROM generate_series(1, 6) AS n",
             BUCKET, (long long)CASE_NUMBER, (long long)CUSTOMER);

    assert_int_equal(lock_due(db, &q, &due, 1), 1);

    assert_true(due.circumstances.has_phone);
    assert_true(due.circumstances.has_refused_calls);
    assert_int_equal(due.circumstances.reopened_now, 3);
    assert_string_equal(due.language, "zh-CN");
    assert_int_equal(due.promises_kept, 1);
    assert_int_equal(due.promises_broken, 2); /* kept late is broken */
    db_release(db);
}

static void an_unknown_customer_has_no_phone(void **state)
{
    struct db *db = test_borrow(pool);
    struct followup_due due;
    struct followup_due_query q = due_query("one", 0);
    insert_due(1);
    test_sql("TRUNCATE intake.customer");

    assert_int_equal(lock_due(db, &q, &due, 1), 1);

    assert_false(due.circumstances.has_phone);
    assert_string_equal(due.language, "");
    db_release(db);
}

static void without_lines_only_what_is_too_late_is_due(void **state)
{
    struct db *db = test_borrow(pool);
    struct followup_due due[4];
    struct followup_due_query q = due_query("one", 0);
    insert_due(2);
    test_sql("UPDATE followup.follow_up SET window_end_at = due_at WHERE occurrence = '1'");
    q.has_lines = false;

    assert_int_equal(lock_due(db, &q, due, ARRAY_LEN(due)), 1);

    assert_string_equal(due[0].follow_up.occurrence, "1");
    db_release(db);
}

static void buckets_with_due_work_come_most_urgent_first(void **state)
{
    struct db *db = test_borrow(pool);
    struct db_array buckets;
    struct followup_due_query q = due_query("one", 0);
    insert_due(3);
    test_sql("UPDATE followup.follow_up SET bucket = 9, next_attempt_at = due_at - interval '1 h'"
             " WHERE occurrence = '1'");
    test_sql("UPDATE followup.follow_up SET bucket = 11, next_attempt_at = due_at + interval '9 h'"
             " WHERE occurrence = '2'");
    db_array_init(&buckets, DB_INT2);
    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++) {
        db_array_add_int(&buckets, bucket);
    }

    followup_store_put_due_buckets(db, &q, &buckets);
    const struct db_rows *rows = run(db)->rows[0];

    assert_int_equal(db_row_count(rows), 2);
    assert_int_equal(followup_store_get_due_bucket(rows, 0), 9);
    assert_int_equal(followup_store_get_due_bucket(rows, 1), BUCKET);
    db_array_free(&buckets);
    db_release(db);
}

/* ---- the list for people */

static size_t count_worklist(struct db *db, const enum follow_up_state *states, size_t count,
                             int32_t limit)
{
    struct db_array list;
    db_array_init(&list, DB_INT2);
    for (size_t i = 0; i < count; i++) {
        db_array_add_int(&list, states[i]);
    }
    followup_store_put_worklist(db, &list, limit);
    db_array_free(&list);
    return db_row_count(run(db)->rows[0]);
}

static void the_worklist_has_the_states_that_were_asked_for(void **state)
{
    static const enum follow_up_state open[] = {FOLLOW_UP_PLANNED, FOLLOW_UP_ORDERED};
    static const enum follow_up_state listed[] = {FOLLOW_UP_LISTED};
    struct db *db = test_borrow(pool);
    insert_due(4);

    assert_int_equal(count_worklist(db, NULL, 0, 100), 4);
    assert_int_equal(count_worklist(db, NULL, 0, 2), 2);
    assert_int_equal(count_worklist(db, open, ARRAY_LEN(open), 100), 4);
    assert_int_equal(count_worklist(db, listed, ARRAY_LEN(listed), 100), 0);
    db_release(db);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_planned_follow_up_reads_back),
        CASE(the_same_occurrence_is_refused_by_the_database),
        CASE(blocks_of_numbers_do_not_overlap),
        CASE(two_holders_never_claim_the_same),
        CASE(a_claim_stands_until_it_runs_out),
        CASE(who_lost_a_claim_cannot_order),
        CASE(due_work_carries_what_the_call_depends_on),
        CASE(an_unknown_customer_has_no_phone),
        CASE(without_lines_only_what_is_too_late_is_due),
        CASE(buckets_with_due_work_come_most_urgent_first),
        CASE(the_worklist_has_the_states_that_were_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
