/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/event_log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/duration.h"
#include "tests/support/event_reader.h"
#include "tests/support/test_database.h"

static struct event_stage stage;

static int set_up(void **state)
{
    event_stage_open(&stage);
    return 0;
}

static int tear_down(void **state)
{
    event_stage_close(&stage);
    return 0;
}

/* ---- writing */

static void add(struct event_batch *b, int64_t customer, int64_t version)
{
    Troth__V1__Event event = TROTH__V1__EVENT__INIT;
    Troth__V1__CaseOpened opened = TROTH__V1__CASE_OPENED__INIT;
    event.has_customer = true;
    event.customer = customer;
    event.has_version = true;
    event.version = version;
    event.has_recorded_us = true;
    event.recorded_us = INT64_C(1795248902113000);
    event.body_case = TROTH__V1__EVENT__BODY_CASE_OPENED;
    event.case_opened = &opened;
    event_batch_add(b, &event);
}

/* Appends the batch in a transaction of its own; the reply is valid until the next use of db. */
static const struct db_reply *append(struct db *db, struct event_batch *b)
{
    db_begin(db);
    event_log_append(db, "intake", stage.slots, b);
    db_commit(db);
    return db_run_wait(db);
}

/* count events of customers 0, 1, ... with version = their number in all. */
static void write_events(int count)
{
    struct event_batch *b = event_batch_new();
    struct db *db = test_borrow(stage.intake);
    for (int i = 0; i < count; i++) {
        add(b, i % 512, i);
    }
    assert_int_equal(append(db, b)->outcome, DB_OK);
    db_release(db);
    event_batch_free(b);
}

/* ---- tests */

static void numbers_follow_the_order_of_the_batch_in_each_bucket(void **state)
{
    static const struct {
        int64_t customer, seq;
    } cases[] = {
        {300, 1},
        {7,   1},
        {300, 2},
        {44,  3},
        {7,   2},
        {300, 4}
    }; /* 300 and 44 share bucket 44 */
    struct event_batch *b = event_batch_new();
    struct db *db = test_borrow(stage.intake);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        add(b, cases[i].customer, (int64_t)i);
    }
    assert_int_equal(event_batch_count(b), ARRAY_LEN(cases));
    for (int64_t round = 0; round < 2; round++) {
        const struct db_reply *reply = append(db, b);
        assert_int_equal(reply->outcome, DB_OK);
        assert_int_equal(reply->count, 1);
        assert_int_equal(db_row_count(reply->rows[0]), ARRAY_LEN(cases));
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
            int64_t in_bucket = cases[i].customer == 7 ? 2 : 4;
            assert_int_equal(db_get_int(reply->rows[0], i, 0), i + 1);
            assert_int_equal(db_get_int(reply->rows[0], i, 1), cases[i].seq + round * in_bucket);
        }
    }
    assert_int_equal(test_sql_int("SELECT count(*) FROM log.event WHERE stream = 'intake.0' AND"
                                  " bucket = customer_id & 255 AND kind = 'case_opened'"),
                     12);
    event_batch_clear(b);
    assert_int_equal(event_batch_count(b), 0);
    assert_int_equal(append(db, b)->count, 0); /* an empty batch is no statement at all */
    db_release(db);
    event_batch_free(b);
}

struct heard {
    int64_t count;
};

static void on_published(void *ctx, struct bus_socket *s, const struct bus_message *m)
{
    struct heard *h = ctx;
    Troth__V1__Event *e = troth__v1__event__unpack(NULL, m->body.len, m->body.data);
    (void)s;
    assert_non_null(e);
    assert_true(bytes_equal(m->topic, bytes_of_text("case_opened")));
    assert_string_equal(e->stream, "intake.0");
    assert_int_equal(e->bucket, e->customer & 255);
    assert_int_equal(e->body_case, TROTH__V1__EVENT__BODY_CASE_OPENED);
    assert_int_equal(e->seq, e->version + 1);
    h->count++;
    troth__v1__event__free_unpacked(e, NULL);
}

static bool has_heard(void *ctx)
{
    const struct heard *h = ctx;
    return h->count >= 3;
}

/* A subscriber that was not there yet misses some; here the same batch is sent until it is. */
static void published_events_carry_their_position(void **state)
{
    struct err err = ERR_NONE;
    struct bus_keys keys;
    struct principal us = {.id = 1, .name = "us", .rights = RIGHT_EVENTS};
    struct principal_table *principals = principal_table_new();
    assert_int_equal(bus_keys_new(&keys, &err), 0);
    assert_int_equal(bus_key_decode(keys.public_key, us.key, &err), 0);
    principal_table_replace(principals, &us, 1);
    struct bus *bus = bus_new(stage.loop, &keys, principals, &err);
    assert_non_null(bus);
    struct bus_socket *pub = bus_bind_pub(bus, "tcp://127.0.0.1:*", &err);
    assert_non_null(pub);
    struct heard h = {0};
    assert_non_null(
        bus_connect_sub(bus, bus_endpoint(pub), keys.public_key, on_published, &h, &err));

    struct event_batch *b = event_batch_new();
    struct db *db = test_borrow(stage.intake);
    for (int i = 0; i < 3; i++) {
        add(b, 7, i);
    }
    const struct db_reply *reply = append(db, b);
    assert_int_equal(reply->outcome, DB_OK);
    event_log_publish(NULL, b, reply->rows[0]); /* nobody to tell is fine */
    for (int turn = 0; turn < 500 && !has_heard(&h); turn++) {
        event_log_publish(pub, b, reply->rows[0]);
        loop_turn(stage.loop, 20 * DURATION_MS);
    }
    test_wait(stage.loop, has_heard, &h, "all events are heard");
    db_release(db);
    event_batch_free(b);
    bus_free(bus);
    principal_table_free(principals);
}

static void who_has_no_slot_appends_nothing(void **state)
{
    struct event_batch *b = event_batch_new();
    struct db *db = test_borrow(stage.intake);
    add(b, 1, 1);
    test_sql(
        "UPDATE log.lease SET term = term + 1, holder = 'next' WHERE resource = 'stream/intake/0'");
    const struct db_reply *reply = append(db, b);
    assert_int_equal(reply->outcome, DB_RETRY);
    assert_string_equal(reply->sqlstate, "40001");
    lease_set_give_back(stage.slots);
    reply = append(db, b);
    assert_int_equal(reply->outcome, DB_RETRY);
    assert_int_equal(test_sql_int("SELECT count(*) FROM log.head"), 0);
    db_release(db);
    event_batch_free(b);
}

static void events_arrive_once_and_in_order(void **state)
{
    struct event_reader r = {.name = "one"};
    write_events(1000);
    event_reader_open(&r, &stage, stage.lanes, 64);
    event_reader_wait(&stage, &r, 1000);
    write_events(500);
    event_consumer_wake(r.consumer);
    event_reader_wait(&stage, &r, 1500);
    event_stage_assert_applied_once(1500);
    assert_int_equal(r.disorder, 0);
    assert_true(r.batches >= 1500 / 64);
    event_reader_close(&r);

    /* The next process goes on where this one ended. */
    struct event_reader next = {.name = "next"};
    event_reader_open(&next, &stage, stage.lanes, 64);
    write_events(10);
    event_reader_wait(&stage, &next, 10);
    event_stage_assert_applied_once(1510);
    event_reader_close(&next);
}

static void two_processes_share_the_buckets(void **state)
{
    static const struct lease_options options = {.group = "lane/loyalty",
                                                 .count = EVENT_STAGE_LANES,
                                                 .holder = "second",
                                                 .length_us = DURATION_S};
    struct lease_set *others = lease_set_new(stage.loop, stage.loyalty, &options, NULL, NULL);
    struct event_reader a = {.name = "a"};
    struct event_reader b = {.name = "b"};
    event_reader_open(&a, &stage, stage.lanes, 100);
    event_reader_open(&b, &stage, others, 100);
    lease_set_give_back(stage.lanes);
    write_events(1000);
    event_reader_wait(&stage, &b, 1);
    event_reader_wait(&stage, &b, 1000 - a.applied);
    event_stage_assert_applied_once(1000);
    event_reader_close(&a);
    event_reader_close(&b);
    lease_set_free(others);
}

static void an_event_that_cannot_be_read_is_passed_over(void **state)
{
    struct event_reader r = {.name = "one"};
    write_events(600);
    test_sql("UPDATE log.event SET body = '\\xffff' WHERE bucket = 3 AND seq = 1 OR bucket = 9");
    int64_t unreadable = test_sql_int("SELECT count(*) FROM log.event WHERE body = '\\xffff'");
    assert_true(unreadable >= 3);
    event_reader_open(&r, &stage, stage.lanes, 50);
    event_reader_wait(&stage, &r, 600 - unreadable);
    test_wait_sql(stage.loop, 0,
                  "SELECT count(*) FROM log.head AS h LEFT JOIN log.consumer_cursor AS c"
                  " USING (stream, bucket) WHERE h.seq <> coalesce(c.seq, 0)");
    assert_int_equal(r.applied, 600 - unreadable);
    event_reader_close(&r);
}

static void an_event_that_fails_holds_up_its_own_bucket_alone(void **state)
{
    static const struct {
        const char *name;
        enum refusal how;
    } cases[] = {
        {"its data are refused",   REFUSED_BY_DATABASE},
        {"the service refuses it", REFUSED_BY_SERVICE },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        test_sql("TRUNCATE log.head, log.event, log.consumer_cursor, public.applied");
        /* Customer 100 of 512: version 100 is the first of the three in bucket 100. */
        struct event_reader r = {
            .name = cases[i].name, .refuse_version = 100, .refuse_how = cases[i].how};
        write_events(700);
        event_reader_open(&r, &stage, stage.lanes, 128);
        event_reader_wait(&stage, &r, 700 - 3);
        assert_int_equal(test_sql_int("SELECT count(*) FROM public.applied WHERE bucket = 100"), 0);
        r.refuse_version = 0; /* repaired */
        event_reader_wait(&stage, &r, 700);
        event_stage_assert_applied_once(700);
        assert_int_equal(r.disorder, 0);
        event_reader_close(&r);
    }
}

static void sessions_that_die_lose_nothing_and_repeat_nothing(void **state)
{
    struct event_reader r = {.name = "one"};
    event_reader_open(&r, &stage, stage.lanes, 7);
    for (int round = 0; round < 5; round++) {
        write_events(200);
        event_reader_wait(&stage, &r, round * 200 + 20);
        test_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = "
                 "'troth_loyalty'");
    }
    event_reader_wait(&stage, &r, 900); /* a COMMIT whose answer was lost is not counted */
    test_wait_sql(stage.loop, 1000, "SELECT count(*) FROM public.applied");
    event_stage_assert_applied_once(1000);
    event_reader_close(&r);
}

static bool is_looking(void *ctx)
{
    return event_consumer_is_busy(ctx);
}

static bool is_at_rest(void *ctx)
{
    return !event_consumer_is_busy(ctx);
}

/* Held back after a round has looked and before it has read: that round applies nothing. */
static void what_was_read_while_it_is_held_back_is_not_applied(void **state)
{
    struct test_session *session = test_session_open(NULL);
    struct event_reader r = {.name = "one", .is_held = true};
    write_events(20);
    event_reader_open(&r, &stage, stage.lanes, 64);
    test_session_sql(session, "BEGIN");
    test_session_sql(session, "LOCK TABLE log.event IN ACCESS EXCLUSIVE MODE");
    r.is_held = false;
    test_wait(stage.loop, is_looking, r.consumer, "a round has begun");
    test_wait_sql(stage.loop, 1,
                  "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                  " AND usename = 'troth_loyalty' AND datname = current_database()");
    r.is_held = true;
    test_session_sql(session, "ROLLBACK");
    test_wait(stage.loop, is_at_rest, r.consumer, "the round has ended");
    event_consumer_wake(r.consumer);
    loop_turn(stage.loop, 0);
    assert_false(event_consumer_is_busy(r.consumer)); /* and no other has begun */
    assert_int_equal(test_sql_int("SELECT count(*) FROM public.applied"), 0);
    r.is_held = false;
    event_reader_wait(&stage, &r, 20);
    event_stage_assert_applied_once(20);
    event_reader_close(&r);
    test_session_close(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(numbers_follow_the_order_of_the_batch_in_each_bucket,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(published_events_carry_their_position, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_has_no_slot_appends_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(events_arrive_once_and_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(two_processes_share_the_buckets, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_event_that_cannot_be_read_is_passed_over, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_event_that_fails_holds_up_its_own_bucket_alone, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(sessions_that_die_lose_nothing_and_repeat_nothing, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_was_read_while_it_is_held_back_is_not_applied, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
