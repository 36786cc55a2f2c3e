/* SPDX-License-Identifier: Apache-2.0 */
/*
 * message_text.c - the protobuf text format, read into the JSON tree that message_from_json()
 * takes.
 *
 * Recursive descent without a token list: each function begins at its first character and ends
 * behind its last one and the blanks and comments after it. Names and values are checked here as
 * far as the line matters to the writer; message_from_json() has the last word on ranges.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/message_check.h"
#include "common/runtime/message_field.h"
#include "common/runtime/message_json.h"

struct scanner {
    const char *at;
    int line;
    int depth;
    struct err *err;
};

static json_t *read_fields(struct scanner *s, const ProtobufCMessageDescriptor *type, char closing);

static json_t *fail(const struct scanner *s, const char *code, const char *why)
{
    err_set(s->err, code, "line %d: %s", s->line, why);
    return NULL;
}

static void skip_blanks(struct scanner *s)
{
    for (;; s->at++) {
        if (*s->at == '#') {
            s->at += strcspn(s->at, "\n");
        }
        if (*s->at == '\n') {
            s->line++;
        } else if (!*s->at || !strchr(" \t\r\v\f", *s->at)) {
            return;
        }
    }
}

static bool take(struct scanner *s, char c)
{
    if (*s->at != c) {
        return false;
    }
    s->at++;
    skip_blanks(s);
    return true;
}

/* Letters, digits and '_'; for numbers also '.', '+' and '-' after an exponent. False when there is
 * none or too long. */
static bool read_word(struct scanner *s, char *ret_word, size_t size)
{
    size_t len = 0;

    while (isalnum((unsigned char)s->at[len]) || s->at[len] == '_' || s->at[len] == '.' ||
           (len > 0 && (s->at[len] == '-' || s->at[len] == '+') && strchr("eE", s->at[len - 1]) &&
            isdigit((unsigned char)s->at[0]))) {
        len++;
    }
    if (len == 0 || len >= size) {
        return false;
    }
    memcpy(ret_word, s->at, len);
    ret_word[len] = '\0';
    s->at += len;
    skip_blanks(s);
    return true;
}

/* ---- quoted texts */

static void append_code_point(struct text *out, unsigned long c)
{
    char utf8[4];
    size_t len = 0;

    if (c < 0x80) {
        utf8[len++] = (char)c;
    } else if (c < 0x800) {
        utf8[len++] = (char)(0xc0 | (c >> 6));
    } else if (c < 0x10000) {
        utf8[len++] = (char)(0xe0 | (c >> 12));
        utf8[len++] = (char)(0x80 | ((c >> 6) & 0x3f));
    } else {
        utf8[len++] = (char)(0xf0 | (c >> 18));
        utf8[len++] = (char)(0x80 | ((c >> 12) & 0x3f));
        utf8[len++] = (char)(0x80 | ((c >> 6) & 0x3f));
    }
    if (c >= 0x80) {
        utf8[len++] = (char)(0x80 | (c & 0x3f));
    }
    text_append_len(out, utf8, len);
}

/* Between min and max digits of the base. */
static int read_digits(struct scanner *s, int base, size_t min, size_t max, unsigned long *ret)
{
    char digits[9] = "";
    size_t len = 0;

    while (len < max && (base == 16 ? isxdigit((unsigned char)s->at[len]) != 0
                                    : s->at[len] >= '0' && s->at[len] <= '7')) {
        digits[len] = s->at[len];
        len++;
    }
    if (len < min) {
        return -1;
    }
    s->at += len;
    *ret = strtoul(digits, NULL, base);
    return 0;
}

static int read_escape(struct scanner *s, struct text *out)
{
    static const char letters[] = "abfnrtv\\'\"?";
    static const char meanings[] = "\a\b\f\n\r\t\v\\'\"?";
    const char *letter = *s->at ? strchr(letters, *s->at) : NULL;
    unsigned long number = 0;
    char byte;

    if (letter) {
        text_append_len(out, &meanings[letter - letters], 1);
        s->at++;
        return 0;
    }
    if (*s->at == 'u' || *s->at == 'U') {
        const size_t digits = *s->at++ == 'u' ? 4 : 8;

        if (read_digits(s, 16, digits, digits, &number) < 0 || number > 0x10ffff) {
            return -1;
        }
        append_code_point(out, number);
        return 0;
    }
    if (*s->at == 'x' || *s->at == 'X') {
        s->at++;
        if (read_digits(s, 16, 1, 2, &number) < 0) {
            return -1;
        }
    } else if (read_digits(s, 8, 1, 3, &number) < 0 || number > 255) {
        return -1;
    }
    byte = (char)(unsigned char)number;
    text_append_len(out, &byte, 1);
    return 0;
}

/* One quoted text, or several that follow each other. */
static int read_quoted(struct scanner *s, struct text *out)
{
    while (*s->at == '"' || *s->at == '\'') {
        const char quote = *s->at++;

        while (*s->at != quote) {
            if (!*s->at || *s->at == '\n') {
                fail(s, "malformed", "the quote is not closed on this line");
                return -1;
            }
            if (*s->at != '\\') {
                text_append_len(out, s->at++, 1);
                continue;
            }
            s->at++;
            if (read_escape(s, out) < 0) {
                fail(s, "malformed", "unknown escape after '\\'");
                return -1;
            }
        }
        s->at++;
        skip_blanks(s);
    }
    return 0;
}

static json_t *read_text_value(struct scanner *s, const ProtobufCFieldDescriptor *field)
{
    const struct scanner start = *s;
    struct text value = {0};
    json_t *json = NULL;

    if (read_quoted(s, &value) < 0) {
        goto cleanup;
    }
    if (field->type == PROTOBUF_C_TYPE_BYTES) {
        const size_t size = sodium_base64_encoded_len(value.len, sodium_base64_VARIANT_ORIGINAL);
        char *base64 = xcalloc(size, 1);

        sodium_bin2base64(base64, size, (const unsigned char *)text_or_empty(&value), value.len,
                          sodium_base64_VARIANT_ORIGINAL);
        json = json_string(base64);
        free(base64);
    } else {
        const struct bytes bytes = {.data = (const uint8_t *)text_or_empty(&value),
                                    .len = value.len};

        json = text_is_utf8(bytes)
                   ? json_stringn(text_or_empty(&value), value.len)
                   : fail(&start, "not_utf8", "the text is not well-formed UTF-8 without NUL");
    }
cleanup:
    text_free(&value);
    return json;
}

/* ---- values */

static json_t *read_integer_word(const struct scanner *s, bool is_negative, const char *word)
{
    const int base = word[0] != '0' || !word[1] ? 10 : (word[1] | 0x20) == 'x' ? 16 : 8;
    struct text digits = {0};
    json_t *json;
    char *end;

    if (base == 10) {
        /* As text: message_from_json() knows the range of the field. */
        text_appendf(&digits, "%s%s", is_negative ? "-" : "", word);
    } else {
        const unsigned long long number = strtoull(word, &end, base);

        if (*end || number == ~0ULL) {
            return fail(s, "wrong_type", "a whole number is expected here");
        }
        text_appendf(&digits, "%s%llu", is_negative ? "-" : "", number);
    }
    json = json_string(text_or_empty(&digits));
    text_free(&digits);
    return json;
}

static json_t *read_real_word(const struct scanner *s, bool is_negative, char *word)
{
    const size_t len = strlen(word);
    double number;

    if (len > 1 && (word[len - 1] | 0x20) == 'f') {
        word[len - 1] = '\0';
    }
    if (text_to_double(word, &number) < 0) {
        return fail(s, "wrong_type", "a finite number is expected here");
    }
    return json_real(is_negative ? -number : number);
}

static json_t *read_bool_word(const struct scanner *s, const char *word)
{
    static const char *const yes[] = {"true", "True", "t", "1"};
    static const char *const no[] = {"false", "False", "f", "0"};

    for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
        if (strcmp(word, yes[i]) == 0) {
            return json_true();
        }
        if (strcmp(word, no[i]) == 0) {
            return json_false();
        }
    }
    return fail(s, "wrong_type", "true or false is expected here");
}

static json_t *read_word_value(struct scanner *s, const ProtobufCFieldDescriptor *field)
{
    const struct scanner start = *s;
    const bool is_negative = take(s, '-');
    char word[128];

    if (!read_word(s, word, sizeof(word))) {
        return fail(&start, "malformed", "a value is expected here");
    }
    if (field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_BYTES) {
        return fail(&start, "wrong_type", "a text in quotes is expected here");
    }
    if (field->type == PROTOBUF_C_TYPE_FLOAT || field->type == PROTOBUF_C_TYPE_DOUBLE) {
        return read_real_word(&start, is_negative, word);
    }
    if (field->type == PROTOBUF_C_TYPE_ENUM && !isdigit((unsigned char)word[0])) {
        return !is_negative && message_enum_find(field->descriptor, word)
                   ? json_string(word)
                   : fail(&start, "enum_unknown", "this is none of the values of the field");
    }
    if (field->type == PROTOBUF_C_TYPE_BOOL) {
        return read_bool_word(&start, is_negative ? "" : word);
    }
    if (field->type == PROTOBUF_C_TYPE_ENUM) {
        int64_t number;

        return !is_negative && text_to_int64(word, 0, INT32_MAX, &number) == 0
                   ? json_integer(number)
                   : fail(&start, "enum_unknown", "this is none of the values of the field");
    }
    if (!isdigit((unsigned char)word[0])) {
        return fail(&start, "wrong_type", "a whole number is expected here");
    }
    return read_integer_word(&start, is_negative, word);
}

static json_t *read_one(struct scanner *s, const ProtobufCFieldDescriptor *field)
{
    const struct scanner start = *s;

    if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
        char closing = '}';
        json_t *inner;

        if (!take(s, '{')) {
            if (!take(s, '<')) {
                return fail(s, "wrong_type", "a message { } is expected here");
            }
            closing = '>';
        }
        if (++s->depth > MESSAGE_DEPTH_MAX) {
            return fail(&start, "too_deep", "messages are nested too deep");
        }
        inner = read_fields(s, field->descriptor, closing);
        s->depth--;
        return inner;
    }
    if (*s->at == '"' || *s->at == '\'') {
        if (field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_BYTES) {
            return read_text_value(s, field);
        }
        return fail(s, "wrong_type", "a value without quotes is expected here");
    }
    return read_word_value(s, field);
}

/* One value or, for a repeated field, [a, b]; appended to list. */
static int read_repeated(struct scanner *s, const ProtobufCFieldDescriptor *field, json_t *list)
{
    const bool is_bracketed = take(s, '[');

    if (is_bracketed && take(s, ']')) {
        return 0;
    }
    do {
        json_t *value = read_one(s, field);

        if (!value) {
            return -1;
        }
        json_array_append_new(list, value);
    } while (is_bracketed && take(s, ','));
    if (is_bracketed && !take(s, ']')) {
        fail(s, "malformed", "',' or ']' is expected here");
        return -1;
    }
    return 0;
}

static int read_field(struct scanner *s, const ProtobufCMessageDescriptor *type, json_t *object)
{
    const struct scanner start = *s;
    const ProtobufCFieldDescriptor *field;
    char name[128];
    json_t *value;

    if (!read_word(s, name, sizeof(name))) {
        fail(s, "malformed", "the name of a field is expected here");
        return -1;
    }
    field = message_field_find(type, name);
    if (!field) {
        err_set_field(start.err, "field_unknown", name, "line %d: %s has no field of this name",
                      start.line, type->short_name);
        return -1;
    }
    if (!take(s, ':') && field->type != PROTOBUF_C_TYPE_MESSAGE) {
        fail(s, "malformed", "':' is expected here");
        return -1;
    }
    value = json_object_get(object, field->name);
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        if (!value) {
            json_object_set_new(object, field->name, json_array());
            value = json_object_get(object, field->name);
        }
        return read_repeated(s, field, value);
    }
    if (value) {
        fail(&start, "malformed", "the field is set a second time");
        return -1;
    }
    value = read_one(s, field);
    return value ? json_object_set_new(object, field->name, value) : -1;
}

/* Up to and with the closing character; '\0' is the end of the text. */
static json_t *read_fields(struct scanner *s, const ProtobufCMessageDescriptor *type, char closing)
{
    json_t *object = json_object();

    while (closing ? !take(s, closing) : *s->at != '\0') {
        if (!*s->at) {
            fail(s, "malformed", "the text ends inside a message");
            json_decref(object);
            return NULL;
        }
        if (read_field(s, type, object) < 0) {
            json_decref(object);
            return NULL;
        }
        if (!take(s, ';')) {
            take(s, ',');
        }
    }
    return object;
}

json_t *message_text_to_json(const ProtobufCMessageDescriptor *type, const char *text,
                             struct err *err)
{
    struct scanner s = {.at = text, .line = 1, .depth = 1, .err = err};

    skip_blanks(&s);
    return read_fields(&s, type, '\0');
}
