/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/record_input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"

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

static void instants_are_given_without_their_unit(void **state)
{
    static const struct cli_field fields[] = {
        {"words", "Your car is ready."  },
        {"due",   "2026-11-21T08:15:00Z"},
    };
    struct arena *arena = arena_new(1 << 16);
    struct err err = ERR_NONE;
    const Troth__V1__Record *r =
        record_input_fields("promise-given", fields, ARRAY_LEN(fields), arena, &err);
    assert_non_null(r);
    assert_int_equal(r->promise_given->due_us, INT64_C(1795248900000000));
    assert_false(r->has_occurred_us);
    struct cli_option *options = record_input_options(record_input_kind("promise-given"));
    const struct cli_option *due = options;
    while (due->type != CLI_OPTION_END && strcmp(due->name, "due") != 0) {
        due++;
    }
    assert_int_equal(due->type, CLI_OPTION_FIELD);
    assert_string_equal(due->value, "TIME");
    free(options);
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
        cmocka_unit_test(fields_are_those_of_the_kind_and_of_the_record),
        cmocka_unit_test(instants_are_given_without_their_unit),
        cmocka_unit_test(kinds_are_the_bodies_of_a_record),
        cmocka_unit_test(wrong_fields_name_themselves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
