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

#define PATIENCE_US (20 * DURATION_S)

static struct loop *loop;
static struct db_pool *pool;

static struct db_pool *pool_of(const char *role, size_t size, int64_t deadline_us)
{
    return db_pool_new(loop, &(struct db_pool_options){.conninfo = test_conninfo(role),
                                                       .name = "db_test",
                                                       .size = size,
                                                       .deadline_us = deadline_us});
}

static int set_up(void **state)
{
    loop = loop_new();
    pool = pool_of(NULL, 2, 0);
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

static struct db *borrow(struct db_pool *p)
{
    struct err err = ERR_NONE;
    struct db *db = db_pool_wait(p, PATIENCE_US, &err);
    if (!db) {
        fail_msg("%s", err.text);
    }
    return db;
}

/* ---- statements */

static const struct db_query select_one = {"test_one", "SELECT 1::int4", DB_ONE};
static const struct db_query select_pid = {"test_pid", "SELECT pg_catalog.pg_backend_pid()",
                                           DB_ONE};
static const struct db_query insert_thing = {
    "test_insert", "INSERT INTO public.thing (id, note) VALUES ($1, $2)", DB_NONE};
static const struct db_query count_things = {"test_count", "SELECT count(*) FROM public.thing",
                                             DB_ONE};
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

/* ---- values */

static const struct db_query echo_scalars = {
    "test_scalars",
    "SELECT $1::bool, $2::int2, $3::int4, $4::int8, $5::float8, $6::text, $7::bytea, "
    "$8::timestamptz,"
    " $8::timestamptz = timestamptz '2026-11-21 08:15:02.113Z'",
    DB_ONE};

static void every_scalar_comes_back_as_it_was_sent(void **state)
{
    static const uint8_t raw[] = {0, 1, 254, 255};
    const int64_t instant_us = INT64_C(1795248902113000); /* 2026-11-21T08:15:02.113Z */
    struct db *db = borrow(pool);
    struct db_params p = {0};
    db_put_bool(&p, true);
    db_put_int2(&p, INT16_MIN);
    db_put_int4(&p, INT32_MIN);
    db_put_int8(&p, INT64_MAX);
    db_put_float8(&p, -0.1);
    db_put_text(&p, "回访 \"call\"");
    db_put_bytes(&p, (struct bytes){raw, sizeof(raw)});
    db_put_time(&p, instant_us);
    db_query(db, &echo_scalars, &p);
    const struct db_reply *reply = db_run_wait(db);

    assert_int_equal(reply->outcome, DB_OK);
    assert_int_equal(reply->count, 1);
    const struct db_rows *r = reply->rows[0];
    assert_int_equal(db_row_count(r), 1);
    assert_true(db_get_bool(r, 0, 0));
    assert_int_equal(db_get_int(r, 0, 1), INT16_MIN);
    assert_int_equal(db_get_int(r, 0, 2), INT32_MIN);
    assert_true(db_get_int(r, 0, 3) == INT64_MAX);
    assert_true(db_get_float8(r, 0, 4) == -0.1);
    assert_string_equal(db_get_text(r, 0, 5), "回访 \"call\"");
    struct bytes got = db_get_bytes(r, 0, 6);
    assert_true(bytes_equal(got, (struct bytes){raw, sizeof(raw)}));
    assert_true(db_get_time(r, 0, 7) == instant_us);
    assert_true(db_get_bool(r, 0, 8)); /* the server means the same instant */
    db_params_free(&p);
    db_release(db);
}

static void every_scalar_may_be_null(void **state)
{
    static const enum db_type types[] = {DB_BOOL,   DB_INT2, DB_INT4,  DB_INT8,
                                         DB_FLOAT8, DB_TEXT, DB_BYTES, DB_TIME};
    struct db *db = borrow(pool);
    struct db_params p = {0};
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        db_put_null(&p, types[i]);
    }
    db_query(db, &echo_scalars, &p);
    const struct db_reply *reply = db_run_wait(db);

    assert_int_equal(reply->outcome, DB_OK);
    const struct db_rows *r = reply->rows[0];
    for (int i = 0; i < (int)ARRAY_LEN(types); i++) {
        assert_true(db_is_null(r, 0, i));
    }
    assert_false(db_get_bool(r, 0, 0));
    assert_int_equal(db_get_int(r, 0, 3), 0);
    assert_string_equal(db_get_text(r, 0, 5), "");
    assert_int_equal(db_get_bytes(r, 0, 6).len, 0);
    assert_true(db_get_time(r, 0, 7) == DB_NO_TIME);
    db_params_free(&p);
    db_release(db);
}

static void empty_text_and_bytes_are_not_null(void **state)
{
    struct db *db = borrow(pool);
    struct db_params p = {0};
    static const struct db_query q = {
        "test_empty",
        "SELECT $1::text IS NULL, $2::bytea IS NULL, $3::text IS NULL, $4::bytea IS NULL", DB_ONE};
    db_put_text(&p, "");
    db_put_bytes(&p, (struct bytes){(const uint8_t *)"", 0});
    db_put_text(&p, NULL);
    db_put_bytes(&p, (struct bytes){NULL, 0});
    db_query(db, &q, &p);
    const struct db_reply *reply = db_run_wait(db);

    assert_int_equal(reply->outcome, DB_OK);
    assert_false(db_get_bool(reply->rows[0], 0, 0));
    assert_false(db_get_bool(reply->rows[0], 0, 1));
    assert_true(db_get_bool(reply->rows[0], 0, 2));
    assert_true(db_get_bool(reply->rows[0], 0, 3));
    db_params_free(&p);
    db_release(db);
}

static const struct db_query echo_arrays = {
    "test_arrays",
    "SELECT * FROM unnest($1::bool[], $2::int2[], $3::int4[], $4::int8[], $5::float8[], $6::text[],"
    " $7::bytea[], $8::timestamptz[]) WITH ORDINALITY ORDER BY ordinality",
    DB_ROWS};

/* Two elements of each type with a NULL between them. */
static void put_arrays(struct db_params *p, bool is_empty)
{
    static const enum db_type types[] = {DB_BOOL,   DB_INT2, DB_INT4,  DB_INT8,
                                         DB_FLOAT8, DB_TEXT, DB_BYTES, DB_TIME};
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        struct db_array a;
        db_array_init(&a, types[i]);
        for (int k = 0; k < 3 && !is_empty; k++) {
            if (k == 1) {
                db_array_add_null(&a);
            } else if (types[i] == DB_BOOL) {
                db_array_add_bool(&a, k == 0);
            } else if (types[i] == DB_FLOAT8) {
                db_array_add_float8(&a, k + 0.5);
            } else if (types[i] == DB_TEXT) {
                db_array_add_text(&a, k == 0 ? "" : "NULL");
            } else if (types[i] == DB_BYTES) {
                db_array_add_bytes(&a, bytes_of_text(k == 0 ? "" : "x"));
            } else if (types[i] == DB_TIME) {
                db_array_add_time(&a, k == 0 ? -1 : INT64_C(4102444800000000));
            } else {
                db_array_add_int(&a, k == 0 ? -7 : 7);
            }
        }
        db_put_array(p, &a);
        db_array_free(&a);
    }
}

static void arrays_keep_their_order_and_their_nulls(void **state)
{
    struct db *db = borrow(pool);
    struct db_params p = {0};
    put_arrays(&p, false);
    db_query(db, &echo_arrays, &p);
    const struct db_reply *reply = db_run_wait(db);

    assert_int_equal(reply->outcome, DB_OK);
    const struct db_rows *r = reply->rows[0];
    assert_int_equal(db_row_count(r), 3);
    for (int column = 0; column < 8; column++) {
        assert_false(db_is_null(r, 0, column));
        assert_true(db_is_null(r, 1, column));
        assert_false(db_is_null(r, 2, column));
    }
    assert_true(db_get_bool(r, 0, 0));
    for (int column = 1; column <= 3; column++) {
        assert_int_equal(db_get_int(r, 0, column), -7);
        assert_int_equal(db_get_int(r, 2, column), 7);
    }
    assert_true(db_get_float8(r, 2, 4) == 2.5);
    assert_string_equal(db_get_text(r, 0, 5), "");
    assert_string_equal(db_get_text(r, 2, 5), "NULL");
    assert_int_equal(db_get_bytes(r, 2, 6).len, 1);
    assert_int_equal(db_get_time(r, 0, 7), -1);
    assert_true(db_get_time(r, 2, 7) == INT64_C(4102444800000000));
    db_params_free(&p);
    db_release(db);
}

static void empty_arrays_give_no_rows(void **state)
{
    struct db *db = borrow(pool);
    struct db_params p = {0};
    put_arrays(&p, true);
    db_query(db, &echo_arrays, &p);
    const struct db_reply *reply = db_run_wait(db);

    assert_int_equal(reply->outcome, DB_OK);
    assert_int_equal(db_row_count(reply->rows[0]), 0);
    db_params_free(&p);
    db_release(db);
}

/* ---- shapes and outcomes */

static void a_wrong_number_of_rows_is_an_error_that_names_the_statement(void **state)
{
    static const struct {
        const char *name;
        struct db_query query;
        enum db_outcome want;
    } cases[] = {
        {"none for none",     {"shape_1", "SELECT 1 WHERE false", DB_NONE},             DB_OK    },
        {"one for none",      {"shape_2", "SELECT 1", DB_NONE},                         DB_BROKEN},
        {"none for one",      {"shape_3", "SELECT 1 WHERE false", DB_ONE},              DB_BROKEN},
        {"two for one",       {"shape_4", "SELECT generate_series(1, 2)", DB_ONE},      DB_BROKEN},
        {"none for optional", {"shape_5", "SELECT 1 WHERE false", DB_OPTIONAL},         DB_OK    },
        {"one for optional",  {"shape_6", "SELECT 1", DB_OPTIONAL},                     DB_OK    },
        {"two for optional",  {"shape_7", "SELECT generate_series(1, 2)", DB_OPTIONAL}, DB_BROKEN},
        {"many for rows",     {"shape_8", "SELECT generate_series(1, 20000)", DB_ROWS}, DB_OK    },
    };
    struct db *db = borrow(pool);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        db_query(db, &cases[i].query, NULL);
        const struct db_reply *reply = db_run_wait(db);

        if (reply->outcome != cases[i].want) {
            fail_msg("%s: outcome %d", cases[i].name, (int)reply->outcome);
        }
        if (cases[i].want == DB_BROKEN) {
            assert_string_equal(reply->err.code, "db_shape");
            assert_string_equal(reply->err.field, cases[i].query.name);
            assert_int_equal(reply->count, 0);
        }
    }
    db_release(db);
}

static void an_sqlstate_decides_the_outcome(void **state)
{
    static const struct {
        const char *sqlstate;
        enum db_outcome want;
    } cases[] = {
        {"40001", DB_RETRY   },
        {"40P01", DB_RETRY   },
        {"55P03", DB_RETRY   },
        {"25006", DB_RETRY   },
        {"57014", DB_RETRY   },
        {"53100", DB_RETRY   },
        {"08006", DB_RETRY   },
        {"23505", DB_CONFLICT},
        {"23514", DB_DATA    },
        {"23502", DB_DATA    },
        {"22012", DB_DATA    },
        {"42601", DB_BROKEN  },
        {"42501", DB_BROKEN  },
        {"XX000", DB_BROKEN  },
        {"P0001", DB_BROKEN  },
    };
    static const struct db_query raise = {"test_raise", "SELECT public.test_raise($1)", DB_ONE};
    test_sql("CREATE FUNCTION public.test_raise(state text) RETURNS void LANGUAGE plpgsql AS $$"
             " BEGIN RAISE EXCEPTION USING ERRCODE = state, MESSAGE = 'raised', DETAIL = 'a name';"
             " END $$");
    struct db *db = borrow(pool);
    struct db_params p = {0};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        db_params_clear(&p);
        db_put_text(&p, cases[i].sqlstate);
        db_query(db, &raise, &p);
        const struct db_reply *reply = db_run_wait(db);

        if (reply->outcome != cases[i].want) {
            fail_msg("%s: outcome %d", cases[i].sqlstate, (int)reply->outcome);
        }
        assert_string_equal(reply->sqlstate, cases[i].sqlstate);
        assert_string_equal(reply->err.field, "test_raise");
        assert_string_equal(reply->err.text, "raised");
        assert_false(reply->is_commit_unknown);
    }
    db_params_free(&p);
    db_release(db);
    test_sql("DROP FUNCTION public.test_raise(text)");
}

static void what_a_person_typed_is_not_in_the_error(void **state)
{
    static const struct db_query to_date = {"test_to_date", "SELECT $1::text::date::text", DB_ONE};
    struct db *db = borrow(pool);
    struct db_params p = {0};
    db_put_text(&p, "Wang Wei");
    db_query(db, &to_date, &p);
    const struct db_reply *reply = db_run_wait(db);

    assert_int_equal(reply->outcome, DB_DATA);
    assert_null(strstr(reply->err.text, "Wang"));
    db_params_free(&p);
    db_release(db);
}

static void affected_rows_are_counted(void **state)
{
    static const struct db_query fill = {
        "test_fill", "INSERT INTO public.thing SELECT generate_series(100, 109)", DB_NONE};
    static const struct db_query empty = {"test_empty_out", "DELETE FROM public.thing", DB_NONE};
    struct db *db = borrow(pool);
    db_query(db, &fill, NULL);
    db_query(db, &select_one, NULL);
    db_query(db, &empty, NULL);
    const struct db_reply *reply = db_run_wait(db);

    assert_int_equal(reply->outcome, DB_OK);
    assert_int_equal(reply->count, 3);
    assert_int_equal(db_affected(reply->rows[0]), 10);
    assert_int_equal(db_get_int(reply->rows[1], 0, 0), 1);
    assert_int_equal(db_affected(reply->rows[2]), 10);
    db_release(db);
}

/* ---- transactions */

static void steps_of_a_transaction_are_kept_only_by_commit(void **state)
{
    struct db *db = borrow(pool);
    db_begin(db);
    put_thing(db, 1, "first step");
    assert_int_equal(db_run_wait(db)->outcome, DB_OK);
    put_thing(db, 2, "second step");
    assert_int_equal(db_run_wait(db)->outcome, DB_OK);
    assert_int_equal(things(), 0);
    db_commit(db);
    const struct db_reply *reply = db_run_wait(db);
    assert_int_equal(reply->outcome, DB_OK);
    assert_int_equal(reply->count, 0); /* BEGIN and COMMIT are no sets of rows */
    assert_int_equal(things(), 2);

    db_begin(db);
    put_thing(db, 3, "taken back");
    db_rollback(db);
    assert_int_equal(db_run_wait(db)->outcome, DB_OK);
    assert_int_equal(things(), 2);
    db_release(db);
    test_sql("DELETE FROM public.thing");
}

static void a_failed_step_is_rolled_back_and_the_connection_goes_on(void **state)
{
    struct db *db = borrow(pool);
    db_query(db, &select_pid, NULL);
    int64_t pid = db_get_int(db_run_wait(db)->rows[0], 0, 0);

    db_begin(db);
    put_thing(db, 1, "good");
    assert_int_equal(db_run_wait(db)->outcome, DB_OK);
    put_thing(db, 2, "good");
    put_thing(db, 3, "bad");
    db_query(db, &count_things, NULL); /* prepared in a pipeline that is aborted before it */
    db_commit(db);
    const struct db_reply *reply = db_run_wait(db);
    assert_int_equal(reply->outcome, DB_DATA);
    assert_string_equal(reply->err.code, "db_data");
    assert_string_equal(reply->err.field, "test_insert");
    assert_false(reply->is_commit_unknown);
    assert_int_equal(
        test_sql_int(
            "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%%'"
            " AND pid = %lld",
            (long long)pid),
        0);

    db_query(db, &count_things, NULL);
    db_query(db, &select_pid, NULL);
    reply = db_run_wait(db);
    assert_int_equal(reply->outcome, DB_OK);
    assert_int_equal(db_get_int(reply->rows[0], 0, 0), 0);
    assert_int_equal(db_get_int(reply->rows[1], 0, 0), pid);
    db_release(db);
}

static void a_key_that_is_there_is_a_conflict(void **state)
{
    struct db *db = borrow(pool);
    test_sql("INSERT INTO public.thing VALUES (1)");
    put_thing(db, 1, "again");
    const struct db_reply *reply = db_run_wait(db);
    assert_int_equal(reply->outcome, DB_CONFLICT);
    assert_string_equal(reply->sqlstate, "23505");
    db_release(db);
    test_sql("DELETE FROM public.thing");
}

static void a_shape_error_inside_a_transaction_rolls_back(void **state)
{
    static const struct db_query returning = {
        "test_returning", "INSERT INTO public.thing VALUES (1) RETURNING id", DB_NONE};
    struct db *db = borrow(pool);
    db_begin(db);
    db_query(db, &returning, NULL);
    assert_int_equal(db_run_wait(db)->outcome, DB_BROKEN);
    assert_int_equal(things(), 0);
    db_query(db, &select_one, NULL);
    assert_int_equal(db_run_wait(db)->outcome, DB_OK);
    db_release(db);
}

static void a_large_pipeline_passes_in_both_directions(void **state)
{
    static const struct db_query echo = {"test_echo", "SELECT $1::bytea", DB_ONE};
    enum {
        SIZE = 300000,
        COUNT = 40
    };
    static uint8_t data[SIZE];
    struct db *db = borrow(pool);
    struct db_params p = {0};
    db_put_bytes(&p, (struct bytes){data, SIZE});
    for (int i = 0; i < COUNT; i++) {
        db_query(db, &echo, &p);
    }
    const struct db_reply *reply = db_run_wait(db);
    assert_int_equal(reply->outcome, DB_OK);
    assert_int_equal(reply->count, COUNT);
    assert_int_equal(db_get_bytes(reply->rows[COUNT - 1], 0, 0).len, SIZE);
    db_params_free(&p);
    db_release(db);
}

/* ---- trouble */

static void a_step_that_takes_too_long_ends_and_the_server_stops_it(void **state)
{
    struct db_pool *hasty = pool_of(NULL, 1, 300 * DURATION_MS);
    struct db *db = borrow(hasty);
    db_query(db, &slow, NULL);
    int64_t start_us = instant_monotonic_us();
    const struct db_reply *reply = db_run_wait(db);
    assert_int_equal(reply->outcome, DB_RETRY);
    assert_true(instant_monotonic_us() - start_us < 5 * DURATION_S);
    db_release(db);
    test_wait_sql(loop, 0,
                  "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%'"
                  " AND state = 'active' AND pid <> pg_backend_pid()");

    db = borrow(hasty);
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
    struct db_pool *hasty = pool_of(NULL, 1, 300 * DURATION_MS);
    struct db *db = borrow(hasty);
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
    struct db_pool *hasty = pool_of(NULL, 1, DURATION_S);
    struct test_session *holder = test_session_open(NULL);
    test_session_sql(holder, "INSERT INTO public.thing VALUES (1)");
    test_session_sql(holder, "BEGIN; SELECT id FROM public.thing FOR UPDATE");
    struct db *db = borrow(hasty);
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
    struct db *db = borrow(pool);
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

    db = borrow(pool);
    db_query(db, &select_one, NULL);
    assert_int_equal(db_run_wait(db)->outcome, DB_OK);
    db_release(db);
    assert_int_equal(h.count, 1);
}

static void statements_of_a_lost_transaction_never_run_on_their_own(void **state)
{
    struct db *db = borrow(pool);
    db_begin(db);
    put_thing(db, 1, "before");
    db_query(db, &select_pid, NULL);
    int64_t pid = db_get_int(db_run_wait(db)->rows[1], 0, 0);
    kill_backend(pid);
    /* Long enough for the connection to be lost, opened again and idle. */
    test_wait_sql(loop, 0, "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%'");
    struct db *other = borrow(pool);
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
    struct db_pool *single = pool_of(NULL, 1, 0);
    struct db *db = borrow(single);
    db_query(db, &all, NULL);
    assert_int_equal(db_run_wait(db)->outcome, DB_OK);
    test_sql("ALTER TABLE public.wide ADD COLUMN b int4");
    db_query(db, &all, NULL);
    assert_int_equal(db_run_wait(db)->outcome, DB_RETRY);
    db_release(db);
    db = borrow(single);
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
        loop, &(struct db_pool_options){.conninfo = conninfo, .name = "db_test", .size = 1});
    struct db *db = borrow(p);
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
    struct db *db = borrow(pool);
    db_begin(db);
    put_thing(db, 1, "taken back");
    assert_int_equal(db_run_wait(db)->outcome, DB_OK);
    db_query(db, &select_one, NULL);
    db_commit(db);
    db_abandon(db); /* queued, not sent */

    db = borrow(pool);
    db_query(db, &slow, NULL);
    db_run(db, hear, &h);
    db_abandon(db); /* sent, not answered */
    for (int i = 0; i < 4; i++) {
        db = borrow(pool);
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
            loop,
            &(struct db_pool_options){.conninfo = conninfos[i], .name = "db_test", .size = 1});
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
        loop, &(struct db_pool_options){.conninfo = conninfo, .name = "db_test", .size = 1});
    struct db *db = borrow(p);
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
        {"search_path",                         ""       },
        {"jit",                                 "off"    },
        {"TimeZone",                            "UTC"    },
        {"application_name",                    "db_test"},
        {"statement_timeout",                   "5s"     },
        {"idle_in_transaction_session_timeout", "10s"    },
        {"client_encoding",                     "UTF8"   },
        {"work_mem",                            "3MB"    }, /* the conninfo's own option stays */
    };
    static const struct db_query show = {"test_show", "SELECT pg_catalog.current_setting($1)",
                                         DB_ONE};
    char conninfo[600];
    (void)text_format(conninfo, sizeof(conninfo), "%s options='-c work_mem=3MB'",
                      test_conninfo("troth_intake"));
    struct db_pool *p = db_pool_new(
        loop, &(struct db_pool_options){.conninfo = conninfo, .name = "db_test", .size = 1});
    struct db *db = borrow(p);
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
    struct db_pool *single = pool_of(NULL, 1, 0);
    db_release(borrow(single));
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
    struct db *db = borrow(pool);
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
        cmocka_unit_test(every_scalar_comes_back_as_it_was_sent),
        cmocka_unit_test(every_scalar_may_be_null),
        cmocka_unit_test(empty_text_and_bytes_are_not_null),
        cmocka_unit_test(arrays_keep_their_order_and_their_nulls),
        cmocka_unit_test(empty_arrays_give_no_rows),
        cmocka_unit_test(a_wrong_number_of_rows_is_an_error_that_names_the_statement),
        cmocka_unit_test(an_sqlstate_decides_the_outcome),
        cmocka_unit_test(what_a_person_typed_is_not_in_the_error),
        cmocka_unit_test(affected_rows_are_counted),
        cmocka_unit_test(steps_of_a_transaction_are_kept_only_by_commit),
        cmocka_unit_test(a_failed_step_is_rolled_back_and_the_connection_goes_on),
        cmocka_unit_test(a_key_that_is_there_is_a_conflict),
        cmocka_unit_test(a_shape_error_inside_a_transaction_rolls_back),
        cmocka_unit_test(a_large_pipeline_passes_in_both_directions),
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
