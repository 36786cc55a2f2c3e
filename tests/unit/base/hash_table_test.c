/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static size_t blocks_left = SIZE_MAX;

static void *take(size_t size)
{
    return blocks_left-- == 0 ? NULL : malloc(size);
}

/* NOLINTNEXTLINE(readability-identifier-naming): uthash's name */
#define uthash_malloc(size) take(size)
#include "common/base/hash_table.h"

struct entry {
    int key;
    UT_hash_handle hh;
};

// NOLINTNEXTLINE(readability-function-size): macros of uthash
static void add(struct entry *entry)
{
    struct entry *table = NULL;

    HASH_ADD_INT(table, key, entry);
    HASH_CLEAR(hh, table);
}

static int status_with(size_t blocks)
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        struct entry entry = {.key = 1};

        close(STDERR_FILENO);
        blocks_left = blocks;
        add(&entry);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void a_table_without_memory_ends_the_process_with_status_1(void **state)
{
    assert_int_equal(status_with(0), 1);
    assert_int_equal(status_with(1), 1);
    assert_int_equal(status_with(2), 0); /* the table and its buckets */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_without_memory_ends_the_process_with_status_1),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
