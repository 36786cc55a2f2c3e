/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/process_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/duration.h"
#include "common/base/xalloc.h"
#include "tests/support/turn_until.h"

#define MIB ((int64_t)1024 * 1024)

static int64_t resident(void)
{
    struct process_memory now;
    assert_true(process_memory_read(&now));
    assert_true(now.resident_bytes > 0 && now.resident_bytes <= now.virtual_bytes);
    return now.resident_bytes;
}

static void what_cannot_be_given_back_is_tried_less_and_less_often(void **state)
{
    static const struct {
        const char *name;
        int64_t left, wait, want;
    } cases[] = {
        {"nothing to do",               0,            10,  10 },
        {"all was given back",          64 * MIB,     10,  10 },
        {"and so it was after a while", 0,            640, 10 },
        {"something stays",             64 * MIB + 1, 10,  20 },
        {"and stays",                   64 * MIB + 1, 20,  40 },
        {"nearly the longest",          64 * MIB + 1, 319, 638},
        {"the longest",                 64 * MIB + 1, 320, 640},
        {"no longer than that",         64 * MIB + 1, 640, 640},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (memory_trim_next_us(cases[i].left, cases[i].wait, 10) != cases[i].want) {
            fail_msg("%s", cases[i].name);
        }
    }
}

struct fixture {
    int64_t most;
};

static bool is_given_back(void *ctx)
{
    const struct fixture *f = ctx;
    return resident() < f->most - 100 * MIB;
}

enum {
    PIECES = 200000,
    PIECE = 2000,
    KEPT_EACH = 500
};

static void free_pieces(char **pieces, size_t from, size_t until)
{
    for (size_t i = from; i < until; i++) {
        if (i % KEPT_EACH != 0) {
            free(pieces[i]);
        }
    }
}

/* As a crowd of connections does: much, of which a little stays here and there. It goes in two
 * halves, with a look in between. */
static void what_is_free_in_pieces_is_given_back(void **state)
{
    char **pieces = xcalloc(PIECES, sizeof(*pieces));
    struct fixture f;
    struct loop *loop = loop_new();
    struct memory_trim *trim = memory_trim_new(loop, 10 * DURATION_MS);
    (void)state;
    for (size_t i = 0; i < PIECES; i++) {
        pieces[i] = xcalloc(1, PIECE);
        memset(pieces[i], 7, PIECE);
    }
    for (size_t half = 0; half < 2; half++) {
        free_pieces(pieces, half * PIECES / 2, (half + 1) * PIECES / 2);
        f.most = resident();
        assert_true(turn_until(loop, is_given_back, &f));
    }
    for (size_t i = 0; i < PIECES; i += KEPT_EACH) {
        assert_int_equal(pieces[i][PIECE - 1], 7);
        free(pieces[i]);
    }
    memory_trim_free(trim);
    memory_trim_free(NULL);
    loop_free(loop);
    free(pieces);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_given_back_is_tried_less_and_less_often),
#if !defined(__SANITIZE_ADDRESS__) /* it has a heap of its own, which keeps what was freed */
        cmocka_unit_test(what_is_free_in_pieces_is_given_back),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
