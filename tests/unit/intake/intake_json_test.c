/* SPDX-License-Identifier: Apache-2.0 */
/* A post is cut into records, each is read on its own; what is wrong with one is said of that one.
 */
#include "services/intake/intake_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/text.h"
#include "common/runtime/message_check.h"
#include "intake.pb-c.h"

static int parts_of(const char *body, struct intake_json_parts *ret_parts, struct err *err)
{
    return intake_json_parts(bytes_of_text(body), ret_parts, err);
}

static void a_post_is_cut_into_its_records(void **state)
{
    static const struct {
        const char *name, *body;
        size_t count;
        const char *first; /* text of the first record */
    } cases[] = {
        {"none",                  "{\"records\":[]}",                          0, NULL               },
        {"blanks everywhere",     " {\n\t\"records\" : [ ] }\r\n ",            0, NULL               },
        {"one",                   "{\"records\":[{}]}",                        1, "{}"               },
        {"two",                   "{\"records\":[{\"a\":1},{\"b\":2}]}",       2, "{\"a\":1}"        },
        {"brackets in a text",    "{\"records\":[{\"a\":\"}],{[\"},{}]}",      2, "{\"a\":\"}],{[\"}"},
        {"an escaped quote",      "{\"records\":[{\"a\":\"\\\"}\"}]}",         1, "{\"a\":\"\\\"}\"}"},
        {"an escaped backslash",  "{\"records\":[{\"a\":\"\\\\\"},{}]}",       2, "{\"a\":\"\\\\\"}" },
        {"lists in a record",     "{\"records\":[{\"a\":[1,[2,{\"b\":3}]]}]}", 1,
         "{\"a\":[1,[2,{\"b\":3}]]}"                                                                 },
        {"records that are none", "{\"records\":[1,\"x\",null]}",              3, "1"                },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct intake_json_parts parts;
        struct err err = ERR_NONE;
        assert_int_equal(parts_of(cases[i].body, &parts, &err), 0);
        assert_int_equal(parts.count, cases[i].count);
        if (cases[i].first) {
            assert_int_equal(parts.records[0].text.len, strlen(cases[i].first));
            assert_memory_equal(parts.records[0].text.data, cases[i].first, strlen(cases[i].first));
        }
    }
}

static void what_is_no_post_is_refused_as_a_whole(void **state)
{
    static const struct {
        const char *body, *want_code;
    } cases[] = {
        {"",                                "malformed"    },
        {"   ",                             "malformed"    },
        {"[]",                              "malformed"    },
        {"null",                            "malformed"    },
        {"{}",                              "malformed"    },
        {"{\"records\"}",                   "malformed"    },
        {"{\"records\":{}}",                "malformed"    },
        {"{\"records\":null}",              "malformed"    },
        {"{\"records\":[}",                 "malformed"    },
        {"{\"records\":[{}",                "malformed"    },
        {"{\"records\":[{}]",               "malformed"    },
        {"{\"records\":[{},]}",             "malformed"    },
        {"{\"records\":[,{}]}",             "malformed"    },
        {"{\"records\":[{}{}]}",            NULL           }, /* one record that is no JSON */
        {"{\"records\":[{]}",               "malformed"    },
        {"{\"records\":[{\"a\":\"x}]}",     "malformed"    },
        {"{\"records\":[\"\\",              "malformed"    },
        {"{\"records\":[]}x",               "malformed"    },
        {"{\"records\":[]}{}",              "malformed"    },
        {"\xef\xbb\xbf{\"records\":[]}",    "malformed"    },
        {"{\"batch\":[]}",                  "field_unknown"},
        {"{\"records\":[],\"x\":1}",        "field_unknown"},
        {"{\"records\":[],\"records\":[]}", "field_unknown"},
        {"{\"rec\\u006frds\":[]}",          "field_unknown"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct intake_json_parts parts;
        struct err err = ERR_NONE;
        int rc = parts_of(cases[i].body, &parts, &err);
        assert_int_equal(rc, cases[i].want_code ? -1 : 0);
        assert_string_equal(err.code, cases[i].want_code ? cases[i].want_code : "");
    }
}

static void a_post_has_at_most_256_records(void **state)
{
    struct text body = {0};
    struct intake_json_parts parts;
    struct err err = ERR_NONE;
    text_append(&body, "{\"records\":[{}");
    for (int i = 1; i < INTAKE_RECORDS_MAX; i++) {
        text_append(&body, ",{}");
    }
    text_append(&body, "]}");
    assert_int_equal(parts_of(body.data, &parts, &err), 0);
    assert_int_equal(parts.count, INTAKE_RECORDS_MAX);
    body.len -= 2;
    text_append(&body, ",{}]}");
    assert_int_equal(parts_of(body.data, &parts, &err), -1);
    assert_string_equal(err.code, "too_many_records");
    text_free(&body);
}

struct fixture {
    struct arena *scratch;
    struct buffer wire;
    char key[INTAKE_KEY_MAX + 1];
    struct err err;
};

static int open_fixture(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    f->scratch = arena_new(1 << 20);
    *state = f;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *f = *state;
    arena_free(f->scratch);
    buffer_free(&f->wire);
    free(f);
    return 0;
}

static int read_record(struct fixture *f, const char *json, size_t len)
{
    struct buffer body = {0};
    struct intake_json_parts parts;
    static const char before[] = "{\"records\":[", after[] = "]}";
    buffer_append(&body, before, strlen(before));
    buffer_append(&body, json, len);
    buffer_append(&body, after, strlen(after));
    buffer_clear(&f->wire);
    f->err = ERR_NONE;
    assert_int_equal(intake_json_parts((struct bytes){body.data, body.len}, &parts, &f->err), 0);
    assert_int_equal(parts.count, 1);
    int rc = intake_json_record(&parts.records[0], f->scratch, &f->wire, f->key, &f->err);
    buffer_free(&body);
    return rc;
}

static Troth__V1__Record *unpack(struct fixture *f, struct arena *arena)
{
    return (Troth__V1__Record *)message_unpack(
        &troth__v1__record__descriptor, (struct bytes){f->wire.data, f->wire.len}, arena, &f->err);
}

static void every_way_to_write_a_record_is_the_same_on_the_wire(void **state)
{
    struct fixture *f = *state;
    static const char *const ways[] = {
        "{\"key\":\"k\",\"occurred_us\":1700000000000000,\"contact\":{\"kind\":2}}",
        "{\"key\":\"k\",\"occurredUs\":\"1700000000000000\",\"contact\":{\"kind\":\"complaint\"}}",
        "{\"contact\":{\"kind\":\"CONTACT_KIND_COMPLAINT\"},\"occurred_us\":1.7e15,\"key\":\"k\"}",
        "{\"key\":\"\\u006b\",\"occurred_us\":\"2023-11-14T22:13:20Z\",\"contact\":{\"kind\":2}}",
        "{\"key\":\"k\",\"occurred_us\":17e14,\"purchase\":null,\"contact\":{\"kind\":2}}",
    };
    struct buffer first = {0};
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        assert_int_equal(read_record(f, ways[i], strlen(ways[i])), 0);
        assert_string_equal(f->key, "k");
        if (i == 0) {
            buffer_append(&first, f->wire.data, f->wire.len);
        }
        assert_int_equal(f->wire.len, first.len);
        assert_memory_equal(f->wire.data, first.data, first.len);
    }
    buffer_free(&first);
}

static void numbers_keep_their_whole_range(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *json;
        int64_t want;
    } cases[] = {
        {"{\"occurred_us\":9223372036854775807}",      INT64_MAX       },
        {"{\"occurred_us\":\"9223372036854775807\"}",  INT64_MAX       },
        {"{\"occurred_us\":\"-9223372036854775808\"}", INT64_MIN       },
        {"{\"occurred_us\":9007199254740993}",         9007199254740993},
        {"{\"occurred_us\":-0}",                       0               },
    };
    struct arena *arena = arena_new(65536);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(read_record(f, cases[i].json, strlen(cases[i].json)), 0);
        assert_true(unpack(f, arena)->occurred_us == cases[i].want);
    }
    arena_free(arena);
}

#define DEEP_8  "[[[[[[[["
#define SHUT_8  "]]]]]]]]"
#define K(rest) "{\"key\":\"k-1\"," rest

static void what_is_wrong_with_a_record_is_said_with_its_field(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *name, *json, *want_code, *want_field;
    } cases[] = {
        {"no JSON",                 K("x}"),                                                            "json_invalid",       ""                                    },
        {"a text without end",      K("\"a\":\"\n\"}"),                                                 "json_invalid",       ""                                    },
        {"brackets crossed",        K("\"contact\":[}]"),                                               "json_invalid",       ""                                    },
        {"two objects",             K("\"occurred_us\":1}{}"),                                          "json_invalid",       ""                                    },
        {"a name twice",            K("\"trace\":\"a\",\"trace\":\"b\"}"),                              "json_invalid",       ""                                    },
        {"a name in two spellings", K("\"occurred_us\":1,\"occurredUs\":2}"),                           "wrong_type",
         "occurred_us"                                                                                                                                              },
        {"wrong UTF-8",             K("\"trace\":\"\xff\"}"),                                           "not_utf8",           ""                                    },
        {"a cut sequence",          K("\"trace\":\"\xe4\xbd\"}"),                                       "not_utf8",           ""                                    },
        {"a lone surrogate",        K("\"trace\":\"\\ud800\"}"),                                        "json_invalid",       ""                                    },
        {"NUL",                     K("\"trace\":\"a\\u0000b\"}"),                                      "not_utf8",           ""                                    },
        {"NUL in a name",           K("\"tr\\u0000ace\":\"a\"}"),                                       "not_utf8",           ""                                    },
        {"a number without end",    K("\"occurred_us\":1e999}"),                                        "value_out_of_range", ""                                    },
        {"an integer without end",  K("\"occurred_us\":123456789012345678901234}"),
         "value_out_of_range",                                                                                                ""                                    },
        {"an integer too large",    K("\"occurred_us\":\"9223372036854775808\"}"),                      "wrong_type",
         "occurred_us"                                                                                                                                              },
        {"a fraction",              K("\"occurred_us\":1.5}"),                                          "wrong_type",         "occurred_us"                         },
        {"not a number",            K("\"occurred_us\":NaN}"),                                          "json_invalid",       ""                                    },
        {"a text for an object",    K("\"contact\":\"x\"}"),                                            "wrong_type",         "contact"                             },
        {"an object for a text",    K("\"trace\":{}}"),                                                 "wrong_type",         "trace"                               },
        {"a number for a text",     K("\"contact\":{\"branch\":7}}"),                                   "wrong_type",         "contact.branch"                      },
        {"an unknown field",        K("\"contact\":{\"colour\":7}}"),                                   "field_unknown",      "contact.colour"                      },
        {"an unknown body",         K("\"wish\":{}}"),                                                  "field_unknown",      "wish"                                },
        {"what is no name",         K("\"contact\":{\"+86 138 0000\":7}}"),                             "field_unknown",      "contact"                             },
        {"an unknown value",        K("\"contact\":{\"kind\":\"wish\"}}"),                              "enum_unknown",       "contact.kind"                        },
        {"an unknown number",       K("\"contact\":{\"kind\":99}}"),                                    "enum_unknown",       "contact.kind"                        },
        {"two bodies",              K("\"contact\":{},\"purchase\":{}}"),                               "wrong_type",         "purchase"                            },
        {"a list for one",          K("\"contact\":[]}"),                                               "wrong_type",         "contact"                             },
        {"one for a list",          K("\"customer_profile\":{\"consents\":{}}}"),                       "wrong_type",
         "customer_profile.consents"                                                                                                                                },
        {"in a list",               K("\"customer_profile\":{\"consents\":[{},{\"purpose\":\"x\"}]}}"),
         "enum_unknown",                                                                                                      "customer_profile.consents[1].purpose"},
        {"too deep",                K("\"a\":" DEEP_8 DEEP_8 SHUT_8 SHUT_8 "}"),                        "too_deep",           ""                                    },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(read_record(f, cases[i].json, strlen(cases[i].json)), -1);
        assert_string_equal(f->err.code, cases[i].want_code);
        assert_string_equal(f->err.field, cases[i].want_field);
        assert_string_equal(f->key, "k-1");
        assert_int_equal(f->wire.len, 0);
        assert_null(strstr(f->err.text, "138"));
    }
}

static void a_key_is_found_where_it_can_be(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *json, *want_key;
    } cases[] = {
        {"7",                                                                                 ""  },
        {"{x}",                                                                               ""  },
        {"{x,\"key\":\"k\"}",                                                                 "k" },
        {"{\"contact\":{\"key\":\"inner\"},\"key\":\"k\",x}",                                 "k" },
        {"{\"trace\":\"key\",\"key\":\"k\",x}",                                               "k" },
        {"{\"key\":\"a\\u0062\",x}",                                                          ""  }, /* not read where it is no JSON */
        {"{\"key\":\"a\\u0062\",\"x\":1}",                                                    "ab"},
        {"{\"key\":7,x}",                                                                     ""  },
        {"{\"key\":\"\xff\",x}",                                                              ""  },
        {"{\"key\":\"0123456789012345678901234567890123456789012345678901234567890123\",x}",
         "0123456789012345678901234567890123456789012345678901234567890123"                       },
        {"{\"key\":\"01234567890123456789012345678901234567890123456789012345678901234\",x}", ""  },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(read_record(f, cases[i].json, strlen(cases[i].json)), -1);
        assert_string_equal(f->key, cases[i].want_key);
    }
}

static void a_record_has_a_limit_as_json_and_on_the_wire(void **state)
{
    struct fixture *f = *state;
    static const struct {
        size_t len;
        const char *want_code;
    } cases[] = {
        {(size_t)32 * 1024,      ""         },
        {(size_t)65 * 1024,      "too_large"},
        {INTAKE_JSON_RECORD_MAX, "too_large"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct text json = {0};
        text_append(&json, "{\"contact\":{\"body\":\"");
        while (json.len < cases[i].len) {
            text_append(&json, "0123456789abcdef");
        }
        text_append(&json, "\"}}");
        assert_int_equal(read_record(f, json.data, json.len), *cases[i].want_code ? -1 : 0);
        assert_string_equal(f->err.code, cases[i].want_code);
        text_free(&json);
    }
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_post_is_cut_into_its_records),
        cmocka_unit_test(what_is_no_post_is_refused_as_a_whole),
        cmocka_unit_test(a_post_has_at_most_256_records),
        WITH_FIXTURE(every_way_to_write_a_record_is_the_same_on_the_wire),
        WITH_FIXTURE(numbers_keep_their_whole_range),
        WITH_FIXTURE(what_is_wrong_with_a_record_is_said_with_its_field),
        WITH_FIXTURE(a_key_is_found_where_it_can_be),
        WITH_FIXTURE(a_record_has_a_limit_as_json_and_on_the_wire),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
