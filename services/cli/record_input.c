/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/record_input.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/message_field.h"
#include "common/runtime/message_json.h"

#define INPUT_BYTES_MAX ((size_t)1024 * 1024) /* a record has at most 64 KiB on the wire */

/* ---- files */

static int read_file(const char *path, struct buffer *content, struct err *err)
{
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "rbe");
    size_t got;
    int rc = 0;

    if (!in) {
        return err_set(err, "file_unreadable", "%s: %s", path, strerror(errno));
    }
    do {
        uint8_t *room = buffer_extend(content, 4096);

        got = fread(room, 1, 4096, in);
        content->len -= 4096 - got;
    } while (got > 0 && content->len <= INPUT_BYTES_MAX);
    if (ferror(in)) {
        rc = err_set(err, "file_unreadable", "%s cannot be read", path);
    } else if (content->len > INPUT_BYTES_MAX) {
        rc = err_set(err, "too_large", "%s is larger than 1 MiB: a record is not", path);
    }
    if (in != stdin) {
        (void)fclose(in); /* nothing was written */
    }
    return rc;
}

static Troth__V1__Record *from_json(const json_t *json, struct arena *arena, struct err *err)
{
    return (Troth__V1__Record *)message_from_json(&troth__v1__record__descriptor, json, arena, err);
}

Troth__V1__Record *record_input_json(const char *path, struct arena *arena, struct err *err)
{
    struct buffer content = {0};
    Troth__V1__Record *record = NULL;
    json_error_t why;
    json_t *json;

    if (read_file(path, &content, err) == 0) {
        json = json_loadb((const char *)content.data, content.len, JSON_REJECT_DUPLICATES, &why);
        if (json) {
            record = from_json(json, arena, err);
            json_decref(json);
        } else {
            err_set(err, "malformed", "line %d, column %d: %s", why.line, why.column, why.text);
        }
    }
    buffer_free(&content);
    return record;
}

Troth__V1__Record *record_input_text(const char *path, struct arena *arena, struct err *err)
{
    struct buffer content = {0};
    Troth__V1__Record *record = NULL;
    json_t *json;

    if (read_file(path, &content, err) == 0) {
        *buffer_extend(&content, 1) = '\0';
        json =
            message_text_to_json(&troth__v1__record__descriptor, (const char *)content.data, err);
        if (json) {
            record = from_json(json, arena, err);
            json_decref(json);
        }
    }
    buffer_free(&content);
    return record;
}

/* ---- flags */

const ProtobufCFieldDescriptor *record_input_kind(const char *kind)
{
    const ProtobufCFieldDescriptor *field =
        message_field_find(&troth__v1__record__descriptor, kind);

    return field && (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) ? field : NULL;
}

static const char *value_name(const ProtobufCFieldDescriptor *field)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_BOOL:
        return "true|false";
    case PROTOBUF_C_TYPE_ENUM:
        return "NAME";
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
        return "TEXT";
    case PROTOBUF_C_TYPE_MESSAGE:
        return "JSON";
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE:
    default:
        return "NUMBER";
    }
}

/* The words of one option, behind the table in the same block. */
struct option_words {
    char name[64];
    char help[192];
};

static void print_enum_names(const ProtobufCEnumDescriptor *type, char *ret_help, size_t size)
{
    struct text help = {0};

    for (unsigned i = 1; i < type->n_values; i++) { /* 0 is UNSPECIFIED */
        text_append(&help, i > 1 ? ", " : "");
        text_append(&help, message_enum_short_name(type, &type->values[i]));
    }
    for (size_t i = 0; i < help.len; i++) {
        help.data[i] = (char)tolower((unsigned char)help.data[i]);
    }
    text_copy(ret_help, size, text_or_empty(&help));
    text_free(&help);
}

/* Instants are given without their unit, as people write them: --due 2026-11-21T08:15:00Z. */
#define INSTANT_SUFFIX "_us"

static bool is_instant(const char *name)
{
    const size_t length = strlen(name), suffix = strlen(INSTANT_SUFFIX);

    return length > suffix && strcmp(name + length - suffix, INSTANT_SUFFIX) == 0;
}

static struct cli_option field_option(const ProtobufCFieldDescriptor *field,
                                      struct option_words *words)
{
    const bool is_time = is_instant(field->name);

    text_copy(words->name, sizeof(words->name), field->name);
    if (is_time) {
        words->name[strlen(words->name) - strlen(INSTANT_SUFFIX)] = '\0';
        text_copy(words->help, sizeof(words->help), "such as 2026-11-21T08:15:00Z");
    }
    for (char *c = words->name; *c; c++) {
        if (*c == '_') {
            *c = '-';
        }
    }
    if (field->type == PROTOBUF_C_TYPE_ENUM) {
        print_enum_names(field->descriptor, words->help, sizeof(words->help));
    } else if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        text_copy(words->help, sizeof(words->help), "may be given several times");
    }
    return (struct cli_option){.name = words->name,
                               .type = CLI_OPTION_FIELD,
                               .value = is_time ? "TIME" : value_name(field),
                               .help = words->help};
}

struct cli_option *record_input_options(const ProtobufCFieldDescriptor *kind)
{
    static const struct cli_option of_record[] = {
        {.name = "key",
         .type = CLI_OPTION_FIELD,
         .value = "KEY",
         .help = "of the record, unique per source; a new UUIDv7 if not given"},
        {.name = "occurred",
         .type = CLI_OPTION_FIELD,
         .value = "TIME",
         .help = "when it happened: 2026-11-21T08:15:00Z; now if not given"   },
        {.name = "trace",
         .type = CLI_OPTION_FIELD,
         .value = "TEXT",
         .help = "printed in the logs beside the key"                         },
    };
    const ProtobufCMessageDescriptor *type = kind->descriptor;
    const size_t count = type->n_fields + ARRAY_LEN(of_record);
    struct cli_option *options =
        xcalloc(1, (count + 1) * sizeof(*options) + type->n_fields * sizeof(struct option_words));
    struct option_words *words = (struct option_words *)(void *)(options + count + 1);

    for (unsigned i = 0; i < type->n_fields; i++) {
        options[i] = field_option(&type->fields[i], &words[i]);
    }
    memcpy(options + type->n_fields, of_record, sizeof(of_record));
    return options;
}

/* The value of one option as JSON. */
static json_t *option_to_json(const ProtobufCFieldDescriptor *field, const char *value,
                              struct err *err)
{
    json_error_t why;
    json_t *json;

    if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
        json = json_loads(value, JSON_REJECT_DUPLICATES, &why);
        if (!json) {
            err_set_field(err, "malformed", field->name, "JSON is expected here: %s", why.text);
        }
        return json;
    }
    json = json_string(value);
    if (!json) {
        err_set_field(err, "not_utf8", field->name, "the text is not well-formed UTF-8");
    }
    return json;
}

/* By its name, or by that of an instant without its unit. */
static const ProtobufCFieldDescriptor *find_field(const ProtobufCMessageDescriptor *type,
                                                  const char *name)
{
    const ProtobufCFieldDescriptor *field = message_field_find(type, name);
    char instant[64];

    if (!field && text_format(instant, sizeof(instant), "%s" INSTANT_SUFFIX, name)) {
        field = message_field_find(type, instant);
    }
    return field;
}

static int add_field(const struct cli_field *given, const ProtobufCMessageDescriptor *body_type,
                     json_t *body, json_t *record, struct err *err)
{
    const ProtobufCFieldDescriptor *field = find_field(body_type, given->name);
    json_t *object = field ? body : record;
    json_t *value;
    json_t *list;

    field = field ? field : find_field(&troth__v1__record__descriptor, given->name);
    if (!field) {
        return err_set_field(err, "field_unknown", given->name, "there is no field of this name");
    }
    value = option_to_json(field, given->value, err);
    if (!value) {
        return -1;
    }
    if (field->label != PROTOBUF_C_LABEL_REPEATED) {
        json_object_set_new(object, field->name, value);
        return 0;
    }
    list = json_object_get(object, field->name);
    if (!list) {
        list = json_array();
        json_object_set_new(object, field->name, list);
    }
    json_array_append_new(list, value);
    return 0;
}

Troth__V1__Record *record_input_fields(const char *kind, const struct cli_field *fields,
                                       size_t count, struct arena *arena, struct err *err)
{
    const ProtobufCFieldDescriptor *field = record_input_kind(kind);
    Troth__V1__Record *record = NULL;
    json_t *object;
    json_t *body;
    int rc = 0;

    if (!field) {
        err_set(err, "field_unknown", "there is no kind of record '%s'", kind);
        return NULL;
    }
    object = json_object();
    body = json_object();
    json_object_set_new(object, field->name, body);
    for (size_t i = 0; rc == 0 && i < count; i++) {
        rc = add_field(&fields[i], field->descriptor, body, object, err);
    }
    if (rc == 0) {
        record = from_json(object, arena, err);
    }
    json_decref(object);
    return record;
}
