/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever a sender sends: taken apart, unpacked and checked, it never harms us, and no record gets
 * through with a text that its table does not allow. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/duration.h"
#include "services/intake/intake_admission.h"
#include "services/intake/intake_codes.h"
#include "services/intake/intake_decode.h"
#include "services/intake/intake_validate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool knows_every_zone(void *ctx, const char *name)
{
    (void)ctx;
    (void)name;
    return true;
}

static void take(struct intake_request_pool *pool, struct intake_request *request,
                 struct bytes wire)
{
    static const struct intake_validation rules = {
        .now_us = INT64_C(1700000000000000),
        .machine_now_us = INT64_C(1700000000000000),
        .key_age_us = 30 * DURATION_DAY,
        .history_us = 30 * DURATION_DAY,
        .is_time_zone = knows_every_zone,
    };
    static char branches[] = "north\n";
    static const struct principal limited = {.id = 7,
                                             .record_kinds =
                                                 ~(UINT64_C(1) << TROTH__V1__RECORD__BODY_PURCHASE),
                                             .branches = branches};
    struct err err = ERR_NONE;
    char key[INTAKE_KEY_MAX + 1];
    struct intake_record *r = intake_decode_record(request, wire, &err);
    bool is_good = r && intake_admit_record(&limited, r->message, &err) == 0 &&
                   intake_validate(r, &rules, &err) == 0;
    if (!is_good && !intake_code_find(err.code)) {
        abort(); /* a code that no document knows */
    }
    if (is_good && (strlen(r->message->key) > INTAKE_KEY_MAX || getenv("TROTH_FUZZ_CONTROL"))) {
        abort(); /* the control says that nothing is good: so it shows whether good ones are met */
    }
    intake_decode_key(wire, key);
    if (r) {
        intake_request_release(pool, request);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct intake_request_pool *pool;
    static struct intake_parts parts;
    struct err err = ERR_NONE;
    if (!pool) {
        pool = intake_request_pool_new();
    }
    const struct bytes body = {.data = data, .len = size};
    if (intake_decode_parts(body, &parts, &err) < 0 || parts.kind != INTAKE_RECORDS) {
        return 0;
    }
    const struct intake_sender sender = {.source_id = 7};
    struct intake_request *request = intake_request_new(pool, body, sender, size);
    for (size_t i = 0; i < parts.record_count; i++) {
        take(pool, request, parts.records[i]);
    }
    intake_request_release(pool, request);
    return 0;
}
