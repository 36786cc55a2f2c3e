/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/plain_text.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/compiler.h"
#include "common/base/xalloc.h"

enum {
    SPOKEN_DIGITS_MIN = 4
};

/* ---- letters */

struct range {
    uint32_t first, last;
};

static bool is_within(uint32_t c, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (c >= ranges[i].first && c <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

enum letter_kind letter_kind_of(uint32_t c)
{
    static const struct range wide[] = {
        {0x3041,  0x3096 }, /* kana */
        {0x30A1,  0x30FA }, /* kana */
        {0x3400,  0x4DBF }, /* Han */
        {0x4E00,  0x9FFF }, /* Han */
        {0xAC00,  0xD7A3 }, /* hangul */
        {0x20000, 0x3134F}, /* Han */
    };
    static const struct range alphabetic[] = {
        {'a',    'z'   },
        {0xDF,   0xF6  },
        {0xF8,   0x24F },
        {0x370,  0x373 },
        {0x376,  0x377 },
        {0x37B,  0x37D },
        {0x386,  0x386 },
        {0x388,  0x481 },
        {0x48A,  0x52F },
        {0x531,  0x587 },
        {0x5D0,  0x5EA },
        {0x620,  0x64A },
        {0x904,  0x939 },
        {0x1E00, 0x1FFC},
    };
    if (is_within(c, wide, ARRAY_LEN(wide))) {
        return LETTER_WIDE;
    }
    return is_within(c, alphabetic, ARRAY_LEN(alphabetic)) ? LETTER_ALPHABETIC : LETTER_NONE;
}

/* Not tolower(): that depends on the locale. */
static uint32_t fold(uint32_t c)
{
    if (c >= 0xFF01 && c <= 0xFF5E) { /* full-width forms of ASCII */
        c -= 0xFEE0;
    }
    if ((c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7) ||
        (c >= 0x391 && c <= 0x3A9) || (c >= 0x410 && c <= 0x42F)) {
        return c + 0x20;
    }
    if (c >= 0x400 && c <= 0x40F) {
        return c + 0x50;
    }
    if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E)) { /* the capital is odd */
        return (c + 1) & ~UINT32_C(1);
    }
    bool is_even_capital = (c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177) ||
                           (c >= 0x1E00 && c <= 0x1E95) || (c >= 0x1EA0 && c <= 0x1EFF);
    return is_even_capital ? c | 1 : c;
}

/* Of well-formed UTF-8. */
static uint32_t next_code_point(const char **text)
{
    const unsigned char *p = (const unsigned char *)*text;
    size_t more = p[0] >= 0xF0 ? 3 : p[0] >= 0xE0 ? 2 : p[0] >= 0xC0 ? 1 : 0;
    uint32_t c = more == 3 ? p[0] & 7U : more == 2 ? p[0] & 15U : more == 1 ? p[0] & 31U : p[0];
    size_t i = 1;
    while (i <= more && p[i]) {
        c = c << 6 | (p[i++] & 63U);
    }
    *text += i;
    return c;
}

/* ---- adding */

static void put(struct plain_text *t, uint32_t c)
{
    if (c == 0 && (t->len == 0 || t->letters[t->len - 1] == 0)) {
        return;
    }
    if (t->len == t->capacity) {
        t->capacity = t->capacity ? 2 * t->capacity : 256;
        t->letters = xreallocarray(t->letters, t->capacity, sizeof(*t->letters));
    }
    t->letters[t->len++] = c;
}

/* What an e-mail address may be made of, beside the '@'. */
static bool is_address_part(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-' ||
           c == '+' || c == '%';
}

/* A word with an '@' in it becomes one break. */
static void mask_addresses(uint32_t *at, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (at[i] != '@') {
            continue;
        }
        size_t first = i, end = i + 1;
        while (first > 0 && is_address_part(at[first - 1])) {
            first--;
        }
        while (end < len && (is_address_part(at[end]) || at[end] == '@')) {
            end++;
        }
        memset(&at[first], 0, (end - first) * sizeof(*at));
        i = end - 1;
    }
}

static bool is_han_digit(uint32_t c)
{
    static const uint32_t digits[] = {
        0x3007, /* 〇 */ 0x4E00, /* 一 */ 0x4E03, /* 七 */ 0x4E09, /* 三 */ 0x4E5D, /* 九 */
        0x4E8C, /* 二 */ 0x4E94, /* 五 */ 0x516B, /* 八 */ 0x516D, /* 六 */ 0x56DB, /* 四 */
        0x5E7A, /* 幺 */ 0x96F6,                                                    /* 零 */
    };
    for (size_t i = 0; i < ARRAY_LEN(digits); i++) {
        if (digits[i] == c) {
            return true;
        }
    }
    return false;
}

/* A number that was said digit by digit, as a phone call is written down, becomes a break. */
static void mask_spoken_numbers(uint32_t *at, size_t len)
{
    for (size_t first = 0, end; first < len; first = end + 1) {
        end = first;
        while (end < len && is_han_digit(at[end])) {
            end++;
        }
        if (end - first >= SPOKEN_DIGITS_MIN) {
            memset(&at[first], 0, (end - first) * sizeof(*at));
        }
    }
}

void plain_text_add(struct plain_text *t, const char *text)
{
    if (!text || !*text) {
        return;
    }
    size_t len = 0;
    uint32_t *raw = xcalloc(strlen(text), sizeof(*raw));
    while (*text) {
        raw[len++] = fold(next_code_point(&text));
    }
    mask_addresses(raw, len);
    mask_spoken_numbers(raw, len);
    put(t, 0);
    for (size_t i = 0; i < len; i++) {
        bool is_inside = (raw[i] == '\'' || raw[i] == 0x2019) && i > 0 && i + 1 < len &&
                         letter_kind_of(raw[i - 1]) == LETTER_ALPHABETIC &&
                         letter_kind_of(raw[i + 1]) == LETTER_ALPHABETIC;
        if (!is_inside) { /* "don't" is one word */
            put(t, letter_kind_of(raw[i]) ? raw[i] : 0);
        }
    }
    free(raw);
}

void plain_text_clear(struct plain_text *t)
{
    t->len = 0;
}

void plain_text_free(struct plain_text *t)
{
    free(t->letters);
    *t = (struct plain_text){0};
}

/* ---- runs */

size_t plain_text_run(const struct plain_text *t, size_t at, size_t *ret_from)
{
    while (at < t->len && t->letters[at] == 0) {
        at++;
    }
    size_t end = at;
    while (end < t->len && t->letters[end] &&
           letter_kind_of(t->letters[end]) == letter_kind_of(t->letters[at])) {
        end++;
    }
    *ret_from = at;
    return end - at;
}

/* ---- names */

static bool is_same(const uint32_t *a, const uint32_t *b, size_t len)
{
    return memcmp(a, b, len * sizeof(*a)) == 0;
}

static void mask_alphabetic(uint32_t *run, size_t run_len, const uint32_t *word, size_t len)
{
    bool has_s = run_len == len + 1 && run[len] == 's'; /* "Lei's car": the apostrophe is gone */
    if ((run_len == len || has_s) && is_same(run, word, len)) {
        memset(run, 0, run_len * sizeof(*run));
    }
}

static void mask_wide(uint32_t *run, size_t run_len, const uint32_t *word, size_t len)
{
    for (size_t first = 0; first + len <= run_len;) {
        if (is_same(&run[first], word, len)) {
            memset(&run[first], 0, len * sizeof(*run));
            first += len;
        } else {
            first++;
        }
    }
}

/* Words of an alphabet only where they stand alone: "Ma" is no part of "machine". */
static void mask_word(struct plain_text *t, const uint32_t *word, size_t len)
{
    size_t from;
    for (size_t at = 0, n; (n = plain_text_run(t, at, &from)) > 0; at = from + n) {
        if (letter_kind_of(word[0]) == LETTER_WIDE) {
            mask_wide(&t->letters[from], n, word, len);
        } else {
            mask_alphabetic(&t->letters[from], n, word, len);
        }
    }
}

void plain_text_mask_name(struct plain_text *t, const char *name)
{
    struct plain_text words = {0};
    size_t from;
    plain_text_add(&words, name);
    for (size_t at = 0, n; (n = plain_text_run(&words, at, &from)) > 0; at = from + n) {
        const uint32_t *word = &words.letters[from];
        if (n >= 2) {
            mask_word(t, word, n);
        }
        if (n >= 3 && letter_kind_of(word[0]) == LETTER_WIDE) {
            mask_word(t, word + 1, n - 1); /* the given name */
        }
        if (n >= 4 && letter_kind_of(word[0]) == LETTER_WIDE) {
            mask_word(t, word, n - 2);     /* what stands before a title, or a double surname */
            mask_word(t, word + 2, n - 2); /* the given name behind that */
        }
    }
    plain_text_free(&words);
}
