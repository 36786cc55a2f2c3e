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
static const struct db_query count_things = {"test_count", "SELECT count(*) FROM public.thing",
                                             DB_ONE};

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
    struct db *db = test_borrow(pool);
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
    struct db *db = test_borrow(pool);
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
    struct db *db = test_borrow(pool);
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
    struct db *db = test_borrow(pool);
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
    struct db *db = test_borrow(pool);
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
    struct db *db = test_borrow(pool);
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
    struct db *db = test_borrow(pool);
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
    struct db *db = test_borrow(pool);
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
    struct db *db = test_borrow(pool);
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
    struct db *db = test_borrow(pool);
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
    struct db *db = test_borrow(pool);
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
    struct db *db = test_borrow(pool);
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
    struct db *db = test_borrow(pool);
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
    struct db *db = test_borrow(pool);
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

/* ---- the queue */

struct visitor {
    char name;
    char *arrived;
};

static void arrive(void *ctx, struct db *db)
{
    struct visitor *v = ctx;
    v->arrived[strlen(v->arrived)] = v->name;
    db_release(db);
}

static bool have_all_arrived(void *ctx)
{
    return strlen(ctx) == 4;
}

static void work_is_served_in_order_unless_it_asked_to_be_first(void **state)
{
    char arrived[8] = "";
    struct visitor a = {'a', arrived}, b = {'b', arrived}, x = {'x', arrived}, y = {'y', arrived};
    struct db_pool *one = test_pool(loop, NULL, 1, 0);
    struct db *db = test_borrow(one);
    db_pool_submit_first(one, arrive, &y); /* nobody waits yet */
    db_pool_submit(one, arrive, &a);
    db_pool_submit(one, arrive, &b);
    db_pool_submit_first(one, arrive, &x);
    db_release(db);
    test_wait(loop, have_all_arrived, arrived, "all have had the connection");
    assert_string_equal(arrived, "xyab");
    db_pool_free(one);
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
        cmocka_unit_test(work_is_served_in_order_unless_it_asked_to_be_first),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
