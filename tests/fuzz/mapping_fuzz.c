/* SPDX-License-Identifier: Apache-2.0 */
/* mapping_fuzz.c - a mapping as a user writes it, and a row that it turns into records. */
#include "services/cli/mapping.h"

#include <stdlib.h>

#include "tests/fuzz/fuzz_config.h"
#include "tests/fuzz/fuzz_message.h"

static const char *const columns[] = {"id", "time", "user", "title", "body", "reply", "reply_time"};
static const char *const values[] = {
    "17",      "2026-11-21 08:15:00", "u-1", "投诉 A1区", "It squeaks.",
    "Mended.", "2026-11-22 09:00:00"};

static void claim_accepted(Troth__V1__Record *const *records, size_t max, struct arena *arena)
{
    for (size_t i = 0; i < max; i++) {
        if (records[i]) {
            fuzz_accepted(&records[i]->base, arena);
        }
    }
}

static void fuzz_apply(struct mapping *m)
{
    const struct csv_row header = {columns, sizeof(columns) / sizeof(columns[0]), 1};
    const struct csv_row row = {values, sizeof(values) / sizeof(values[0]), 2};
    const size_t max = mapping_records_max(m);
    Troth__V1__Record **records = xcalloc(max + 1, sizeof(Troth__V1__Record *));
    struct arena *arena = arena_new(FUZZ_ARENA_BYTES);
    uint8_t digest[BYTES_DIGEST_LEN];
    struct err err = ERR_NONE;

    if (mapping_bind(m, &header, &err) == 0) {
        mapping_row_identity(m, &row, digest);
        if (mapping_apply(m, &row, arena, records, &err) == 0) {
            claim_accepted(records, max, arena);
        }
    }
    arena_free(arena);
    free(records);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = ERR_NONE;
    struct mapping *m;

    if (fuzz_includes_a_file(data, size)) {
        return 0;
    }
    m = mapping_load(fuzz_file(data, size), &err);
    if (!m) {
        claim(err.code[0] != '\0', "a refusal has a code");
        return 0;
    }
    fuzz_apply(m);
    mapping_free(m);
    return 0;
}
