/* SPDX-License-Identifier: Apache-2.0 */
/* bytes.h - borrowed byte ranges, growing buffers, hex and hashes. */
#ifndef TROTH_COMMON_BASE_BYTES_H
#define TROTH_COMMON_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/compiler.h"

/* A range that somebody else owns. */
struct bytes {
    const uint8_t *data;
    size_t len;
};

struct bytes bytes_of_text(const char *text); /* without the final NUL */
bool bytes_equal(struct bytes a, struct bytes b);

/* A buffer that grows; start with {0}. Out of memory ends the process (crash-only, see xalloc.h).
 */
struct buffer {
    uint8_t *data;
    size_t len;
    size_t capacity;
};

void buffer_append(struct buffer *b, const void *data, size_t len);
uint8_t *buffer_extend(struct buffer *b,
                       size_t len);  /* room for len more bytes, already counted in b->len */
void buffer_clear(struct buffer *b); /* keeps the memory */
void buffer_free(struct buffer *b);  /* back to {0} */

/* Lower-case hex with a final NUL; ret_text has room for 2 * len + 1. */
void bytes_to_hex(struct bytes in, char *ret_text);
/* Reads exactly len bytes. Returns 0, or -1 when text is not 2 * len hex digits. */
MUST_CHECK int bytes_from_hex(const char *text, uint8_t *ret_data, size_t len);

/* 64-bit FNV-1a with a final avalanche (splitmix64): for buckets, lanes and seeded choices, not for
 * secrets. Fixed for ever: stored bucket numbers depend on it; test vectors in
 * tests/unit/base/bytes_test.c. */
uint64_t bytes_hash64(struct bytes in);

#define BYTES_DIGEST_LEN 16
/* BLAKE2b-128 (libsodium crypto_generichash): the identity of a record's body. */
void bytes_digest(struct bytes in, uint8_t ret_digest[BYTES_DIGEST_LEN]);

#endif
