/* SPDX-License-Identifier: Apache-2.0 */
/* What is counted, what is taken back, and that two who count at once cannot both take the last
 * place. */
#include "services/followup/followup_budget_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "tests/support/test_database.h"

#define NOW_US (INT64_C(20000) * DURATION_DAY + 9 * DURATION_H)

static struct loop *loop;
static struct db_pool *pool;

static int set_up(void **state)
{
    loop = loop_new();
    pool = test_pool(loop, "troth_followup", 2, 0);
    test_sql("TRUNCATE followup.contact_budget");
    return 0;
}

static int tear_down(void **state)
{
    db_pool_free(pool);
    loop_free(loop);
    return 0;
}

static const struct db_reply *run(struct db *db)
{
    const struct db_reply *reply = db_run_wait(db);
    if (reply->outcome != DB_OK) {
        fail_msg("%s: %s", reply->err.field, reply->err.text);
    }
    return reply;
}

static void count(struct db *db, const struct followup_budget_order *orders, size_t n, int days_ago)
{
    struct followup_budget_order before[8];
    assert_true(n <= ARRAY_LEN(before));
    for (size_t i = 0; i < n; i++) {
        before[i] = orders[i];
        before[i].at_us -= days_ago * DURATION_DAY;
    }
    followup_budget_store_put_count(db, before, n, false);
    (void)run(db);
}

/* Counts them as an order does, and says which are within the limits. */
static void try(struct db *db, const struct rulebook_limits *limits,
                const struct followup_budget_order *orders, size_t n, bool *ret_may)
{
    followup_budget_store_put_count(db, orders, n, false);
    followup_budget_store_put_read(db, orders, n, NOW_US);
    const struct db_reply *reply = run(db);
    followup_budget_store_get(reply->rows[1], limits, orders, n, ret_may);
}

static void each_limit_counts_its_own_days(void **state)
{
    static const struct {
        struct rulebook_limits limits;
        int days_ago;
        bool may;
    } rows[] = {
        {{.per_day = 1},         0,  false},
        {{.per_day = 1},         1,  true },
        {{.per_week = 1},        6,  false},
        {{.per_week = 1},        7,  true },
        {{.per_month = 1},       29, false},
        {{.per_month = 1},       30, true },
        {{.per_number_week = 1}, 6,  false},
        {{.per_number_week = 1}, 7,  true },
        {{.per_day = 2},         0,  true },
        {{.per_day = 0},         0,  true },
    };
    const struct followup_budget_order order = {.person = 263, .handle = -77, .at_us = NOW_US};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct db *db = test_borrow(pool);
        bool may;
        test_sql("TRUNCATE followup.contact_budget");
        count(db, &order, 1, rows[i].days_ago);

        try(db, &rows[i].limits, &order, 1, &may);

        if (may != rows[i].may) {
            fail_msg("row %zu", i);
        }
        db_release(db);
    }
}

static void the_earlier_ones_of_a_batch_go_first(void **state)
{
    static const struct rulebook_limits limits = {.per_week = 1, .per_number_week = 2};
    static const struct followup_budget_order orders[] = {
        {.person = 1, .handle = 9, .at_us = NOW_US},
        {.person = 1, .handle = 8, .at_us = NOW_US},
        {.person = 2, .handle = 9, .at_us = NOW_US},
        {.person = 3, .handle = 9, .at_us = NOW_US},
        {.person = 4, .handle = 0, .at_us = NOW_US},
    };
    struct db *db = test_borrow(pool);
    bool may[ARRAY_LEN(orders)];

    try(db, &limits, orders, ARRAY_LEN(orders), may);

    assert_true(may[0] && may[2] && may[4]);
    assert_true(!may[1] && !may[3]);
    db_release(db);
}

static void what_was_not_ordered_is_taken_back_on_its_day(void **state)
{
    static const struct followup_budget_order orders[] = {
        {.person = 263, .handle = 77, .at_us = NOW_US               },
        {.person = 263, .handle = 77, .at_us = NOW_US - DURATION_DAY},
        {.person = 264, .handle = 77, .at_us = NOW_US               }, /* was never counted */
    };
    struct db *db = test_borrow(pool);
    count(db, orders, 1, 0);
    count(db, orders, 2, 0);

    followup_budget_store_put_count(db, orders, ARRAY_LEN(orders), true);
    (void)run(db);

    assert_int_equal(test_sql_int("SELECT orders FROM followup.contact_budget"
                                  " WHERE subject = 263 AND day = '2024-10-04'"),
                     1);
    assert_int_equal(test_sql_int("SELECT orders FROM followup.contact_budget"
                                  " WHERE subject = 263 AND day = '2024-10-03'"),
                     0);
    assert_int_equal(test_sql_int("SELECT sum(orders) FROM followup.contact_budget"
                                  " WHERE subject = 77"),
                     0); /* two less two, never below nothing */
    assert_int_equal(test_sql_int("SELECT count(*) FROM followup.contact_budget"
                                  " WHERE bucket <> subject & 255 OR subject = 264"),
                     0);
    db_release(db);
}

static const struct rulebook_limits one_a_week = {.per_number_week = 1};
static const struct followup_budget_order last_place = {.person = 2, .handle = 77, .at_us = NOW_US};

struct late {
    bool is_done, may;
};

static void on_counted(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct late *l = ctx;
    (void)db;
    assert_int_equal(reply->outcome, DB_OK);
    followup_budget_store_get(reply->rows[1], &one_a_week, &last_place, 1, &l->may);
    l->is_done = true;
}

static void who_counts_second_sees_what_the_first_one_counted(void **state)
{
    struct test_session *other = test_session_open("troth_followup");
    struct db *db = test_borrow(pool);
    struct late l = {.may = true};
    test_session_sql(other, "BEGIN");
    test_session_sql(other, "INSERT INTO followup.contact_budget VALUES (77, 2, 77, '%s', 1)",
                     "2024-10-04");
    followup_budget_store_put_count(db, &last_place, 1, false);
    followup_budget_store_put_read(db, &last_place, 1, NOW_US);
    db_run(db, on_counted, &l);
    test_wait_sql(loop, 1,
                  "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                  " AND datname = current_database()");
    assert_false(l.is_done);
    test_session_sql(other, "COMMIT");
    test_wait_flag(loop, &l.is_done, "the count");

    assert_false(l.may);
    test_session_close(other);
    db_release(db);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(each_limit_counts_its_own_days),
        CASE(the_earlier_ones_of_a_batch_go_first),
        CASE(what_was_not_ordered_is_taken_back_on_its_day),
        CASE(who_counts_second_sees_what_the_first_one_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
