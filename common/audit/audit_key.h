/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit_key.h - the secrets of the tamper-evident record, and what strangers check it with.
 *
 * The secret file (`troth audit key new FILE` makes it; mode 0600, or it is refused):
 *
 *     # comment
 *     installation NAME   a-z, 0-9, '.', '_', '-'; at most 64; whose record it is
 *     salt HEX64          what the nonces of the leaves are made of; never changes
 *     sign HEX64          seed of an Ed25519 key; the last one signs, each is still believed
 *
 * The public file has the installation and for each of these a line "verify HEX64", the public key.
 * It is no secret: give it to customers, and print it where nobody can change it.
 */
#ifndef TROTH_COMMON_AUDIT_AUDIT_KEY_H
#define TROTH_COMMON_AUDIT_AUDIT_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/base/text.h"

enum {
    AUDIT_KEYS_MAX = 16,
    AUDIT_KEY_LEN = 32,
    AUDIT_KEY_ID_LEN = 8, /* the first bytes of SHA-256 of the public key */
    AUDIT_NAME_SIZE = 65, /* of an installation, with its NUL */
    AUDIT_SIGNATURE_LEN = 64,
};

/* Public keys. */
struct audit_trust {
    char installation[AUDIT_NAME_SIZE];
    size_t count; /* at least 1 */
    uint8_t keys[AUDIT_KEYS_MAX][AUDIT_KEY_LEN];
};

struct audit_key; /* secret */

bool audit_name_is_valid(const char *name);
void audit_key_id(const uint8_t public_key[AUDIT_KEY_LEN], uint8_t ret[AUDIT_KEY_ID_LEN]);
/* The key with that id; NULL: not one of them. */
const uint8_t *audit_trust_find(const struct audit_trust *t, struct bytes key_id);

/* The text of a new secret file; the caller wipes it. */
void audit_key_make(const char *installation, struct text *out);
/* Codes audit_key_unreadable and audit_key_invalid. NULL with err. */
struct audit_key *audit_key_load(const char *path, struct err *err);
struct audit_key *audit_key_parse(const char *text, struct err *err);
void audit_key_free(struct audit_key *k); /* NULL is fine; wipes */

const struct audit_trust *audit_key_trust(const struct audit_key *k);
const uint8_t *audit_key_salt(const struct audit_key *k); /* AUDIT_KEY_LEN bytes */
/* With the newest key, which is the last one of the trust. */
void audit_key_sign(const struct audit_key *k, struct bytes text,
                    uint8_t ret_signature[AUDIT_SIGNATURE_LEN]);

/* The public file. */
void audit_trust_print(const struct audit_trust *t, struct text *out);
MUST_CHECK int audit_trust_load(const char *path, struct audit_trust *ret, struct err *err);
MUST_CHECK int audit_trust_parse(const char *text, struct audit_trust *ret, struct err *err);

#endif
