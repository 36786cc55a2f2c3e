/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/batch_size.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"

static void a_batch_is_as_large_as_those_who_share_it_can_wait(void **state)
{
    static const struct {
        const char *name;
        size_t max, sources, last_count;
        int64_t took_ms;
        size_t want;
    } cases[] = {
        {"one source alone, however slow", 512, 1, 512, 400, 512},
        {"the first batch",                512, 2, 0,   0,   512},
        {"fast enough",                    512, 2, 512, 30,  512},
        {"just in time",                   512, 2, 512, 50,  512},
        {"twice as long as it may",        512, 2, 512, 100, 256},
        {"a small one that was quick",     512, 9, 128, 25,  256},
        {"one record says little",         512, 2, 1,   10,  64 },
        {"nothing is quick here",          512, 2, 64,  900, 64 },
        {"the setting is small",           8,   2, 8,   900, 8  },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t got = batch_size(cases[i].max, cases[i].sources, cases[i].last_count,
                                cases[i].took_ms * DURATION_MS);
        if (got != cases[i].want) {
            fail_msg("%s: %zu", cases[i].name, got);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_is_as_large_as_those_who_share_it_can_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
