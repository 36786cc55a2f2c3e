/* SPDX-License-Identifier: Apache-2.0 */
/* Heads that are kept in memory: the log stays free of gaps whatever they are mistaken about. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/duration.h"
#include "common/runtime/event_log.h"
#include "tests/support/event_reader.h"
#include "tests/support/test_database.h"

static struct event_stage stage;
static struct event_heads *heads; /* those of the process under test */
static struct event_batch *batch;
static struct db *db;

static int set_up(void **state)
{
    event_stage_open(&stage);
    heads = event_heads_new("intake", stage.slots);
    batch = event_batch_new();
    db = test_borrow(stage.intake);
    return 0;
}

static int tear_down(void **state)
{
    db_release(db);
    event_batch_free(batch);
    event_heads_free(heads);
    event_stage_close(&stage);
    return 0;
}

static void add(int64_t customer)
{
    Troth__V1__Event event = TROTH__V1__EVENT__INIT;
    Troth__V1__CaseOpened opened = TROTH__V1__CASE_OPENED__INIT;
    event.has_customer = true;
    event.customer = customer;
    event.has_recorded_us = true;
    event.recorded_us = INT64_C(1795248902113000);
    event.body_case = TROTH__V1__EVENT__BODY_CASE_OPENED;
    event.case_opened = &opened;
    event_batch_add(batch, &event);
}

static void fill(const int64_t *customers, size_t count)
{
    event_batch_clear(batch);
    for (size_t i = 0; i < count; i++) {
        add(customers[i]);
    }
}

/* Two of bucket 7 and one of bucket 3, in this order: 7, 3, 7. */
static void fill_three(void)
{
    static const int64_t customers[] = {7, 3, 263};
    fill(customers, ARRAY_LEN(customers));
}

static void read_heads(struct event_heads *h)
{
    db_begin(db);
    if (event_heads_ask(h, db)) {
        const struct db_reply *reply = db_run_wait(db);
        assert_int_equal(reply->outcome, DB_OK);
        event_heads_load(h, reply->rows[0]);
    }
}

/* Ends the transaction that read_heads() began. */
static const struct db_reply *write_events(struct event_heads *h)
{
    event_log_append_at(db, h, batch);
    db_commit(db);
    return db_run_wait(db);
}

static const struct db_reply *append(struct event_heads *h)
{
    read_heads(h);
    const struct db_reply *reply = write_events(h);
    if (reply->outcome == DB_OK) {
        event_heads_keep(h, batch);
    }
    return reply;
}

static void assert_refused(const struct db_reply *reply)
{
    assert_int_equal(reply->outcome, DB_RETRY);
    assert_string_equal(reply->sqlstate, "40001");
}

/* The log has so many events, none of them missing, and the heads agree. */
static void assert_whole(int64_t count)
{
    assert_int_equal(test_sql_int("SELECT count(*) FROM log.event"), count);
    assert_int_equal(
        test_sql_int("SELECT count(*) FROM log.head AS h LEFT JOIN (SELECT stream, bucket,"
                     " count(*) AS n, max(seq) AS last FROM log.event GROUP BY 1, 2) AS e"
                     " USING (stream, bucket) WHERE (h.seq, h.seq) <> (coalesce(e.n, 0),"
                     " coalesce(e.last, 0))"),
        0);
}

/* ---- tests */

static void events_are_numbered_in_their_order_without_an_answer(void **state)
{
    for (int64_t round = 1; round <= 3; round++) {
        fill_three();
        const struct db_reply *reply = append(heads);
        assert_int_equal(reply->outcome, DB_OK);
        assert_int_equal(reply->count, 0);
        assert_whole(3 * round);
    }
    assert_int_equal(test_sql_int("SELECT seq FROM log.event WHERE customer_id = 263 ORDER BY seq"
                                  " LIMIT 1"),
                     2);
    assert_int_equal(test_sql_int("SELECT count(*) FROM log.head"), 256);
    event_batch_clear(batch);
    assert_int_equal(append(heads)->outcome, DB_OK); /* nothing is no statement at all */
    assert_whole(9);
}

static void heads_are_asked_for_once_in_each_term(void **state)
{
    db_begin(db);
    assert_true(event_heads_ask(heads, db));
    const struct db_reply *reply = db_run_wait(db);
    assert_int_equal(db_row_count(reply->rows[0]), 256);
    event_heads_load(heads, reply->rows[0]);
    assert_false(event_heads_ask(heads, db));
    event_heads_forget(heads);
    assert_true(event_heads_ask(heads, db));
    db_rollback(db);
    (void)db_run_wait(db);
}

static void who_counts_in_the_database_and_who_counts_in_memory_agree(void **state)
{
    fill_three();
    assert_int_equal(append(heads)->outcome, DB_OK);
    db_begin(db);
    event_log_append(db, "intake", stage.slots, batch);
    db_commit(db);
    assert_int_equal(db_run_wait(db)->outcome, DB_OK);
    assert_whole(6);
    assert_refused(append(heads));
    event_heads_forget(heads);
    assert_int_equal(append(heads)->outcome, DB_OK);
    assert_whole(9);
}

static void a_head_that_moved_is_noticed_and_nothing_is_written(void **state)
{
    struct event_heads *other = event_heads_new("intake", stage.slots);
    fill_three();
    assert_int_equal(append(heads)->outcome, DB_OK);
    assert_int_equal(append(other)->outcome, DB_OK);
    assert_refused(append(heads));
    assert_whole(6);
    /* The buckets that did not move can still be written. */
    fill((const int64_t[]){44}, 1);
    assert_int_equal(append(heads)->outcome, DB_OK);
    assert_whole(7);
    event_heads_forget(heads);
    fill_three();
    assert_int_equal(append(heads)->outcome, DB_OK);
    assert_whole(10);
    event_heads_free(other);
}

static void a_transaction_that_failed_leaves_no_gap(void **state)
{
    static const struct db_query fails = {"test_fails", "SELECT 1 / 0", DB_ROWS};
    fill_three();
    assert_int_equal(append(heads)->outcome, DB_OK);
    read_heads(heads);
    event_log_append_at(db, heads, batch);
    db_query(db, &fails, NULL);
    db_commit(db);
    assert_int_equal(db_run_wait(db)->outcome, DB_DATA);
    event_heads_forget(heads);
    assert_int_equal(append(heads)->outcome, DB_OK);
    assert_whole(6);
}

/* COMMIT took effect and its answer was lost: the same events come again under new numbers, and
 * whoever writes them has looked for the receipts first. */
static void after_a_commit_that_is_unknown_the_heads_are_read_again(void **state)
{
    fill_three();
    read_heads(heads);
    assert_int_equal(write_events(heads)->outcome, DB_OK); /* but nobody heard of it */
    read_heads(heads);
    assert_refused(write_events(heads)); /* who does not forget writes nothing */
    event_heads_forget(heads);
    assert_int_equal(append(heads)->outcome, DB_OK);
    assert_whole(6);
}

static void who_lost_the_slot_writes_nothing(void **state)
{
    fill_three();
    assert_int_equal(append(heads)->outcome, DB_OK);
    read_heads(heads);
    test_sql("UPDATE log.lease SET term = term + 1, holder = 'next'"
             " WHERE resource = 'stream/intake/0'");
    assert_refused(write_events(heads));
    event_heads_forget(heads);
    db_begin(db);
    assert_true(event_heads_ask(heads, db));
    assert_refused(db_run_wait(db));
    assert_whole(3);
}

static void note_reply(void *ctx, struct db *d, const struct db_reply *reply)
{
    (void)d;
    *(enum db_outcome *)ctx = reply->outcome;
}

static bool is_answered(void *ctx)
{
    return *(const enum db_outcome *)ctx != 0;
}

/* The old holder was paused between its last statement and COMMIT; the new one has read the heads
 * from before. Whoever ends second finds that they have moved. */
static void two_holders_of_one_slot_never_mix(void **state)
{
    static const struct {
        const char *end;
        enum db_outcome outcome;
        int64_t count;
    } cases[] = {
        {"COMMIT",   DB_RETRY, 2},
        {"ROLLBACK", DB_OK,    3},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        enum db_outcome outcome = (enum db_outcome)0; /* no answer yet */
        struct test_session *old = test_session_open("troth_intake");
        test_sql("TRUNCATE log.head, log.event");
        event_heads_forget(heads);
        read_heads(heads);
        db_commit(db);
        (void)db_run_wait(db);

        test_session_sql(old, "BEGIN");
        test_session_sql(
            old,
            "SELECT log.append_at('intake.0', %lld, '{7}', '{0}', '{2}', '{7,7}', '{1,2}', '{1,1}',"
            " '{a,b}', '{2026-03-01,2026-03-01}', '{A,B}')",
            (long long)lease_term(stage.slots, 0));
        fill_three();
        db_begin(db);
        event_log_append_at(db, heads, batch);
        db_commit(db);
        db_run(db, note_reply, &outcome);
        test_wait_sql(stage.loop, 1,
                      "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
        test_session_sql(old, "%s", cases[i].end);
        test_wait(stage.loop, is_answered, &outcome, "the second one is answered");
        assert_int_equal(outcome, cases[i].outcome);
        assert_whole(cases[i].count);
        test_session_close(old);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(events_are_numbered_in_their_order_without_an_answer,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(heads_are_asked_for_once_in_each_term, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_counts_in_the_database_and_who_counts_in_memory_agree,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_head_that_moved_is_noticed_and_nothing_is_written, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_transaction_that_failed_leaves_no_gap, set_up, tear_down),
        cmocka_unit_test_setup_teardown(after_a_commit_that_is_unknown_the_heads_are_read_again,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_lost_the_slot_writes_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(two_holders_of_one_slot_never_mix, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
