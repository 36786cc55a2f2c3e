/* SPDX-License-Identifier: Apache-2.0 */
/*
 * message_json.h - the protobuf JSON mapping by the generated descriptors, and the protobuf text
 * format into JSON.
 *
 * Names are accepted as snake_case (the .proto name) and lowerCamelCase, printed as snake_case.
 * int64 is printed as a number when it fits 53 bits, else as a string; both are read. Enums are
 * names ("CONTACT_KIND_COMPLAINT"; the part after the prefix in lower case, "complaint", is
 * accepted and printed). bytes are base64. Fields ending in _us are also accepted as RFC 3339 text.
 * Unset fields are left out.
 */
#ifndef TROTH_COMMON_RUNTIME_MESSAGE_JSON_H
#define TROTH_COMMON_RUNTIME_MESSAGE_JSON_H

#include <jansson.h>
#include <protobuf-c/protobuf-c.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/text.h"

/* New reference. */
json_t *message_to_json(const ProtobufCMessage *m);

/* The same as text, in the exact form of the protobuf JSON mapping, which every protobuf library
 * reads: full names of enum values; snake_case names and numbers are part of it. For answers to
 * machines; faster. */
void message_append_json(const ProtobufCMessage *m, struct text *out);

/* Appends text as a JSON string in quotes. */
void json_append_text(const char *text, struct text *out);

/* Allocated in the arena; NULL with err naming the field path (codes field_unknown, wrong_type,
 * enum_unknown, too_deep, too_large). A name that is no name of a field is part of the path only
 * when it looks like one: it may be anything. */
ProtobufCMessage *message_from_json(const ProtobufCMessageDescriptor *type, const json_t *json,
                                    struct arena *arena, struct err *err);

/* Protobuf text format (scalars, quoted strings with escapes, nested { } and <>, repeated fields,
 * [a, b], comments) as the JSON tree that message_from_json reads. New reference, or NULL with err
 * naming the line. */
json_t *message_text_to_json(const ProtobufCMessageDescriptor *type, const char *text,
                             struct err *err);

#endif
