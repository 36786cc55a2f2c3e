/* SPDX-License-Identifier: Apache-2.0 */
/* message_text_fuzz.c - records in the text format of protobuf. */
#include <stdlib.h>

#include "intake.pb-c.h"
#include "tests/fuzz/fuzz_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    struct arena *arena = arena_new(FUZZ_ARENA_BYTES);
    struct err err = ERR_NONE;
    json_t *json = message_text_to_json(&troth__v1__record__descriptor, text, &err);
    const ProtobufCMessage *m;

    claim(json != NULL || err.code[0] != '\0', "a refusal has a code");
    if (json) {
        m = message_from_json(&troth__v1__record__descriptor, json, arena, &err);
        claim(m != NULL || err.code[0] != '\0', "a refusal has a code");
        if (m) {
            fuzz_accepted(m, arena);
        }
    }
    json_decref(json);
    arena_free(arena);
    free(text);
    return 0;
}
