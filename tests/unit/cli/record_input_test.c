/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/record_input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"

static void uuids_have_version_seven_and_follow_the_time(void **state)
{
    char earlier[RECORD_INPUT_KEY_SIZE];
    char later[RECORD_INPUT_KEY_SIZE];
    char twin[RECORD_INPUT_KEY_SIZE];

    record_input_key(INT64_C(1645557742000000), earlier); /* the example of RFC 9562, A.6 */
    record_input_key(INT64_C(1645557742001000), later);
    record_input_key(INT64_C(1645557742001000), twin);
    assert_memory_equal(earlier, "017f22e2-79b0-7", 15);
    assert_non_null(strchr("89ab", earlier[19]));
    assert_int_equal(strlen(earlier), 36);
    assert_true(strcmp(earlier, later) < 0);
    assert_string_not_equal(later, twin);
}

static void fields_are_those_of_the_kind_and_of_the_record(void **state)
{
    static const struct cli_field fields[] = {
        {"customer-ref", "W-17"                },
        {"kind",         "complaint"           },
        {"occurred",     "2026-11-21T08:15:00Z"},
        {"trace",        "t-1"                 },
    };
    struct arena *arena = arena_new(65536);
    struct err err = ERR_NONE;
    const Troth__V1__Record *r =
        record_input_fields("contact", fields, ARRAY_LEN(fields), arena, &err);

    assert_string_equal(err.text, "");
    assert_non_null(r);
    assert_int_equal(r->body_case, TROTH__V1__RECORD__BODY_CONTACT);
    assert_string_equal(r->contact->customer_ref, "W-17");
    assert_int_equal(r->contact->kind, TROTH__V1__CONTACT_KIND__CONTACT_KIND_COMPLAINT);
    assert_int_equal(r->occurred_us, INT64_C(1795248900000000));
    assert_string_equal(r->trace, "t-1");
    arena_free(arena);
}

static void kinds_are_the_bodies_of_a_record(void **state)
{
    assert_non_null(record_input_kind("contact"));
    assert_non_null(record_input_kind("customer-profile"));
    assert_non_null(record_input_kind("survey_answer"));
    assert_null(record_input_kind("key"));
    assert_null(record_input_kind("letter"));
}

static void wrong_fields_name_themselves(void **state)
{
    static const struct {
        struct cli_field field;
        const char *code, *path;
    } cases[] = {
        {{"colour", "red"},        "field_unknown", "colour"      },
        {{"kind", "complain"},     "enum_unknown",  "contact.kind"},
        {{"body", "\xff"},         "not_utf8",      "body"        },
        {{"occurred", "tomorrow"}, "wrong_type",    "occurred_us" },
    };
    struct arena *arena = arena_new(65536);

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_NONE;

        assert_null(record_input_fields("contact", &cases[i].field, 1, arena, &err));
        assert_string_equal(err.code, cases[i].code);
        assert_string_equal(err.field, cases[i].path);
    }
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uuids_have_version_seven_and_follow_the_time),
        cmocka_unit_test(fields_are_those_of_the_kind_and_of_the_record),
        cmocka_unit_test(kinds_are_the_bodies_of_a_record),
        cmocka_unit_test(wrong_fields_name_themselves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
