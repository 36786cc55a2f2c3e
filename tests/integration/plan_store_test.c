/* SPDX-License-Identifier: Apache-2.0 */
/* What the planner reads, and that two rounds do not plan the same day. */
#include "services/followup/plan_store.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/domain/identifier.h"
#include "services/followup/plan_device.h"
#include "services/followup/plan_round_store.h"
#include "tests/support/test_database.h"

enum {
    BUCKET = 7,
    OTHER_BUCKET = 9,
    AT_RISK = 2,
    WITHDRAWN = 6,
    GIVEN_ANEW = 8,
    TODAY = 20000, /* day */
};

#define IN(counter, bucket) ((int64_t)(counter) << 8 | (bucket))
#define CASE                IN(50, BUCKET)
#define CUSTOMER            IN(11, BUCKET)
#define FOLLOWER            IN(12, OTHER_BUCKET)
#define STRANGER            IN(13, OTHER_BUCKET)

static struct loop *loop;
static struct db_pool *pool;

static int set_up(void **state)
{
    loop = loop_new();
    pool = test_pool(loop, "troth_followup", 2, 0);
    test_sql("TRUNCATE followup.follow_up, followup.plan_round, intake.customer, intake.promise,"
             " intake.compensation, intake.device_signal");
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

/* ---- promises */

static void insert_promise(int counter, int promise_state, int due_h, int replaces)
{
    test_sql(
        "INSERT INTO intake.promise (bucket, number, case_number, customer_number, kind, state,"
        " version, made_at, target_us, due_at, next_step, standard_id, replaces, is_historical)"
        " VALUES (%d, %lld, %lld, %lld, 'custom', %d, 1, to_timestamp(0), 1,"
        " to_timestamp(%d * 3600), 0, 0, nullif(%lld, %d), false)",
        BUCKET, (long long)IN(counter, BUCKET), (long long)CASE, (long long)CUSTOMER, promise_state,
        due_h, (long long)IN(replaces, BUCKET), BUCKET);
}

static void a_promise_that_was_given_anew_twice_has_the_state_and_date_of_the_last(void **state)
{
    static const struct {
        int64_t counter, replaces, due_h;
        int32_t promise_state, last_state;
    } wants[] = {
        {1, 0, 30, GIVEN_ANEW, WITHDRAWN},
        {2, 1, 30, GIVEN_ANEW, WITHDRAWN},
        {3, 2, 30, WITHDRAWN,  WITHDRAWN},
    };
    struct db *db = test_borrow(pool);
    struct plan_keys keys;
    insert_promise(1, GIVEN_ANEW, 10, 0);
    insert_promise(2, GIVEN_ANEW, 20, 1);
    insert_promise(3, WITHDRAWN, 30, 2);
    insert_promise(4, AT_RISK, 40, 0); /* was not asked for */
    plan_keys_init(&keys);
    plan_keys_add(&keys, IN(3, BUCKET));

    plan_store_put_promises(db, &keys);
    const struct db_reply *reply = run(db);

    assert_int_equal(db_row_count(reply->rows[0]), ARRAY_LEN(wants));
    for (size_t i = 0; i < ARRAY_LEN(wants); i++) {
        struct plan_promise_row row;
        plan_store_get_promise(reply->rows[0], i, &row);
        const size_t n = (size_t)(row.number >> 8) - 1;
        assert_int_equal(row.replaces >> 8, wants[n].replaces);
        assert_int_equal(row.state, wants[n].promise_state);
        assert_int_equal(row.last_state, wants[n].last_state);
        assert_int_equal(row.due_us, wants[n].due_h * DURATION_H);
    }
    plan_keys_free(&keys);
    db_release(db);
}

/* ---- the same person */

static void insert_customer(int64_t number, int64_t merged_into, int followers)
{
    test_sql("INSERT INTO intake.customer (bucket, number, version, first_seen_at, merged_into,"
             " follower_count) VALUES (%d, %lld, 1, to_timestamp(0), nullif(%lld, 0), %d)",
             identifier_bucket(number), (long long)number, (long long)merged_into, followers);
}

static void insert_follow_up(int64_t counter, int64_t customer, int follow_up_state)
{
    int64_t number = identifier_make(counter, identifier_bucket(customer));
    test_sql(
        "INSERT INTO followup.follow_up (bucket, number, version, customer_number, case_version,"
        " rule, rule_version, trigger, topic, subject, occurrence, purpose, priority, channel,"
        " state, reason, planned_at, due_at, window_end_at, next_attempt_at, attempts, calls,"
        " is_historical, settled_at) SELECT %d, %lld, 1, %lld, 0, 'r', 1, 1, 't', %lld, '0', 1,"
        " 3, 1, %d, CASE WHEN %d > 3 THEN 'why' ELSE '' END, t, t, t,"
        " CASE WHEN %d < 3 THEN t END, 0, 0, false, CASE WHEN %d > 3 THEN t END"
        " FROM to_timestamp(0) AS t",
        identifier_bucket(customer), (long long)number, (long long)customer, (long long)number,
        follow_up_state, follow_up_state, follow_up_state, follow_up_state);
}

static void who_speaks_is_found_under_the_other_numbers_too(void **state)
{
    static const int64_t speakers[] = {CUSTOMER, FOLLOWER};
    insert_customer(CUSTOMER, 0, 1);
    insert_customer(FOLLOWER, CUSTOMER, 0);
    insert_customer(STRANGER, 0, 0);
    insert_follow_up(101, CUSTOMER, FOLLOW_UP_PLANNED);
    insert_follow_up(102, FOLLOWER, FOLLOW_UP_PLANNED);
    insert_follow_up(103, FOLLOWER, FOLLOW_UP_DONE);
    insert_follow_up(104, STRANGER, FOLLOW_UP_PLANNED);
    for (size_t i = 0; i < ARRAY_LEN(speakers); i++) {
        struct db *db = test_borrow(pool);
        struct plan_keys keys;
        plan_keys_init(&keys);
        plan_keys_add(&keys, speakers[i]);
        plan_keys_add(&keys, STRANGER);
        plan_store_put_rows_of_groups(db, &keys);
        const struct db_reply *reply = run(db);
        assert_int_equal(db_row_count(reply->rows[0]), 1);
        assert_int_equal(plan_store_get_asked(reply->rows[0], 0), speakers[i]);
        assert_int_equal(plan_store_get_customer_of(reply->rows[0], 0), speakers[1 - i]);
        plan_keys_free(&keys);
        db_release(db);
    }
}

/* ---- devices */

static void insert_signals(int64_t first, int count, const char *device, const char *rest)
{
    test_sql("INSERT INTO intake.device_signal (bucket, number, customer_number, device, source_id,"
             " received_at, occurred_at, fault_code, mileage_km, usage, usage_unit)"
             " SELECT %d, ((%lld + i) << 8) | %d, %lld, '%s'::bytea, 1,"
             " to_timestamp(0) + i * interval '1 min', %s FROM generate_series(0, %d) AS i",
             BUCKET, (long long)first, BUCKET, (long long)CUSTOMER, device, rest, count - 1);
}

static void a_fault_that_goes_on_is_told_once(void **state)
{
    static const char at_day[] = "to_timestamp(0) + (ARRAY[0, 20, 45, 80])[i + 1] * interval '1 d',"
                                 " '%s', NULL, NULL, NULL";
    struct db *db = test_borrow(pool);
    struct plan_keys keys;
    char rest[256];
    plan_keys_init(&keys);
    (void)snprintf(rest, sizeof(rest), at_day, "P0420");
    insert_signals(1000, 4, "van", rest);
    insert_signals(2000, 1, "bus", rest); /* another device */
    (void)snprintf(rest, sizeof(rest), at_day, "P0300");
    insert_signals(3000, 1, "van", rest); /* another fault */
    for (int64_t i = 1000; i <= 3000; i += i < 1003 ? 1 : i == 1003 ? 997 : 1000) {
        plan_keys_add(&keys, IN(i, BUCKET));
    }

    plan_store_put_repeats(db, &keys);
    const struct db_reply *reply = run(db);

    assert_int_equal(db_row_count(reply->rows[0]), 2); /* after 20 days, and 25 days after that */
    for (size_t i = 0; i < 2; i++) {
        int64_t counter = plan_store_get_void(reply->rows[0], i) >> 8;
        assert_true(counter == 1001 || counter == 1002);
    }
    plan_keys_free(&keys);
    db_release(db);
}

static const struct bytes van = {.data = (const uint8_t *)"van", .len = 3};
static const struct bytes bus = {.data = (const uint8_t *)"bus", .len = 3};

/* 3 months of one reading an hour fill neither the memory nor the place of the other device. */
static void a_device_that_talks_much_is_read_by_the_week_before_its_newest_readings(void **state)
{
    struct db *db = test_borrow(pool);
    struct plan_devices devices;
    size_t of_van = 0;
    int64_t first_us = INT64_MAX;
    insert_signals(10000, 2160, "van",
                   "to_timestamp(0) + i * interval '1 h', NULL, 1000 + i, NULL, NULL");
    insert_signals(20000, 3, "bus", "to_timestamp(0) + i * interval '9 d', NULL, NULL, i, 'h'");
    plan_devices_init(&devices);
    plan_devices_add(&devices, CUSTOMER, plan_device_number(van, CUSTOMER), van);
    plan_devices_add(&devices, CUSTOMER, plan_device_number(van, CUSTOMER), van);
    plan_devices_add(&devices, CUSTOMER, plan_device_number(bus, CUSTOMER), bus);

    plan_store_put_readings(db, &devices);
    const struct db_reply *reply = run(db);

    for (size_t i = 0; i < db_row_count(reply->rows[0]); i++) {
        struct plan_reading_row row;
        plan_store_get_reading(reply->rows[0], i, &row);
        if (memcmp(row.device.data, van.data, van.len) != 0) {
            assert_true(isnan(row.km) && row.usage >= 0);
            assert_string_equal(row.usage_unit, "h");
            continue;
        }
        of_van++;
        first_us = row.at_us < first_us ? row.at_us : first_us;
    }
    assert_int_equal(db_row_count(reply->rows[0]) - of_van, 3);
    assert_int_equal(of_van, 500 + 10); /* 1,660 hours before them are 9.9 weeks */
    assert_true(first_us < 7 * DURATION_DAY);
    plan_devices_free(&devices);
    db_release(db);
}

/* ---- rounds */

static void put_topics(struct db *db, int32_t rule_version, int64_t today)
{
    struct db_array buckets;
    struct db_array topics;
    struct db_array aheads;
    db_array_init(&buckets, DB_INT2);
    db_array_init(&topics, DB_TEXT);
    db_array_init(&aheads, DB_INT2);
    db_array_add_int(&buckets, BUCKET);
    db_array_add_text(&topics, "birthday");
    db_array_add_int(&aheads, 2);
    plan_round_store_put_topics(db, &buckets, &topics, &aheads, today, rule_version);
    plan_round_store_put_behind(db, &buckets, today);
    db_array_free(&buckets);
    db_array_free(&topics);
    db_array_free(&aheads);
}

static bool advance(const struct plan_round_place *place, int64_t after)
{
    struct db *db = test_borrow(pool);
    plan_round_store_put_advance(db, "birthday", place, 1, after);
    bool is_ok = db_run_wait(db)->outcome == DB_OK;
    db_release(db);
    return is_ok;
}

static struct plan_round_place behind(int32_t rule_version, int64_t today)
{
    struct db *db = test_borrow(pool);
    struct plan_round_place place = {.bucket = -1};
    put_topics(db, rule_version, today);
    const struct db_reply *reply = run(db);
    if (db_row_count(reply->rows[2]) > 0) {
        assert_string_equal(plan_round_store_get_behind(reply->rows[2], 0, &place), "birthday");
    }
    db_release(db);
    return place;
}

static void of_two_rounds_at_one_place_only_one_goes_on(void **state)
{
    struct plan_round_place place = behind(1, TODAY);
    assert_int_equal(place.planned_until, TODAY - 1); /* today is to be planned */
    assert_true(advance(&place, 0));
    assert_false(advance(&place, 0));
    place = behind(1, TODAY);
    assert_int_equal(place.planned_until, TODAY);
    assert_true(advance(&place, CUSTOMER)); /* a part of the day */
    place = behind(1, TODAY);
    assert_int_equal(place.planned_until, TODAY);
    assert_int_equal(place.after, CUSTOMER);
    assert_false(advance(&(struct plan_round_place){.bucket = BUCKET, .planned_until = TODAY}, 0));
}

static void other_rules_plan_the_days_that_are_not_over_again(void **state)
{
    struct plan_round_place place = behind(1, TODAY);
    for (int day = 0; day < 3; day++) {
        assert_int_equal(place.planned_until, TODAY - 1 + day);
        assert_true(advance(&place, 0));
        place = behind(1, TODAY);
    }
    assert_int_equal(place.bucket, -1); /* nothing is behind */
    place = behind(2, TODAY);
    assert_int_equal(place.planned_until, TODAY - 1);
    assert_int_equal(behind(2, TODAY + 40).planned_until, TODAY - 1); /* a downtime is caught up */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_promise_that_was_given_anew_twice_has_the_state_and_date_of_the_last),
        TEST(who_speaks_is_found_under_the_other_numbers_too),
        TEST(a_fault_that_goes_on_is_told_once),
        TEST(a_device_that_talks_much_is_read_by_the_week_before_its_newest_readings),
        TEST(of_two_rounds_at_one_place_only_one_goes_on),
        TEST(other_rules_plan_the_days_that_are_not_over_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
