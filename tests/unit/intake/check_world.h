/* SPDX-License-Identifier: Apache-2.0 */
/* check_world.h - records written as protobuf text, checked as intake checks what arrives. For the
 * tests of checks; include it last. */
#ifndef TROTH_TESTS_INTAKE_CHECK_WORLD_H
#define TROTH_TESTS_INTAKE_CHECK_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "common/base/arena.h"
#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/runtime/message_json.h"
#include "services/intake/intake_codes.h"
#include "services/intake/intake_validate.h"

#define CHECK_NOW_US INT64_C(1700000000000000)

struct check_row {
    const char *body;  /* "refund { customer_ref: 'li' }" */
    const char *code;  /* NULL: it passes */
    const char *field; /* at fault */
};

static inline bool check_knows_shanghai(void *ctx, const char *name)
{
    (void)ctx;
    return strcmp(name, "Asia/Shanghai") == 0;
}

/* Its messages are in the arena. */
static inline int check_body(struct arena *arena, const char *body, struct intake_record *ret,
                             struct err *err)
{
    static struct intake_request request = {.sender = {.source_id = 7}};
    const struct intake_validation rules = {
        .now_us = CHECK_NOW_US,
        .machine_now_us = CHECK_NOW_US,
        .clock_skew_us = 5 * DURATION_MIN,
        .key_age_us = 30 * DURATION_DAY,
        .history_us = 30 * DURATION_DAY,
        .is_time_zone = check_knows_shanghai,
    };
    json_t *json = message_text_to_json(&troth__v1__record__descriptor, body, err);
    if (!json) {
        fail_msg("%s: %s", body, err->text);
    }
    json_object_set_new(json, "key", json_string("k-1"));
    json_object_set_new(json, "occurred_us", json_integer(CHECK_NOW_US - DURATION_H));
    ProtobufCMessage *m = message_from_json(&troth__v1__record__descriptor, json, arena, err);
    json_decref(json);
    if (!m) {
        fail_msg("%s: %s", body, err->text);
    }
    *ret = (struct intake_record){.request = &request, .message = (Troth__V1__Record *)m};
    return intake_validate(ret, &rules, err);
}

static inline void check_rows(const struct check_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct arena *arena = arena_new((size_t)256 * 1024);
        struct intake_record r;
        struct err err = ERR_NONE;
        int result = check_body(arena, rows[i].body, &r, &err);
        if (result != (rows[i].code ? -1 : 0) ||
            (rows[i].code && strcmp(err.code, rows[i].code) != 0) ||
            (rows[i].code && strcmp(err.field, rows[i].field) != 0)) {
            fail_msg("%s: got %d \"%s\" at %s: %s", rows[i].body, result, err.code, err.field,
                     err.text);
        }
        if (rows[i].code) {
            assert_non_null(intake_code_find(rows[i].code));
        }
        arena_free(arena);
    }
}

#endif
