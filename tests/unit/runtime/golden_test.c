/* SPDX-License-Identifier: Apache-2.0 */
/*
 * golden_test.c - every message that was ever released decodes for ever.
 *
 * The files of tests/golden/v* were packed by another implementation of protobuf. The program runs
 * in the project's root.
 */
#include "common/runtime/message_check.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/text.h"
#include "common/runtime/message_field.h"
#include "common/runtime/message_json.h"
#include "dialer.pb-c.h"
#include "event.pb-c.h"
#include "intake.pb-c.h"
#include "report.pb-c.h"
#include "score.pb-c.h"

/* of each version of the contract */
static const char *const folders[] = {"tests/golden/v1", "tests/golden/v2"};

enum {
    ARENA_BYTES = 1 << 20,
    FILE_BYTES_MAX = 65536,
    PATH_SIZE = 512
};

/* What travels, by the beginning of the file's name. */
static const struct {
    const char *name;
    const ProtobufCMessageDescriptor *type;
} travellers[] = {
    {"intake_request", &troth__v1__intake_request__descriptor},
    {"intake_reply",   &troth__v1__intake_reply__descriptor  },
    {"event",          &troth__v1__event__descriptor         },
    {"dialer_request", &troth__v1__dialer_request__descriptor},
    {"dialer_reply",   &troth__v1__dialer_reply__descriptor  },
    {"score_request",  &troth__v1__score_request__descriptor },
    {"score_reply",    &troth__v1__score_reply__descriptor   },
    {"report_request", &troth__v1__report_request__descriptor},
    {"report_reply",   &troth__v1__report_reply__descriptor  },
};

struct golden {
    char name[256]; /* without ".bin" */
    const ProtobufCMessageDescriptor *type;
    uint8_t data[FILE_BYTES_MAX];
    size_t len;
    json_t *json;
};

static const ProtobufCMessageDescriptor *type_of(const char *name)
{
    const size_t len = strcspn(name, "-");

    for (size_t i = 0; i < ARRAY_LEN(travellers); i++) {
        if (strlen(travellers[i].name) == len && strncmp(travellers[i].name, name, len) == 0) {
            return travellers[i].type;
        }
    }
    fail_msg("%s is named after no type that travels", name);
    return NULL;
}

static void load(struct golden *g, const char *folder, const char *file)
{
    char path[PATH_SIZE];
    json_error_t why;
    FILE *f;

    assert_true(
        text_format(g->name, sizeof(g->name), "%.*s", (int)(strlen(file) - strlen(".bin")), file));
    g->type = type_of(g->name);
    assert_true(text_format(path, sizeof(path), "%s/%s", folder, file));
    f = fopen(path, "rb");
    assert_non_null(f);
    g->len = fread(g->data, 1, sizeof(g->data), f);
    assert_true(g->len < sizeof(g->data));
    assert_int_equal(fclose(f), 0);
    assert_true(text_format(path, sizeof(path), "%s/%s.json", folder, g->name));
    g->json = json_load_file(path, 0, &why);
    if (!g->json) {
        fail_msg("%s:%d: %s", path, why.line, why.text);
    }
}

typedef void golden_fn(const struct golden *g, void *ctx);

static void for_each_in(const char *path, golden_fn *look, void *ctx)
{
    static struct golden g;
    DIR *folder = opendir(path);
    size_t count = 0;

    assert_non_null(folder);
    for (const struct dirent *e = readdir(folder); e; e = readdir(folder)) {
        const char *ending = strrchr(e->d_name, '.');

        if (ending && strcmp(ending, ".bin") == 0) {
            load(&g, path, e->d_name);
            look(&g, ctx);
            json_decref(g.json);
            count++;
        }
    }
    closedir(folder);
    assert_true(count > 0);
}

static void for_each_golden(golden_fn *look, void *ctx)
{
    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        for_each_in(folders[i], look, ctx);
    }
}

static void look_at_decoding(const struct golden *g, void *ctx)
{
    struct arena *arena = arena_new(ARENA_BYTES);
    struct err err = ERR_NONE;
    const ProtobufCMessage *m =
        message_unpack(g->type, (struct bytes){.data = g->data, .len = g->len}, arena, &err);
    struct buffer packed = {0};
    json_t *json;

    if (!m) {
        fail_msg("%s: %s %s: %s", g->name, err.code, err.field, err.text);
    }
    json = message_to_json(m);
    if (!json_equal(json, g->json)) {
        fail_msg("%s reads as %s", g->name, json_dumps(json, JSON_INDENT(1)));
    }
    message_pack(m, &packed);
    if (packed.len != g->len || (g->len > 0 && memcmp(packed.data, g->data, g->len) != 0)) {
        fail_msg("%s packs to other bytes", g->name);
    }
    json_decref(json);
    buffer_free(&packed);
    arena_free(arena);
}

static void every_golden_message_decodes_and_packs_to_the_same_bytes(void **state)
{
    for_each_golden(look_at_decoding, NULL);
}

static void look_at_json(const struct golden *g, void *ctx)
{
    struct arena *arena = arena_new(ARENA_BYTES);
    struct err err = ERR_NONE;
    const ProtobufCMessage *m = message_from_json(g->type, g->json, arena, &err);
    struct buffer packed = {0};

    if (!m) {
        fail_msg("%s: %s %s: %s", g->name, err.code, err.field, err.text);
    }
    message_pack(m, &packed);
    if (packed.len != g->len || (g->len > 0 && memcmp(packed.data, g->data, g->len) != 0)) {
        fail_msg("%s packs to other bytes when read from its JSON", g->name);
    }
    buffer_free(&packed);
    arena_free(arena);
}

static void every_golden_message_is_read_from_its_json(void **state)
{
    for_each_golden(look_at_json, NULL);
}

/* ---- is all of the contract there? */

/* seen: {"troth.v1.Contact.kind": true, "troth.v1.ContactKind.complaint": true} */
static void see(json_t *seen, const char *type, const char *name)
{
    char path[PATH_SIZE];

    assert_true(text_format(path, sizeof(path), "%s.%s", type, name));
    assert_int_equal(json_object_set_new(seen, path, json_true()), 0);
}

static bool was_seen(const json_t *seen, const char *type, const char *name)
{
    char path[PATH_SIZE];

    assert_true(text_format(path, sizeof(path), "%s.%s", type, name));
    return json_object_get(seen, path) != NULL;
}

static void see_message(json_t *seen, const ProtobufCMessageDescriptor *type, const json_t *json);

static void see_value(json_t *seen, const ProtobufCFieldDescriptor *field, const json_t *json)
{
    if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
        see_message(seen, field->descriptor, json);
    } else if (field->type == PROTOBUF_C_TYPE_ENUM) {
        const ProtobufCEnumDescriptor *type = field->descriptor;

        see(seen, type->name, message_enum_find(type, json_string_value(json))->name);
    }
}

static void see_message(json_t *seen, const ProtobufCMessageDescriptor *type, const json_t *json)
{
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        const json_t *value = json_object_get(json, field->name);

        if (value) {
            see(seen, type->name, field->name);
        }
        if (json_is_array(value)) {
            for (size_t k = 0; k < json_array_size(value); k++) {
                see_value(seen, field, json_array_get(value, k));
            }
        } else if (value) {
            see_value(seen, field, value);
        }
    }
}

static void see_golden(const struct golden *g, void *ctx)
{
    see_message(ctx, g->type, g->json);
}

static void require_values(const json_t *seen, const ProtobufCEnumDescriptor *type)
{
    for (unsigned i = 0; i < type->n_values; i++) {
        if (type->values[i].value != 0 && !was_seen(seen, type->name, type->values[i].name)) {
            fail_msg("%s stands in no golden message: see tests/golden/README.md",
                     type->values[i].name);
        }
    }
}

/* No message contains itself, so this ends. */
static void require_fields(const json_t *seen, const ProtobufCMessageDescriptor *type)
{
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];

        if (!was_seen(seen, type->name, field->name)) {
            fail_msg("%s.%s stands in no golden message: see tests/golden/README.md", type->name,
                     field->name);
        }
        if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
            require_fields(seen, field->descriptor);
        } else if (field->type == PROTOBUF_C_TYPE_ENUM) {
            require_values(seen, field->descriptor);
        }
    }
}

static void every_field_and_value_of_the_wire_stands_in_a_golden_message(void **state)
{
    json_t *seen = json_object();

    for_each_golden(see_golden, seen);
    for (size_t i = 0; i < ARRAY_LEN(travellers); i++) {
        require_fields(seen, travellers[i].type);
    }
    json_decref(seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_golden_message_decodes_and_packs_to_the_same_bytes),
        cmocka_unit_test(every_golden_message_is_read_from_its_json),
        cmocka_unit_test(every_field_and_value_of_the_wire_stands_in_a_golden_message),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
