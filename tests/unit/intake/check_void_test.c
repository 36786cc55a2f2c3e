/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_check.h"

#include "tests/unit/intake/check_world.h"

#define LONG_KEY "0123456789012345678901234567890123456789012345678901234567890123"

static void a_void_names_the_record_by_its_key(void **state)
{
    static const struct check_row rows[] = {
        {"record_void { record_key: 'k-1' reason: 'typed twice' }", NULL,             NULL                    },
        {"record_void { record_key: 'k-1' }",                       NULL,             NULL                    },
        {"record_void { record_key: '" LONG_KEY "' }",              NULL,             NULL                    },
        {"record_void { record_key: '" LONG_KEY "4' }",             "field_too_long", "record_void.record_key"},
        {"record_void { reason: 'typed twice' }",                   "field_missing",  "record_void.record_key"},
        {"record_void { record_key: '' }",                          "field_missing",  "record_void.record_key"},
    };
    check_rows(rows, ARRAY_LEN(rows));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_void_names_the_record_by_its_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
