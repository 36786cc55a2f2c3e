/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events take effect once: replayed, in other batches, with commits that fail and connections that
 * die in the middle; and never on sums that were made in another way.
 */
#include "tests/support/loyalty_stub.h"

static void replaying_all_events_gives_the_same_numbers(void **state)
{
    int64_t before[5], after[5];
    struct event_writer *other = event_writer_new(loop, "intake", "other");

    write_promises(writer, other);
    start_consumer(97);
    wait_until_all_is_applied();
    assert_every_promise_counts_once();
#define PRINT_ALL(ret)                                                                             \
    do {                                                                                           \
        (ret)[0] =                                                                                 \
            FINGERPRINT("bucket, customer_number, changed_at, purchase_days", "customer_score");   \
        (ret)[1] = FINGERPRINT("bucket, customer_number, measure, count,"                          \
                               " round(weight::numeric, 3), round(value::numeric, 3)",             \
                               "score_sum");                                                       \
        (ret)[2] = FINGERPRINT("*", "score_evidence");                                             \
        (ret)[3] = FINGERPRINT("bucket, grouping, name, kept, late, broken,"                       \
                               " round(weight::numeric, 3), round(value::numeric, 3)",             \
                               "group_trust");                                                     \
        (ret)[4] = FINGERPRINT("name, value", "sum_policy");                                       \
    } while (0)
    PRINT_ALL(before);
    test_sql("SET SESSION AUTHORIZATION troth_operator; SELECT loyalty.start_over()");
    wait_until_all_is_applied();
    assert_every_promise_counts_once();
    PRINT_ALL(after);
    assert_memory_equal(before, after, sizeof(before));
    stop_consumer();
    event_writer_free(other);
}

static void replaying_one_stream_gives_the_same_history(void **state)
{
    write_promises(writer, writer);
    start_consumer(50);
    wait_until_all_is_applied();
    int64_t before = FINGERPRINT("*", "score_history");
    int64_t standings = FINGERPRINT("*", "standing_history");
    int64_t scores = FINGERPRINT("*", "customer_score");
    stop_consumer();

    test_sql("TRUNCATE log.lease");
    test_sql("SELECT loyalty.start_over()");
    start_consumer(333); /* cut into other batches */
    wait_until_all_is_applied();
    assert_true(FINGERPRINT("*", "score_history") == before);
    assert_true(FINGERPRINT("*", "standing_history") == standings);
    assert_true(FINGERPRINT("*", "customer_score") == scores);
    stop_consumer();
}

/* A deferred trigger that refuses some COMMITs: all statements of the batch have run by then.
 */
static void a_batch_whose_commit_fails_takes_effect_once(void **state)
{
    test_sql("CREATE SEQUENCE public.commits");
    test_sql("CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER"
             " AS $$ BEGIN IF nextval('public.commits') %% 7 = 0 THEN"
             " RAISE serialization_failure USING MESSAGE = 'refused by the test';"
             " END IF; RETURN NULL; END $$");
    test_sql("CREATE CONSTRAINT TRIGGER refuse AFTER UPDATE ON log.consumer_cursor"
             " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.refuse()");
    write_promises(writer, writer);
    start_consumer(8);
    wait_until_all_is_applied();
    test_sql("DROP TRIGGER refuse ON log.consumer_cursor");
    assert_true(test_sql_int("SELECT last_value FROM public.commits") > 10);
    assert_every_promise_counts_once();
    assert_int_equal(*loyalty.applied_count,
                     test_sql_int("SELECT count(*) FROM log.event WHERE stream LIKE 'intake.%%'"));
    stop_consumer();
    test_sql("DROP FUNCTION public.refuse");
    test_sql("DROP SEQUENCE public.commits");
}

enum {
    DEATHS = 6
};

struct killer {
    struct test_session *session;
    int64_t deaths;
};

/* Ends sessions while they work; a few, because each death costs a wait before the next try. */
static bool is_applied(void *ctx)
{
    struct killer *k = ctx;

    if (k->deaths < DEATHS) {
        k->deaths += test_session_int(
            k->session, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                        " WHERE usename = 'troth_loyalty' AND datname = current_database()"
                        " AND xact_start IS NOT NULL AND random() < 0.5");
        return false;
    }
    return test_session_int(k->session, "%s", BEHIND) == 0;
}

static void connections_that_die_in_a_batch_lose_and_double_nothing(void **state)
{
    struct killer killer = {.session = test_session_open(NULL)};

    write_promises(writer, writer);
    start_consumer(4);
    test_wait(loop, is_applied, &killer, "everything is applied");
    assert_every_promise_counts_once();
    stop_consumer();
    test_session_close(killer.session);
}

/* ---- the policy of the sums */

static void processes_with_other_half_lives_or_weights_do_not_start(void **state)
{
    struct err err = ERR_NONE;

    start_consumer(100);
    add_promise(writer, customer_number(1), thing_number(customer_number(1), 1), 2, KEPT);
    event_writer_commit(writer);
    wait_until_all_is_applied();
    stop_consumer();
    test_sql("TRUNCATE log.lease");

    use_settings(100);
    settings.weight_left = 0.2;
    service = service_stub_new(loop, "loyalty", &settings);
    loyalty = (struct loyalty){.service = service};
    assert_int_equal(loyalty_batch_start(&loyalty, &err), -1);
    assert_string_equal(err.code, "sum_policy_differs");
    loyalty_batch_stop(&loyalty);
    service_stub_free(service);

    settings.weight_left = 0.1;
    settings.broken_weight = 3;
    service = service_stub_new(loop, "loyalty", &settings);
    loyalty = (struct loyalty){.service = service};
    assert_int_equal(loyalty_batch_start(&loyalty, &err), -1);
    assert_string_equal(err.field, "broken_weight");
    loyalty_batch_stop(&loyalty);
    service_stub_free(service);
}

static bool is_refused(void *ctx)
{
    return loyalty.consumption != NULL && !event_consumer_is_busy(loyalty.consumer);
}

/* Somebody started over and began with other settings while we were running. */
static void a_batch_adds_nothing_to_sums_of_another_policy(void **state)
{
    start_consumer(100);
    test_sql("INSERT INTO loyalty.sum_policy VALUES ('word_weight', NULL, 3)");
    add_promise(writer, customer_number(1), thing_number(customer_number(1), 1), 2, KEPT);
    event_writer_commit(writer);
    test_wait(loop, is_refused, NULL, "the batch is refused");
    assert_int_equal(test_sql_int("SELECT count(*) FROM loyalty.score_evidence"), 0);
    test_sql("DELETE FROM loyalty.sum_policy");
    wait_until_all_is_applied();
    assert_int_equal(COUNT_OF(MEASURE_TRUST), 1);
    stop_consumer();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(replaying_all_events_gives_the_same_numbers),
        TEST(replaying_one_stream_gives_the_same_history),
        TEST(a_batch_whose_commit_fails_takes_effect_once),
        TEST(connections_that_die_in_a_batch_lose_and_double_nothing),
        TEST(processes_with_other_half_lives_or_weights_do_not_start),
        TEST(a_batch_adds_nothing_to_sums_of_another_policy),
    };

    log_set_level(LOG_ERROR); /* what fails here is meant to */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
