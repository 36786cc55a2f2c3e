/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/event_case.h"

#include <string.h>

static const void *at(const void *message, unsigned offset)
{
    return (const char *)message + offset;
}

static const ProtobufCFieldDescriptor *body_of(const Troth__V1__Event *e)
{
    return e->body_case == TROTH__V1__EVENT__BODY__NOT_SET
               ? NULL
               : protobuf_c_message_descriptor_get_field(e->base.descriptor,
                                                         (unsigned)e->body_case);
}

const char *event_kind(const Troth__V1__Event *e)
{
    const ProtobufCFieldDescriptor *body = body_of(e);
    return body ? body->name : NULL;
}

int64_t event_case(const Troth__V1__Event *e)
{
    const ProtobufCFieldDescriptor *body = body_of(e);
    const ProtobufCMessage *message = NULL;
    protobuf_c_boolean is_set = 0;
    int64_t number = 0;
    if (!body) {
        return 0;
    }
    memcpy(&message, at(e, body->offset), sizeof(const ProtobufCMessage *));
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(message->descriptor, "service_case");
    if (!field || field->type != PROTOBUF_C_TYPE_INT64 ||
        field->label != PROTOBUF_C_LABEL_OPTIONAL) {
        return 0;
    }
    memcpy(&is_set, at(message, field->quantifier_offset), sizeof(is_set));
    memcpy(&number, at(message, field->offset), sizeof(number));
    return is_set ? number : 0;
}
