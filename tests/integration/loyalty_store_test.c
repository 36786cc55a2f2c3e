/* SPDX-License-Identifier: Apache-2.0 */
/* Events go in, scores come out: what each table then holds. */
#include "services/loyalty/loyalty_store.h"

#include "tests/support/loyalty_stub.h"

static void events_become_scores_with_history_and_events(void **state)
{
    int64_t customer = customer_number(3);

    start_consumer(100);
    add_promise(writer, customer, thing_number(customer, 1), 2, BROKEN);
    add_answer(writer, customer, thing_number(customer, 2), CSAT, 1);
    add_answer(writer, customer, thing_number(customer, 3), NPS, 8);
    event_writer_commit(writer);
    wait_until_all_is_applied();
    assert_int_equal(test_sql_int("SELECT count(*) FROM loyalty.customer_score_public"
                                  " WHERE is_trust_broken AND tier = 'bronze'"),
                     1);
    add_promise(writer, customer, thing_number(customer, 1), 3, KEPT);
    event_writer_commit(writer);
    wait_until_all_is_applied();

    assert_int_equal(test_sql_int("SELECT count(*) FROM loyalty.score_evidence"), 4);
    assert_int_equal(test_sql_int("SELECT event_seq FROM loyalty.score_evidence"
                                  " WHERE kind = 1 AND version = 3 AND value = 3"
                                  " AND (branch, team, label) = ('north', 'desk', 'resolution')"
                                  " AND due_at - made_at = interval '1 hour' AND done_at = at"),
                     4);
    assert_int_equal(test_sql_int("SELECT count(*) FROM loyalty.score_sum WHERE measure = 1"
                                  " AND count = 1 AND abs(value / weight - 1) < 1e-12"),
                     1);
    assert_int_equal(test_sql_int("SELECT count(*) FROM loyalty.score_sum WHERE measure = 3"
                                  " AND (count, weight, value) = (0, 0, 0)"),
                     1);
    /* NPS 8 moves nothing; the last one is the correction. */
    assert_int_equal(test_sql_int("SELECT count(*) FROM loyalty.score_history"), 3);
    assert_int_equal(
        test_sql_int("SELECT count(*) FROM loyalty.score_history AS h"
                     " JOIN loyalty.customer_score AS s ON s.customer_number = h.customer_number"
                     " AND s.index_hundredths = h.after_hundredths"
                     " WHERE h.before_hundredths < h.after_hundredths AND h.reason = 'trust'"
                     " AND (h.event_stream, h.event_seq) = ('intake.0', 4)"),
        1);
    stop_consumer();
}

static void each_change_is_told_once_and_in_the_order_of_versions(void **state)
{
    int64_t customer = customer_number(3);

    start_consumer(100);
    for (int64_t i = 0; i < 8; i++) {
        add_promise(writer, customer, thing_number(customer, i), 2, i < 4 ? BROKEN : KEPT);
        add_answer(writer, customer, thing_number(customer, 20 + i), CSAT, i < 4 ? 1 : 5);
        add_answer(writer, customer, thing_number(customer, 40 + i), NPS, i < 4 ? 0 : 10);
    }
    event_writer_commit(writer);
    wait_until_all_is_applied();
#define TOLD(kind)                                                                                 \
    test_sql_int("SELECT count(*) FROM log.event WHERE stream LIKE 'loyalty.%%' AND kind = '%s'"   \
                 " AND customer_id = %lld",                                                        \
                 kind, (long long)customer)
    assert_int_equal(TOLD("score_changed"),
                     test_sql_int("SELECT count(*) FROM loyalty.score_history"));
    assert_int_equal(TOLD("trust_broken"), 1);
    assert_true(TOLD("churn_risk_changed") >= 1);
    assert_int_equal(TOLD("tier_changed") + TOLD("churn_risk_changed"),
                     test_sql_int("SELECT count(*) FROM loyalty.standing_history WHERE what < 3"));
    /* Versions count all of them without a gap, and follow the place in the log. */
    assert_int_equal(
        test_sql_int("SELECT count(*) FROM (SELECT version, row_number() OVER (ORDER BY"
                     " seq) AS nth FROM log.event WHERE stream LIKE 'loyalty.%%')"
                     " AS e WHERE version < nth"),
        0);
    assert_int_equal(
        test_sql_int("SELECT count(*) FROM (SELECT version FROM loyalty.score_history UNION"
                     " SELECT version FROM loyalty.standing_history) AS v"),
        test_sql_int("SELECT version FROM loyalty.customer_score"));
    stop_consumer();
}

static void the_newest_version_counts_in_whatever_order_they_come(void **state)
{
    int64_t customer = customer_number(5);

    start_consumer(1);
    add_promise(writer, customer, thing_number(customer, 1), 4, KEPT);
    add_promise(writer, customer, thing_number(customer, 1), 2, BROKEN);
    add_promise(writer, customer, thing_number(customer, 1), 3, LATE);
    add_promise(writer, customer, thing_number(customer, 1), 2, BROKEN); /* delivered again */
    event_writer_commit(writer);
    wait_until_all_is_applied();
    assert_int_equal(test_sql_int("SELECT count(*) FROM loyalty.score_evidence"), 3);
    assert_int_equal(COUNT_OF(MEASURE_TRUST), 1);
    assert_int_equal(test_sql_int("SELECT count(*) FROM loyalty.score_sum"
                                  " WHERE measure IN (2, 3) AND count > 0"),
                     0);
    assert_int_equal(test_sql_int("SELECT count(*) FROM loyalty.score_history"), 1);
    assert_int_equal(test_sql_int("SELECT count(*) FROM loyalty.group_trust"
                                  " WHERE (kept, late, broken) = (1, 0, 0)"),
                     4);
    stop_consumer();
}

static void what_is_taken_back_leaves_no_trace_in_the_sums(void **state)
{
    int64_t customer = customer_number(6);

    start_consumer(2);
    add_answer(writer, customer, thing_number(customer, 1), CSAT, 2);
    add_promise(writer, customer, thing_number(customer, 2), 2, BROKEN);
    event_writer_commit(writer);
    wait_until_all_is_applied();
    add(writer, &(struct answer){customer, thing_number(customer, 1), CSAT, 2, 0, true});
    add_promise(writer, customer, thing_number(customer, 2), 3, 6 /* withdrawn */);
    event_writer_commit(writer);
    wait_until_all_is_applied();
    assert_int_equal(test_sql_int("SELECT count(*) FROM loyalty.score_evidence"), 4);
    assert_int_equal(
        test_sql_int("SELECT count(*) FROM loyalty.score_evidence WHERE is_void AND version = 2"),
        1);
    assert_int_equal(test_sql_int("SELECT count(*) FROM loyalty.score_sum"
                                  " WHERE (count, weight, value) <> (0, 0, 0)"),
                     0);
    assert_int_equal(test_sql_int("SELECT count(*) FROM loyalty.group_trust WHERE"
                                  " (kept, late, broken, weight, value) = (0, 0, 0, 0, 0)"),
                     4);
    assert_int_equal(test_sql_int("SELECT index_hundredths FROM loyalty.customer_score"), 5000);
    stop_consumer();
}

/* What a case is remembered as is made anew from all answers about it, those of former batches
 * among them. */
static void a_case_is_remembered_by_its_peak_and_its_end(void **state)
{
    int64_t customer = customer_number(8), service_case = thing_number(customer, 99);

    start_consumer(1);
    add(writer, &(struct answer){customer, thing_number(customer, 1), CSAT, 1, service_case});
    add(writer, &(struct answer){customer, thing_number(customer, 2), CES, 5, service_case});
    add(writer, &(struct answer){customer, thing_number(customer, 3), CSAT, 4, service_case});
    add(writer, &(struct answer){customer, thing_number(customer, 4), CSAT, 5, service_case + 256});
    event_writer_commit(writer);
    wait_until_all_is_applied();
#define EXPERIENCES(wanted)                                                                        \
    test_sql_int("SELECT count(*) FROM loyalty.score_sum WHERE measure = 5 AND count = 2"          \
                 " AND abs(value / weight - (%s) / 2) < 1e-6",                                     \
                 wanted)
    assert_int_equal(EXPERIENCES("(-1 + 0.5) / 2 + 1"), 1);
    add(writer, &(struct answer){customer, thing_number(customer, 3), CSAT, 4, service_case, true});
    event_writer_commit(writer);
    wait_until_all_is_applied();
    assert_int_equal(EXPERIENCES("(-1 + 1.0 / 3) / 2 + 1"), 1);
    stop_consumer();
}

static void purchases_out_of_order_or_taken_back_keep_first_last_and_days_right(void **state)
{
    int64_t customer = customer_number(9);

    start_consumer(1);
    add_purchase(customer, thing_number(customer, 1), 10, false);
    add_purchase(customer, thing_number(customer, 2), 30, false);
    add_purchase(customer, thing_number(customer, 3), 20, false);
    add_purchase(customer, thing_number(customer, 4), 20, false);
    event_writer_commit(writer);
    wait_until_all_is_applied();
#define BOUGHT(first, last, days)                                                                  \
    test_sql_int("SELECT count(*) FROM loyalty.customer_score WHERE purchase_days = %d"            \
                 " AND currency = 'CNY'"                                                           \
                 " AND first_purchase_at = to_timestamp(%lld) AND last_purchase_at ="              \
                 " to_timestamp(%lld)",                                                            \
                 days, (long long)(AT_US / DURATION_S - INT64_C(86400) * (first)),                 \
                 (long long)(AT_US / DURATION_S - INT64_C(86400) * (last)))
    assert_int_equal(BOUGHT(30, 10, 3), 1);
    add_purchase(customer, thing_number(customer, 1), 10, true);
    add_purchase(customer, thing_number(customer, 3), 20, true);
    event_writer_commit(writer);
    wait_until_all_is_applied();
    assert_int_equal(BOUGHT(30, 20, 2), 1);
    assert_int_equal(COUNT_OF(MEASURE_PURCHASES), 2);
    stop_consumer();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(events_become_scores_with_history_and_events),
        TEST(each_change_is_told_once_and_in_the_order_of_versions),
        TEST(the_newest_version_counts_in_whatever_order_they_come),
        TEST(what_is_taken_back_leaves_no_trace_in_the_sums),
        TEST(a_case_is_remembered_by_its_peak_and_its_end),
        TEST(purchases_out_of_order_or_taken_back_keep_first_last_and_days_right),
    };

    log_set_level(LOG_ERROR); /* what fails here is meant to */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
