/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/message_field.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

size_t message_field_size(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return sizeof(int64_t);
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    case PROTOBUF_C_TYPE_BOOL:
        return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_ENUM:
    default:
        return sizeof(int32_t);
    }
}

const ProtobufCFieldDescriptor *message_field_find(const ProtobufCMessageDescriptor *type,
                                                   const char *name)
{
    char snake[128];
    size_t len = 0;

    for (const char *c = name; *c; c++) {
        if (len + 3 > sizeof(snake)) {
            return NULL;
        }
        if (isupper((unsigned char)*c)) {
            snake[len++] = '_';
        }
        snake[len] = (char)tolower((unsigned char)*c);
        if (*c == '-') {
            snake[len] = '_';
        }
        len++;
    }
    snake[len] = '\0';
    return protobuf_c_message_descriptor_get_field_by_name(type, snake);
}

const char *message_enum_short_name(const ProtobufCEnumDescriptor *type,
                                    const ProtobufCEnumValue *value)
{
    const char *name = value->name;

    /* "ContactKind" has the prefix "CONTACT_KIND_"; who does not follow the rule has none. */
    for (const char *c = type->short_name; *c; c++) {
        if (c > type->short_name && isupper((unsigned char)*c) && *name++ != '_') {
            return value->name;
        }
        if (*name++ != toupper((unsigned char)*c)) {
            return value->name;
        }
    }
    return name[0] == '_' && name[1] ? name + 1 : value->name;
}

static bool is_same_name(const char *name, const char *given)
{
    for (; *name && *given; name++, given++) {
        const int c = *given == '-' ? '_' : toupper((unsigned char)*given);

        if (*name != c) {
            return false;
        }
    }
    return !*name && !*given;
}

const ProtobufCEnumValue *message_enum_find(const ProtobufCEnumDescriptor *type, const char *name)
{
    for (unsigned i = 0; i < type->n_values; i++) {
        const ProtobufCEnumValue *value = &type->values[i];

        if (strcmp(value->name, name) == 0 ||
            is_same_name(message_enum_short_name(type, value), name)) {
            return value;
        }
    }
    return NULL;
}
