/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/progress_standards.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum {
    OF_A_ROUND = 20,
};

static void a_round_finds_all_the_standards_that_it_read(void **state)
{
    struct progress_standards *s = progress_standards_new();
    (void)state;
    assert_false(progress_standards_knows(s, 1));
    for (int32_t id = 1; id <= OF_A_ROUND; id++) {
        progress_standards_add(s, id, "this is none, and counts as known");
    }
    for (int32_t id = 1; id <= OF_A_ROUND; id++) {
        assert_true(progress_standards_knows(s, id));
    }
    progress_standards_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_round_finds_all_the_standards_that_it_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
