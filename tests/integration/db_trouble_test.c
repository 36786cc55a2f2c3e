/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/db.h"

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

static struct loop *loop;
static struct db_pool *pool;

static int set_up(void **state)
{
    loop = loop_new();
    pool = test_pool(loop, NULL, 2, 0);
    test_sql("CREATE TABLE public.thing (id int4 PRIMARY KEY, note text CHECK (note <> 'bad'))");
    return 0;
}

static int tear_down(void **state)
{
    db_pool_free(pool);
    loop_free(loop);
    test_sql("DROP TABLE public.thing");
    return 0;
}

/* ---- statements */

static const struct db_query select_one = {"test_one", "SELECT 1::int4", DB_ONE};
static const struct db_query select_pid = {"test_pid", "SELECT pg_catalog.pg_backend_pid()",
                                           DB_ONE};
static const struct db_query insert_thing = {
    "test_insert", "INSERT INTO public.thing (id, note) VALUES ($1, $2)", DB_NONE};
static const struct db_query slow = {"test_slow", "SELECT pg_catalog.pg_sleep(60)", DB_ONE};
static const struct db_query divide = {"test_divide", "SELECT 1 / $1::int4", DB_ONE};

static void put_thing(struct db *db, int32_t id, const char *note)
{
    struct db_params p = {0};
    db_put_int4(&p, id);
    db_put_text(&p, note);
    db_query(db, &insert_thing, &p);
    db_params_free(&p);
}

static int64_t things(void)
{
    return test_sql_int("SELECT count(*) FROM public.thing");
}

/* ---- trouble */

static void a_step_that_takes_too_long_ends_and_the_server_stops_it(void **state)
{
    struct db_pool *hasty = test_pool(loop, NULL, 1, 300 * DURATION_MS);
    struct db *db = test_borrow(hasty);
    db_query(db, &slow, NULL);
    int64_t start_us = instant_monotonic_us();
    const struct db_reply *reply = db_run_wait(db);
    assert_int_equal(reply->outcome, DB_RETRY);
    assert_true(instant_monotonic_us() - start_us < 5 * DURATION_S);
    db_release(db);
    test_wait_sql(loop, 0,
                  "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%'"
                  " AND state = 'active' AND pid <> pg_backend_pid()");

    db = test_borrow(hasty);
    db_query(db, &select_one, NULL);
    assert_int_equal(db_run_wait(db)->outcome, DB_OK);
    db_release(db);
    db_pool_free(hasty);
}

/* statement_timeout cannot end this one: the server is stopped between two messages. */
static void a_silent_server_is_given_up_at_the_deadline(void **state)
{
    static const struct db_query disarm = {
        "test_disarm", "SELECT pg_catalog.set_config('statement_timeout', '0', false)", DB_ONE};
    struct db_pool *hasty = test_pool(loop, NULL, 1, 300 * DURATION_MS);
    struct db *db = test_borrow(hasty);
    db_query(db, &disarm, NULL);
    assert_int_equal(db_run_wait(db)->outcome, DB_OK);
    db_begin(db);
    db_query(db, &slow, NULL);
    db_commit(db);
    const struct db_reply *reply = db_run_wait(db);
    assert_int_equal(reply->outcome, DB_RETRY);
    assert_string_equal(reply->sqlstate, "none");
    assert_true(reply->is_commit_unknown);
    db_release(db);
    test_wait_sql(loop, 0,
                  "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%'"
                  " AND state = 'active' AND pid <> pg_backend_pid()");
    db_pool_free(hasty);
}

static void a_lock_that_is_held_too_long_is_a_retry(void **state)
{
    static const struct db_query update = {"test_update", "UPDATE public.thing SET note = 'x'",
                                           DB_NONE};
    struct db_pool *hasty = test_pool(loop, NULL, 1, DURATION_S);
    struct test_session *holder = test_session_open(NULL);
    test_session_sql(holder, "INSERT INTO public.thing VALUES (1)");
    test_session_sql(holder, "BEGIN; SELECT id FROM public.thing FOR UPDATE");
    struct db *db = test_borrow(hasty);
    db_query(db, &update, NULL);
    const struct db_reply *reply = db_run_wait(db);
    assert_int_equal(reply->outcome, DB_RETRY);
    assert_string_equal(reply->sqlstate, "55P03");
    db_release(db);
    test_session_sql(holder, "ROLLBACK");
    test_session_close(holder);
    db_pool_free(hasty);
    test_sql("DELETE FROM public.thing");
}

struct heard {
    int count;
    struct db_reply reply;
    bool is_done;
};

static void hear(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct heard *h = ctx;
    h->count++;
    h->reply = *reply;
    h->is_done = true;
}

static void kill_backend(int64_t pid)
{
    test_sql("SELECT pg_terminate_backend(%lld, 5000)", (long long)pid);
}

static void a_connection_killed_during_a_step_reports_once_and_comes_back(void **state)
{
    struct heard h = {0};
    struct db *db = test_borrow(pool);
    db_query(db, &select_pid, NULL);
    int64_t pid = db_get_int(db_run_wait(db)->rows[0], 0, 0);
    db_begin(db);
    db_query(db, &slow, NULL);
    db_run(db, hear, &h);
    test_wait_sql(loop, 1,
                  "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%'"
                  " AND state = 'active' AND pid <> pg_backend_pid()");
    assert_false(h.is_done);
    kill_backend(pid);
    test_wait_flag(loop, &h.is_done, "the loss is reported");
    assert_int_equal(h.reply.outcome, DB_RETRY);
    assert_string_equal(h.reply.sqlstate, "57P01");
    assert_false(h.reply.is_commit_unknown); /* nothing was to be committed */
    db_release(db);

    db = test_borrow(pool);
    db_query(db, &select_one, NULL);
    assert_int_equal(db_run_wait(db)->outcome, DB_OK);
    db_release(db);
    assert_int_equal(h.count, 1);
}

static void statements_of_a_lost_transaction_never_run_on_their_own(void **state)
{
    struct db *db = test_borrow(pool);
    db_begin(db);
    put_thing(db, 1, "before");
    db_query(db, &select_pid, NULL);
    int64_t pid = db_get_int(db_run_wait(db)->rows[1], 0, 0);
    kill_backend(pid);
    /* Long enough for the connection to be lost, opened again and idle. */
    test_wait_sql(loop, 0, "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%'");
    struct db *other = test_borrow(pool);
    db_query(other, &select_one, NULL);
    assert_int_equal(db_run_wait(other)->outcome, DB_OK);
    db_release(other);

    put_thing(db, 2, "after");
    db_commit(db);
    const struct db_reply *reply = db_run_wait(db);
    assert_int_equal(reply->outcome, DB_RETRY);
    assert_false(reply->is_commit_unknown);
    assert_int_equal(things(), 0);
    db_release(db);
}

static void a_stale_plan_is_prepared_again(void **state)
{
    static const struct db_query all = {"test_star", "SELECT * FROM public.wide", DB_ROWS};
    test_sql("CREATE TABLE public.wide (a int4)");
    struct db_pool *single = test_pool(loop, NULL, 1, 0);
    struct db *db = test_borrow(single);
    db_query(db, &all, NULL);
    assert_int_equal(db_run_wait(db)->outcome, DB_OK);
    test_sql("ALTER TABLE public.wide ADD COLUMN b int4");
    db_query(db, &all, NULL);
    assert_int_equal(db_run_wait(db)->outcome, DB_RETRY);
    db_release(db);
    db = test_borrow(single);
    db_query(db, &all, NULL);
    assert_int_equal(db_run_wait(db)->outcome, DB_OK);
    db_release(db);
    db_pool_free(single);
    test_sql("DROP TABLE public.wide");
}

/* No standby has this name, so COMMIT waits; a person ends the wait. */
static void a_commit_that_no_standby_confirmed_is_no_success(void **state)
{
    struct heard h = {0};
    char conninfo[600];
    (void)text_format(conninfo, sizeof(conninfo), "%s options='-c synchronous_commit=on'",
                      test_conninfo(NULL));
    struct db_pool *p = db_pool_new(
        loop, &(struct db_pool_options){.conninfo = conninfo, .name = "test", .size = 1});
    struct db *db = test_borrow(p);
    test_sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    test_sql("SELECT pg_reload_conf()");
    test_wait_sql(loop, 1, "SELECT (current_setting('synchronous_standby_names') = 'nobody')::int");
    db_begin(db);
    put_thing(db, 1, "here alone");
    db_commit(db);
    db_run(db, hear, &h);
    test_wait_sql(loop, 1, "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
    assert_false(h.is_done);
    test_sql("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
    test_wait_flag(loop, &h.is_done, "the commit is answered");
    test_sql("ALTER SYSTEM RESET synchronous_standby_names");
    test_sql("SELECT pg_reload_conf()");
    assert_int_equal(h.reply.outcome, DB_RETRY);
    assert_string_equal(h.reply.err.code, "commit_not_replicated");
    assert_true(h.reply.is_commit_unknown);
    assert_int_equal(things(), 1);
    db_release(db);
    db_pool_free(p);
    test_sql("DELETE FROM public.thing");
}

static void work_that_is_abandoned_is_never_heard_of_again(void **state)
{
    struct heard h = {0};
    struct db *db = test_borrow(pool);
    db_begin(db);
    put_thing(db, 1, "taken back");
    assert_int_equal(db_run_wait(db)->outcome, DB_OK);
    db_query(db, &select_one, NULL);
    db_commit(db);
    db_abandon(db); /* queued, not sent */

    db = test_borrow(pool);
    db_query(db, &slow, NULL);
    db_run(db, hear, &h);
    db_abandon(db); /* sent, not answered */
    for (int i = 0; i < 4; i++) {
        db = test_borrow(pool);
        db_query(db, &select_one, NULL);
        assert_int_equal(db_run_wait(db)->outcome, DB_OK);
        db_release(db);
    }
    assert_false(h.is_done);
    test_wait_sql(loop, 0,
                  "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%'"
                  " AND state = 'active' AND pid <> pg_backend_pid()");
    test_sql("DELETE FROM public.thing");
}

static void nobody_is_there(void **state)
{
    static const char *const conninfos[] = {
        "host=/nonexistent dbname=x",
        "host=127.0.0.1 port=1 dbname=x",
        "this is no conninfo",
        "host=a,b port=1,2,3",
    };
    for (size_t i = 0; i < ARRAY_LEN(conninfos); i++) {
        struct err err = ERR_NONE;
        struct db_pool *p = db_pool_new(
            loop, &(struct db_pool_options){.conninfo = conninfos[i], .name = "test", .size = 1});
        assert_null(db_pool_wait(p, 200 * DURATION_MS, &err));
        assert_string_equal(err.code, "db_unavailable");
        assert_false(text_is_empty(err.text));
        assert_int_equal(db_pool_last_success_us(p), 0);
        db_pool_free(p);
    }
}

static void the_host_that_answers_is_found(void **state)
{
    char conninfo[700];
    const char *real = test_conninfo(NULL);
    const char *host = strstr(real, "host=");
    assert_non_null(host);
    host += strlen("host=");
    (void)text_format(conninfo, sizeof(conninfo), "%s host=/nonexistent,%.*s", real,
                      (int)strcspn(host, " "), host);
    struct db_pool *p = db_pool_new(
        loop, &(struct db_pool_options){.conninfo = conninfo, .name = "test", .size = 1});
    struct db *db = test_borrow(p);
    db_query(db, &select_one, NULL);
    assert_int_equal(db_run_wait(db)->outcome, DB_OK);
    db_release(db);
    db_pool_free(p);
}

/* ---- the session and the pool */

static void a_session_is_set_up_as_promised(void **state)
{
    static const struct {
        const char *name, *want;
    } cases[] = {
        {"search_path",                         ""    },
        {"jit",                                 "off" },
        {"TimeZone",                            "UTC" },
        {"application_name",                    "test"},
        {"statement_timeout",                   "5s"  },
        {"idle_in_transaction_session_timeout", "10s" },
        {"client_encoding",                     "UTF8"},
        {"work_mem",                            "3MB" }, /* the conninfo's own option stays */
    };
    static const struct db_query show = {"test_show", "SELECT pg_catalog.current_setting($1)",
                                         DB_ONE};
    char conninfo[600];
    (void)text_format(conninfo, sizeof(conninfo), "%s options='-c work_mem=3MB'",
                      test_conninfo("troth_intake"));
    struct db_pool *p = db_pool_new(
        loop, &(struct db_pool_options){.conninfo = conninfo, .name = "test", .size = 1});
    struct db *db = test_borrow(p);
    struct db_params params = {0};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        db_params_clear(&params);
        db_put_text(&params, cases[i].name);
        db_query(db, &show, &params);
        const struct db_reply *reply = db_run_wait(db);
        assert_int_equal(reply->outcome, DB_OK);
        const char *got = db_get_text(reply->rows[0], 0, 0);
        if (strcmp(got, cases[i].want) != 0) {
            fail_msg("%s is '%s'", cases[i].name, got);
        }
    }
    db_params_free(&params);
    db_release(db);
    db_pool_free(p);
}

struct job {
    int number;
    int *order;
    int *count;
    struct db *db;
};

static void on_job_done(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct job *j = ctx;
    assert_int_equal(reply->outcome, DB_OK);
    j->order[(*j->count)++] = j->number;
    db_release(db);
}

static void start_job(void *ctx, struct db *db)
{
    struct job *j = ctx;
    j->db = db;
    db_query(db, &select_one, NULL);
    db_run(db, on_job_done, j);
}

struct goal {
    int *count;
    int want;
};

static bool is_reached(void *ctx)
{
    const struct goal *g = ctx;
    return *g->count == g->want;
}

static void work_waits_for_a_connection_in_order(void **state)
{
    enum {
        JOBS = 50
    };
    static struct job jobs[JOBS];
    int order[JOBS] = {0};
    int count = 0;
    struct db_pool *single = test_pool(loop, NULL, 1, 0);
    db_release(test_borrow(single));
    assert_true(db_pool_has_idle(single));
    for (int i = 0; i < JOBS; i++) {
        jobs[i] = (struct job){.number = i, .order = order, .count = &count};
        db_pool_submit(single, start_job, &jobs[i]);
    }
    assert_null(jobs[0].db); /* never from inside db_pool_submit() */
    assert_false(db_pool_has_idle(single));
    struct goal g = {.count = &count, .want = JOBS};
    test_wait(loop, is_reached, &g, "all work is done");
    for (int i = 0; i < JOBS; i++) {
        assert_int_equal(order[i], i);
        assert_ptr_equal(jobs[i].db, jobs[0].db);
    }
    assert_true(db_pool_last_success_us(single) > 0);
    db_pool_free(single);
}

/* The second step begins inside done() of the first and uses its rows. */
static void on_second(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct heard *h = ctx;
    h->reply = *reply;
    h->count = (int)db_get_int(reply->rows[0], 0, 0);
    h->is_done = true;
    db_release(db);
}

static void on_first(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct db_params p = {0};
    db_query(db, &select_one, NULL);
    db_put_int4(&p, (int32_t)db_get_int(reply->rows[0], 0, 0));
    db_query(db, &divide, &p);
    db_params_free(&p);
    db_run(db, on_second, ctx);
    assert_int_equal(db_get_int(reply->rows[0], 0, 0), 1); /* still there */
}

static void a_step_may_begin_in_the_answer_to_the_last(void **state)
{
    struct heard h = {0};
    struct db *db = test_borrow(pool);
    db_query(db, &select_one, NULL);
    db_run(db, on_first, &h);
    assert_false(h.is_done);
    test_wait_flag(loop, &h.is_done, "the second step is done");
    assert_int_equal(h.reply.outcome, DB_OK);
    assert_int_equal(h.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_that_takes_too_long_ends_and_the_server_stops_it),
        cmocka_unit_test(a_silent_server_is_given_up_at_the_deadline),
        cmocka_unit_test(a_lock_that_is_held_too_long_is_a_retry),
        cmocka_unit_test(a_connection_killed_during_a_step_reports_once_and_comes_back),
        cmocka_unit_test(statements_of_a_lost_transaction_never_run_on_their_own),
        cmocka_unit_test(a_stale_plan_is_prepared_again),
        cmocka_unit_test(a_commit_that_no_standby_confirmed_is_no_success),
        cmocka_unit_test(work_that_is_abandoned_is_never_heard_of_again),
        cmocka_unit_test(nobody_is_there),
        cmocka_unit_test(the_host_that_answers_is_found),
        cmocka_unit_test(a_session_is_set_up_as_promised),
        cmocka_unit_test(work_waits_for_a_connection_in_order),
        cmocka_unit_test(a_step_may_begin_in_the_answer_to_the_last),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
