/* SPDX-License-Identifier: Apache-2.0 */
/*
 * message_from_json.c - the way back from message_json.c: a JSON tree into a message in the arena.
 *
 * Reads a little more than is printed, because people and scripts write it: numbers, booleans and
 * instants as texts too. Errors name fields and what is expected there, never the value.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/runtime/message_check.h"
#include "common/runtime/message_field.h"
#include "common/runtime/message_json.h"

/* Integers up to here are exact in a JSON number with a fraction or an exponent. */
#define EXACT_REAL_MAX 9007199254740992.0

enum {
    NAME_SHOWN_MAX = 48
};

struct place {
    const struct place *outer;
    const char *name; /* NULL: the root */
    size_t index;
    bool is_element;
    int depth;
};

static ProtobufCMessage *read_message(const ProtobufCMessageDescriptor *type, const json_t *json,
                                      const struct place *place, struct arena *arena,
                                      struct err *err);

static void print_path(const struct place *place, struct text *out)
{
    if (!place->name) {
        return;
    }
    print_path(place->outer, out);
    text_appendf(out, "%s%s", out->len > 0 ? "." : "", place->name);
    if (place->is_element) {
        text_appendf(out, "[%zu]", place->index);
    }
}

static int refuse(struct err *err, const char *code, const struct place *place, const char *why)
{
    struct text path = {0};

    print_path(place, &path);
    err_set_field(err, code, text_or_empty(&path), "%s", why);
    text_free(&path);
    return -1;
}

static int refuse_size(struct err *err, const struct place *place)
{
    return refuse(err, "too_large", place, "the message takes more memory than is allowed");
}

static bool is_unsigned(ProtobufCType type)
{
    return type == PROTOBUF_C_TYPE_UINT32 || type == PROTOBUF_C_TYPE_FIXED32 ||
           type == PROTOBUF_C_TYPE_UINT64 || type == PROTOBUF_C_TYPE_FIXED64;
}

static bool is_instant(const ProtobufCFieldDescriptor *field)
{
    const size_t len = strlen(field->name);

    return message_field_size(field->type) == sizeof(int64_t) && len > 3 &&
           strcmp(field->name + len - 3, "_us") == 0;
}

/* Digits alone; the whole range of the type. */
static int parse_unsigned(const char *text, uint64_t *ret)
{
    char *end;
    unsigned long long value;

    if (*text < '0' || *text > '9') {
        return -1;
    }
    errno = 0;
    value = strtoull(text, &end, 10);
    if (errno != 0 || *end) {
        return -1;
    }
    *ret = value;
    return 0;
}

/* Stores what fits the field's type. */
static int store_integer(const ProtobufCFieldDescriptor *field, int64_t number, uint64_t positive,
                         void *member)
{
    const bool is_small = message_field_size(field->type) == sizeof(int32_t);

    if (is_unsigned(field->type)) {
        if (number < 0 || (is_small && positive > UINT32_MAX)) {
            return -1;
        }
        if (is_small) {
            *(uint32_t *)member = (uint32_t)positive;
        } else {
            *(uint64_t *)member = positive;
        }
        return 0;
    }
    if (positive > INT64_MAX || (is_small && (number < INT32_MIN || number > INT32_MAX))) {
        return -1;
    }
    if (is_small) {
        *(int32_t *)member = (int32_t)number;
    } else {
        *(int64_t *)member = number;
    }
    return 0;
}

static int read_integer(const ProtobufCFieldDescriptor *field, const json_t *json, void *member)
{
    int64_t number = 0;
    uint64_t positive = 0;

    if (json_is_integer(json)) {
        number = json_integer_value(json);
    } else if (json_is_real(json)) {
        const double real = json_real_value(json);

        if (!(fabs(real) <= EXACT_REAL_MAX) || trunc(real) < real || trunc(real) > real) {
            return -1;
        }
        number = (int64_t)real;
    } else if (json_is_string(json)) {
        const char *text = json_string_value(json);

        if (parse_unsigned(text, &positive) == 0) {
            number = positive > INT64_MAX ? 0 : (int64_t)positive;
            return store_integer(field, number, positive, member);
        }
        if (text_to_int64(text, INT64_MIN, INT64_MAX, &number) < 0 &&
            (!is_instant(field) || instant_parse(text, &number) < 0)) {
            return -1;
        }
    } else {
        return -1;
    }
    return store_integer(field, number, number > 0 ? (uint64_t)number : 0, member);
}

static int read_real(const ProtobufCFieldDescriptor *field, const json_t *json, void *member)
{
    double number;

    if (json_is_number(json)) {
        number = json_number_value(json);
    } else if (!json_is_string(json) || text_to_double(json_string_value(json), &number) < 0) {
        return -1;
    }
    if (field->type == PROTOBUF_C_TYPE_DOUBLE) {
        *(double *)member = number;
        return 0;
    }
    if (!isfinite((float)number)) {
        return -1;
    }
    *(float *)member = (float)number;
    return 0;
}

static int read_bool(const json_t *json, protobuf_c_boolean *member)
{
    if (json_is_boolean(json)) {
        *member = json_is_true(json);
        return 0;
    }
    if (json_is_string(json)) {
        const char *text = json_string_value(json);

        if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0) {
            *member = text[0] == 't';
            return 0;
        }
    }
    return -1;
}

static int read_enum(const ProtobufCEnumDescriptor *type, const json_t *json, int *member)
{
    const ProtobufCEnumValue *value = NULL;

    if (json_is_string(json)) {
        value = message_enum_find(type, json_string_value(json));
    } else if (json_is_integer(json) && json_integer_value(json) >= INT32_MIN &&
               json_integer_value(json) <= INT32_MAX) {
        value = protobuf_c_enum_descriptor_get_value(type, (int)json_integer_value(json));
    }
    if (!value) {
        return -1;
    }
    *member = value->value;
    return 0;
}

static int read_text(const json_t *json, const struct place *place, struct arena *arena,
                     char **member, struct err *err)
{
    if (!json_is_string(json)) {
        return refuse(err, "wrong_type", place, "a text is expected here");
    }
    if (strlen(json_string_value(json)) != json_string_length(json)) {
        return refuse(err, "wrong_type", place, "the text contains NUL");
    }
    *member = arena_copy_text(arena, json_string_value(json));
    return *member ? 0 : refuse_size(err, place);
}

static int read_base64(const json_t *json, const struct place *place, struct arena *arena,
                       ProtobufCBinaryData *member, struct err *err)
{
    static const int variants[] = {
        sodium_base64_VARIANT_ORIGINAL, sodium_base64_VARIANT_ORIGINAL_NO_PADDING,
        sodium_base64_VARIANT_URLSAFE, sodium_base64_VARIANT_URLSAFE_NO_PADDING};
    const char *text = json_string_value(json);
    const size_t len = json_string_length(json);

    if (!text) {
        return refuse(err, "wrong_type", place, "a text in base64 is expected here");
    }
    member->data = arena_alloc(arena, len + 1);
    if (!member->data) {
        return refuse_size(err, place);
    }
    for (size_t i = 0; i < ARRAY_LEN(variants); i++) {
        if (sodium_base642bin(member->data, len + 1, text, len, NULL, &member->len, NULL,
                              variants[i]) == 0) {
            return 0;
        }
    }
    return refuse(err, "wrong_type", place, "the text is not base64");
}

static int read_value(const ProtobufCFieldDescriptor *field, const json_t *json,
                      const struct place *place, struct arena *arena, void *member, struct err *err)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE:
        return read_real(field, json, member) == 0
                   ? 0
                   : refuse(err, "wrong_type", place, "a finite number is expected here");
    case PROTOBUF_C_TYPE_BOOL:
        return read_bool(json, member) == 0
                   ? 0
                   : refuse(err, "wrong_type", place, "true or false is expected here");
    case PROTOBUF_C_TYPE_ENUM:
        return read_enum(field->descriptor, json, member) == 0
                   ? 0
                   : refuse(err, "enum_unknown", place, "this is none of the values of this field");
    case PROTOBUF_C_TYPE_STRING:
        return read_text(json, place, arena, member, err);
    case PROTOBUF_C_TYPE_BYTES:
        return read_base64(json, place, arena, member, err);
    case PROTOBUF_C_TYPE_MESSAGE: {
        ProtobufCMessage *inner = read_message(field->descriptor, json, place, arena, err);

        *(ProtobufCMessage **)member = inner;
        return inner ? 0 : -1;
    }
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    default:
        if (read_integer(field, json, member) == 0) {
            return 0;
        }
        return refuse(err, "wrong_type", place,
                      is_instant(field) ? "a time is expected here: 2026-11-21T08:15:00Z, or "
                                          "microseconds since 1970"
                                        : "a whole number in the range of the field is expected "
                                          "here");
    }
}

static int read_list(const ProtobufCFieldDescriptor *field, const json_t *json,
                     const struct place *place, struct arena *arena, ProtobufCMessage *m,
                     struct err *err)
{
    const size_t size = message_field_size(field->type);
    const size_t count = json_array_size(json);
    char *values;

    if (!json_is_array(json)) {
        return refuse(err, "wrong_type", place, "a list is expected here");
    }
    if (count == 0) {
        return 0;
    }
    values = arena_alloc(arena, count * size);
    if (!values) {
        return refuse_size(err, place);
    }
    for (size_t i = 0; i < count; i++) {
        struct place element = *place;

        element.index = i;
        element.is_element = true;
        if (read_value(field, json_array_get(json, i), &element, arena, values + i * size, err) <
            0) {
            return -1;
        }
    }
    *(void **)(void *)((char *)m + field->offset) = values;
    *(size_t *)(void *)((char *)m + field->quantifier_offset) = count;
    return 0;
}

static int read_field(const ProtobufCFieldDescriptor *field, const json_t *json,
                      const struct place *place, struct arena *arena, ProtobufCMessage *m,
                      struct err *err)
{
    void *quantifier = (char *)m + field->quantifier_offset;

    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        return read_list(field, json, place, arena, m, err);
    }
    if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) && *(uint32_t *)quantifier != 0 &&
        *(uint32_t *)quantifier != field->id) {
        return refuse(err, "wrong_type", place, "only one of the bodies may be set");
    }
    if (read_value(field, json, place, arena, (char *)m + field->offset, err) < 0) {
        return -1;
    }
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) {
        *(uint32_t *)quantifier = field->id;
    } else if (field->label == PROTOBUF_C_LABEL_OPTIONAL && field->type != PROTOBUF_C_TYPE_STRING &&
               field->type != PROTOBUF_C_TYPE_MESSAGE) {
        *(protobuf_c_boolean *)quantifier = 1;
    }
    return 0;
}

/* A sender may write anything in place of a name, also what must not be repeated. */
static bool looks_like_name(const char *name)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-");

    return len > 0 && len <= NAME_SHOWN_MAX && !name[len];
}

/* The same field twice, once in each spelling: jansson cannot know. */
static bool is_named_twice(const ProtobufCMessageDescriptor *type,
                           const ProtobufCFieldDescriptor *field, uint64_t *seen)
{
    const size_t index = (size_t)(field - type->fields);
    const uint64_t bit = UINT64_C(1) << index % 64;

    if (index >= 64) {
        return false;
    }
    if (*seen & bit) {
        return true;
    }
    *seen |= bit;
    return false;
}

static ProtobufCMessage *read_message(const ProtobufCMessageDescriptor *type, const json_t *json,
                                      const struct place *place, struct arena *arena,
                                      struct err *err)
{
    /* jansson's iterator wants what it does not change without const. */
    const union {
        const json_t *json;
        json_t *mutable;
    } view = {.json = json};
    ProtobufCMessage *m;
    const char *name;
    json_t *value;
    uint64_t seen = 0;

    if (!json_is_object(json)) {
        refuse(err, "wrong_type", place, "an object { } is expected here");
        return NULL;
    }
    if (place->depth > MESSAGE_DEPTH_MAX) {
        refuse(err, "too_deep", place, "messages are nested too deep");
        return NULL;
    }
    m = arena_alloc(arena, type->sizeof_message);
    if (!m) {
        refuse_size(err, place);
        return NULL;
    }
    type->message_init(m);
    json_object_foreach(view.mutable, name, value)
    {
        const ProtobufCFieldDescriptor *field = message_field_find(type, name);
        const struct place inner = {
            .outer = place, .name = field ? field->name : name, .depth = place->depth + 1};

        if (!field) {
            refuse(err, "field_unknown", looks_like_name(name) ? &inner : place,
                   "there is no field of this name");
            return NULL;
        }
        if (is_named_twice(type, field, &seen)) {
            refuse(err, "wrong_type", &inner, "the field is there twice, in two spellings");
            return NULL;
        }
        if (!json_is_null(value) && read_field(field, value, &inner, arena, m, err) < 0) {
            return NULL;
        }
    }
    return m;
}

ProtobufCMessage *message_from_json(const ProtobufCMessageDescriptor *type, const json_t *json,
                                    struct arena *arena, struct err *err)
{
    const struct place root = {.depth = 1};

    return read_message(type, json, &root, arena, err);
}
