/* SPDX-License-Identifier: Apache-2.0 */
/*
 * message_check.c - one pass over the wire bytes, guided by the generated descriptor; allocates
 * nothing.
 *
 * It refuses everything that protobuf-c refuses too (so that an unpack that fails afterwards has
 * one reason left: the arena's budget), and then what protobuf-c lets through. The limits of 5
 * bytes for tags and lengths are protobuf-c's.
 */
#include "common/runtime/message_check.h"

#include <math.h>
#include <string.h>

#include "common/base/text.h"

enum {
    VARINT_BYTES_MAX = 10,
    TAG_BYTES_MAX = 5,
    LENGTH_BYTES_MAX = 5
};

/* Where we are, innermost first: only an error turns it into text. */
struct place {
    const struct place *outer;
    const ProtobufCFieldDescriptor *field; /* NULL: the root */
    unsigned index;                        /* of a repeated message */
    int depth;
};

struct reader {
    const uint8_t *at;
    const uint8_t *end;
};

static int check_message(const ProtobufCMessageDescriptor *type, struct reader r,
                         const struct place *place, struct err *err);

static void print_path(const struct place *place, struct text *out)
{
    if (!place->field) {
        return;
    }
    print_path(place->outer, out);
    text_appendf(out, "%s%s", out->len > 0 ? "." : "", place->field->name);
    if (place->field->label == PROTOBUF_C_LABEL_REPEATED &&
        place->field->type == PROTOBUF_C_TYPE_MESSAGE) {
        text_appendf(out, "[%u]", place->index);
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

static int refuse_field(struct err *err, const char *code, const struct place *place,
                        const ProtobufCFieldDescriptor *field, const char *why)
{
    const struct place inner = {.outer = place, .field = field};

    return refuse(err, code, &inner, why);
}

/* Returns 0, or -1 when the bytes end too early or the number is longer than bytes_max. */
static int read_varint(struct reader *r, int bytes_max, uint64_t *ret_value)
{
    uint64_t value = 0;

    for (int i = 0; i < bytes_max && r->at < r->end; i++) {
        const uint8_t byte = *r->at++;

        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (!(byte & 0x80)) {
            *ret_value = value;
            return 0;
        }
    }
    return -1;
}

static int read_range(struct reader *r, size_t len, struct bytes *ret_range)
{
    if ((size_t)(r->end - r->at) < len) {
        return -1;
    }
    *ret_range = (struct bytes){.data = r->at, .len = len};
    r->at += len;
    return 0;
}

/* The value's bytes, for a length-prefixed one without the length. */
static int read_value(struct reader *r, unsigned wire_type, struct bytes *ret_value)
{
    const uint8_t *start = r->at;
    uint64_t number;

    switch (wire_type) {
    case PROTOBUF_C_WIRE_TYPE_VARINT:
        if (read_varint(r, VARINT_BYTES_MAX, &number) < 0) {
            return -1;
        }
        *ret_value = (struct bytes){.data = start, .len = (size_t)(r->at - start)};
        return 0;
    case PROTOBUF_C_WIRE_TYPE_64BIT:
        return read_range(r, 8, ret_value);
    case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
        if (read_varint(r, LENGTH_BYTES_MAX, &number) < 0 || number > INT32_MAX) {
            return -1;
        }
        return read_range(r, (size_t)number, ret_value);
    case PROTOBUF_C_WIRE_TYPE_32BIT:
        return read_range(r, 4, ret_value);
    default: /* groups, and what does not exist */
        return -1;
    }
}

static unsigned wire_type_of(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
        return PROTOBUF_C_WIRE_TYPE_32BIT;
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return PROTOBUF_C_WIRE_TYPE_64BIT;
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
        return PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_BOOL:
    case PROTOBUF_C_TYPE_ENUM:
    default:
        return PROTOBUF_C_WIRE_TYPE_VARINT;
    }
}

static bool is_known_enum(const ProtobufCEnumDescriptor *type, struct bytes value)
{
    struct reader r = {.at = value.data, .end = value.data + value.len};
    uint64_t raw;
    int64_t number;

    if (read_varint(&r, VARINT_BYTES_MAX, &raw) < 0) {
        return false;
    }
    number = (int64_t)raw;
    /* protobuf-c keeps the low 32 bits alone: 2^32 + 1 would become value 1. */
    return number >= INT32_MIN && number <= INT32_MAX &&
           protobuf_c_enum_descriptor_get_value(type, (int)number) != NULL;
}

static bool is_finite(ProtobufCType type, struct bytes value)
{
    if (type == PROTOBUF_C_TYPE_FLOAT) {
        float number;

        memcpy(&number, value.data, sizeof(number));
        return isfinite(number);
    }
    double number;

    memcpy(&number, value.data, sizeof(number));
    return isfinite(number);
}

/* A value whose wire type fits its field. */
static int check_scalar(const ProtobufCFieldDescriptor *field, struct bytes value,
                        const struct place *place, struct err *err)
{
    if (field->type == PROTOBUF_C_TYPE_STRING && !text_is_utf8(value)) {
        return refuse_field(err, "not_utf8", place, field,
                            "the text is not well-formed UTF-8 without NUL");
    }
    if (field->type == PROTOBUF_C_TYPE_ENUM && !is_known_enum(field->descriptor, value)) {
        return refuse_field(err, "enum_unknown", place, field,
                            "the number is none of the values of this field");
    }
    if ((field->type == PROTOBUF_C_TYPE_FLOAT || field->type == PROTOBUF_C_TYPE_DOUBLE) &&
        !is_finite(field->type, value)) {
        return refuse_field(err, "not_finite", place, field,
                            "the number is infinite or not a number");
    }
    return 0;
}

static int check_packed(const ProtobufCFieldDescriptor *field, struct bytes values,
                        const struct place *place, struct err *err)
{
    struct reader r = {.at = values.data, .end = values.data + values.len};
    const unsigned wire_type = wire_type_of(field->type);

    while (r.at < r.end) {
        struct bytes value;

        if (read_value(&r, wire_type, &value) < 0) {
            return refuse_field(err, "malformed", place, field,
                                "the packed values are cut off or malformed");
        }
        if (check_scalar(field, value, place, err) < 0) {
            return -1;
        }
    }
    return 0;
}

static int check_field(const ProtobufCFieldDescriptor *field, unsigned wire_type,
                       struct bytes value, const struct place *place, struct err *err)
{
    if (wire_type == wire_type_of(field->type)) {
        return check_scalar(field, value, place, err);
    }
    if (wire_type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED &&
        field->label == PROTOBUF_C_LABEL_REPEATED) {
        return check_packed(field, value, place, err);
    }
    return refuse_field(err, "malformed", place, field, "the wire type is not that of this field");
}

static int check_inner(const ProtobufCFieldDescriptor *field, unsigned index, struct bytes value,
                       const struct place *place, struct err *err)
{
    const struct place inner = {
        .outer = place, .field = field, .index = index, .depth = place->depth + 1};

    if (inner.depth > MESSAGE_DEPTH_MAX) {
        return refuse(err, "too_deep", &inner, "messages are nested too deep");
    }
    return check_message(field->descriptor,
                         (struct reader){.at = value.data, .end = value.data + value.len}, &inner,
                         err);
}

static int check_message(const ProtobufCMessageDescriptor *type, struct reader r,
                         const struct place *place, struct err *err)
{
    /* Elements of one repeated field nearly always stand together: enough to number them. */
    const ProtobufCFieldDescriptor *last = NULL;
    unsigned index = 0;

    while (r.at < r.end) {
        const ProtobufCFieldDescriptor *field;
        struct bytes value;
        uint64_t tag;

        if (read_varint(&r, TAG_BYTES_MAX, &tag) < 0 || tag > UINT32_MAX || tag >> 3 == 0) {
            return refuse(err, "malformed", place, "a field number is cut off or malformed");
        }
        field = protobuf_c_message_descriptor_get_field(type, (unsigned)(tag >> 3));
        if (read_value(&r, (unsigned)(tag & 7), &value) < 0) {
            return field ? refuse_field(err, "malformed", place, field,
                                        "the value is cut off or malformed")
                         : refuse(err, "malformed", place, "an unknown field is malformed");
        }
        if (!field) {
            continue;
        }
        index = field == last ? index + 1 : 0;
        last = field;
        if (field->type == PROTOBUF_C_TYPE_MESSAGE &&
            (tag & 7) == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED) {
            if (check_inner(field, index, value, place, err) < 0) {
                return -1;
            }
        } else if (check_field(field, (unsigned)(tag & 7), value, place, err) < 0) {
            return -1;
        }
    }
    return 0;
}

int message_check(const ProtobufCMessageDescriptor *type, struct bytes wire, struct err *err)
{
    const struct place root = {.depth = 1};

    if (wire.len == 0) {
        return 0;
    }
    return check_message(type, (struct reader){.at = wire.data, .end = wire.data + wire.len}, &root,
                         err);
}

ProtobufCMessage *message_unpack(const ProtobufCMessageDescriptor *type, struct bytes wire,
                                 struct arena *arena, struct err *err)
{
    static const uint8_t nothing[1];
    ProtobufCMessage *m;

    if (message_check(type, wire, err) < 0) {
        return NULL;
    }
    m = protobuf_c_message_unpack(type, arena_allocator(arena), wire.len,
                                  wire.len > 0 ? wire.data : nothing);
    if (!m && arena_is_exhausted(arena)) {
        err_set(err, "too_large", "unpacked, the message takes more memory than is allowed");
    } else if (!m) {
        err_set(err, "malformed", "the message cannot be unpacked");
    }
    return m;
}

void message_pack(const ProtobufCMessage *m, struct buffer *b)
{
    const size_t len = protobuf_c_message_get_packed_size(m);

    if (len > 0) {
        protobuf_c_message_pack(m, buffer_extend(b, len));
    }
}
