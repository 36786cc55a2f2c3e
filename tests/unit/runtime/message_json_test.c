/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/message_json.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/runtime/message_check.h"
#include "event.pb-c.h"
#include "intake.pb-c.h"
#include "score.pb-c.h"

static struct arena *arena;

static int open_arena(void **state)
{
    arena = arena_new(65536);
    return 0;
}

static int close_arena(void **state)
{
    arena_free(arena);
    return 0;
}

static ProtobufCMessage *read_json(const ProtobufCMessageDescriptor *type, const char *text,
                                   struct err *err)
{
    json_error_t why;
    json_t *json = json_loads(text, JSON_ALLOW_NUL | JSON_DECODE_ANY, &why);
    ProtobufCMessage *m;

    assert_non_null(json);
    m = message_from_json(type, json, arena, err);
    json_decref(json);
    return m;
}

static void assert_printed(const ProtobufCMessage *m, const char *wanted)
{
    json_t *json = message_to_json(m);
    char *text = json_dumps(json, JSON_COMPACT);

    assert_string_equal(text, wanted);
    free(text);
    json_decref(json);
}

static void what_is_read_is_printed_in_the_usual_form(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"{}",                                                                                     "{}"                                     },
        {"{\"key\":null}",                                                                         "{}"                                     },
        {"{\"key\":\"\"}",                                                                         "{\"key\":\"\"}"                         },
        {"{\"occurred_us\":5}",                                                                    "{\"occurred_us\":5}"                    },
        {"{\"occurredUs\":\"5\"}",                                                                 "{\"occurred_us\":5}"                    },
        {"{\"occurred_us\":1e3}",                                                                  "{\"occurred_us\":1000}"                 },
        {"{\"occurred_us\":\"9007199254740993\"}",                                                 "{\"occurred_us\":\"9007199254740993\"}" },
        {"{\"occurred_us\":-9007199254740993}",                                                    "{\"occurred_us\":\"-9007199254740993\"}"},
        {"{\"occurred_us\":\"2001-09-09T01:46:40Z\"}",                                             "{\"occurred_us\":1000000000000000}"     },
        {"{\"isPermanentKey\":true}",                                                              "{\"is_permanent_key\":true}"            },
        {"{\"is_permanent_key\":\"false\"}",                                                       "{\"is_permanent_key\":false}"           },
        {"{\"contact\":{\"kind\":\"complaint\"}}",                                                 "{\"contact\":{\"kind\":\"complaint\"}}" },
        {"{\"contact\":{\"kind\":\"CONTACT_KIND_PRAISE\"}}",                                       "{\"contact\":{\"kind\":\"praise\"}}"    },
        {"{\"contact\":{\"kind\":3,\"body\":\"你好\"}}",
         "{\"contact\":{\"kind\":\"request\",\"body\":\"你好\"}}"                                                                         },
        {"{\"case_update\":{\"action\":\"Waiting-Third-Party\"}}",
         "{\"case_update\":{\"action\":\"waiting_third_party\"}}"                                                                           },
        {"{\"customer_profile\":{\"consents\":[{\"purpose\":\"survey\",\"is_given\":false},{}]}}",
         "{\"customer_profile\":{\"consents\":[{\"purpose\":\"survey\",\"is_given\":false},{}]}}"                                           },
        {"{\"customer_profile\":{\"consents\":[]}}",                                               "{\"customer_profile\":{}}"              },
        {"{\"survey_answer\":{\"value\":-2147483648}}",
         "{\"survey_answer\":{\"value\":-2147483648}}"                                                                                      },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err err = ERR_NONE;
        ProtobufCMessage *m = read_json(&troth__v1__record__descriptor, cases[i].in, &err);

        assert_string_equal(err.text, "");
        assert_non_null(m);
        assert_printed(m, cases[i].out);
    }
}

static void wrong_values_are_refused_with_their_path(void **state)
{
    static const struct {
        const char *code, *field, *in;
    } cases[] = {
        {"wrong_type",    "",                                      "[]"                                        },
        {"wrong_type",    "",                                      "3"                                         },
        {"field_unknown", "colour",                                "{\"colour\":1}"                            },
        {"field_unknown", "contact.bodi",                          "{\"contact\":{\"bodi\":\"\"}}"             },
        {"wrong_type",    "key",                                   "{\"key\":1}"                               },
        {"wrong_type",    "key",                                   "{\"key\":\"a\\u0000b\"}"                   },
        {"wrong_type",    "contact",                               "{\"contact\":\"hello\"}"                   },
        {"wrong_type",    "contact",                               "{\"contact\":[{}]}"                        },
        {"wrong_type",    "occurred_us",                           "{\"occurredUs\":\"yesterday\"}"            },
        {"wrong_type",    "occurred_us",                           "{\"occurred_us\":\"\"}"                    },
        {"wrong_type",    "occurred_us",                           "{\"occurred_us\":1.5}"                     },
        {"wrong_type",    "occurred_us",                           "{\"occurred_us\":1e300}"                   },
        {"wrong_type",    "occurred_us",                           "{\"occurred_us\":true}"                    },
        {"wrong_type",    "occurred_us",                           "{\"occurred_us\":\"18446744073709551615\"}"},
        {"wrong_type",    "is_permanent_key",                      "{\"is_permanent_key\":1}"                  },
        {"wrong_type",    "survey_answer.value",                   "{\"survey_answer\":{\"value\":2147483648}}"},
        {"wrong_type",    "survey_answer.value",
         "{\"survey_answer\":{\"value\":\"2026-11-21T08:15:00Z\"}}"                                            },
        {"enum_unknown",  "contact.kind",                          "{\"contact\":{\"kind\":\"complain\"}}"     },
        {"enum_unknown",  "contact.kind",                          "{\"contact\":{\"kind\":\"\"}}"             },
        {"enum_unknown",  "contact.kind",                          "{\"contact\":{\"kind\":99}}"               },
        {"enum_unknown",  "contact.kind",                          "{\"contact\":{\"kind\":4294967298}}"       },
        {"wrong_type",    "customer_profile.consents",             "{\"customer_profile\":{\"consents\":{}}}"  },
        {"wrong_type",    "customer_profile.consents[1].is_given",
         "{\"customer_profile\":{\"consents\":[{},{\"is_given\":\"yes\"}]}}"                                   },
        {"wrong_type",    "customer_profile.consents[0]",
         "{\"customer_profile\":{\"consents\":[null]}}"                                                        },
        {"wrong_type",    "purchase",                              "{\"contact\":{},\"purchase\":{}}"          },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err err = ERR_NONE;

        assert_null(read_json(&troth__v1__record__descriptor, cases[i].in, &err));
        assert_string_equal(err.code, cases[i].code);
        assert_string_equal(err.field, cases[i].field);
        assert_string_not_equal(err.text, "");
    }
}

static void fractions_are_read_and_infinite_ones_left_out(void **state)
{
    struct err err = ERR_NONE;
    ProtobufCMessage *m =
        read_json(&troth__v1__score__descriptor, "{\"index\":\"62.5\",\"trust\":1}", &err);
    Troth__V1__Score score = TROTH__V1__SCORE__INIT;

    assert_non_null(m);
    assert_printed(m, "{\"index\":62.5,\"trust\":1.0}");
    assert_null(read_json(&troth__v1__score__descriptor, "{\"index\":\"nan\"}", &err));
    assert_string_equal(err.field, "index");
    score.has_index = 1;
    score.index = (double)NAN;
    assert_printed(&score.base, "{}");
}

/* None of our messages has a field of bytes: one made by hand. */
struct blob {
    ProtobufCMessage base;
    protobuf_c_boolean has_data;
    ProtobufCBinaryData data;
};

static void blob_init(ProtobufCMessage *m);

static const ProtobufCFieldDescriptor blob_fields[] = {
    {.name = "data",
     .id = 1,
     .label = PROTOBUF_C_LABEL_OPTIONAL,
     .type = PROTOBUF_C_TYPE_BYTES,
     .quantifier_offset = offsetof(struct blob, has_data),
     .offset = offsetof(struct blob, data)},
};
static const ProtobufCIntRange blob_ranges[] = {
    {1, 0},
    {0, 1}
};
static const unsigned blob_names[] = {0};
static const ProtobufCMessageDescriptor blob_type = {
    .magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
    .short_name = "Blob",
    .sizeof_message = sizeof(struct blob),
    .n_fields = 1,
    .fields = blob_fields,
    .fields_sorted_by_name = blob_names,
    .n_field_ranges = 1,
    .field_ranges = blob_ranges,
    .message_init = blob_init,
};

static void blob_init(ProtobufCMessage *m)
{
    *(struct blob *)(void *)m = (struct blob){.base = {.descriptor = &blob_type}};
}

static void bytes_are_base64(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"{\"data\":\"\"}",     "{\"data\":\"\"}"    },
        {"{\"data\":\"AP9/\"}", "{\"data\":\"AP9/\"}"},
        {"{\"data\":\"AP8=\"}", "{\"data\":\"AP8=\"}"},
        {"{\"data\":\"AP8\"}",  "{\"data\":\"AP8=\"}"},
        {"{\"data\":\"AP9_\"}", "{\"data\":\"AP9/\"}"},
    };
    struct err err = ERR_NONE;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ProtobufCMessage *m = read_json(&blob_type, cases[i].in, &err);

        assert_non_null(m);
        assert_printed(m, cases[i].out);
    }
    assert_null(read_json(&blob_type, "{\"data\":\"*\"}", &err));
    assert_string_equal(err.code, "wrong_type");
    assert_null(read_json(&blob_type, "{\"data\":7}", &err));
}

static void memory_is_bounded_by_the_arena(void **state)
{
    struct err err = ERR_NONE;
    json_t *json = json_object();
    json_t *list = json_array();

    for (int i = 0; i < 2000; i++) {
        json_array_append_new(list, json_object());
    }
    json_object_set_new(json, "records", list);
    assert_null(message_from_json(&troth__v1__record_batch__descriptor, json, arena, &err));
    assert_string_equal(err.code, "too_large");
    json_decref(json);
}

static void json_and_wire_make_the_same_message(void **state)
{
    struct err err = ERR_NONE;
    ProtobufCMessage *m =
        read_json(&troth__v1__event__descriptor,
                  "{\"stream\":\"intake.0\",\"bucket\":255,\"seq\":7,\"is_historical\":false,"
                  "\"case_changed\":{\"action\":\"resolved\",\"from\":\"open\",\"to\":\"resolved\","
                  "\"first_response_us\":0}}",
                  &err);
    struct buffer wire = {0};
    ProtobufCMessage *again;

    assert_non_null(m);
    message_pack(m, &wire);
    again = message_unpack(&troth__v1__event__descriptor,
                           (struct bytes){.data = wire.data, .len = wire.len}, arena, &err);
    assert_non_null(again);
    assert_printed(
        again, "{\"stream\":\"intake.0\",\"bucket\":255,\"seq\":7,\"is_historical\":false,"
               "\"case_changed\":{\"action\":\"resolved\",\"from\":\"open\",\"to\":\"resolved\","
               "\"first_response_us\":0}}");
    buffer_free(&wire);
}

static void answers_for_machines_are_the_exact_mapping(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"{}",                                                                "{}"                               },
        {"{\"contact\":{\"kind\":\"complaint\"}}",
         "{\"contact\":{\"kind\":\"CONTACT_KIND_COMPLAINT\"}}"                                                   },
        {"{\"occurred_us\":\"9007199254740993\",\"is_permanent_key\":false}",
         "{\"occurred_us\":\"9007199254740993\",\"is_permanent_key\":false}"                                     },
        {"{\"occurred_us\":-5,\"key\":\"\"}",                                 "{\"key\":\"\",\"occurred_us\":-5}"},
        {"{\"key\":\"\\\"\\\\/\\n\\u0001\\u007f你\"}",
         "{\"key\":\"\\\"\\\\/\\u000a\\u0001\x7f你\"}"                                                          },
        {"{\"customer_profile\":{\"consents\":[{\"is_given\":true},{}]}}",
         "{\"customer_profile\":{\"consents\":[{\"is_given\":true},{}]}}"                                        },
        {"{\"customer_profile\":{\"consents\":[]}}",                          "{\"customer_profile\":{}}"        },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_NONE;
        struct text out = {0};
        const ProtobufCMessage *m = read_json(&troth__v1__record__descriptor, cases[i].in, &err);

        assert_non_null(m);
        message_append_json(m, &out);
        assert_string_equal(out.data, cases[i].out);
        text_free(&out);
    }
}

static void what_is_no_name_is_not_repeated(void **state)
{
    static const struct {
        const char *in, *code, *field;
    } cases[] = {
        {"{\"contact\":{\"colour\":1}}",         "field_unknown", "contact.colour"},
        {"{\"contact\":{\"138 0000 0000\":1}}",  "field_unknown", "contact"       },
        {"{\"李雷\":1}",                       "field_unknown", ""              },
        {"{\"occurred_us\":1,\"occurredUs\":1}", "wrong_type",    "occurred_us"   },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_NONE;

        assert_null(read_json(&troth__v1__record__descriptor, cases[i].in, &err));
        assert_string_equal(err.code, cases[i].code);
        assert_string_equal(err.field, cases[i].field);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_read_is_printed_in_the_usual_form, open_arena,
                                        close_arena),
        cmocka_unit_test_setup_teardown(wrong_values_are_refused_with_their_path, open_arena,
                                        close_arena),
        cmocka_unit_test_setup_teardown(fractions_are_read_and_infinite_ones_left_out, open_arena,
                                        close_arena),
        cmocka_unit_test_setup_teardown(answers_for_machines_are_the_exact_mapping, open_arena,
                                        close_arena),
        cmocka_unit_test_setup_teardown(what_is_no_name_is_not_repeated, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(bytes_are_base64, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(memory_is_bounded_by_the_arena, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(json_and_wire_make_the_same_message, open_arena,
                                        close_arena),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
