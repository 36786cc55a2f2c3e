/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz.h - what the fuzzers share: the function that libFuzzer calls, and claims about the result.
 *
 * A fuzzer looks for crashes and for what the sanitizers report, and it also claims what must hold
 * of whatever was accepted: a duration is printed as a text that is read as the same duration, and
 * so on.
 */
#ifndef TROTH_TESTS_FUZZ_FUZZ_H
#define TROTH_TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the run as a crash does, so that the input is kept. */
static inline void claim(bool is_true, const char *what)
{
    if (!is_true) {
        BUG(what);
    }
}

/* A copy with a final NUL; the caller frees it. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
    char *text = xcalloc(size + 1, 1);

    if (size > 0) {
        memcpy(text, data, size);
    }
    return text;
}

#endif
