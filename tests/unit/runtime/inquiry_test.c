/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/inquiry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/bytes.h"

static void never_started(void *ctx, struct db *db)
{
    fail_msg("there is no database");
}

static void places_are_limited_and_what_waits_is_dropped_with_the_desk(void **state)
{
    struct loop *loop = loop_new();
    struct db_pool *pool = db_pool_new(
        loop,
        &(struct db_pool_options){.conninfo = "host=/nonexistent", .name = "test", .size = 1});
    const struct bus_message message = {.peer = bytes_of_text("peer")};
    int owner = 0;
    struct inquiry_desk *desk = inquiry_desk_new(pool, 2, &owner);

    struct inquiry *first = inquiry_open(desk, NULL, &message, sizeof(int64_t));
    struct inquiry *second = inquiry_open(desk, NULL, &message, sizeof(int64_t));
    assert_non_null(first);
    assert_non_null(second);
    assert_null(inquiry_open(desk, NULL, &message, sizeof(int64_t)));
    assert_int_equal(inquiry_desk_open_count(desk), 2);
    assert_ptr_equal(inquiry_owner(first), &owner);
    assert_int_equal(*(int64_t *)inquiry_question(second), 0);
    inquiry_submit(first, never_started);
    inquiry_submit(second, never_started);
    loop_turn(loop, 0);
    inquiry_desk_free(desk);
    loop_turn(loop, 0);
    db_pool_free(pool);
    loop_free(loop);
    inquiry_desk_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_limited_and_what_waits_is_dropped_with_the_desk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
