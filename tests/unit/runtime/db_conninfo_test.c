/* SPDX-License-Identifier: Apache-2.0 */
/* What a pool makes of a conninfo that libpq does not read: it is wrong, or there was no memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <libpq-fe.h>

#include "common/base/compiler.h"
#include "common/runtime/db.h"
#include "common/runtime/loop.h"
#include "tests/support/child_end.h"

static const char *reason;

/* Takes the place of libpq's. */
PQconninfoOption *PQconninfoParse(const char *conninfo, char **errmsg)
{
    (void)conninfo;
    *errmsg = reason ? strdup(reason) : NULL;
    return NULL;
}

static void make_a_pool(void *ctx)
{
    struct loop *loop = loop_new();
    const struct db_pool_options options = {.conninfo = "dbname=troth", .name = "test", .size = 1};
    (void)ctx;
    db_pool_free(db_pool_new(loop, &options));
    loop_free(loop);
}

static void without_memory_the_process_ends(void **state)
{
    static const char *const reasons[] = {NULL, "out of memory\n"};
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
        reason = reasons[i];
        const struct child_end end = child_end_of(make_a_pool, NULL);
        assert_true(child_end_is_out_of_memory(&end));
    }
}

static void a_wrong_one_is_told_by_each_connection(void **state)
{
    reason = "invalid connection option \"hots\"\n";
    const struct child_end end = child_end_of(make_a_pool, NULL);
    assert_int_equal(end.status, CHILD_RETURNED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_memory_the_process_ends),
        cmocka_unit_test(a_wrong_one_is_told_by_each_connection),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
