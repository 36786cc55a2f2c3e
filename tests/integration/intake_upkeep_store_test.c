/* SPDX-License-Identifier: Apache-2.0 */
/* Who does what is to be done each day, and when it is done again if he was killed over it. */
#include "services/intake/intake_upkeep_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/duration.h"
#include "tests/support/test_database.h"

#define DAY_US (INT64_C(1795392000) * DURATION_S)

static struct {
    struct loop *loop;
    struct db_pool *pool;
    struct db *db;
} store;

static int set_up(void **state)
{
    (void)state;
    test_sql("DELETE FROM intake.upkeep");
    store.loop = loop_new();
    store.pool = test_pool(store.loop, "troth_intake", 1, 10 * DURATION_S);
    store.db = test_borrow(store.pool);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    db_release(store.db);
    db_pool_free(store.pool);
    loop_free(store.loop);
    return 0;
}

static const struct db_reply *run(void)
{
    const struct db_reply *reply = db_run_wait(store.db);
    if (reply->outcome != DB_OK) {
        fail_msg("%s: %s", reply->sqlstate, reply->err.text);
    }
    return reply;
}

static bool begins(int64_t now_us)
{
    intake_upkeep_begin(store.db, UPKEEP_ORPHANS, now_us, DURATION_DAY);
    return db_row_count(run()->rows[0]) > 0;
}

static bool claims(int64_t now_us)
{
    intake_upkeep_claim(store.db, UPKEEP_EXPIRE, now_us, DURATION_H);
    return db_row_count(run()->rows[0]) > 0;
}

static void ends(int64_t began_us)
{
    intake_upkeep_end(store.db, UPKEEP_ORPHANS, began_us);
    (void)run();
}

static void what_ended_is_begun_again_when_it_is_due(void **state)
{
    (void)state;
    const int64_t next_us = DAY_US + DURATION_DAY;
    assert_false(begins(DAY_US)); /* a new database */
    assert_false(begins(next_us - 1));
    assert_true(begins(next_us));
    ends(next_us);
    assert_false(begins(next_us + UPKEEP_AGAIN_US));
    assert_false(begins(next_us + DURATION_DAY - 1));
    assert_true(begins(next_us + DURATION_DAY));
}

static void what_nobody_ended_is_begun_again_the_same_day(void **state)
{
    (void)state;
    const int64_t next_us = DAY_US + DURATION_DAY, again_us = next_us + UPKEEP_AGAIN_US;
    assert_false(begins(DAY_US));
    assert_true(begins(next_us));
    assert_false(begins(again_us - 1)); /* who has it may still be at it */
    assert_true(begins(again_us));
    ends(again_us);
    ends(next_us); /* the first one was slow, and not dead */
    assert_false(begins(again_us + DURATION_DAY - 1));
    assert_true(begins(again_us + DURATION_DAY));
}

static void what_is_one_slice_is_claimed_for_the_whole_time(void **state)
{
    (void)state;
    assert_false(claims(DAY_US));
    assert_true(claims(DAY_US + DURATION_H));
    assert_false(claims(DAY_US + 2 * DURATION_H - 1));
    assert_true(claims(DAY_US + 2 * DURATION_H));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_ended_is_begun_again_when_it_is_due, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_nobody_ended_is_begun_again_the_same_day, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_one_slice_is_claimed_for_the_whole_time, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
