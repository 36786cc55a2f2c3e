/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many writers append while one consumer reads: it must see each event once and miss none. The
 * control reads a table with a serial number beside it, as everybody does at first, and must miss
 * some: else the test would prove nothing.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <libpq-fe.h>

#include "common/base/duration.h"
#include "common/base/text.h"
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

enum {
    WRITERS = 8,
    SLOTS = 4,
    TRANSACTIONS = 250,
    EVENTS = 10,
    TOTAL = WRITERS * TRANSACTIONS * EVENTS,
    ROUNDS_MAX = 5
};

struct writing {
    int number;
    int pause_ms; /* transactions are held open for this long, at random */
    atomic_int *left;
    char error[256];
};

static bool is_done_well(PGconn *conn, const char *sql, char error[256])
{
    PGresult *result = PQexec(conn, sql);
    ExecStatusType status = PQresultStatus(result);
    bool is_well = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (!is_well) {
        (void)text_copy(error, 256, PQresultErrorMessage(result));
    }
    PQclear(result);
    return is_well;
}

/* Each transaction draws its serial number first and appends last, with some time between. */
static void *write_many(void *ctx)
{
    struct writing *w = ctx;
    char sql[1024];
    PGconn *conn = PQconnectdb(test_conninfo("troth_intake"));
    for (int i = 0; i < TRANSACTIONS && !w->error[0]; i++) {
        /* Events of one transaction are spread over buckets; all writers meet in the same ones. */
        (void)text_format(
            sql, sizeof(sql),
            "BEGIN; INSERT INTO public.naive (writer) VALUES (%d);"
            " SELECT pg_sleep(random() * %d / 1000.0);"
            " SELECT count(*) FROM log.append('intake.%d', 1,"
            " ARRAY(SELECT (g * 7 + %d) %% 256 FROM generate_series(1, %d) AS g)::int2[],"
            " array_fill(1::int8, ARRAY[%d]), array_fill(1::int8, ARRAY[%d]),"
            " array_fill('customer_changed'::text, ARRAY[%d]),"
            " array_fill(timestamptz '2026-11-21', ARRAY[%d]),"
            " array_fill('\\xa20100'::bytea, ARRAY[%d])); COMMIT",
            w->number, w->pause_ms, w->number % SLOTS, i, EVENTS, EVENTS, EVENTS, EVENTS, EVENTS,
            EVENTS);
        (void)is_done_well(conn, sql, w->error);
    }
    PQfinish(conn);
    atomic_fetch_sub(w->left, 1);
    return NULL;
}

struct control {
    atomic_int *left;
    int64_t seen;
    char error[256];
};

/* The reader that everybody writes first: WHERE id > last ORDER BY id. */
static void *read_naively(void *ctx)
{
    struct control *c = ctx;
    PGconn *conn = PQconnectdb(test_conninfo(NULL));
    char last[32] = "0";
    bool is_last_round = false;
    while (!is_last_round && !c->error[0]) {
        is_last_round = atomic_load(c->left) == 0;
        char sql[128];
        (void)text_format(sql, sizeof(sql), "SELECT id FROM public.naive WHERE id > %s ORDER BY id",
                          last);
        PGresult *result = PQexec(conn, sql);
        int count = PQntuples(result);
        if (PQresultStatus(result) != PGRES_TUPLES_OK) {
            (void)text_copy(c->error, sizeof(c->error), PQresultErrorMessage(result));
        } else if (count > 0) {
            c->seen += count;
            (void)text_copy(last, sizeof(last), PQgetvalue(result, count - 1, 0));
        }
        PQclear(result);
    }
    PQfinish(conn);
    return NULL;
}

/* Returns how many rows the control missed. */
static int64_t write_and_read(int pause_ms)
{
    static struct writing writing[WRITERS];
    pthread_t writers[WRITERS];
    pthread_t control_thread;
    atomic_int left = WRITERS;
    struct control control = {.left = &left};
    static struct event_reader r;
    r = (struct event_reader){.name = "one"};
    event_reader_open(&r, &stage, stage.lanes, 300);
    assert_int_equal(pthread_create(&control_thread, NULL, read_naively, &control), 0);
    for (int i = 0; i < WRITERS; i++) {
        writing[i] = (struct writing){.number = i, .pause_ms = pause_ms, .left = &left};
        assert_int_equal(pthread_create(&writers[i], NULL, write_many, &writing[i]), 0);
    }
    while (atomic_load(&left) > 0) {
        loop_turn(stage.loop, 10 * DURATION_MS);
    }
    for (int i = 0; i < WRITERS; i++) {
        assert_int_equal(pthread_join(writers[i], NULL), 0);
        assert_string_equal(writing[i].error, "");
    }
    assert_int_equal(pthread_join(control_thread, NULL), 0);
    assert_string_equal(control.error, "");
    event_reader_wait(&stage, &r, TOTAL);
    event_stage_assert_applied_once(TOTAL);
    assert_int_equal(r.applied, TOTAL);
    assert_int_equal(r.disorder, 0);
    event_reader_close(&r);
    return (int64_t)WRITERS * TRANSACTIONS - control.seen;
}

static void many_writers_lose_nothing_where_the_usual_query_does(void **state)
{
    int64_t missed = 0;
    for (int round = 0; round < ROUNDS_MAX && missed == 0; round++) {
        test_sql("DROP TABLE IF EXISTS public.naive");
        test_sql("CREATE TABLE public.naive (id bigserial PRIMARY KEY, writer int4)");
        test_sql("GRANT ALL ON public.naive, public.naive_id_seq TO troth_intake");
        test_sql("TRUNCATE log.head, log.event, log.consumer_cursor, public.applied");
        test_sql("UPDATE log.lease SET term = 1, until = clock_timestamp() + interval '5 min',"
                 " holder = 'writers'"
                 " WHERE resource LIKE 'stream/intake/%%'");
        missed = write_and_read(2 * round + 1);
    }
    test_sql("DROP TABLE public.naive");
    (void)printf("# the control missed %lld of %d rows, the log none of %d events\n",
                 (long long)missed, WRITERS * TRANSACTIONS, TOTAL);
    assert_true(missed > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(many_writers_lose_nothing_where_the_usual_query_does,
                                        set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
