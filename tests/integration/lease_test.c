/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/lease.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "tests/support/test_database.h"

enum {
    LANES = 8
};

static struct loop *loop;
static struct db_pool *pool;

static int set_up(void **state)
{
    loop = loop_new();
    pool = test_pool(loop, "troth_loyalty", 3, 0);
    test_sql("DELETE FROM log.lease");
    return 0;
}

/* What was asked last may still be at work there, and would be so in the next test. */
static bool is_nobody_there(void *ctx)
{
    (void)ctx;
    return test_sql_int("SELECT count(*) FROM pg_stat_activity"
                        " WHERE usename = 'troth_loyalty' AND datname = current_database()") == 0;
}

static int tear_down(void **state)
{
    db_pool_free(pool);
    test_wait(loop, is_nobody_there, NULL, "the end of what was asked last");
    loop_free(loop);
    return 0;
}

static void count_change(void *ctx)
{
    int *count = ctx;
    (*count)++;
}

static struct lease_set *lanes_of(const char *holder, size_t want, int64_t length_us, int *changes)
{
    return lease_set_new(loop, pool,
                         &(struct lease_options){.group = "lane/loyalty",
                                                 .count = LANES,
                                                 .want = want,
                                                 .holder = holder,
                                                 .length_us = length_us},
                         changes ? count_change : NULL, changes);
}

struct goal {
    const struct lease_set *set;
    size_t held;
};

static bool is_holding(void *ctx)
{
    const struct goal *g = ctx;
    return lease_held_count(g->set) == g->held;
}

static void wait_held(const struct lease_set *s, size_t held)
{
    char what[64];
    struct goal g = {.set = s, .held = held};
    (void)text_format(what, sizeof(what), "%zu are held", held);
    test_wait(loop, is_holding, &g, what);
}

/* One transaction that does nothing but the fence. */
static enum db_outcome fenced(const struct lease_set *s, size_t index, char ret_sqlstate[6])
{
    struct db *db = test_borrow(pool);
    db_begin(db);
    lease_put_fence(db, s, index);
    db_commit(db);
    const struct db_reply *reply = db_run_wait(db);
    enum db_outcome outcome = reply->outcome;
    assert_int_equal(reply->count, 0);
    (void)text_copy(ret_sqlstate, 6, reply->sqlstate);
    db_release(db);
    return outcome;
}

static void one_holder_gets_all_and_may_write(void **state)
{
    char sqlstate[6];
    int changes = 0;
    struct lease_set *s = lanes_of("a", 0, 0, &changes);
    assert_int_equal(lease_held_count(s), 0);
    assert_int_equal(lease_first_held(s), LANES);
    wait_held(s, LANES);
    assert_int_equal(changes, 1);
    assert_int_equal(lease_count(s), LANES);
    assert_int_equal(lease_first_held(s), 0);
    assert_false(lease_holds(s, LANES));
    for (size_t i = 0; i < LANES; i++) {
        assert_true(lease_holds(s, i));
        assert_int_equal(lease_term(s, i), 1);
        assert_int_equal(fenced(s, i, sqlstate), DB_OK);
    }
    lease_set_free(s);
}

static void want_limits_what_is_taken(void **state)
{
    struct lease_set *a = lanes_of("a", 1, 0, NULL);
    struct lease_set *b = lanes_of("b", 1, 0, NULL);
    wait_held(a, 1);
    wait_held(b, 1);
    assert_int_not_equal(lease_first_held(a), lease_first_held(b));
    lease_set_free(a);
    lease_set_free(b);
}

static void a_second_holder_gets_half(void **state)
{
    struct lease_set *a = lanes_of("a", 0, 1500 * DURATION_MS, NULL);
    wait_held(a, LANES);
    struct lease_set *b = lanes_of("b", 0, 1500 * DURATION_MS, NULL);
    wait_held(b, LANES / 2);
    wait_held(a, LANES / 2);
    for (size_t i = 0; i < LANES; i++) {
        assert_true(lease_holds(a, i) != lease_holds(b, i));
    }
    lease_set_free(a);
    lease_set_free(b);
}

static void what_is_given_back_is_taken_without_waiting_for_its_end(void **state)
{
    struct lease_set *a = lanes_of("a", 0, 0, NULL); /* 10 s */
    wait_held(a, LANES);
    lease_set_give_back(a);
    assert_int_equal(lease_held_count(a), 0);
    test_wait_sql(loop, 0, "SELECT count(*) FROM log.lease WHERE until > clock_timestamp()");
    int64_t start_us = instant_monotonic_us();
    struct lease_set *b = lanes_of("b", 0, 0, NULL);
    wait_held(b, LANES);
    assert_true(instant_monotonic_us() - start_us < 3 * DURATION_S);
    assert_int_equal(lease_term(b, 0), 2);
    lease_set_free(a);
    lease_set_free(b);
}

/* A process that was stopped for longer than its lease: its loop did not turn, somebody else took
 * over. */
static void a_paused_holder_writes_nothing(void **state)
{
    char sqlstate[6];
    int changes = 0;
    struct lease_set *paused = lanes_of("paused", 0, 200 * DURATION_MS, &changes);
    wait_held(paused, LANES);
    struct test_session *other = test_session_open("troth_loyalty");
    int64_t taken = 0;
    while (taken < LANES) { /* the loop stands still; real time goes on */
        taken = test_session_int(
            other, "SELECT count(*) FROM log.lease_take('lane/loyalty', 8, 8, 'next', 60000000)");
    }
    test_session_close(other);
    assert_false(lease_holds(paused, 3)); /* by its own clock, before it asked anybody */
    assert_int_equal(lease_first_held(paused), LANES);
    assert_int_equal(fenced(paused, 3, sqlstate), DB_RETRY);
    assert_string_equal(sqlstate, "40001");
    wait_held(paused, 0);
    lease_set_free(paused);
}

static void an_old_term_is_refused_even_to_the_holder(void **state)
{
    struct test_session *s = test_session_open("troth_loyalty");
    (void)test_session_int(s, "SELECT count(*) FROM log.lease_take('lane/loyalty', 8, 8, 'a', 1)");
    (void)test_session_int(
        s, "SELECT count(*) FROM log.lease_take('lane/loyalty', 8, 8, 'a', 60000000)");
    assert_int_equal(
        test_session_int(s, "SELECT min(term) FROM log.lease WHERE resource LIKE 'lane/%%'"), 2);
    static const struct {
        const char *name;
        int term;
        bool is_held;
    } cases[] = {
        {"the term before", 1, false},
        {"the present one", 2, true },
        {"one to come",     3, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t is_held =
            test_session_int(s,
                             "CREATE OR REPLACE FUNCTION pg_temp.is_held(term int8) RETURNS int4 "
                             "LANGUAGE plpgsql AS $$"
                             " BEGIN PERFORM log.lease_hold('lane/loyalty/0', term); RETURN 1;"
                             " EXCEPTION WHEN serialization_failure THEN RETURN 0; END $$; SELECT "
                             "pg_temp.is_held(%d)",
                             cases[i].term);
        if (is_held != cases[i].is_held) {
            fail_msg("%s", cases[i].name);
        }
    }
    test_session_close(s);
}

static void a_takeover_waits_for_the_fenced_transaction_and_a_renewal_does_not(void **state)
{
    struct test_session *writer = test_session_open("troth_loyalty");
    struct test_session *other = test_session_open("troth_loyalty");
    static const char take[] =
        "SELECT count(*) FROM log.lease_take('lane/loyalty', 8, 8, '%s', 60000000)";
    (void)test_session_int(writer, take, "a");
    test_session_sql(writer, "BEGIN; SELECT log.lease_hold('lane/loyalty/5', 1)");
    /* Renewed from another connection of the same process while the transaction is open. */
    assert_int_equal(test_session_int(other, take, "a"), LANES);
    /* As if its length were over. */
    test_sql("UPDATE log.lease SET until = clock_timestamp()");
    assert_int_equal(test_session_int(other, take, "b"), LANES - 1);
    assert_int_equal(test_sql_int("SELECT count(*) FROM log.lease"
                                  " WHERE resource = 'lane/loyalty/5' AND holder = 'a'"),
                     1);
    test_session_sql(writer, "COMMIT");
    assert_int_equal(test_session_int(other, take, "b"), LANES);
    test_session_close(writer);
    test_session_close(other);
}

static void a_holder_without_a_database_trusts_itself_no_longer_than_two_thirds(void **state)
{
    int changes = 0;
    struct lease_set *s = lanes_of("a", 0, 3 * DURATION_S, &changes);
    wait_held(s, LANES);
    test_sql("REVOKE EXECUTE ON FUNCTION log.lease_take FROM troth_loyalty");
    int64_t start_us = instant_monotonic_us(); /* nothing is renewed from here on */
    for (bool is_held = true; is_held;) {
        int64_t asked_us = instant_monotonic_us(); /* before: a slow machine harms nobody */
        is_held = lease_holds(s, 0);
        assert_true(!is_held || asked_us - start_us < 2 * DURATION_S);
        loop_turn(loop, 10 * DURATION_MS);
    }
    struct goal none = {.set = s, .held = 0};
    test_wait(loop, is_holding, &none, "none is held");
    while (changes < 2) {
        loop_turn(loop, 10 * DURATION_MS);
    }
    test_sql("GRANT EXECUTE ON FUNCTION log.lease_take TO troth_loyalty");
    wait_held(s, LANES);
    lease_set_free(s);
}

static void a_set_may_be_freed_while_it_asks(void **state)
{
    struct lease_set *s = lanes_of("a", 0, 0, NULL);
    loop_turn(loop, 0);
    lease_set_free(s);
    s = lanes_of("b", 0, 0, NULL);
    wait_held(s, LANES);
    lease_set_free(s);
}

static void occupy(void *ctx, struct db *db)
{
    static const struct db_query nothing = {"test_nothing", "SELECT pg_sleep(0.02)", DB_ONE};
    db_done_fn **again = ctx;
    db_query(db, &nothing, NULL);
    db_run(db, *again, ctx);
}

/* Two come for each that is served: the queue only grows. */
static void come_again(void *ctx, struct db *db, const struct db_reply *reply)
{
    assert_int_equal(reply->outcome, DB_OK);
    db_release(db);
    db_pool_submit(pool, occupy, ctx);
    db_pool_submit(pool, occupy, ctx);
}

static void a_crowd_of_requests_does_not_keep_a_holder_from_renewing(void **state)
{
    db_done_fn *again = come_again;
    int changes = 0;
    struct lease_set *s = lanes_of("a", 0, 2 * DURATION_S, &changes);
    wait_held(s, LANES);
    for (int i = 0; i < 200; i++) {
        db_pool_submit(pool, occupy, &again);
    }
    int64_t end_us = instant_monotonic_us() + 2 * DURATION_S;
    while (instant_monotonic_us() < end_us) {
        loop_turn(loop, 10 * DURATION_MS);
        assert_int_equal(lease_held_count(s), LANES);
    }
    assert_int_equal(changes, 1);
    lease_set_free(s);
}

static void a_slow_answer_does_not_cost_the_lease(void **state)
{
    int changes = 0;
    /* Every question asks for its member's row. */
    test_sql("CREATE FUNCTION public.slow() RETURNS trigger LANGUAGE plpgsql AS"
             " $$BEGIN PERFORM pg_sleep(0.8); RETURN NEW; END$$");
    test_sql("CREATE TRIGGER slow BEFORE INSERT ON log.lease FOR EACH ROW"
             " WHEN (starts_with(NEW.resource, 'member/')) EXECUTE FUNCTION public.slow()");
    struct lease_set *s = lanes_of("a", 0, 4 * DURATION_S, &changes);
    wait_held(s, LANES);
    int64_t end_us = instant_monotonic_us() + 4 * DURATION_S;
    while (instant_monotonic_us() < end_us) {
        loop_turn(loop, 10 * DURATION_MS);
        assert_int_equal(lease_held_count(s), LANES);
    }
    assert_int_equal(changes, 1);
    lease_set_free(s);
    test_sql("DROP TRIGGER slow ON log.lease");
    test_sql("DROP FUNCTION public.slow");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_holder_gets_all_and_may_write, set_up, tear_down),
        cmocka_unit_test_setup_teardown(want_limits_what_is_taken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_second_holder_gets_half, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_given_back_is_taken_without_waiting_for_its_end,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_paused_holder_writes_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_old_term_is_refused_even_to_the_holder, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            a_takeover_waits_for_the_fenced_transaction_and_a_renewal_does_not, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_holder_without_a_database_trusts_itself_no_longer_than_two_thirds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_set_may_be_freed_while_it_asks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_crowd_of_requests_does_not_keep_a_holder_from_renewing,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_slow_answer_does_not_cost_the_lease, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
