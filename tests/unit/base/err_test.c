/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/text.h"

static void every_function_returns_minus_one_even_without_an_err(void **state)
{
    struct err err = ERR_NONE;

    assert_int_equal(err_set(NULL, "a", "b"), -1);
    assert_int_equal(err_set_field(NULL, "a", "b", "c"), -1);
    assert_int_equal(err_prefix(NULL, "a"), -1);
    assert_int_equal(err_set(&err, "a", "b"), -1);
    assert_int_equal(err_set_field(&err, "a", "b", "c"), -1);
    assert_int_equal(err_prefix(&err, "a"), -1);
}

static void setting_fills_code_field_and_text(void **state)
{
    struct err err = ERR_NONE;

    err_set_field(&err, "case_unknown", "contact.case", "case %d is not known", 7);
    assert_string_equal(err.code, "case_unknown");
    assert_string_equal(err.field, "contact.case");
    assert_string_equal(err.text, "case 7 is not known");

    err_set(&err, "other", "no field now");
    assert_string_equal(err.code, "other");
    assert_string_equal(err.field, "");
    assert_string_equal(err.text, "no field now");

    err_set_field(&err, "other", NULL, "%s", "");
    assert_string_equal(err.field, "");
    assert_string_equal(err.text, "");
}

static void a_prefix_keeps_code_and_field(void **state)
{
    struct err err = ERR_NONE;

    err_set_field(&err, "invalid", "rules[2].priority", "must be 1 to 4");
    err_prefix(&err, "file %s, line %d", "standard.conf", 12);
    assert_string_equal(err.code, "invalid");
    assert_string_equal(err.field, "rules[2].priority");
    assert_string_equal(err.text, "file standard.conf, line 12: must be 1 to 4");
}

static void an_err_may_be_built_from_its_own_parts(void **state)
{
    struct err err = ERR_NONE;

    err_set_field(&err, "first", "a.b", "the text");
    err_set_field(&err, err.field, err.code, "%s, again", err.text);
    assert_string_equal(err.code, "a.b");
    assert_string_equal(err.field, "first");
    assert_string_equal(err.text, "the text, again");
    err_prefix(&err, "%s", err.text);
    assert_string_equal(err.text, "the text, again: the text, again");
}

static void what_is_too_long_is_cut_at_a_code_point(void **state)
{
    struct err err = ERR_NONE;
    char han[301] = ""; /* 100 characters of 3 bytes */

    for (size_t i = 0; i < 300; i += 3) {
        memcpy(han + i, "客", 4);
    }
    err_set_field(&err, han, han, "%s", han);
    assert_int_equal(strlen(err.code), 39);
    assert_int_equal(strlen(err.field), 93);
    assert_int_equal(strlen(err.text), 255);
    err_prefix(&err, "x");
    assert_int_equal(strlen(err.text), 255); /* "x: " and 84 characters */
    assert_true(text_is_utf8(bytes_of_text(err.text)));
    err_prefix(&err, "y");
    assert_true(text_is_utf8(bytes_of_text(err.text)));
    err_prefix(&err, "%s", han);
    assert_true(text_is_utf8(bytes_of_text(err.text)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_function_returns_minus_one_even_without_an_err),
        cmocka_unit_test(setting_fills_code_field_and_text),
        cmocka_unit_test(a_prefix_keeps_code_and_field),
        cmocka_unit_test(an_err_may_be_built_from_its_own_parts),
        cmocka_unit_test(what_is_too_long_is_cut_at_a_code_point),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
