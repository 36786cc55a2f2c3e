/* SPDX-License-Identifier: Apache-2.0 */
/* Events go in, a statement of points comes out. The rules are those of points_plan_test.c. */
#include "services/loyalty/points_store.h"

#include "tests/support/loyalty_stub.h"

#define POINTS_CUSTOMERS 12
#define POINTS_EVENTS    400

/* All of it. */
#define STATEMENTS                                                                                 \
    FINGERPRINT("customer_number, number, kind, subject, points, points_left, balance, owed, at,"  \
                " expires_at, reason, event_stream, event_seq",                                    \
                "points_entry")

static void add_money(int64_t customer, int64_t subject, int64_t amount_minor, bool is_refund,
                      bool is_reversal)
{
    Troth__V1__PurchaseMade bought = TROTH__V1__PURCHASE_MADE__INIT;
    Troth__V1__RefundMade back = TROTH__V1__REFUND_MADE__INIT;
    Troth__V1__Event event = next_event(customer, 1);
    char currency[] = "CNY";

    event.has_is_reversal = event.is_reversal = is_reversal;
    bought.has_purchase = bought.has_amount_minor = true;
    back.has_refund = back.has_amount_minor = true;
    bought.purchase = back.refund = subject;
    bought.amount_minor = back.amount_minor = amount_minor;
    bought.currency = back.currency = currency;
    if (is_refund) {
        event.body_case = TROTH__V1__EVENT__BODY_REFUND_MADE;
        event.refund_made = &back;
    } else {
        event.body_case = TROTH__V1__EVENT__BODY_PURCHASE_MADE;
        event.purchase_made = &bought;
    }
    event_writer_add(writer, &event);
}

static void add_spent(int64_t customer, int64_t subject, int64_t points, bool is_reversal)
{
    Troth__V1__PointsSpent body = TROTH__V1__POINTS_SPENT__INIT;
    Troth__V1__Event event = next_event(customer, 1);

    event.has_is_reversal = event.is_reversal = is_reversal;
    body.has_redemption = body.has_points = true;
    body.redemption = subject;
    body.points = points;
    event.body_case = TROTH__V1__EVENT__BODY_POINTS_SPENT;
    event.points_spent = &body;
    event_writer_add(writer, &event);
}

static void write_everything(void)
{
    for (int64_t i = 0; i < POINTS_EVENTS; i++) {
        uint64_t luck = chance((uint64_t)i + 77);
        int64_t customer = customer_number((int64_t)(luck % POINTS_CUSTOMERS));
        int64_t subject = thing_number(customer, i);
        int64_t amount = (int64_t)(luck >> 8) % 40000;
        bool is_void = (luck >> 32) % 4 == 0; /* of one before it, perhaps of none */
        int64_t about =
            is_void ? thing_number(customer, i - (int64_t)((luck >> 40) % 30)) : subject;

        if ((luck >> 4) % 8 < 4) {
            add_money(customer, about, amount, false, is_void);
        } else if ((luck >> 4) % 8 < 5) {
            add_money(customer, about, amount / 4, true, is_void);
        } else {
            add_spent(customer, about, 1 + amount / 90, is_void);
        }
    }
    event_writer_commit(writer);
}

static void the_statement_does_not_depend_on_the_size_of_batches(void **state)
{
    static const int64_t sizes[] = {1, 7, 512};
    int64_t first = 0;

    write_everything();
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        test_sql("SELECT loyalty.start_over()");
        start_consumer(sizes[i]);
        wait_until_all_is_applied();
        first = i == 0 ? STATEMENTS : first;
        assert_int_equal(STATEMENTS, first);
        stop_consumer();
    }
    assert_true(test_sql_int("SELECT count(*) FROM loyalty.points_entry") > POINTS_EVENTS / 2);
    assert_int_equal(test_sql_int("SELECT count(DISTINCT kind) FROM loyalty.points_entry"), 5);
    /* Every entry once in the log, whatever else starting over has told again. */
    assert_int_equal(test_sql_int("SELECT count(DISTINCT (customer_id, version)) FROM log.event"
                                  " WHERE kind = 'points_changed'"),
                     test_sql_int("SELECT count(*) FROM loyalty.points_entry"));
    assert_int_equal(
        test_sql_int("SELECT count(*) FROM loyalty.points_entry AS e JOIN (SELECT customer_number,"
                     " sum(points) AS balance, max(number) AS number, sum(points_left)"
                     " FILTER (WHERE kind <> 5) AS points_left FROM loyalty.points_entry"
                     " GROUP BY 1) AS s USING (customer_number, number)"
                     " WHERE e.balance = s.balance AND s.points_left - e.owed = e.balance"),
        test_sql_int("SELECT count(DISTINCT customer_number) FROM loyalty.points_entry"));
}

/* Whoever has points of two streams: the second one tells of the purchase that pays. */
static void a_purchase_over_another_stream_pays_for_what_was_refused(void **state)
{
    int64_t customer = customer_number(4);

    start_consumer(100);
    add_spent(customer, thing_number(customer, 1), 80, false);
    event_writer_commit(writer);
    wait_until_all_is_applied();
    assert_int_equal(test_sql_int("SELECT kind FROM loyalty.points_entry"), POINTS_REFUSED);
    add_purchase(customer, thing_number(customer, 2), 3, false);
    event_writer_commit(writer);
    wait_until_all_is_applied();
    assert_int_equal(test_sql_int("SELECT balance FROM loyalty.points_entry WHERE number = 3"
                                  " AND kind = 2 AND event_seq = 1"),
                     20);
    assert_int_equal(test_sql_int("SELECT points_left FROM loyalty.points_entry WHERE kind = 5"),
                     0);
    stop_consumer();
}

static void what_has_run_out_is_written_off_without_an_event(void **state)
{
    int64_t customer = customer_number(5), other = customer_number(6);

    start_consumer(100);
    add_purchase(customer, thing_number(customer, 1), 900, false);
    add_purchase(other, thing_number(other, 2), 600, false);
    event_writer_commit(writer);
    wait_until_all_is_applied();
    assert_int_equal(test_sql_int("SELECT count(*) FROM loyalty.points_entry"), 2);
    loyalty_sweep_start(&loyalty);
    test_wait_sql(loop, 3, "SELECT count(*) FROM loyalty.points_entry");
    assert_int_equal(test_sql_int("SELECT points FROM loyalty.points_entry WHERE kind = 3"
                                  " AND at = (SELECT expires_at FROM loyalty.points_entry"
                                  " WHERE kind = 1 AND points_left = 0)"),
                     -100);
    stop_consumer();
}

/* How many customers are due, of all buckets. */
static size_t due(void)
{
    struct err err = ERR_NONE;
    struct db *db = db_pool_wait(service->db, 10 * DURATION_S, &err);
    struct db_array buckets;

    assert_non_null(db);
    db_array_init(&buckets, DB_INT2);
    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++) {
        db_array_add_int(&buckets, bucket);
    }
    points_store_ask_due(db, &buckets, AT_US, 10);
    db_array_free(&buckets);
    const struct db_reply *reply = db_run_wait(db);
    assert_int_equal(reply->outcome, DB_OK);
    size_t count = db_row_count(reply->rows[0]);
    db_release(db);
    return count;
}

static void nothing_is_written_off_while_events_of_its_bucket_wait(void **state)
{
    int64_t customer = customer_number(5);

    start_consumer(100);
    add_purchase(customer, thing_number(customer, 1), 900, false);
    event_writer_commit(writer);
    wait_until_all_is_applied();
    assert_int_equal(due(), 1);
    test_sql("UPDATE log.head SET seq = seq + 1 WHERE stream LIKE 'intake.%%'");
    assert_int_equal(due(), 0);
    test_sql("UPDATE log.head SET seq = seq - 1 WHERE stream LIKE 'intake.%%'");
    assert_int_equal(due(), 1);
    test_sql("UPDATE loyalty.points_entry SET points_left = 0");
    assert_int_equal(due(), 0);
    stop_consumer();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_statement_does_not_depend_on_the_size_of_batches),
        TEST(a_purchase_over_another_stream_pays_for_what_was_refused),
        TEST(what_has_run_out_is_written_off_without_an_event),
        TEST(nothing_is_written_off_while_events_of_its_bucket_wait),
    };

    log_set_level(LOG_ERROR); /* what fails here is meant to */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
