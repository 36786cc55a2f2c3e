/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static size_t blocks_left = SIZE_MAX;

static void *take(size_t size)
{
    return blocks_left-- == 0 ? NULL : malloc(size);
}

/* NOLINTNEXTLINE(readability-identifier-naming): uthash's name */
#define uthash_malloc(size) take(size)
#include "common/base/hash_table.h"
#include "tests/support/child_end.h"

struct entry {
    int key;
    UT_hash_handle hh;
};

// NOLINTNEXTLINE(readability-function-size): macros of uthash
static void add_with(void *blocks)
{
    struct entry entry = {.key = 1};
    struct entry *table = NULL;

    blocks_left = *(const size_t *)blocks;
    HASH_ADD_INT(table, key, &entry);
    HASH_CLEAR(hh, table);
}

static void a_table_without_memory_ends_the_process_with_status_1_and_says_so(void **state)
{
    for (size_t blocks = 0; blocks < 2; blocks++) { /* the table and its buckets */
        const struct child_end end = child_end_of(add_with, &blocks);

        assert_true(child_end_is_out_of_memory(&end));
        assert_non_null(strstr(end.said, "what=\"out of memory\"")); /* uthash's words */
    }
    size_t enough = 2;
    const struct child_end end = child_end_of(add_with, &enough);
    assert_int_equal(end.status, CHILD_RETURNED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_without_memory_ends_the_process_with_status_1_and_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
