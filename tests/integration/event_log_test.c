/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/event_log.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libpq-fe.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "tests/support/test_database.h"

#define PATIENCE_US (20 * DURATION_S)

enum {
    LANES = 8
};

static const char *const streams_of_intake[] = {"intake", NULL};

static struct loop *loop;
static struct db_pool *intake, *loyalty;
static struct lease_set *slots, *lanes;

static struct db_pool *pool_of(const char *role)
{
    return db_pool_new(loop, &(struct db_pool_options){.conninfo = test_conninfo(role),
                                                       .name = "event_log_test",
                                                       .size = 2});
}

static bool is_all_held(void *ctx)
{
    return lease_held_count(slots) == 1 && lease_held_count(lanes) == LANES;
}

static int set_up(void **state)
{
    test_sql("TRUNCATE log.lease, log.head, log.event, log.consumer_cursor");
    test_sql("CREATE TABLE public.applied (stream text, bucket int4, seq int8, consumer text,"
             " PRIMARY KEY (stream, bucket, seq))");
    test_sql("GRANT USAGE ON SCHEMA public TO troth_loyalty, troth_intake");
    test_sql("GRANT ALL ON public.applied TO troth_loyalty");
    loop = loop_new();
    intake = pool_of("troth_intake");
    loyalty = pool_of("troth_loyalty");
    slots = lease_set_new(
        loop, intake,
        &(struct lease_options){
            .group = "stream/intake", .count = EVENT_SLOT_COUNT, .want = 1, .holder = "writer"},
        NULL, NULL);
    lanes = lease_set_new(
        loop, loyalty,
        &(struct lease_options){.group = "lane/loyalty", .count = LANES, .holder = "reader"}, NULL,
        NULL);
    test_wait(loop, is_all_held, NULL, "the leases are held");
    return 0;
}

static int tear_down(void **state)
{
    lease_set_free(slots);
    lease_set_free(lanes);
    db_pool_free(intake);
    db_pool_free(loyalty);
    loop_free(loop);
    test_sql("DROP TABLE public.applied");
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
    event_log_append(db, "intake", slots, b);
    db_commit(db);
    return db_run_wait(db);
}

static struct db *borrow(struct db_pool *pool)
{
    struct err err = ERR_NONE;
    struct db *db = db_pool_wait(pool, PATIENCE_US, &err);
    if (!db) {
        fail_msg("%s", err.text);
    }
    return db;
}

/* count events of customers 0, 1, ... with version = their number in all. */
static void write_events(int count)
{
    struct event_batch *b = event_batch_new();
    struct db *db = borrow(intake);
    for (int i = 0; i < count; i++) {
        add(b, i % 512, i);
    }
    assert_int_equal(append(db, b)->outcome, DB_OK);
    db_release(db);
    event_batch_free(b);
}

/* ---- reading */

static const struct db_query insert_applied = {
    "test_applied",
    "INSERT INTO public.applied SELECT s, b, q, $4 FROM unnest($1::text[], $2::int4[], $3::int8[])"
    " AS a (s, b, q)",
    DB_NONE};

enum refusal {
    WITH_DATA = 1,
    WITH_NOTHING
};

/* Notes each event in public.applied; one that is applied twice breaks its key. */
struct reader {
    const char *name;
    struct event_consumer *consumer;
    int64_t last[EVENT_SLOT_COUNT][256];
    int64_t applied;
    int64_t batches;
    int64_t disorder;
    int64_t refuse_version; /* events with this version fail; 0: none */
    enum refusal refuse_how;
    int64_t refused;
};

static void apply(void *ctx, struct event_consumption *c)
{
    struct reader *r = ctx;
    struct db_params p = {0};
    struct db_array stream;
    struct db_array bucket;
    struct db_array seq;
    bool is_refused = false;
    db_array_init(&stream, DB_TEXT);
    db_array_init(&bucket, DB_INT4);
    db_array_init(&seq, DB_INT8);
    for (size_t i = 0; i < event_consumption_count(c); i++) {
        const Troth__V1__Event *e = event_consumption_get(c, i);
        is_refused |= r->refuse_version > 0 && e->version == r->refuse_version;
        db_array_add_text(&stream, e->stream);
        db_array_add_int(&bucket, e->bucket);
        db_array_add_int(&seq, e->seq);
    }
    if (is_refused && r->refuse_how == WITH_DATA) {
        db_array_add_null(&seq); /* NOT NULL says no */
    }
    db_put_array(&p, &stream);
    db_put_array(&p, &bucket);
    db_put_array(&p, &seq);
    db_put_text(&p, r->name);
    db_query(event_consumption_db(c), &insert_applied, &p);
    db_params_free(&p);
    db_array_free(&stream);
    db_array_free(&bucket);
    db_array_free(&seq);
    r->refused += is_refused;
    if (is_refused && r->refuse_how == WITH_NOTHING) {
        event_consumption_fail(c, NULL);
    } else {
        event_consumption_commit(c);
    }
}

static void applied(void *ctx, struct event_consumption *c, const struct db_reply *reply)
{
    struct reader *r = ctx;
    assert_int_equal(reply->count, 1); /* the fences and the cursors are no sets of ours */
    assert_int_equal(db_affected(reply->rows[0]), event_consumption_count(c));
    for (size_t i = 0; i < event_consumption_count(c); i++) {
        const Troth__V1__Event *e = event_consumption_get(c, i);
        int64_t *last = &r->last[e->stream[strlen("intake.")] - '0'][e->bucket];
        r->disorder += e->seq <= *last;
        *last = e->seq;
    }
    r->applied += (int64_t)event_consumption_count(c);
    r->batches++;
}

static void open_reader(struct reader *r, const struct lease_set *of_lanes, size_t batch_max)
{
    r->consumer = event_consumer_new(loop, loyalty,
                                     &(struct event_consumer_options){.consumer = "loyalty",
                                                                      .services = streams_of_intake,
                                                                      .batch_max = batch_max,
                                                                      .poll_us = 20 * DURATION_MS,
                                                                      .lanes = of_lanes,
                                                                      .apply = apply,
                                                                      .applied = applied,
                                                                      .ctx = r});
}

struct goal {
    const struct reader *reader;
    int64_t applied;
};

static bool has_applied(void *ctx)
{
    const struct goal *g = ctx;
    return g->reader->applied >= g->applied;
}

static void wait_applied(const struct reader *r, int64_t count)
{
    struct goal g = {.reader = r, .applied = count};
    test_wait(loop, has_applied, &g, "the events are applied");
}

static void assert_each_applied_once(int64_t count)
{
    assert_int_equal(test_sql_int("SELECT count(*) FROM log.event"), count);
    assert_int_equal(
        test_sql_int(
            "SELECT count(*) FROM log.event JOIN public.applied USING (stream, bucket, seq)"),
        count);
    assert_int_equal(test_sql_int("SELECT count(*) FROM public.applied"), count);
    assert_int_equal(
        test_sql_int("SELECT count(*) FROM (SELECT stream, bucket FROM log.event GROUP BY 1, 2"
                     " HAVING count(*) <> max(seq)) AS with_gap"),
        0);
    assert_int_equal(
        test_sql_int("SELECT count(*) FROM log.head AS h LEFT JOIN log.consumer_cursor AS c"
                     " ON (c.consumer, c.stream, c.bucket, c.seq) ="
                     " ('loyalty', h.stream, h.bucket, h.seq) WHERE c.seq IS NULL"),
        0);
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
    struct db *db = borrow(intake);
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
    struct bus *bus = bus_new(loop, &keys, principals, &err);
    assert_non_null(bus);
    struct bus_socket *pub = bus_bind_pub(bus, "tcp://127.0.0.1:*", &err);
    assert_non_null(pub);
    struct heard h = {0};
    assert_non_null(
        bus_connect_sub(bus, bus_endpoint(pub), keys.public_key, on_published, &h, &err));

    struct event_batch *b = event_batch_new();
    struct db *db = borrow(intake);
    for (int i = 0; i < 3; i++) {
        add(b, 7, i);
    }
    const struct db_reply *reply = append(db, b);
    assert_int_equal(reply->outcome, DB_OK);
    event_log_publish(NULL, b, reply->rows[0]); /* nobody to tell is fine */
    for (int turn = 0; turn < 500 && !has_heard(&h); turn++) {
        event_log_publish(pub, b, reply->rows[0]);
        loop_turn(loop, 20 * DURATION_MS);
    }
    test_wait(loop, has_heard, &h, "all events are heard");
    db_release(db);
    event_batch_free(b);
    bus_free(bus);
    principal_table_free(principals);
}

static void who_has_no_slot_appends_nothing(void **state)
{
    struct event_batch *b = event_batch_new();
    struct db *db = borrow(intake);
    add(b, 1, 1);
    test_sql(
        "UPDATE log.lease SET term = term + 1, holder = 'next' WHERE resource = 'stream/intake/0'");
    const struct db_reply *reply = append(db, b);
    assert_int_equal(reply->outcome, DB_RETRY);
    assert_string_equal(reply->sqlstate, "40001");
    lease_set_give_back(slots);
    reply = append(db, b);
    assert_int_equal(reply->outcome, DB_RETRY);
    assert_int_equal(test_sql_int("SELECT count(*) FROM log.head"), 0);
    db_release(db);
    event_batch_free(b);
}

static void events_arrive_once_and_in_order(void **state)
{
    struct reader r = {.name = "one"};
    write_events(1000);
    open_reader(&r, lanes, 64);
    wait_applied(&r, 1000);
    write_events(500);
    event_consumer_wake(r.consumer);
    wait_applied(&r, 1500);
    assert_each_applied_once(1500);
    assert_int_equal(r.disorder, 0);
    assert_true(r.batches >= 1500 / 64);
    event_consumer_free(r.consumer);

    /* The next process goes on where this one ended. */
    struct reader next = {.name = "next"};
    open_reader(&next, lanes, 64);
    write_events(10);
    wait_applied(&next, 10);
    assert_each_applied_once(1510);
    event_consumer_free(next.consumer);
}

static void two_processes_share_the_buckets(void **state)
{
    static const struct lease_options options = {
        .group = "lane/loyalty", .count = LANES, .holder = "second", .length_us = DURATION_S};
    struct lease_set *others = lease_set_new(loop, loyalty, &options, NULL, NULL);
    struct reader a = {.name = "a"};
    struct reader b = {.name = "b"};
    open_reader(&a, lanes, 100);
    open_reader(&b, others, 100);
    lease_set_give_back(lanes);
    write_events(1000);
    wait_applied(&b, 1);
    struct goal g = {.reader = &b, .applied = 1000 - a.applied};
    test_wait(loop, has_applied, &g, "the second has applied the rest");
    assert_each_applied_once(1000);
    event_consumer_free(a.consumer);
    event_consumer_free(b.consumer);
    lease_set_free(others);
}

static void an_event_that_cannot_be_read_is_passed_over(void **state)
{
    struct reader r = {.name = "one"};
    write_events(600);
    test_sql("UPDATE log.event SET body = '\\xffff' WHERE bucket = 3 AND seq = 1 OR bucket = 9");
    int64_t unreadable = test_sql_int("SELECT count(*) FROM log.event WHERE body = '\\xffff'");
    assert_true(unreadable >= 3);
    open_reader(&r, lanes, 50);
    wait_applied(&r, 600 - unreadable);
    test_wait_sql(loop, 0,
                  "SELECT count(*) FROM log.head AS h LEFT JOIN log.consumer_cursor AS c"
                  " USING (stream, bucket) WHERE h.seq <> coalesce(c.seq, 0)");
    assert_int_equal(r.applied, 600 - unreadable);
    event_consumer_free(r.consumer);
}

static void an_event_that_fails_holds_up_its_own_bucket_alone(void **state)
{
    static const struct {
        const char *name;
        enum refusal how;
    } cases[] = {
        {"its data are refused",   WITH_DATA   },
        {"the service refuses it", WITH_NOTHING},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        test_sql("TRUNCATE log.head, log.event, log.consumer_cursor, public.applied");
        /* Customer 100 of 512: version 100 is the first of the three in bucket 100. */
        struct reader r = {
            .name = cases[i].name, .refuse_version = 100, .refuse_how = cases[i].how};
        write_events(700);
        open_reader(&r, lanes, 128);
        wait_applied(&r, 700 - 3);
        assert_int_equal(test_sql_int("SELECT count(*) FROM public.applied WHERE bucket = 100"), 0);
        r.refuse_version = 0; /* repaired */
        wait_applied(&r, 700);
        assert_each_applied_once(700);
        assert_int_equal(r.disorder, 0);
        event_consumer_free(r.consumer);
    }
}

static void sessions_that_die_lose_nothing_and_repeat_nothing(void **state)
{
    struct reader r = {.name = "one"};
    open_reader(&r, lanes, 7);
    for (int round = 0; round < 5; round++) {
        write_events(200);
        wait_applied(&r, round * 200 + 20);
        test_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = "
                 "'troth_loyalty'");
    }
    wait_applied(&r, 900); /* a COMMIT whose answer was lost is not counted */
    test_wait_sql(loop, 1000, "SELECT count(*) FROM public.applied");
    assert_each_applied_once(1000);
    event_consumer_free(r.consumer);
}

/* ---- many writers, and the control: what the usual query misses */

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
    static struct reader r;
    r = (struct reader){.name = "one"};
    open_reader(&r, lanes, 300);
    assert_int_equal(pthread_create(&control_thread, NULL, read_naively, &control), 0);
    for (int i = 0; i < WRITERS; i++) {
        writing[i] = (struct writing){.number = i, .pause_ms = pause_ms, .left = &left};
        assert_int_equal(pthread_create(&writers[i], NULL, write_many, &writing[i]), 0);
    }
    struct goal all = {.reader = &r, .applied = TOTAL};
    while (atomic_load(&left) > 0) {
        loop_turn(loop, 10 * DURATION_MS);
    }
    for (int i = 0; i < WRITERS; i++) {
        assert_int_equal(pthread_join(writers[i], NULL), 0);
        assert_string_equal(writing[i].error, "");
    }
    assert_int_equal(pthread_join(control_thread, NULL), 0);
    assert_string_equal(control.error, "");
    test_wait(loop, has_applied, &all, "all events are applied");
    assert_each_applied_once(TOTAL);
    assert_int_equal(r.applied, TOTAL);
    assert_int_equal(r.disorder, 0);
    event_consumer_free(r.consumer);
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
        test_sql("UPDATE log.lease SET term = 1, until = 'infinity', holder = 'writers'"
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
        cmocka_unit_test_setup_teardown(many_writers_lose_nothing_where_the_usual_query_does,
                                        set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
