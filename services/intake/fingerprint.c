/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/fingerprint.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "common/base/bytes.h"

enum {
    GRAM_MAX = 4,
    WORD_EDGE = 1 /* no letter has this code point */
};

_Static_assert((int)KEYRING_GRAM_KEY_LEN == (int)crypto_shorthash_KEYBYTES, "the key fits");

static void put_letter(uint8_t *to, uint32_t c)
{
    for (int i = 0; i < 4; i++) {
        to[i] = (uint8_t)(c >> 8 * i);
    }
}

/* The letters in a fixed order of bytes: stored numbers must not depend on the machine. */
static void add(struct buffer *found, const uint8_t *key, const uint32_t *letters, size_t len)
{
    uint8_t in[4 * GRAM_MAX], out[crypto_shorthash_BYTES];
    for (size_t i = 0; i < len; i++) {
        put_letter(&in[4 * i], letters[i]);
    }
    (void)crypto_shorthash(out, in, 4 * len, key);
    uint32_t hash =
        (uint32_t)out[0] | (uint32_t)out[1] << 8 | (uint32_t)out[2] << 16 | (uint32_t)out[3] << 24;
    hash += hash == 0; /* 0 stands for all cases where they are counted */
    buffer_append(found, &hash, sizeof(hash));
}

static void add_wide(struct buffer *found, const uint8_t *key, const uint32_t *run, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        add(found, key, &run[i], 1);
        if (i + 1 < len) {
            add(found, key, &run[i], 2);
        }
    }
}

/* A single letter says nothing. */
static void add_word(struct buffer *found, const uint8_t *key, const uint32_t *run, size_t len)
{
    if (len < 2) {
        return;
    }
    size_t marked = len + 2;
    size_t grams = marked > GRAM_MAX ? marked - GRAM_MAX + 1 : 1;
    for (size_t i = 0; i < grams; i++) {
        uint32_t gram[GRAM_MAX];
        size_t n = 0;
        for (size_t at = i; at < marked && n < GRAM_MAX; at++) {
            gram[n++] = at == 0 || at == marked - 1 ? (uint32_t)WORD_EDGE : run[at - 1];
        }
        add(found, key, gram, n);
    }
}

static int by_hash(const void *a, const void *b)
{
    uint32_t x, y;
    memcpy(&x, a, sizeof(x));
    memcpy(&y, b, sizeof(y));
    return (x > y) - (x < y);
}

static int by_number(const void *a, const void *b)
{
    const int32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void keep_smallest(uint8_t *hashes, size_t count, struct fingerprints *ret)
{
    uint32_t last = 0;
    ret->count = 0;
    if (count > 0) {
        qsort(hashes, count, sizeof(last), by_hash);
    }
    for (size_t i = 0; i < count && ret->count < FINGERPRINTS_MAX; i++) {
        uint32_t hash;
        memcpy(&hash, hashes + i * sizeof(hash), sizeof(hash));
        if (hash != last) {
            memcpy(&ret->at[ret->count++], &hash, sizeof(hash)); /* the same bits, signed */
        }
        last = hash;
    }
    qsort(ret->at, ret->count, sizeof(ret->at[0]), by_number);
}

void fingerprint_text(const uint8_t key[KEYRING_GRAM_KEY_LEN], const struct plain_text *t,
                      struct fingerprints *ret)
{
    struct buffer found = {0};
    size_t from;
    for (size_t at = 0, n; (n = plain_text_run(t, at, &from)) > 0; at = from + n) {
        const uint32_t *run = &t->letters[from];
        if (letter_kind_of(run[0]) == LETTER_WIDE) {
            add_wide(&found, key, run, n);
        } else {
            add_word(&found, key, run, n);
        }
    }
    keep_smallest(found.data, found.len / sizeof(uint32_t), ret);
    buffer_free(&found);
}
