/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/record_key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void keys_are_uuids_of_version_seven_and_follow_the_time(void **state)
{
    char earlier[RECORD_KEY_SIZE];
    char later[RECORD_KEY_SIZE];
    char twin[RECORD_KEY_SIZE];

    record_key_new(INT64_C(1645557742000000), earlier); /* the example of RFC 9562, A.6 */
    record_key_new(INT64_C(1645557742001000), later);
    record_key_new(INT64_C(1645557742001000), twin);
    assert_memory_equal(earlier, "017f22e2-79b0-7", 15);
    assert_non_null(strchr("89ab", earlier[19]));
    assert_int_equal(strlen(earlier), 36);
    assert_true(strcmp(earlier, later) < 0);
    assert_string_not_equal(later, twin);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_uuids_of_version_seven_and_follow_the_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
