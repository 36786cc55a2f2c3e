/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_message.h - what must hold of every message that was accepted. */
#ifndef TROTH_TESTS_FUZZ_FUZZ_MESSAGE_H
#define TROTH_TESTS_FUZZ_FUZZ_MESSAGE_H

#include "common/base/arena.h"
#include "common/runtime/message_check.h"
#include "common/runtime/message_json.h"
#include "tests/fuzz/fuzz.h"

enum {
    FUZZ_ARENA_BYTES = 8 * 1024 * 1024
};

static inline void claim_same_json(const json_t *json, const ProtobufCMessage *m, const char *what)
{
    json_t *other = message_to_json(m);

    claim(json_equal(json, other), what);
    json_decref(other);
}

/* Packed and as JSON it is the same message. Allocates in the arena. */
static inline void fuzz_accepted(const ProtobufCMessage *m, struct arena *arena)
{
    struct err err = ERR_NONE;
    struct buffer packed = {0};
    json_t *json = message_to_json(m);
    const ProtobufCMessage *again;

    message_pack(m, &packed);
    again = message_unpack(m->descriptor, (struct bytes){.data = packed.data, .len = packed.len},
                           arena, &err);
    claim(again != NULL, "what we packed is accepted");
    claim_same_json(json, again, "what we packed is the same message");
    again = message_from_json(m->descriptor, json, arena, &err);
    claim(again != NULL, "the JSON that we wrote is accepted");
    claim_same_json(json, again, "the JSON that we wrote is the same message");
    json_decref(json);
    buffer_free(&packed);
}

static inline void fuzz_message(const ProtobufCMessageDescriptor *type, const uint8_t *data,
                                size_t size)
{
    struct arena *arena = arena_new(FUZZ_ARENA_BYTES);
    struct err err = ERR_NONE;
    const ProtobufCMessage *m =
        message_unpack(type, (struct bytes){.data = data, .len = size}, arena, &err);

    if (m) {
        fuzz_accepted(m, arena);
    }
    arena_free(arena);
}

#endif
