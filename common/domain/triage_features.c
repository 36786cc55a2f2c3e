/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/triage_features.h"

#include <stdbool.h>
#include <string.h>

enum {
    STRANGE = 0xfffd,
    SORT_BITS = TRIAGE_HASH_BITS / 2, /* two passes of a radix sort */
    SORT_BINS = 1 << SORT_BITS,
    GRAM_EVERYWHERE = 2, /* longer ones only where letters make the words */
};

/* ---- code points */

static bool is_tail(unsigned char byte)
{
    return (byte & 0xc0) == 0x80;
}

/* Never looks past the final NUL: it is no tail. */
static uint32_t next_code_point(const unsigned char **at)
{
    const unsigned char *p = *at;
    if (p[0] < 0x80) {
        *at = p + 1;
        return p[0];
    }
    if ((p[0] & 0xe0) == 0xc0 && is_tail(p[1])) {
        *at = p + 2;
        return (p[0] & 0x1fU) << 6 | (p[1] & 0x3fU);
    }
    if ((p[0] & 0xf0) == 0xe0 && is_tail(p[1]) && is_tail(p[2])) {
        *at = p + 3;
        return (p[0] & 0x0fU) << 12 | (p[1] & 0x3fU) << 6 | (p[2] & 0x3fU);
    }
    if ((p[0] & 0xf8) == 0xf0 && is_tail(p[1]) && is_tail(p[2]) && is_tail(p[3])) {
        *at = p + 4;
        return (p[0] & 0x07U) << 18 | (p[1] & 0x3fU) << 12 | (p[2] & 0x3fU) << 6 | (p[3] & 0x3fU);
    }
    *at = p + 1;
    return STRANGE;
}

static bool is_within(uint32_t c, uint32_t from, uint32_t to)
{
    return c >= from && c <= to;
}

static uint32_t make_even(uint32_t c)
{
    if (is_within(c, 0xff01, 0xff5e)) { /* full width forms of ASCII */
        c -= 0xfee0;
    }
    if (is_within(c, '\t', '\r') || c == 0x3000 || c == 0xa0) {
        return ' ';
    }
    if (is_within(c, '0', '9')) {
        return '0';
    }
    if (is_within(c, 'A', 'Z') || (is_within(c, 0xc0, 0xde) && c != 0xd7) ||
        is_within(c, 0x391, 0x3a9) || is_within(c, 0x410, 0x42f)) {
        return c + 0x20; /* Latin, Greek, Cyrillic */
    }
    return c;
}

static bool is_letter(uint32_t c)
{
    return is_within(c, 'a', 'z') || c == '0' || is_within(c, 0xc0, 0x1fff);
}

/* Returns the length of the even text; 0 when there is nothing but blanks. */
static size_t read_code_points(struct triage_features *f, const char *const *texts, size_t count)
{
    size_t len = 0;
    f->code_points[len++] = ' ';
    for (size_t i = 0; i < count; i++) {
        const unsigned char *at = (const unsigned char *)(texts[i] ? texts[i] : "");
        while (*at && len <= TRIAGE_CODE_POINTS_MAX) {
            uint32_t c = make_even(next_code_point(&at));
            if (c != ' ' || f->code_points[len - 1] != ' ') {
                f->code_points[len++] = c;
            }
        }
        if (f->code_points[len - 1] != ' ' && len <= TRIAGE_CODE_POINTS_MAX) {
            f->code_points[len++] = ' ';
        }
    }
    if (f->code_points[len - 1] != ' ') {
        f->code_points[len++] = ' ';
    }
    return len > 1 ? len : 0;
}

/* ---- n-grams */

/* A multiply and a fold for each character (after MurmurHash3's finalizer). Fixed for ever. */
static uint32_t hash_of(const uint32_t *gram, size_t len)
{
    uint64_t h = UINT64_C(0x9e3779b97f4a7c15) * len;
    for (size_t i = 0; i < len; i++) {
        h ^= gram[i];
        h *= UINT64_C(0xff51afd7ed558ccd);
        h ^= h >> 32;
    }
    h *= UINT64_C(0xc4ceb9fe1a85ec53);
    return (uint32_t)(h >> (64 - TRIAGE_HASH_BITS));
}

/* Letters, at most with a blank before or after them. */
static bool is_part_of_word(const uint32_t *gram, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        bool is_edge = i == 0 || i == len - 1;
        if (!is_letter(gram[i]) && !(is_edge && gram[i] == ' ')) {
            return false;
        }
    }
    return true;
}

static size_t hash_grams(struct triage_features *f, size_t len)
{
    size_t count = 0;
    for (size_t n = 1; n <= TRIAGE_GRAM_MAX; n++) {
        for (size_t i = 0; i + n <= len; i++) {
            const uint32_t *gram = f->code_points + i;
            if (n <= GRAM_EVERYWHERE || is_part_of_word(gram, n)) {
                f->hashes[0][count++] = hash_of(gram, n);
            }
        }
    }
    return count;
}

static void sort_by_digit(const uint32_t *from, uint32_t *to, size_t count, int shift)
{
    uint32_t places[SORT_BINS + 1] = {0};
    for (size_t i = 0; i < count; i++) {
        places[((from[i] >> shift) & (SORT_BINS - 1)) + 1]++;
    }
    for (size_t i = 0; i < SORT_BINS; i++) {
        places[i + 1] += places[i];
    }
    for (size_t i = 0; i < count; i++) {
        to[places[(from[i] >> shift) & (SORT_BINS - 1)]++] = from[i];
    }
}

void triage_features_read(struct triage_features *f, const char *const *texts, size_t count)
{
    size_t hashes = hash_grams(f, read_code_points(f, texts, count));
    sort_by_digit(f->hashes[0], f->hashes[1], hashes, 0);
    sort_by_digit(f->hashes[1], f->hashes[0], hashes, SORT_BITS);
    f->count = 0;
    for (size_t i = 0; i < hashes; i++) {
        if (f->count > 0 && f->list[f->count - 1].hash == f->hashes[0][i]) {
            f->list[f->count - 1].count++;
        } else {
            f->list[f->count++] = (struct triage_feature){.hash = f->hashes[0][i], .count = 1};
        }
    }
}
