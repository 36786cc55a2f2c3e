/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records go in, rows and receipts come out: the whole of intake but the bus, against PostgreSQL,
 * while others are quicker, in the way, or gone.
 */
#include "services/intake/intake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "common/runtime/message_check.h"
#include "services/intake/borrowed.h"
#include "services/intake/intake_backlog.h"
#include "services/intake/intake_lane.h"
#include "tests/support/event_writer.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_database.h"

enum {
    SOURCE = 7,
    RECEIPTS_MAX = 2048
};

#define STATUS(name) TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_##name
#define LI_BUCKET    ((int)identifier_bucket_of_reference(SOURCE, "li"))

/* The same for every test: the database remembers which keys it was written with. */
#define KEY_A       "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"
#define KEY_B       "b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2"
#define MASTER_KEYS "lookup " KEY_A "\nmaster 1 " KEY_B "\n"

static struct {
    struct temp_folder folder;
    struct loop *loop;
    struct service *service;
    struct service_settings common;
    char conninfo[512];
    struct intake_settings settings;
    struct intake *intake;
    struct intake_replies_options replies;
    Troth__V1__IntakeReply *messages[RECEIPTS_MAX];
    size_t message_count, receipt_count;
    int64_t counter, waiting;
} t;

/* ---- sending, without a bus */

static int keep_reply(void *ctx, struct bytes peer, struct bytes body)
{
    (void)ctx;
    (void)peer;
    Troth__V1__IntakeReply *m = troth__v1__intake_reply__unpack(NULL, body.len, body.data);
    assert_non_null(m);
    assert_true(t.message_count < RECEIPTS_MAX);
    t.messages[t.message_count++] = m;
    t.receipt_count += m->receipts->n_receipts;
    return 0;
}

static void start(void)
{
    struct err err = ERR_NONE;
    t.service = service_stub_new(t.loop, "intake", &t.settings);
    (void)text_format(t.conninfo, sizeof(t.conninfo), "%s", test_conninfo("troth_intake"));
    t.common = *t.service->common;
    t.common.database = t.conninfo;
    t.common.db_deadline_us = 10 * DURATION_S;
    t.service->common = &t.common;
    t.intake = intake_start(t.service, &err);
    if (!t.intake) {
        fail_msg("%s: %s", err.code, err.text);
        abort(); /* not reached */
    }
    intake_replies_free(t.intake->replies);
    t.intake->replies = intake_replies_new(&(struct intake_replies_options){
        .loop = t.loop,
        .send = keep_reply,
        .waiting_max = &t.settings.replies_max,
        .wait_us = &t.settings.reply_wait_us,
        .sent_counter = &t.counter,
        .dropped_counter = &t.counter,
        .waiting_gauge = &t.waiting,
    });
}

static int begin(void **state)
{
    memset(&t, 0, sizeof(t));
    test_sql("TRUNCATE log.lease, log.head, log.event, intake.receipt, intake.customer,"
             " intake.customer_reference, intake.person, intake.contact_text, intake.contact,"
             " intake.service_case, intake.case_reference, intake.case_event, intake.promise,"
             " intake.survey_answer, intake.purchase");
    settings_set_defaults(intake_setting_table, &t.settings);
    free(t.settings.standard);
    t.settings.standard = xstrdup("tests/support/plain_standards.conf");
    t.folder = temp_folder_new();
    t.settings.master_key_file = xcalloc(1, TEMP_PATH_SIZE);
    (void)temp_folder_name(&t.folder, "", "master.keys", t.settings.master_key_file);
    temp_folder_write(t.settings.master_key_file, MASTER_KEYS, 0600);
    t.loop = loop_new();
    start();
    return 0;
}

static int end(void **state)
{
    intake_stop(t.intake);
    service_stub_free(t.service);
    loop_free(t.loop);
    for (size_t i = 0; i < t.message_count; i++) {
        troth__v1__intake_reply__free_unpacked(t.messages[i], NULL);
    }
    settings_free(intake_setting_table, &t.settings);
    temp_folder_remove(&t.folder);
    return 0;
}

/* ---- records, added to one request */

static struct buffer batch;

static void add(const Troth__V1__Record *m)
{
    struct buffer packed = {0};
    message_pack(&m->base, &packed);
    const uint8_t head[] = {0x0a, (uint8_t)((packed.len & 0x7f) | 0x80),
                            (uint8_t)(packed.len >> 7)};
    buffer_append(&batch, head, sizeof(head));
    buffer_append(&batch, packed.data, packed.len);
    buffer_free(&packed);
}

static Troth__V1__Record record(const char *key, int64_t occurred_us)
{
    Troth__V1__Record m = TROTH__V1__RECORD__INIT;
    m.key = borrowed(key);
    m.has_occurred_us = true;
    m.occurred_us = occurred_us;
    return m;
}

static void add_contact(const char *key, const char *customer, const char *channel,
                        int64_t occurred_us)
{
    Troth__V1__Record m = record(key, occurred_us);
    Troth__V1__Contact c = TROTH__V1__CONTACT__INIT;
    c.customer_ref = borrowed(customer);
    c.has_kind = true;
    c.kind = TROTH__V1__CONTACT_KIND__CONTACT_KIND_COMPLAINT;
    c.channel = borrowed(channel);
    c.case_ref = borrowed("T-1");
    c.body = borrowed("squeaks");
    m.body_case = TROTH__V1__RECORD__BODY_CONTACT;
    m.contact = &c;
    add(&m);
}

static void add_update(const char *key, Troth__V1__CaseAction action, int64_t occurred_us)
{
    Troth__V1__Record m = record(key, occurred_us);
    Troth__V1__CaseUpdate u = TROTH__V1__CASE_UPDATE__INIT;
    u.customer_ref = borrowed("li");
    u.case_ref = borrowed("T-1");
    u.has_action = true;
    u.action = action;
    m.body_case = TROTH__V1__RECORD__BODY_CASE_UPDATE;
    m.case_update = &u;
    add(&m);
}

static void add_purchase(const char *key, const char *customer)
{
    Troth__V1__Record m = record(key, instant_now_us());
    Troth__V1__Purchase p = TROTH__V1__PURCHASE__INIT;
    p.customer_ref = borrowed(customer);
    p.has_amount_minor = true;
    p.amount_minor = 45000;
    p.currency = borrowed("CNY");
    m.body_case = TROTH__V1__RECORD__BODY_PURCHASE;
    m.purchase = &p;
    add(&m);
}

static void send(void)
{
    struct buffer body = {0};
    const uint8_t tag = 0x0a;
    const struct bus_message m = {
        .peer = bytes_of_text("peer"),
        .principal = {.id = SOURCE, .rights = RIGHT_RECORDS, .record_kinds = PRINCIPAL_ALL},
    };
    struct bus_message whole = m;
    buffer_append(&body, &tag, 1);
    for (size_t len = batch.len;; len >>= 7) {
        const uint8_t byte = (uint8_t)((len & 0x7f) | (len > 0x7f ? 0x80 : 0));
        buffer_append(&body, &byte, 1);
        if (len <= 0x7f) {
            break;
        }
    }
    buffer_append(&body, batch.data, batch.len);
    whole.body = (struct bytes){.data = body.data, .len = body.len};
    intake_on_request(t.intake, NULL, &whole);
    buffer_free(&body);
    buffer_free(&batch);
}

/* ---- receipts */

static bool has_receipts(void *ctx)
{
    const size_t *want = ctx;
    return t.receipt_count >= *want;
}

static void wait_receipts(size_t want)
{
    test_wait(t.loop, has_receipts, &want, "receipts");
}

static const Troth__V1__Receipt *last_receipt(const char *key)
{
    const Troth__V1__Receipt *found = NULL;
    for (size_t i = 0; i < t.message_count; i++) {
        for (size_t j = 0; j < t.messages[i]->receipts->n_receipts; j++) {
            const Troth__V1__Receipt *r = t.messages[i]->receipts->receipts[j];
            found = strcmp(r->key, key) == 0 ? r : found;
        }
    }
    if (!found) {
        fail_msg("no receipt for %s", key);
        abort(); /* not reached */
    }
    return found;
}

static void expect_accepted(const char *key)
{
    const Troth__V1__Receipt *r = last_receipt(key);
    if (r->status != STATUS(ACCEPTED)) {
        fail_msg("%s: %s %s %s", key, r->code, r->field, r->text);
    }
}

/* Somebody waits for a lock of the session. */
static void wait_blocked(void)
{
    test_wait_sql(t.loop, 1,
                  "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                  " AND datname = current_database()");
}

/* ---- one sender */

static void a_record_is_stored_once_and_its_key_remembered(void **state)
{
    int64_t now_us = instant_now_us();
    add_contact("k-1", "li", "phone", now_us);
    send();
    wait_receipts(1);
    expect_accepted("k-1");
    add_contact("k-1", "li", "phone", now_us);
    send();
    wait_receipts(2);
    assert_int_equal(last_receipt("k-1")->status, STATUS(DUPLICATE));
    assert_int_equal(last_receipt("k-1")->n_promises, 2);
    add_contact("k-1", "li", "web", now_us);
    send();
    wait_receipts(3);
    assert_string_equal(last_receipt("k-1")->code, "key_reused");
    assert_int_equal(test_sql_int("SELECT count(*) FROM intake.service_case"), 1);
    assert_int_equal(test_sql_int("SELECT count(*) FROM intake.promise"), 2);
    assert_int_equal(test_sql_int("SELECT count(*) FROM intake.contact_text"), 1);
    assert_int_equal(test_sql_int("SELECT count(*) FROM log.event"), 3);
}

static void what_was_stored_is_read_back_as_it_was(void **state)
{
    int64_t begin_us = instant_now_us() - 3 * DURATION_H;
    add_contact("k-1", "li", "phone", begin_us);
    send();
    wait_receipts(1);
    /* Each update is a batch of its own, so each reads what the one before it wrote. */
    static const Troth__V1__CaseAction actions[] = {
        TROTH__V1__CASE_ACTION__CASE_ACTION_WAITING_CUSTOMER,
        TROTH__V1__CASE_ACTION__CASE_ACTION_RESUMED,
        TROTH__V1__CASE_ACTION__CASE_ACTION_WAITING_CUSTOMER,
        TROTH__V1__CASE_ACTION__CASE_ACTION_RESPONDED,
        TROTH__V1__CASE_ACTION__CASE_ACTION_RESOLVED,
    };
    for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
        char key[8];
        (void)text_format(key, sizeof(key), "u-%zu", i);
        add_update(key, actions[i], begin_us + (int64_t)(i + 1) * 10 * DURATION_MIN);
        send();
        wait_receipts(i + 2);
        expect_accepted(key);
    }
    assert_int_equal(test_sql_int("SELECT count(*) FROM intake.promise WHERE state = 3"), 2);
    assert_int_equal(test_sql_int("SELECT extract(epoch FROM due_at - made_at)::int8"
                                  "  FROM intake.promise WHERE kind = 'resolution'"),
                     3 * 24 * 3600 + 20 * 60); /* two pauses of ten minutes */
    assert_int_equal(test_sql_int("SELECT version FROM intake.service_case"),
                     test_sql_int("SELECT count(*) FROM log.event"));
    assert_int_equal(
        test_sql_int("SELECT count(*) FROM intake.case_event AS e JOIN intake.service_case AS c"
                     " ON c.number = e.case_number AND e.case_version < c.version"),
        5);
}

static void many_records_of_many_customers_share_few_transactions(void **state)
{
    enum {
        COUNT = 1000
    };
    int64_t now_us = instant_now_us();
    for (int i = 0; i < COUNT; i++) {
        char key[16], customer[16];
        (void)text_format(key, sizeof(key), "k-%d", i);
        (void)text_format(customer, sizeof(customer), "c-%d", i % 100);
        if (i % 2) {
            add_purchase(key, customer);
        } else {
            add_contact(key, customer, "phone", now_us);
        }
        if (i % 100 == 99) {
            send();
        }
    }
    wait_receipts(COUNT);
    assert_int_equal(test_sql_int("SELECT count(*) FROM intake.receipt"), COUNT);
    assert_int_equal(test_sql_int("SELECT count(*) FROM intake.customer"), 100);
    assert_int_equal(test_sql_int("SELECT count(*) FROM intake.purchase"), COUNT / 2);
    /* The first contact of each of 50 customers opened a case, the others named it by reference. */
    assert_int_equal(test_sql_int("SELECT count(*) FROM intake.service_case"), 50);
    assert_int_equal(test_sql_int("SELECT count(*) FROM intake.contact"), COUNT / 2);
    assert_int_equal(test_sql_int("SELECT sum(version - 1) FROM intake.customer"), COUNT / 2);
    /* No gaps: in each bucket of the stream the numbers are 1 to n. */
    assert_int_equal(test_sql_int("SELECT count(*) FROM (SELECT bucket FROM log.event"
                                  " GROUP BY stream, bucket HAVING max(seq) <> count(*)) AS g"),
                     0);
}

/* ---- somebody else is quicker */

static void a_customer_that_somebody_else_makes_meanwhile_is_found(void **state)
{
    struct test_session *other = test_session_open(NULL);
    test_session_sql(other, "BEGIN");
    test_session_sql(other,
                     "INSERT INTO intake.customer (bucket, number, version, first_seen_at)"
                     " VALUES (%d, %d, 1, now())",
                     LI_BUCKET, 99 << 8 | LI_BUCKET);
    test_session_sql(other, "INSERT INTO intake.customer_reference VALUES (%d, %d, 'li', %d)",
                     LI_BUCKET, SOURCE, 99 << 8 | LI_BUCKET);
    add_purchase("k-1", "li");
    send();
    wait_blocked();
    test_session_sql(other, "COMMIT");
    wait_receipts(1);
    expect_accepted("k-1");
    assert_int_equal(test_sql_int("SELECT count(*) FROM intake.customer"), 1);
    assert_int_equal(test_sql_int("SELECT customer_number FROM intake.purchase"),
                     99 << 8 | LI_BUCKET);
    test_session_close(other);
}

static void a_case_that_somebody_else_changes_meanwhile_is_read_again(void **state)
{
    add_contact("k-1", "li", "phone", instant_now_us());
    send();
    wait_receipts(1);
    struct test_session *other = test_session_open(NULL);
    test_session_sql(other, "BEGIN");
    test_session_sql(other, "UPDATE intake.service_case SET version = 50, state = 5");
    add_update("k-2", TROTH__V1__CASE_ACTION__CASE_ACTION_CLOSED, instant_now_us());
    send();
    wait_blocked();
    test_session_sql(other, "COMMIT");
    wait_receipts(2);
    expect_accepted("k-2");
    assert_int_equal(test_sql_int("SELECT from_state FROM intake.case_event"), 5);
    assert_true(test_sql_int("SELECT version FROM intake.service_case") > 50);
    assert_int_equal(test_sql_int("SELECT count(*) FROM intake.case_event"), 1);
    test_session_close(other);
}

/* ---- trouble */

static void one_record_that_the_database_refuses_does_not_harm_the_others(void **state)
{
    int64_t now_us = instant_now_us();
    test_sql("ALTER TABLE intake.contact ADD CONSTRAINT refused CHECK (channel <> 'refused')");
    for (int i = 0; i < 20; i++) {
        char key[16], customer[16];
        (void)text_format(key, sizeof(key), "k-%d", i);
        (void)text_format(customer, sizeof(customer), "c-%d", i);
        add_contact(key, customer, i == 13 ? "refused" : "phone", now_us);
    }
    send();
    wait_receipts(20);
    test_sql("ALTER TABLE intake.contact DROP CONSTRAINT refused");
    assert_int_equal(test_sql_int("SELECT count(*) FROM intake.service_case"), 19);
    assert_int_equal(test_sql_int("SELECT count(*) FROM intake.receipt"), 19);
    const Troth__V1__Receipt *guilty = last_receipt("k-13");
    assert_int_equal(guilty->status, STATUS(REJECTED));
    assert_string_equal(guilty->code, "data_refused");
    expect_accepted("k-12");
    expect_accepted("k-14");
}

static void a_lost_connection_loses_no_record_and_doubles_none(void **state)
{
    struct test_session *other = test_session_open(NULL);
    test_session_sql(other, "BEGIN");
    test_session_sql(other, "LOCK TABLE intake.receipt IN EXCLUSIVE MODE");
    add_contact("k-1", "li", "phone", instant_now_us());
    send();
    wait_blocked();
    assert_int_equal(
        test_sql_int("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                     " WHERE wait_event_type = 'Lock' AND datname = current_database()"),
        1);
    test_session_sql(other, "COMMIT");
    wait_receipts(1);
    expect_accepted("k-1");
    assert_int_equal(test_sql_int("SELECT count(*) FROM intake.service_case"), 1);
    test_session_close(other);
}

static void a_full_queue_asks_to_come_again(void **state)
{
    t.settings.pending_max = 5; /* a source may hold as many as are left: 3 of 5 */
    struct test_session *other = test_session_open(NULL);
    test_session_sql(other, "BEGIN");
    test_session_sql(other, "LOCK TABLE intake.receipt IN EXCLUSIVE MODE");
    for (int i = 0; i < 5; i++) {
        char key[16];
        (void)text_format(key, sizeof(key), "k-%d", i);
        add_purchase(key, "li");
    }
    send();
    wait_receipts(2);
    assert_int_equal(last_receipt("k-4")->status, STATUS(RETRY));
    assert_string_equal(last_receipt("k-4")->code, "busy");
    assert_true(last_receipt("k-4")->retry_after_us > 0);
    test_session_sql(other, "COMMIT");
    wait_receipts(5);
    expect_accepted("k-2");
    assert_int_equal(intake_backlog_total(t.intake->backlog).records, 0);
    assert_int_equal(intake_backlog_total(t.intake->backlog).bytes, 0);
    test_session_close(other);
}

/* ---- steps */

static bool is_idle(void *ctx)
{
    for (size_t i = 0; i < t.intake->lane_count; i++) {
        if (!intake_lane_is_idle(t.intake->lanes[i])) {
            return false;
        }
    }
    return lease_held_count(t.intake->step_lanes) == LANE_COUNT;
}

static void take_steps(void)
{
    test_wait(t.loop, is_idle, NULL, "idle lanes with their leases");
    for (size_t i = 0; i < t.intake->lane_count; i++) {
        intake_lane_want_steps(t.intake->lanes[i]);
    }
    test_wait(t.loop, is_idle, NULL, "idle lanes");
}

static void overdue_promises_are_broken_once(void **state)
{
    t.settings.step_batch = 2; /* so that one turn is not enough */
    for (int i = 0; i < 5; i++) {
        char key[16], customer[16];
        (void)text_format(key, sizeof(key), "k-%d", i);
        (void)text_format(customer, sizeof(customer), "c-%d", i);
        add_contact(key, customer, "phone", instant_now_us() - 5 * DURATION_H);
    }
    send();
    wait_receipts(5);
    take_steps();
    take_steps();
    assert_int_equal(test_sql_int("SELECT count(*) FROM intake.promise WHERE state = 5"), 5);
    assert_int_equal(test_sql_int("SELECT count(*) FROM intake.promise WHERE state = 1"), 5);
    /* At risk, then broken. */
    assert_int_equal(test_sql_int("SELECT count(*) FROM log.event WHERE kind = 'promise_changed'"),
                     10);
    assert_int_equal(test_sql_int("SELECT count(*) FROM intake.promise AS p"
                                  " WHERE state = 5 AND next_step_at IS NULL AND version = 3"),
                     5);
}

static void a_step_and_an_answer_at_the_same_time_leave_one_truth(void **state)
{
    int64_t begin_us = instant_now_us() - 5 * DURATION_H;
    add_contact("k-1", "li", "phone", begin_us);
    send();
    wait_receipts(1);
    /* The step reads, then waits for the case; the answer of another process is quicker. */
    struct test_session *other = test_session_open(NULL);
    test_session_sql(other, "BEGIN");
    test_session_sql(other, "UPDATE intake.service_case SET version = version + 2, state = 2");
    test_session_sql(other, "UPDATE intake.promise SET state = 3, version = 2, next_step = 0,"
                            " next_step_at = NULL WHERE kind = 'first_response'");
    test_wait(t.loop, is_idle, NULL, "idle lanes with their leases");
    for (size_t i = 0; i < t.intake->lane_count; i++) {
        intake_lane_want_steps(t.intake->lanes[i]);
    }
    wait_blocked();
    test_session_sql(other, "COMMIT");
    test_wait(t.loop, is_idle, NULL, "idle lanes");
    assert_int_equal(test_sql_int("SELECT state FROM intake.promise WHERE kind = 'first_response'"),
                     3);
    assert_int_equal(test_sql_int("SELECT count(*) FROM log.event WHERE kind = 'promise_changed'"),
                     0);
    test_session_close(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_record_is_stored_once_and_its_key_remembered),
        TEST(what_was_stored_is_read_back_as_it_was),
        TEST(many_records_of_many_customers_share_few_transactions),
        TEST(a_customer_that_somebody_else_makes_meanwhile_is_found),
        TEST(a_case_that_somebody_else_changes_meanwhile_is_read_again),
        TEST(one_record_that_the_database_refuses_does_not_harm_the_others),
        TEST(a_lost_connection_loses_no_record_and_doubles_none),
        TEST(a_full_queue_asks_to_come_again),
        TEST(overdue_promises_are_broken_once),
        TEST(a_step_and_an_answer_at_the_same_time_leave_one_truth),
    };
    log_set_level(LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
