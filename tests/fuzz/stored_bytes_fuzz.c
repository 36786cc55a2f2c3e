/* SPDX-License-Identifier: Apache-2.0 */
/* stored_bytes_fuzz.c - bytes of columns and of journals, as a disk or an intruder may change them.
 */
#include "common/base/arena.h"
#include "services/dialer/dialer_result.h"
#include "services/intake/person.h"
#include "services/intake/sealed_texts.h"
#include "services/reporting/figure_bundle.h"
#include "services/reporting/sheet_read.h"

#include <stdlib.h>

#include "tests/fuzz/fuzz.h"

enum {
    ARENA_BYTES = 4 * 1024 * 1024
};

static void take_figure(void *ctx, const struct sheet_figure *figure)
{
    (void)figure;
    ++*(size_t *)ctx;
}

static void fuzz_intake(struct bytes plain, struct arena *arena)
{
    const struct fact_text *texts = NULL;
    struct person person;
    struct err err = ERR_NONE;
    size_t count = 0;

    (void)person_unpack(plain, arena, &person, &err);
    err = ERR_NONE;
    claim(sealed_texts_unpack(plain, arena, &texts, &count, &err) < 0 || count <= plain.len,
          "each text takes a byte");
}

static void fuzz_reporting(struct bytes packed, struct arena *arena)
{
    struct figure_bundle bundle = {.count = 0};
    struct err err = ERR_NONE;
    size_t figures = 0;

    claim(sheet_read(packed, take_figure, &figures, &err) < 0 || figures <= packed.len,
          "each figure takes a byte");
    err = ERR_NONE;
    (void)figure_bundle_unpack(packed, arena, &bundle, &err);
    figure_bundle_free(&bundle);
}

static void fuzz_result(const char *text)
{
    struct dialer_result result = {.outcome = 0};

    if (dialer_result_read(text, NULL, &result) == 0) {
        claim(result.answer_count <= DIALER_ANSWERS_MAX, "not too many answers");
        claim(result.note[0] == '\0' && result.new_phone[0] == '\0', "what is sealed stays so");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct bytes bytes = {.data = data, .len = size};
    struct arena *arena = arena_new(ARENA_BYTES);
    char *text = fuzz_text(data, size);

    fuzz_intake(bytes, arena);
    fuzz_reporting(bytes, arena);
    fuzz_result(text);
    free(text);
    arena_free(arena);
    return 0;
}
