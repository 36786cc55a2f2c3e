/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_codes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/text.h"

#define README "proto/README.md"

static char *read_readme(struct text *t)
{
    char line[1024];
    FILE *f = fopen(README, "r");
    if (!f) {
        fail_msg("%s is not there; run the test from the root of the tree", README);
    }
    while (fgets(line, sizeof(line), f)) {
        text_append(t, line);
    }
    assert_int_equal(fclose(f), 0);
    return t->data;
}

static void codes_are_unique_and_have_advice(void **state)
{
    size_t count;
    const struct intake_code *codes = intake_codes(&count);
    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal(intake_code_find(codes[i].code), &codes[i]);
        assert_true(codes[i].meaning[0] && codes[i].advice[0]);
    }
    assert_null(intake_code_find("no_such_code"));
}

static void the_readme_says_the_same_as_the_table(void **state)
{
    struct text readme = {0};
    size_t count, rows = 0;
    const struct intake_code *codes = intake_codes(&count);
    char *section = strstr(read_readme(&readme), "\n## Codes\n");
    assert_non_null(section);
    char *end = strstr(section + 1, "\n## ");
    if (end) {
        *end = '\0';
    }
    for (size_t i = 0; i < count; i++) {
        char row[512];
        assert_true(text_format(row, sizeof(row), "\n| `%s` | %s | %s |", codes[i].code,
                                codes[i].meaning, codes[i].advice));
        if (!strstr(section, row)) {
            fail_msg("%s lacks the row%s", README, row);
        }
    }
    for (const char *p = section; (p = strstr(p, "\n| `")); p++) {
        rows++;
    }
    assert_int_equal(rows, count);
    text_free(&readme);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_unique_and_have_advice),
        cmocka_unit_test(the_readme_says_the_same_as_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
