/* SPDX-License-Identifier: Apache-2.0 */
/* message_json.c - messages to JSON, by walking the generated descriptors; the way back is in
 * message_from_json.c. */
#include "common/runtime/message_json.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>

#include <sodium.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/message_field.h"

/* Integers up to here are exact in a double, which is what many JSON readers have. */
#define EXACT_INTEGER_MAX (INT64_C(1) << 53)

static const void *member_at(const ProtobufCMessage *m, size_t offset)
{
    return (const char *)m + offset;
}

static json_t *enum_to_json(const ProtobufCEnumDescriptor *type, int number)
{
    const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(type, number);
    struct text name = {0};
    json_t *json;

    if (!value) {
        return json_integer(number);
    }
    text_append(&name, message_enum_short_name(type, value));
    for (size_t i = 0; i < name.len; i++) {
        name.data[i] = (char)tolower((unsigned char)name.data[i]);
    }
    json = json_string(text_or_empty(&name));
    text_free(&name);
    return json;
}

static json_t *integer_to_json(int64_t number)
{
    char digits[24];

    if (number >= -EXACT_INTEGER_MAX && number <= EXACT_INTEGER_MAX) {
        return json_integer(number);
    }
    text_format(digits, sizeof(digits), "%" PRId64, number);
    return json_string(digits);
}

static json_t *unsigned_to_json(uint64_t number)
{
    char digits[24];

    if (number <= EXACT_INTEGER_MAX) {
        return json_integer((json_int_t)number);
    }
    text_format(digits, sizeof(digits), "%" PRIu64, number);
    return json_string(digits);
}

static json_t *bytes_to_json(const ProtobufCBinaryData *data)
{
    const size_t size = sodium_base64_encoded_len(data->len, sodium_base64_VARIANT_ORIGINAL);
    char *base64 = xcalloc(size, 1);
    json_t *json;

    sodium_bin2base64(base64, size, data->data, data->len, sodium_base64_VARIANT_ORIGINAL);
    json = json_string(base64);
    free(base64);
    return json;
}

/* One value at member; NULL when it has no JSON (absent text, not a finite number). */
static json_t *value_to_json(const ProtobufCFieldDescriptor *field, const void *member)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
        return json_integer(*(const int32_t *)member);
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        return json_integer(*(const uint32_t *)member);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return integer_to_json(*(const int64_t *)member);
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return unsigned_to_json(*(const uint64_t *)member);
    case PROTOBUF_C_TYPE_FLOAT:
        return json_real((double)*(const float *)member);
    case PROTOBUF_C_TYPE_DOUBLE:
        return json_real(*(const double *)member);
    case PROTOBUF_C_TYPE_BOOL:
        return json_boolean(*(const protobuf_c_boolean *)member);
    case PROTOBUF_C_TYPE_ENUM:
        return enum_to_json(field->descriptor, *(const int *)member);
    case PROTOBUF_C_TYPE_STRING: {
        const char *text = *(const char *const *)member;

        return text ? json_string(text) : NULL;
    }
    case PROTOBUF_C_TYPE_BYTES:
        return bytes_to_json(member);
    case PROTOBUF_C_TYPE_MESSAGE: {
        const ProtobufCMessage *inner = *(const ProtobufCMessage *const *)member;

        return inner ? message_to_json(inner) : NULL;
    }
    default:
        return NULL;
    }
}

static json_t *list_to_json(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *field)
{
    const size_t count = *(const size_t *)member_at(m, field->quantifier_offset);
    const char *values = *(const char *const *)member_at(m, field->offset);
    json_t *list;

    if (count == 0) {
        return NULL;
    }
    list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *value = value_to_json(field, values + i * message_field_size(field->type));

        json_array_append_new(list, value ? value : json_null());
    }
    return list;
}

static bool is_set(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *field)
{
    const void *quantifier = member_at(m, field->quantifier_offset);

    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) {
        return *(const uint32_t *)quantifier == field->id;
    }
    if (field->label == PROTOBUF_C_LABEL_OPTIONAL && field->type != PROTOBUF_C_TYPE_STRING &&
        field->type != PROTOBUF_C_TYPE_MESSAGE) {
        return *(const protobuf_c_boolean *)quantifier != 0;
    }
    return true; /* texts and messages: NULL when absent, which has no JSON */
}

json_t *message_to_json(const ProtobufCMessage *m)
{
    json_t *object = json_object();

    for (unsigned i = 0; i < m->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &m->descriptor->fields[i];
        json_t *value = NULL;

        if (field->label == PROTOBUF_C_LABEL_REPEATED) {
            value = list_to_json(m, field);
        } else if (is_set(m, field)) {
            value = value_to_json(field, member_at(m, field->offset));
        }
        if (value) {
            json_object_set_new(object, field->name, value);
        }
    }
    return object;
}
