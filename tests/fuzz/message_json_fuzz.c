/* SPDX-License-Identifier: Apache-2.0 */
/* message_json_fuzz.c - records as JSON, as people and scripts write them. */
#include "intake.pb-c.h"
#include "tests/fuzz/fuzz_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_error_t why;
    json_t *json = json_loadb((const char *)data, size, JSON_ALLOW_NUL | JSON_DECODE_ANY, &why);
    struct arena *arena = arena_new(FUZZ_ARENA_BYTES);
    struct err err = ERR_NONE;

    if (json) {
        const ProtobufCMessage *m =
            message_from_json(&troth__v1__intake_request__descriptor, json, arena, &err);

        claim(m != NULL || err.code[0] != '\0', "a refusal has a code");
        if (m) {
            fuzz_accepted(m, arena);
        }
    }
    json_decref(json);
    arena_free(arena);
    return 0;
}
