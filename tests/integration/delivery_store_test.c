/* SPDX-License-Identifier: Apache-2.0 */
/* Which deliveries are claimed when there is not room for all. */
#include "services/followup/delivery_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "tests/support/test_database.h"

enum {
    BUCKET = 7,
};

#define NOW_S  INT64_C(1800000000)
#define NOW_US (NOW_S * DURATION_S)

static struct loop *loop;
static struct db_pool *pool;

/* Ten are due of each of two. */
static int set_up(void **state)
{
    loop = loop_new();
    pool = test_pool(loop, "troth_followup", 1, 0);
    test_sql("TRUNCATE followup.subscription, followup.delivery");
    test_sql("INSERT INTO followup.subscription (id, name, mail, created_at)"
             " VALUES (1, 'one', 'a@example.com', now()), (2, 'two', 'b@example.com', now())");
    test_sql("INSERT INTO followup.delivery (bucket, subscription_id, stream, seq, kind, at, body,"
             " state, attempts, next_attempt_at, last_code)"
             " SELECT %d, id, 's', i, 'k', now(), '{}', 1, 0, to_timestamp(%lld + i), ''"
             " FROM generate_series(1, 10) AS i CROSS JOIN followup.subscription",
             BUCKET, (long long)(NOW_S - 1000));
    return 0;
}

static int tear_down(void **state)
{
    db_pool_free(pool);
    loop_free(loop);
    return 0;
}

/* Claims with room for so many while the slow one has three under way, of four at most, and the
 * other one none. */
static void claim(int32_t slow, int32_t room, int want_slow, int want_other)
{
    struct db *db = test_borrow(pool);
    struct db_array buckets, ids, counts;
    int claimed[] = {0, 0, 0};
    db_array_init(&buckets, DB_INT2);
    db_array_init(&ids, DB_INT4);
    db_array_init(&counts, DB_INT4);
    db_array_add_int(&buckets, BUCKET);
    db_array_add_int(&ids, slow);
    db_array_add_int(&counts, 3);
    const struct delivery_claim c = {
        .buckets = &buckets,
        .busy = &ids,
        .counts = &counts,
        .each_max = 4,
        .all_max = room,
        .now_us = NOW_US,
        .hold_us = DURATION_MIN,
    };
    delivery_store_put_claim(db, &c);
    const struct db_reply *reply = db_run_wait(db);
    assert_int_equal(reply->outcome, DB_OK);
    for (size_t i = 0; i < db_row_count(reply->rows[0]); i++) {
        struct delivery_due due;
        delivery_store_get_due(reply->rows[0], i, &due);
        claimed[due.id.subscription]++;
    }
    assert_int_equal(claimed[slow], want_slow);
    assert_int_equal(claimed[3 - slow], want_other);
    db_array_free(&buckets);
    db_array_free(&ids);
    db_array_free(&counts);
    db_release(db);
}

static void with_room_for_all_each_gets_its_own(void **state)
{
    claim(1, 64, 1, 4);
}

/* Whichever of them the database comes by first. */
static void with_room_for_one_who_has_least_under_way_comes_first(void **state)
{
    claim(1, 1, 0, 1);
    claim(2, 1, 0, 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(with_room_for_all_each_gets_its_own),
        CASE(with_room_for_one_who_has_least_under_way_comes_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
