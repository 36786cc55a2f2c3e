/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/bytes.h"
#include "tests/support/child_end.h"

static void blocks_are_zeroed_and_never_null(void **state)
{
    unsigned char *p = xcalloc(100, 10);
    void *none = xcalloc(0, 10);

    for (size_t i = 0; i < 1000; i++) {
        assert_int_equal(p[i], 0);
    }
    assert_non_null(none);
    free(none);
    free(p);
}

static void growing_keeps_the_content(void **state)
{
    char *p = xreallocarray(NULL, 4, 1);

    memcpy(p, "abc", 4);
    p = xreallocarray(p, 1000, 1000);
    assert_string_equal(p, "abc");
    p = xreallocarray(p, 0, 1);
    assert_non_null(p);
    free(p);
}

static void text_is_copied(void **state)
{
    const char *text = "客户";
    char *copy = xstrdup(text);

    assert_ptr_not_equal(copy, text);
    assert_string_equal(copy, text);
    free(copy);
}

static void ask_for_an_overflow(void *ctx)
{
    free(xcalloc(SIZE_MAX / 2, 3));
}

static void ask_for_half_of_everything(void *ctx)
{
    free(xreallocarray(NULL, SIZE_MAX / 2 + 1, 1));
}

static void extend_a_buffer_without_end(void *ctx)
{
    struct buffer b = {0};

    buffer_append(&b, "abc", 3);
    buffer_extend(&b, SIZE_MAX);
}

static void ask_a_library(void *ctx)
{
    xalloc_failed("library");
}

static void what_cannot_be_had_ends_the_process_with_status_1(void **state)
{
    static void (*const asks[])(void *ctx) = {
        ask_for_an_overflow,
        ask_for_half_of_everything,
        extend_a_buffer_without_end,
        ask_a_library,
    };

    for (size_t i = 0; i < ARRAY_LEN(asks); i++) {
        const struct child_end end = child_end_of(asks[i], NULL);

        assert_true(child_end_is_out_of_memory(&end));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_zeroed_and_never_null),
        cmocka_unit_test(growing_keeps_the_content),
        cmocka_unit_test(text_is_copied),
        cmocka_unit_test(what_cannot_be_had_ends_the_process_with_status_1),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
