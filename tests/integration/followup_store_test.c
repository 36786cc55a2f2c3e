/* SPDX-License-Identifier: Apache-2.0 */
/* Rows in and out, who may change them, and the last look before an order is written. */
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
#include "common/domain/rulebook.h"
#include "tests/support/test_database.h"

enum {
    BUCKET = 7,
    CALL = 1,
    MAIL = 3,
};

#define NOW_US      (500000 * DURATION_H)
#define CUSTOMER    (INT64_C(11) << 8 | BUCKET)
#define CASE_NUMBER (INT64_C(12) << 8 | BUCKET)
#define PROMISE     (INT64_C(13) << 8 | BUCKET)

static struct loop *loop;
static struct db_pool *pool;

static int set_up(void **state)
{
    loop = loop_new();
    pool = test_pool(loop, "troth_followup", 2, 0);
    test_sql("TRUNCATE followup.follow_up, followup.follow_up_attempt, intake.customer,"
             " intake.service_case, intake.promise");
    test_sql("INSERT INTO intake.customer (bucket, number, version, language, has_phone,"
             " first_seen_at) VALUES (%d, %lld, 1, 'zh-CN', true, now())",
             BUCKET, (long long)CUSTOMER);
    test_sql("INSERT INTO intake.service_case (bucket, number, customer_number, version, state,"
             " kind, priority, standard_id, rule, opened_at, last_contact_at, reopened_count,"
             " is_historical)"
             " VALUES (%d, %lld, %lld, 1, 5, 2, 1, 1, '', now(), now(), 0, false)",
             BUCKET, (long long)CASE_NUMBER, (long long)CUSTOMER);
    test_sql("INSERT INTO intake.promise (bucket, number, case_number, customer_number, kind,"
             " state, version, made_at, target_us, next_step, standard_id, is_historical)"
             " VALUES (%d, %lld, %lld, %lld, 'x', 2, 1, now(), 1, 0, 1, false)",
             BUCKET, (long long)PROMISE, (long long)CASE_NUMBER, (long long)CUSTOMER);
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

/* ---- making follow-ups */

static void plan(struct follow_up_list *list, int64_t counter, const char *occurrence)
{
    struct follow_up *f = follow_up_list_add(list);
    f->number = identifier_make(counter, BUCKET);
    f->version = 1;
    f->customer = CUSTOMER;
    f->service_case = CASE_NUMBER;
    f->case_version = 2;
    f->rule_version = 1;
    f->trigger = FOLLOW_UP_ON_CASE_RESOLVED;
    f->purpose = 2;
    f->priority = 3;
    f->channel = CALL;
    f->subject = CASE_NUMBER;
    f->state = FOLLOW_UP_PLANNED;
    f->planned_us = NOW_US - DURATION_H;
    f->due_us = f->next_attempt_us = NOW_US;
    f->window_end_us = NOW_US + 48 * DURATION_H;
    (void)text_copy(f->rule, sizeof(f->rule), "after_resolution");
    (void)text_copy(f->topic, sizeof(f->topic), "case_resolved");
    (void)text_copy(f->occurrence, sizeof(f->occurrence), occurrence);
    (void)text_copy(f->branch, sizeof(f->branch), "north");
}

static void store(const struct follow_up_list *list)
{
    struct db *db = test_borrow(pool);
    db_begin(db);
    followup_store_put_insert(db, list);
    db_commit(db);
    (void)run(db);
    db_release(db);
}

/* Of one stored follow-up; the caller says what it is about before. */
static struct follow_up store_one(const struct follow_up *f)
{
    struct follow_up_list list = {0};
    struct follow_up stored = *f;
    *follow_up_list_add(&list) = *f;
    store(&list);
    follow_up_list_free(&list);
    stored.stored_version = stored.version;
    return stored;
}

static struct follow_up usual(int64_t counter, const char *occurrence)
{
    struct follow_up_list list = {0};
    plan(&list, counter, occurrence);
    struct follow_up f = list.items[0];
    follow_up_list_free(&list);
    return f;
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

static struct follow_up claim(struct db *db, const struct follow_up *stored, const char *holder)
{
    struct follow_up f = *stored;
    const struct followup_claim_mark mark = {.holder = holder, .until_us = 30 * DURATION_S};
    if (f.state == FOLLOW_UP_CLAIMED) {
        assert_int_equal(followup_set_state(&f, FOLLOW_UP_CLAIM_ENDED, NOW_US, NULL, NULL), 0);
    }
    assert_int_equal(followup_set_state(&f, FOLLOW_UP_IS_CLAIMED, NOW_US, NULL, NULL), 0);
    assert_true(store_change(db, &f, &mark));
    f.stored_version = f.version;
    return f;
}

static bool order(struct db *db, const struct follow_up *claimed)
{
    struct follow_up f = *claimed;
    assert_int_equal(followup_set_state(&f, FOLLOW_UP_IS_ORDERED, NOW_US, NULL, NULL), 0);
    return store_change(db, &f, NULL);
}

/* ---- */

static void a_planned_follow_up_reads_back(void **state)
{
    struct db *db = test_borrow(pool);
    struct follow_up_list list = {0};
    struct follow_up f;
    struct db_array states;
    plan(&list, 100, "0");
    store(&list);

    db_array_init(&states, DB_INT2);
    followup_store_put_worklist(db, &states, 10);
    const struct db_reply *reply = run(db);
    assert_int_equal(db_row_count(reply->rows[0]), 1);
    followup_store_get(reply->rows[0], 0, &f);

    assert_int_equal(f.stored_version, 1);
    f.stored_version = 0;
    assert_memory_equal(&f, &list.items[0], sizeof(f));
    db_array_free(&states);
    follow_up_list_free(&list);
    db_release(db);
}

static void the_same_occurrence_is_refused_by_the_database(void **state)
{
    struct db *db = test_borrow(pool);
    struct follow_up_list list = {0};
    plan(&list, 100, "0");
    store(&list);
    follow_up_list_clear(&list);
    plan(&list, 999, "0");

    db_begin(db);
    followup_store_put_insert(db, &list);
    db_commit(db);

    assert_int_equal(db_run_wait(db)->outcome, DB_CONFLICT);
    follow_up_list_free(&list);
    db_release(db);
}

static void blocks_of_numbers_do_not_overlap(void **state)
{
    struct db *db = test_borrow(pool);
    followup_store_put_number_blocks(db, 2);
    const struct db_reply *reply = run(db);
    assert_int_equal(db_row_count(reply->rows[0]), 2);
    int64_t first = followup_store_get_number_block(reply->rows[0], 0);
    int64_t second = followup_store_get_number_block(reply->rows[0], 1);

    assert_true(second - first >= FOLLOWUP_NUMBERS_PER_BLOCK);
    db_release(db);
}

static void who_lost_a_claim_cannot_order(void **state)
{
    struct db *db = test_borrow(pool);
    struct follow_up f = usual(100, "0");
    struct follow_up stored = store_one(&f);
    struct follow_up old = claim(db, &stored, "one");
    struct follow_up taken = claim(db, &old, "two");

    assert_false(order(db, &old));
    assert_true(order(db, &taken));
    db_release(db);
}

/* ---- the last look */

static void what_has_changed_since_the_claim_is_not_ordered(void **state)
{
    static const struct {
        const char *name, *sql;
        int trigger;
        const char *occurrence;
        int32_t channel;
        bool is_ordered;
    } rows[] = {
        {"nothing",                    "SELECT 1",                                                          FOLLOW_UP_ON_CASE_RESOLVED,   "0",      CALL, true },
        {"do not call",                "UPDATE intake.customer SET do_not_call = true",                     FOLLOW_UP_ON_CASE_RESOLVED,
         "0",                                                                                                                                       CALL, false},
        {"do not call, by mail",       "UPDATE intake.customer SET do_not_call = true",
         FOLLOW_UP_ON_CASE_RESOLVED,                                                                                                      "0",      MAIL, true },
        {"the purpose is refused",     "UPDATE intake.customer SET refusals = 1 << 2",
         FOLLOW_UP_ON_CASE_RESOLVED,                                                                                                      "0",      CALL, false},
        {"another purpose is refused", "UPDATE intake.customer SET refusals = 1 << 3",
         FOLLOW_UP_ON_CASE_RESOLVED,                                                                                                      "0",      CALL, true },
        {"refused on this channel",    "UPDATE intake.customer SET refusals = 1 << 10",
         FOLLOW_UP_ON_CASE_RESOLVED,                                                                                                      "0",      CALL, false},
        {"refused on another channel", "UPDATE intake.customer SET refusals = 1 << 10",
         FOLLOW_UP_ON_CASE_RESOLVED,                                                                                                      "0",      MAIL, true },
        {"erased",                     "UPDATE intake.customer SET wrapped_key = NULL, key_generation = 1",
         FOLLOW_UP_ON_CASE_RESOLVED,                                                                                                      "0",      CALL, false},
        {"reopened",                   "UPDATE intake.service_case SET reopened_count = 1",
         FOLLOW_UP_ON_CASE_RESOLVED,                                                                                                      "0",      CALL, false},
        {"still at risk",              "SELECT 1",                                                          FOLLOW_UP_ON_PROMISE_AT_RISK, "1",      CALL, true },
        {"kept",                       "UPDATE intake.promise SET state = 3",                               FOLLOW_UP_ON_PROMISE_AT_RISK, "1",      CALL,
         false                                                                                                                                                 },
        {"still broken",               "UPDATE intake.promise SET state = 5",                               FOLLOW_UP_ON_PROMISE_BROKEN,
         "broken",                                                                                                                                  CALL, true },
        {"withdrawn",                  "UPDATE intake.promise SET state = 6",                               FOLLOW_UP_ON_PROMISE_BROKEN,  "broken",
         CALL,                                                                                                                                            false},
        {"taken back",                 "UPDATE intake.promise SET state = 5, is_void = true",
         FOLLOW_UP_ON_PROMISE_BROKEN,                                                                                                     "broken", CALL, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        (void)tear_down(state);
        (void)set_up(state);
        struct db *db = test_borrow(pool);
        struct follow_up f = usual(100, rows[i].occurrence);
        f.trigger = rows[i].trigger;
        f.channel = rows[i].channel;
        f.subject = f.trigger == FOLLOW_UP_ON_CASE_RESOLVED ? CASE_NUMBER : PROMISE;
        struct follow_up stored = store_one(&f);
        struct follow_up claimed = claim(db, &stored, "one");
        test_sql("%s", rows[i].sql);

        if (order(db, &claimed) != rows[i].is_ordered) {
            fail_msg("%s", rows[i].name);
        }
        db_release(db);
    }
}

static void an_order_that_stands_is_noted_on_whatever_has_changed(void **state)
{
    struct db *db = test_borrow(pool);
    struct follow_up f = usual(100, "0");
    struct follow_up stored = store_one(&f);
    struct follow_up ordered = claim(db, &stored, "one");
    assert_int_equal(followup_set_state(&ordered, FOLLOW_UP_IS_ORDERED, NOW_US, NULL, NULL), 0);
    assert_true(store_change(db, &ordered, NULL));
    ordered.stored_version = ordered.version++;
    ordered.called_back_us = NOW_US;
    test_sql("UPDATE intake.customer SET do_not_call = true");

    assert_true(store_change(db, &ordered, NULL));
    db_release(db);
}

static void one_person_is_not_ordered_twice_at_once(void **state)
{
    struct db *db = test_borrow(pool);
    struct follow_up a = usual(100, "0");
    struct follow_up b = usual(101, "0");
    b.subject++;
    struct follow_up stored_a = store_one(&a);
    struct follow_up stored_b = store_one(&b);
    struct follow_up first = claim(db, &stored_a, "one");
    struct follow_up second = claim(db, &stored_b, "two");

    assert_true(order(db, &first));
    assert_false(order(db, &second));
    db_release(db);
}

static void give_to_a_person(int64_t follow_up, int64_t customer)
{
    test_sql("INSERT INTO followup.follow_up_attempt (bucket, follow_up_number, attempt, order_key,"
             " customer_number, channel, dialer, journal, state, ordered_at, start_by)"
             " VALUES (%lld & 255, %lld, 1, 'k', %lld, 4, 'person/ann', 'worklist', 1, now(),"
             " now())",
             (long long)follow_up, (long long)follow_up, (long long)customer);
}

static void who_is_in_a_persons_hand_is_not_ordered_of_a_machine(void **state)
{
    static const struct {
        const char *name;
        int64_t follow_up, customer;
        bool is_merged, is_ordered;
    } rows[] = {
        {"another person's",         101 << 8 | 9,      (12 << 8) | 9, false, true },
        {"the customer's",           101 << 8 | BUCKET, CUSTOMER,      false, false},
        {"the same by a merge",      101 << 8 | 9,      (12 << 8) | 9, true,  false},
        {"this very conversation's", 100 << 8 | BUCKET, CUSTOMER,      false, true },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        (void)tear_down(state);
        (void)set_up(state);
        struct db *db = test_borrow(pool);
        struct follow_up f = usual(100, "0");
        struct follow_up stored = store_one(&f);
        struct follow_up claimed = claim(db, &stored, "one");
        if (rows[i].is_merged) {
            test_sql("UPDATE intake.customer SET follower_count = 1");
            test_sql("INSERT INTO intake.customer (bucket, number, version, first_seen_at,"
                     " merged_into) VALUES (9, %lld, 1, now(), %lld)",
                     (long long)rows[i].customer, (long long)CUSTOMER);
        }
        give_to_a_person(rows[i].follow_up, rows[i].customer);

        if (order(db, &claimed) != rows[i].is_ordered) {
            fail_msg("%s", rows[i].name);
        }
        db_release(db);
    }
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
    struct follow_up_list list = {0};
    plan(&list, 100, "0");
    plan(&list, 101, "1");
    plan(&list, 102, "2");
    plan(&list, 103, "3");
    store(&list);

    assert_int_equal(count_worklist(db, NULL, 0, 100), 4);
    assert_int_equal(count_worklist(db, NULL, 0, 2), 2);
    assert_int_equal(count_worklist(db, open, ARRAY_LEN(open), 100), 4);
    assert_int_equal(count_worklist(db, listed, ARRAY_LEN(listed), 100), 0);
    follow_up_list_free(&list);
    db_release(db);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_planned_follow_up_reads_back),
        CASE(the_same_occurrence_is_refused_by_the_database),
        CASE(blocks_of_numbers_do_not_overlap),
        CASE(who_lost_a_claim_cannot_order),
        CASE(what_has_changed_since_the_claim_is_not_ordered),
        CASE(an_order_that_stands_is_noted_on_whatever_has_changed),
        CASE(one_person_is_not_ordered_twice_at_once),
        CASE(who_is_in_a_persons_hand_is_not_ordered_of_a_machine),
        CASE(the_worklist_has_the_states_that_were_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
