/* SPDX-License-Identifier: Apache-2.0 */
/* settings_fuzz.c - a file of settings, and an assignment as --set takes it. */
#include "common/runtime/settings.h"

#include <stdlib.h>

#include "common/base/duration.h"
#include "tests/fuzz/fuzz_config.h"

struct values {
    char *endpoint;
    int64_t connections;
    int64_t poll_us;
    double share;
    bool is_on;
};

#define AT(member) offsetof(struct values, member)

static const struct setting table[] = {
    {"endpoint",     SETTING_TEXT, "", NULL, NULL, false, AT(endpoint), "Where."},
    {"connections",            SETTING_COUNT, "4", "1", "64", false, AT(connections), "How many."},
    {"poll",          SETTING_DURATION, "1s", "10ms", "10m", true, AT(poll_us), "How often."},
    {"share",  SETTING_REAL, "0.5", "0", "1", true, AT(share), "How much."},
    {"is_on",              SETTING_BOOL, "false", NULL, NULL, true, AT(is_on), "Whether."},
    {.type = SETTING_END},
};

static void claim_ranges(const struct values *v)
{
    claim(v->endpoint != NULL, "a text is never NULL");
    claim(v->connections >= 1 && v->connections <= 64, "a count is in its range");
    claim(v->poll_us >= 10 * DURATION_MS && v->poll_us <= 10 * DURATION_MIN,
          "a duration is in its range");
    claim(v->share >= 0 && v->share <= 1, "a real is in its range");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct setting *const tables[] = {table};
    struct values values = {0};
    void *const targets[] = {&values};
    struct err err = ERR_NONE;
    char *text;

    if (fuzz_includes_a_file(data, size)) {
        return 0;
    }
    settings_set_defaults(table, &values);
    if (settings_read_file(tables, targets, 1, fuzz_file(data, size), &err) < 0) {
        claim(err.code[0] != '\0', "a refusal has a code");
    }
    claim_ranges(&values);
    text = fuzz_text(data, size);
    if (settings_set(tables, targets, 1, text, &err) < 0) {
        claim(err.code[0] != '\0', "a refusal has a code");
    }
    claim_ranges(&values);
    free(text);
    settings_free(table, &values);
    return 0;
}
