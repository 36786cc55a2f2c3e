/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operator starts over while a batch is being applied: it waits for the batch. If the two took
 * the tables in different orders, each would wait for the other, and PostgreSQL would end one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/duration.h"
#include "services/loyalty/loyalty_store.h"
#include "services/loyalty/sum_policy_store.h"
#include "services/reporting/figure_fold.h"
#include "services/reporting/reporting_store.h"
#include "tests/support/event_writer.h"
#include "tests/support/test_database.h"

#define AT_US (INT64_C(1795275000) * DURATION_S)

static struct loop *loop;

static int set_up(void **state)
{
    loop = loop_new();
    return 0;
}

static int tear_down(void **state)
{
    loop_free(loop);
    return 0;
}

struct caller {
    struct db_pool *pool;
    struct db_reply reply;
    bool is_done;
};

static void on_started_over(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct caller *c = ctx;

    c->reply = *reply;
    c->is_done = true;
    db_release(db);
}

/* Returns once it waits for the batch. */
static void start_over_beside_a_batch(struct caller *c, const struct db_query *start_over)
{
    *c = (struct caller){.pool = test_pool(loop, "troth_operator", 1, 5 * DURATION_S)};
    struct db *db = test_borrow(c->pool);
    db_query(db, start_over, NULL);
    db_run(db, on_started_over, c);
    test_wait_sql(loop, 1,
                  "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                  " AND usename = 'troth_operator'");
}

static void loyalty_starts_over_after_the_batch_that_has_begun(void **state)
{
    struct loyalty_fold *fold = loyalty_fold_new();
    struct db_pool *pool = test_pool(loop, "troth_loyalty", 1, 5 * DURATION_S);
    struct db *db = test_borrow(pool);
    Troth__V1__SurveyAnswered answered = TROTH__V1__SURVEY_ANSWERED__INIT;
    Troth__V1__Event event = event_writer_event(4711, 1, AT_US);
    char stream[] = "intake.0";
    struct caller caller;
    static const struct db_query start_over = {"test_start_over", "SELECT loyalty.start_over()",
                                               DB_ONE};

    event.stream = stream;
    event.body_case = TROTH__V1__EVENT__BODY_SURVEY_ANSWERED;
    event.survey_answered = &answered;
    answered.has_answer = answered.has_value = true;
    answered.answer = 1;
    answered.instrument = TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_CSAT;
    answered.value = 5;
    loyalty_fold_add(fold, &event);
    loyalty_fold_seal(fold);
    /* The policy first, as a batch does; the rest comes when the other waits. */
    db_begin(db);
    sum_policy_store_hold(db, &score_policy_default);
    assert_int_equal(db_run_wait(db)->outcome, DB_OK);

    start_over_beside_a_batch(&caller, &start_over);
    loyalty_store_read(db, fold);
    const struct db_reply *reply = db_run_wait(db);
    assert_int_equal(reply->outcome, DB_OK);
    (void)loyalty_store_write_evidence(db, fold);
    loyalty_store_take(reply->rows, fold);
    loyalty_fold_run(fold, &score_policy_default, &fit_set_none, AT_US);
    (void)loyalty_store_write(db, fold, 0);
    loyalty_store_request_looks(db, fold);
    db_commit(db);
    assert_int_equal(db_run_wait(db)->outcome, DB_OK);
    db_release(db);
    test_wait_flag(loop, &caller.is_done, "the operator's answer");
    assert_int_equal(caller.reply.outcome, DB_OK);
    assert_int_equal(test_sql_int("SELECT count(*) FROM loyalty.score_history"), 0);
    db_pool_free(caller.pool);
    db_pool_free(pool);
    loyalty_fold_free(fold);
}

static void reporting_starts_over_after_the_batch_that_has_begun(void **state)
{
    struct err err = ERR_NONE;
    struct zone *zone = zone_open("Asia/Shanghai", &err);
    struct figure_fold *fold = figure_fold_new(zone, DURATION_DAY);
    struct db_pool *pool = test_pool(loop, "troth_reporting", 1, 5 * DURATION_S);
    struct db *db = test_borrow(pool);
    Troth__V1__PurchaseMade bought = TROTH__V1__PURCHASE_MADE__INIT;
    Troth__V1__Event event = event_writer_event(4711, 2, AT_US);
    struct caller caller;
    static const struct db_query start_over = {"test_start_over", "SELECT reporting.start_over()",
                                               DB_ONE};

    event.body_case = TROTH__V1__EVENT__BODY_PURCHASE_MADE;
    event.purchase_made = &bought;
    figure_fold_add(fold, &event);
    /* What was looked at first, as a batch does; the rest comes when the other waits. */
    db_begin(db);
    figure_fold_begin(fold, db);
    const struct db_reply *reply = db_run_wait(db);
    assert_int_equal(reply->outcome, DB_OK);

    start_over_beside_a_batch(&caller, &start_over);
    figure_fold_look(fold, reply, db);
    reporting_store_put_zone(db, "Asia/Shanghai", DURATION_DAY);
    reply = db_run_wait(db);
    assert_int_equal(reply->outcome, DB_OK);
    assert_int_equal(figure_fold_count(fold, reply, db, &err), 0);
    reply = db_run_wait(db);
    assert_int_equal(reply->outcome, DB_OK);
    assert_int_equal(figure_fold_write(fold, reply, db, &err), 0);
    db_commit(db);
    assert_int_equal(db_run_wait(db)->outcome, DB_OK);
    db_release(db);
    test_wait_flag(loop, &caller.is_done, "the operator's answer");
    assert_int_equal(caller.reply.outcome, DB_OK);
    assert_int_equal(test_sql_int("SELECT count(*) FROM reporting.daily_fact"), 0);
    db_pool_free(caller.pool);
    db_pool_free(pool);
    figure_fold_free(fold);
    zone_free(zone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loyalty_starts_over_after_the_batch_that_has_begun),
        cmocka_unit_test(reporting_starts_over_after_the_batch_that_has_begun),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
