/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/text.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/xalloc.h"

enum {
    TEXT_FIRST_CAPACITY = 64
};

static bool is_continuation(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

/* Length of the well-formed sequence at the start of p (Unicode, table 3-7), or 0. */
static size_t sequence_length(const uint8_t *p, size_t len)
{
    static const struct {
        uint8_t lead_from, lead_to; /* first byte */
        uint8_t second_from,
            second_to; /* keeps out overlong forms, surrogates and what is over U+10FFFF */
        size_t length;
    } rows[] = {
        {0x01, 0x7f, 0x00, 0x00, 1},
        {0xc2, 0xdf, 0x80, 0xbf, 2},
        {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3},
        {0xed, 0xed, 0x80, 0x9f, 3},
        {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4},
        {0xf1, 0xf3, 0x80, 0xbf, 4},
        {0xf4, 0xf4, 0x80, 0x8f, 4},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (p[0] < rows[i].lead_from || p[0] > rows[i].lead_to) {
            continue;
        }
        if (rows[i].length > len) {
            return 0;
        }
        if (rows[i].length > 1 && (p[1] < rows[i].second_from || p[1] > rows[i].second_to)) {
            return 0;
        }
        for (size_t k = 2; k < rows[i].length; k++) {
            if (!is_continuation(p[k])) {
                return 0;
            }
        }
        return rows[i].length;
    }
    return 0;
}

bool text_is_utf8(struct bytes in)
{
    size_t i = 0;

    while (i < in.len) {
        size_t length = sequence_length(in.data + i, in.len - i);

        if (length == 0) {
            return false;
        }
        i += length;
    }
    return true;
}

size_t text_code_points(const char *text)
{
    size_t count = 0;

    for (; *text; text++) {
        count += !is_continuation((uint8_t)*text);
    }
    return count;
}

/* The largest length <= len that does not cut a code point in two; text goes on at text[len]. */
static size_t whole_code_points(const char *text, size_t len)
{
    while (len > 0 && is_continuation((uint8_t)text[len])) {
        len--;
    }
    return len;
}

bool text_copy(char *dest, size_t size, const char *src)
{
    size_t len = strlen(src);
    bool is_whole = len < size;

    if (size == 0) {
        return false;
    }
    if (!is_whole) {
        len = whole_code_points(src, size - 1);
    }
    memmove(dest, src, len); /* shortening in place is allowed */
    dest[len] = '\0';
    return is_whole;
}

/* vsnprintf has cut between bytes: take off a code point whose last bytes are missing. */
static void trim_cut_code_point(char *text)
{
    size_t len = strlen(text);
    size_t lead = len;

    while (lead > 0 && is_continuation((uint8_t)text[lead - 1])) {
        lead--;
    }
    if (lead > 0 && sequence_length((const uint8_t *)text + lead - 1, len - lead + 1) == 0) {
        text[lead - 1] = '\0';
    }
}

bool text_vformat(char *dest, size_t size, const char *fmt, va_list args)
{
    int len;

    if (size == 0) {
        return false;
    }
    len = vsnprintf(dest, size, fmt, args);
    if (len < 0) {
        dest[0] = '\0';
        return false;
    }
    if ((size_t)len >= size) {
        trim_cut_code_point(dest);
        return false;
    }
    return true;
}

bool text_format(char *dest, size_t size, const char *fmt, ...)
{
    va_list args;
    bool is_whole;

    va_start(args, fmt);
    is_whole = text_vformat(dest, size, fmt, args);
    va_end(args);
    return is_whole;
}

bool text_is_empty(const char *text)
{
    return !text || text[0] == '\0';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

int text_to_int64(const char *text, int64_t min, int64_t max, int64_t *ret)
{
    int64_t value = 0;
    const char *p = text;
    bool is_negative;

    if (!text) {
        return -1;
    }
    is_negative = *p == '-';
    p += is_negative;
    if (*p == '\0') {
        return -1;
    }
    for (; *p; p++) {
        int64_t digit = *p - '0';

        /* built with its sign, because INT64_MIN has no positive twin */
        if (!is_digit(*p) || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, is_negative ? -digit : digit, &value)) {
            return -1;
        }
    }
    if (value < min || value > max) {
        return -1;
    }
    *ret = value;
    return 0;
}

static size_t skip_digits(const char **p)
{
    size_t count = 0;

    for (; is_digit(**p); (*p)++) {
        count++;
    }
    return count;
}

/* strtod takes more than we do: blanks, '+', hex, inf and nan. */
static bool looks_like_number(const char *p)
{
    size_t digits;

    p += *p == '-';
    digits = skip_digits(&p);
    if (*p == '.') {
        p++;
        digits += skip_digits(&p);
    }
    if (digits == 0) {
        return false;
    }
    if (*p == 'e' || *p == 'E') {
        p++;
        p += *p == '-' || *p == '+';
        if (skip_digits(&p) == 0) {
            return false;
        }
    }
    return *p == '\0';
}

int text_to_double(const char *text, double *ret)
{
    locale_t c_locale;
    double value;

    if (!text || !looks_like_number(text)) {
        return -1;
    }
    c_locale =
        newlocale(LC_ALL_MASK, "C", (locale_t)0); /* a constant inside libc: no memory, no files */
    if (c_locale == (locale_t)0) {
        BUG("libc has no C locale");
    }
    value = strtod_l(text, NULL, c_locale);
    freelocale(c_locale);
    if (!isfinite(value)) {
        return -1;
    }
    *ret = value;
    return 0;
}

/* Room for len more characters and the final NUL. */
static void reserve(struct text *t, size_t len)
{
    size_t capacity = t->capacity ? t->capacity : TEXT_FIRST_CAPACITY;
    size_t needed;

    if (__builtin_add_overflow(t->len, len, &needed) ||
        __builtin_add_overflow(needed, 1, &needed)) {
        needed = SIZE_MAX; /* xreallocarray says what happens then */
    }
    while (capacity < needed) {
        capacity = capacity > SIZE_MAX / 2 ? SIZE_MAX : capacity * 2;
    }
    if (capacity > t->capacity) {
        t->data = xreallocarray(t->data, capacity, 1);
        t->capacity = capacity;
    }
}

void text_append(struct text *t, const char *more)
{
    text_append_len(t, more, strlen(more));
}

void text_append_len(struct text *t, const char *more, size_t len)
{
    reserve(t, len);
    if (len > 0) { /* memcpy may not be given NULL, which an empty range may hold */
        memcpy(t->data + t->len, more, len);
    }
    t->len += len;
    t->data[t->len] = '\0';
}

void text_appendf(struct text *t, const char *fmt, ...)
{
    va_list args;
    va_list again;
    int len;

    va_start(args, fmt);
    va_copy(again, args);
    len = vsnprintf(NULL, 0, fmt, args);
    if (len < 0) {
        BUG("a format that cannot be printed");
    }
    reserve(t, (size_t)len);
    t->len += (size_t)vsnprintf(t->data + t->len, (size_t)len + 1, fmt, again);
    va_end(again);
    va_end(args);
}

void text_clear(struct text *t)
{
    t->len = 0;
    if (t->data) {
        t->data[0] = '\0';
    }
}

void text_free(struct text *t)
{
    free(t->data);
    *t = (struct text){0};
}

const char *text_or_empty(const struct text *t)
{
    return t->data ? t->data : "";
}
