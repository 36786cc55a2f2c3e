/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_question.h - what is alike in the questions that intake answers one by one: the message is
 * unpacked and checked; then it has a place on the desk, or it is refused at once.
 */
#ifndef TROTH_INTAKE_INTAKE_QUESTION_H
#define TROTH_INTAKE_INTAKE_QUESTION_H

#include "services/intake/intake.h"

enum {
    INTAKE_QUESTION_ID_MAX = 128, /* a longer request_id is not repeated */
};

struct intake_question_kind {
    const ProtobufCMessageDescriptor *descriptor;
    size_t request_id_at; /* offset of the message's request_id */
    size_t size;          /* of what is kept of a question */
    /* NULL: it may be asked; else the code. Borrows nothing. */
    const char *(*check)(const struct principal *p, const ProtobufCMessage *request);
    /* Fills what is kept, which is zeroed, with a request that was checked. Borrows nothing. */
    void (*keep)(void *question, const struct principal *p, const ProtobufCMessage *request,
                 const char *request_id);
    db_start_fn *start; /* ctx is the inquiry */
    void (*refuse)(struct bus_socket *s, const struct bus_message *m, const char *request_id,
                   const char *code);
};

/* wire: the question inside m. */
void intake_question_take(const struct intake_question_kind *kind, struct intake *in,
                          struct bus_socket *s, const struct bus_message *m, struct bytes wire);

#endif
