/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_json.h"

#include <string.h>

#include <jansson.h>

#include "common/base/text.h"
#include "common/runtime/bus.h"
#include "common/runtime/message_check.h"
#include "common/runtime/message_json.h"

/* ---- walking: as much of JSON as is needed to find the parts */

struct walk {
    const char *at, *end;
};

static void skip_blanks(struct walk *w)
{
    while (w->at < w->end &&
           (*w->at == ' ' || *w->at == '\t' || *w->at == '\n' || *w->at == '\r')) {
        w->at++;
    }
}

static bool take_char(struct walk *w, char wanted)
{
    skip_blanks(w);
    if (w->at == w->end || *w->at != wanted) {
        return false;
    }
    w->at++;
    return true;
}

/* At its opening quote; ret_inner: what stands between the quotes, escapes and all. */
static int take_string(struct walk *w, struct bytes *ret_inner)
{
    const char *start = w->at + 1;
    for (const char *c = start; c < w->end; c++) {
        if (*c == '"') {
            *ret_inner = (struct bytes){(const uint8_t *)start, (size_t)(c - start)};
            w->at = c + 1;
            return 0;
        }
        c += *c == '\\' ? 1 : 0;
    }
    return -1;
}

/* One value up to the ',' or bracket behind it. Which bracket closes which is left to who reads the
 * value. */
static int take_value(struct walk *w, struct intake_json_part *ret_part)
{
    size_t depth = 0, deepest = 0;
    struct bytes inner;
    const char *start;
    skip_blanks(w);
    start = w->at;
    while (w->at < w->end) {
        char c = *w->at;
        if (c == '"') {
            if (take_string(w, &inner) < 0) {
                return -1;
            }
            continue;
        }
        if (depth == 0 && (c == ',' || c == ']' || c == '}')) {
            break;
        }
        if (c == '{' || c == '[') {
            deepest = ++depth > deepest ? depth : deepest;
        } else if (c == '}' || c == ']') {
            depth--;
        }
        w->at++;
    }
    ret_part->text = (struct bytes){(const uint8_t *)start, (size_t)(w->at - start)};
    ret_part->depth = deepest;
    return w->at < w->end && w->at > start ? 0 : -1;
}

/* ---- the parts of a post */

static int malformed(struct err *err)
{
    return err_set(err, "malformed", "the body is not JSON of the form {\"records\": [...]}");
}

static int take_name(struct walk *w, struct err *err)
{
    static const struct bytes records = {(const uint8_t *)"records", 7};
    struct bytes name;
    skip_blanks(w);
    if (w->at == w->end || *w->at != '"' || take_string(w, &name) < 0) {
        return malformed(err);
    }
    if (!bytes_equal(name, records)) {
        return err_set(err, "field_unknown", "the body has one field: records");
    }
    return take_char(w, ':') ? 0 : malformed(err);
}

static int take_list(struct walk *w, struct intake_json_parts *parts, struct err *err)
{
    if (!take_char(w, '[')) {
        return malformed(err);
    }
    if (take_char(w, ']')) {
        return 0;
    }
    do {
        if (parts->count == INTAKE_RECORDS_MAX) {
            return err_set_field(err, "too_many_records", "records", "at most %d in one message",
                                 INTAKE_RECORDS_MAX);
        }
        if (take_value(w, &parts->records[parts->count]) < 0) {
            return malformed(err);
        }
        parts->count++;
    } while (take_char(w, ','));
    return take_char(w, ']') ? 0 : malformed(err);
}

int intake_json_parts(struct bytes body, struct intake_json_parts *ret_parts, struct err *err)
{
    struct walk w = {.at = (const char *)body.data, .end = (const char *)body.data + body.len};
    ret_parts->count = 0;
    if (body.len == 0 || !take_char(&w, '{')) {
        return malformed(err);
    }
    if (take_name(&w, err) < 0 || take_list(&w, ret_parts, err) < 0) {
        return -1;
    }
    if (take_char(&w, ',')) {
        return err_set(err, "field_unknown", "the body has one field: records");
    }
    if (!take_char(&w, '}')) {
        return malformed(err);
    }
    skip_blanks(&w);
    return w.at == w.end ? 0 : malformed(err);
}

/* ---- one record */

static void copy_key(struct bytes key, char ret_key[INTAKE_KEY_MAX + 1])
{
    if (key.len > 0 && key.len <= INTAKE_KEY_MAX && text_is_utf8(key)) {
        memcpy(ret_key, key.data, key.len);
        ret_key[key.len] = '\0';
    }
}

/* Of a record that is no JSON: the first text behind a name "key" that stands directly in it. */
static void find_key(struct bytes text, char ret_key[INTAKE_KEY_MAX + 1])
{
    static const struct bytes name = {(const uint8_t *)"key", 3};
    struct walk w = {.at = (const char *)text.data, .end = (const char *)text.data + text.len};
    struct bytes inner;
    size_t depth = 0;
    while (w.at < w.end) {
        char c = *w.at;
        if (c != '"') {
            depth += c == '{' || c == '[' ? 1 : 0;
            depth -= (c == '}' || c == ']') && depth > 0 ? 1 : 0;
            w.at++;
            continue;
        }
        if (take_string(&w, &inner) < 0) {
            return;
        }
        if (depth == 1 && bytes_equal(inner, name) && take_char(&w, ':')) {
            skip_blanks(&w);
            if (w.at < w.end && *w.at == '"' && take_string(&w, &inner) == 0 &&
                !memchr(inner.data, '\\', inner.len)) {
                copy_key(inner, ret_key);
            }
            return;
        }
    }
}

static int refuse_json(const json_error_t *why, struct err *err)
{
    switch (json_error_code(why)) {
    case json_error_invalid_utf8:
    case json_error_null_character:
    case json_error_null_byte_in_key:
        return err_set(err, "not_utf8", "at byte %d of the record: not UTF-8, or a NUL",
                       why->position);
    case json_error_duplicate_key:
        return err_set(err, "json_invalid", "at byte %d of the record: the same name again",
                       why->position);
    case json_error_numeric_overflow:
        return err_set(err, "value_out_of_range",
                       "at byte %d of the record: too large for any number", why->position);
    case json_error_unknown:
    case json_error_out_of_memory:
    case json_error_stack_overflow:
    case json_error_cannot_open_file:
    case json_error_invalid_argument:
    case json_error_premature_end_of_input:
    case json_error_end_of_input_expected:
    case json_error_invalid_syntax:
    case json_error_invalid_format:
    case json_error_wrong_type:
    case json_error_null_value:
    case json_error_item_not_found:
    case json_error_index_out_of_range:
    default:
        return err_set(err, "json_invalid", "at byte %d of the record: not JSON", why->position);
    }
}

static int pack_record(const json_t *json, struct arena *scratch, struct buffer *wire,
                       struct err *err)
{
    const ProtobufCMessage *m =
        message_from_json(&troth__v1__record__descriptor, json, scratch, err);
    if (!m) {
        return -1;
    }
    if (protobuf_c_message_get_packed_size(m) > BUS_MESSAGE_MAX - (size_t)INTAKE_KEY_MAX) {
        return err_set(err, "too_large", "a record has at most 64 KiB");
    }
    message_pack(m, wire);
    return 0;
}

static int read_record(const struct intake_json_part *part, json_t **ret_json, struct err *err)
{
    json_error_t why;
    if (part->text.len > INTAKE_JSON_RECORD_MAX) {
        return err_set(err, "too_large", "a record has at most 128 KiB as JSON");
    }
    if (part->depth > INTAKE_JSON_DEPTH_MAX) {
        return err_set(err, "too_deep", "at most %d brackets in each other", INTAKE_JSON_DEPTH_MAX);
    }
    *ret_json = json_loadb((const char *)part->text.data, part->text.len,
                           JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
    return *ret_json ? 0 : refuse_json(&why, err);
}

int intake_json_record(const struct intake_json_part *part, struct arena *scratch,
                       struct buffer *wire, char ret_key[INTAKE_KEY_MAX + 1], struct err *err)
{
    json_t *json;
    ret_key[0] = '\0';
    if (read_record(part, &json, err) < 0) {
        find_key(part->text, ret_key);
        return -1;
    }
    const json_t *key = json_object_get(json, "key");
    if (json_is_string(key)) {
        copy_key((struct bytes){(const uint8_t *)json_string_value(key), json_string_length(key)},
                 ret_key);
    }
    int rc = pack_record(json, scratch, wire, err);
    arena_reset(scratch);
    json_decref(json);
    return rc;
}
