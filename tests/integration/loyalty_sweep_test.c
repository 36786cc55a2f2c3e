/* SPDX-License-Identifier: Apache-2.0 */
/* What time alone or a new model changes: exactly those are looked at for whom it can be. */
#include <stdlib.h>

#include "tests/support/loyalty_stub.h"

enum {
    SOME = 300
};

/* A kept promise each; then nobody is due. */
static void make_customers(void)
{
    for (int64_t i = 0; i < SOME; i++) {
        int64_t customer = customer_number(i);
        add_promise(writer, customer, thing_number(customer, i), 2, KEPT);
    }
    event_writer_commit(writer);
    wait_until_all_is_applied();
    test_sql("UPDATE loyalty.customer_score SET next_change_at = now() + interval '1 day'");
    test_sql("CREATE TABLE public.before AS SELECT customer_number, evaluated_at, fit_id"
             " FROM loyalty.customer_score");
}

static void forget_customers(void)
{
    test_sql("DROP TABLE public.before");
}

#define LOOKED_AT                                                                                  \
    "SELECT count(*) FROM loyalty.customer_score AS s JOIN public.before AS b"                     \
    " USING (customer_number) WHERE s.evaluated_at > b.evaluated_at"

static bool is_sweep_idle(void *ctx)
{
    return !loyalty_sweep_is_busy(&loyalty);
}

static void exactly_those_whose_instant_has_come_are_looked_at(void **state)
{
    start_consumer(40); /* several slices */
    make_customers();
    test_sql("UPDATE loyalty.customer_score SET next_change_at = now() - interval '1 s'"
             " WHERE customer_number >> 8 < 1000 + 90");
    test_sql("UPDATE loyalty.customer_score SET next_change_at = NULL"
             " WHERE customer_number >> 8 >= 1000 + 290");
    loyalty_sweep_start(&loyalty);
    test_wait_sql(loop, 90, LOOKED_AT);
    test_wait_sql(loop, 0,
                  "SELECT count(*) FROM loyalty.customer_score WHERE next_change_at <= now()");
    test_wait(loop, is_sweep_idle, NULL, "the sweep is over");
    assert_int_equal(test_sql_int("%s AND s.customer_number >> 8 >= 1000 + 90", LOOKED_AT), 0);
    assert_int_equal(*loyalty.looked_count, 90);
    /* Time alone moves no index by an event, and says nothing of one. */
    assert_int_equal(test_sql_int("SELECT count(*) FROM loyalty.score_history"), SOME);
    stop_consumer();
    forget_customers();
}

static void a_tier_that_time_takes_is_told(void **state)
{
    int64_t customer = customer_number(4);

    start_consumer(40);
    add_promise(writer, customer, thing_number(customer, 4), 2, KEPT);
    event_writer_commit(writer);
    wait_until_all_is_applied();
    /* As if it had been gold: nothing else is left of what made it so. */
    test_sql("UPDATE loyalty.customer_score SET tier = 3, next_change_at = now() - interval '1 s'");
    loyalty_sweep_start(&loyalty);
    test_wait_sql(loop, 1, "SELECT count(*) FROM log.event WHERE kind = 'tier_changed'");
    assert_int_equal(test_sql_int("SELECT count(*) FROM loyalty.standing_history"
                                  " WHERE is_by_time AND (what, before) = (1, 3) AND after < 3"),
                     1);
    assert_int_equal(test_sql_int("SELECT e.version - s.version FROM log.event AS e"
                                  " JOIN loyalty.customer_score AS s"
                                  " ON s.customer_number = e.customer_id"
                                  " WHERE e.kind = 'tier_changed'"),
                     0);
    stop_consumer();
}

static void who_is_asked_to_be_looked_at_is_and_the_request_is_gone(void **state)
{
    start_consumer(40);
    make_customers();
    test_sql("INSERT INTO loyalty.look_request SELECT bucket, customer_number"
             " FROM loyalty.customer_score WHERE customer_number >> 8 < 1000 + 50");
    loyalty_sweep_start(&loyalty);
    test_wait_sql(loop, 50, LOOKED_AT);
    test_wait_sql(loop, 0, "SELECT count(*) FROM loyalty.look_request");
    test_wait(loop, is_sweep_idle, NULL, "the sweep is over");
    assert_int_equal(test_sql_int(LOOKED_AT), 50);
    stop_consumer();
    forget_customers();
}

static void a_new_fit_is_taken_and_all_customers_are_looked_at_with_it(void **state)
{
    start_consumer(40);
    make_customers();
    loyalty_sweep_start(&loyalty);
    test_sql(
        "INSERT INTO loyalty.model_fit (id, model, fitted_at, is_in_force, is_converged,"
        " observations, parameters, holdout) VALUES (1, 'averages', now(), false, true, 1,"
        " '{}', '{}'), (2, 'averages', now(), true, true, 1, '{\"csat\": 4, \"nps_share\": 0.1,"
        " \"ces\": 5, \"gap\": -1, \"experience\": 0.2}', '{}')");
    loyalty_sweep_wake(&loyalty);
    test_wait_sql(loop, SOME,
                  "SELECT count(*) FROM loyalty.customer_score"
                  " WHERE fit_id = (SELECT max(id) FROM loyalty.model_fit)");
    assert_true(loyalty.fits.has_averages);
    assert_true(loyalty.fits.average_csat == 4);
    assert_int_equal(test_sql_int(LOOKED_AT), SOME);
    stop_consumer();
    forget_customers();
}

/* Events arrive all the time, and the sweep has its turns between them; both are right. */
static void sweep_and_events_take_turns(void **state)
{
    start_consumer(8);
    write_promises(writer, writer);
    loyalty_sweep_start(&loyalty);
    test_sql("INSERT INTO loyalty.look_request SELECT customer_id & 255, customer_id"
             " FROM log.event WHERE stream LIKE 'intake.%%' GROUP BY 1, 2");
    loyalty_sweep_wake(&loyalty);
    wait_until_all_is_applied();
    assert_every_promise_counts_once();
    loyalty_sweep_wake(&loyalty);
    test_wait_sql(loop, 0, "SELECT count(*) FROM loyalty.look_request");
    assert_int_equal(test_sql_int("SELECT count(*) FROM loyalty.customer_score"), CUSTOMERS);
    stop_consumer();
}

static bool is_sweep_waiting(void *ctx)
{
    return loyalty_sweep_is_busy(&loyalty);
}

/* It asks in one round trip and they are read in two: still every batch of its is followed by one
 * of theirs, so they do not wait for its end. */
static void a_sweep_that_has_more_keeps_no_events_waiting(void **state)
{
    struct test_session *session = test_session_open(NULL);

    for (int64_t i = 0; i < 40; i++) {
        add_promise(writer, customer_number(i), thing_number(customer_number(i), i), 2, KEPT);
    }
    event_writer_commit(writer);
    for (int64_t i = 0; i < SOME; i++) {
        test_sql("INSERT INTO loyalty.look_request VALUES (%d, %lld)",
                 identifier_bucket(customer_number(i)), (long long)customer_number(i));
    }
    test_session_sql(session, "BEGIN");
    test_session_sql(session, "LOCK TABLE log.event IN ACCESS EXCLUSIVE MODE");
    start_consumer(8);
    test_wait_sql(loop, 1,
                  "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                  " AND usename = 'troth_loyalty' AND datname = current_database()");
    loyalty_sweep_start(&loyalty);
    test_wait(loop, is_sweep_waiting, NULL, "the sweep waits for its turn");
    test_session_sql(session, "ROLLBACK");
    test_wait(loop, is_idle, NULL, "the batch that was being read has ended");
    assert_int_equal(*loyalty.applied_count, 8);
    assert_int_equal(*loyalty.looked_count, 0);
    wait_until_all_is_applied();
    assert_true(test_sql_int("SELECT count(*) FROM loyalty.look_request") > SOME / 2);
    test_wait_sql(loop, 0, "SELECT count(*) FROM loyalty.look_request");
    test_wait(loop, is_sweep_idle, NULL, "the sweep is over");
    stop_consumer();
    test_session_close(session);
}

static void a_sweep_whose_connection_dies_goes_on(void **state)
{
    struct test_session *session = test_session_open(NULL);

    start_consumer(40);
    make_customers();
    test_sql("UPDATE loyalty.customer_score SET next_change_at = now() - interval '1 s'");
    /* It waits for the row and is ended there. */
    test_session_sql(session, "BEGIN");
    test_session_sql(session, "LOCK TABLE loyalty.customer_score IN SHARE MODE");
    loyalty_sweep_start(&loyalty);
    test_wait_sql(loop, 1,
                  "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                  " WHERE wait_event_type = 'Lock' AND usename = 'troth_loyalty'"
                  " AND datname = current_database()");
    test_session_sql(session, "ROLLBACK");
    test_wait(loop, is_sweep_idle, NULL, "the sweep has heard of it");
    while (test_sql_int(LOOKED_AT) < SOME) {
        loyalty_sweep_wake(&loyalty); /* as business time does */
        loop_turn(loop, 10 * DURATION_MS);
    }
    test_wait(loop, is_sweep_idle, NULL, "the sweep is over");
    stop_consumer();
    test_session_close(session);
    forget_customers();
}

/* ---- persons */

static void make_known(int64_t customer)
{
    test_sql("INSERT INTO intake.customer (bucket, number, version, first_seen_at)"
             " VALUES (%d, %lld, 1, now())",
             identifier_bucket(customer), (long long)customer);
}

static void tell_merge(int64_t survivor, int64_t merged, bool is_merged)
{
    Troth__V1__CustomerMerged joined = TROTH__V1__CUSTOMER_MERGED__INIT;
    Troth__V1__CustomerUnmerged parted = TROTH__V1__CUSTOMER_UNMERGED__INIT;
    const int64_t both[] = {survivor, merged};

    test_sql("UPDATE intake.customer SET merged_into = nullif(%lld, 0) WHERE number = %lld",
             is_merged ? (long long)survivor : 0, (long long)merged);
    joined.has_survivor = joined.has_merged = parted.has_survivor = parted.has_merged = true;
    joined.survivor = parted.survivor = survivor;
    joined.merged = parted.merged = merged;
    for (size_t i = 0; i < ARRAY_LEN(both); i++) {
        Troth__V1__Event event = next_event(both[i], 2);
        event.body_case = is_merged ? TROTH__V1__EVENT__BODY_CUSTOMER_MERGED
                                    : TROTH__V1__EVENT__BODY_CUSTOMER_UNMERGED;
        if (is_merged) {
            event.customer_merged = &joined;
        } else {
            event.customer_unmerged = &parted;
        }
        event_writer_add(writer, &event);
    }
    event_writer_commit(writer);
    wait_until_all_is_applied();
}

#define INDEX_OF(customer)                                                                         \
    test_sql_int(                                                                                  \
        "SELECT index_hundredths FROM loyalty.customer_score WHERE customer_number = %lld",        \
        (long long)(customer))

static void what_is_stored_of_a_survivor_is_the_persons(void **state)
{
    int64_t survivor = customer_number(8), merged = customer_number(3);

    make_known(survivor);
    make_known(merged);
    start_consumer(40);
    loyalty_sweep_start(&loyalty);
    add_promise(writer, merged, thing_number(merged, 1), 2, KEPT);
    event_writer_commit(writer);
    wait_until_all_is_applied();
    int64_t own = INDEX_OF(merged);
    assert_true(own > 5000);

    /* It has nothing of its own. */
    tell_merge(survivor, merged, true);
    assert_true(labs(INDEX_OF(survivor) - own) <= 2); /* looked at a day later */

    /* What the other one does moves it, and the sums stay where they are. */
    for (int64_t i = 2; i < 8; i++) {
        add_promise(writer, merged, thing_number(merged, i), 2, BROKEN);
    }
    event_writer_commit(writer);
    wait_until_all_is_applied();
    loyalty_sweep_wake(&loyalty);
    test_wait_sql(loop, 0, "SELECT count(*) FROM loyalty.look_request");
    test_wait(loop, is_sweep_idle, NULL, "the sweep is over");
    assert_true(INDEX_OF(survivor) < 4500);
    assert_true(labs(INDEX_OF(survivor) - INDEX_OF(merged)) <= 2);
    assert_int_equal(test_sql_int("SELECT count(*) FROM loyalty.score_sum"
                                  " WHERE customer_number = %lld",
                                  (long long)survivor),
                     0);
    assert_int_equal(test_sql_int("SELECT count(*) FROM log.event WHERE kind = 'trust_broken'"
                                  " AND customer_id = %lld",
                                  (long long)survivor),
                     1);

    /* Its own events find both, and once it is alone it has its own. */
    add_promise(writer, survivor, thing_number(survivor, 1), 2, KEPT);
    event_writer_commit(writer);
    wait_until_all_is_applied();
    assert_true(INDEX_OF(survivor) > INDEX_OF(merged) && INDEX_OF(survivor) < 5000);
    tell_merge(survivor, merged, false);
    assert_true(INDEX_OF(survivor) > 5000);
    stop_consumer();
}

/* What the other one did while the merge was under way may have come too late for the survivor's
 * look: its own event of the merge asks for another. */
static void a_merge_asks_for_a_look_at_the_survivor(void **state)
{
    int64_t survivor = customer_number(8), merged = customer_number(3);

    make_known(survivor);
    make_known(merged);
    start_consumer(40);
    add_promise(writer, merged, thing_number(merged, 1), 2, KEPT);
    event_writer_commit(writer);
    wait_until_all_is_applied();
    tell_merge(survivor, merged, true);
    assert_int_equal(test_sql_int("SELECT count(*) FROM loyalty.look_request"
                                  " WHERE customer_number = %lld",
                                  (long long)survivor),
                     1);
    stop_consumer();
}

#define WAITING                                                                                    \
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"                         \
    " AND usename = 'troth_loyalty' AND datname = current_database()"

/* Another process that takes the request must wait for us, else it looks at the old sums. */
static void a_request_that_is_there_is_kept_until_what_it_asks_for_can_be_seen(void **state)
{
    int64_t survivor = customer_number(8), merged = customer_number(3);
    struct test_session *session = test_session_open(NULL);

    make_known(survivor);
    make_known(merged);
    start_consumer(40);
    tell_merge(survivor, merged, true);
    test_sql("INSERT INTO loyalty.look_request VALUES (%d, %lld)", identifier_bucket(survivor),
             (long long)survivor);
    /* The batch has done everything but to move its cursors. */
    test_session_sql(session, "BEGIN");
    test_session_sql(session, "LOCK TABLE log.consumer_cursor IN EXCLUSIVE MODE");
    add_promise(writer, merged, thing_number(merged, 1), 2, KEPT);
    event_writer_commit(writer);
    test_wait_sql(loop, 1, WAITING);
    assert_int_equal(test_sql_int("SELECT count(*) FROM (SELECT FROM loyalty.look_request"
                                  " FOR UPDATE SKIP LOCKED) AS r"),
                     0);
    test_session_sql(session, "ROLLBACK");
    wait_until_all_is_applied();
    assert_int_equal(test_sql_int("SELECT count(*) FROM loyalty.look_request"), 1);
    stop_consumer();
    test_session_close(session);
}

static void
a_request_that_another_process_renews_is_fulfilled_with_what_it_has_written(void **state)
{
    int64_t survivor = customer_number(8), merged = customer_number(3);
    struct test_session *session = test_session_open(NULL);

    make_known(survivor);
    make_known(merged);
    start_consumer(40);
    add_promise(writer, merged, thing_number(merged, 1), 2, KEPT);
    event_writer_commit(writer);
    wait_until_all_is_applied();
    tell_merge(survivor, merged, true);
    int64_t before = INDEX_OF(survivor);
    test_session_sql(session, "BEGIN");
    test_session_sql(session,
                     "UPDATE loyalty.score_sum SET value = -value WHERE measure = 1"
                     " AND customer_number = %lld",
                     (long long)merged);
    test_session_sql(session, "UPDATE loyalty.look_request SET bucket = bucket");
    loyalty_sweep_start(&loyalty);
    test_wait_sql(loop, 1, WAITING);
    test_session_sql(session, "COMMIT");
    test_wait_sql(loop, 0, "SELECT count(*) FROM loyalty.look_request");
    test_wait(loop, is_sweep_idle, NULL, "the sweep is over");
    assert_true(INDEX_OF(survivor) < before);
    stop_consumer();
    test_session_close(session);
}

/* ---- one who fails, one connection */

static void one_customer_whose_look_fails_does_not_hold_up_the_others(void **state)
{
    start_consumer(40);
    make_customers();
    int64_t fault = test_sql_int("SELECT min(customer_number) FROM loyalty.customer_score");
    test_sql("CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
             " RAISE check_violation; END $$");
    test_sql("CREATE TRIGGER refuse BEFORE UPDATE ON loyalty.customer_score FOR EACH ROW"
             " WHEN (NEW.customer_number = %lld AND NEW.evaluated_at > OLD.evaluated_at)"
             " EXECUTE FUNCTION public.refuse()",
             (long long)fault);
    test_sql("UPDATE loyalty.customer_score SET next_change_at = now() - CASE customer_number"
             " WHEN %lld THEN interval '1 d' ELSE interval '1 s' END",
             (long long)fault);
    loyalty_sweep_start(&loyalty);
    test_wait_sql(loop, SOME - 1, LOOKED_AT);
    test_wait(loop, is_sweep_idle, NULL, "the sweep is over");
    stop_consumer();
    test_sql("DROP TRIGGER refuse ON loyalty.customer_score");
    test_sql("DROP FUNCTION public.refuse");
    forget_customers();
}

/* A slice is one limit for all reasons to be looked at. */
static void a_slice_has_no_more_customers_than_a_batch_has_events(void **state)
{
    start_consumer(40);
    make_customers();
    test_sql("INSERT INTO loyalty.look_request SELECT bucket, customer_number"
             " FROM loyalty.customer_score");
    test_sql("UPDATE loyalty.customer_score SET next_change_at = now() - interval '1 s',"
             " fit_id = 7");
    loyalty_sweep_start(&loyalty);
    for (int64_t seen = 0; test_sql_int(LOOKED_AT) < SOME; loop_turn(loop, DURATION_MS)) {
        int64_t count = *loyalty.looked_count;
        assert_in_range(count - seen, 0, 40);
        seen = count;
    }
    stop_consumer();
    forget_customers();
}

/* As db_connections = 1 allows. */
static void sweep_and_events_get_along_with_one_connection(void **state)
{
    start_consumer_with(8, 1);
    write_promises(writer, writer);
    loyalty_sweep_start(&loyalty);
    test_sql("INSERT INTO loyalty.look_request SELECT customer_id & 255, customer_id"
             " FROM log.event WHERE stream LIKE 'intake.%%' GROUP BY 1, 2");
    loyalty_sweep_wake(&loyalty);
    wait_until_all_is_applied();
    assert_every_promise_counts_once();
    test_wait_sql(loop, 0, "SELECT count(*) FROM loyalty.look_request");
    stop_consumer();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(exactly_those_whose_instant_has_come_are_looked_at),
        TEST(a_tier_that_time_takes_is_told),
        TEST(who_is_asked_to_be_looked_at_is_and_the_request_is_gone),
        TEST(a_new_fit_is_taken_and_all_customers_are_looked_at_with_it),
        TEST(sweep_and_events_take_turns),
        TEST(a_sweep_that_has_more_keeps_no_events_waiting),
        TEST(a_sweep_whose_connection_dies_goes_on),
        TEST(what_is_stored_of_a_survivor_is_the_persons),
        TEST(a_merge_asks_for_a_look_at_the_survivor),
        TEST(a_request_that_is_there_is_kept_until_what_it_asks_for_can_be_seen),
        TEST(a_request_that_another_process_renews_is_fulfilled_with_what_it_has_written),
        TEST(one_customer_whose_look_fails_does_not_hold_up_the_others),
        TEST(a_slice_has_no_more_customers_than_a_batch_has_events),
        TEST(sweep_and_events_get_along_with_one_connection),
    };

    log_set_level(LOG_ERROR); /* what fails here is meant to */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
