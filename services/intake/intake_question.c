/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_question.h"

#include <string.h>

#include "common/runtime/message_check.h"

static const char *request_id_of(const struct intake_question_kind *kind,
                                 const ProtobufCMessage *request)
{
    const char *id = NULL;
    memcpy(&id, (const char *)request + kind->request_id_at, sizeof(id));
    return id && strlen(id) <= INTAKE_QUESTION_ID_MAX ? id : "";
}

void intake_question_take(const struct intake_question_kind *kind, struct intake *in,
                          struct bus_socket *s, const struct bus_message *m, struct bytes wire)
{
    struct err err = ERR_NONE;
    struct arena *arena = arena_new(BUS_MESSAGE_MAX);
    const ProtobufCMessage *request = message_unpack(kind->descriptor, wire, arena, &err);
    const char *request_id = request ? request_id_of(kind, request) : "";
    const char *code = request ? kind->check(&m->principal, request) : "malformed";
    struct inquiry *q =
        code || in->service->is_draining ? NULL : inquiry_open(in->desk, s, m, kind->size);
    if (q) {
        kind->keep(inquiry_question(q), &m->principal, request, request_id);
        inquiry_submit(q, kind->start);
    } else {
        kind->refuse(s, m, request_id, code ? code : "unavailable");
    }
    arena_free(arena);
}
