/* SPDX-License-Identifier: Apache-2.0 */
/* intake_decode_fuzz.c - a request taken apart into records, each of them read and checked on its
 * own. */
#include "services/intake/intake_decode.h"

#include "common/base/duration.h"
#include "common/base/zone.h"
#include "services/intake/intake_validate.h"
#include "tests/fuzz/fuzz.h"

#define NOW_US INT64_C(1795000000000000)

static bool is_time_zone(void *ctx, const char *name)
{
    (void)ctx;
    return zone_name_is_valid(name);
}

static void fuzz_record(struct intake_request *request, struct bytes wire)
{
    static const struct intake_validation rules = {
        .now_us = NOW_US,
        .machine_now_us = NOW_US,
        .clock_skew_us = 5 * DURATION_MIN,
        .key_age_us = 30 * DURATION_DAY,
        .history_us = 30 * DURATION_DAY,
        .is_time_zone = is_time_zone,
    };
    char key[INTAKE_KEY_MAX + 1];
    struct err err = ERR_NONE;
    struct intake_record *record = intake_decode_record(request, wire, &err);

    if (!record) {
        claim(err.code[0] != '\0', "a refusal has a code");
        intake_decode_key(wire, key);
        claim(text_is_utf8(bytes_of_text(key)), "a key is a text");
        return;
    }
    if (intake_validate(record, &rules, &err) < 0) {
        claim(err.code[0] != '\0', "a refusal has a code");
        return;
    }
    claim(record->message->key && strlen(record->message->key) <= INTAKE_KEY_MAX,
          "an accepted record has a key");
    claim(record->bucket >= 0 && record->bucket < 256, "a bucket is one of 256");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct intake_parts parts;
    struct intake_request_pool *pool;
    struct intake_request *request;
    struct err err = ERR_NONE;

    if (intake_decode_parts((struct bytes){.data = data, .len = size}, &parts, &err) < 0) {
        claim(err.code[0] != '\0', "a refusal has a code");
        return 0;
    }
    if (parts.kind != INTAKE_RECORDS) {
        return 0;
    }
    pool = intake_request_pool_new();
    request = intake_request_new(pool, bytes_of_text("peer"),
                                 (struct intake_sender){.source_id = 1}, size);
    for (size_t i = 0; i < parts.record_count; i++) {
        fuzz_record(request, parts.records[i]);
    }
    /* Records hold the request too, until they are answered. */
    for (size_t held = request->references; held > 0; held--) {
        intake_request_release(pool, request);
    }
    intake_request_pool_free(pool);
    return 0;
}
