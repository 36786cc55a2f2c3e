/* SPDX-License-Identifier: Apache-2.0 */
/* intake_json_fuzz.c - bodies of posts: what is accepted as JSON is accepted on the wire, and what
 * is refused has a code that is documented. */
#include <string.h>

#include "common/base/arena.h"
#include "common/runtime/message_check.h"
#include "intake.pb-c.h"
#include "services/intake/intake_codes.h"
#include "services/intake/intake_json.h"
#include "tests/fuzz/fuzz.h"

enum {
    ARENA_BYTES = 6 * 1024 * 1024
};

static void take(const struct intake_json_part *part, struct arena *scratch, struct buffer *wire)
{
    char key[INTAKE_KEY_MAX + 1];
    struct err err = ERR_NONE;
    buffer_clear(wire);
    if (intake_json_record(part, scratch, wire, key, &err) < 0) {
        claim(intake_code_find(err.code) != NULL, "a refusal has a known code");
        claim(wire->len == 0, "what is refused leaves nothing behind");
    } else {
        const ProtobufCMessage *m = message_unpack(
            &troth__v1__record__descriptor, (struct bytes){wire->data, wire->len}, scratch, &err);
        claim(m || strcmp(err.code, "too_large") == 0, "JSON and wire accept the same");
        arena_reset(scratch);
    }
    claim(text_is_utf8((struct bytes){(const uint8_t *)key, strlen(key)}), "a key is UTF-8");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct intake_json_parts parts;
    static struct arena *scratch;
    struct buffer wire = {0};
    struct err err = ERR_NONE;
    if (!scratch) {
        scratch = arena_new(ARENA_BYTES);
    }
    if (intake_json_parts((struct bytes){data, size}, &parts, &err) < 0) {
        claim(intake_code_find(err.code) != NULL, "a refusal has a known code");
        return 0;
    }
    for (size_t i = 0; i < parts.count; i++) {
        take(&parts.records[i], scratch, &wire);
    }
    buffer_free(&wire);
    return 0;
}
