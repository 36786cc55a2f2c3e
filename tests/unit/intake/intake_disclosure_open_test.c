/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_disclosure_open.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/text.h"
#include "common/domain/identifier.h"

static void a_purpose_names_a_thing_or_a_page(void **state)
{
    char number[IDENTIFIER_TEXT_SIZE], purpose[64];
    (void)text_format(purpose, sizeof(purpose), "follow_up %s",
                      identifier_format(IDENTIFIER_FOLLOW_UP, 0x1234, number));
    assert_true(intake_disclosure_is_purpose(purpose));
    (void)text_format(purpose, sizeof(purpose), "case %s",
                      identifier_format(IDENTIFIER_CASE, 0x1234, number));
    assert_true(intake_disclosure_is_purpose(purpose));
    assert_true(intake_disclosure_is_purpose("page case/texts"));
    assert_true(intake_disclosure_is_purpose("job letters-2026"));
}

static void what_could_hold_personal_data_is_no_purpose(void **state)
{
    static const char *const wrong[] = {
        "",
        "test",
        "page",
        "page ",
        "page 李雷",
        "page Li",
        "page a b",
        "page li@example.org",
        "follow_up C-1-1",
        "follow_up 123",
        "case C-1234-x",
        "PAGE a",
        " page a",
        "page aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    };
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        if (intake_disclosure_is_purpose(wrong[i])) {
            fail_msg("\"%s\" is taken for a purpose", wrong[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_purpose_names_a_thing_or_a_page),
        cmocka_unit_test(what_could_hold_personal_data_is_no_purpose),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
