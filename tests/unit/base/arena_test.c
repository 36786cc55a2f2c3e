/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "tests/support/child_end.h"

static void allocations_are_aligned_and_do_not_overlap(void **state)
{
    struct arena *a = arena_new(1 << 20);
    unsigned char *parts[500];

    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        parts[i] = arena_alloc(a, i);
        assert_non_null(parts[i]);
        assert_int_equal((uintptr_t)parts[i] % _Alignof(max_align_t), 0);
        memset(parts[i], (int)(i & 0xff), i);
    }
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        for (size_t k = 0; k < i; k++) {
            assert_int_equal(parts[i][k], i & 0xff);
        }
    }
    arena_free(a);
}

static void the_budget_is_exact(void **state)
{
    static const struct {
        size_t budget, piece, want_pieces;
    } cases[] = {
        {0,       1,       0   },
        {1,       1,       1   },
        {16,      1,       1   },
        {160,     16,      10  },
        {160,     0,       10  },
        {160,     15,      10  },
        {160,     17,      5   },
        {100,     100,     1   },
        {100,     113,     0   },
        {100000,  16,      6250},
        {100000,  50000,   2   },
        {100000,  40000,   2   },
        {1000000, 1000000, 1   },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena *a = arena_new(cases[i].budget);
        size_t pieces = 0;

        assert_false(arena_is_exhausted(a));
        while (arena_alloc(a, cases[i].piece)) {
            pieces++;
        }
        assert_int_equal(pieces, cases[i].want_pieces);
        assert_true(arena_is_exhausted(a));
        arena_free(a);
    }
}

static void wild_sizes_are_refused(void **state)
{
    static const size_t sizes[] = {4097, SIZE_MAX / 2, SIZE_MAX - 15, SIZE_MAX};
    struct arena *a = arena_new(4096);
    struct arena *endless = arena_new(SIZE_MAX);

    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        assert_null(arena_alloc(a, sizes[i]));
    }
    assert_non_null(arena_alloc(a, 4096)); /* a refusal costs nothing */
    assert_null(arena_alloc(endless, SIZE_MAX));
    assert_null(arena_alloc(endless, SIZE_MAX - 7));
    assert_non_null(arena_alloc(endless, 10));
    arena_free(a);
    arena_free(endless);
}

static void a_reset_gives_the_whole_budget_back(void **state)
{
    struct arena *a = arena_new(200000);

    for (int round = 0; round < 50; round++) {
        size_t pieces = 0;

        arena_reset(a);
        assert_false(arena_is_exhausted(a));
        while (arena_alloc(a, 1000)) {
            pieces++;
        }
        assert_int_equal(pieces, 200000 / 1008);
    }
    arena_reset(a);
    assert_non_null(arena_alloc(a, 200000));
    arena_free(a);
    arena_free(NULL);
}

static void texts_are_copied_or_refused(void **state)
{
    struct arena *a = arena_new(16);
    char *copy = arena_copy_text(a, "15 characters..");

    assert_string_equal(copy, "15 characters..");
    assert_null(arena_copy_text(a, ""));
    arena_reset(a);
    assert_null(arena_copy_text(a, "16 characters..."));
    assert_true(arena_is_exhausted(a));
    arena_free(a);
}

static bool is_memory_gone;
static size_t block_count, last_block_bytes;

/* Takes the place of libc's in xalloc.c: with sanitizers a size that nobody has is no NULL. */
/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): libc has no names */
void *reallocarray(void *p, size_t count, size_t size)
{
    block_count++;
    last_block_bytes = count * size;
    return is_memory_gone ? NULL : realloc(p, count * size);
}

static void take_pieces(struct arena *a, size_t bytes)
{
    for (size_t taken = 0; taken < bytes; taken += 16) {
        assert_non_null(arena_alloc(a, 16));
    }
}

static void blocks_double_in_size_up_to_a_mebibyte(void **state)
{
    static const struct {
        size_t kib, more_bytes, want_blocks;
    } cases[] = {
        {0,    0,  0},
        {16,   0,  1},
        {16,   16, 2},
        {48,   0,  2},
        {48,   16, 3},
        {1008, 0,  6}, /* 16 + 32 + 64 + 128 + 256 + 512 */
        {1008, 16, 7},
        {3056, 0,  8},
        {3056, 16, 9},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena *a = arena_new(4 << 20);

        block_count = 0;
        take_pieces(a, cases[i].kib * 1024 + cases[i].more_bytes);
        assert_int_equal(block_count, cases[i].want_blocks);
        arena_free(a);
    }
}

static void a_block_is_as_large_as_what_needs_it(void **state)
{
    static const struct {
        size_t budget, piece, want_bytes;
    } cases[] = {
        {100,     1,     112  },
        {1 << 20, 1,     16384},
        {1 << 20, 40000, 40000},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena *a = arena_new(cases[i].budget);

        assert_non_null(arena_alloc(a, cases[i].piece));
        assert_in_range(last_block_bytes, cases[i].want_bytes, cases[i].want_bytes + 64);
        arena_free(a);
    }
}

static void a_reset_keeps_the_largest_block(void **state)
{
    struct arena *a = arena_new(1 << 20);

    take_pieces(a, (size_t)100 * 1024); /* the third block has 64 KiB */
    arena_reset(a);
    block_count = 0;
    take_pieces(a, (size_t)64 * 1024);
    assert_int_equal(block_count, 0);
    arena_free(a);
}

static void ask_when_memory_is_gone(void *ctx)
{
    struct arena *a = arena_new(1000);

    is_memory_gone = true;
    (void)arena_alloc(a, 100);
}

/* NULL would say that the message is too large, and a good one would be refused for good. */
static void within_the_budget_there_is_memory_or_the_process_ends(void **state)
{
    const struct child_end end = child_end_of(ask_when_memory_is_gone, NULL);

    assert_true(child_end_is_out_of_memory(&end));
}

static void protobuf_c_can_use_it(void **state)
{
    struct arena *a = arena_new(1000);
    ProtobufCAllocator *allocator = arena_allocator(a);
    char *p = allocator->alloc(allocator->allocator_data, 500);

    assert_non_null(p);
    memset(p, 'x', 500);
    allocator->free(allocator->allocator_data, p);
    assert_int_equal(p[499], 'x');
    assert_null(allocator->alloc(allocator->allocator_data, 600));
    assert_true(arena_is_exhausted(a));
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocations_are_aligned_and_do_not_overlap),
        cmocka_unit_test(the_budget_is_exact),
        cmocka_unit_test(wild_sizes_are_refused),
        cmocka_unit_test(a_reset_gives_the_whole_budget_back),
        cmocka_unit_test(texts_are_copied_or_refused),
        cmocka_unit_test(blocks_double_in_size_up_to_a_mebibyte),
        cmocka_unit_test(a_block_is_as_large_as_what_needs_it),
        cmocka_unit_test(a_reset_keeps_the_largest_block),
        cmocka_unit_test(within_the_budget_there_is_memory_or_the_process_ends),
        cmocka_unit_test(protobuf_c_can_use_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
