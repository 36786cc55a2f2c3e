/* SPDX-License-Identifier: Apache-2.0 */
/* ami_fuzz.c - what a PBX, or somebody who plays one, may send; and sound files, which are read in
 * the same process. However a stream is cut, the same messages come out of it. */
#include <stdlib.h>

#include "services/dialer/ami_message.h"
#include "services/dialer/sip_wave.h"
#include "tests/fuzz/fuzz.h"

/* Returns what the last call returned, and appends the messages to out. */
static int read_in_steps(const uint8_t *data, size_t size, size_t step, struct text *out)
{
    struct ami_reader reader = {.taken = 0};
    struct ami_message m;
    struct err err = ERR_NONE;
    int rc = 0;
    for (size_t at = 0; at < size && rc == 0; at += step) {
        ami_reader_feed(&reader, data + at, size - at < step ? size - at : step);
        while ((rc = ami_reader_next(&reader, &m, &err)) > 0) {
            claim(m.count <= AMI_HEADERS_MAX, "headers have room");
            for (size_t i = 0; i < m.count; i++) {
                claim(strpbrk(m.headers[i].value, "\n") == NULL, "a value is one line");
                text_appendf(out, "%s=%s,", m.headers[i].name, m.headers[i].value);
            }
            text_append(out, ";");
        }
    }
    claim(rc == 0 || err.code[0] != '\0', "a refusal has a code");
    ami_reader_free(&reader);
    return rc;
}

static void fuzz_stream(const uint8_t *data, size_t size)
{
    struct text whole = {.data = NULL}, parts = {.data = NULL};
    int rc = read_in_steps(data, size, size + 1, &whole);
    int again = read_in_steps(data, size, 3, &parts);
    if (rc == 0 && again == 0) {
        claim(strcmp(text_or_empty(&whole), text_or_empty(&parts)) == 0, "cuts do not matter");
    }
    text_free(&whole);
    text_free(&parts);
}

static void fuzz_action(const uint8_t *data, size_t size)
{
    struct text out = {.data = NULL};
    char *text = fuzz_text(data, size);
    if (ami_action_add(&out, "Name", text) == 0) {
        claim(strchr(out.data, '\r') == out.data + out.len - 2, "a header is one line");
    }
    text_free(&out);
    free(text);
}

static void fuzz_wave(const uint8_t *data, size_t size)
{
    int16_t *samples = NULL;
    size_t count = 0;
    struct err err = ERR_NONE;
    if (sip_wave_read((struct bytes){.data = data, .len = size}, &samples, &count, &err) == 0) {
        claim(count > 0 && count <= size, "sound comes from bytes");
        free(samples);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_stream(data, size);
    fuzz_action(data, size);
    fuzz_wave(data, size);
    return 0;
}
