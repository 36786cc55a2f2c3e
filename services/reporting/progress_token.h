/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress_token.h - what the link to a customer's progress page has in it: 128 random bits as
 * base64url. Only its SHA-256 is stored, so who reads the database has no link. A token that is 128
 * random bits needs no salt and no slow hash: there is nothing to guess.
 */
#ifndef TROTH_REPORTING_PROGRESS_TOKEN_H
#define TROTH_REPORTING_PROGRESS_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

enum {
    PROGRESS_TOKEN_SIZE = 23, /* 22 letters and the NUL */
    PROGRESS_HASH_LEN = 32,
    PROGRESS_ORDER_SIZE = 22,
};

void progress_token_new(char ret_token[PROGRESS_TOKEN_SIZE]);

/* False: it cannot be a token. One token has one spelling. */
bool progress_token_hash(const char *token, uint8_t ret_hash[PROGRESS_HASH_LEN]);

static inline int16_t progress_token_bucket(const uint8_t hash[PROGRESS_HASH_LEN])
{
    return hash[0];
}

/* With what the keys of records begin that are sent from this link's page: "page-" and 16 letters
 * of the hash, from which nobody gets the token. Returns ret. */
const char *progress_token_order(const uint8_t hash[PROGRESS_HASH_LEN],
                                 char ret[PROGRESS_ORDER_SIZE]);

#endif
