/* SPDX-License-Identifier: Apache-2.0 */
/* Which follow-ups a round sees and locks. */
#include "services/followup/followup_due_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/domain/identifier.h"
#include "tests/support/test_database.h"

enum {
    BUCKET = 7,
    OTHER_BUCKET = 9,
    CALL = 1,
    MAIL = 3,
    ROWS_MAX = 64,
};

#define NOW_US      (500000 * DURATION_H)
#define CUSTOMER    (INT64_C(11) << 8 | BUCKET)
#define FOLLOWER    (INT64_C(12) << 8 | OTHER_BUCKET)
#define LINES(chan) (UINT32_C(1) << (chan))

static struct loop *loop;
static struct db_pool *pool;
static struct followup_low_marks marks;

static int set_up(void **state)
{
    loop = loop_new();
    pool = test_pool(loop, "troth_followup", 2, 0);
    followup_low_marks_clear(&marks);
    test_sql("TRUNCATE followup.follow_up, intake.customer");
    return 0;
}

static int tear_down(void **state)
{
    db_pool_free(pool);
    loop_free(loop);
    return 0;
}

static const struct db_reply *run(struct db *db)
{
    const struct db_reply *reply = db_run_wait(db);
    if (reply->outcome != DB_OK) {
        fail_msg("%s: %s", reply->err.field, reply->err.text);
    }
    return reply;
}

/* ---- what is there */

struct row {
    int64_t counter;
    int64_t customer;
    int priority, channel, state;
    int due_min;    /* from now */
    int window_min; /* from now */
};

static int64_t number_of(const struct row *r)
{
    return identifier_make(r->counter, identifier_bucket(r->customer));
}

static void insert(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct row *r = &rows[i];
        test_sql("INSERT INTO followup.follow_up (bucket, number, version, customer_number,"
                 " case_version, rule, rule_version, trigger, topic, subject, occurrence, purpose,"
                 " priority, channel, state, reason, planned_at, due_at, window_end_at,"
                 " next_attempt_at, attempts, calls, is_historical, settled_at, merged_into,"
                 " claim_holder, claim_until)"
                 " SELECT %d, n, 1, %lld, 0, 'r', 1, 1, 't', n, '0', 1, %d, %d, s, CASE WHEN s > 3"
                 " THEN 'why' ELSE '' END, t, t, t + interval '1 min' * (%d),"
                 " CASE WHEN s < 3 THEN t + interval '1 min' * (%d) END, 0, 0, false,"
                 " CASE WHEN s > 3 THEN t END, CASE WHEN s = 9 THEN n - 256 END,"
                 " CASE WHEN s = 2 THEN 'one' END,"
                 " CASE WHEN s = 2 THEN to_timestamp(0) + interval '30 s' END"
                 " FROM (VALUES (%lld::int8, %d, to_timestamp(%lld))) AS v (n, s, t)",
                 identifier_bucket(r->customer), (long long)r->customer, r->priority, r->channel,
                 r->window_min, r->due_min, (long long)number_of(r), r->state,
                 (long long)(NOW_US / DURATION_S));
    }
}

static struct followup_due_scan usual_scan(void)
{
    return (struct followup_due_scan){
        .now_us = NOW_US,
        .machine_now_us = 10 * DURATION_S,
        .holder = "one",
        .channels = LINES(CALL),
        .limit = ROWS_MAX,
        .sees_claims = true,
        .sees_merged = true,
        .marks = &marks,
    };
}

struct found {
    struct followup_due_row rows[ROWS_MAX];
    size_t count;
    int64_t next_us;
};

static void scan(const struct followup_due_scan *s, struct found *ret)
{
    struct db *db = test_borrow(pool);
    struct db_array buckets;
    db_array_init(&buckets, DB_INT2);
    db_array_add_int(&buckets, BUCKET);
    db_array_add_int(&buckets, OTHER_BUCKET);
    followup_due_store_put_scan(db, s, &buckets);
    const struct db_reply *reply = run(db);
    ret->count = db_row_count(reply->rows[0]);
    assert_true(ret->count <= ROWS_MAX);
    for (size_t i = 0; i < ret->count; i++) {
        followup_due_store_get_row(reply->rows[0], i, &ret->rows[i]);
    }
    ret->next_us = followup_due_store_get_next(reply->rows[1]);
    db_array_free(&buckets);
    db_release(db);
}

static void assert_found(const struct found *f, const int64_t *counters, size_t count)
{
    assert_int_equal(f->count, count);
    for (size_t i = 0; i < f->count && i < count; i++) {
        if (f->rows[i].number >> 8 != counters[i]) {
            fail_msg("row %zu is %lld", i, (long long)(f->rows[i].number >> 8));
        }
    }
}

/* ---- */

static void what_is_due_comes_by_priority_then_by_age(void **state)
{
    static const struct row rows[] = {
        {101, CUSTOMER, 3, CALL, 1, -50, 600},
        {102, FOLLOWER, 1, CALL, 1, -10, 600},
        {103, CUSTOMER, 1, CALL, 1, -20, 600},
        {104, CUSTOMER, 2, CALL, 1, 1,   600}, /* not yet */
        {105, CUSTOMER, 2, MAIL, 1, -9,  600}, /* no line */
        {106, CUSTOMER, 2, CALL, 3, -9,  600}, /* ordered */
    };
    static const int64_t want[] = {103, 102, 101};
    struct followup_due_scan s = usual_scan();
    struct found f;
    insert(rows, ARRAY_LEN(rows));

    scan(&s, &f);
    assert_found(&f, want, ARRAY_LEN(want));
    assert_int_equal(f.next_us, NOW_US + DURATION_MIN);

    s.limit = 2;
    scan(&s, &f);
    assert_found(&f, want, 2);

    s.channels = 0;
    scan(&s, &f);
    assert_int_equal(f.count, 0);
    assert_int_equal(f.next_us, FOLLOW_UP_NEVER);
}

static void a_herd_of_calls_does_not_hide_the_mails(void **state)
{
    static const struct row rows[] = {
        {101, CUSTOMER, 1, CALL, 1, -50, 600},
        {102, CUSTOMER, 1, CALL, 1, -40, 600},
        {103, CUSTOMER, 1, CALL, 1, -30, 600},
        {104, CUSTOMER, 4, MAIL, 1, -20, 600},
    };
    static const int64_t want[] = {101, 102, 104};
    struct followup_due_scan s = usual_scan();
    struct found f;
    insert(rows, ARRAY_LEN(rows));
    s.channels = LINES(CALL) | LINES(MAIL);
    s.limit = 2;

    scan(&s, &f);

    assert_found(&f, want, ARRAY_LEN(want));
}

static void a_window_that_has_passed_needs_no_line(void **state)
{
    static const struct row rows[] = {
        {101, CUSTOMER, 3, MAIL, 1, -50, 0 },
        {102, CUSTOMER, 3, MAIL, 1, -50, 1 },
        {103, CUSTOMER, 3, CALL, 1, 50,  -1}, /* deferred beyond it */
    };
    static const int64_t want[] = {101, 103};
    struct followup_due_scan s = usual_scan();
    struct found f;
    insert(rows, ARRAY_LEN(rows));
    s.channels = 0;

    scan(&s, &f);
    assert_found(&f, want, ARRAY_LEN(want));
    assert_int_equal(f.rows[0].kind, FOLLOWUP_DUE_WINDOW);
}

static void claims_are_seen_when_their_holder_is_gone_or_their_time_is_over(void **state)
{
    static const struct row rows[] = {
        {101, CUSTOMER, 3, CALL, 2, -50, 600}
    };
    struct followup_due_scan s = usual_scan();
    struct found f;
    insert(rows, ARRAY_LEN(rows));

    scan(&s, &f);
    assert_int_equal(f.count, 0);
    s.holder = "two";
    scan(&s, &f);
    assert_int_equal(f.count, 1);
    assert_int_equal(f.rows[0].kind, FOLLOWUP_DUE_CLAIM);
    s.sees_claims = false;
    scan(&s, &f);
    assert_int_equal(f.count, 0);

    s = usual_scan();
    s.machine_now_us = 30 * DURATION_S;
    scan(&s, &f);
    assert_int_equal(f.count, 1);
}

/* The leader of 102 is 101, and so on. */
static void merged_ones_are_seen_when_their_leader_ended_without_a_call(void **state)
{
    for (int leader = 4; leader <= 9; leader++) {
        const struct row rows[] = {
            {101, CUSTOMER, 3, CALL, leader, -50, 600},
            {102, CUSTOMER, 3, CALL, 9,      -50, 600},
        };
        struct followup_due_scan s = usual_scan();
        struct found f;
        test_sql("TRUNCATE followup.follow_up");
        insert(rows, ARRAY_LEN(rows));

        scan(&s, &f);
        bool is_free = leader == FOLLOW_UP_MISSED || leader == FOLLOW_UP_SUPPRESSED;
        assert_int_equal(f.count, is_free ? 1 : 0);
        s.sees_merged = false;
        scan(&s, &f);
        assert_int_equal(f.count, 0);
    }
}

static void another_number_of_the_person_comes_along(void **state)
{
    static const struct row rows[] = {
        {101, CUSTOMER, 3, CALL, 1, -50, 600}
    };
    struct followup_due_scan s = usual_scan();
    struct found f;
    insert(rows, ARRAY_LEN(rows));
    test_sql("INSERT INTO intake.customer (bucket, number, version, first_seen_at, merged_into,"
             " follower_count) VALUES (%d, %lld, 1, now(), NULL, 1), (%d, %lld, 1, now(), %lld, 0)",
             BUCKET, (long long)CUSTOMER, OTHER_BUCKET, (long long)FOLLOWER, (long long)CUSTOMER);

    scan(&s, &f);

    assert_int_equal(f.count, 2);
    assert_true(f.rows[0].customer + f.rows[1].customer == CUSTOMER + FOLLOWER);
    assert_int_equal(f.rows[0].number, f.rows[1].number);
}

static void below_the_low_mark_nothing_is_looked_at(void **state)
{
    static const struct row rows[] = {
        {101, CUSTOMER, 3, CALL, 1, -50, 600},
        {102, CUSTOMER, 3, CALL, 1, -50, 600},
        {103, CUSTOMER, 3, CALL, 1, -40, 600},
        {104, CUSTOMER, 2, CALL, 1, -60, 600}, /* another lane */
    };
    static const int64_t want[] = {104, 102, 103};
    struct followup_due_scan s = usual_scan();
    struct found f;
    insert(rows, ARRAY_LEN(rows));
    marks.lanes[followup_lane_of(CALL, 3)] = (struct followup_low_mark){
        .from_us = NOW_US - 50 * DURATION_MIN, .from_number = number_of(&rows[1])};

    scan(&s, &f);

    assert_found(&f, want, ARRAY_LEN(want));
}

/* ---- locks */

static size_t lock(struct db *db, const struct followup_due_scan *s, int64_t ahead_us,
                   struct follow_up *ret)
{
    struct db_array customers;
    struct db_array merged;
    struct db_array buckets;
    const struct followup_due_lock l = {
        .scan = s, .ahead_us = ahead_us, .merged = &merged, .buckets = &buckets};
    db_array_init(&customers, DB_INT8);
    db_array_init(&merged, DB_INT8);
    db_array_init(&buckets, DB_INT2);
    db_array_add_int(&customers, CUSTOMER);
    db_array_add_int(&customers, FOLLOWER);
    db_array_add_int(&buckets, BUCKET);
    followup_due_store_put_lock(db, &l, &customers);
    const struct db_reply *reply = run(db);
    size_t count = db_row_count(reply->rows[0]);
    for (size_t i = 0; i < count && i < ROWS_MAX; i++) {
        followup_store_get(reply->rows[0], i, &ret[i]);
    }
    db_array_free(&customers);
    db_array_free(&merged);
    db_array_free(&buckets);
    return count;
}

static void what_is_due_soon_for_the_same_customer_is_locked_too(void **state)
{
    static const struct row rows[] = {
        {101, CUSTOMER, 3, CALL, 1, -50, 600},
        {102, CUSTOMER, 1, MAIL, 1, 30,  600},
        {103, CUSTOMER, 1, CALL, 1, 90,  600},
        {104, CUSTOMER, 1, CALL, 3, -9,  600},
    };
    struct followup_due_scan s = usual_scan();
    struct follow_up locked[ROWS_MAX];
    struct db *db = test_borrow(pool);
    insert(rows, ARRAY_LEN(rows));

    assert_int_equal(lock(db, &s, 0, locked), 1);
    assert_int_equal(lock(db, &s, DURATION_H, locked), 2);
    assert_int_equal(locked[0].number, number_of(&rows[1]));
    assert_int_equal(locked[1].number, number_of(&rows[0]));
    db_release(db);
}

static void a_claim_in_the_lane_of_another_stands_until_it_is_over(void **state)
{
    static const struct row rows[] = {
        {101, CUSTOMER, 3, CALL, 2, -50, 600},
        {102, FOLLOWER, 3, CALL, 2, -50, 600}, /* not our lane */
    };
    struct followup_due_scan s = usual_scan();
    struct follow_up locked[ROWS_MAX];
    struct db *db = test_borrow(pool);
    insert(rows, ARRAY_LEN(rows));
    s.holder = "two";

    assert_int_equal(lock(db, &s, 0, locked), 1);
    assert_int_equal(locked[0].number, number_of(&rows[0]));
    s.machine_now_us = 30 * DURATION_S;
    assert_int_equal(lock(db, &s, 0, locked), 2);
    db_release(db);
}

static void two_holders_never_lock_the_same(void **state)
{
    static const struct row rows[] = {
        {101, CUSTOMER, 3, CALL, 1, -50, 600},
        {102, CUSTOMER, 3, CALL, 1, -50, 600},
    };
    struct followup_due_scan s = usual_scan();
    struct follow_up locked[ROWS_MAX];
    struct db *one = test_borrow(pool);
    struct db *two = test_borrow(pool);
    insert(rows, ARRAY_LEN(rows));

    db_begin(one);
    assert_int_equal(lock(one, &s, 0, locked), 2);
    db_begin(two);
    assert_int_equal(lock(two, &s, 0, locked), 0);
    db_rollback(one);
    (void)run(one);
    assert_int_equal(lock(two, &s, 0, locked), 2);
    db_rollback(two);
    (void)run(two);
    db_release(one);
    db_release(two);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_is_due_comes_by_priority_then_by_age),
        CASE(a_herd_of_calls_does_not_hide_the_mails),
        CASE(a_window_that_has_passed_needs_no_line),
        CASE(claims_are_seen_when_their_holder_is_gone_or_their_time_is_over),
        CASE(merged_ones_are_seen_when_their_leader_ended_without_a_call),
        CASE(another_number_of_the_person_comes_along),
        CASE(below_the_low_mark_nothing_is_looked_at),
        CASE(what_is_due_soon_for_the_same_customer_is_locked_too),
        CASE(a_claim_in_the_lane_of_another_stands_until_it_is_over),
        CASE(two_holders_never_lock_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
