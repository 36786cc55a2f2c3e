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

static void a_trim_is_due_when_it_is_worth_the_while(void **state)
{
    static const struct {
        const char *name;
        int64_t idle, left;
        bool want;
    } cases[] = {
        {"nothing idle",                   0,            0,        false},
        {"as much as may stay",            64 * MIB,     0,        false},
        {"a byte more",                    64 * MIB + 1, 0,        true },
        {"what the last trim left behind", 100 * MIB,    90 * MIB, false},
        {"much more than that",            160 * MIB,    90 * MIB, true },
        {"less than that",                 80 * MIB,     90 * MIB, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (memory_trim_is_due(cases[i].idle, cases[i].left) != cases[i].want) {
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

/* As a crowd of connections does: much, of which a little stays here and there. */
static void what_is_free_in_pieces_is_given_back(void **state)
{
    enum {
        PIECES = 100000,
        PIECE = 2000,
        KEPT_EACH = 500
    };
    char **pieces = xcalloc(PIECES, sizeof(*pieces));
    struct fixture f;
    struct loop *loop = loop_new();
    struct memory_trim *trim = memory_trim_new(loop, 10 * DURATION_MS);
    (void)state;
    for (size_t i = 0; i < PIECES; i++) {
        pieces[i] = xcalloc(1, PIECE);
        memset(pieces[i], 7, PIECE);
    }
    for (size_t i = 0; i < PIECES; i++) {
        if (i % KEPT_EACH != 0) {
            free(pieces[i]);
        }
    }
    f.most = resident();
    assert_true(turn_until(loop, is_given_back, &f));
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
        cmocka_unit_test(a_trim_is_due_when_it_is_worth_the_while),
#if !defined(__SANITIZE_ADDRESS__) /* it has a heap of its own, which keeps what was freed */
        cmocka_unit_test(what_is_free_in_pieces_is_given_back),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
