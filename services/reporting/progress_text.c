/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/progress_text.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "common/domain/currency.h"

enum {
    DIGITS_MIN = 6,
    /* What a character is taken for that is no character of ASCII. */
    MARK = 1, /* belongs to the one before it, or is not seen */
    HAN = 2,  /* a digit as a word: 〇, 一, 二; few of them are no number */
};
static const char mask[] = "\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2";

void progress_text_money(int64_t amount_minor, const char *currency, struct text *out)
{
    int digits = currency_digits(currency);
    int64_t unit = 1;

    for (int i = 0; i < digits; i++) {
        unit *= 10;
    }
    text_appendf(out, "%" PRId64, amount_minor / unit);
    if (digits > 0) {
        text_appendf(out, ".%0*" PRId64, digits, amount_minor % unit);
    }
    text_appendf(out, " %s", currency);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The bytes from here that are a date ("2026-11-24", "24.11.2026"), which may be shown; 0: none. */
static size_t date_length(const char *at)
{
    size_t digits[3] = {0}, part = 0, i = 0;

    for (; is_digit(at[i]) || (part < 2 && i > 0 && is_digit(at[i - 1]) && strchr("-./", at[i]));
         i++) {
        if (is_digit(at[i])) {
            digits[part]++;
        } else if (at[i] == '\0') {
            break;
        } else {
            part++;
        }
    }
    bool is_year_first = digits[0] == 4 && digits[1] <= 2 && digits[2] <= 2;
    bool is_year_last = digits[0] <= 2 && digits[1] <= 2 && digits[2] == 4;
    return digits[1] > 0 && digits[2] > 0 && (is_year_first || is_year_last) ? i : 0;
}

static bool is_any_digit(char c)
{
    return is_digit(c) || c == HAN;
}

/* The bytes from here that are a number to be hidden, in digits of one kind; 0: none. */
static size_t number_length(const char *at)
{
    bool is_han = *at == HAN;
    size_t end = 0, digits = 0;

    for (size_t i = 0; at[i]; i++) {
        if (is_han ? at[i] == HAN : is_digit(at[i])) {
            digits++;
            end = i + 1;
        } else if (at[i] == MARK && end == i) {
            end = i + 1;
        } else if (!strchr(" .-()/+\1", at[i])) {
            break;
        }
    }
    return digits >= DIGITS_MIN ? end : 0;
}

/* The same of digits of both kinds with nothing between them. */
static size_t mixed_length(const char *at)
{
    size_t end = 0, digits = 0;

    for (; is_any_digit(at[end]) || at[end] == MARK; end++) {
        digits += is_any_digit(at[end]);
    }
    return digits >= DIGITS_MIN ? end : 0;
}

/* A word up to white space that has an '@'. */
static size_t address_length(const char *at)
{
    size_t len = strcspn(at, " \t\r\n,;<>()");

    return len > 0 && memchr(at, '@', len) ? len : 0;
}

/* ---- whatever script they are written in */

/* Where ten digits begin, from 0 to 9; of those in circles and brackets the one before 1. */
static const uint32_t zeros[] = {0x660,  0x6F0,   0x966,   0x9E6,   0xE50,   0x2070,  0x2080,
                                 0x245F, 0x2473,  0x2487,  0x24F4,  0x2775,  0x277F,  0x2789,
                                 0xFF10, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1F101};

/* 零一二三四五六七八九, those of cheques and 幺, in the order of their code points; 〇 is below. */
static const uint32_t han_digits[] = {0x4E00, 0x4E03, 0x4E09, 0x4E24, 0x4E5D, 0x4E8C, 0x4E94,
                                      0x4F0D, 0x516B, 0x516D, 0x53C1, 0x56DB, 0x58F9, 0x5E7A,
                                      0x634C, 0x67D2, 0x7396, 0x8086, 0x8D30, 0x9646, 0x96F6};

/* What stands for a character of ASCII in a number or an address. */
static const struct {
    uint32_t from, to;
    char as;
} signs[] = {
    {0xB2,    0xB3,    '2' },
    {0xB9,    0xB9,    '1' },
    {0x300,   0x36F,   MARK},
    {0x202A,  0x202E,  MARK},
    {0x2061,  0x206F,  MARK},
    {0x20D0,  0x20FF,  MARK},
    {0x24EA,  0x24EA,  '0' },
    {0x24FF,  0x24FF,  '0' },
    {0x3007,  0x3007,  HAN },
    {0xFE00,  0xFE0F,  MARK},
    {0xE0020, 0xE01EF, MARK},
    {'_',     '_',     '-' },
    {0xA0,    0xA0,    ' ' },
    {0xAD,    0xAD,    MARK},
    {0xB7,    0xB7,    '.' },
    {0x2000,  0x200A,  ' ' },
    {0x200B,  0x200F,  MARK},
    {0x2010,  0x2015,  '-' },
    {0x2024,  0x2024,  '.' },
    {0x202F,  0x202F,  ' ' },
    {0x2043,  0x2043,  '-' },
    {0x205F,  0x205F,  ' ' },
    {0x2060,  0x2060,  MARK},
    {0x2212,  0x2212,  '-' },
    {0x3000,  0x3000,  ' ' },
    {0x3001,  0x3002,  ',' },
    {0x300A,  0x300B,  ',' },
    {0x301C,  0x301C,  '-' },
    {0x30FB,  0x30FC,  '-' },
    {0xFE58,  0xFE58,  '-' },
    {0xFE63,  0xFE63,  '-' },
    {0xFE6B,  0xFE6B,  '@' },
    {0xFEFF,  0xFEFF,  MARK},
    {0xFF08,  0xFF08,  '(' },
    {0xFF09,  0xFF09,  ')' },
    {0xFF0B,  0xFF0B,  '+' },
    {0xFF0C,  0xFF0C,  ',' },
    {0xFF0D,  0xFF0D,  '-' },
    {0xFF0E,  0xFF0E,  '.' },
    {0xFF0F,  0xFF0F,  '/' },
    {0xFF1A,  0xFF1B,  ',' },
    {0xFF20,  0xFF20,  '@' },
    {0xFF61,  0xFF61,  ',' },
};

/* A letter for what has no part in numbers and addresses. */
static char plain_of(uint32_t c)
{
    uint32_t plain = c < 0x80 ? c : 'x';

    for (size_t i = 0; i < ARRAY_LEN(zeros); i++) {
        if (c >= zeros[i] && c < zeros[i] + 10) {
            plain = '0' + (c - zeros[i]);
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
        if (c >= signs[i].from && c <= signs[i].to) {
            plain = (uint32_t)signs[i].as;
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(han_digits); i++) {
        plain = c == han_digits[i] ? HAN : plain;
    }
    return (char)plain;
}

/* The bytes of the character there; one where it is none. */
static size_t read_character(const char *at, uint32_t *ret_c)
{
    const unsigned char *p = (const unsigned char *)at;
    size_t len = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : p[0] >= 0xC0 ? 2 : 1;
    uint32_t c = len == 1 ? p[0] : p[0] & (0x7FU >> len);

    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xC0) != 0x80) {
            *ret_c = 0xFFFD;
            return 1;
        }
        c = c << 6 | (p[i] & 0x3FU);
    }
    *ret_c = len == 1 && c >= 0x80 ? 0xFFFD : c;
    return len;
}

/* One byte for each character of words. */
static void make_plain(const char *words, struct text *out)
{
    while (*words) {
        uint32_t c;
        words += read_character(words, &c);
        const char plain = plain_of(c);
        text_append_len(out, &plain, 1);
    }
}

static const char *skip_characters(const char *words, size_t count)
{
    for (uint32_t c; count > 0 && *words; count--) {
        words += read_character(words, &c);
    }
    return words;
}

/* How many characters from here are hidden; 0: none. */
static size_t hidden_length(const char *at, bool is_begin)
{
    bool may_be_number = is_any_digit(*at) || *at == '+' || *at == '(';
    size_t len = is_begin ? address_length(at) : 0;

    if (len == 0 && may_be_number && date_length(at) == 0) {
        len = number_length(at);
    }
    return len > 0 ? len : mixed_length(at);
}

void progress_text_mask(const char *words, struct text *out)
{
    struct text plain = {0};
    bool is_begin = true; /* of a word */

    make_plain(words, &plain);
    for (const char *at = text_or_empty(&plain); *at;) {
        size_t hidden = hidden_length(at, is_begin);
        size_t len = hidden > 0 ? hidden : date_length(at);
        len = len > 0 ? len : 1;
        is_begin = hidden == 0 && strchr(" \t\r\n,;<>()", *at) != NULL;
        const char *end = skip_characters(words, len);
        if (hidden > 0) {
            text_append(out, mask);
        } else {
            text_append_len(out, words, (size_t)(end - words));
        }
        words = end;
        at += len;
    }
    if (plain.data) {
        explicit_bzero(plain.data, plain.len);
    }
    text_free(&plain);
}
