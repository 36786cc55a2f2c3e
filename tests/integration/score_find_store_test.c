/* SPDX-License-Identifier: Apache-2.0 */
/* Lists are found without reading everybody. */
#include "services/loyalty/score_find_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "tests/support/test_database.h"

#define LIMIT       2
#define CROWD       60000 /* some 230 in each bucket */
#define ORDER(name) TROTH__V1__SEGMENT_ORDER__SEGMENT_ORDER_##name

static struct loop *loop;
static struct db_pool *pool;

/* The rows that this connection has read: nothing has to be waited for. */
static const struct db_query rows_read = {
    .name = "test_rows_read",
    .sql = "SELECT coalesce(sum(seq_tup_read + idx_tup_fetch), 0)::int8"
           " FROM pg_stat_xact_user_tables WHERE relid = 'loyalty.customer_score'::regclass",
    .shape = DB_ROWS,
};

/* Indexes 0 to 99.99, the lowest bronze, the highest 5 % gold; of 20 customers each, wherever they
 * stand, one may leave, and of 50 each one does not believe us. */
static int set_up(void **state)
{
    loop = loop_new();
    pool = test_pool(loop, "troth_loyalty", 1, 0);
    test_sql("TRUNCATE intake.customer, loyalty.customer_score");
    test_sql("INSERT INTO intake.customer (bucket, number, version, first_seen_at)"
             " SELECT i & 255, i, 1, now() FROM generate_series(1, %d) AS i",
             CROWD);
    test_sql("INSERT INTO loyalty.customer_score (bucket, customer_number, version,"
             " index_hundredths, churn, churn_level, tier, is_trust_broken, trust, purchase_days,"
             " currency, changed_at, evaluated_at, fit_id)"
             " SELECT i & 255, i, 1, h, abs(hashint8(i)) / 2147483648.0::float8,"
             " CASE WHEN abs(hashint8(i)) %% 20 = 0 THEN 3 ELSE 1 END,"
             " CASE WHEN h < 6000 THEN 1 WHEN h < 9500 THEN 2 ELSE 3 END,"
             " abs(hashint8(i)) %% 50 = 1, 0.5, 0, '', now(), now(), 0"
             " FROM (SELECT i, (i::int8 * 7919 %% 10000)::int AS h"
             " FROM generate_series(1, %d) AS i) AS s",
             CROWD);
    test_sql("ANALYZE intake.customer");
    test_sql("ANALYZE loyalty.customer_score");
    return 0;
}

static int tear_down(void **state)
{
    test_sql("TRUNCATE intake.customer, loyalty.customer_score");
    db_pool_free(pool);
    loop_free(loop);
    return 0;
}

static void no_list_of_a_segment_reads_everybody(void **state)
{
    static const struct {
        Troth__V1__SegmentOrder order;
        int tier, churn_level; /* 0: any */
        bool is_trust_broken;
    } cases[] = {
        {ORDER(LOWEST_INDEX),  0,           0,          false},
        {ORDER(HIGHEST_INDEX), 0,           0,          false},
        {ORDER(HIGHEST_CHURN), 0,           0,          false},
        {ORDER(HIGHEST_CHURN), 0,           CHURN_HIGH, false},
        {ORDER(HIGHEST_INDEX), 0,           CHURN_HIGH, false},
        {ORDER(LOWEST_INDEX),  TIER_GOLD,   0,          false},
        {ORDER(HIGHEST_INDEX), TIER_BRONZE, 0,          false},
        {ORDER(LOWEST_INDEX),  0,           0,          true },
    };
    int64_t customers[SCORE_LIST_MAX];

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct score_segment s = {
            .order = cases[i].order,
            .tier = (enum tier)cases[i].tier,
            .churn_level = (enum churn_level)cases[i].churn_level,
            .has_trust_broken = cases[i].is_trust_broken,
            .is_trust_broken = cases[i].is_trust_broken,
            .index_below_hundredths = 10001,
        };
        struct db *db = test_borrow(pool);
        db_begin(db);
        db_query(db, &rows_read, NULL);
        score_find_ask_segment(db, &s, LIMIT);
        db_query(db, &rows_read, NULL);
        db_commit(db);
        const struct db_reply *reply = db_run_wait(db);
        if (reply->outcome != DB_OK) {
            fail_msg("%s: %s", reply->err.field, reply->err.text);
        }
        assert_int_equal(score_find_take(reply->rows[1], customers), LIMIT);
        assert_in_range(db_get_int(reply->rows[2], 0, 0) - db_get_int(reply->rows[0], 0, 0), LIMIT,
                        3 * 256 * (LIMIT + 10));
        db_release(db);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_list_of_a_segment_reads_everybody, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
