/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/followup_attempt_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/followup/agenda_store.h"
#include "services/followup/answer_batch.h"
#include "services/followup/followup_outbox_store.h"
#include "services/followup/followup_outcome_store.h"
#include "services/followup/followup_settle.h"
#include "services/followup/followup_store.h"
#include "tests/support/test_database.h"

enum {
    BUCKET = 7
};

#define NOW_S  1800000000LL
#define NOW_US (NOW_S * DURATION_S)

static struct rulebook *rules;
static struct loop *loop;
static struct db_pool *pool;

static int set_up(void **state)
{
    loop = loop_new();
    pool = test_pool(loop, "troth_followup", 2, 0);
    test_sql("TRUNCATE followup.follow_up, followup.follow_up_attempt, followup.record_outbox,"
             " followup.dialer_session, followup.bad_number, followup.customer_rhythm");
    return 0;
}

static int tear_down(void **state)
{
    db_pool_free(pool);
    loop_free(loop);
    return 0;
}

/* Runs what is queued; the reply lives until the next db_ call. */
static const struct db_reply *run(struct db *db)
{
    const struct db_reply *reply = db_run_wait(db);
    if (reply->outcome != DB_OK) {
        fail_msg("%s: %s", reply->err.field, reply->err.text);
    }
    return reply;
}

static enum db_outcome outcome_of(struct db *db)
{
    return db_run_wait(db)->outcome;
}

/* Planned ones, due an hour ago, with the counters 100, 101, ... */
static void insert_due(int count)
{
    test_sql("INSERT INTO followup.follow_up (bucket, number, version, customer_number,"
             " case_number, case_version, rule, rule_version, trigger, topic, purpose, priority,"
             " channel, subject, occurrence, state, reason, planned_at,"
             " due_at, window_end_at, next_attempt_at, attempts, calls, is_historical)"
             " SELECT %d, (100 + i) * 256 + %d, 1, 2823, 3079, 2, 'after_resolution', 1, 1,"
             " 'case_resolved', 1, 3, 1, 3079, i, 1,"
             " '', t, t - interval '1 h', t + interval '47 h', t - interval '1 h', 0, 0, false"
             " FROM generate_series(0, %d) AS i, to_timestamp(%lld) AS t",
             BUCKET, BUCKET, count - 1, NOW_S);
}

static struct followup_attempt order_of(const struct follow_up *f, int32_t attempt)
{
    return (struct followup_attempt){
        .follow_up = f->number,
        .attempt = attempt,
        .customer = 2823,
        .channel = 1,
        .dialer = "pbx/one",
        .journal = "abc",
        .state = FOLLOWUP_ATTEMPT_ORDERED,
        .ordered_us = NOW_US,
        .start_by_us = 30 * DURATION_S,
    };
}

/* The first of them, claimed and ordered. */
static struct follow_up order_first(struct db *db)
{
    struct follow_up f = {.number = identifier_make(100, BUCKET)};
    const struct followup_attempt order = order_of(&f, 1);
    test_sql("UPDATE followup.follow_up SET state = 3, version = 3, attempts = 1,"
             " next_attempt_at = NULL WHERE number = %lld",
             (long long)f.number);
    followup_attempt_store_put_insert(db, &order, 1);
    (void)run(db);
    return f;
}

static void an_attempt_has_one_order(void **state)
{
    struct db *db = test_borrow(pool);
    insert_due(1);
    struct follow_up f = order_first(db);
    const struct followup_attempt again = order_of(&f, 1);
    const struct followup_attempt next = order_of(&f, 2);

    followup_attempt_store_put_insert(db, &again, 1);
    assert_int_equal(outcome_of(db), DB_CONFLICT);
    followup_attempt_store_put_insert(db, &next, 1);
    assert_int_equal(outcome_of(db), DB_OK);

    assert_int_equal(test_sql_int("SELECT count(*) FROM followup.follow_up_attempt"), 2);
    assert_int_equal(test_sql_int("SELECT count(*) FROM followup.follow_up_attempt"
                                  " WHERE order_key LIKE 'F-%%/1'"),
                     1);
    db_release(db);
}

/* Sealed with a key of this test alone. */
static void put_answers(struct db *db, const struct agenda *agenda,
                        const struct followup_fate *fate)
{
    struct bus_keys keys;
    struct seal_box box;
    struct err err = ERR_NONE;
    assert_int_equal(bus_keys_new(&keys, &err), 0);
    assert_int_equal(seal_box_init(&box, &keys, 1, &err), 0);
    struct answer_batch *batch = answer_batch_new(&box);
    const struct answer_call call = {.agenda = agenda, .attempt = 1, .ended_us = NOW_US};
    answer_batch_add(batch, &call, &fate->told);
    answer_batch_put(batch, db, NOW_US);
    answer_batch_free(batch);
}

/* What followup_fates.c does with one result. Returns whether it changed anything. */
static bool settle(struct db *db, const struct follow_up *f, const struct followup_fate *fate)
{
    struct db_array numbers;
    struct db_array attempts;
    struct db_array outcomes;
    struct follow_up_list list = {0};
    struct followup_locked row;
    struct followup_settled settled;
    db_array_init(&numbers, DB_INT8);
    db_array_init(&attempts, DB_INT4);
    db_array_init(&outcomes, DB_INT2);
    db_array_add_int(&outcomes, fate->outcome);
    db_array_add_int(&numbers, f->number);
    db_array_add_int(&attempts, 1);
    db_begin(db);
    followup_attempt_store_put_lock(db, &numbers, &attempts, &outcomes);
    agenda_store_put(db, &numbers);
    const struct db_reply *reply = run(db);
    assert_int_equal(db_row_count(reply->rows[0]), 1);
    struct agenda agenda;
    size_t reasons;
    assert_int_equal(agenda_store_get(reply->rows[1], 0, &agenda, &reasons), f->number);
    struct follow_up *locked = follow_up_list_add(&list);
    followup_attempt_store_get_locked(reply->rows[0], 0, &row);
    struct followup_attempt a = row.attempt;
    *locked = row.follow_up;
    const struct followup_settle_rows rows = {
        .follow_up = locked, .attempt = &a, .same_count = row.same_count};
    const struct followup_outcome_terms terms = {.rules = rules, .orders_max = 10};
    assert_int_equal(followup_settle(&terms, fate, NOW_US + 1, &rows, &settled, NULL), 0);
    assert_int_equal(followup_attempt_store_put_changes(db, &a, 1), a.is_changed ? 1 : 0);
    assert_int_equal(followup_store_put_changes(db, &list, NULL), a.is_changed ? 1 : 0);
    if (settled.is_call) {
        put_answers(db, &agenda, fate);
    }
    db_commit(db);
    (void)run(db);
    follow_up_list_free(&list);
    db_array_free(&numbers);
    db_array_free(&attempts);
    db_array_free(&outcomes);
    return !settled.is_duplicate;
}

static void a_result_counts_once(void **state)
{
    struct db *db = test_borrow(pool);
    struct call_told_answer answers[] = {
        {.code = "csat", .instrument = 1, .value = 5, .has_value = true}
    };
    const struct followup_fate fate = {
        .kind = FOLLOWUP_FATE_FINISHED,
        .dialer = "pbx/one",
        .outcome = 1,
        .started_us = NOW_US,
        .ended_us = NOW_US,
        .told = {.answers = answers, .answer_count = 1},
    };
    insert_due(1);
    struct follow_up f = order_first(db);

    assert_true(settle(db, &f, &fate));
    assert_false(settle(db, &f, &fate));

    assert_int_equal(test_sql_int("SELECT calls FROM followup.follow_up"), 1);
    assert_int_equal(test_sql_int("SELECT state FROM followup.follow_up"), FOLLOW_UP_DONE);
    assert_int_equal(test_sql_int("SELECT outcome FROM followup.follow_up_attempt"), 1);
    assert_int_equal(test_sql_int("SELECT count(*) FROM followup.record_outbox"), 1);
    db_release(db);
}

static void the_lock_brings_what_the_outcome_depends_on(void **state)
{
    struct db *db = test_borrow(pool);
    struct db_array numbers;
    struct db_array attempts;
    struct db_array outcomes;
    struct followup_locked row;
    insert_due(1);
    struct follow_up f = order_first(db);
    struct followup_attempt more[] = {order_of(&f, 2), order_of(&f, 3), order_of(&f, 4)};
    more[1].channel = 3;
    more[2].handle = 77;
    followup_attempt_store_put_insert(db, more, ARRAY_LEN(more));
    (void)run(db);
    test_sql("UPDATE followup.follow_up_attempt SET state = 3, outcome = 4, finished_at = now()"
             " WHERE attempt < 4");
    db_array_init(&numbers, DB_INT8);
    db_array_init(&attempts, DB_INT4);
    db_array_init(&outcomes, DB_INT2);
    db_array_add_int(&numbers, f.number);
    db_array_add_int(&attempts, 4);
    db_array_add_int(&outcomes, 4);
    followup_attempt_store_put_lock(db, &numbers, &attempts, &outcomes);
    followup_attempt_store_get_locked(run(db)->rows[0], 0, &row);

    /* Two voicemails on this channel; the third was on another one. */
    assert_int_equal(row.same_count, 2);
    assert_int_equal(row.attempt.handle, 77);
    assert_int_equal(row.attempt.customer, 2823);
    assert_int_equal(row.person, 2823);
    assert_int_equal(row.attempt.channel, 1);
    assert_string_equal(row.zone, "");
    db_array_free(&numbers);
    db_array_free(&attempts);
    db_array_free(&outcomes);
    db_release(db);
}

/* Of an order that a person has, beside another one of the same customer, or of who is the same. */
static bool is_called_elsewhere(struct db *db, const char *dialer, int state, bool is_merged)
{
    const int64_t customer = is_merged ? (12 << 8 | 9) : 2823;
    const struct follow_up mine = {.number = identifier_make(100, BUCKET)};
    const struct follow_up other = {.number = is_merged ? identifier_make(101, 9)
                                                        : identifier_make(101, BUCKET)};
    struct followup_attempt orders[] = {order_of(&mine, 1), order_of(&other, 1)};
    struct followup_locked row;
    struct db_array numbers, attempts, outcomes;
    test_sql("TRUNCATE followup.follow_up_attempt");
    (void)text_copy(orders[0].dialer, sizeof(orders[0].dialer), "person/ann");
    (void)text_copy(orders[1].dialer, sizeof(orders[1].dialer), dialer);
    orders[1].customer = customer;
    followup_attempt_store_put_insert(db, orders, ARRAY_LEN(orders));
    (void)run(db);
    test_sql(
        "UPDATE followup.follow_up_attempt SET state = s, outcome = CASE WHEN s = 3 THEN 1 END,"
        " finished_at = CASE WHEN s > 2 THEN now() END FROM (VALUES (%d)) AS v (s)"
        " WHERE follow_up_number = %lld",
        state, (long long)other.number);
    db_array_init(&numbers, DB_INT8);
    db_array_init(&attempts, DB_INT4);
    db_array_init(&outcomes, DB_INT2);
    db_array_add_int(&numbers, mine.number);
    db_array_add_int(&attempts, 1);
    db_array_add_int(&outcomes, 0);
    followup_attempt_store_put_lock(db, &numbers, &attempts, &outcomes);
    followup_attempt_store_get_locked(run(db)->rows[0], 0, &row);
    db_array_free(&numbers);
    db_array_free(&attempts);
    db_array_free(&outcomes);
    return row.is_called_elsewhere;
}

static void the_lock_says_whether_the_customer_is_called_elsewhere(void **state)
{
    static const struct {
        const char *dialer;
        int state;
        bool is_called;
    } rows[] = {
        {"pbx/one",    1, true },
        {"pbx/one",    2, true },
        {"pbx/one",    3, false},
        {"pbx/one",    4, false},
        {"pbx/one",    5, false},
        {"person/bob", 1, false}, /* he only holds it */
        {"person/bob", 2, true },
    };
    struct db *db = test_borrow(pool);
    insert_due(1);
    test_sql("TRUNCATE intake.customer");
    test_sql("INSERT INTO intake.customer (bucket, number, version, first_seen_at, follower_count,"
             " merged_into) VALUES (%d, 2823, 1, now(), 1, NULL), (9, %d, 1, now(), 0, 2823)",
             BUCKET, 12 << 8 | 9);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        bool of_same = is_called_elsewhere(db, rows[i].dialer, rows[i].state, false);
        bool of_merged = is_called_elsewhere(db, rows[i].dialer, rows[i].state, true);
        if (of_same != rows[i].is_called || of_merged != rows[i].is_called) {
            fail_msg("%s, state %d", rows[i].dialer, rows[i].state);
        }
    }
    db_release(db);
}

static void bad_numbers_and_refusals_are_kept(void **state)
{
    struct db *db = test_borrow(pool);
    struct followup_outcome_marks marks = {.numbers = NULL};
    struct followup_attempt a = {.customer = 2823, .handle = 5 * 256 + 9, .outcome = 6};
    followup_outcome_mark(&marks, &a);
    followup_outcome_mark(&marks, &a); /* the same number twice in a batch */
    a.outcome = 12;
    a.handle = 0; /* not known whose: nothing to keep */
    followup_outcome_mark(&marks, &a);
    a.outcome = 1;
    followup_outcome_mark(&marks, &a);
    a.outcome = 5;
    followup_outcome_mark(&marks, &a);
    followup_outcome_put_marks(db, &marks, NOW_US);
    followup_outcome_put_marks(db, &marks,
                               NOW_US - DURATION_H); /* late: refusals keep the newest */
    (void)run(db);
    followup_outcome_free_marks(&marks);

    assert_int_equal(test_sql_int("SELECT count(*) FROM followup.bad_number"), 1);
    assert_int_equal(test_sql_int("SELECT handle FROM followup.bad_number"
                                  " WHERE bucket = 9 AND outcome = 6"),
                     5 * 256 + 9);
    assert_int_equal(test_sql_int("SELECT extract(epoch FROM last_refusal_at)::int8"
                                  " FROM followup.customer_rhythm WHERE customer_number = 2823"),
                     NOW_S);
    db_release(db);
}

static void open_orders_are_found_by_time_and_by_dialer(void **state)
{
    struct db *db = test_borrow(pool);
    struct db_array buckets;
    struct db_array dialers;
    struct followup_attempt found;
    struct followup_open_page page = {.limit = 10};
    insert_due(1);
    struct follow_up f = order_first(db);
    db_array_init(&buckets, DB_INT2);
    db_array_init(&dialers, DB_TEXT);
    db_array_add_int(&buckets, BUCKET);

    followup_attempt_store_put_open(db, &buckets, 29 * DURATION_S, &dialers, &page);
    assert_int_equal(db_row_count(run(db)->rows[0]), 0);
    followup_attempt_store_put_open(db, &buckets, 31 * DURATION_S, &dialers, &page);
    assert_int_equal(db_row_count(run(db)->rows[0]), 1);
    db_array_add_text(&dialers, "pbx/one");
    followup_attempt_store_put_open(db, &buckets, 29 * DURATION_S, &dialers, &page);
    const struct db_rows *rows = run(db)->rows[0];
    assert_int_equal(db_row_count(rows), 1);
    followup_attempt_store_get_open(rows, 0, &found);

    assert_int_equal(found.follow_up, f.number);
    assert_int_equal(found.attempt, 1);
    assert_string_equal(found.dialer, "pbx/one");
    assert_string_equal(found.journal, "abc");
    assert_int_equal(found.start_by_us, 30 * DURATION_S);
    page.after_start_by_us = found.start_by_us;
    page.after_number = found.follow_up - 1;
    followup_attempt_store_put_open(db, &buckets, 29 * DURATION_S, &dialers, &page);
    assert_int_equal(db_row_count(run(db)->rows[0]), 1);
    page.after_number = found.follow_up;
    followup_attempt_store_put_open(db, &buckets, 29 * DURATION_S, &dialers, &page);
    assert_int_equal(db_row_count(run(db)->rows[0]), 0);
    db_array_free(&buckets);
    db_array_free(&dialers);
    db_release(db);
}

/* ---- outbox, backlog, sessions */

static void answers_wait_until_intake_has_decided(void **state)
{
    struct db *db = test_borrow(pool);
    struct db_array buckets;
    struct followup_outbox_record records[] = {
        {.follow_up = BUCKET,     .key = "a", .record = bytes_of_text("one")         },
        {.follow_up = BUCKET,     .key = "b", .record = bytes_of_text("two")         },
        {.follow_up = BUCKET,     .key = "b", .record = bytes_of_text("the same key")},
        {.follow_up = BUCKET + 1, .key = "c", .record = bytes_of_text("three")       },
    };
    const struct followup_outbox_receipt receipts[] = {
        {.follow_up = BUCKET, .key = "a"            },
        { .follow_up = BUCKET + 1,         .key = "c", .code = "case_unknown"},
    };
    struct followup_outbox_record waiting;
    db_array_init(&buckets, DB_INT2);
    db_array_add_int(&buckets, BUCKET);
    db_array_add_int(&buckets, BUCKET + 1);
    followup_outbox_store_put_insert(db, records, ARRAY_LEN(records), NOW_US);
    followup_outbox_store_put_waiting(db, &buckets, NOW_US - 1, 10);
    followup_outbox_store_put_waiting(db, &buckets, NOW_US, 10);
    const struct db_reply *both = run(db);
    assert_int_equal(db_row_count(both->rows[1]), 0); /* our clock was set back since */
    assert_int_equal(db_row_count(both->rows[2]), 3);

    followup_outbox_store_put_receipts(db, receipts, ARRAY_LEN(receipts), NOW_US);
    followup_outbox_store_put_waiting(db, &buckets, NOW_US, 10);
    const struct db_reply *reply = run(db);
    const struct db_rows *rows = reply->rows[reply->count - 1];

    assert_int_equal(db_row_count(rows), 1);
    followup_outbox_store_get_waiting(rows, 0, &waiting);
    assert_string_equal(waiting.key, "b");
    assert_true(bytes_equal(waiting.record, bytes_of_text("two")));
    assert_int_equal(test_sql_int("SELECT count(*) FROM followup.record_outbox"
                                  " WHERE state = 2 AND record IS NULL AND code = ''"),
                     1);
    assert_int_equal(test_sql_int("SELECT count(*) FROM followup.record_outbox"
                                  " WHERE state = 3 AND record IS NOT NULL"
                                  " AND code = 'case_unknown'"),
                     1);
    db_array_free(&buckets);
    db_release(db);
}

static void the_backlog_counts_what_still_has_to_be_done(void **state)
{
    static const char count_sql[] = "SELECT count FROM followup.backlog WHERE name = '%s'";
    struct db *db = test_borrow(pool);
    const struct followup_outbox_record answer = {
        .follow_up = BUCKET, .key = "a", .record = bytes_of_text("one")};
    insert_due(3);
    (void)order_first(db);
    test_sql("UPDATE followup.follow_up SET state = 2, claim_holder = 'one', claim_until = now()"
             " WHERE number = %d",
             101 * 256 + BUCKET);
    followup_outbox_store_put_insert(db, &answer, 1, NOW_US);
    (void)run(db);
    test_sql("UPDATE log.clock SET demo_now = to_timestamp(%lld)", NOW_S);

    assert_int_equal(test_sql_int(count_sql, "follow_ups_due"), 2);
    assert_int_equal(test_sql_int(count_sql, "orders_in_flight"), 1);
    assert_int_equal(test_sql_int(count_sql, "answers_waiting"), 1);
    test_sql("UPDATE log.clock SET demo_now = to_timestamp(%lld)", NOW_S - 7200);
    assert_int_equal(test_sql_int(count_sql, "follow_ups_due"), 1); /* the claim is in hand */
    assert_int_equal(test_sql_int(count_sql, "answers_waiting"), 0);
    test_sql("UPDATE log.clock SET demo_now = NULL");
    db_release(db);
}

static void a_session_is_kept_per_dialer(void **state)
{
    struct db *db = test_borrow(pool);
    struct followup_dialer dialer = {
        .name = "pbx/one", .journal = "abc", .free_lines = 5, .channels = 10};
    followup_attempt_store_put_session(db, &dialer, NOW_US);
    dialer.free_lines = 3;
    (void)text_copy(dialer.hours_text, sizeof(dialer.hours_text), "Mon 09:00-10:00 Asia/Tokyo");
    followup_attempt_store_put_session(db, &dialer, NOW_US + DURATION_S);
    (void)run(db);

    assert_int_equal(test_sql_int("SELECT count(*) FROM followup.dialer_session_public"), 1);
    assert_int_equal(test_sql_int("SELECT free_lines FROM followup.dialer_session"), 3);
    assert_int_equal(test_sql_int("SELECT channels FROM followup.dialer_session"
                                  " WHERE hours = 'Mon 09:00-10:00 Asia/Tokyo'"),
                     10);
    db_release(db);
}

static int open_rules(void **state)
{
    rules = rulebook_load("tests/support/plain_followups.conf", NULL);
    return rules ? 0 : -1;
}

static int close_rules(void **state)
{
    rulebook_free(rules);
    return 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_attempt_has_one_order),
        CASE(a_result_counts_once),
        CASE(the_lock_brings_what_the_outcome_depends_on),
        CASE(the_lock_says_whether_the_customer_is_called_elsewhere),
        CASE(bad_numbers_and_refusals_are_kept),
        CASE(open_orders_are_found_by_time_and_by_dialer),
        CASE(answers_wait_until_intake_has_decided),
        CASE(the_backlog_counts_what_still_has_to_be_done),
        CASE(a_session_is_kept_per_dialer),
    };
    return cmocka_run_group_tests(tests, open_rules, close_rules);
}
