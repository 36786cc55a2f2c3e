/* SPDX-License-Identifier: Apache-2.0 */
/*
 * message_json_text.c - a message as JSON text, without a tree in between.
 *
 * Differs from message_to_json() in one thing: enum values have their full names, as the protobuf
 * JSON mapping wants it.
 */
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include <sodium.h>

#include "common/base/xalloc.h"
#include "common/runtime/message_field.h"
#include "common/runtime/message_json.h"

/* Integers up to here are exact in a double, which is what many JSON readers have. */
#define EXACT_INTEGER_MAX (INT64_C(1) << 53)

static const void *member_at(const ProtobufCMessage *m, size_t offset)
{
    return (const char *)m + offset;
}

/* What may not stand in a JSON string as it is. */
static void append_escaped(unsigned char c, struct text *out)
{
    if (c == '"' || c == '\\') {
        const char escaped[2] = {'\\', (char)c};
        text_append_len(out, escaped, 2);
    } else {
        text_appendf(out, "\\u%04x", c);
    }
}

void json_append_text(const char *text, struct text *out)
{
    const char *plain = text;
    text_append(out, "\"");
    for (const char *c = text; *c; c++) {
        if (*c == '"' || *c == '\\' || (unsigned char)*c < 0x20) {
            text_append_len(out, plain, (size_t)(c - plain));
            append_escaped((unsigned char)*c, out);
            plain = c + 1;
        }
    }
    text_append(out, plain);
    text_append(out, "\"");
}

static void append_integer(int64_t number, struct text *out)
{
    const bool is_exact = number >= -EXACT_INTEGER_MAX && number <= EXACT_INTEGER_MAX;
    text_appendf(out, is_exact ? "%" PRId64 : "\"%" PRId64 "\"", number);
}

static void append_unsigned(uint64_t number, struct text *out)
{
    const bool is_exact = number <= (uint64_t)EXACT_INTEGER_MAX;
    text_appendf(out, is_exact ? "%" PRIu64 : "\"%" PRIu64 "\"", number);
}

static void append_real(double number, struct text *out)
{
    if (isfinite(number)) {
        text_appendf(out, "%.17g", number);
    } else {
        text_append(out, isnan(number) ? "\"NaN\"" : number > 0 ? "\"Infinity\"" : "\"-Infinity\"");
    }
}

static void append_enum(const ProtobufCEnumDescriptor *type, int number, struct text *out)
{
    const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(type, number);
    if (value) {
        text_appendf(out, "\"%s\"", value->name);
    } else {
        text_appendf(out, "%d", number);
    }
}

static void append_bytes(const ProtobufCBinaryData *data, struct text *out)
{
    const size_t size = sodium_base64_encoded_len(data->len, sodium_base64_VARIANT_ORIGINAL);
    char *base64 = xcalloc(size, 1);
    sodium_bin2base64(base64, size, data->data, data->len, sodium_base64_VARIANT_ORIGINAL);
    json_append_text(base64, out);
    free(base64);
}

static void append_value(const ProtobufCFieldDescriptor *field, const void *member,
                         struct text *out)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
        append_integer(*(const int32_t *)member, out);
        break;
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        append_unsigned(*(const uint32_t *)member, out);
        break;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        append_integer(*(const int64_t *)member, out);
        break;
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        append_unsigned(*(const uint64_t *)member, out);
        break;
    case PROTOBUF_C_TYPE_FLOAT:
        append_real((double)*(const float *)member, out);
        break;
    case PROTOBUF_C_TYPE_DOUBLE:
        append_real(*(const double *)member, out);
        break;
    case PROTOBUF_C_TYPE_BOOL:
        text_append(out, *(const protobuf_c_boolean *)member ? "true" : "false");
        break;
    case PROTOBUF_C_TYPE_ENUM:
        append_enum(field->descriptor, *(const int *)member, out);
        break;
    case PROTOBUF_C_TYPE_STRING:
        json_append_text(*(const char *const *)member, out);
        break;
    case PROTOBUF_C_TYPE_BYTES:
        append_bytes(member, out);
        break;
    case PROTOBUF_C_TYPE_MESSAGE:
        message_append_json(*(const ProtobufCMessage *const *)member, out);
        break;
    default:
        text_append(out, "null");
        break;
    }
}

static void append_list(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *field,
                        struct text *out)
{
    const size_t count = *(const size_t *)member_at(m, field->quantifier_offset);
    const char *values = *(const char *const *)member_at(m, field->offset);
    text_append(out, "[");
    for (size_t i = 0; i < count; i++) {
        text_append(out, i > 0 ? "," : "");
        append_value(field, values + i * message_field_size(field->type), out);
    }
    text_append(out, "]");
}

static bool is_set(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *field)
{
    const void *quantifier = member_at(m, field->quantifier_offset);
    const bool is_pointer =
        field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_MESSAGE;
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        return *(const size_t *)quantifier > 0;
    }
    if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) &&
        *(const uint32_t *)quantifier != field->id) {
        return false;
    }
    if (is_pointer) {
        return *(const void *const *)member_at(m, field->offset) != NULL;
    }
    return field->label != PROTOBUF_C_LABEL_OPTIONAL ||
           (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) ||
           *(const protobuf_c_boolean *)quantifier != 0;
}

void message_append_json(const ProtobufCMessage *m, struct text *out)
{
    bool is_first = true;
    text_append(out, "{");
    for (unsigned i = 0; i < m->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &m->descriptor->fields[i];
        if (!is_set(m, field)) {
            continue;
        }
        text_append(out, is_first ? "\"" : ",\"");
        text_append(out, field->name);
        text_append(out, "\":");
        is_first = false;
        if (field->label == PROTOBUF_C_LABEL_REPEATED) {
            append_list(m, field, out);
        } else {
            append_value(field, member_at(m, field->offset), out);
        }
    }
    text_append(out, "}");
}
