/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/bytes.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "common/base/log.h"
#include "common/base/xalloc.h"

enum {
    BUFFER_FIRST_CAPACITY = 256
};

#define FNV_OFFSET_BASIS UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME        UINT64_C(0x100000001b3)

struct bytes bytes_of_text(const char *text)
{
    return (struct bytes){.data = (const uint8_t *)text, .len = strlen(text)};
}

bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

void buffer_append(struct buffer *b, const void *data, size_t len)
{
    if (len > 0) { /* memcpy may not be given NULL, which an empty range may hold */
        memcpy(buffer_extend(b, len), data, len);
    }
}

uint8_t *buffer_extend(struct buffer *b, size_t len)
{
    size_t capacity = b->capacity ? b->capacity : BUFFER_FIRST_CAPACITY;
    size_t start = b->len;
    size_t needed;

    if (__builtin_add_overflow(start, len, &needed)) {
        needed = SIZE_MAX; /* xreallocarray says what happens then */
    }
    while (capacity < needed) {
        capacity = capacity > SIZE_MAX / 2 ? SIZE_MAX : capacity * 2;
    }
    if (capacity > b->capacity) {
        b->data = xreallocarray(b->data, capacity, 1);
        b->capacity = capacity;
    }
    b->len = needed;
    return b->data + start;
}

void buffer_clear(struct buffer *b)
{
    b->len = 0;
}

void buffer_free(struct buffer *b)
{
    free(b->data);
    *b = (struct buffer){0};
}

void bytes_to_hex(struct bytes in, char *ret_text)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < in.len; i++) {
        ret_text[2 * i] = digits[in.data[i] >> 4];
        ret_text[2 * i + 1] = digits[in.data[i] & 0x0f];
    }
    ret_text[2 * in.len] = '\0';
}

static unsigned hex_value(char digit)
{
    if (digit <= '9') {
        return (unsigned)(digit - '0');
    }
    return (unsigned)((digit | 0x20) - 'a' + 10); /* 0x20: lower case */
}

int bytes_from_hex(const char *text, uint8_t *ret_data, size_t len)
{
    if (!text || len > SIZE_MAX / 2 || strspn(text, "0123456789abcdefABCDEF") != 2 * len ||
        text[2 * len] != '\0') {
        return -1;
    }
    for (size_t i = 0; i < len; i++) {
        ret_data[i] = (uint8_t)(hex_value(text[2 * i]) << 4 | hex_value(text[2 * i + 1]));
    }
    return 0;
}

uint64_t bytes_hash64(struct bytes in)
{
    uint64_t h = FNV_OFFSET_BASIS;

    for (size_t i = 0; i < in.len; i++) {
        h = (h ^ in.data[i]) * FNV_PRIME;
    }
    /* The low bits of FNV-1a alone see only the low bits of the input; buckets are low bits. */
    h = (h ^ h >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    h = (h ^ h >> 27) * UINT64_C(0x94d049bb133111eb);
    return h ^ h >> 31;
}

void bytes_digest(struct bytes in, uint8_t ret_digest[BYTES_DIGEST_LEN])
{
    if (crypto_generichash(ret_digest, BYTES_DIGEST_LEN, in.data, in.len, NULL, 0) != 0) {
        BUG("BLAKE2b refused its arguments");
    }
}
