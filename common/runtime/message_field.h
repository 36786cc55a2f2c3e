/* SPDX-License-Identifier: Apache-2.0 */
/*
 * message_field.h - the small questions about generated descriptors that reading and printing
 * share.
 *
 * The value of a field lies in the C struct at field->offset, its presence at
 * field->quantifier_offset: has_x, n_x or the case of the oneof. Those offsets are protobuf-c's
 * stable interface to its own generated code.
 */
#ifndef TROTH_COMMON_RUNTIME_MESSAGE_FIELD_H
#define TROTH_COMMON_RUNTIME_MESSAGE_FIELD_H

#include <stdbool.h>
#include <stddef.h>

#include <protobuf-c/protobuf-c.h>

/* Bytes of one value in the C struct or in the array of a repeated field. */
size_t message_field_size(ProtobufCType type);

/* "customer_ref", "customerRef" and "customer-ref" all name customer_ref. NULL when there is none.
 */
const ProtobufCFieldDescriptor *message_field_find(const ProtobufCMessageDescriptor *type,
                                                   const char *name);

/* The part of an enum value's name that people write: "CONTACT_KIND_COMPLAINT" from its 'C' of
 * COMPLAINT on. Borrowed. */
const char *message_enum_short_name(const ProtobufCEnumDescriptor *type,
                                    const ProtobufCEnumValue *value);

/* By full name, or by short name in any case, with '-' or '_'. NULL when there is none. */
const ProtobufCEnumValue *message_enum_find(const ProtobufCEnumDescriptor *type, const char *name);

#endif
