/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/progress_token.h"

#include <string.h>

#include <sodium.h>

#include "common/base/text.h"

#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING

enum {
    TOKEN_BYTES = 16,
    ORDER_BYTES = 12,
};

void progress_token_new(char ret_token[PROGRESS_TOKEN_SIZE])
{
    uint8_t random[TOKEN_BYTES];

    randombytes_buf(random, sizeof(random));
    (void)sodium_bin2base64(ret_token, PROGRESS_TOKEN_SIZE, random, sizeof(random), VARIANT);
    sodium_memzero(random, sizeof(random));
}

bool progress_token_hash(const char *token, uint8_t ret_hash[PROGRESS_HASH_LEN])
{
    uint8_t random[TOKEN_BYTES];
    size_t len = 0;

    if (strlen(token) != PROGRESS_TOKEN_SIZE - 1 ||
        sodium_base642bin(random, sizeof(random), token, PROGRESS_TOKEN_SIZE - 1, NULL, &len, NULL,
                          VARIANT) != 0 ||
        len != sizeof(random)) {
        return false;
    }
    (void)crypto_hash_sha256(ret_hash, random, sizeof(random));
    sodium_memzero(random, sizeof(random));
    return true;
}

const char *progress_token_order(const uint8_t hash[PROGRESS_HASH_LEN],
                                 char ret[PROGRESS_ORDER_SIZE])
{
    char letters[PROGRESS_ORDER_SIZE];

    (void)sodium_bin2base64(letters, sizeof(letters), hash, ORDER_BYTES, VARIANT);
    (void)text_format(ret, PROGRESS_ORDER_SIZE, "page-%s", letters);
    return ret;
}
