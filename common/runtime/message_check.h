/* SPDX-License-Identifier: Apache-2.0 */
/*
 * message_check.h - is this a message we want to unpack? Asked on the wire bytes, before any
 * allocation.
 *
 * protobuf-c accepts invalid UTF-8, embedded NUL, unknown enum values, NaN and any depth. Here we
 * walk the wire format with the generated descriptor and refuse all of these, naming the field's
 * path ("contact.body").
 */
#ifndef TROTH_COMMON_RUNTIME_MESSAGE_CHECK_H
#define TROTH_COMMON_RUNTIME_MESSAGE_CHECK_H

#include <protobuf-c/protobuf-c.h>

#include "common/base/arena.h"
#include "common/base/bytes.h"
#include "common/base/err.h"

#define MESSAGE_DEPTH_MAX 8

/* Codes: malformed, too_deep, not_utf8, enum_unknown, not_finite. Unknown fields are skipped: newer
 * senders may have more. Closed enums: 0 (UNSPECIFIED) passes here; whether it is allowed is the
 * caller's question. */
MUST_CHECK int message_check(const ProtobufCMessageDescriptor *type, struct bytes wire,
                             struct err *err);

/* message_check, then unpack in the arena. NULL with err (also code "too_large" when the arena's
 * budget ends). */
ProtobufCMessage *message_unpack(const ProtobufCMessageDescriptor *type, struct bytes wire,
                                 struct arena *arena, struct err *err);

/* Appends the packed message to b. */
struct buffer;
void message_pack(const ProtobufCMessage *m, struct buffer *b);

#endif
