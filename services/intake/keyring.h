/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keyring.h - the keys of the house: what seals the keys of the customers, and what phones, e-mails
 * and devices are found by.
 *
 * The file (`troth key master FILE` makes one; mode 0600, or it is refused):
 *
 *     # comment
 *     lookup HEX64              key of the hashes; never changes
 *     master GENERATION HEX64   1 to 32767; the newest wraps, older ones only unwrap. While others
 *                               cannot unwrap it yet, one before it wraps (keyring_seal_with)
 *
 * Each customer has a key of 32 random bytes. It is stored wrapped with a master key, and whatever
 * is personal is sealed with it (sealing.h). Destroying the wrapped key, and the generations of
 * master keys that wrapped it, ends everything that was sealed for that customer, in backups too.
 *
 * Pure but for keyring_load(). Nothing here ever puts a key or a personal text into an error.
 */
#ifndef TROTH_INTAKE_KEYRING_H
#define TROTH_INTAKE_KEYRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/compiler.h"
#include "common/base/err.h"

enum {
    KEYRING_KEY_LEN = 32,
    KEYRING_HASH_LEN = 16,
    KEYRING_GRAM_KEY_LEN = 16,
    KEYRING_WRAPPED_LEN = 24 + KEYRING_KEY_LEN + 16, /* nonce, sealed key, tag */
    KEYRING_GENERATIONS_MAX = 64,
};

struct keyring;

/* Codes: "master_key_file" with field the setting: not there, not ours alone, not of this form. The
 * keys are locked in memory where that is allowed. */
struct keyring *keyring_load(const char *path, struct err *err);
/* From the text of such a file. */
struct keyring *keyring_parse(const char *text, struct err *err);
void keyring_free(struct keyring *k); /* NULL is fine; wipes */
/* Puts the keys of next in the place of those of k and frees next: whoever holds k goes on with the
 * new ones. Wraps with the generation of before, or with the newest if that one is gone. */
void keyring_replace(struct keyring *k, struct keyring *next);

/* ---- finding by hash. Equal texts give equal hashes, so normalise first ("+8613800138000";
 * "li@example.org" in lower case). A phone, an e-mail and a device with the same text differ. */

void keyring_hash_phone(const struct keyring *k, const char *normalised,
                        uint8_t ret[KEYRING_HASH_LEN]);
void keyring_hash_email(const struct keyring *k, const char *normalised,
                        uint8_t ret[KEYRING_HASH_LEN]);
void keyring_hash_device(const struct keyring *k, const char *normalised,
                         uint8_t ret[KEYRING_HASH_LEN]); /* plate, VIN, serial number */

/* What a source called a customer, in the receipt of an erasure. */
void keyring_hash_reference(const struct keyring *k, const char *source, const char *reference,
                            uint8_t ret[KEYRING_HASH_LEN]);

/* The key under which pieces of texts become fingerprints (fingerprint.h), made of the key of the
 * hashes: without it nobody can tell which pieces they were. */
void keyring_gram_key(const struct keyring *k, uint8_t ret[KEYRING_GRAM_KEY_LEN]);

/* ---- generations */

int16_t keyring_newest(const struct keyring *k);
int16_t keyring_sealing(const struct keyring *k); /* wraps; the newest until told otherwise */
/* From now on the newest generation up to this one wraps; the newest of all when there is none. */
void keyring_seal_with(struct keyring *k, int16_t generation);
size_t keyring_generation_count(const struct keyring *k);
int16_t keyring_generation(const struct keyring *k, size_t index); /* ascending */
/* What tells two keys apart without showing either; generation 0: of the lookup key. False: there
 * is no such generation. */
bool keyring_fingerprint(const struct keyring *k, int16_t generation,
                         uint8_t ret[KEYRING_HASH_LEN]);

/* ---- keys of customers */

/* Wraps with keyring_sealing(); bound to the customer and the generation. */
void keyring_wrap(const struct keyring *k, int64_t customer, const uint8_t key[KEYRING_KEY_LEN],
                  uint8_t ret_wrapped[KEYRING_WRAPPED_LEN]);
/* Returns 0, or -1 with "key_damaged": no such generation, or not what was wrapped for this
 * customer. The caller wipes the key (sodium_memzero). */
MUST_CHECK int keyring_unwrap(const struct keyring *k, int64_t customer, int16_t generation,
                              struct bytes wrapped, uint8_t ret_key[KEYRING_KEY_LEN],
                              struct err *err);

#endif
