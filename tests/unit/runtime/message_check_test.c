/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/message_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "intake.pb-c.h"
#include "score.pb-c.h"

#define WIRE(literal)                                                                              \
    ((struct bytes){.data = (const uint8_t *)(literal), .len = sizeof(literal) - 1})

/* A message that contains itself: our .proto files have none, which is what the limit of depth is
 * for. */
static const ProtobufCMessageDescriptor nested;
static const ProtobufCFieldDescriptor nested_fields[] = {
    {.name = "inner",
     .id = 1,
     .label = PROTOBUF_C_LABEL_OPTIONAL,
     .type = PROTOBUF_C_TYPE_MESSAGE,
     .descriptor = &nested                                                                                  },
    {.name = "ratio", .id = 2,           .label = PROTOBUF_C_LABEL_REPEATED, .type = PROTOBUF_C_TYPE_FLOAT},
    {.name = "purpose",
     .id = 3,
     .label = PROTOBUF_C_LABEL_REPEATED,
     .type = PROTOBUF_C_TYPE_ENUM,
     .descriptor = &troth__v1__purpose__descriptor},
};
static const ProtobufCIntRange nested_ranges[] = {
    {1, 0},
    {0, 3}
};
static const ProtobufCMessageDescriptor nested = {
    .magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
    .name = "nested",
    .n_fields = 3,
    .fields = nested_fields,
    .n_field_ranges = 1,
    .field_ranges = nested_ranges,
};

static void good_messages_pass(void **state)
{
    const struct bytes cases[] = {
        WIRE(""),
        WIRE("\x0a\x03K-1"),
        WIRE("\x0a\x03K-1\x5a\x0c\x0a\x04W-17\x10\x02\x42\x02hi"),
        WIRE("\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
        WIRE("\x5a\x02\x10\x00"),         /* UNSPECIFIED is the caller's question */
        WIRE("\xf8\x07\x05\x0a\x03K-1"),  /* unknown number 127: a newer sender */
        WIRE("\xfa\x07\x02\xff\x00"),     /* and its bytes are nobody's text */
        WIRE("\x0a\x01\x61\x0a\x01\x62"), /* the last one counts */
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err err = ERR_NONE;

        assert_int_equal(message_check(&troth__v1__record__descriptor, cases[i], &err), 0);
        assert_string_equal(err.code, "");
    }
}

static void bad_messages_are_refused_with_the_path(void **state)
{
    static const struct {
        const char *code;
        const char *field;
        struct bytes wire;
    } cases[] = {
        {"malformed",    "",             {(const uint8_t *)"\x80", 1}                                                 },
        {"malformed",    "",             {(const uint8_t *)"\x80\x80\x80\x80\x80\x01", 6}                             },
        {"malformed",    "",             {(const uint8_t *)"\x00\x00", 2}                                             },
        {"malformed",    "",             {(const uint8_t *)"\xfb\x07", 2}                                             },
        {"malformed",    "",             {(const uint8_t *)"\xff\x07", 2}                                             },
        {"malformed",    "",             {(const uint8_t *)"\xfa\x07\x05x", 4}                                        },
        {"malformed",    "key",          {(const uint8_t *)"\x0a", 1}                                                 },
        {"malformed",    "key",          {(const uint8_t *)"\x0a\x05K-1", 5}                                          },
        {"malformed",    "key",          {(const uint8_t *)"\x0a\xff\xff\xff\xff\x0f", 6}                             },
        {"malformed",    "key",          {(const uint8_t *)"\x0a\x81\x80\x80\x80\x80\x00x", 8}                        },
        {"malformed",    "key",          {(const uint8_t *)"\x08\x05", 2}                                             },
        {"malformed",    "key",          {(const uint8_t *)"\x0b\x0c", 2}                                             },
        {"malformed",    "occurred_us",  {(const uint8_t *)"\x19\x00\x00\x00\x00\x00\x00\x00\x00", 9}                 },
        {"malformed",    "occurred_us",  {(const uint8_t *)"\x1a\x01\x01", 3}                                         },
        {"malformed",
         "occurred_us",                  {(const uint8_t *)"\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12}    },
        {"malformed",    "contact",      {(const uint8_t *)"\x58\x01", 2}                                             },
        {"malformed",    "contact",      {(const uint8_t *)"\x5a\x05\x0a", 3}                                         },
        {"malformed",    "contact.kind", {(const uint8_t *)"\x5a\x01\x10", 3}                                         },
        {"not_utf8",     "key",          {(const uint8_t *)"\x0a\x02\xc3\x28", 4}                                     },
        {"not_utf8",
         "key",                          {(const uint8_t *)"\x0a\x03"
                           "a\0b",
          5}                                                                                           },
        {"not_utf8",     "key",          {(const uint8_t *)"\x0a\x03\xed\xa0\x80", 5}                                 },
        {"not_utf8",     "contact.body", {(const uint8_t *)"\x5a\x03\x42\x01\xff", 5}                                 },
        {"enum_unknown", "contact.kind", {(const uint8_t *)"\x5a\x02\x10\x63", 4}                                     },
        {"enum_unknown", "contact.kind", {(const uint8_t *)"\x5a\x06\x10\x81\x80\x80\x80\x10", 8}                     },
        {"enum_unknown",
         "contact.kind",                 {(const uint8_t *)"\x5a\x0b\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 13}},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err err = ERR_NONE;

        assert_int_equal(message_check(&troth__v1__record__descriptor, cases[i].wire, &err), -1);
        assert_string_equal(err.code, cases[i].code);
        assert_string_equal(err.field, cases[i].field);
        assert_string_not_equal(err.text, "");
    }
}

static void infinite_numbers_are_refused(void **state)
{
    struct err err = ERR_NONE;

    /* index = +infinity, then NaN */
    assert_int_equal(message_check(&troth__v1__score__descriptor,
                                   WIRE("\x11\x00\x00\x00\x00\x00\x00\xf0\x7f"), &err),
                     -1);
    assert_string_equal(err.code, "not_finite");
    assert_string_equal(err.field, "index");
    assert_int_equal(message_check(&troth__v1__score__descriptor,
                                   WIRE("\x11\x00\x00\x00\x00\x00\x00\xf8\x7f"), &err),
                     -1);
    assert_int_equal(message_check(&troth__v1__score__descriptor,
                                   WIRE("\x11\x00\x00\x00\x00\x00\x00\xf0\x3f"), &err),
                     0);
}

static void packed_values_are_looked_into(void **state)
{
    static const struct {
        const char *code;
        struct bytes wire;
    } cases[] = {
        {"",             {(const uint8_t *)"\x12\x04\x00\x00\x80\x3f", 6}},
        {"",             {(const uint8_t *)"\x15\x00\x00\x80\x3f", 5}    },
        {"",             {(const uint8_t *)"\x12\x00", 2}                },
        {"",             {(const uint8_t *)"\x1a\x03\x01\x02\x04", 5}    },
        {"not_finite",   {(const uint8_t *)"\x12\x04\x00\x00\x80\x7f", 6}},
        {"malformed",    {(const uint8_t *)"\x12\x03\x00\x00\x80", 5}    },
        {"enum_unknown", {(const uint8_t *)"\x1a\x02\x01\x05", 4}        },
        {"malformed",    {(const uint8_t *)"\x1a\x02\x01\x85", 4}        },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err err = ERR_NONE;

        assert_int_equal(message_check(&nested, cases[i].wire, &err), cases[i].code[0] ? -1 : 0);
        assert_string_equal(err.code, cases[i].code);
    }
}

/* Levels in all, the root counted. */
static struct bytes nest(uint8_t *wire, size_t size, int levels)
{
    size_t len = 0;

    for (int i = 1; i < levels; i++) {
        assert_true(len + 2 <= size && len < 128);
        memmove(wire + 2, wire, len);
        wire[0] = 0x0a;
        wire[1] = (uint8_t)len;
        len += 2;
    }
    return (struct bytes){.data = wire, .len = len};
}

static void nesting_ends_at_the_limit(void **state)
{
    uint8_t wire[64];
    struct err err = ERR_NONE;

    assert_int_equal(message_check(&nested, nest(wire, sizeof(wire), MESSAGE_DEPTH_MAX), &err), 0);
    assert_int_equal(message_check(&nested, nest(wire, sizeof(wire), MESSAGE_DEPTH_MAX + 1), &err),
                     -1);
    assert_string_equal(err.code, "too_deep");
    assert_string_equal(err.field, "inner.inner.inner.inner.inner.inner.inner.inner");
}

static void element_of_a_list_is_named_by_its_index(void **state)
{
    struct err err = ERR_NONE;

    assert_int_equal(message_check(&troth__v1__intake_request__descriptor,
                                   WIRE("\x0a\x0a\x0a\x00\x0a\x06\x5a\x04\x12\x02\x10\x63"), &err),
                     -1);
    assert_int_equal(message_check(&troth__v1__intake_request__descriptor,
                                   WIRE("\x0a\x08\x0a\x00\x0a\x04\x5a\x02\x10\x63"), &err),
                     -1);
    assert_string_equal(err.code, "enum_unknown");
    assert_string_equal(err.field, "records.records[1].contact.kind");
}

/* Every prefix and every changed byte of a good message: an answer, and no read outside (sanitizers
 * watch). */
static void no_damage_to_the_bytes_does_harm(void **state)
{
    struct bytes good = WIRE("\x0a\x1b\x0a\x19\x0a\x03K-1\x18\x05\x5a\x10\x0a\x04W-17\x10\x02\x42"
                             "\x06\xe4\xbd\xa0\xe5\xa5\xbd");
    struct arena *arena = arena_new(4096);
    struct err err = ERR_NONE;

    assert_non_null(message_unpack(&troth__v1__intake_request__descriptor, good, arena, &err));
    for (size_t len = 0; len < good.len; len++) {
        for (int flip = 0; flip < 256; flip++) {
            uint8_t *damaged = test_malloc(len + 1);
            struct bytes wire = {.data = damaged, .len = len + 1};
            ProtobufCMessage *m;

            memcpy(damaged, good.data, len + 1);
            damaged[len] = (uint8_t)flip;
            arena_reset(arena);
            err = ERR_NONE;
            m = message_unpack(&troth__v1__intake_request__descriptor, wire, arena, &err);
            assert_true(m ? err.code[0] == '\0' : err.code[0] != '\0');
            test_free(damaged);
        }
    }
    arena_free(arena);
}

static void budget_of_the_arena_is_a_refusal(void **state)
{
    struct arena *arena = arena_new(512);
    struct buffer wire = {0};
    struct err err = ERR_NONE;

    for (int i = 0; i < 100; i++) {
        buffer_append(&wire, "\x0a\x00", 2);
    }
    assert_null(message_unpack(&troth__v1__record_batch__descriptor,
                               (struct bytes){.data = wire.data, .len = wire.len}, arena, &err));
    assert_string_equal(err.code, "too_large");
    buffer_free(&wire);
    arena_free(arena);
}

static void packing_appends_and_unpacking_reads_it_back(void **state)
{
    struct arena *arena = arena_new(4096);
    struct buffer wire = {0};
    struct err err = ERR_NONE;
    char key[] = "K-1";
    Troth__V1__Record record = TROTH__V1__RECORD__INIT;
    const Troth__V1__Record *read;

    message_pack(&record.base, &wire); /* empty: nothing to append */
    assert_int_equal(wire.len, 0);
    buffer_append(&wire, "x", 1);
    record.key = key;
    message_pack(&record.base, &wire);
    read = (const Troth__V1__Record *)message_unpack(
        &troth__v1__record__descriptor, (struct bytes){.data = wire.data + 1, .len = wire.len - 1},
        arena, &err);
    assert_non_null(read);
    assert_string_equal(read->key, "K-1");
    assert_non_null(message_unpack(&troth__v1__record__descriptor, (struct bytes){0}, arena, &err));
    buffer_free(&wire);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_messages_pass),
        cmocka_unit_test(bad_messages_are_refused_with_the_path),
        cmocka_unit_test(infinite_numbers_are_refused),
        cmocka_unit_test(packed_values_are_looked_into),
        cmocka_unit_test(nesting_ends_at_the_limit),
        cmocka_unit_test(element_of_a_list_is_named_by_its_index),
        cmocka_unit_test(no_damage_to_the_bytes_does_harm),
        cmocka_unit_test(budget_of_the_arena_is_a_refusal),
        cmocka_unit_test(packing_appends_and_unpacking_reads_it_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
