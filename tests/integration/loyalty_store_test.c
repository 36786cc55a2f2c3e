/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events go in, scores come out: through the real consumer, against PostgreSQL, with commits that
 * fail and connections that die in the middle.
 */
#include "services/loyalty/loyalty_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/base/bytes.h"
#include "common/base/duration.h"
#include "common/base/log.h"
#include "common/domain/identifier.h"
#include "services/loyalty/loyalty.h"
#include "services/loyalty/score_store.h"
#include "tests/support/event_writer.h"
#include "tests/support/test_database.h"

#define AT_US (INT64_C(1795248902) * DURATION_S)

enum {
    KEPT = 3,
    LATE = 4,
    BROKEN = 5,
    CSAT = 1,
    NPS = 2
};

static struct loop *loop;
static struct service *service;
static struct loyalty loyalty;
static struct event_writer *writer;
static struct loyalty_settings settings;
static int64_t counter;

static void start_consumer(int64_t batch_events)
{
    struct err err = ERR_NONE;

    settings.batch_events = batch_events;
    service = service_stub_new(loop, "loyalty", &settings);
    loyalty = (struct loyalty){.service = service};
    loyalty.applied_count =
        metrics_counter(service->metrics, "troth_test_applied_total", NULL, "Test.");
    loyalty.changed_count =
        metrics_counter(service->metrics, "troth_test_changed_total", NULL, "Test.");
    if (loyalty_consume_start(&loyalty, &err) < 0) {
        fail_msg("%s", err.text);
    }
}

static void stop_consumer(void)
{
    loyalty_consume_stop(&loyalty);
    service_stub_free(service);
}

static int set_up(void **state)
{
    test_sql("TRUNCATE log.lease, log.head, log.event, log.consumer_cursor, intake.customer,"
             " intake.customer_reference");
    test_sql("SELECT loyalty.start_over()");
    counter = 0;
    loop = loop_new();
    writer = event_writer_new(loop, "intake", "writer");
    return 0;
}

static int tear_down(void **state)
{
    event_writer_free(writer);
    loop_free(loop);
    return 0;
}

#define BEHIND                                                                                     \
    "SELECT count(*) FROM log.head h LEFT JOIN log.consumer_cursor c ON c.consumer = 'loyalty'"    \
    " AND c.stream = h.stream AND c.bucket = h.bucket"                                             \
    " WHERE h.stream LIKE 'intake.%' AND h.seq > coalesce(c.seq, 0)"

static bool is_idle(void *ctx)
{
    return !event_consumer_is_busy(loyalty.consumer);
}

static void wait_until_all_is_applied(void)
{
    test_wait_sql(loop, 0, BEHIND);
    test_wait(loop, is_idle, NULL, "the consumer has heard of its last commit");
}

/* ---- events */

static void add_promise(struct event_writer *w, int64_t customer, int64_t promise, int version,
                        int state)
{
    Troth__V1__PromiseChanged body = TROTH__V1__PROMISE_CHANGED__INIT;
    Troth__V1__Event event = event_writer_event(customer, version, AT_US + ++counter * DURATION_S);

    body.has_promise = body.has_promise_version = body.has_to = true;
    body.promise = promise;
    body.promise_version = version;
    body.to = (Troth__V1__PromiseState)state;
    event.body_case = TROTH__V1__EVENT__BODY_PROMISE_CHANGED;
    event.promise_changed = &body;
    event_writer_add(w, &event);
}

static void add_answer(struct event_writer *w, int64_t customer, int64_t answer, int instrument,
                       int value)
{
    Troth__V1__SurveyAnswered body = TROTH__V1__SURVEY_ANSWERED__INIT;
    Troth__V1__Event event = event_writer_event(customer, 1, AT_US + ++counter * DURATION_S);

    body.has_answer = body.has_instrument = body.has_value = true;
    body.answer = answer;
    body.instrument = (Troth__V1__SurveyInstrument)instrument;
    body.value = value;
    event.body_case = TROTH__V1__EVENT__BODY_SURVEY_ANSWERED;
    event.survey_answered = &body;
    event_writer_add(w, &event);
}

static int64_t customer_number(int64_t i)
{
    return identifier_make(1000 + i, (int16_t)(i * 7 % BUCKET_COUNT));
}

static int64_t thing_number(int64_t customer, int64_t i)
{
    return identifier_make(5000 + i, identifier_bucket(customer));
}

/* The same for the same seed; no generator with a state. */
static uint64_t chance(uint64_t seed)
{
    return bytes_hash64((struct bytes){.data = (const uint8_t *)&seed, .len = sizeof(seed)});
}

enum {
    PROMISES = 600,
    CUSTOMERS = 40
};

/* Each promise breaks or is kept; some broken ones are kept late or corrected. Two writers share
 * the versions. */
static void write_promises(struct event_writer *a, struct event_writer *b)
{
    for (int64_t i = 0; i < PROMISES; i++) {
        int64_t customer = customer_number(i % CUSTOMERS);
        int64_t promise = thing_number(customer, i);
        uint64_t luck = chance((uint64_t)i);
        struct event_writer *first = luck & 8 ? a : b, *second = luck & 16 ? a : b;

        add_promise(first, customer, promise, 1, luck % 2 == 0 ? KEPT : BROKEN);
        if (luck % 2 == 1 && luck & 32) {
            add_promise(second, customer, promise, 2, luck & 64 ? KEPT : LATE);
        }
        if (luck & 128) {
            add_answer(first, customer, promise, luck & 256 ? CSAT : NPS,
                       (int)(1 + luck / 512 % 5));
        }
        if (i % 50 == 49) {
            event_writer_commit(a);
            if (b != a) {
                event_writer_commit(b);
            }
        }
    }
}

static void assert_every_promise_counts_once(void)
{
    int64_t kept = 0, late = 0, broken = 0, csat = 0, nps = 0;

    for (int64_t i = 0; i < PROMISES; i++) {
        uint64_t luck = chance((uint64_t)i);
        bool has_second = luck % 2 == 1 && luck & 32;
        kept += luck % 2 == 0 || (has_second && luck & 64);
        late += has_second && !(luck & 64);
        broken += luck % 2 == 1 && !has_second;
        csat += luck & 128 && luck & 256;
        nps += luck & 128 && !(luck & 256);
    }
    assert_int_equal(test_sql_int("SELECT sum(kept) FROM loyalty.trust_account"), kept);
    assert_int_equal(test_sql_int("SELECT sum(kept_late) FROM loyalty.trust_account"), late);
    assert_int_equal(test_sql_int("SELECT sum(broken) FROM loyalty.trust_account"), broken);
    assert_int_equal(test_sql_int("SELECT sum(csat_count) FROM loyalty.customer_score"), csat);
    assert_int_equal(test_sql_int("SELECT sum(nps_promoters + nps_passives + nps_detractors)"
                                  " FROM loyalty.customer_score"),
                     nps);
    /* The accounts say what the evidence says. */
    assert_int_equal(
        test_sql_int("SELECT count(*) FROM loyalty.trust_account AS a"
                     " WHERE ROW(a.kept::int8, a.kept_late::int8, a.broken::int8) IS DISTINCT FROM"
                     " (SELECT ROW(count(*) FILTER (WHERE e.value = 3),"
                     " count(*) FILTER (WHERE e.value = 4), count(*) FILTER (WHERE e.value = 5))"
                     " FROM loyalty.score_evidence AS e"
                     " WHERE e.kind = 1 AND e.customer_number = a.customer_number)"),
        0);
}

/* A number that changes with anything in the table. */
#define FINGERPRINT(columns, table)                                                                \
    test_sql_int("SELECT ('x' || substr(md5(coalesce(string_agg(t::text, ' ' ORDER BY t::text), "  \
                 "'')), 1, 15))"                                                                   \
                 "::bit(60)::int8 FROM (SELECT " columns " FROM loyalty." table ") AS t")

/* ---- tests */

static void events_become_scores_with_history_and_events(void **state)
{
    int64_t customer = customer_number(3);

    start_consumer(100);
    add_promise(writer, customer, thing_number(customer, 1), 2, BROKEN);
    add_answer(writer, customer, thing_number(customer, 2), CSAT, 1);
    add_answer(writer, customer, thing_number(customer, 3), NPS, 8);
    event_writer_commit(writer);
    wait_until_all_is_applied();
    add_promise(writer, customer, thing_number(customer, 1), 3, KEPT);
    event_writer_commit(writer);
    wait_until_all_is_applied();

    assert_int_equal(
        test_sql_int(
            "SELECT count(*) FROM loyalty.customer_score WHERE index = 53.33"
            " AND index = base_points + trust_points + satisfaction_points"
            " + recommendation_points AND version = 3 AND csat_sum = 1 AND nps_passives = 1"),
        1);
    assert_int_equal(test_sql_int("SELECT count(*) FROM loyalty.score_history"), 3);
    assert_int_equal(
        test_sql_int("SELECT count(*) FROM loyalty.score_history WHERE version = 3"
                     " AND index_before = 36.67 AND index = 53.33 AND reason = 'trust'"),
        1);
    assert_int_equal(test_sql_int("SELECT count(*) FROM log.event WHERE stream LIKE 'loyalty.%%'"
                                  " AND kind = 'score_changed' AND customer_id = %lld",
                                  (long long)customer),
                     3);
    assert_int_equal(test_sql_int("SELECT event_seq FROM loyalty.score_evidence WHERE kind = 1"),
                     4);
    stop_consumer();
}

static void replaying_all_events_gives_the_same_numbers(void **state)
{
    int64_t before[3], after[3];
    struct event_writer *other = event_writer_new(loop, "intake", "other");

    write_promises(writer, other);
    start_consumer(97);
    wait_until_all_is_applied();
    assert_every_promise_counts_once();
    before[0] = FINGERPRINT("bucket, customer_number, index, trust_points, csat_sum, changed_at",
                            "customer_score");
    before[1] = FINGERPRINT("*", "trust_account");
    before[2] = FINGERPRINT("*", "score_evidence");

    test_sql("SET SESSION AUTHORIZATION troth_operator; SELECT loyalty.start_over()");
    wait_until_all_is_applied();
    assert_every_promise_counts_once();
    after[0] = FINGERPRINT("bucket, customer_number, index, trust_points, csat_sum, changed_at",
                           "customer_score");
    after[1] = FINGERPRINT("*", "trust_account");
    after[2] = FINGERPRINT("*", "score_evidence");
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
    int64_t scores = FINGERPRINT("*", "customer_score");
    stop_consumer();

    test_sql("TRUNCATE log.lease");
    test_sql("SELECT loyalty.start_over()");
    start_consumer(333); /* cut into other batches */
    wait_until_all_is_applied();
    assert_true(FINGERPRINT("*", "score_history") == before);
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
                        " AND state = 'idle in transaction' AND random() < 0.5");
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

static const struct db_reply *run(struct db *db)
{
    const struct db_reply *reply = db_run_wait(db);

    if (reply->outcome != DB_OK) {
        fail_msg("%s: %s", reply->err.field, reply->err.text);
    }
    return reply;
}

static void the_deepest_falls_since_an_instant_come_first(void **state)
{
    int64_t deep = customer_number(1), shallow = customer_number(2), risen = customer_number(3);
    struct score_row rows[4];
    struct evidence *evidence;
    struct err err = ERR_NONE;

    start_consumer(100);
    add_promise(writer, deep, thing_number(deep, 1), 1, KEPT);
    add_promise(writer, shallow, thing_number(shallow, 1), 1, BROKEN);
    event_writer_commit(writer);
    int64_t since_us = AT_US + counter * DURATION_S;
    for (int64_t i = 2; i < 5; i++) {
        add_promise(writer, deep, thing_number(deep, i), 1, BROKEN);
    }
    add_answer(writer, shallow, thing_number(shallow, 2), CSAT, 2);
    add_promise(writer, risen, thing_number(risen, 1), 1, KEPT);
    event_writer_commit(writer);
    wait_until_all_is_applied();
    for (int64_t i = 1; i <= 3; i++) {
        test_sql("INSERT INTO intake.customer (bucket, number, version, first_seen_at)"
                 " VALUES (%d, %lld, 1, now())",
                 identifier_bucket(customer_number(i)), (long long)customer_number(i));
    }

    struct db *db = db_pool_wait(service->db, 5 * DURATION_S, &err);
    assert_non_null(db);
    score_store_ask_fallen(db, since_us, 4);
    assert_int_equal(score_store_take_fallen(run(db)->rows[0], rows, 4), 2);
    assert_int_equal(rows[0].customer.number, deep);
    assert_true(rows[0].index_before == 58.33);
    assert_int_equal(rows[1].customer.number, shallow);

    score_store_ask_scores(db, rows, 2, false);
    const struct db_reply *reply = run(db);
    assert_true(score_store_take_scores(reply->rows[0], rows, 2));
    assert_int_equal(rows[0].customer.account.broken, 3);
    assert_true(index_sum(&rows[0].customer.index) == 41.67);
    size_t count = score_store_take_evidence(reply->rows[1], &evidence);
    assert_int_equal(count, 6);
    assert_string_equal(evidence[0].stream, "intake.0");
    free(evidence);

    /* Both follow the third: whoever is asked for, the evidence is that of all three. */
    test_sql("UPDATE intake.customer SET merged_into = %lld WHERE number <> %lld", (long long)risen,
             (long long)risen);
    test_sql("UPDATE intake.customer SET follower_count = 2 WHERE number = %lld", (long long)risen);
    score_store_ask_scores(db, rows, 2, true);
    reply = run(db);
    assert_true(score_store_take_scores(reply->rows[0], rows, 2));
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(rows[i].merged_count, 2);
        assert_int_equal(rows[i].customer.account.broken, 4);
        assert_int_equal(rows[i].customer.account.kept, 2);
        assert_int_equal(rows[i].customer.answers.csat_count, 1);
    }
    assert_true(index_sum(&rows[0].customer.index) == index_sum(&rows[1].customer.index));
    count = score_store_take_evidence(reply->rows[1], &evidence);
    assert_int_equal(count, 2 * 7);
    free(evidence);

    /* An answer that was taken back is no evidence. */
    test_sql("UPDATE loyalty.score_evidence SET version = 2, is_void = true WHERE kind = 2");
    score_store_ask_scores(db, rows, 2, true);
    count = score_store_take_evidence(run(db)->rows[1], &evidence);
    assert_int_equal(count, 2 * 6);
    free(evidence);
    db_release(db);
    stop_consumer();
}

static void a_reference_is_found_by_its_bucket_and_may_be_ambiguous(void **state)
{
    static const char *const sources[] = {"garage", "shop"};
    struct err err = ERR_NONE;
    int64_t found = 0;

    start_consumer(100);
    test_sql("DELETE FROM intake.source");
    for (int i = 0; i < 2; i++) {
        test_sql("INSERT INTO intake.source (id, name, public_key, rights, created_at)"
                 " VALUES (%d, '%s', decode(repeat('0%d', 32), 'hex'), '{}', now())",
                 i + 1, sources[i], i);
        test_sql("INSERT INTO intake.customer_reference VALUES (%d, %d, 'vip-7', %d)",
                 identifier_bucket_of_reference(i + 1, "vip-7"), i + 1, 4711 + i);
    }
    struct db *db = db_pool_wait(service->db, 5 * DURATION_S, &err);
    assert_non_null(db);
    score_store_ask_sources(db, "shop");
    const struct db_reply *reply = run(db);
    score_store_ask_reference(db, reply->rows[0], "vip-7");
    assert_int_equal(score_store_take_reference(run(db)->rows[0], &found), 1);
    assert_int_equal(found, 4712);
    score_store_ask_sources(db, "");
    reply = run(db);
    assert_int_equal(db_row_count(reply->rows[0]), 2);
    score_store_ask_reference(db, reply->rows[0], "vip-7");
    assert_int_equal(score_store_take_reference(run(db)->rows[0], &found), 2);
    score_store_ask_sources(db, "");
    reply = run(db);
    score_store_ask_reference(db, reply->rows[0], "vip-8");
    assert_int_equal(score_store_take_reference(run(db)->rows[0], &found), 0);
    db_release(db);
    stop_consumer();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(events_become_scores_with_history_and_events, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(replaying_all_events_gives_the_same_numbers, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(replaying_one_stream_gives_the_same_history, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_batch_whose_commit_fails_takes_effect_once, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(connections_that_die_in_a_batch_lose_and_double_nothing,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_deepest_falls_since_an_instant_come_first, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_reference_is_found_by_its_bucket_and_may_be_ambiguous,
                                        set_up, tear_down),
    };

    log_set_level(LOG_ERROR); /* what fails here is meant to */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
